//! How fast a loaded voice speaks, and how soon it starts and stops.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use piper_rs::audio::BlockKind;
use piper_rs::lexicon::Pronouncer;
use piper_rs::phoneme::{Phonemizer, Terminators};
use piper_rs::synth::{Pauses, SpeakOptions, SpeechSession, SpeechSessionOptions, Synthesizer};
use piper_rs::voice::{Pace, Voice};
use piper_rs::{CancelToken, Error};
use serde::Serialize;

use super::figure::Figure;
use crate::speech::engine::{Libraries, phonemizer};
use crate::system::cpu_time;

/// Texts are read the same way every time: rounds differ by the machine alone.
const SEED: u64 = 1;

/// A loaded voice, and what gives it phonemes.
pub(super) struct Speaking {
    voice: Arc<Voice>,
    phonemizer: Arc<dyn Phonemizer>,
    speaker: Option<String>,
    threads: usize,
}

/// What a second of speech costs.
#[derive(Debug, Serialize)]
pub(super) struct Rate {
    pub(super) threads: usize,
    /// Seconds per second of speech: below 1 is faster than it is said.
    pub(super) real_time_factor: Option<Figure>,
    /// CPU seconds per second of speech, where the system tells.
    pub(super) cpu_factor: Option<Figure>,
}

/// How soon a loaded voice starts and stops.
#[derive(Debug, Serialize)]
pub(super) struct Delays {
    /// From a short sentence to its first samples.
    pub(super) short_ms: Option<Figure>,
    /// From a sentence of some twelve seconds to its first samples.
    pub(super) long_ms: Option<Figure>,
    /// From asking for silence to it.
    pub(super) stop_ms: Option<Figure>,
}

impl Speaking {
    pub(super) fn new(
        voice: Voice,
        libraries: &Libraries,
        speaker: Option<String>,
        threads: usize,
    ) -> Result<Self> {
        let phonemizer = phonemizer(libraries, voice.config(), Terminators::Improved)?;
        let voice = Arc::new(voice);
        Ok(Self {
            voice,
            phonemizer,
            speaker,
            threads,
        })
    }

    /// Returns the rate of the voice's samples.
    pub(super) fn sample_rate_hz(&self) -> u32 {
        self.voice.config().sample_rate.get()
    }

    fn synthesizer(&self, pace: Pace) -> Result<Synthesizer> {
        let options = SpeakOptions {
            speaker: self.speaker.clone(),
            // Silence costs nothing and would improve the figures.
            pauses: Pauses::NONE,
            seed: SEED,
            pace,
            ..SpeakOptions::for_voice(self.voice.config())
        };
        let pronouncer = Pronouncer::new(Arc::clone(&self.phonemizer));
        Ok(Synthesizer::new(
            Arc::clone(&self.voice),
            pronouncer,
            options,
        )?)
    }

    /// Measures what a second of speech costs, as for a file.
    pub(super) fn rate(&self, text: &str, rounds: usize) -> Result<Rate> {
        let synthesizer = self.synthesizer(Pace::Bulk)?;
        // The first run fetches memory that later ones use again.
        speak(&synthesizer, text)?;
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (began, cpu_began) = (Instant::now(), cpu_time());
            let audio = speak(&synthesizer, text)?;
            let took = began.elapsed();
            let cpu_took = cpu_time().zip(cpu_began);
            wall.push(took.as_secs_f64() / audio);
            cpu.extend(cpu_took.map(|(end, start)| (end - start).as_secs_f64() / audio));
        }
        Ok(Rate {
            threads: self.threads,
            real_time_factor: Figure::of(wall),
            cpu_factor: Figure::of(cpu),
        })
    }

    /// Measures how soon the voice starts and stops, as for a listener.
    pub(super) fn delays(&self, short: &str, long: &str, rounds: usize) -> Result<Delays> {
        let synthesizer = self.synthesizer(Pace::Live)?;
        first_sound(&synthesizer, short)?;
        let (mut shorts, mut longs, mut stops) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            shorts.push(first_sound(&synthesizer, short)?);
            let until_sound = first_sound(&synthesizer, long)?;
            longs.push(until_sound);
            // In the midst of work, not between two pieces of it.
            stops.extend(stop(&synthesizer, long, until_sound / 2)?);
        }
        Ok(Delays {
            short_ms: Figure::of_ms(&shorts),
            long_ms: Figure::of_ms(&longs),
            stop_ms: Figure::of_ms(&stops),
        })
    }
}

/// Speaks a text; returns how many seconds of speech that made.
fn speak(synthesizer: &Synthesizer, text: &str) -> Result<f64> {
    let mut session = SpeechSession::default();
    for block in synthesizer.blocks(&mut session, text) {
        block?;
    }
    let audio = session.stats().audio_seconds;
    anyhow::ensure!(audio > 0.0, "the voice says nothing to {text:?}");
    Ok(audio)
}

/// Returns how long the first samples of a text take.
fn first_sound(synthesizer: &Synthesizer, text: &str) -> Result<Duration> {
    let mut session = SpeechSession::default();
    let began = Instant::now();
    for block in synthesizer.blocks(&mut session, text) {
        if block?.kind == BlockKind::Speech {
            return Ok(began.elapsed());
        }
    }
    anyhow::bail!("the voice says nothing to {text:?}")
}

/// Returns how long a voice that is told to stop `after` so long goes on;
/// nothing where it was done before.
fn stop(synthesizer: &Synthesizer, text: &str, after: Duration) -> Result<Option<Duration>> {
    let cancel = CancelToken::new();
    let mut session = SpeechSession::new(SpeechSessionOptions {
        cancel: cancel.clone(),
        ..SpeechSessionOptions::default()
    });
    let blocks = synthesizer.blocks(&mut session, text);
    thread::scope(|scope| {
        let asking = scope.spawn(|| {
            thread::sleep(after);
            let asked = Instant::now();
            cancel.cancel();
            asked
        });
        let end = blocks.map(|block| block.map(drop)).find(Result::is_err);
        let stopped = Instant::now();
        let asked = asking.join().ok().context("the stopping thread died")?;
        match end {
            Some(Err(Error::Cancelled)) => Ok(Some(stopped.saturating_duration_since(asked))),
            Some(Err(error)) => Err(error.into()),
            Some(Ok(())) | None => Ok(None),
        }
    })
}
