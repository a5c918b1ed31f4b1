//! A convolution along time, with what follows it: sums and an activation.
//!
//! Each output is computed in one order, whatever rows are computed with it: by its
//! definition, first the bias, then all channels of the first tap, of the second, and so
//! on; by Winograd's algorithm, in its tile. So samples depend neither on windows nor on
//! threads.

mod winograd_run;
#[cfg(test)]
mod winograd_tests;

use std::marker::PhantomData;
use std::ops::Range;

use self::winograd_run::WinogradRun;
pub(crate) use self::winograd_run::Workspace;

use crate::arithmetic::{Arithmetic, MAX_ROWS, Task};
use crate::packed::{Algorithm, Packed, Place, Sizes};
use crate::prefetch;
use crate::rows::Rows;

/// A convolution of some rows.
pub(crate) struct ConvolutionRun<'a, A: Arithmetic, F> {
    pub(crate) sizes: Sizes,
    pub(crate) algorithm: Algorithm,
    /// `[outputs / columns of a tile][taps][inputs / channels of an operand]`; by Winograd's
    /// algorithm, the taps are their values at the points.
    pub(crate) weights: &'a [A::Block],
    pub(crate) bias: &'a [f32],
    pub(crate) input: &'a Rows<A::Operand>,
    /// The rows to compute. By the definition they are rounded up to whole or half register
    /// tiles: fewer than `A::ROWS / 2` more rows get arbitrary values.
    pub(crate) rows: Range<isize>,
    pub(crate) finish: F,
}

impl<'a, A: Arithmetic, F> ConvolutionRun<'a, A, F> {
    /// Runs the convolution at a place for some rows.
    pub(crate) fn new(
        packed: &'a Packed,
        place: &Place,
        input: &'a Rows<A::Operand>,
        rows: Range<isize>,
        finish: F,
    ) -> Self {
        Self {
            sizes: place.sizes,
            algorithm: place.algorithm,
            weights: packed.weights(place),
            bias: packed.bias(place),
            input,
            rows,
            finish,
        }
    }
}

impl<A: Arithmetic, F: Finish<A>> ConvolutionRun<'_, A, F> {
    /// Runs it by the algorithm of its place.
    pub(crate) fn run(self, a: A, workspace: &mut Workspace<A::Operand>) {
        match self.algorithm {
            Algorithm::Direct => a.run(self),
            Algorithm::Winograd => a.run(WinogradRun::new(self, workspace)),
        }
    }
}

/// What is done with the outputs of a convolution while they are in registers.
pub(crate) trait Finish<A: Arithmetic> {
    /// Takes the outputs from `column` on of a row, which is counted from the first that
    /// is computed. There are `width` outputs in a row.
    fn finish(&mut self, a: A, sums: [A::Vector; 2], row: usize, column: usize, width: usize);
}

/// Takes only the first rows: not those that a tile computes too many.
pub(crate) struct FirstRows<F> {
    pub(crate) count: usize,
    pub(crate) finish: F,
}

impl<A: Arithmetic, F: Finish<A>> Finish<A> for FirstRows<F> {
    #[inline(always)]
    fn finish(&mut self, a: A, sums: [A::Vector; 2], row: usize, column: usize, width: usize) {
        if row < self.count {
            self.finish.finish(a, sums, row, column, width);
        }
    }
}

/// Sums and an activation. All slices begin with the first row.
pub(crate) struct FollowUp<'a, A: Arithmetic> {
    /// They are added to the outputs.
    pub(crate) addends: [Option<&'a [f32]>; 2],
    pub(crate) output: Output<'a>,
    pub(crate) activation: Option<Activation<'a, A>>,
}

/// Where the sums are stored.
pub(crate) enum Output<'a> {
    Nowhere,
    To(&'a mut [f32]),
    /// They are added to what is there.
    AddedTo(&'a mut [f32]),
}

/// A leaky ReLU.
pub(crate) struct Activation<'a, A: Arithmetic> {
    /// A factor before the activation.
    pub(crate) scale: f32,
    /// 1 leaves the values as they are.
    pub(crate) slope: f32,
    pub(crate) to: &'a mut [A::Operand],
}

/// Whether half a register tile is enough for the rows that are left. It has enough sums to
/// keep the multipliers busy.
#[inline(always)]
fn is_half<A: Arithmetic>(rows: usize) -> bool {
    rows <= A::ROWS / 2
}

/// A register tile, or half of it.
struct RegisterTile<A, const IS_HALF: bool>(PhantomData<A>);

impl<A: Arithmetic, const IS_HALF: bool> RegisterTile<A, IS_HALF> {
    const ROWS: usize = if IS_HALF { A::ROWS / 2 } else { A::ROWS };
}

