//! Compares a voice's config with its graph, without running it.

use std::fs;
use std::num::NonZeroU32;

use super::model_file::check_model_file;
use super::model_inputs::{check_inputs, takes_speaker};
use super::{VoiceConfig, VoiceFiles, builtin};
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::onnx::{embedding_rows, speaker_rows};
use crate::{Error, Result};

/// A voice's config, and how it disagrees with the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// The voice's config.
    pub config: VoiceConfig,
    /// Number of ids that the graph knows; `None` if it cannot be told.
    pub embedding_rows: Option<usize>,
    /// What will fail or sound wrong when the voice speaks.
    pub problems: Vec<String>,
}

/// Reads both files of a voice and compares them. Fails if one of them cannot
/// be read or the graph is no Piper voice.
pub fn validate(files: &VoiceFiles) -> Result<Validation> {
    let config = VoiceConfig::of(files)?;
    let graph = read_graph(files).map_err(|source| Error::BadVoiceModel {
        path: files.model_path().to_owned(),
        source,
    })?;
    Ok(Validation {
        embedding_rows: graph.embedding_rows,
        problems: problems(&config, &graph),
        config,
    })
}

struct GraphFacts {
    embedding_rows: Option<usize>,
    speakers: Option<NonZeroU32>,
    takes_speaker: bool,
}

fn read_graph(files: &VoiceFiles) -> Result<GraphFacts, Cause> {
    let onnx = match files {
        VoiceFiles::Builtin => builtin::MODEL.into(),
        VoiceFiles::OnDisk { model, .. } => {
            check_model_file(model)?;
            fs::read(model)?.into()
        }
    };
    let model = ModelProto::read(onnx)?;
    let graph = model.graph.as_ref();
    let is_weight = |name: &str| {
        graph.is_some_and(|graph| graph.initializer.iter().any(|tensor| tensor.name == name))
    };
    // Old exporters list the weights among the inputs.
    let inputs = graph.into_iter().flat_map(|graph| &graph.input);
    let inputs: Vec<_> = inputs
        .map(|input| input.name.clone())
        .filter(|name| !is_weight(name))
        .collect();
    check_inputs(&inputs)?;
    Ok(GraphFacts {
        embedding_rows: embedding_rows(&model),
        speakers: speaker_rows(&model),
        takes_speaker: takes_speaker(&inputs),
    })
}

fn problems(config: &VoiceConfig, graph: &GraphFacts) -> Vec<String> {
    let mut problems = Vec::new();
    let ids = || config.phoneme_id_map.values().flatten().copied();
    if let (Some(rows), Some(highest)) = (graph.embedding_rows, ids().max())
        && highest >= rows as i64
    {
        problems.push(format!(
            "the config has ids up to {highest}, the graph knows 0 to {}",
            rows.saturating_sub(1)
        ));
    }
    if ids().any(|id| id < 0) {
        problems.push("the config has ids below 0".to_owned());
    }
    let counted = config.num_speakers;
    match graph.speakers {
        _ if counted > 1 && !graph.takes_speaker => {
            problems.push(format!("the config has {counted} speakers, the graph one"));
        }
        Some(speakers) if counted != speakers.get() => problems.push(format!(
            "the config has {counted} speakers, the graph {speakers}"
        )),
        _ => {}
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_voice_has_no_problems() {
        let validation = validate(&VoiceFiles::Builtin).unwrap();
        assert_eq!(validation.problems, Vec::<String>::new());
    }

    #[test]
    fn problems_are_described_with_numbers() {
        let json = r#"{"audio": {"sample_rate": 16000}, "num_speakers": 3,
            "phoneme_id_map": {"a": [300], "b": [-1]}}"#;
        let config = VoiceConfig::from_json(json.as_bytes()).unwrap();
        let expected = [
            "the config has ids up to 300, the graph knows 0 to 255",
            "the config has ids below 0",
            "the config has 3 speakers, the graph one",
        ];
        let graph = |embedding_rows, speakers, takes_speaker| GraphFacts {
            embedding_rows,
            speakers: NonZeroU32::new(speakers),
            takes_speaker,
        };
        assert_eq!(problems(&config, &graph(Some(256), 0, false)), expected);
        assert_eq!(problems(&config, &graph(None, 0, true)), expected[1..2]);
        assert_eq!(problems(&config, &graph(None, 3, true)), expected[1..2]);
        let other = problems(&config, &graph(None, 10, true));
        assert_eq!(other[1], "the config has 3 speakers, the graph 10");
    }
}
