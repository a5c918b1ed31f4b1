//! A sound file that appears under its name when it is complete.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use super::{FileOptions, Replacement};
use crate::Result;
use crate::audio::SampleRate;
use crate::sink::{EncodedSink, Sink};

/// A regular file: see [`create`](super::create).
pub(super) struct CompleteFile {
    // Before `replacement`: Windows neither renames nor removes an open file.
    sound: EncodedSink<BufWriter<File>>,
    replacement: Replacement,
}

impl CompleteFile {
    pub(super) fn create(path: &Path, rate: SampleRate, options: &FileOptions) -> Result<Self> {
        let (encoding, target) = (&options.encoding, path.display().to_string());
        let ending = encoding.format.ending();
        let (file, replacement) = Replacement::create(path, ending, options.existing_file)?;
        Ok(Self {
            sound: EncodedSink::new(BufWriter::new(file), rate, encoding, &target)?,
            replacement,
        })
    }
}

impl Sink for CompleteFile {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.sound.write(samples)
    }

    fn flush(&mut self) -> Result<()> {
        self.sound.flush()
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let Self { sound, replacement } = *self;
        Box::new(sound).finish()?;
        replacement.finish()
    }
}
