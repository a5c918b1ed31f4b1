//! The logarithms of durations → whole frames.

use super::Sentence;
use crate::error::{Error, Result};

/// How many frames each id lasts at the sentence's speed.
pub(super) fn spoken(logarithms: &[f32], sentence: &Sentence<'_>) -> Result<Vec<f32>> {
    let natural = logarithms
        .iter()
        .map(|log| (log.exp() * sentence.length_scale).ceil());
    // The ends of the ids are divided, so that rounding is carried from id to id.
    let (mut natural_end, mut start) = (0.0_f32, 0.0_f32);
    let durations: Vec<f32> = natural
        .map(|frames| {
            natural_end += frames;
            let end = (natural_end / sentence.speed).round_ties_even();
            // The first id that is heard keeps a frame, so that the sentence is never
            // empty.
            let end = end.max(natural_end.min(1.0));
            end - std::mem::replace(&mut start, end)
        })
        .collect();
    // The smaller of a number and NaN is the number.
    match natural_end.is_finite() && start <= sentence.max_frames as f32 {
        true => Ok(durations),
        false => Err(Error::TooLong),
    }
}

/// The frames of a sentence; one if no id has a frame.
pub(super) fn frames(durations: &[f32]) -> usize {
    let frames: usize = durations.iter().map(|frames| *frames as usize).sum();
    frames.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken_at(speed: f32, frames: &[f32]) -> Result<Vec<f32>> {
        let logarithms: Vec<f32> = frames.iter().map(|frames| frames.ln()).collect();
        let sentence = Sentence {
            length_scale: 1.0,
            speed,
            max_frames: 100,
            ..Sentence::default()
        };
        spoken(&logarithms, &sentence)
    }

    #[test]
    fn durations_are_rounded_up_and_their_ends_divided() {
        let frames = [0.2, 2.5, 1.9, 3.1];
        assert_eq!(spoken_at(1.0, &frames), Ok(vec![1.0, 3.0, 2.0, 4.0]));
        assert_eq!(spoken_at(0.5, &frames), Ok(vec![2.0, 6.0, 4.0, 8.0]));
        // Ends 1, 4, 6, 10 become 0.25, 1, 1.5 and 2.5; a half goes to the even number.
        assert_eq!(spoken_at(4.0, &frames), Ok(vec![1.0, 0.0, 1.0, 0.0]));
    }

    #[test]
    fn a_sentence_without_end_is_an_error() {
        for frames in [101.0, f32::INFINITY, f32::NAN] {
            assert_eq!(spoken_at(1.0, &[1.0, frames]), Err(Error::TooLong));
        }
    }
}
