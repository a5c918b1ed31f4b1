//! A voice: its config and its model.

mod aligner;
mod builtin;
pub mod cache;
pub mod config;
mod config_file;
pub mod content_hash;
mod engine;
#[cfg(test)]
pub(crate) mod fake;
mod files;
mod flow_stage;
mod frame_tensor;
mod framewise_model;
mod framewise_utterance;
mod framewise_windows;
mod growing_latent;
mod id_ends;
mod language;
mod load;
mod loudness;
mod loudness_file;
pub mod model;
mod model_file;
mod model_inputs;
mod narrowed;
mod part_values;
mod pitch_stage;
pub mod prepared;
mod prior;
mod reference_text;
mod scales;
mod silence_cut;
mod speaker;
mod speed;
mod split_decoder;
mod split_model;
mod stock_model;
mod text_stage;
mod timbre_stage;
mod trial;
mod validate;
mod windows;

pub use builtin::{BUILTIN_ALIAS, BUILTIN_LOUDNESS, BUILTIN_NAME};
pub use cache::VoiceCache;
pub use config::{PhonemeType, VoiceConfig};
pub use engine::{
    ChannelLayout, Engine, EngineChoice, Part, PartEngine, PrecisionOption, describe_parts,
};
pub use files::{VoiceFiles, find, installed, without_config};
pub use language::Language;
pub use load::LoadOptions;
pub(crate) use model::Help;
pub use model::{Inference, Model, ModelInfo, Remaining, Utterance};
pub use model_file::MAX_MODEL_BYTES;
pub use piper_rs_native::{Instructions, Kernels, Precision};
pub use scales::{ScaleOutOfRange, Scales};
pub use speaker::Speaker;
pub use speed::{Speed, SpeedOutOfRange};
pub use validate::{Validation, validate};
pub use windows::OptimizeFor;

use std::path::Path;
use std::sync::Arc;

use self::load::load_model;
use self::loudness::{KnownLoudness, VoiceToMeasure};
use self::model::LoadedModel;
use crate::audio::loudness::VoiceLoudness;
use crate::error::Cause;
use crate::phoneme_id::PhonemeIds;
use crate::runtime::RuntimeSource;
use crate::{Error, Result};

/// A voice, loaded and ready to speak. Threads can share it.
#[derive(Debug)]
pub struct Voice {
    name: String,
    config: VoiceConfig,
    ids: PhonemeIds,
    model: Arc<dyn Model>,
    split_failure: Option<String>,
    is_checked: bool,
    loudness: KnownLoudness,
}

impl Voice {
    /// Loads a voice's config, then its model. ONNX Runtime is opened if the voice needs
    /// it.
    pub fn load(
        files: &VoiceFiles,
        runtime: &dyn RuntimeSource,
        options: &LoadOptions,
    ) -> Result<Self> {
        let config = VoiceConfig::of(files)?;
        let loaded = load_model(files, &config, runtime, options);
        let LoadedModel {
            model,
            split_failure,
            is_checked,
            loudness_file,
        } = loaded.map_err(|source| model_error(files, source))?;
        let voice = Self::new(files.name(), files.config_path(), config, model)?;
        Ok(Self {
            split_failure,
            is_checked,
            loudness: KnownLoudness::of(voice.model_info(), loudness_file),
            ..voice
        })
    }

    /// Combines a config and a model. Fails if they do not match; the error
    /// names `config_path`.
    pub fn new(
        name: String,
        config_path: &Path,
        mut config: VoiceConfig,
        model: Arc<dyn Model>,
    ) -> Result<Self> {
        // Configs can be wrong about it, and the graph cannot.
        match model.info() {
            ModelInfo {
                takes_speaker: false,
                ..
            } => (config.num_speakers, config.default_speaker_id) = (1, 0),
            ModelInfo {
                speakers: Some(speakers),
                ..
            } => config.num_speakers = speakers.get(),
            _ => {}
        }
        let ids = config.phoneme_ids(model.info().embedding_rows);
        let ids = ids.map_err(|error| Error::BadVoiceConfig {
            path: config_path.into(),
            source: error.into(),
        })?;
        Ok(Self {
            name,
            config,
            ids,
            loudness: KnownLoudness::of(model.info(), None),
            model,
            split_failure: None,
            is_checked: true,
        })
    }

    /// Returns the voice's name: the name of its file without `.onnx`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the voice's config.
    pub fn config(&self) -> &VoiceConfig {
        &self.config
    }

    /// Returns the table from phonemes to ids.
    pub fn ids(&self) -> &PhonemeIds {
        &self.ids
    }

    /// Returns what is known about the model.
    pub fn model_info(&self) -> &ModelInfo {
        self.model.info()
    }

