//! A convolution of each channel by itself.

use std::ops::Range;

use crate::arithmetic::{Arithmetic, Task};
use crate::rows::Rows;

/// A depthwise convolution of some rows. Channels are a multiple of a vector.
pub(crate) struct Depthwise<'a> {
    /// `[taps][channels]`
    pub(crate) weights: &'a [f32],
    /// One for each channel.
    pub(crate) bias: &'a [f32],
    pub(crate) dilation: usize,
    /// How many rows before its own the first tap reads.
    pub(crate) before: usize,
    pub(crate) input: &'a Rows<f32>,
    pub(crate) rows: Range<isize>,
    /// Begins with the first row.
    pub(crate) output: &'a mut [f32],
}

impl<A: Arithmetic> Task<A> for Depthwise<'_> {
    #[inline(always)]
    fn perform(self, a: A) {
        let channels = self.bias.len();
        let rows = self.rows.zip(self.output.chunks_exact_mut(channels));
        for (row, output) in rows {
            let first = row - self.before as isize;
            for at in (0..channels).step_by(A::LANES) {
                let mut sum = a.load(&self.bias[at..]);
                let mut from = first;
                for weights in self.weights.chunks_exact(channels) {
                    let input = a.load(&self.input.starting_at(from)[at..]);
                    sum = a.multiply_then_add(a.load(&weights[at..]), input, sum);
                    from += self.dilation as isize;
                }
                a.store(sum, &mut output[at..]);
            }
        }
    }
}
