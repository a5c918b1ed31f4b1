//! Samples of different rates, counted at one rate.

use std::num::NonZeroU32;

/// The samples of blocks of any rate, joined at one rate.
#[derive(Debug)]
pub(super) struct Joined {
    rate: NonZeroU32,
    /// Samples before the blocks of the same rate that came last.
    before: u64,
    run_rate: NonZeroU32,
    /// Samples of these blocks, at their rate.
    run: u64,
}

impl Joined {
    pub(super) fn new(rate: NonZeroU32) -> Self {
        Self {
            rate,
            before: 0,
            run_rate: rate,
            run: 0,
        }
    }

    /// The rate at which all samples are counted.
    pub(super) fn rate(&self) -> NonZeroU32 {
        self.rate
    }

    /// Counts samples of the rate that was set last.
    pub(super) fn add(&mut self, samples: u64) {
        self.run += samples;
    }

    /// The number of the next sample among the last ones of the same rate.
    pub(super) fn run(&self) -> u64 {
        self.run
    }

    /// Samples of another rate follow; those before are rounded to a whole number.
    pub(super) fn set_rate(&mut self, rate: NonZeroU32) {
        if rate != self.run_rate {
            self.before = self.now();
            (self.run_rate, self.run) = (rate, 0);
        }
    }

    /// The number of samples so far.
    pub(super) fn now(&self) -> u64 {
        self.at(self.run)
    }

    /// Where a sample of the last blocks of the same rate is.
    pub(super) fn at(&self, sample: u64) -> u64 {
        self.before + converted_samples(sample, self.run_rate, self.rate)
    }
}

/// Returns how many samples `samples` become at another rate, to the nearest one: as many
/// as a [`Resampler`](crate::audio::resample::Resampler) makes of them.
pub fn converted_samples(samples: u64, from: NonZeroU32, to: NonZeroU32) -> u64 {
    if from == to {
        return samples;
    }
    let (from, to) = (u64::from(from.get()), u64::from(to.get()));
    (samples * to + from / 2) / from
}
