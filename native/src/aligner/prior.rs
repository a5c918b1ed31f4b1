//! The mean and the deviation of each id, and noise → the prior of each frame.

use crate::rows::Rows;

/// Turns noise, `[channels][frames]`, into the prior. The statistics of an id are a row:
/// first the means of all channels, then the logarithms of their deviations.
pub(super) fn spread(
    statistics: &Rows<f32>,
    durations: &[f32],
    noise_scale: f32,
    frames: usize,
    values: &mut [f32],
) {
    let channels = values.len() / frames;
    for (channel, values) in values.chunks_exact_mut(frames).enumerate() {
        let mut rest = values;
        for (id, duration) in durations.iter().enumerate() {
            let (own, after) = rest.split_at_mut(*duration as usize);
            rest = after;
            let statistics = statistics.starting_at(id as isize);
            let mean = statistics[channel];
            let deviation = match own.is_empty() {
                true => continue,
                false => statistics[channels + channel].exp(),
            };
            for value in own {
                *value = mean + *value * deviation * noise_scale;
            }
        }
        // A sentence without any frame of an id has one of noise alone.
        for value in rest {
            *value *= noise_scale;
        }
    }
}
