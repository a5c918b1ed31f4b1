//! The audio of the last text, as it went to the outputs.

use std::path::Path;
use std::time::Duration;

use piper_rs::audio::{SampleRate, duration_of};
use piper_rs::encode::Encoding;
use piper_rs::sink::file::ExistingFile;
use piper_rs::{CancelToken, Result};
use serde::Serialize;

use crate::speech::destination::Destination;
use crate::speech::output::Output;
use crate::speech::output_format::Conversion;

/// Maximum length of a recording: 58 MB at 24 kHz, longer than any typed line.
const MAX: Duration = Duration::from_secs(600);

/// Samples that went to the outputs.
#[derive(Debug, Clone)]
pub(super) struct Recording {
    rate: SampleRate,
    samples: Vec<f32>,
    completeness: Completeness,
}

/// How much of a text a recording holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Completeness {
    Whole,
    /// Everything until the speech was stopped.
    #[serde(rename = "part")]
    Stopped,
    /// The first ten minutes.
    #[serde(rename = "start")]
    Truncated,
}

impl Recording {
    pub(super) fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            samples: Vec::new(),
            completeness: Completeness::Stopped,
        }
    }

    /// Appends samples while there is room.
    pub(super) fn push(&mut self, samples: &[f32]) {
        if duration_of((self.samples.len() + samples.len()) as u64, self.rate) > MAX {
            self.completeness = Completeness::Truncated;
        }
        if self.completeness != Completeness::Truncated {
            self.samples.extend_from_slice(samples);
        }
    }

    /// Marks the recording as whole, because the text was spoken to its end.
    pub(super) fn complete(&mut self) {
        if self.completeness == Completeness::Stopped {
            self.completeness = Completeness::Whole;
        }
    }

    pub(super) fn rate(&self) -> SampleRate {
        self.rate
    }

    pub(super) fn samples(&self) -> &[f32] {
        &self.samples
    }

    pub(super) fn completeness(&self) -> Completeness {
        self.completeness
    }

    pub(super) fn duration(&self) -> Duration {
        duration_of(self.samples.len() as u64, self.rate)
    }

    /// Writes the samples into a file.
    pub(super) fn save(
        &self,
        path: &Path,
        encoding: Encoding,
        existing_file: ExistingFile,
        cancel: &CancelToken,
    ) -> Result<()> {
        let file = [Destination::File(path.to_owned(), encoding, existing_file)];
        let mut file = Output::open(&file, &Conversion::none(self.rate), cancel)?;
        file.write(&self.samples, self.rate)?;
        file.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::new(1000).unwrap();

    #[test]
    fn a_stopped_text_is_kept_up_to_the_stop_and_a_long_one_up_to_the_limit() {
        let mut recording = Recording::new(RATE);
        recording.push(&[0.5; 1500]);
        assert_eq!(recording.completeness(), Completeness::Stopped);
        recording.complete();
        assert_eq!(recording.completeness(), Completeness::Whole);
        assert_eq!(recording.duration(), Duration::from_millis(1500));

        recording.push(&vec![0.5; 600_000]);
        recording.push(&[0.5]);
        recording.complete();
        assert_eq!(recording.completeness(), Completeness::Truncated);
        assert_eq!(recording.samples().len(), 1500, "no gaps");
    }

    #[test]
    fn a_saved_recording_holds_its_samples() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let mut recording = Recording::new(RATE);
        recording.push(&[0.5; 100]);
        recording
            .save(
                &path,
                Encoding::default(),
                ExistingFile::Refuse,
                &CancelToken::new(),
            )
            .unwrap();
        assert_eq!(std::fs::read(path).unwrap().len(), 44 + 200);
    }
}
