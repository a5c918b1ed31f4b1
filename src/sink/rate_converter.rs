//! A sink for samples of another rate than its own.

use super::{Resampled, Sink};
use crate::Result;
use crate::audio::SampleRate;

/// Takes samples of one rate and writes them to a sink of another rate.
///
/// [`Resampled`] does the same for samples of changing rates, but is no
/// [`Sink`] itself.
pub struct RateConverter {
    sink: Resampled,
    rate: SampleRate,
}

impl RateConverter {
    /// Returns a sink for samples of `rate`; `sink` takes those of `sink_rate`.
    pub fn new(sink: Box<dyn Sink>, sink_rate: SampleRate, rate: SampleRate) -> Self {
        Self {
            sink: Resampled::new(sink, sink_rate),
            rate,
        }
    }
}

impl Sink for RateConverter {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.sink.write(samples, self.rate)
    }

    fn flush(&mut self) -> Result<()> {
        self.sink.flush()
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.sink.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::file::{self, FileOptions};

    #[test]
    fn a_file_has_its_own_rate_and_the_same_duration() {
        let rate = |hz| SampleRate::new(hz).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let file = file::create(&path, rate(8000), &FileOptions::default()).unwrap();
        let mut sink = Box::new(RateConverter::new(file, rate(8000), rate(16_000)));
        for _ in 0..10 {
            sink.write(&[0.25; 1600]).unwrap();
            sink.flush().unwrap();
        }
        sink.finish().unwrap();
        assert_eq!(std::fs::read(path).unwrap().len(), 44 + 2 * 8000);
    }
}
