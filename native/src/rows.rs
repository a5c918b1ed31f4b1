//! Buffers along time: a row of channels for each position.

use std::ops::Range;

use crate::arithmetic::{Arithmetic, MAX_ROWS};
use crate::packed::padded;
use crate::{Error, Result};

/// Rows of values, one for each position of a range. Positions before the sentence
/// are negative.
#[derive(Debug, Default)]
pub(crate) struct Rows<T> {
    /// At least those of the range: it never gets shorter.
    values: Vec<T>,
    /// Values in a row.
    width: usize,
    range: Range<isize>,
}

impl<T: Copy + Default> Rows<T> {
    /// Zeros for the rows from 0 to `length`, for `margin` more on each side, and for
    /// those that a tile computes too many.
    pub(crate) fn zeros(length: usize, margin: usize, width: usize) -> Self {
        Self::over(&(0..length as isize), margin, width)
    }

    /// The same for the rows of a range.
    pub(crate) fn over(range: &Range<isize>, margin: usize, width: usize) -> Self {
        let mut rows = Self::default();
        let start = range.start - margin as isize;
        let end = range.end + (margin + MAX_ROWS) as isize;
        rows.reset(start..end, width);
        rows
    }

    /// Makes it hold `range`, with any values.
    pub(crate) fn reset(&mut self, range: Range<isize>, width: usize) {
        (self.width, self.range) = (width, range);
        let len = self.len();
        if self.values.len() < len {
            // A new vector: `resize` would copy the old values, and might reserve more.
            self.values = vec![T::default(); len];
        }
    }

    /// Makes it hold `range`: the rows that it held before keep their values, the others get
    /// any.
    pub(crate) fn slide(&mut self, range: Range<isize>, width: usize) {
        let start = self.range.start.max(range.start);
        let end = self.range.end.min(range.end);
        if start >= end || self.width != width {
            return self.reset(range, width);
        }
        let kept = self.index(start)..self.index(end);
        self.range = range;
        let (to, len) = (self.index(start), self.len());
        if self.values.len() < len {
            let mut values = vec![T::default(); len];
            values[to..to + kept.len()].copy_from_slice(&self.values[kept]);
            self.values = values;
        } else {
            self.values.copy_within(kept, to);
        }
    }

    /// Makes it hold no rows.
    pub(crate) fn clear(&mut self) {
        self.range = 0..0;
    }

    /// Values of the range.
    fn len(&self) -> usize {
        let rows = usize::try_from(self.range.end - self.range.start).unwrap_or(0);
        rows * self.width
    }

    /// Values in a row.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// The values from `row` on.
    pub(crate) fn starting_at(&self, row: isize) -> &[T] {
        &self.values[self.index(row)..self.len()]
    }

    /// The values from `row` on.
    pub(crate) fn starting_at_mut(&mut self, row: isize) -> &mut [T] {
        let (index, len) = (self.index(row), self.len());
        &mut self.values[index..len]
    }

    /// Sets all rows outside of `range` to zero: convolutions look beyond the ends of
    /// a sentence.
    pub(crate) fn clear_outside(&mut self, range: &Range<isize>) {
        let end = range.start.clamp(self.range.start, self.range.end);
        let start = range.end.clamp(self.range.start, self.range.end);
        let (end, start) = (self.index(end), self.index(start));
        self.values[..end].fill(T::default());
        let len = self.len();
        self.values[start..len].fill(T::default());
    }

    fn index(&self, row: isize) -> usize {
        let rows = usize::try_from(row - self.range.start).expect("a row of the buffer");
        rows * self.width
    }
}

/// Copies columns of `[channels][columns]` to rows of padded channels, as operands.
pub(crate) fn transpose<A: Arithmetic>(
    a: A,
    values: &[f32],
    channels: usize,
    columns: Range<usize>,
    rows: &mut [A::Operand],
) -> Result<()> {
    let given = values.len() / channels;
    if columns.end > given {
        return Err(Error::Disagreement);
    }
    let mut channels_of_row = vec![0.0; padded::<A>(channels)];
    let rows = rows.chunks_exact_mut(channels_of_row.len() / A::CHANNELS);
    for (row, column) in rows.zip(columns) {
        let values = values[column..].iter().step_by(given);
        let to = channels_of_row.iter_mut();
        to.zip(values).for_each(|(to, &from)| *to = from);
        let operands = channels_of_row.chunks_exact(A::CHANNELS);
        let operands = operands.map(|channels| a.operand(channels));
        row.iter_mut()
            .zip(operands)
            .for_each(|(to, from)| *to = from);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of two values that are their positions.
    fn numbered(range: Range<isize>) -> Rows<isize> {
        let mut rows = Rows::default();
        rows.reset(range.clone(), 2);
        for row in range {
            rows.starting_at_mut(row)[..2].fill(row);
        }
        rows
    }

    #[test]
    fn rows_that_are_in_both_ranges_keep_their_values() {
        for range in [-3..5, 2..4, 4..20, -9..30, 8..12, -4..0, 3..3] {
            let mut rows = numbered(-3..9);
            rows.slide(range.clone(), 2);
            for row in range.start.max(-3)..range.end.min(9) {
                assert_eq!(rows.starting_at(row)[..2], [row; 2], "{range:?}");
            }
            let count = (range.end - range.start) as usize;
            assert_eq!(rows.starting_at(range.start).len(), 2 * count, "{range:?}");
        }
    }

    #[test]
    fn rows_of_another_width_or_without_old_ones_hold_any_values() {
        let mut rows = numbered(0..4);
        rows.slide(0..6, 3);
        assert_eq!(rows.starting_at(0).len(), 18);
        rows.clear();
        rows.slide(5..7, 3);
        assert_eq!(rows.starting_at(6).len(), 3);
    }
}
