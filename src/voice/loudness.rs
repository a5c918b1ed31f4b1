//! How loud a voice is without normalization.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::VoiceConfig;
use super::content_hash::ContentHash;
use super::model::{Inference, Model, check_finite};
use super::reference_text::sentences;
use super::trial;
use super::windows::OptimizeFor;
use crate::Result;
use crate::audio::loudness::VoiceLoudness;
use crate::phoneme::Phonemes;
use crate::phoneme_id::{PhonemeIds, UnknownPhonemes};
use crate::threads;

/// Returns how loud prose is in this voice, measured with three sentences, the
/// voice's own scales and its default speaker; the same every time. `None` if they
/// are silent. Costs as much as about 13 seconds of speech.
pub(super) fn reference_loudness(
    model: &Arc<dyn Model>,
    ids: &PhonemeIds,
    config: &VoiceConfig,
) -> Result<Option<VoiceLoudness>> {
    let takes_speaker = model.info().takes_speaker;
    let speak = |sentence: &str| {
        let mut inference = Inference {
            ids: Vec::new(),
            scales: config.scales,
            speed: 1.0,
            speaker: takes_speaker.then_some(config.default_speaker_id),
            seed: 0,
            optimize_for: OptimizeFor::Throughput,
        };
        let phonemes = Phonemes::from(sentence.to_owned());
        let mut unknown = UnknownPhonemes::default();
        ids.encode(&phonemes, &mut inference.ids, &mut unknown);
        let samples = trial::speak(Arc::clone(model), inference)?;
        check_finite(&samples)?;
        Ok(samples)
    };
    let [first, second, third] = sentences(config);
    let sentences = match model.info().workers {
        1 => [speak(first), speak(second), speak(third)],
        // Three threads share two cores better than two threads share three sentences.
        _ => {
            let both = || threads::run_both("loudness", || speak(second), || speak(third));
            let (first, others) = threads::run_both("loudness", || speak(first), both)?;
            let (second, third) = others?;
            [first, second, third]
        }
    };
    let sentences = sentences.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(VoiceLoudness::of(&sentences, config.sample_rate))
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
        espeak_voice,
        phoneme_type,
        ..
    } = config;
    let ids: BTreeMap<_, _> = phoneme_id_map.iter().collect();
    let used = format!(
        "{sample_rate:?} {ids:?} {vowel_clusters:?} {scales:?} {default_speaker_id} \
         {espeak_voice} {phoneme_type:?}"
    );
    ContentHash::of_parts([used.as_bytes()])
}
