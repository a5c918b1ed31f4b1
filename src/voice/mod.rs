//! A voice: its config and its model.

mod builtin;
pub mod cache;
pub mod config;
pub mod content_hash;
mod files;
mod frame_tensor;
mod language;
mod loudness;
pub mod model;
mod model_inputs;
pub mod prepared;
mod split_model;
mod stock_model;
mod text_encoder;
mod validate;
mod window;

pub use builtin::BUILTIN_NAME;
pub use cache::VoiceCache;
pub use config::{PhonemeType, Scales, VoiceConfig};
pub use files::{VoiceFiles, find, installed, without_config};
pub use language::Language;
pub use model::{Inference, Model, Next, Utterance};
pub use validate::Fit;
pub use window::Pace;

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use prost::bytes::Bytes;

use self::prepared::{Layout, PreparedVoices};
use self::stock_model::WholeModel;
use crate::error::Cause;
use crate::phoneme_id::PhonemeIds;
use crate::runtime::{Runtime, SessionOptions};
use crate::{Error, Result};

/// The most bytes a model may have: far above the largest there is (137 MB).
pub const MAX_MODEL_BYTES: u64 = 1 << 30;

/// How to load a voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadOptions {
    /// Threads that share one inference; at least 1.
    pub threads: usize,
    /// Where prepared voices are kept; `None` loads the stock graph.
    pub prepared: Option<PreparedVoices>,
}

/// A voice, loaded and ready to speak. Threads may share it.
#[derive(Debug)]
pub struct Voice {
    name: String,
    config: VoiceConfig,
    ids: PhonemeIds,
    model: Arc<dyn Model>,
    whole_because: Option<String>,
    reference_peak: OnceLock<f32>,
}

/// Loads a voice's parts where they are to be had, else the stock graph;
/// says why.
fn load_model(
    files: &VoiceFiles,
    config: &VoiceConfig,
    runtime: &Runtime,
    options: &LoadOptions,
) -> Result<(Arc<dyn Model>, Option<String>), Cause> {
    let threads = SessionOptions {
        threads: options.threads,
    };
    let onnx = match files {
        VoiceFiles::Builtin => Bytes::from_static(builtin::MODEL),
        VoiceFiles::OnDisk { model, .. } => {
            check_file(model)?;
            if let Some(prepared) = &options.prepared {
                match prepared.load(model, config, runtime, threads) {
                    Ok(parts) => return Ok((Arc::new(parts), None)),
                    // Nobody who waits for it would hear it.
                    Err(reason) if model::is_endless(&reason) => return Err(reason),
                    Err(reason) => {
                        let whole = WholeModel::load(fs::read(model)?.into(), runtime, threads)?;
                        return Ok((Arc::new(whole), Some(reason.to_string())));
                    }
                }
            }
            fs::read(model)?.into()
        }
    };
    Ok((Arc::new(WholeModel::load(onnx, runtime, threads)?), None))
}

/// Fails where a model is no file, which may have no end, or larger than any.
fn check_file(model: &Path) -> std::io::Result<()> {
    let file = fs::metadata(model)?;
    let refuse = |why: String| Err(std::io::Error::other(why));
    match file.len() {
        _ if !file.is_file() => refuse("it is not a file".to_owned()),
        bytes if bytes > MAX_MODEL_BYTES => refuse(format!("{bytes} bytes are too many")),
        _ => Ok(()),
    }
}

impl Voice {
    /// Loads a voice's config, then its model.
    pub fn load(files: &VoiceFiles, runtime: &Runtime, options: &LoadOptions) -> Result<Self> {
        let config = VoiceConfig::of(files)?;
        let (model, whole_because) =
            load_model(files, &config, runtime, options).map_err(|source| {
                Error::BadVoiceModel {
                    path: files.model_path().to_owned(),
                    source,
                }
            })?;
        let voice = Self::new(files.name(), files.config_path(), config, model)?;
        Ok(Self {
            whole_because,
            ..voice
        })
    }

    /// Puts a voice together; `path` is named when its config does not fit.
    pub fn new(
        name: String,
        path: &Path,
        config: VoiceConfig,
        model: Arc<dyn Model>,
    ) -> Result<Self> {
        let ids = PhonemeIds::new(
            &config.phoneme_id_map,
            &config.vowel_clusters,
            model.symbols(),
        )
        .map_err(|e| Error::BadVoiceConfig {
            path: path.into(),
            source: e.into(),
        })?;
        Ok(Self {
            name,
            config,
            ids,
            model,
            whole_because: None,
            reference_peak: OnceLock::new(),
        })
    }

    /// Returns the voice's name: its file's, without `.onnx`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what the voice says about itself.
    pub fn config(&self) -> &VoiceConfig {
        &self.config
    }

    /// Returns why the voice was not prepared, where that was asked for: its
    /// graph is run whole then.
    pub fn whole_because(&self) -> Option<&str> {
        self.whole_because.as_deref()
    }

    /// Returns the peak of a few syllables as this voice speaks them: what its
    /// level is reckoned from. Prepared voices know it; others find out at
    /// the first call, which costs about two seconds of speech.
    pub fn reference_peak(&self) -> Result<f32> {
        if let Some(peak) = self.reference_peak.get() {
            return Ok(*peak);
        }
        let peak = match self.model.reference_peak() {
            Some(peak) => peak,
            None => loudness::reference_peak(&self.model, &self.ids, &self.config)?,
        };
        Ok(*self.reference_peak.get_or_init(|| peak))
    }

    /// Returns the table from phonemes to ids.
    pub fn ids(&self) -> &PhonemeIds {
        &self.ids
    }

