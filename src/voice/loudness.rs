//! How loud a voice is without normalization.

use std::sync::Arc;

use super::config::VoiceConfig;
use super::model::{Inference, Model, check_finite};
use super::trial;
use super::windows::OptimizeFor;
use crate::Result;
use crate::phoneme::Phonemes;
use crate::phoneme_id::{PhonemeIds, UnknownPhonemes};

/// Open, stressed syllables, because they are loud, of sounds that nearly
/// every language has. Phonemes that a voice does not know are left out.
const SYLLABLES: &str = "tˈa mˈe nˈi sˈo lˈu, bˈa dˈe kˈi pˈo fˈu.";

/// Returns the peak of a few syllables with the voice's own scales, the same
/// every time. Costs as much as about two seconds of speech.
pub(super) fn reference_peak(
    model: &Arc<dyn Model>,
    ids: &PhonemeIds,
    config: &VoiceConfig,
) -> Result<f32> {
    let takes_speaker = model.info().takes_speaker;
    let mut inference = Inference {
        ids: Vec::new(),
        scales: config.scales,
        speaker: takes_speaker.then_some(config.default_speaker_id),
        seed: 0,
        optimize_for: OptimizeFor::Throughput,
    };
    let phonemes = Phonemes::from(SYLLABLES.to_owned());
    ids.encode(
        &phonemes,
        &mut inference.ids,
        &mut UnknownPhonemes::default(),
    );
    let samples = trial::speak(Arc::clone(model), inference)?;
    check_finite(&samples)?;
    Ok(samples
        .iter()
        .fold(0.0, |peak, sample| peak.max(sample.abs())))
}
