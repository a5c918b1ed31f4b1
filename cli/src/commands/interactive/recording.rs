//! The last thing said, as it was heard.

use std::path::Path;
use std::time::Duration;

use piper_rs::audio::{SampleRate, duration_of};
use piper_rs::{CancelToken, Result};
use serde::Serialize;

use crate::speech::output::{Output, Place};

/// The most that is kept: 70 MB of it at 29 kHz, more than a line is long.
const MAX: Duration = Duration::from_secs(600);

/// Samples that went to the output.
#[derive(Debug, Clone)]
pub(super) struct Recording {
    rate: SampleRate,
    samples: Vec<f32>,
    extent: Extent,
}

/// How much of what was to be said a recording holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// What was said until it was stopped.
    Part,
    /// The first ten minutes.
    Start,
}

impl Recording {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            samples: Vec::new(),
            extent: Extent::Part,
        }
    }

    /// Takes samples at the end, while there is room.
    pub(super) fn push(&mut self, samples: &[f32]) {
        if duration_of((self.samples.len() + samples.len()) as u64, self.rate) > MAX {
            self.extent = Extent::Start;
        }
        if self.extent != Extent::Start {
            self.samples.extend_from_slice(samples);
        }
    }

    /// Declares that everything has been said.
    pub(super) fn complete(&mut self) {
        if self.extent == Extent::Part {
            self.extent = Extent::Whole;
        }
    }

    pub(super) fn rate(&self) -> SampleRate {
        self.rate
    }

    pub(super) fn samples(&self) -> &[f32] {
        &self.samples
    }

    pub(super) fn extent(&self) -> Extent {
        self.extent
    }

    pub(super) fn duration(&self) -> Duration {
        duration_of(self.samples.len() as u64, self.rate)
    }

    /// Writes it into a WAV file, as any other output is written.
    pub(super) fn save(&self, path: &Path, cancel: &CancelToken) -> Result<()> {
        let mut file = Output::open(&[Place::File(path.to_owned())], self.rate, cancel)?;
        file.write(&self.samples, self.rate)?;
        file.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::new(1000).unwrap();

    #[test]
    fn what_is_stopped_is_kept_in_part_and_what_is_too_long_from_the_start() {
        let mut recording = Recording::new(RATE);
        recording.push(&[0.5; 1500]);
        assert_eq!(recording.extent(), Extent::Part);
        recording.complete();
        assert_eq!(recording.extent(), Extent::Whole);
        assert_eq!(recording.duration(), Duration::from_millis(1500));

        recording.push(&vec![0.5; 600_000]);
        recording.push(&[0.5]);
        recording.complete();
        assert_eq!(recording.extent(), Extent::Start);
        assert_eq!(recording.samples().len(), 1500, "no gaps");
    }

    #[test]
    fn a_saved_recording_holds_its_samples() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut recording = Recording::new(RATE);
        recording.push(&[0.5; 100]);
        recording.save(&path, &CancelToken::new()).unwrap();
        assert_eq!(std::fs::read(path).unwrap().len(), 44 + 200);
    }
}
