//! Whether a voice's config and its graph belong together, found out without
//! running it.

use std::fs;

use super::model_inputs::{check_inputs, takes_speaker};
use super::{VoiceConfig, VoiceFiles, builtin, check_file};
use crate::error::Cause;
use crate::onnx::embedding_rows;
use crate::onnx::proto::ModelProto;
use crate::{Error, Result};

/// What a voice is made of, and what does not fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// What the voice says about itself.
    pub config: VoiceConfig,
    /// Ids that the graph knows, where it tells.
    pub symbols: Option<usize>,
    /// What will go wrong, or sound wrong, when it speaks.
    pub misfits: Vec<String>,
}

impl Fit {
    /// Reads both files of a voice and compares them.
    pub fn of(files: &VoiceFiles) -> Result<Self> {
        let config = VoiceConfig::of(files)?;
        let bad = |source: Cause| Error::BadVoiceModel {
            path: files.model_path().to_owned(),
            source,
        };
        let onnx = match files {
            VoiceFiles::Builtin => builtin::MODEL.into(),
            VoiceFiles::OnDisk { model, .. } => {
                check_file(model).map_err(|error| bad(error.into()))?;
                fs::read(model).map_err(|error| bad(error.into()))?.into()
            }
        };
        let graph = ModelProto::read(onnx).map_err(|error| bad(error.into()))?;
        let symbols = embedding_rows(&graph);
        let contents = graph.graph.as_ref();
        let weights = |name: &str| {
            contents.is_some_and(|graph| graph.initializer.iter().any(|tensor| tensor.name == name))
        };
        let inputs = contents.into_iter().flat_map(|graph| &graph.input);
        // Old exporters list the weights among the inputs.
        let inputs: Vec<_> = inputs
            .map(|input| input.name.clone())
            .filter(|name| !weights(name))
            .collect();
        check_inputs(&inputs).map_err(bad)?;
        let misfits = misfits(&config, symbols, takes_speaker(&inputs));
        Ok(Self {
            config,
            symbols,
            misfits,
        })
    }
}

fn misfits(config: &VoiceConfig, symbols: Option<usize>, takes_speaker: bool) -> Vec<String> {
    let mut found = Vec::new();
    let ids = || config.phoneme_id_map.values().flatten().copied();
    if let (Some(rows), Some(highest)) = (symbols, ids().max())
        && highest >= rows as i64
    {
        found.push(format!(
            "the config has ids up to {highest}, the graph knows 0 to {}",
            rows.saturating_sub(1)
        ));
    }
    if ids().any(|id| id < 0) {
        found.push("the config has ids below 0".to_owned());
    }
    if config.num_speakers > 1 && !takes_speaker {
        let speakers = config.num_speakers;
        found.push(format!("the config has {speakers} speakers, the graph one"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(rest: &str) -> VoiceConfig {
        let json = format!("{{\"audio\": {{\"sample_rate\": 16000}}, {rest}}}");
        VoiceConfig::from_json(json.as_bytes()).unwrap()
    }

    #[test]
    fn the_builtin_voice_fits() {
        let fit = Fit::of(&VoiceFiles::Builtin).unwrap();
        assert_eq!(fit.misfits, Vec::<String>::new());
    }

    #[test]
    fn what_does_not_fit_is_told_in_numbers() {
        let config = config(r#""num_speakers": 3, "phoneme_id_map": {"a": [300], "b": [-1]}"#);
        let told = misfits(&config, Some(256), false);
        let expected = [
            "the config has ids up to 300, the graph knows 0 to 255",
            "the config has ids below 0",
            "the config has 3 speakers, the graph one",
        ];
        assert_eq!(told, expected);
        assert_eq!(misfits(&config, None, true), expected[1..2]);
    }
}
