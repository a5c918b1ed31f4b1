//! The WAV format: 16-bit, mono, with a header of 44 bytes.

mod reader;

pub use reader::{WavReader, is_truncated};

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

/// Returns the header of a WAV stream of unknown length: all sizes are
/// `0xffffffff`, as ffmpeg writes them and sox and aplay read them.
pub fn stream_header(rate: SampleRate) -> Vec<u8> {
    spec(rate).into_header_for_infinite_file()
}

pub(crate) fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}
