//! Who does the tasks: speaks, repeats, saves.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use piper_rs::audio::{AudioBlock, BufferPool, SampleRate, samples_in};
use piper_rs::synth::{Run, RunOptions, StreamStats, Synthesizer, run_ahead};
use piper_rs::{CancelToken, Error, Result};

use super::message::{Event, Teller};
use super::outputs::Outputs;
use super::player::Perform;
use super::recording::{Extent, Recording};
use super::task::{Task, Utterance};
use crate::speech::engine::Engine;
use crate::terminal::report::{Outcome, Reporter, UsageError};

/// Sound is handed to the output in pieces of this length, so that a stop
/// never waits for more of it.
const PIECE: Duration = Duration::from_millis(50);

/// What all texts of a session have come to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) stream: StreamStats,
    /// The time that making the sound took, waits for the output left out.
    pub(super) making: Duration,
}

/// [`Totals`] that the prompt reads while the speaking thread counts.
pub(super) type SharedTotals = Arc<Mutex<Totals>>;

/// Does tasks with real voices and outputs.
pub(super) struct Narrator {
    pub(super) engine: Arc<Engine>,
    pub(super) pool: BufferPool,
    pub(super) ahead: usize,
    pub(super) outputs: Outputs,
    pub(super) teller: Teller,
    pub(super) reporter: Arc<Reporter>,
    pub(super) totals: SharedTotals,
    pub(super) last: Option<Last>,
}

/// The last thing said.
#[derive(Clone)]
pub(super) struct Last {
    utterance: Utterance,
    recording: Recording,
}

impl Perform for Narrator {
    fn perform(&mut self, id: u64, task: &Task, cancel: &CancelToken) -> ControlFlow<()> {
        let done = match task {
            Task::Say(utterance) => self.say(id, utterance, cancel),
            Task::Repeat => self.repeat(id, cancel),
            Task::Save(path) => self.save(id, path, cancel),
        };
        match done {
            Ok(()) => ControlFlow::Continue(()),
            // Nobody listens any more.
            Err(error) if Outcome::of(&error) == Outcome::Done => ControlFlow::Break(()),
            Err(error) => {
                self.teller.failed(id, &error);
                ControlFlow::Continue(())
            }
        }
    }

    fn finish(&mut self) {
        match self.outputs.finish() {
            Err(error) if !error.is_broken_pipe() => self.reporter.error(&error.into()),
            _ => {}
        }
    }
}

impl Narrator {
    fn say(&mut self, id: u64, utterance: &Utterance, cancel: &CancelToken) -> anyhow::Result<()> {
        let synthesizer = self.engine.synthesizer(&utterance.settings)?;
        let rate = synthesizer.voice().config().sample_rate;
        self.outputs
            .begin(rate, utterance.settings.pauses().line, cancel)?;
        self.teller.event(&Event::Started {
            id,
            text: &utterance.text,
            voice: Some(synthesizer.voice().name()),
        });
        let mut run = Run::new(RunOptions {
            pool: self.pool.clone(),
            cancel: cancel.clone(),
            normalize: utterance.settings.normalize,
        });
        let mut recording = Recording::new(rate);
        let mut making = Duration::ZERO;
        let spoken = run_ahead(
            self.ahead,
            cancel,
            |send| make(&synthesizer, &mut run, &utterance.text, &mut making, send),
            |block| {
                write_pieces(&block.samples, rate, cancel, |piece| {
                    self.outputs.write(piece, rate)?;
                    recording.push(piece);
                    Ok(())
                })?;
                Ok(ControlFlow::Continue(()))
            },
        );
        let spoken = self.end(spoken);
        self.count(run.stats(), making);
        self.reporter.left_out(run.unknown_phonemes());
        self.reporter.replaced(run.stats().replaced_words);
        if spoken.is_ok() {
            recording.complete();
        }
        let audio = recording.duration();
        self.last = Some(Last {
            utterance: utterance.clone(),
            recording,
        });
        self.tell_end(id, audio, run.stats().first_audio_ms, spoken)
    }