    /// Returns why the voice runs as a stock model although
    /// [`LoadOptions::prepared`] asked for a split one.
    pub fn split_failure(&self) -> Option<&str> {
        self.split_failure.as_deref()
    }

    /// Returns whether the voice has been compared with its stock model, if it does not
    /// run as one: see [`PreparedVoices::check`](prepared::PreparedVoices::check).
    pub fn is_checked(&self) -> bool {
        self.is_checked
    }

    /// Returns how loud a paragraph is in this voice, without normalization, to
    /// about 1 dB; `None` if the voice is silent. If it is not
    /// [known](Self::known_loudness), the first call measures it, which costs as much as about
    /// 13 seconds of speech. A prepared voice keeps it.
    pub fn reference_loudness(&self) -> Result<Option<VoiceLoudness>> {
        self.loudness.measured(&self.to_measure())
    }

    /// The same if it was known when the voice was loaded, or else an estimate: two of three
    /// are within 1.5 dB. Only a voice that was prepared with
    /// [`LoudnessAccuracy::Estimated`](crate::audio::loudness::LoudnessAccuracy::Estimated)
    /// has one; others are measured.
    pub fn estimated_loudness(&self) -> Result<Option<VoiceLoudness>> {
        self.loudness.estimated(&self.to_measure())
    }

    /// Returns the [loudness](Self::reference_loudness) if it is known without measuring.
    pub fn known_loudness(&self) -> Option<VoiceLoudness> {
        self.loudness.known()
    }

    /// Returns whether the voice is prepared, but has not been measured:
    /// [`PreparedVoices::check`](prepared::PreparedVoices::check) does it.
    pub fn is_to_be_measured(&self) -> bool {
        self.loudness.is_due()
    }

    fn to_measure(&self) -> VoiceToMeasure<'_> {
        VoiceToMeasure {
            model: &self.model,
            ids: &self.ids,
            config: &self.config,
        }
    }

    /// Starts a sentence. Nothing is computed yet.
    pub fn begin(&self, inference: Inference) -> Box<dyn Utterance> {
        Arc::clone(&self.model).begin(inference)
    }

    /// Returns the model's id of `speaker`, or of the default speaker; `None`
    /// if the model has only one speaker. Fails with
    /// [`Error::UnknownSpeaker`] if the voice has no such speaker.
    pub fn speaker_id(&self, speaker: Option<&Speaker>) -> Result<Option<i64>> {
        let id = self.config.speaker_id(speaker)?;
        Ok(self.model_info().takes_speaker.then_some(id))
    }
}

/// The error of a model that cannot be loaded or compared.
fn model_error(files: &VoiceFiles, source: Cause) -> Error {
    let bad = |source: Cause| Error::BadVoiceModel {
        path: files.model_path().to_owned(),
        source,
    };
    match source.downcast() {
        // Not a fault of the model.
        Ok(error) if is_of_system(&error) => *error,
        Ok(error) => bad(error),
        Err(source) => bad(source),
    }
}

/// Whether it is no fault of the voice: the system refused a thread, or a library cannot
/// be opened.
fn is_of_system(error: &Error) -> bool {
    let is_of_library = matches!(
        error,
        Error::LibraryNotFound { .. } | Error::LibraryUnusable { .. }
    );
    is_of_library || matches!(error, Error::Thread { .. })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::ModelInfo;
    use super::fake::{voice, voice_with_info};

    #[test]
    fn a_model_with_one_speaker_gets_no_speaker_id() {
        assert_eq!(voice(2).speaker_id(Some(&0.into())).unwrap(), Some(0));
        assert_eq!(voice(1).speaker_id(Some(&0.into())).unwrap(), None);
        assert!(voice(1).speaker_id(Some(&1.into())).is_err());
    }

    #[test]
    fn the_speakers_of_the_graph_count_whatever_the_config_says() {
        let info = |speakers| ModelInfo {
            takes_speaker: true,
            speakers: NonZeroU32::new(speakers),
            ..ModelInfo::default()
        };
        let boastful = voice_with_info(904, info(10));
        assert_eq!(boastful.speaker_id(Some(&9.into())).unwrap(), Some(9));
        let error = boastful.speaker_id(Some(&900.into())).unwrap_err();
        let expected = "no speaker `900`; the voice has speakers 0 to 9 (alice, bob)";
        assert_eq!(error.to_string(), expected);
        assert!(boastful.speaker_id(None).is_err(), "its default is 903");
        let modest = voice_with_info(2, info(10));
        assert_eq!(modest.speaker_id(Some(&9.into())).unwrap(), Some(9));
    }
}
