//! Samples of a rate that a format does not have.

use super::Encoder;
use crate::Result;
use crate::audio::SampleRate;
use crate::audio::resample::Resampler;

/// Resamples for an encoder of another rate. The duration stays, to the nearest
/// sample.
struct ResamplingEncoder {
    encoder: Box<dyn Encoder>,
    resampler: Resampler,
    resampled: Vec<f32>,
}

impl Encoder for ResamplingEncoder {
    fn header(&mut self) -> Result<Vec<u8>> {
        self.encoder.header()
    }

    fn encode(&mut self, samples: &[f32], bytes: &mut Vec<u8>) -> Result<()> {
        self.resampled.clear();
        self.resampler.process(samples, &mut self.resampled)?;
        self.encoder.encode(&self.resampled, bytes)
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        self.resampled.clear();
        self.resampler.finish(&mut self.resampled)?;
        self.encoder.encode(&self.resampled, bytes)?;
        self.encoder.finish(bytes)
    }

    fn corrected_start(&mut self) -> Option<Vec<u8>> {
        self.encoder.corrected_start()
    }
}

/// Returns an encoder for samples of `rate` that has one of `rates`, in ascending
/// order: the same, else the next higher one, else the highest.
pub(super) fn to_one_of(
    rates: &[u32],
    rate: SampleRate,
    open: impl FnOnce(SampleRate) -> Result<Box<dyn Encoder>>,
) -> Result<Box<dyn Encoder>> {
    let higher = rates.iter().find(|known| **known >= rate.get());
    let coded = higher.or(rates.last()).copied();
    let coded = coded.and_then(SampleRate::new).unwrap_or(rate);
    let encoder = open(coded)?;
    Ok(match coded == rate {
        true => encoder,
        false => Box::new(ResamplingEncoder {
            encoder,
            resampler: Resampler::new(rate, coded)?,
            resampled: Vec::new(),
        }),
    })
}