    /// Begins to speak one sentence. Nothing is computed yet.
    pub fn begin(&self, inference: Inference) -> Box<dyn Utterance> {
        Arc::clone(&self.model).begin(inference)
    }

    /// Returns the content of its model's file, where that was looked up while
    /// it was loaded.
    pub(crate) fn content(&self) -> Option<content_hash::ContentHash> {
        self.model.content()
    }

    /// Returns how much of its model is files mapped into memory.
    pub(crate) fn mapped_bytes(&self) -> u64 {
        self.model.mapped_bytes()
    }

    /// Returns how its decoder keeps its channels, where it is run in parts.
    pub fn layout(&self) -> Option<Layout> {
        self.model.layout()
    }

    /// Returns how many threads should work on its sentences at a time.
    pub fn workers(&self) -> usize {
        self.model.workers()
    }

    /// Returns the model's id of a speaker asked for by name or number, or of
    /// the default one; `None` where the model knows only one speaker.
    pub fn speaker(&self, asked: Option<&str>) -> Result<Option<i64>> {
        let config = &self.config;
        let id = match asked {
            None => Some(config.default_speaker_id),
            Some(name) => config
                .speaker_id_map
                .get(name)
                .copied()
                .or_else(|| name.parse().ok()),
        };
        let id = id
            .filter(|id| (0..i64::from(config.num_speakers)).contains(id))
            .ok_or_else(|| self.unknown_speaker(asked))?;
        Ok(self.model.takes_speaker().then_some(id))
    }

    fn unknown_speaker(&self, asked: Option<&str>) -> Error {
        const NAMES_SHOWN: usize = 8;
        let mut names: Vec<_> = self.config.speaker_id_map.iter().collect();
        names.sort_by_key(|(name, id)| (**id, name.as_str()));
        let mut shown: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        if shown.len() > NAMES_SHOWN {
            shown.truncate(NAMES_SHOWN);
            shown.push("…");
        }
        let ids = match self.config.num_speakers {
            1 => "one speaker, 0".to_owned(),
            n => format!("speakers 0 to {}", n - 1),
        };
        let named = if shown.is_empty() {
            String::new()
        } else {
            format!(" ({})", shown.join(", "))
        };
        let requested =
            asked.map_or_else(|| self.config.default_speaker_id.to_string(), str::to_owned);
        Error::UnknownSpeaker {
            requested,
            known: ids + &named,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::CancelToken;

    /// A model without a graph: every id lasts a fixed number of samples.
    #[derive(Debug)]
    pub(crate) struct FakeModel {
        pub(crate) speakers: bool,
        pub(crate) samples_per_id: usize,
        pub(crate) peak: f32,
        pub(crate) workers: usize,
    }

    impl Model for FakeModel {
        fn takes_speaker(&self) -> bool {
            self.speakers
        }

        fn symbols(&self) -> Option<usize> {
            None
        }

        fn workers(&self) -> usize {
            self.workers
        }

        /// Sentences for which nobody waits sound softer, to tell them apart.
        fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance> {
            let peak = match inference.pace {
                Pace::Live => self.peak,
                Pace::Bulk => self.peak / 2.0,
            };
            Box::new(FakeUtterance {
                left: inference.ids.len() * self.samples_per_id,
                peak,
            })
        }
    }

    struct FakeUtterance {
        left: usize,
        peak: f32,
    }

    impl Utterance for FakeUtterance {
        fn step(&mut self, _: &CancelToken, samples: &mut Vec<f32>) -> Result<Next> {
            samples.resize(samples.len() + self.left, self.peak);
            Ok(Next::Windows(0))
        }

        fn window(&self, _: usize, _: &CancelToken, _: &mut Vec<f32>) -> Result<()> {
            unreachable!("there are none")
        }
    }

    pub(crate) fn voice(speakers: u32) -> Voice {
        voice_with_workers(speakers, 1)
    }

    pub(crate) fn voice_with_workers(speakers: u32, workers: usize) -> Voice {
        let json = format!(
            r#"{{"audio":{{"sample_rate":16000}},"num_speakers":{speakers},
            "speaker_id_map":{{"alice":0,"bob":1}},"default_speaker_id":{},
            "phoneme_id_map":{{"_":[0],"^":[1],"$":[2],"a":[3]}}}}"#,
            speakers - 1
        );
        let config = VoiceConfig::from_json(json.as_bytes()).unwrap();
        let model = FakeModel {
            speakers: speakers > 1,
            samples_per_id: 100,
            peak: 0.5,
            workers,
        };
        Voice::new(
            "fake".into(),
            Path::new("fake.onnx.json"),
            config,
            Arc::new(model),
        )
        .unwrap()
    }

    #[test]
    fn speakers_are_found_by_name_and_by_number() {
        let voice = voice(2);
        assert_eq!(voice.speaker(Some("bob")).unwrap(), Some(1));
        assert_eq!(voice.speaker(Some("0")).unwrap(), Some(0));
        assert_eq!(
            voice.speaker(None).unwrap(),
            Some(1),
            "the config's default"
        );
    }

    #[test]
    fn an_unknown_speaker_is_refused_with_those_there_are() {
        for asked in ["carol", "2", "-1"] {
            let message = voice(2).speaker(Some(asked)).unwrap_err().to_string();
            assert_eq!(
                message,
                format!("no speaker `{asked}`; the voice has speakers 0 to 1 (alice, bob)")
            );
        }
    }

    #[test]
    fn a_voice_of_one_speaker_is_not_told_who_speaks() {
        assert_eq!(voice(1).speaker(Some("0")).unwrap(), None);
        assert!(voice(1).speaker(Some("1")).is_err());
    }
}
