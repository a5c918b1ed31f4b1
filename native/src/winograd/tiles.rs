//! Rows of outputs that are computed together.

use std::ops::Range;

/// The tiles that some rows are in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tiles {
    /// A multiple of the rows of tiles side by side.
    start: isize,
    dilation: usize,
    /// Outputs of a tile.
    outputs: usize,
    pub(crate) count: usize,
}

impl Tiles {
    pub(super) fn of(rows: &Range<isize>, dilation: usize, outputs: usize) -> Self {
        let side_by_side = (outputs * dilation) as isize;
        let start = rows.start.div_euclid(side_by_side);
        let end = match rows.is_empty() {
            true => start,
            false => (rows.end + side_by_side - 1).div_euclid(side_by_side),
        };
        Self {
            start: start * side_by_side,
            dilation,
            outputs,
            count: usize::try_from(end - start).unwrap_or(0) * dilation,
        }
    }

    /// All their rows. A convolution reads what these rows need.
    pub(crate) fn rows(self) -> Range<isize> {
        self.start..self.start + (self.count * self.outputs) as isize
    }

    /// The first row of a tile.
    pub(crate) fn row(self, tile: usize) -> isize {
        let (side_by_side, n) = (tile / self.dilation, tile % self.dilation);
        self.start + (side_by_side * self.outputs * self.dilation + n) as isize
    }
}
