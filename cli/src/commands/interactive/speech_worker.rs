//! Handles the tasks of the queue: speaks, repeats, saves.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use piper_rs::audio::{AudioBlock, BufferPool, SampleRate, samples_in};
use piper_rs::encode::Encoding;
use piper_rs::sink::file::ExistingFile;
use piper_rs::synth::{
    SpeechSession, SpeechSessionOptions, StreamStats, Synthesizer, WordTimes, run_ahead,
};
use piper_rs::{CancelToken, Error, Result};

use super::highlight::Highlight;
use super::messages::{Event, Messages};
use super::outputs::Outputs;
use super::recording::{Completeness, Recording};
use super::task::{Task, TypedText};
use super::task_queue::TaskHandler;
use crate::speech::engine::Engine;
use crate::speech::events::{SoundEnd, SpokenEvents};
use crate::speech::markup;
use crate::terminal::report::{Outcome, Reporter, UsageError};

/// The outputs get samples in slices of this duration, so that a stop waits
/// for at most one slice.
const SLICE: Duration = Duration::from_millis(50);

/// Statistics of all texts of a session.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SessionTotals {
    pub(super) stream: StreamStats,
    /// Time spent on synthesis, without the waits for the outputs.
    pub(super) synthesis: Duration,
}

/// [`SessionTotals`] that the speech thread adds to while the session reads them.
pub(super) type SharedTotals = Arc<Mutex<SessionTotals>>;

/// Speaks with real voices into real outputs.
pub(super) struct SpeechWorker {
    pub(super) engine: Arc<Engine>,
    pub(super) pool: BufferPool,
    pub(super) ahead: usize,
    /// Which existing files `:save` may replace.
    pub(super) existing_file: ExistingFile,
    pub(super) outputs: Outputs,
    pub(super) messages: Messages,
    /// Shows what is heard.
    pub(super) highlight: Option<Highlight>,
    pub(super) reporter: Arc<Reporter>,
    pub(super) totals: SharedTotals,
    pub(super) last: Option<LastText>,
}

/// The last spoken text and its audio.
#[derive(Clone)]
pub(super) struct LastText {
    typed: TypedText,
    recording: Recording,
}

