//! How loud a voice is without normalization.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::config::VoiceConfig;
use super::content_hash::ContentHash;
use super::loudness_file::LoudnessFile;
use super::model::{Inference, Model, ModelInfo, check_finite};
use super::reference_text::{opening, sentences};
use super::trial;
use super::windows::OptimizeFor;
use crate::Result;
use crate::audio::loudness::VoiceLoudness;
use crate::phoneme::Phonemes;
use crate::phoneme_id::{PhonemeIds, UnknownPhonemes};
use crate::threads;

/// What is known of a voice's loudness. What is not is measured once, when it is needed.
#[derive(Debug, Default)]
pub(super) struct KnownLoudness {
    measured: OnceLock<Option<VoiceLoudness>>,
    /// One thread measures, the others wait.
    measuring: Mutex<()>,
    /// What sessions take that need no more than an estimate: what was known when the voice
    /// was loaded.
    estimated: Option<VoiceLoudness>,
    /// Where it is stored; `None` if the voice is not prepared.
    file: Option<LoudnessFile>,
}

/// What is needed to measure a voice.
pub(super) struct VoiceToMeasure<'a> {
    pub(super) model: &'a Arc<dyn Model>,
    pub(super) ids: &'a PhonemeIds,
    pub(super) config: &'a VoiceConfig,
}

impl KnownLoudness {
    /// What is known of a voice with this model, and stored in this file. What is measured is
    /// stored there.
    pub(super) fn of(info: &ModelInfo, file: Option<LoudnessFile>) -> Self {
        let stored = || file.as_ref().and_then(LoudnessFile::read);
        let known = info.reference_loudness.map(Some).or_else(stored);
        Self {
            measured: known.map(OnceLock::from).unwrap_or_default(),
            measuring: Mutex::default(),
            estimated: known.flatten().or(info.estimated_loudness),
            file,
        }
    }

    /// Returns how loud prose is, and stores it if that was not known.
    pub(super) fn measured(&self, voice: &VoiceToMeasure<'_>) -> Result<Option<VoiceLoudness>> {
        if let Some(loudness) = self.measured.get() {
            return Ok(*loudness);
        }
        let measuring = self.measuring.lock();
        let _measuring = measuring.unwrap_or_else(PoisonError::into_inner);
        if let Some(loudness) = self.measured.get() {
            return Ok(*loudness);
        }
        let loudness = voice.reference_loudness()?;
        if let Some(file) = &self.file {
            file.write(loudness);
        }
        Ok(*self.measured.get_or_init(|| loudness))
    }

    /// Returns what is known without measuring; `None` also if the voice is silent.
    pub(super) fn known(&self) -> Option<VoiceLoudness> {
        self.measured.get().copied().flatten()
    }

    /// Returns whether a prepared voice has not been measured.
    pub(super) fn is_due(&self) -> bool {
        self.file.is_some() && self.measured.get().is_none()
    }

    /// Returns about how loud prose is: the same at each call. It is measured if nothing was
    /// known when the voice was loaded.
    pub(super) fn estimated(&self, voice: &VoiceToMeasure<'_>) -> Result<Option<VoiceLoudness>> {
        match self.estimated {
            Some(loudness) => Ok(Some(loudness)),
            None => self.measured(voice),
        }
    }
}

impl VoiceToMeasure<'_> {
    /// Returns how loud prose is in this voice, measured with three sentences, the
    /// voice's own scales and its default speaker; the same every time. `None` if they
    /// are silent. Costs as much as about 13 seconds of speech.
    pub(super) fn reference_loudness(&self) -> Result<Option<VoiceLoudness>> {
        let [first, second, third] = sentences(self.config);
        let speak = |sentence| self.speak(sentence);
        let sentences = match self.model.info().workers {
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
        Ok(VoiceLoudness::of(&sentences, self.config.sample_rate))
    }

    /// Returns about how loud prose is in this voice, estimated from the beginning of a
    /// sentence: two of three times within 1.5 dB. Costs as much as about 1.5 seconds of speech.
    pub(super) fn estimated_loudness(&self) -> Result<Option<VoiceLoudness>> {
        let opening = self.speak(&opening(self.config))?;
        Ok(VoiceLoudness::of(&[opening], self.config.sample_rate))
    }

    fn speak(&self, sentence: &str) -> Result<Vec<f32>> {
        let Self { model, ids, config } = self;
        let takes_speaker = model.info().takes_speaker;
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
    }
}

/// Returns a hash of what [`VoiceToMeasure`] takes from a config: another
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
