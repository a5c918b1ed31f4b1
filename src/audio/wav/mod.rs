//! The WAV format: 16-bit, mono, with a header of 44 bytes.

mod reader;

pub use reader::{WavReader, is_truncated, is_wav};

use std::io;

use super::SampleRate;

/// Bytes before the first sample.
pub const HEADER_BYTES: u64 = 44;

/// The most bytes of samples that a WAV file can declare: its two 32-bit
/// lengths count the samples, and the samples with 36 bytes of header.
pub(crate) const MAX_DATA_BYTES: u32 = u32::MAX - 36;

/// The most samples that a WAV file can hold: 27 hours at 22 050 Hz.
pub const MAX_SAMPLES: u64 = MAX_DATA_BYTES as u64 / size_of::<i16>() as u64;

pub(crate) fn spec(rate: SampleRate) -> hound::WavSpec {
    hound::WavSpec {
        channels: 1,
        sample_rate: rate.get(),
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    }
}

/// The bytes of samples that the header of a stream declares, for want of the
/// true number. It is what SoX writes to a pipe.
///
/// What readers say about each candidate when the stream ends earlier (SoX 14.4.2,
/// ffmpeg and ffplay 5.1.9, aplay 1.2.8, Python 3.11):
///
/// | declared | sox | ffmpeg, ffplay | aplay | Python's `wave` |
/// |---|---|---|---|---|
/// | `0xffffffff` | Premature EOF | Ignoring maximum wav data size | silent | reads |
/// | `0xffffffdb` | Premature EOF | silent | silent | reads |
/// | `0x80000000` | Premature EOF | silent | silent | reads |
/// | `0x7fffffff` | Premature EOF | silent | silent | reads |
/// | `0x7ffff000` | silent | silent | silent | reads |
/// | 0 | reads nothing | silent | silent | reads nothing |
///
/// With `-loglevel warning`, ffmpeg calls the last packet of every stream corrupt
/// unless it has 4096 bytes, whatever the header says. Readers that believe the
/// header stop after 2 GiB, which is 12 hours at 24 kHz.
const STREAM_DATA_BYTES: u32 = 0x7fff_f000;

/// Returns the header of a WAV stream of unknown length.
pub fn stream_header(rate: SampleRate) -> Vec<u8> {
    header(rate, STREAM_DATA_BYTES)
}

/// Returns the header of a WAV file with this many bytes of samples.
pub(crate) fn header(rate: SampleRate, data_bytes: u32) -> Vec<u8> {
    let mut header = spec(rate).into_header_for_infinite_file();
    let riff_bytes = data_bytes + (HEADER_BYTES as u32 - 8);
    header[4..8].copy_from_slice(&riff_bytes.to_le_bytes());
    header[40..44].copy_from_slice(&data_bytes.to_le_bytes());
    header
}

pub(crate) fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}