impl TaskHandler for SpeechWorker {
    fn handle(&mut self, id: u64, task: &Task, cancel: &CancelToken) -> ControlFlow<()> {
        let result = match task {
            Task::Speak(typed) => self.speak(id, typed, cancel),
            Task::Repeat => self.repeat(id, cancel),
            Task::Save(path, encoding) => self.save(id, path, encoding, cancel),
        };
        match result {
            Ok(()) => ControlFlow::Continue(()),
            // The reader of the audio is gone.
            Err(error) if Outcome::of(&error) == Outcome::Done => ControlFlow::Break(()),
            Err(error) => {
                self.messages.task_failed(id, &error);
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

impl SpeechWorker {
    fn speak(&mut self, id: u64, typed: &TypedText, cancel: &CancelToken) -> anyhow::Result<()> {
        let synthesizer = self.engine.synthesizer(&typed.settings)?;
        if let Some(note) = markup::note(&typed.text) {
            self.reporter.note_once(note);
        }
        let rate = synthesizer.voice().config().sample_rate;
        self.outputs
            .begin(rate, typed.settings.pauses().line, cancel)?;
        self.messages.event(&Event::Started {
            id,
            text: &typed.text,
            voice: Some(synthesizer.voice().name()),
        });
        let mut spoken_events = match &self.highlight {
            Some(highlight) => self.outputs.follow(highlight, cancel)?,
            None => None,
        };
        let mut session = SpeechSession::new(SpeechSessionOptions {
            pool: self.pool.clone(),
            cancel: cancel.clone(),
            normalize: typed.settings.normalize(),
            times: WordTimes::on_if(spoken_events.is_some()),
            ..SpeechSessionOptions::default()
        });
        let mut recording = Recording::new(rate);
        let mut synthesis = Duration::ZERO;
        let spoken = run_ahead(
            self.ahead,
            cancel,
            |send| {
                synthesize(
                    &synthesizer,
                    &mut session,
                    &typed.text,
                    &mut synthesis,
                    send,
                )
            },
            |block| {
                if let Some(events) = &mut spoken_events {
                    events.before_block(&block);
                }
                write_slices(&block.samples, rate, cancel, |slice| {
                    self.outputs.write(slice, rate)?;
                    recording.push(slice);
                    Ok(())
                })?;
                Ok(ControlFlow::Continue(()))
            },
        );
        let spoken = self.end(spoken);
        self.end_highlight(spoken_events, &spoken)?;
        self.add_to_totals(session.stats(), synthesis);
        self.reporter.unknown_phonemes(session.unknown_phonemes());
        self.reporter.replaced_words(session.stats().replaced_words);
        self.reporter
            .clipped_samples(session.stats().clipped_samples);
        if spoken.is_ok() {
            if session.sounds() == 0 {
                self.reporter.note("the text has no sound");
            }
            recording.complete();
        }
        let audio = recording.duration();
        self.last = Some(LastText {
            typed: typed.clone(),
            recording,
        });
        self.report_end(id, audio, session.stats().first_audio_ms, spoken)
    }

    /// Plays the recording of the last text if it is whole. Otherwise speaks
    /// the text again, with the same seed.
    fn repeat(&mut self, id: u64, cancel: &CancelToken) -> anyhow::Result<()> {
        let Some(last) = self.last.take() else {
            return Err(nothing_spoken());
        };
        if last.recording.completeness() != Completeness::Whole {
            return self.speak(id, &last.typed, cancel);
        }
        let replayed = self.replay(id, &last, cancel);
        self.last = Some(last);
        replayed
    }

    fn replay(&mut self, id: u64, last: &LastText, cancel: &CancelToken) -> anyhow::Result<()> {
        let (recording, rate) = (&last.recording, last.recording.rate());
        self.outputs
            .begin(rate, last.typed.settings.pauses().line, cancel)?;
        self.messages.event(&Event::Started {
            id,
            text: &last.typed.text,
            voice: None,
        });
        let mut audio = Recording::new(rate);
        let played = write_slices(recording.samples(), rate, cancel, |slice| {
            self.outputs.write(slice, rate)?;
            audio.push(slice);
            Ok(())
        });
        let played = self.end(played);
        self.report_end(id, audio.duration(), None, played)
    }

    fn save(
        &mut self,
        id: u64,
        path: &Path,
        encoding: &Encoding,
        cancel: &CancelToken,
    ) -> anyhow::Result<()> {
        let Some(last) = &self.last else {
            return Err(nothing_spoken());
        };
        last.recording
            .save(path, encoding.clone(), self.existing_file, cancel)?;
        self.messages.event(&Event::Saved {
            id,
            file: path,
            audio_seconds: last.recording.duration().as_secs_f64(),
            extent: last.recording.completeness(),
        });
        Ok(())
    }

    /// Ends the text at the outputs. An earlier error wins over an error of
    /// theirs.
    fn end(&mut self, spoken: Result<()>) -> Result<()> {
        let ended = self.outputs.end();
        spoken.and(ended)
    }

    /// Shows what is left of what was heard, then nothing.
    fn end_highlight(&self, events: Option<SpokenEvents>, spoken: &Result<()>) -> Result<()> {
        if let (Some(events), Some(highlight)) = (events, &self.highlight) {
            events.finish(match spoken {
                Ok(()) => SoundEnd::Heard,
                Err(_) => SoundEnd::Stopped,
            })?;
            highlight.clear();
        }
        Ok(())
    }

    fn report_end(
        &self,
        id: u64,
        audio: Duration,
        first_audio_ms: Option<f64>,
        spoken: Result<()>,
    ) -> anyhow::Result<()> {
        let audio_seconds = audio.as_secs_f64();
        match spoken {
            Ok(()) => self.messages.event(&Event::Spoken {
                id,
                audio_seconds,
                first_audio_ms,
            }),
            Err(Error::Cancelled) => self
                .messages
                .event(&Event::Interrupted { id, audio_seconds }),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn add_to_totals(&self, stream: StreamStats, synthesis: Duration) {
        let mut totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner);
        totals.stream += stream;
        totals.synthesis += synthesis;
    }
}

fn nothing_spoken() -> anyhow::Error {
    UsageError("nothing has been spoken yet".to_owned()).into()
}

/// Synthesizes `text`, and adds the time it takes to `synthesis`.
fn synthesize(
    synthesizer: &Synthesizer,
    session: &mut SpeechSession,
    text: &str,
    synthesis: &mut Duration,
    send: &mut dyn FnMut(AudioBlock) -> Result<()>,
) -> Result<()> {
    let mut blocks = synthesizer.blocks(session, text);
    loop {
        let started = Instant::now();
        let block = blocks.next();
        *synthesis += started.elapsed();
        match block {
            Some(block) => send(block?)?,
            None => return Ok(()),
        }
    }
}

/// Writes samples slice by slice until the token is cancelled.
fn write_slices(
    samples: &[f32],
    rate: SampleRate,
    cancel: &CancelToken,
    mut write: impl FnMut(&[f32]) -> Result<()>,
) -> Result<()> {
    for slice in samples.chunks(samples_in(SLICE, rate).max(1)) {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        write(slice)?;
    }
    Ok(())
}
