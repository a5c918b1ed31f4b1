//! How loud a voice is by nature.

use std::sync::Arc;

use super::config::VoiceConfig;
use super::model::{Inference, Model, check_finite, samples_of};
use super::window::Pace;
use crate::Result;
use crate::phoneme::Phonemes;
use crate::phoneme_id::{PhonemeIds, UnknownPhonemes};

/// A few syllables of sounds that nearly every language has, open and
/// stressed, for those are loud. What a voice does not know is left out.
const SYLLABLES: &str = "tˈa mˈe nˈi sˈo lˈu, bˈa dˈe kˈi pˈo fˈu.";

/// Returns the peak of a few syllables in the voice's default manner, the same
/// every time. Costs about two seconds of speech.
pub(super) fn reference_peak(
    model: &Arc<dyn Model>,
    ids: &PhonemeIds,
    config: &VoiceConfig,
) -> Result<f32> {
    let mut inference = Inference {
        ids: Vec::new(),
        scales: config.scales,
        speaker: model.takes_speaker().then_some(config.default_speaker_id),
        seed: 0,
        pace: Pace::Bulk,
    };
    let phonemes = Phonemes::from(SYLLABLES.to_owned());
    ids.encode(
        &phonemes,
        &mut inference.ids,
        &mut UnknownPhonemes::default(),
    );
    let samples = samples_of(Arc::clone(model), inference)?;
    check_finite(&samples)?;
    Ok(samples
        .iter()
        .fold(0.0, |peak, sample| peak.max(sample.abs())))
}
