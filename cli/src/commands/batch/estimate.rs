//! How long audio will be and how long making it takes, before it is made.

use std::collections::HashMap;

use super::journal::Pace;
use super::plan::Task;

/// Characters per second of speech at a length scale of 1: 2 500 characters of
/// English prose lasted 146 s with the built-in voice, pauses included. Other
/// voices and languages differ by a third and more.
const CHARS_PER_SECOND: f64 = 17.0;
/// Seconds of work on one core per second of audio: medium voices took 0.075 to
/// 0.1 on the servers this was written on, the built-in one a sixth of that.
/// Machines differ by as much.
const REAL_TIME_FACTOR: f64 = 0.1;
/// Less audio than this in the journal tells nothing.
const LEAST_SECONDS: f64 = 5.0;

/// What a text is expected to take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Estimate {
    pub(super) audio_seconds: f64,
    /// On one job.
    pub(super) work_seconds: f64,
}

/// The paces of voices, as far as the journal has seen them.
#[derive(Debug, Default)]
pub(super) struct Estimator {
    voices: HashMap<String, Pace>,
}

impl Estimator {
    pub(super) fn new(past: &[Pace]) -> Self {
        let mut voices: HashMap<String, Pace> = HashMap::new();
        for pace in past {
            match voices.get_mut(&pace.voice) {
                Some(sum) => {
                    sum.chars += pace.chars;
                    sum.audio_seconds += pace.audio_seconds;
                    sum.wall_seconds += pace.wall_seconds;
                }
                None => _ = voices.insert(pace.voice.clone(), pace.clone()),
            }
        }
        Self { voices }
    }

    /// Returns whether the journal has seen the task's voice at work.
    pub(super) fn knows(&self, task: &Task) -> bool {
        self.pace(task).is_some()
    }

    pub(super) fn estimate(&self, task: &Task) -> Estimate {
        let chars = task.chars as f64;
        match self.pace(task) {
            // The past's length scale is taken to be the present's.
            Some(pace) => {
                let audio_seconds = chars * pace.audio_seconds / pace.chars as f64;
                Estimate {
                    audio_seconds,
                    work_seconds: audio_seconds * pace.wall_seconds / pace.audio_seconds,
                }
            }
            None => {
                let scale = task.settings.manner.length_scale;
                let scale = scale.unwrap_or(task.voice.config.scales.length_scale);
                let audio_seconds = chars / CHARS_PER_SECOND * f64::from(scale);
                Estimate {
                    audio_seconds,
                    work_seconds: audio_seconds * REAL_TIME_FACTOR,
                }
            }
        }
    }

    fn pace(&self, task: &Task) -> Option<&Pace> {
        let pace = self.voices.get(&task.voice.files.name())?;
        (pace.audio_seconds >= LEAST_SECONDS && pace.chars > 0).then_some(pace)
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

    fn past(voice: &str, chars: u64, audio_seconds: f64) -> Pace {
        Pace {
            voice: voice.to_owned(),
            chars,
            audio_seconds,
            wall_seconds: audio_seconds / 4.0,
        }
    }

    #[test]
    fn without_a_past_the_length_scale_counts() {
        let mut task = task(Path::new("a.wav"));
        task.chars = 1400;
        let estimator = Estimator::new(&[past("another", 10, 100.0)]);
        assert!(!estimator.knows(&task));
        let audio = estimator.estimate(&task).audio_seconds;
        Arc::make_mut(&mut task.settings).manner.length_scale = Some(2.0);
        let slow = estimator.estimate(&task);
        assert!((slow.audio_seconds - 2.0 * audio).abs() < 1e-9);
        assert!((slow.work_seconds - slow.audio_seconds * REAL_TIME_FACTOR).abs() < 1e-9);
    }

    #[test]
    fn the_past_of_a_voice_counts_when_there_is_enough_of_it() {
        let mut task = task(Path::new("a.wav"));
        task.chars = 100;
        let voice = task.voice.files.name();
        let little = Estimator::new(&[past(&voice, 10, 1.0)]);
        assert!(!little.knows(&task));
        let enough = Estimator::new(&[past(&voice, 30, 4.0), past(&voice, 30, 8.0)]);
        let expected = Estimate {
            audio_seconds: 20.0,
            work_seconds: 5.0,
        };
        assert_eq!(enough.estimate(&task), expected);
    }
}
