//! Normalizations of channels.

/// A normalization of the channels of a row.
pub(crate) struct Norm<'a> {
    pub(crate) scale: &'a [f32],
    pub(crate) shift: &'a [f32],
    pub(crate) epsilon: f32,
    /// Channels in memory.
    pub(crate) width: usize,
}

impl Norm<'_> {
    /// Normalizes a row.
    #[inline(always)]
    pub(crate) fn apply(&self, row: &mut [f32]) {
        let row = &mut row[..self.scale.len()];
        let count = row.len() as f32;
        let mean = sum(row, |value| value) / count;
        row.iter_mut().for_each(|value| *value -= mean);
        let variance = sum(row, |value| value * value) / count;
        let deviation = (variance + self.epsilon).sqrt();
        for ((value, scale), shift) in row.iter_mut().zip(self.scale).zip(self.shift) {
            *value = *value / deviation * scale + shift;
        }
    }
}

/// The sum of all results, in an order that suits vectors.
#[inline(always)]
pub(crate) fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; 16];
    let (whole, rest) = values.as_chunks::<16>();
    for values in whole {
        for (lane, value) in lanes.iter_mut().zip(values) {
            *lane += of(*value);
        }
    }
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane += of(*value);
    }
    lanes.iter().sum()
}
