//! The values that the parts of a split voice pass to each other.

use crate::onnx::graph_index::GraphIndex;
use crate::onnx::proto::{GraphProto, ModelProto};
use crate::onnx::receptive_field::{NotLocal, ReceptiveField, receptive_field};

/// The input that selects the speaker. A value that depends on nothing else is
/// the same in every frame.
const SPEAKER_INPUT: &str = "sid";

/// What [`VoiceParts`](super::VoiceParts) pass to each other: the names of the
/// values, their sizes, and how far each part looks around a frame.
///
/// It is saved with a prepared voice. The serialized names are older than the
/// names of the fields and must stay.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Interface {
    /// Output of the text part, input of the flow: `[batch, channels, frames]`.
    pub prior: String,
    /// Output of the flow, input of the coarse decoder:
    /// `[batch, channels, frames]`.
    pub latent: String,
    /// Output of the coarse decoder, input of the fine decoder:
    /// `[batch, channels, frames × positions_per_frame]`.
    #[serde(rename = "sketch")]
    pub decoder_hidden: String,
    /// Output of the fine decoder. Its last axis is samples, [`hop`](Self::hop)
    /// per frame.
    pub audio: String,
    /// Other outputs of the text part that the flow needs.
    #[serde(rename = "flow_extras")]
    pub flow_side_inputs: Vec<SideInput>,
    /// Other outputs of the text part that the coarse decoder needs.
    #[serde(rename = "decoder_extras")]
    pub decoder_side_inputs: Vec<SideInput>,
    /// Channels of the latent.
    pub channels: usize,
    /// Positions of `decoder_hidden` per frame.
    #[serde(rename = "positions")]
    pub positions_per_frame: usize,
    /// Samples per frame.
    pub hop: usize,
    /// Frames that the coarse decoder needs on each side of the frames it is
    /// run for. The ends of an utterance need none.
    pub coarse_overlap_frames: usize,
    /// The same for the fine decoder.
    pub fine_overlap_frames: usize,
    /// The same for the flow; `None` if it cannot be run on windows.
    pub flow_overlap_frames: Option<usize>,
}

/// A float value that a part needs in addition to its main input.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SideInput {
    /// Its name, the same in both parts.
    pub name: String,
    /// Whether its last axis is frames, so that windows take a slice of it.
    /// Otherwise it depends on the speaker alone.
    pub is_per_frame: bool,
}

impl SideInput {
    /// Describes a value of the whole voice that becomes a side input.
    pub(super) fn of(index: &GraphIndex, value: &str) -> Self {
        let nodes = index.dependencies(&[value], &[]);
        let mut sources = index.inputs_of(&nodes).into_iter();
        Self {
            name: value.to_owned(),
            is_per_frame: sources.any(|input| input != SPEAKER_INPUT),
        }
    }
}

/// The receptive field of a part's output, with regard to its main input and
/// those side inputs that change over time.
pub(super) fn part_field(
    part: &ModelProto,
    main_input: &str,
    side_inputs: &[SideInput],
    output: &str,
) -> Result<ReceptiveField, NotLocal> {
    let per_frame = side_inputs.iter().filter(|input| input.is_per_frame);
    let mut over_time = vec![main_input];
    over_time.extend(per_frame.map(|input| input.name.as_str()));
    let empty = GraphProto::default();
    let index = GraphIndex::new(part.graph.as_ref().unwrap_or(&empty));
    receptive_field(&index, &over_time, output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serialized_form_is_that_of_voices_already_prepared() {
        let json = r#"{"prior":"p","latent":"z","sketch":"h","audio":"y","flow_extras":[],"decoder_extras":[{"name":"g","is_per_frame":false}],"channels":192,"positions":8,"hop":256,"coarse_overlap_frames":9,"fine_overlap_frames":2,"flow_overlap_frames":40}"#;
        let interface: Interface = serde_json::from_str(json).unwrap();
        assert_eq!(interface.decoder_hidden, "h");
        assert_eq!(serde_json::to_string(&interface).unwrap(), json);
    }
}
