//! Encoded sound in a writer that can seek.

use std::io::{self, Seek, SeekFrom, Write};

use super::Sink;
use crate::audio::SampleRate;
use crate::encode::{Encoder, Encoding, Medium};
use crate::{Error, Result};

/// How many samples are encoded at a time; bounds the buffer of bytes.
pub(super) const SAMPLES_PER_WRITE: usize = 16 * 1024;

/// Writes sound to any writer that can seek.
///
/// What was written is valid after every [`Sink::flush`], up to the last frame if
/// the format has frames, and complete after [`Sink::finish`].
pub struct EncodedSink<W: Write + Seek> {
    writer: W,
    encoder: Box<dyn Encoder>,
    target: String,
    bytes: Vec<u8>,
    n_written: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// A write failed: how many of its bytes arrived is not known.
    Broken,
}

impl<W: Write + Seek> EncodedSink<W> {
    /// Writes a header to `writer`, which must be at position 0; `target` names
    /// it in errors.
    pub fn new(writer: W, rate: SampleRate, encoding: &Encoding, target: &str) -> Result<Self> {
        let mut encoder = encoding.encoder(rate, Medium::File, target)?;
        let mut sink = Self {
            writer,
            bytes: encoder.header()?,
            encoder,
            target: target.to_owned(),
            n_written: 0,
            state: State::Open,
        };
        sink.write_bytes()?;
        Ok(sink)
    }

    fn write_bytes(&mut self) -> Result<()> {
        let written = self.writer.write_all(&self.bytes);
        self.n_written += self.bytes.len() as u64;
        self.bytes.clear();
        self.checked(written)
    }

    /// Brings the start of the file up to date, and everything to the system.
    fn save(&mut self) -> Result<()> {
        if self.state == State::Broken {
            let flushed = self.writer.flush();
            return self.checked(flushed);
        }
        let saved = match self.encoder.corrected_start() {
            Some(start) => self.replace_start(&start),
            None => self.writer.flush(),
        };
        self.checked(saved)
    }

    fn replace_start(&mut self, start: &[u8]) -> io::Result<()> {
        self.writer.seek(SeekFrom::Start(0))?;
        self.writer.write_all(start)?;
        self.writer.seek(SeekFrom::Start(self.n_written))?;
        self.writer.flush()
    }

    fn checked(&mut self, result: io::Result<()>) -> Result<()> {
        result.map_err(|source| {
            self.state = State::Broken;
            Error::Output {
                target: self.target.clone(),
                source,
            }
        })
    }
}

impl<W: Write + Seek + Send> Sink for EncodedSink<W> {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        for part in samples.chunks(SAMPLES_PER_WRITE) {
            self.encoder.encode(part, &mut self.bytes)?;
            self.write_bytes()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.save()
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if self.state == State::Open {
            self.encoder.finish(&mut self.bytes)?;
            self.write_bytes()?;
        }
        self.save()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::SoundFormat;
    use std::io::Cursor;
    use std::num::NonZeroU32;
    use std::sync::{Arc, Mutex, PoisonError};

    const RATE: SampleRate = NonZeroU32::new(22050).unwrap();

    fn tone(n_samples: usize) -> Vec<f32> {
        (0..n_samples).map(|i| (i as f32 * 0.05).sin()).collect()
    }

    /// Takes `room` bytes, then fails as a full disk does.
    #[derive(Clone)]
    struct SmallDisk(Arc<Mutex<Cursor<Vec<u8>>>>, usize);

    impl SmallDisk {
        fn cursor(&self) -> std::sync::MutexGuard<'_, Cursor<Vec<u8>>> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Write for SmallDisk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut cursor = self.cursor();
            let room = self.1.saturating_sub(cursor.position() as usize);
            if room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            cursor.write(&bytes[..bytes.len().min(room)])
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for SmallDisk {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.cursor().seek(to)
        }
    }

    #[test]
    fn a_full_disk_keeps_what_was_flushed() {
        let disk = SmallDisk(Arc::default(), 1000);
        let encoding = SoundFormat::Wav.into();
        let mut sink = EncodedSink::new(disk.clone(), RATE, &encoding, "x.wav").unwrap();
        sink.write(&tone(400)).unwrap();
        sink.flush().unwrap();
        let error = sink.write(&tone(400)).unwrap_err();
        assert_eq!(error.to_string(), "cannot write x.wav");
        let Error::Output { source, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(source.kind(), io::ErrorKind::StorageFull);
        Box::new(sink).finish().unwrap();
        let bytes = disk.cursor().get_ref().clone();
        let reader = hound::WavReader::new(&bytes[..]).unwrap();
        assert_eq!(reader.duration(), 400);
    }
}
