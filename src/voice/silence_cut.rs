//! Cutting off the silence around a sentence while its windows arrive.

use std::ops::Range;

use crate::onnx::KeptSilence;

/// Cuts the silence off as the stock model does, which knows the whole sentence.
#[derive(Debug, Default)]
pub(super) struct SilenceCut {
    kept: KeptSilence,
    stage: Stage,
    /// Samples that are heard only if a later frame is.
    held: Vec<f32>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No frame was heard yet.
    #[default]
    Before,
    /// After the frames that were passed on, this many are kept whatever follows.
    Sound { kept_frames: usize },
}

impl SilenceCut {
    pub(super) fn new(kept: KeptSilence) -> Self {
        Self {
            kept,
            stage: Stage::Before,
            held: Vec::new(),
        }
    }

    /// Replaces the samples of the next frames by those that can be passed on. `heard`:
    /// for each of these frames, whether it is heard.
    ///
    /// Returns, once, the silent frames that are kept before the sound. Those before them
    /// are cut off.
    pub(super) fn next(&mut self, heard: &[bool], samples: &mut Vec<f32>) -> Option<Range<usize>> {
        let hop = samples.len() / heard.len().max(1);
        let n_held = self.held.len() / hop.max(1);
        samples.splice(0..0, self.held.drain(..));
        let position = |at: Option<usize>| at.map(|frame| n_held + frame);
        let first = position(heard.iter().position(|&heard| heard));
        let last = position(heard.iter().rposition(|&heard| heard));
        let (silence, kept_frames) = match (self.stage, first) {
            (Stage::Before, None) => {
                self.held.append(samples);
                return None;
            }
            (Stage::Before, Some(first)) => {
                let start = first.saturating_sub(self.kept.frames_before);
                (Some(start..first), 0)
            }
            (Stage::Sound { kept_frames }, _) => (None, kept_frames),
        };
        let end = last.map_or(kept_frames, |last| last + 1 + self.kept.frames_after);
        let frames = n_held + heard.len();
        self.stage = Stage::Sound {
            kept_frames: end.saturating_sub(frames),
        };
        self.held.extend(samples.drain(end.min(frames) * hop..));
        let n_cut = silence.as_ref().map_or(0, |silence| silence.start);
        samples.drain(..n_cut * hop);
        silence
    }

    /// Appends what is left at the end of a sentence: nothing is cut off a silent one.
    pub(super) fn finish(&mut self, samples: &mut Vec<f32>) {
        if self.stage == Stage::Before {
            samples.append(&mut self.held);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOP: usize = 3;

    /// What a model cuts off that knows all frames.
    fn cut_at_once(kept: KeptSilence, heard: &[bool], samples: &[f32]) -> Vec<f32> {
        let Some(first) = heard.iter().position(|&heard| heard) else {
            return samples.to_vec();
        };
        let last = heard.iter().rposition(|&heard| heard).unwrap();
        let start = first.saturating_sub(kept.frames_before);
        let end = (last + 1 + kept.frames_after).min(heard.len());
        samples[start * HOP..end * HOP].to_vec()
    }

    proptest! {
        #[test]
        fn windows_are_cut_as_the_whole_sentence(
            heard in proptest::collection::vec(proptest::bool::weighted(0.2), 0..60),
            sizes in proptest::collection::vec(1usize..20, 1..9),
            (frames_before, frames_after) in (0usize..9, 0usize..9),
        ) {
            let kept = KeptSilence { frames_before, frames_after };
            let all: Vec<f32> = (0..heard.len() * HOP).map(|n| n as f32).collect();
            let (mut cut, mut found, mut at) = (SilenceCut::new(kept), Vec::new(), 0);
            for size in sizes.iter().cycle() {
                let window = at..(at + size).min(heard.len());
                let mut samples = all[window.start * HOP..window.end * HOP].to_vec();
                cut.next(&heard[window.clone()], &mut samples);
                found.append(&mut samples);
                at = window.end;
                if at == heard.len() {
                    break;
                }
            }
            cut.finish(&mut found);
            prop_assert_eq!(found, cut_at_once(kept, &heard, &all));
        }
    }

    #[test]
    fn sound_is_passed_on_before_the_end_is_known() {
        let kept = KeptSilence {
            frames_before: 1,
            frames_after: 1,
        };
        let mut cut = SilenceCut::new(kept);
        let mut samples = vec![1.0, 2.0, 3.0, 4.0, 5.0];
        let heard = [false, false, true, false, false];
        assert_eq!(cut.next(&heard, &mut samples), Some(1..2));
        assert_eq!(samples, [2.0, 3.0, 4.0]);
    }
}
