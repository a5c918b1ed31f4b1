//! One measured quantity: several rounds, and the one in the middle.

use std::time::Duration;

use serde::Serialize;

/// A quantity measured over some rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Figure {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Figure {
    /// Sums up what the rounds gave; there is at least one.
    pub(super) fn of(mut rounds: Vec<f64>) -> Option<Self> {
        rounds.sort_by(f64::total_cmp);
        let (least, most) = (*rounds.first()?, *rounds.last()?);
        let (low, high) = (rounds[(rounds.len() - 1) / 2], rounds[rounds.len() / 2]);
        Some(Self {
            median: f64::midpoint(low, high),
            least,
            most,
        })
    }

    /// Sums up times, in milliseconds.
    pub(super) fn of_ms(rounds: &[Duration]) -> Option<Self> {
        Self::of(rounds.iter().map(|t| t.as_secs_f64() * 1000.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_in_the_middle_counts() {
        let cases: [(&[f64], f64); 3] = [
            (&[3.0], 3.0),
            (&[9.0, 1.0, 2.0], 2.0),
            (&[4.0, 1.0, 2.0, 9.0], 3.0),
        ];
        for (rounds, median) in cases {
            assert_eq!(Figure::of(rounds.to_vec()).unwrap().median, median);
        }
        assert_eq!(Figure::of(Vec::new()), None);
        let figure = Figure::of(vec![2.0, 1.0]).unwrap();
        assert_eq!((figure.least, figure.most), (1.0, 2.0));
    }
}
