//! Samples without a header.

use super::Encoder;
use crate::Result;
use crate::audio::pcm;

/// 16-bit integers, little-endian.
pub(super) struct S16leEncoder;

/// 32-bit floats, little-endian.
pub(super) struct F32leEncoder;

impl Encoder for S16leEncoder {
    fn header(&mut self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn encode(&mut self, samples: &[f32], bytes: &mut Vec<u8>) -> Result<()> {
        pcm::extend_s16le(bytes, samples);
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }

    fn corrected_start(&mut self) -> Option<Vec<u8>> {
        None
    }
}

impl Encoder for F32leEncoder {
    fn header(&mut self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn encode(&mut self, samples: &[f32], bytes: &mut Vec<u8>) -> Result<()> {
        pcm::extend_f32le(bytes, samples);
        Ok(())
    }

    fn finish(&mut self, _: &mut Vec<u8>) -> Result<()> {
        Ok(())
    }

    fn corrected_start(&mut self) -> Option<Vec<u8>> {
        None
    }
}
