//! Measures a loaded voice: the cost of synthesis, the time to the first audio,
//! the time to stop.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use piper_rs::PiperMode;
use piper_rs::audio::BlockKind;
use piper_rs::lexicon::Pronouncer;
use piper_rs::synth::{Pauses, SpeakOptions, SpeechSession, SpeechSessionOptions, Synthesizer};
use piper_rs::voice::{OptimizeFor, Speaker, Voice};
use piper_rs::{CancelToken, Error};
use serde::Serialize;

use super::measurement::Measurement;
use crate::speech::libraries::Libraries;
use crate::system::cpu_time;
use piper_rs::threads;

/// A fixed seed, so that all rounds synthesize the same audio.
const SEED: u64 = 1;

/// A loaded voice with its pronouncer.
pub(super) struct BenchVoice {
    voice: Arc<Voice>,
    pronouncer: Pronouncer,
    speaker: Option<String>,
    threads: usize,
}

/// The cost of one second of audio.
#[derive(Debug, Serialize)]
pub(super) struct SynthesisCost {
    pub(super) threads: usize,
    /// Seconds per second of audio. Below 1 is faster than real time.
    pub(super) real_time_factor: Option<Measurement>,
    /// CPU seconds per second of audio. `None` if the system does not report
    /// CPU time.
    pub(super) cpu_factor: Option<Measurement>,
}

/// How fast a loaded voice starts and stops.
#[derive(Debug, Serialize)]
pub(super) struct Latencies {
    /// To the first audio of a short sentence.
    pub(super) short_ms: Option<Measurement>,
    /// To the first audio of a sentence of about twelve seconds.
    pub(super) long_ms: Option<Measurement>,
    /// From a cancel to the end of synthesis.
    pub(super) stop_ms: Option<Measurement>,
}

impl BenchVoice {
    pub(super) fn new(
        voice: Voice,
        libraries: &Libraries,
        speaker: Option<String>,
        threads: usize,
    ) -> Result<Self> {
        let pronouncer = libraries.pronouncer(voice.config(), PiperMode::Improved)?;
        let voice = Arc::new(voice);
        Ok(Self {
            voice,
            pronouncer,
            speaker,
            threads,
        })
    }

    /// Returns the sample rate of the voice.
    pub(super) fn sample_rate_hz(&self) -> u32 {
        self.voice.config().sample_rate.get()
    }

    fn synthesizer(&self, optimize_for: OptimizeFor) -> Result<Synthesizer> {
        let options = SpeakOptions {
            speaker: self.speaker.clone().map(Speaker::from),
            // Silence costs nothing and would improve the result.
            pauses: Pauses::NONE,
            seed: SEED,
            optimize_for,
            ..SpeakOptions::for_voice(self.voice.config())
        };
        Ok(Synthesizer::new(
            Arc::clone(&self.voice),
            self.pronouncer.clone(),
            options,
        )?)
    }

    /// Measures the cost of synthesis as `speak -o FILE` does it.
    pub(super) fn synthesis_cost(&self, text: &str, rounds: usize) -> Result<SynthesisCost> {
        let synthesizer = self.synthesizer(OptimizeFor::Throughput)?;
        // The first run allocates memory that later runs use again.
        speak(&synthesizer, text)?;
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (start, cpu_start) = (Instant::now(), cpu_time());
            let audio = speak(&synthesizer, text)?;
            let duration = start.elapsed();
            let cpu_duration = cpu_time().zip(cpu_start);
            wall.push(duration.as_secs_f64() / audio);
            cpu.extend(cpu_duration.map(|(end, start)| (end - start).as_secs_f64() / audio));
        }
        Ok(SynthesisCost {
            threads: self.threads,
            real_time_factor: Measurement::of(wall),
            cpu_factor: Measurement::of(cpu),
        })
    }

    /// Measures how fast the voice starts and stops, as `speak --play` does.
    pub(super) fn latencies(&self, short: &str, long: &str, rounds: usize) -> Result<Latencies> {
        let synthesizer = self.synthesizer(OptimizeFor::Latency)?;
        first_audio(&synthesizer, short)?;
        let (mut shorts, mut longs, mut stops) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            shorts.push(first_audio(&synthesizer, short)?);
            let until_audio = first_audio(&synthesizer, long)?;
            longs.push(until_audio);
            // The stop comes during an inference, not between two.
            stops.extend(stop(&synthesizer, long, until_audio / 2)?);
        }
        Ok(Latencies {
            short_ms: Measurement::of_ms(&shorts),
            long_ms: Measurement::of_ms(&longs),
            stop_ms: Measurement::of_ms(&stops),
        })
    }
}

/// Synthesizes a text. Returns the seconds of audio.
fn speak(synthesizer: &Synthesizer, text: &str) -> Result<f64> {
    let mut session = SpeechSession::default();
    for block in synthesizer.blocks(&mut session, text) {
        block?;
    }
    let audio = session.stats().audio_seconds;
    anyhow::ensure!(audio > 0.0, "the voice makes no audio from {text:?}");
    Ok(audio)
}

/// Returns the time to the first samples of a text.
fn first_audio(synthesizer: &Synthesizer, text: &str) -> Result<Duration> {
    let mut session = SpeechSession::default();
    let start = Instant::now();
    for block in synthesizer.blocks(&mut session, text) {
        if block?.kind == BlockKind::Speech {
            return Ok(start.elapsed());
        }
    }
    anyhow::bail!("the voice makes no audio from {text:?}")
}

/// Cancels a text `after` this time. Returns how long the voice took to stop, or
/// `None` if the text had ended before.
fn stop(synthesizer: &Synthesizer, text: &str, after: Duration) -> Result<Option<Duration>> {
    let cancel = CancelToken::new();
    let mut session = SpeechSession::new(SpeechSessionOptions {
        cancel: cancel.clone(),
        ..SpeechSessionOptions::default()
    });
    let blocks = synthesizer.blocks(&mut session, text);
    thread::scope(|scope| {
        let canceller = threads::spawn_scoped(scope, "cancel", || {
            thread::sleep(after);
            let cancelled = Instant::now();
            cancel.cancel();
            cancelled
        })?;
        let end = blocks.map(|block| block.map(drop)).find(Result::is_err);
        let stopped = Instant::now();
        let cancelled = canceller
            .join()
            .ok()
            .context("the cancelling thread panicked")?;
        match end {
            Some(Err(Error::Cancelled)) => Ok(Some(stopped.saturating_duration_since(cancelled))),
            Some(Err(error)) => Err(error.into()),
            Some(Ok(())) | None => Ok(None),
        }
    })
}
