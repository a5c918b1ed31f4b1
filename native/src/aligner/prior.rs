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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_numbers::numbers;

    const CHANNELS: usize = 3;

    /// All values of a prior, by definition.
    fn define(prior: &FramePrior) -> Vec<f32> {
        let mut values = vec![0.0; CHANNELS * prior.frames];
        prior.noise.fill(0, &mut values);
        for (n, value) in values.iter_mut().enumerate() {
            let (channel, frame) = (n / prior.frames, n % prior.frames);
            let id = prior.ends.iter().position(|&end| frame < end);
            let of_id = |id| &prior.statistics[2 * CHANNELS * id..];
            *value = match id.map(of_id) {
                Some(own) => {
                    own[channel] + *value * own[CHANNELS + channel].exp() * prior.noise_scale
                }
                None => *value * prior.noise_scale,
            };
        }
        values
    }

    #[test]
    fn every_part_of_a_prior_is_the_same_as_in_the_whole() {
        let cases: [(&[usize], usize); 5] = [
            (&[1, 3, 7], 7),
            // Some ids have no frame.
            (&[0, 2, 2, 5, 5], 5),
            (&[4, 4], 4),
            // None has one.
            (&[0, 0], 1),
            (&[6], 6),
        ];
        for (ends, frames) in cases {
            let prior = FramePrior {
                statistics: numbers(2 * CHANNELS * ends.len(), 3),
                ends: ends.to_vec(),
                noise: Noise::new(5, 1),
                noise_scale: 0.667,
                channels: CHANNELS,
                frames,
            };
            let whole = define(&prior);
            for start in 0..=frames {
                for end in start..=frames {
                    let rows = whole.chunks_exact(frames);
                    let expected = rows.flat_map(|row| &row[start..end]);
                    let expected: Vec<f32> = expected.copied().collect();
                    assert_eq!(
                        prior.values(start..end),
                        expected,
                        "{ends:?}: {start}..{end}"
                    );
                }
            }
            assert_eq!(prior.values(0..frames + 1), whole);
        }
    }
}
