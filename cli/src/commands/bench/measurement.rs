//! A quantity that was measured several times.

use std::time::Duration;

use serde::Serialize;

/// The median of several rounds, and their range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Measurement {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Measurement {
    /// Summarizes the values of the rounds. Returns `None` without rounds.
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

    /// Summarizes durations, in milliseconds.
    pub(super) fn of_ms(rounds: &[Duration]) -> Option<Self> {
        Self::of(rounds.iter().map(|t| t.as_secs_f64() * 1000.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_between_the_least_and_the_most() {
        let cases: [(&[f64], f64); 3] = [
            (&[3.0], 3.0),
            (&[9.0, 1.0, 2.0], 2.0),
            (&[4.0, 1.0, 2.0, 9.0], 3.0),
        ];
        for (rounds, median) in cases {
            assert_eq!(Measurement::of(rounds.to_vec()).unwrap().median, median);
        }
        assert_eq!(Measurement::of(Vec::new()), None);
        let measurement = Measurement::of(vec![2.0, 1.0]).unwrap();
        assert_eq!((measurement.least, measurement.most), (1.0, 2.0));
    }
}
