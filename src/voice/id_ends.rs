//! The durations of a sentence's ids → where each of them ends.

use crate::onnx::DURATIONS_OUTPUT;
use crate::runtime::{Outputs, Session};

/// How many frames each id of a sentence lasts, as the model says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Durations(Vec<f32>);

impl Durations {
    /// Those that an aligner made.
    pub(super) fn new(frames: Vec<f32>) -> Self {
        Self(frames)
    }

    /// Reads them from the outputs of `session`; `None` if it does not declare them.
    pub(super) fn read(outputs: &Outputs<'_>, session: &Session) -> Option<Self> {
        let (_, frames) = outputs.floats(session.output(DURATIONS_OUTPUT)?).ok()?;
        let is_duration = |frames: &f32| frames.is_finite() && *frames >= 0.0;
        frames
            .iter()
            .all(is_duration)
            .then(|| Self(frames.to_vec()))
    }

    /// Returns the frames of the sentence.
    pub(super) fn frames(&self) -> f64 {
        self.0.iter().map(|frames| f64::from(*frames)).sum()
    }

    /// Returns the ends of the ids in a sentence of `samples`, of which the first
    /// `cut` are not spoken.
    pub(super) fn ends(&self, samples: u64, cut: u64) -> Vec<u64> {
        let per_frame = samples as f64 / self.frames().max(1.0);
        let mut frames = 0.0;
        let ends = self.0.iter().map(|own| {
            frames += f64::from(*own);
            ((frames * per_frame).round() as u64).saturating_sub(cut)
        });
        ends.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_end_after_their_frames() {
        let durations = Durations(vec![2.0, 0.0, 3.0, 5.0]);
        assert_eq!(durations.ends(1000, 0), [200, 200, 500, 1000]);
        assert_eq!(durations.ends(1000, 300), [0, 0, 200, 700]);
        assert!(Durations::default().ends(0, 0).is_empty());
    }
}
