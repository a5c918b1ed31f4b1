//! A convolution by Winograd's algorithm, tile by tile.

use super::{ConvolutionRun, Finish, RegisterTile, each_row, is_half, multiply_rows};
use crate::arithmetic::{Arithmetic, MAX_ROWS, Task, floats, floats_mut};
use crate::prefetch;
use crate::winograd::{Groups, POINTS, Tiles};

/// Tiles that are computed together: a multiple of all `ROWS`. Their inputs are evaluated
/// once, and stay in the second cache while all outputs are computed.
const BLOCK: usize = 24;

/// The buffers of a convolution.
#[derive(Debug, Default)]
pub(crate) struct Workspace<T> {
    /// The values of inputs, `[points][groups][tiles of a block][channels]`.
    inputs: Vec<T>,
    /// Sums of products, `[points][tiles of a block][columns of a register tile]`.
    sums: Vec<f32>,
}

/// A convolution of some rows. Its weights are `[outputs / columns of a register
/// tile][points][groups][inputs]`, as [`Groups`] says which groups a point has.
pub(super) struct WinogradRun<'a, A: Arithmetic, F> {
    run: ConvolutionRun<'a, A, F>,
    groups: Groups,
    tiles: Tiles,
    workspace: &'a mut Workspace<A::Operand>,
}

impl<'a, A: Arithmetic, F: Finish<A>> WinogradRun<'a, A, F> {
    pub(super) fn new(
        run: ConvolutionRun<'a, A, F>,
        workspace: &'a mut Workspace<A::Operand>,
    ) -> Self {
        const { assert!(BLOCK.is_multiple_of(A::ROWS), "its last tile is whole") };
        let groups = Groups::of(run.sizes.taps);
        let inputs = POINTS * groups.count() * BLOCK * run.sizes.inputs;
        workspace.inputs.resize(inputs, A::Operand::default());
        let sums = POINTS * BLOCK * 2 * A::LANES;
        workspace.sums.resize(sums, 0.0);
        Self {
            groups,
            tiles: groups.tiles(&run.rows, run.sizes.dilation),
            run,
            workspace,
        }
    }
}

impl<A: Arithmetic, F: Finish<A>> Task<A> for WinogradRun<'_, A, F> {
    #[inline(always)]
    fn perform(mut self, a: A) {
        let columns = 2 * A::LANES;
        let of_columns = self.groups.values() * self.run.sizes.inputs;
        let weights = self.run.weights;
        for first in (0..self.tiles.count).step_by(BLOCK) {
            let count = BLOCK.min(self.tiles.count - first);
            for tile in 0..count {
                self.evaluate(a, self.tiles.row(first + tile), tile);
            }
            for (n, weights) in weights.chunks_exact(of_columns).enumerate() {
                self.multiply(a, weights, count);
                for tile in 0..count {
                    self.outputs(a, n * columns, self.tiles.row(first + tile), tile);
                }
            }
        }
    }
}

