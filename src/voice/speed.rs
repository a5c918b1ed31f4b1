//! How fast a voice speaks.

use std::ops::RangeInclusive;
use std::time::Duration;

/// How many times as fast as the voice's own rate: 2 halves the duration of
/// speech and of pauses, and keeps the pitch.
///
/// The same number means the same for every voice, unlike Piper's
/// [length scale](super::Scales), which is rounded up to whole frames for each
/// phoneme.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed(f32);

impl Default for Speed {
    /// The voice's own rate.
    fn default() -> Self {
        Self::NATURAL
    }
}

impl Speed {
    /// The voice's own rate.
    pub const NATURAL: Self = Self(1.0);

    /// The speeds at which speech can be understood, perhaps after practice.
    pub const RANGE: RangeInclusive<f32> = 0.25..=4.0;

    /// Fails if `times` is out of [range](Self::RANGE).
    pub fn new(times: f32) -> Result<Self, SpeedOutOfRange> {
        match Self::RANGE.contains(&times) {
            true => Ok(Self(times)),
            false => Err(SpeedOutOfRange { speed: times }),
        }
    }

    /// Returns the number.
    pub fn get(self) -> f32 {
        self.0
    }

    /// Returns how long something lasts at this speed that lasts `natural` at
    /// the voice's own rate.
    pub fn duration(self, natural: Duration) -> Duration {
        match self {
            Self::NATURAL => natural,
            Self(times) => natural.div_f32(times),
        }
    }
}

/// A speed that is too slow or too fast.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("speed {speed} is not within {} to {}", Speed::RANGE.start(), Speed::RANGE.end())]
pub struct SpeedOutOfRange {
    /// The speed.
    pub speed: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_out_of_range_is_named_with_the_range() {
        for times in [0.25, 1.0, 4.0] {
            assert_eq!(Speed::new(times).unwrap().get(), times);
        }
        for times in [0.0, -1.0, 0.24, 4.1, f32::NAN, f32::INFINITY] {
            let message = Speed::new(times).unwrap_err().to_string();
            assert_eq!(message, format!("speed {times} is not within 0.25 to 4"));
        }
    }

    #[test]
    fn twice_as_fast_is_half_as_long() {
        let second = Duration::from_secs(1);
        let at = |times| Speed::new(times).unwrap().duration(second);
        assert_eq!(at(2.0), second / 2);
        assert_eq!(at(0.5), second * 2);
        assert_eq!(Speed::NATURAL.duration(Duration::MAX), Duration::MAX);
    }
}
