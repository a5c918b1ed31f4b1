//! Reading the WAV files that [`sink::file`](crate::sink::file) writes.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::Path;

use super::{HEADER_BYTES, io_error, spec};
use crate::audio::{SampleRate, pcm};
use crate::{Error, Result};

/// A 16-bit mono WAV file, read block by block.
pub struct WavReader {
    reader: hound::WavReader<BufReader<File>>,
    rate: SampleRate,
    origin: String,
}

impl WavReader {
    /// Opens a file.
    ///
    /// Fails with [`Error::Input`] if it is another kind of WAV, or if the
    /// length in its header is not the length of the file.
    pub fn open(path: &Path) -> Result<Self> {
        let origin = path.display().to_string();
        let reader = hound::WavReader::open(path).map_err(|e| input(&origin, io_error(e)))?;
        let bytes = std::fs::metadata(path)
            .map_err(|e| input(&origin, e))?
            .len();
        let declared = HEADER_BYTES + u64::from(reader.len()) * size_of::<i16>() as u64;
        let found = reader.spec();
        let rate = SampleRate::new(found.sample_rate).filter(|rate| found == spec(*rate));
        match rate {
            Some(rate) if bytes == declared => Ok(Self {
                reader,
                rate,
                origin,
            }),
            _ => {
                let message = "not a complete 16-bit mono WAV file";
                Err(input(&origin, io::Error::other(message)))
            }
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

    /// Replaces the contents of `block` by the next samples, as many as its
    /// capacity; by none at the end.
    pub fn read(&mut self, block: &mut Vec<f32>) -> Result<()> {
        block.clear();
        let n_samples = block.capacity();
        for sample in self.reader.samples::<i16>().take(n_samples) {
            let sample = sample.map_err(|e| input(&self.origin, io_error(e)))?;
            block.push(pcm::from_i16(sample));
        }
        Ok(())
    }
}

/// Returns whether the file at `path` is what remains of a WAV file after a
/// crash of the machine: shorter than its header declares, zeros, or empty.
///
/// A file that another program has changed, with tags or to another format, is
/// not truncated.
pub fn is_truncated(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut head = Vec::new();
    file.take(HEADER_BYTES).read_to_end(&mut head)?;
    let declared = match head.as_slice() {
        [b'R', b'I', b'F', b'F', a, b, c, d, ..] => u32::from_le_bytes([*a, *b, *c, *d]),
        head => return Ok(head.iter().all(|byte| *byte == 0)),
    };
    Ok(bytes < HEADER_BYTES || bytes < u64::from(declared) + 8)
}

/// Returns whether the file at `path` starts as WAV files do, whatever their
/// samples are.
pub fn is_wav(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(12).read_to_end(&mut head)?;
    let containers: [&[u8]; 4] = [b"RIFF", b"RIFX", b"RF64", b"BW64"];
    let is_container = containers.iter().any(|name| head.starts_with(name));
    Ok(is_container && head.ends_with(b"WAVE"))
}

fn input(origin: &str, source: io::Error) -> Error {
    Error::Input {
        origin: origin.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    #[test]
    fn only_the_start_makes_a_wav() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let cases: [(&[u8], bool); 6] = [
            (b"RIFF\x24\0\0\0WAVEfmt ", true),
            (b"RF64\xff\xff\xff\xffWAVE", true),
            (b"RIFF\x24\0\0\0AVI LIST", false),
            (b"RIFF\x24\0\0\0", false),
            (b"", false),
            (b"A text about WAVE", false),
        ];
        for (content, expected) in cases {
            fs::write(&path, content).unwrap();
            assert_eq!(is_wav(&path).unwrap(), expected, "{content:?}");
        }
        assert!(is_wav(&file(&folder, 3)).unwrap());
    }

    /// A file of `n` samples, all different.
    fn file(folder: &tempfile::TempDir, n: i16) -> PathBuf {
        let path = folder.path().join("a.wav");
        let rate = SampleRate::new(16_000).unwrap();
        let mut writer = hound::WavWriter::create(&path, spec(rate)).unwrap();
        (0..n).for_each(|sample| writer.write_sample(sample).unwrap());
        writer.finalize().unwrap();
        path
    }

    #[test]
    fn a_file_is_read_block_by_block() {
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
    fn a_file_without_samples_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(WavReader::open(&file(&folder, 0)).unwrap().samples(), 0);
    }

    #[test]
    fn a_file_that_another_program_changed_is_not_truncated() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, 1000);
        let complete = fs::read(&path).unwrap();
        let tagged = [&complete[..], b"LIST"].concat();
        let cases = [
            (&complete[..], false),
            (&tagged[..], false),
            (b"ID3 something", false),
            (&complete[..40], true),
            (&complete[..500], true),
            (&[0; 500], true),
            (b"", true),
        ];
        for (content, expected) in cases {
            fs::write(&path, content).unwrap();
            assert_eq!(
                is_truncated(&path).unwrap(),
                expected,
                "{} bytes",
                content.len()
            );
        }
    }

    #[test]
    fn an_incomplete_file_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, 1000);
        let complete = fs::read(&path).unwrap();
        let longer = [&complete[..], b"more"].concat();
        for damaged in [
            &b""[..],
            b"text",
            &complete[..40],
            &complete[..500],
            &longer,
        ] {
            fs::write(&path, damaged).unwrap();
            let message = WavReader::open(&path).map(drop).unwrap_err().to_string();
            assert_eq!(message, format!("cannot read {}", path.display()));
        }
    }
}