/// Runs the body for each row of a tile, with a constant number. A loop would keep
/// the sums in memory, and take 2.7 times as long.
macro_rules! each_row {
    ($Tile:ty, $row:ident => $body:block) => {
        each_row!(@ $Tile, $row, $body, 0 1 2 3 4 5 6 7 8 9 10 11)
    };
    (@ $Tile:ty, $row:ident, $body:block, $($n:literal)*) => {
        $({ const $row: usize = $n; if $row < <$Tile>::ROWS $body })*
    };
}

use each_row;

/// Adds the products of the first rows of `input`, of so many operands, and as many blocks
/// of weights to the sums of each row. A function would keep the sums in memory as well.
macro_rules! multiply_rows {
    ($A:ident, $Tile:ty, $a:ident, $input:ident, $weights:ident, $width:ident, $sums:ident) => {
        let rows: [&[$A::Operand]; MAX_ROWS] = std::array::from_fn(|n| {
            let start = n * $width;
            if n < <$Tile>::ROWS {
                &$input[start..start + $width]
            } else {
                &[]
            }
        });
        for (n, block) in $weights.iter().enumerate().take($width) {
            prefetch::after(block);
            let [left, right] = $a.load_block(block);
            each_row!($Tile, ROW => {
                let operand = $a.broadcast(rows[ROW][n]);
                $sums[ROW][0] = $a.multiply_add(left, operand, $sums[ROW][0]);
                $sums[ROW][1] = $a.multiply_add(right, operand, $sums[ROW][1]);
            });
        }
    };
}

use multiply_rows;

impl<A: Arithmetic, F: Finish<A>> Task<A> for ConvolutionRun<'_, A, F> {
    #[inline(always)]
    fn perform(mut self, arithmetic: A) {
        let group = self.sizes.taps * self.sizes.inputs / A::CHANNELS;
        let columns = 2 * A::LANES;
        let rows = self.rows.clone();
        for (n, weights) in self.weights.chunks_exact(group).enumerate() {
            for (tile, row) in rows.clone().step_by(A::ROWS).enumerate() {
                let number = tile * A::ROWS;
                match is_half::<A>(rows.len() - number) {
                    true => self.tile::<true>(arithmetic, weights, n * columns, row, number),
                    false => self.tile::<false>(arithmetic, weights, n * columns, row, number),
                }
            }
        }
    }
}

impl<A: Arithmetic, F: Finish<A>> ConvolutionRun<'_, A, F> {
    /// Computes the outputs from `column` on of some rows, the first of which is `row`
    /// of the buffers, and `number` of those that are computed.
    #[inline(always)]
    fn tile<const IS_HALF: bool>(
        &mut self,
        a: A,
        weights: &[A::Block],
        column: usize,
        row: isize,
        number: usize,
    ) {
        let width = self.sizes.inputs / A::CHANNELS;
        let bias = &self.bias[column..];
        let mut sums = [[a.load(bias), a.load(&bias[A::LANES..])]; MAX_ROWS];
        let mut first = row - self.sizes.before as isize;
        for weights in weights.chunks_exact(width) {
            let input = self.input.starting_at(first);
            first += self.sizes.dilation as isize;
            multiply_rows!(A, RegisterTile<A, IS_HALF>, a, input, weights, width, sums);
        }
        let outputs = self.sizes.outputs;
        each_row!(RegisterTile<A, IS_HALF>, ROW => {
            self.finish.finish(a, sums[ROW], number + ROW, column, outputs);
        });
    }
}

impl<A: Arithmetic> Finish<A> for FollowUp<'_, A> {
    #[inline(always)]
    fn finish(&mut self, a: A, mut sums: [A::Vector; 2], row: usize, column: usize, width: usize) {
        let at = row * width + column;
        let [first, second] = self.addends;
        if let Some(addend) = first {
            sums = a.add_pairs(sums, a.load_pair(&addend[at..]));
        }
        if let Some(addend) = second {
            sums = a.add_pairs(sums, a.load_pair(&addend[at..]));
        }
        match &mut self.output {
            Output::Nowhere => {}
            Output::To(output) => a.store_pair(sums, &mut output[at..]),
            Output::AddedTo(output) => {
                let output = &mut output[at..];
                sums = a.add_pairs(sums, a.load_pair(output));
                a.store_pair(sums, output);
            }
        }
        if let Some(Activation { scale, slope, to }) = &mut self.activation {
            let (scale, slope) = (a.splat(*scale), a.splat(*slope));
            let to = &mut to[at / A::CHANNELS..][..2 * A::LANES / A::CHANNELS];
            let (left, right) = to.split_at_mut(A::LANES / A::CHANNELS);
            a.store_operands(leaky(a, sums[0], scale, slope), left);
            a.store_operands(leaky(a, sums[1], scale, slope), right);
        }
    }
}

/// The leaky ReLU of a product.
#[inline(always)]
fn leaky<A: Arithmetic>(a: A, value: A::Vector, scale: A::Vector, slope: A::Vector) -> A::Vector {
    let value = a.multiply(value, scale);
    a.max(value, a.multiply(value, slope))
}
