//! The taps of a convolution in groups, and their values at the points.

use std::ops::Range;

use super::POINTS;
use super::tiles::Tiles;

/// The finite points, and what the values of taps there are multiplied by: what the
/// evaluation of inputs and outputs leaves out.
const FINITE: [(f64, f64); POINTS - 1] = [
    (0.0, 1.0 / 4.0),
    (1.0, -1.0 / 6.0),
    (-1.0, -1.0 / 6.0),
    (2.0, 1.0 / 24.0),
    (-2.0, 1.0 / 24.0),
];

/// How the taps of a convolution are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Groups {
    /// Taps of a complete group.
    taps: usize,
    complete: usize,
    /// Taps of the last group if it is not complete, or 0.
    rest: usize,
}

impl Groups {
    /// Three taps in a group cost the fewest products. Four or five in one group cost a
    /// tenth more than in two, but have half of the values.
    pub(crate) fn of(taps: usize) -> Self {
        let in_group = match taps {
            4 | 5 => 5,
            _ => 3,
        };
        Self {
            taps: in_group,
            complete: taps / in_group,
            rest: taps % in_group,
        }
    }

    /// Outputs of a tile.
    pub(crate) fn outputs(self) -> usize {
        POINTS + 1 - self.taps
    }

    /// The tiles that some rows are in.
    pub(crate) fn tiles(self, rows: &Range<isize>, dilation: usize) -> Tiles {
        Tiles::of(rows, dilation, self.outputs())
    }

    /// How many groups need a point: the first ones.
    pub(crate) fn count_at(self, point: usize) -> usize {
        let is_needed = match point {
            0 => self.rest > 1,
            5 => false,
            _ => self.rest > 0,
        };
        self.complete + usize::from(is_needed)
    }

    pub(crate) fn count(self) -> usize {
        self.complete + usize::from(self.rest > 0)
    }

    /// The tap that is the first of a group; −1 is a tap before the first one.
    pub(crate) fn first_tap(self, group: usize) -> isize {
        (group * self.taps) as isize - self.zeros_before(group) as isize
    }

    /// A single tap is the second one of its group.
    fn zeros_before(self, group: usize) -> usize {
        usize::from(group == self.complete && self.rest == 1)
    }

    /// Values for each pair of channels, at all points together.
    pub(crate) fn values(self) -> usize {
        (0..POINTS).map(|point| self.count_at(point)).sum()
    }

    /// Appends the values of taps in the order in which they are packed: of each point, of
    /// its groups.
    pub(crate) fn evaluate(self, taps: &[f32], values: &mut Vec<f32>) {
        for point in 0..POINTS {
            let groups = taps.chunks(self.taps).take(self.count_at(point));
            for (group, taps) in groups.enumerate() {
                values.push(self.value(group, taps, point));
            }
        }
    }

    /// The value of a group's taps at a point.
    fn value(self, group: usize, taps: &[f32], point: usize) -> f32 {
        let Some(&(x, factor)) = FINITE.get(point) else {
            return taps[self.taps - 1];
        };
        let mut power = match self.zeros_before(group) {
            0 => 1.0,
            _ => x,
        };
        let mut sum = 0.0;
        for &tap in taps {
            sum += power * f64::from(tap);
            power *= x;
        }
        (factor * sum) as f32
    }
}
