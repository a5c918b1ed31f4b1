//! Splitting a decoder into its convolutions and the rest.
//!
//! The convolutions look far. What follows them, the filters, looks a frame or two and
//! needs many times the memory. So it is run on smaller windows.

use crate::onnx::graph_index::GraphIndex;
use crate::onnx::proto::{ModelProto, NodeProto, ValueInfoProto};
use crate::onnx::subgraph::extract;

use super::narrow::{Narrowing, looked_frames};

/// The most transpositions that are looked at. A voice has 17.
const MAX_TRANSPOSITIONS: usize = 32;

/// A decoder in two models.
pub(super) struct DecoderParts {
    /// From the latent to the hidden value.
    pub(super) coarse: ModelProto,
    /// From the hidden value and the side inputs to samples.
    pub(super) fine: ModelProto,
    pub(super) hidden: Hidden,
}

/// What the halves of a decoder pass to each other. It is saved with a prepared voice.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Hidden {
    /// Output of the coarse half, input of the fine one: `[batch, channels, frames]`, as
    /// many as the last [`Narrowing`] keeps.
    pub name: String,
    /// How many frames the coarse half looks to each side, at least.
    pub looked_frames: usize,
}

/// Splits a decoder whose frames are dropped by `narrowings`. `None` if something but its
/// side inputs goes round the place.
pub(super) fn split_decoder(
    decoder: &ModelProto,
    latent: &str,
    narrowings: &[Narrowing],
) -> Option<DecoderParts> {
    let graph = decoder.graph.as_ref()?;
    let index = GraphIndex::new(graph);
    let of_coarse = |name: &str| {
        let mut ends = narrowings.iter().flat_map(|n| [&n.start, &n.end]);
        name == latent || ends.any(|end| end == name)
    };
    // They make rows of frames from columns.
    let is_turn = |node: &&NodeProto| node.is("Transpose") && node.ints("perm") == [0, 2, 1];
    let mut turns = graph.node.iter().filter(is_turn).take(MAX_TRANSPOSITIONS);
    let name = turns.find_map(|node| hidden_of(&index, node, of_coarse))?;
    let hidden = ValueInfoProto::floats(name);
    let (coarse, sides): (Vec<_>, Vec<_>) = graph
        .input
        .iter()
        .cloned()
        .partition(|input| of_coarse(&input.name));
    let looked = looked_frames(&index);
    let fine = std::iter::once(hidden.clone()).chain(sides).collect();
    Some(DecoderParts {
        coarse: extract(&index, decoder, coarse, vec![hidden]),
        fine: extract(&index, decoder, fine, graph.output.clone()),
        hidden: Hidden {
            name: name.to_owned(),
            looked_frames: looked.get(name).copied().unwrap_or(0),
        },
    })
}

/// The input of a transposition, if all convolutions are before it and all side inputs
/// after it.
fn hidden_of<'a>(
    index: &GraphIndex<'a>,
    node: &'a NodeProto,
    of_coarse: impl Fn(&str) -> bool,
) -> Option<&'a str> {
    let value = node.input.first()?.as_str();
    let outputs = index.graph.output.iter();
    let outputs: Vec<&str> = outputs.map(|output| &*output.name).collect();
    let before = index.dependencies(&[value], &[]);
    let after = index.dependencies(&outputs, &[value]);
    let has_convolution = index.nodes(&after).any(|node| node.is("Conv"));
    let mut early = index.inputs_of(&before).into_iter();
    let mut late = index.inputs_of(&after).into_iter();
    let is_waist = early.all(&of_coarse) && !late.any(&of_coarse);
    (index.producer(value).is_some() && is_waist && !has_convolution).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::graph_builder::GraphBuilder;
    use crate::onnx::proto::{AttributeProto, GraphProto, TensorProto};

    /// A convolution of `latent`, turned to rows and multiplied by `factor`.
    fn decoder(factor: &str) -> ModelProto {
        let mut builder = GraphBuilder::new("");
        let weights = builder.constant(TensorProto::floats(&[1, 1, 5], &[1.0; 5]));
        let size = AttributeProto::ints("kernel_shape", &[5]);
        let attributes = vec![size, AttributeProto::ints("pads", &[2, 2])];
        builder.op_with("Conv", &["latent", &weights], attributes);
        builder.rename_last_output("hidden");
        let perm = vec![AttributeProto::ints("perm", &[0, 2, 1])];
        let rows = builder.op_with("Transpose", &["hidden"], perm);
        builder.op("Mul", &[&rows, factor]);
        builder.rename_last_output("samples");
        ModelProto::with_graph(GraphProto {
            node: builder.nodes,
            input: ["latent", "side"].map(ValueInfoProto::floats).to_vec(),
            output: vec![ValueInfoProto::floats("samples")],
            ..GraphProto::default()
        })
    }

    #[test]
    fn the_halves_meet_after_the_last_convolution() {
        let parts = split_decoder(&decoder("side"), "latent", &[]).unwrap();
        assert_eq!(parts.hidden.name, "hidden");
        assert_eq!(parts.hidden.looked_frames, 2);
        let inputs = |model: &ModelProto| -> Vec<String> {
            let inputs = &model.graph.as_ref().unwrap().input;
            inputs.iter().map(|input| input.name.clone()).collect()
        };
        assert_eq!(inputs(&parts.coarse), ["latent"]);
        assert_eq!(inputs(&parts.fine), ["hidden", "side"]);
    }

    #[test]
    fn a_place_behind_too_many_transpositions_is_not_found() {
        let mut many = decoder("side");
        let nodes = &mut many.graph.as_mut().unwrap().node;
        let mut turn = nodes[2].clone();
        assert!(turn.is("Transpose"));
        (turn.input, turn.output) = (vec!["latent".to_owned()], vec!["unused".to_owned()]);
        for (added, is_found) in [(MAX_TRANSPOSITIONS - 1, true), (1, false)] {
            let nodes = &mut many.graph.as_mut().unwrap().node;
            nodes.splice(0..0, vec![turn.clone(); added]);
            let parts = split_decoder(&many, "latent", &[]);
            assert_eq!(parts.is_some(), is_found);
        }
    }

    #[test]
    fn a_latent_that_goes_round_the_convolution_is_not_split() {
        assert!(split_decoder(&decoder("latent"), "latent", &[]).is_none());
    }
}
