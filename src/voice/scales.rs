//! Piper's scales.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Piper's three settings of prosody, with Piper's names.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scales {
    /// Variation of the sound; 0 for none.
    pub noise_scale: f32,
    /// Factor of phoneme durations: above 1 is slower.
    pub length_scale: f32,
    /// Variation of phoneme durations; 0 for none.
    pub noise_w: f32,
}

impl Default for Scales {
    /// Piper's defaults for a config without scales.
    fn default() -> Self {
        Self {
            noise_scale: 0.667,
            length_scale: 1.0,
            noise_w: 0.8,
        }
    }
}

impl Scales {
    /// The valid noise scales, and values of noise W.
    pub const NOISE_RANGE: RangeInclusive<f32> = 0.0..=100.0;
    /// The valid length scales: others make no audible speech, or hours of it
    /// per word.
    pub const LENGTH_RANGE: RangeInclusive<f32> = 0.01..=100.0;

    /// Fails with the first scale that is out of range.
    pub fn check(&self) -> Result<(), ScaleOutOfRange> {
        let scales = [
            ("noise_scale", self.noise_scale, Self::NOISE_RANGE),
            ("length_scale", self.length_scale, Self::LENGTH_RANGE),
            ("noise_w", self.noise_w, Self::NOISE_RANGE),
        ];
        for (name, value, range) in scales {
            if !range.contains(&value) {
                return Err(ScaleOutOfRange { name, value, range });
            }
        }
        Ok(())
    }
}

/// A scale that no model can use.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name} {value} is not within {} to {}", range.start(), range.end())]
pub struct ScaleOutOfRange {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: f32,
    /// The valid range.
    pub range: RangeInclusive<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_out_of_range_is_named_with_its_range() {
        let message = |scales: Scales| scales.check().unwrap_err().to_string();
        let default = Scales::default();
        assert_eq!(default.check(), Ok(()));
        let cases = [
            (
                Scales {
                    noise_scale: -1.0,
                    ..default
                },
                "noise_scale -1 is not within 0 to 100",
            ),
            (
                Scales {
                    length_scale: 0.0,
                    ..default
                },
                "length_scale 0 is not within 0.01 to 100",
            ),
            (
                Scales {
                    noise_w: f32::NAN,
                    ..default
                },
                "noise_w NaN is not within 0 to 100",
            ),
        ];
        for (scales, expected) in cases {
            assert_eq!(message(scales), expected);
        }
    }
}
