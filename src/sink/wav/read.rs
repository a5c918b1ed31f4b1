//! Reading back the WAV files that this program writes.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use super::output;
use crate::audio::{SampleRate, pcm};
use crate::{Error, Result};

/// Bytes before the first sample, as [`create`](super::create) writes them.
const HEADER_BYTES: u64 = 44;

/// A 16-bit mono WAV file, read block by block.
pub struct WavReader {
    reader: hound::WavReader<BufReader<File>>,
    rate: SampleRate,
    target: String,
}

impl WavReader {
    /// Opens a file that [`create`](super::create) has written.
    ///
    /// Fails with [`Error::Input`] where it is another kind of file, or where
    /// its header and its length do not agree.
    pub fn open(path: &Path) -> Result<Self> {
        let origin = path.display().to_string();
        let opened = hound::WavReader::open(path).map_err(|e| input(&origin, e))?;
        let spec = opened.spec();
        let rate = SampleRate::new(spec.sample_rate).filter(|rate| spec == super::spec(*rate));
        let bytes =
            std::fs::metadata(path).map_err(|e| input(&origin, hound::Error::IoError(e)))?;
        let whole = HEADER_BYTES + u64::from(opened.len()) * size_of::<i16>() as u64;
        match rate {
            Some(rate) if bytes.len() == whole => Ok(Self {
                reader: opened,
                rate,
                target: origin,
            }),
            _ => Err(input(
                &origin,
                hound::Error::FormatError("not a whole 16-bit mono WAV file of this program"),
            )),
        }
    }

    /// Returns the rate of the samples.
    pub fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Returns how many samples the file holds.
    pub fn samples(&self) -> u64 {
        u64::from(self.reader.len())
    }

    /// Replaces what `block` holds by the next samples, as many as it has room
    /// for; by none at the end.
    pub fn read(&mut self, block: &mut Vec<f32>) -> Result<()> {
        block.clear();
        let room = block.capacity();
        for sample in self.reader.samples::<i16>().take(room) {
            let sample = sample.map_err(|e| input(&self.target, e))?;
            block.push(pcm::from_i16(sample));
        }
        Ok(())
    }
}

/// Returns whether the file at `path` is what a crash of the machine leaves of
/// a WAV file: less than its header says, zeros, or nothing.
///
/// What somebody else has made of it, with tags or in another format, is whole
/// in its own way.
pub fn is_torn(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(HEADER_BYTES).read_to_end(&mut head)?;
    let said = match head.as_slice() {
        [b'R', b'I', b'F', b'F', a, b, c, d, ..] => u32::from_le_bytes([*a, *b, *c, *d]),
        head => return Ok(head.iter().all(|byte| *byte == 0)),
    };
    Ok(bytes < HEADER_BYTES || bytes < u64::from(said) + 8)
}

/// Names a file that cannot be read.
fn input(origin: &str, error: hound::Error) -> Error {
    match output(origin, error) {
        Error::Output { target, source } => Error::Input {
            origin: target,
            source,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::wav::{WavOptions, create};
    use std::fs;
    use std::path::PathBuf;

    /// A file of `n` samples, all different.
    fn file(folder: &tempfile::TempDir, n: i16) -> PathBuf {
        let path = folder.path().join("a.wav");
        let rate = SampleRate::new(16_000).unwrap();
        let mut sink = create(&path, rate, &WavOptions::default()).unwrap();
        let samples: Vec<_> = (0..n).map(pcm::from_i16).collect();
        sink.write(&samples).unwrap();
        sink.finish().unwrap();
        path
    }

    #[test]
    fn what_was_written_is_read_back_block_by_block() {
        let folder = tempfile::tempdir().unwrap();
        let mut wav = WavReader::open(&file(&folder, 1000)).unwrap();
        assert_eq!((wav.rate().get(), wav.samples()), (16_000, 1000));
        let (mut block, mut all) = (Vec::with_capacity(300), Vec::new());
        loop {
            wav.read(&mut block).unwrap();
            if block.is_empty() {
                break;
            }
            all.extend(block.iter().map(|&sample| pcm::to_i16(sample)));
        }
        assert_eq!(all, (0..1000).collect::<Vec<i16>>());
    }

    #[test]
    fn a_file_without_samples_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(WavReader::open(&file(&folder, 0)).unwrap().samples(), 0);
    }

    #[test]
    fn a_torn_file_is_told_from_one_that_others_have_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, 1000);
        let whole = fs::read(&path).unwrap();
        let tagged = [&whole[..], b"LIST"].concat();
        let cases = [
            (&whole[..], false),
            (&tagged[..], false),
            (b"ID3 something", false),
            (&whole[..40], true),
            (&whole[..500], true),
            (&[0; 500], true),
            (b"", true),
        ];
        for (content, expected) in cases {
            fs::write(&path, content).unwrap();
            assert_eq!(is_torn(&path).unwrap(), expected, "{} bytes", content.len());
        }
    }

    #[test]
    fn what_is_not_whole_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, 1000);
        let whole = fs::read(&path).unwrap();
        let longer = [&whole[..], b"more"].concat();
        for damaged in [&b""[..], b"text", &whole[..40], &whole[..500], &longer] {
            fs::write(&path, damaged).unwrap();
            let message = WavReader::open(&path).map(drop).unwrap_err().to_string();
            assert_eq!(message, format!("cannot read {}", path.display()));
        }
    }
}
