//! The mean and the deviation of each id, and noise → the prior of each frame.

use std::ops::Range;

use crate::noise::Noise;

/// The prior of a sentence. It is computed for the frames that are needed: most of the work
/// is its noise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FramePrior {
    /// For each id the means of all channels, then the logarithms of their deviations.
    pub(super) statistics: Vec<f32>,
    /// Where the frames of each id end.
    pub(super) ends: Vec<usize>,
    pub(super) noise: Noise,
    pub(super) noise_scale: f32,
    pub(super) channels: usize,
    pub(super) frames: usize,
}

impl FramePrior {
    /// Channels of a frame.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Frames of the sentence.
    pub fn frames(&self) -> usize {
        self.frames
    }

    /// The values of some frames, `[channels][frames]`; of those that are not in the sentence
    /// there are none.
    pub fn values(&self, frames: Range<usize>) -> Vec<f32> {
        let frames = frames.start.min(self.frames)..frames.end.min(self.frames);
        if frames.is_empty() {
            return Vec::new();
        }
        let mut values = vec![0.0; self.channels * frames.len()];
        for (channel, values) in values.chunks_exact_mut(frames.len()).enumerate() {
            let first = channel * self.frames + frames.start;
            self.noise.fill(first, values);
            self.spread(channel, &frames, values);
        }
        values
    }

    /// Turns the noise of some frames into the prior.
    fn spread(&self, channel: usize, frames: &Range<usize>, noise: &mut [f32]) {
        let first = self.ends.partition_point(|&end| end <= frames.start);
        let mut start = frames.start;
        let mut rest = noise;
        for (id, &end) in self.ends.iter().enumerate().skip(first) {
            if start == frames.end {
                return;
            }
            let end = end.min(frames.end);
            let (own, after) = rest.split_at_mut(end - start);
            (rest, start) = (after, end);
            if own.is_empty() {
                continue;
            }
            let statistics = &self.statistics[2 * self.channels * id..];
            let mean = statistics[channel];
            let deviation = statistics[self.channels + channel].exp();
            for value in own {
                *value = mean + *value * deviation * self.noise_scale;
            }
        }
        // A sentence without any frame of an id has one of noise alone.
        for value in rest {
            *value *= self.noise_scale;
        }
    }
}
