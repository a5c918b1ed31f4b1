//! How long the audio of a batch will be, and how long it takes to make it.

use std::collections::HashMap;

use super::journal::SpeakingRate;
use super::plan::Task;

/// Characters per second of speech at a length scale of 1: 2 500 characters of
/// English prose lasted 146 s with the built-in voice, pauses included. Other
/// voices and languages differ by a third and more.
const CHARS_PER_SECOND: f64 = 17.0;
/// Seconds of work on one core per second of audio: medium voices took 0.075 to
/// 0.1 on the servers where this was measured, the built-in one a sixth of
/// that. Machines differ by as much.
const REAL_TIME_FACTOR: f64 = 0.1;
/// The journal must have at least this much audio of a voice.
const MIN_AUDIO_SECONDS: f64 = 5.0;

/// What a text is expected to take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Estimate {
    pub(super) audio_seconds: f64,
    /// With one worker.
    pub(super) work_seconds: f64,
}

/// Estimates from the speaking rates in the journal.
#[derive(Debug)]
pub(super) struct Estimator<'a> {
    /// Sums, by the name of the voice.
    voices: &'a HashMap<String, SpeakingRate>,
}

impl<'a> Estimator<'a> {
    pub(super) fn new(voices: &'a HashMap<String, SpeakingRate>) -> Self {
        Self { voices }
    }

    pub(super) fn estimate(&self, task: &Task) -> Estimate {
        let chars = task.chars as f64;
        match self.rate(task) {
            // Assumes the same speed and length scale as before.
            Some(rate) => {
                let audio_seconds = chars * rate.audio_seconds / rate.chars as f64;
                Estimate {
                    audio_seconds,
                    work_seconds: audio_seconds * rate.wall_seconds / rate.audio_seconds,
                }
            }
            None => {
                let overrides = &task.settings.overrides;
                let scale = overrides.length_scale;
                let scale = scale.unwrap_or(task.voice.config.scales.length_scale);
                let speed = overrides.speed.unwrap_or_default().get();
                let audio_seconds = chars / CHARS_PER_SECOND * f64::from(scale / speed);
                Estimate {
                    audio_seconds,
                    work_seconds: audio_seconds * REAL_TIME_FACTOR,
                }
            }
        }
    }

    /// Returns the measured rate of the task's voice, if there is enough data.
    pub(super) fn rate(&self, task: &Task) -> Option<&SpeakingRate> {
        let rate = self.voices.get(&task.voice.files.name())?;
        (rate.audio_seconds >= MIN_AUDIO_SECONDS && rate.chars > 0).then_some(rate)
    }
}

impl std::iter::Sum for Estimate {
    fn sum<I: Iterator<Item = Self>>(estimates: I) -> Self {
        estimates.fold(Self::default(), |sum, one| Self {
            audio_seconds: sum.audio_seconds + one.audio_seconds,
            work_seconds: sum.work_seconds + one.work_seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::Arc;

    use crate::commands::batch::tests::task;

    fn rates(voice: &str, chars: u64, audio_seconds: f64) -> HashMap<String, SpeakingRate> {
        let rate = SpeakingRate {
            voice: voice.to_owned(),
            chars,
            audio_seconds,
            wall_seconds: audio_seconds / 4.0,
            cpu_seconds: None,
        };
        HashMap::from([(voice.to_owned(), rate)])
    }

    #[test]
    fn without_data_the_length_scale_decides() {
        let mut task = task(Path::new("a.wav"));
        task.chars = 1400;
        let estimator = rates("another", 10, 100.0);
        let estimator = Estimator::new(&estimator);
        assert_eq!(estimator.rate(&task), None);
        let audio = estimator.estimate(&task).audio_seconds;
        Arc::make_mut(&mut task.settings).overrides.length_scale = Some(2.0);
        let slow = estimator.estimate(&task);
        assert!((slow.audio_seconds - 2.0 * audio).abs() < 1e-9);
        assert!((slow.work_seconds - slow.audio_seconds * REAL_TIME_FACTOR).abs() < 1e-9);
    }

    #[test]
    fn a_voice_with_enough_data_is_estimated_from_it() {
        let mut task = task(Path::new("a.wav"));
        task.chars = 100;
        let voice = task.voice.files.name();
        let little = rates(&voice, 10, 1.0);
        assert_eq!(Estimator::new(&little).rate(&task), None);
        let enough = rates(&voice, 60, 12.0);
        let expected = Estimate {
            audio_seconds: 20.0,
            work_seconds: 5.0,
        };
        assert_eq!(Estimator::new(&enough).estimate(&task), expected);
    }
}
