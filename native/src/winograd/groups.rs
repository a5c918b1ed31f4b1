//! The taps of a convolution in groups, and their values at the points.

use std::ops::Range;

use super::POINTS;
use super::tiles::Tiles;

/// The finite points.
const FINITE: [f64; POINTS - 1] = [0.0, 1.0, -1.0, 2.0, -2.0];
/// What the values of taps at the points are multiplied by: what the evaluation of inputs and
/// outputs leaves out.
const FACTORS: [f64; POINTS - 1] = [1.0 / 4.0, -1.0 / 6.0, -1.0 / 6.0, 1.0 / 24.0, 1.0 / 24.0];

/// The powers of the finite points: by a group's first tap, its second, and so on.
const POWERS: [[f64; POINTS - 1]; MAX_TAPS] = powers();

/// The most taps of a group.
const MAX_TAPS: usize = 5;

const fn powers() -> [[f64; POINTS - 1]; MAX_TAPS] {
    let mut powers = [[1.0; POINTS - 1]; MAX_TAPS];
    let mut tap = 1;
    while tap < MAX_TAPS {
        let mut point = 0;
        while point < POINTS - 1 {
            powers[tap][point] = powers[tap - 1][point] * FINITE[point];
            point += 1;
        }
        tap += 1;
    }
    powers
}

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
        let start = values.len();
        values.resize(start + self.values(), 0.0);
        let values = &mut values[start..];
        for (group, taps) in taps.chunks(self.taps).enumerate() {
            let mut first = 0;
            for (point, value) in self.at_points(group, taps).into_iter().enumerate() {
                let groups = self.count_at(point);
                if group < groups {
                    values[first + group] = value;
                }
                first += groups;
            }
        }
    }

    /// The values of a group's taps.
    fn at_points(self, group: usize, taps: &[f32]) -> [f32; POINTS] {
        let mut sums = [0.0; POINTS - 1];
        for (&tap, powers) in taps.iter().zip(&POWERS[self.zeros_before(group)..]) {
            for (sum, power) in sums.iter_mut().zip(powers) {
                *sum += power * f64::from(tap);
            }
        }
        let mut values = [taps[taps.len() - 1]; POINTS]; // so at infinity
        for ((value, sum), factor) in values.iter_mut().zip(sums).zip(FACTORS) {
            *value = (factor * sum) as f32;
        }
        values
    }
}
