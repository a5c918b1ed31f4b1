//! The last convolution: from the rows of the last stage to samples.

use std::ops::Range;

use crate::activation::tanh;
use crate::arithmetic::{Arithmetic, MAX_LANES, Task};
use crate::rows::Rows;

/// The last convolution for some samples. It has one output, so its products are
/// summed up along the channels.
pub(super) struct LastConvolution<'a, A: Arithmetic> {
    /// `[taps][operands of a row]`
    pub(super) weights: &'a [A::Operand],
    pub(super) bias: f32,
    pub(super) input: &'a Rows<A::Operand>,
    /// How many rows before its own the first tap reads.
    pub(super) before: usize,
    pub(super) rows: Range<isize>,
    pub(super) samples: &'a mut Vec<f32>,
}

impl<A: Arithmetic> Task<A> for LastConvolution<'_, A> {
    #[inline(always)]
    fn perform(self, a: A) {
        let start = self.samples.len();
        for row in self.rows.clone() {
            // Rows are next to each other, as the taps are.
            let input = self.input.starting_at(row - self.before as isize);
            let input = &input[..self.weights.len()];
            let product = |at: usize, sum| {
                let (weights, input) = (&self.weights[at..], &input[at..]);
                a.multiply_add(a.load_operands(weights), a.load_operands(input), sum)
            };
            let [mut first, mut second] = [a.splat(0.0); 2];
            let pairs = input.len() / (2 * A::LANES);
            for at in (0..pairs).map(|pair| pair * 2 * A::LANES) {
                first = product(at, first);
                second = product(at + A::LANES, second);
            }
            if input.len() > pairs * 2 * A::LANES {
                first = product(pairs * 2 * A::LANES, first);
            }
            self.samples.push(a.total(a.add(first, second)) + self.bias);
        }
        for values in self.samples[start..].chunks_mut(A::LANES) {
            let mut vector = [0.0; MAX_LANES];
            vector[..values.len()].copy_from_slice(values);
            let sample = tanh(a, a.load(&vector));
            a.store(sample, &mut vector);
            values.copy_from_slice(&vector[..values.len()]);
        }
    }
}