    /// Plays the recording where there is a whole one, so that the same is
    /// heard; otherwise speaks the text again, with the same seed.
    fn repeat(&mut self, id: u64, cancel: &CancelToken) -> anyhow::Result<()> {
        let Some(last) = self.last.take() else {
            return Err(nothing_said());
        };
        if last.recording.extent() != Extent::Whole {
            return self.say(id, &last.utterance, cancel);
        }
        let replayed = self.replay(id, &last, cancel);
        self.last = Some(last);
        replayed
    }

    fn replay(&mut self, id: u64, last: &Last, cancel: &CancelToken) -> anyhow::Result<()> {
        let (recording, rate) = (&last.recording, last.recording.rate());
        self.outputs
            .begin(rate, last.utterance.settings.pauses().line, cancel)?;
        self.teller.event(&Event::Started {
            id,
            text: &last.utterance.text,
            voice: None,
        });
        let mut audio = Recording::new(rate);
        let played = write_pieces(recording.samples(), rate, cancel, |piece| {
            self.outputs.write(piece, rate)?;
            audio.push(piece);
            Ok(())
        });
        let played = self.end(played);
        self.tell_end(id, audio.duration(), None, played)
    }

    fn save(&mut self, id: u64, path: &Path, cancel: &CancelToken) -> anyhow::Result<()> {
        let Some(last) = &self.last else {
            return Err(nothing_said());
        };
        last.recording.save(path, cancel)?;
        self.teller.event(&Event::Saved {
            id,
            file: path,
            audio_seconds: last.recording.duration().as_secs_f64(),
            extent: last.recording.extent(),
        });
        Ok(())
    }

    /// Lets the output end its text. Its error counts only where nothing else
    /// failed before.
    fn end(&mut self, spoken: Result<()>) -> Result<()> {
        let ended = self.outputs.end();
        spoken.and(ended)
    }

    fn tell_end(
        &self,
        id: u64,
        audio: Duration,
        first_audio_ms: Option<f64>,
        spoken: Result<()>,
    ) -> anyhow::Result<()> {
        let audio_seconds = audio.as_secs_f64();
        match spoken {
            Ok(()) => self.teller.event(&Event::Spoken {
                id,
                audio_seconds,
                first_audio_ms,
            }),
            Err(Error::Cancelled) => self.teller.event(&Event::Interrupted { id, audio_seconds }),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn count(&self, stream: StreamStats, making: Duration) {
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = &mut totals.stream;
        sum.audio_seconds += stream.audio_seconds;
        sum.first_audio_ms = stream.first_audio_ms.or(sum.first_audio_ms);
        sum.chunks += stream.chunks;
        sum.sentences += stream.sentences;
        sum.unknown_phonemes += stream.unknown_phonemes;
        sum.replaced_words += stream.replaced_words;
        totals.making += making;
    }
}

fn nothing_said() -> anyhow::Error {
    UsageError("nothing has been said yet".to_owned()).into()
}

/// Makes the sound of `text`, and adds up the time that takes.
fn make(
    synthesizer: &Synthesizer,
    run: &mut Run,
    text: &str,
    making: &mut Duration,
    send: &mut dyn FnMut(AudioBlock) -> Result<()>,
) -> Result<()> {
    let mut blocks = synthesizer.blocks(run, text);
    loop {
        let begun = Instant::now();
        let block = blocks.next();
        *making += begun.elapsed();
        match block {
            Some(block) => send(block?)?,
            None => return Ok(()),
        }
    }
}

/// Hands out samples piece by piece until the token is cancelled.
fn write_pieces(
    samples: &[f32],
    rate: SampleRate,
    cancel: &CancelToken,
    mut write: impl FnMut(&[f32]) -> Result<()>,
) -> Result<()> {
    for piece in samples.chunks(samples_in(PIECE, rate).max(1)) {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        write(piece)?;
    }
    Ok(())
}
