//! How a speed is reached: by the model, or by stretching its samples.

use std::ops::RangeInclusive;

use crate::voice::{ModelInfo, Speed};

/// The speeds at which a model is understood better than stretched samples.
///
/// A model that speaks faster leaves out the frames of short phonemes: at 1.5 a
/// recognizer gets 5 % of the words of en_US-joe-medium wrong, and 3.5 % of those
/// of stretched samples. At 0.5 it is 5 % either way, but stretched samples
/// buzz.
const MODEL_SPEEDS: RangeInclusive<f32> = 0.25..=1.0;

/// What the model and the stretcher do for a speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SpeedShares {
    /// The factor by which the model divides durations.
    pub(super) model: f32,
    /// The factor by which samples are stretched afterwards; `None` if they
    /// stay as they are.
    pub(super) stretcher: Option<f32>,
}

impl SpeedShares {
    pub(super) fn new(speed: Speed, model: &ModelInfo) -> Self {
        let share = match model.takes_speed {
            true => speed
                .get()
                .clamp(*MODEL_SPEEDS.start(), *MODEL_SPEEDS.end()),
            false => 1.0,
        };
        Self {
            model: share,
            stretcher: (share != speed.get()).then(|| speed.get() / share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(speed: f32, takes_speed: bool) -> (f32, Option<f32>) {
        let info = ModelInfo {
            takes_speed,
            ..ModelInfo::default()
        };
        let shares = SpeedShares::new(Speed::new(speed).unwrap(), &info);
        (shares.model, shares.stretcher)
    }

    #[test]
    fn at_the_natural_speed_nothing_is_stretched() {
        assert_eq!(shares(1.0, true), (1.0, None));
        assert_eq!(shares(1.0, false), (1.0, None));
    }

    #[test]
    fn a_model_without_the_input_leaves_all_to_the_stretcher() {
        assert_eq!(shares(0.5, false), (1.0, Some(0.5)));
        assert_eq!(shares(4.0, false), (1.0, Some(4.0)));
    }

    #[test]
    fn both_shares_make_the_speed() {
        for speed in [0.25, 0.5, 0.8, 1.25, 1.5, 2.0, 3.0, 4.0] {
            let (model, stretcher) = shares(speed, true);
            assert_eq!(model * stretcher.unwrap_or(1.0), speed);
            assert!(MODEL_SPEEDS.contains(&model));
        }
    }
}
