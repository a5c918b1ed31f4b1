//! How loud a voice is without normalization.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::VoiceConfig;
use super::content_hash::ContentHash;
use super::model::{Inference, Model, check_finite};
use super::trial;
use super::windows::OptimizeFor;
use crate::Result;
use crate::audio::loudness::{Lufs, integrated};
use crate::phoneme::Phonemes;
use crate::phoneme_id::{PhonemeIds, UnknownPhonemes};

/// Open, stressed syllables, because they are loud, of sounds that nearly
/// every language has. Phonemes that a voice does not know are left out.
const SYLLABLES: &str = "tˈa mˈe nˈi sˈo lˈu, bˈa dˈe kˈi pˈo fˈu.";

/// How much louder these syllables are than a paragraph in the same voice: the
/// mean of trained voices, which differ by 1 dB.
const SYLLABLES_ABOVE_PROSE_DB: f32 = 0.3;

/// Returns how loud prose is in this voice, estimated from a few syllables with
/// the voice's own scales and its default speaker; the same every time. `None`
/// if they are silent. Costs as much as about two seconds of speech.
pub(super) fn reference_loudness(
    model: &Arc<dyn Model>,
    ids: &PhonemeIds,
    config: &VoiceConfig,
) -> Result<Option<Lufs>> {
    let takes_speaker = model.info().takes_speaker;
    let mut inference = Inference {
        ids: Vec::new(),
        scales: config.scales,
        speed: 1.0,
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
    let syllables = integrated(&samples, config.sample_rate);
    Ok(syllables.map(|Lufs(syllables)| Lufs(syllables - SYLLABLES_ABOVE_PROSE_DB)))
}

/// Returns a hash of what [`reference_loudness`] takes from a config: another
/// config of the same model may give another loudness.
pub(super) fn config_hash(config: &VoiceConfig) -> ContentHash {
    let VoiceConfig {
        sample_rate,
        phoneme_id_map,
        vowel_clusters,
        scales,
        default_speaker_id,
        ..
    } = config;
    let ids: BTreeMap<_, _> = phoneme_id_map.iter().collect();
    let used =
        format!("{sample_rate:?} {ids:?} {vowel_clusters:?} {scales:?} {default_speaker_id}");
    ContentHash::of_parts([used.as_bytes()])
}
