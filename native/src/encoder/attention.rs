//! Attention of one head.

use std::ops::Range;

use crate::arithmetic::{Fp32, Task};
use crate::convolution::{ConvolutionRun, FollowUp, Output};
use crate::gelu::exp;
use crate::norm::sum;
use crate::packed::{Algorithm, Sizes, padded};
use crate::rows::Rows;

/// The queries, keys and values of all heads.
pub(super) struct Attention<'a, A> {
    pub(super) arithmetic: A,
    /// How many ids there are.
    pub(super) length: usize,
    /// The ids that attend to all of them.
    pub(super) rows: Range<isize>,
    /// Of a head.
    pub(super) channels: usize,
    pub(super) window: usize,
    pub(super) divisor: f32,
    pub(super) queries: &'a Rows<f32>,
    pub(super) keys: &'a Rows<f32>,
    pub(super) values: &'a Rows<f32>,
    /// For each distance within the window, a row of channels.
    pub(super) distant_keys: &'a [f32],
    pub(super) distant_values: &'a [f32],
}

impl<A: Fp32> Attention<'_, A> {
    /// Writes the channels of a head.
    pub(super) fn head(&self, head: usize, attended: &mut Rows<f32>) {
        let Self {
            length, channels, ..
        } = *self;
        let own = head * channels..(head + 1) * channels;
        let first = self.rows.start;
        let mut queries = Rows::over(&self.rows, 0, channels);
        let of_head = queries.starting_at_mut(first).chunks_exact_mut(channels);
        for (to, row) in of_head.zip(self.rows_of(self.queries)) {
            let row = &row[own.clone()];
            to.iter_mut()
                .zip(row)
                .for_each(|(to, value)| *to = value / self.divisor);
        }
        // Each key is an output, each channel an input.
        let keys = self.matrix(channels, length, |channel, key| {
            self.keys.starting_at(key as isize)[own.start + channel]
        });
        let mut weights = self.multiply(&queries, channels, &keys, padded::<A>(length));
        self.arithmetic.run(Softmax {
            attention: self,
            queries: &queries,
            weights: &mut weights,
        });
        // Each channel is an output, each id an input.
        let inputs = padded::<A>(length);
        let values = self.matrix(inputs, channels, |id, channel| match id < length {
            true => self.values.starting_at(id as isize)[own.start + channel],
            false => 0.0,
        });
        let sums = self.multiply(&weights, inputs, &values, padded::<A>(channels));
        let width = attended.width();
        let to = attended.starting_at_mut(first).chunks_exact_mut(width);
        for (id, to) in self.rows.clone().zip(to) {
            let to = &mut to[own.clone()];
            to.copy_from_slice(&sums.starting_at(id)[..channels]);
            let weights = weights.starting_at(id);
            let id = id as usize;
            for (other, distant) in self.near(id).zip(self.distances(id, self.distant_values)) {
                let pairs = to.iter_mut().zip(distant);
                pairs.for_each(|(to, value)| *to += weights[other] * value);
            }
        }
    }

    fn rows_of<'r>(&self, rows: &'r Rows<f32>) -> impl Iterator<Item = &'r [f32]> {
        rows.starting_at(self.rows.start)
            .chunks_exact(rows.width())
            .take(self.rows.len())
    }

    /// The ids within the window of one.
    fn near(&self, id: usize) -> Range<usize> {
        id.saturating_sub(self.window)..(id + self.window + 1).min(self.length)
    }

    /// For each of these ids, the row of its distance.
    fn distances<'r>(&self, id: usize, rows: &'r [f32]) -> impl Iterator<Item = &'r [f32]> {
        let skipped = self.window.saturating_sub(id);
        rows.chunks_exact(self.channels).skip(skipped)
    }

    /// A matrix in the order in which kernels read weights, with zeros for padding.
    fn matrix(&self, inputs: usize, outputs: usize, at: impl Fn(usize, usize) -> f32) -> Vec<f32> {
        let columns = 2 * A::LANES;
        let mut matrix = Vec::with_capacity(inputs * padded::<A>(outputs));
        for first in (0..padded::<A>(outputs)).step_by(columns) {
            for input in 0..inputs {
                let outputs = (first..first + columns).map(|output| match output < outputs {
                    true => at(input, output),
                    false => 0.0,
                });
                matrix.extend(outputs);
            }
        }
        matrix
    }

    fn multiply(
        &self,
        input: &Rows<f32>,
        inputs: usize,
        matrix: &[f32],
        outputs: usize,
    ) -> Rows<f32> {
        let mut output = Rows::over(&self.rows, 0, outputs);
        self.arithmetic.run(ConvolutionRun {
            sizes: Sizes {
                inputs,
                outputs,
                taps: 1,
                dilation: 1,
                before: 0,
            },
            algorithm: Algorithm::Direct,
            weights: bytemuck::cast_slice(matrix),
            bias: &vec![0.0; outputs],
            input,
            rows: self.rows.clone(),
            finish: FollowUp::<A> {
                addends: [None, None],
                output: Output::To(output.starting_at_mut(self.rows.start)),
                activation: None,
            },
        });
        output
    }
}

/// Adds what distances add to products of queries and keys, and makes each row add up
/// to 1. Padding becomes 0.
struct Softmax<'a, A> {
    attention: &'a Attention<'a, A>,
    queries: &'a Rows<f32>,
    weights: &'a mut Rows<f32>,
}

impl<A: Fp32> Task<A> for Softmax<'_, A> {
    #[inline(always)]
    fn perform(self, _: A) {
        let attention = self.attention;
        let width = self.weights.width();
        let first = attention.rows.start;
        let rows = self.weights.starting_at_mut(first).chunks_exact_mut(width);
        for (id, row) in attention.rows.clone().zip(rows) {
            let query = &self.queries.starting_at(id)[..attention.channels];
            let id = id as usize;
            let distant = attention.distances(id, attention.distant_keys);
            for (other, distant) in attention.near(id).zip(distant) {
                row[other] += dot(query, distant);
            }
            let (row, padding) = row.split_at_mut(attention.length);
            padding.fill(0.0);
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            row.iter_mut()
                .for_each(|value| *value = exp(*value - largest));
            let total = sum(row, |value| value);
            row.iter_mut().for_each(|value| *value /= total);
        }
    }
}

/// The sum of products, in an order that suits vectors.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 16];
    for (a, b) in a.chunks(16).zip(b.chunks(16)) {
        let pairs = a.iter().zip(b);
        for (lane, (a, b)) in lanes.iter_mut().zip(pairs) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}
