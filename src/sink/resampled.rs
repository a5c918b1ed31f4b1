//! A sink for samples of any rate.

use super::Sink;
use crate::Result;
use crate::audio::SampleRate;
use crate::audio::resample::Resampler;

/// Resamples to the rate of its sink. Samples that have this rate already are
/// passed on unchanged.
pub struct Resampled {
    sink: Box<dyn Sink>,
    rate: SampleRate,
    /// For samples of another rate than the sink's, with that rate.
    resampler: Option<(SampleRate, Resampler)>,
    resampled: Vec<f32>,
}

impl Resampled {
    /// Returns a sink for samples of any rate; `sink` takes those of `rate`.
    pub fn new(sink: Box<dyn Sink>, rate: SampleRate) -> Self {
        Self {
            sink,
            rate,
            resampler: None,
            resampled: Vec::new(),
        }
    }

    /// Writes samples of `rate`: see [`Sink::write`].
    pub fn write(&mut self, samples: &[f32], rate: SampleRate) -> Result<()> {
        if rate == self.rate {
            self.end_resampling()?;
            return self.sink.write(samples);
        }
        if self
            .resampler
            .as_ref()
            .is_none_or(|(from, _)| *from != rate)
        {
            self.end_resampling()?;
            self.resampler = Some((rate, Resampler::new(rate, self.rate)?));
        }
        if let Some((_, resampler)) = &mut self.resampler {
            self.resampled.clear();
            resampler.process(samples, &mut self.resampled)?;
            self.sink.write(&self.resampled)?;
        }
        Ok(())
    }

    /// See [`Sink::flush`]. Up to 256 samples stay in the resampler.
    pub fn flush(&mut self) -> Result<()> {
        self.sink.flush()
    }

    /// Writes what the resampler still holds, and finishes the sink even if
    /// that fails: see [`Sink::finish`].
    pub fn finish(mut self) -> Result<()> {
        let resampled = self.end_resampling();
        resampled.and(self.sink.finish())
    }

    fn end_resampling(&mut self) -> Result<()> {
        if let Some((_, mut resampler)) = self.resampler.take() {
            self.resampled.clear();
            resampler.finish(&mut self.resampled)?;
            self.sink.write(&self.resampled)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Keeps the length of every write, and 0 for the end.
    struct Lengths(Arc<Mutex<Vec<usize>>>);

    impl Sink for Lengths {
        fn write(&mut self, samples: &[f32]) -> Result<()> {
            self.0.lock().unwrap().push(samples.len());
            Ok(())
        }

        fn finish(self: Box<Self>) -> Result<()> {
            self.0.lock().unwrap().push(0);
            Ok(())
        }
    }

    #[test]
    fn samples_of_every_rate_keep_their_duration() {
        let rate = |hz| SampleRate::new(hz).unwrap();
        let lengths = Arc::default();
        let sink = Box::new(Lengths(Arc::clone(&lengths)));
        let mut resampled = Resampled::new(sink, rate(16_000));
        for hz in [16_000, 8_000, 8_000, 32_000, 16_000] {
            let a_second = vec![0.5; hz as usize];
            resampled.write(&a_second, rate(hz)).unwrap();
        }
        resampled.finish().unwrap();
        let lengths = lengths.lock().unwrap();
        assert_eq!((lengths[0], lengths.last()), (16_000, Some(&0)));
        assert_eq!(lengths.iter().sum::<usize>(), 5 * 16_000);
    }
}
