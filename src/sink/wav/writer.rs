//! The WAV encoder.

use std::io::{Seek, Write};

use crate::audio::wav::{MAX_DATA_BYTES, io_error, spec};
use crate::audio::{SampleRate, pcm};
use crate::sink::Sink;
use crate::{Error, Result};

/// How many samples are converted at a time; bounds hound's own buffer.
pub(super) const SAMPLES_PER_WRITE: usize = 16 * 1024;

/// Writes 16-bit mono WAV to any writer that can seek.
///
/// The output is a valid WAV after every [`Sink::flush`] and after
/// [`Sink::finish`].
pub struct WavSink<W: Write + Seek> {
    writer: hound::WavWriter<W>,
    target: String,
    max_data_bytes: u32,
}

impl<W: Write + Seek> WavSink<W> {
    /// Writes a header to `writer`, which must be at position 0; `target` names
    /// it in errors.
    pub fn new(writer: W, rate: SampleRate, target: &str) -> Result<Self> {
        let writer = hound::WavWriter::new(writer, spec(rate)).map_err(|e| output(target, e))?;
        Ok(Self {
            writer,
            target: target.to_owned(),
            max_data_bytes: MAX_DATA_BYTES,
        })
    }

    fn write_part(&mut self, samples: &[f32]) -> Result<(), hound::Error> {
        let n_samples = u32::try_from(samples.len()).expect("at most SAMPLES_PER_WRITE");
        let mut writer = self.writer.get_i16_writer(n_samples);
        for &sample in samples {
            writer.write_sample(pcm::to_i16(sample));
        }
        writer.flush()
    }

    fn has_room_for(&self, samples: &[f32]) -> bool {
        let n_samples = u64::from(self.writer.len()) + samples.len() as u64;
        n_samples * size_of::<i16>() as u64 <= u64::from(self.max_data_bytes)
    }
}

impl<W: Write + Seek + Send> Sink for WavSink<W> {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        if !self.has_room_for(samples) {
            return Err(Error::WavTooLong {
                target: self.target.clone(),
            });
        }
        samples
            .chunks(SAMPLES_PER_WRITE)
            .try_for_each(|part| self.write_part(part))
            .map_err(|e| output(&self.target, e))
    }

    fn flush(&mut self) -> Result<()> {
        self.writer.flush().map_err(|e| output(&self.target, e))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let Self { writer, target, .. } = *self;
        writer.finalize().map_err(|e| output(&target, e))
    }
}

fn output(target: &str, error: hound::Error) -> Error {
    Error::Output {
        target: target.to_owned(),
        source: io_error(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::wav::stream_header;
    use std::io::{self, Cursor};
    use std::num::NonZeroU32;
    use std::sync::{Arc, Mutex, PoisonError};

    const RATE: SampleRate = NonZeroU32::new(22050).unwrap();

    fn tone(n_samples: usize) -> Vec<f32> {
        (0..n_samples).map(|i| (i as f32 * 0.05).sin()).collect()
    }

    #[test]
    fn a_file_that_is_too_long_stays_valid_up_to_the_last_block() {
        let mut bytes = Cursor::new(Vec::new());
        let mut sink = WavSink::new(&mut bytes, RATE, "x.wav").unwrap();
        sink.max_data_bytes = 2000;
        sink.write(&tone(990)).unwrap();
        let error = sink.write(&tone(11)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.wav would be over 4 GiB, more than a WAV file can hold"
        );
        sink.write(&tone(10)).unwrap();
        Box::new(sink).finish().unwrap();
        bytes.set_position(0);
        assert_eq!(hound::WavReader::new(bytes).unwrap().duration(), 1000);
    }

    #[test]
    fn the_longest_file_fits_both_length_fields() {
        let header = stream_header(RATE).len() as u32;
        let riff_size = MAX_DATA_BYTES + (header - 8);
        assert_eq!(riff_size, u32::MAX);
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
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.cursor().seek(to)
        }
    }

    #[test]
    fn a_full_disk_keeps_what_was_flushed() {
        let disk = SmallDisk(Arc::default(), 1000);
        let mut sink = WavSink::new(disk.clone(), RATE, "x.wav").unwrap();
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