impl<A: Arithmetic, F: Finish<A>> WinogradRun<'_, A, F> {
    /// Evaluates the inputs of the tile at `row`.
    #[inline(always)]
    fn evaluate(&mut self, a: A, row: isize, tile: usize) {
        let (width, dilation) = (self.run.sizes.inputs, self.run.sizes.dilation);
        let (minus, two, minus_two) = (a.splat(-1.0), a.splat(2.0), a.splat(-2.0));
        let (four, minus_four, minus_five) = (a.splat(4.0), a.splat(-4.0), a.splat(-5.0));
        for group in 0..self.groups.count() {
            let first = row - self.run.sizes.before as isize
                + self.groups.first_tap(group) * dilation as isize;
            let has_zero = group < self.groups.count_at(0);
            let has_infinity = group < self.groups.count_at(POINTS - 1);
            // Rows that are not needed may be outside of the buffer.
            let rows: [&[f32]; POINTS] = std::array::from_fn(|n| {
                let is_read = match n {
                    0 => has_zero,
                    5 => has_infinity,
                    _ => true,
                };
                if is_read {
                    let row = self.run.input.starting_at(first + (n * dilation) as isize);
                    floats::<A>(&row[..width])
                } else {
                    &[]
                }
            });
            let of_point = self.groups.count() * BLOCK * width;
            let mut points = self.workspace.inputs.chunks_exact_mut(of_point);
            let at = (group * BLOCK + tile) * width;
            let values: [&mut [f32]; POINTS] = std::array::from_fn(|_| {
                let point = points.next().expect("values for each point");
                floats_mut::<A>(&mut point[at..at + width])
            });
            for at in (0..width).step_by(2 * A::LANES) {
                let (b, c) = (a.load_pair(&rows[1][at..]), a.load_pair(&rows[2][at..]));
                let (d, e) = (a.load_pair(&rows[3][at..]), a.load_pair(&rows[4][at..]));
                let even = times_then_add(a, minus_four, c, e);
                let odd = times_then_add(a, minus_four, b, d);
                a.store_pair(a.add_pairs(even, odd), &mut values[1][at..]);
                let difference = times_then_add(a, minus, odd, even);
                a.store_pair(difference, &mut values[2][at..]);
                let even = times_then_add(a, minus, c, e);
                let odd = times_then_add(a, minus, b, d);
                let sum = times_then_add(a, two, odd, even);
                a.store_pair(sum, &mut values[3][at..]);
                let difference = times_then_add(a, minus_two, odd, even);
                a.store_pair(difference, &mut values[4][at..]);
                if has_zero {
                    let value = times_then_add(a, minus_five, c, e);
                    let value = times_then_add(a, four, a.load_pair(&rows[0][at..]), value);
                    a.store_pair(value, &mut values[0][at..]);
                }
                if has_infinity {
                    let value = times_then_add(a, minus_five, d, a.load_pair(&rows[5][at..]));
                    let value = times_then_add(a, four, b, value);
                    a.store_pair(value, &mut values[5][at..]);
                }
            }
        }
    }

    /// Multiplies the values of some tiles by those of the taps, for the outputs of a
    /// register tile.
    #[inline(always)]
    fn multiply(&mut self, a: A, mut weights: &[A::Block], count: usize) {
        let width = self.run.sizes.inputs;
        let columns = 2 * A::LANES;
        let group_size = BLOCK * width;
        for point in 0..POINTS {
            let groups = self.groups.count_at(point);
            let (of_point, rest) = weights.split_at(groups * width);
            weights = rest;
            let inputs = &self.workspace.inputs[point * self.groups.count() * group_size..];
            let sums = &mut self.workspace.sums[point * BLOCK * columns..];
            for tile in (0..count).step_by(A::ROWS) {
                let inputs = &inputs[tile * width..];
                let sums = &mut sums[tile * columns..];
                match is_half::<A>(count - tile) {
                    true => multiply_tile::<A, true>(a, of_point, inputs, width, sums),
                    false => multiply_tile::<A, false>(a, of_point, inputs, width, sums),
                }
            }
        }
    }

    /// Computes the outputs from `column` on of the tile at `row`.
    // Closures would not be compiled for the instruction set.
    #[inline(always)]
    fn outputs(&mut self, a: A, column: usize, row: isize, tile: usize) {
        let point = BLOCK * 2 * A::LANES;
        let sums = &self.workspace.sums[tile * 2 * A::LANES..];
        let zero = a.load_pair(sums);
        let one = a.load_pair(&sums[point..]);
        let minus_one = a.load_pair(&sums[2 * point..]);
        let two = a.load_pair(&sums[3 * point..]);
        let minus_two = a.load_pair(&sums[4 * point..]);
        let infinity = a.load_pair(&sums[5 * point..]);
        let bias = a.load_pair(&self.run.bias[column..]);
        let minus = a.splat(-1.0);
        let even = a.add_pairs(a.add_pairs(one, minus_one), bias);
        let odd = a.add_pairs(times_then_add(a, minus, minus_one, one), bias);
        let far_even = a.add_pairs(two, minus_two);
        let far_odd = times_then_add(a, minus, minus_two, two);
        let first = a.add_pairs(a.add_pairs(zero, even), far_even);
        let second = times_then_add(a, a.splat(2.0), far_odd, odd);
        self.output(a, first, column, row, 0);
        if self.groups.outputs() == 2 {
            self.output(a, a.add_pairs(second, infinity), column, row, 1);
        } else {
            self.output(a, second, column, row, 1);
            let third = times_then_add(a, a.splat(4.0), far_even, even);
            self.output(a, third, column, row, 2);
            let fourth = times_then_add(a, a.splat(8.0), far_odd, odd);
            self.output(a, a.add_pairs(fourth, infinity), column, row, 3);
        }
    }

    /// Finishes an output of the tile at `row` if it is one of those to compute.
    #[inline(always)]
    fn output(&mut self, a: A, sums: [A::Vector; 2], column: usize, row: isize, n: usize) {
        let ConvolutionRun {
            sizes,
            rows,
            finish,
            ..
        } = &mut self.run;
        let row = row + (n * sizes.dilation) as isize;
        if rows.contains(&row) {
            let number = (row - rows.start) as usize;
            finish.finish(a, sums, number, column, sizes.outputs);
        }
    }
}

/// Computes the sums of a register tile at a point, over all groups.
#[inline(always)]
fn multiply_tile<A: Arithmetic, const IS_HALF: bool>(
    a: A,
    weights: &[A::Block],
    inputs: &[A::Operand],
    width: usize,
    to: &mut [f32],
) {
    let columns = 2 * A::LANES;
    let mut sums = [[a.splat(0.0); 2]; MAX_ROWS];
    for (group, weights) in weights.chunks_exact(width).enumerate() {
        let inputs = &inputs[group * BLOCK * width..];
        multiply_rows!(A, RegisterTile<A, IS_HALF>, a, inputs, weights, width, sums);
    }
    let to = &mut to[..RegisterTile::<A, IS_HALF>::ROWS * columns];
    each_row!(RegisterTile<A, IS_HALF>, ROW => {
        a.store_pair(sums[ROW], &mut to[ROW * columns..]);
    });
}

/// `factor × a + b`, of two vectors.
#[inline(always)]
fn times_then_add<A: Arithmetic>(
    arithmetic: A,
    factor: A::Vector,
    a: [A::Vector; 2],
    b: [A::Vector; 2],
) -> [A::Vector; 2] {
    let [left, right] = a;
    [
        arithmetic.multiply_then_add(factor, left, b[0]),
        arithmetic.multiply_then_add(factor, right, b[1]),
    ]
}
