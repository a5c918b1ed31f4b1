//! WAV: 16-bit, mono.

use super::{Encoder, Medium};
use crate::audio::wav::{MAX_DATA_BYTES, header, stream_header};
use crate::audio::{SampleRate, pcm};
use crate::{Error, Result};

pub(super) struct WavEncoder {
    rate: SampleRate,
    medium: Medium,
    target: String,
    data_bytes: u32,
    max_data_bytes: u32,
}

impl WavEncoder {
    pub(super) fn new(rate: SampleRate, medium: Medium, target: &str) -> Self {
        Self {
            rate,
            medium,
            target: target.to_owned(),
            data_bytes: 0,
            max_data_bytes: MAX_DATA_BYTES,
        }
    }

    /// Returns the length with `n_samples` more, if the header of a file can declare it.
    fn longer(&self, n_samples: usize) -> Option<u32> {
        let more = n_samples.checked_mul(size_of::<i16>())?;
        let bytes = self.data_bytes.checked_add(u32::try_from(more).ok()?)?;
        (bytes <= self.max_data_bytes).then_some(bytes)
    }
}

impl Encoder for WavEncoder {
    fn header(&mut self) -> Result<Vec<u8>> {
        Ok(match self.medium {
            Medium::File => header(self.rate, 0),
            Medium::Stream => stream_header(self.rate),
        })
    }

    fn encode(&mut self, samples: &[f32], bytes: &mut Vec<u8>) -> Result<()> {
        if self.medium == Medium::File {
            self.data_bytes = self
                .longer(samples.len())
                .ok_or_else(|| Error::WavTooLong {
                    target: self.target.clone(),
                })?;
        }
        pcm::extend_s16le(bytes, samples);
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }

    fn corrected_start(&mut self) -> Option<Vec<u8>> {
        (self.medium == Medium::File).then(|| header(self.rate, self.data_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    const RATE: SampleRate = NonZeroU32::new(22050).unwrap();

    #[test]
    fn a_file_that_is_too_long_stays_valid_up_to_the_last_block() {
        let mut encoder = WavEncoder::new(RATE, Medium::File, "x.wav");
        encoder.max_data_bytes = 2000;
        let mut bytes = encoder.header().unwrap();
        encoder.encode(&[0.5; 990], &mut bytes).unwrap();
        let error = encoder.encode(&[0.5; 11], &mut bytes).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.wav would be over 4 GiB, more than a WAV file can hold; FLAC has no such limit"
        );
        encoder.encode(&[0.5; 10], &mut bytes).unwrap();
        encoder.finish(&mut bytes).unwrap();
        bytes.splice(..44, encoder.corrected_start().unwrap());
        assert_eq!(hound::WavReader::new(&bytes[..]).unwrap().duration(), 1000);
    }

    #[test]
    fn the_longest_file_fits_both_length_fields() {
        let header = header(RATE, MAX_DATA_BYTES);
        assert_eq!(header[4..8], u32::MAX.to_le_bytes());
        assert_eq!(header[40..44], MAX_DATA_BYTES.to_le_bytes());
    }
}
