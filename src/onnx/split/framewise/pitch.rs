//! Splitting off what the text part computes tick by tick: the pitch.
//!
//! A voice reads its symbols, decides how long each one lasts, and repeats what it knows
//! of a symbol for each of its ticks. From there on the text part looks some ticks
//! around a tick. So the first ticks can be computed before all others.
//!
//! What is added up over time, as a phase is, depends on earlier ticks alone. That does
//! no harm if the ticks begin with the sentence.

use crate::onnx::durations::DURATIONS_OUTPUT;
use crate::onnx::graph_index::{GraphIndex, NodeSet};
use crate::onnx::proto::{ModelProto, NodeProto, ValueInfoProto};
use crate::onnx::split::SideInput;
use crate::onnx::split::locate::{PartInput, weight_channels};
use crate::onnx::subgraph::extract;

use super::locate::{after_counters, mixes_time};
use super::narrow::{Narrowing, farthest_look, narrow};
use super::padding::{Padding, pad};

/// The most convolutions that are tried. A voice has four before its pitch.
const MAX_CONVOLUTIONS: usize = 32;

/// The pitch of a voice as a model of its own.
#[derive(Clone, Debug)]
pub struct PitchParts {
    /// From what is known of each tick to all that the other parts need of it.
    pub model: ModelProto,
    /// What it takes.
    pub interface: PitchInterface,
}

/// What the pitch takes from the text part. It is saved with a prepared voice.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PitchInterface {
    /// Output of the text part and input of the pitch: `[batch, channels, ticks]`. Each
    /// tick makes the same number of frames.
    pub ticks: String,
    /// Other values of the text part, and the timbre; per frame means here per tick. The
    /// durations are not among them: no other part takes them, and they are per id.
    pub others: Vec<SideInput>,
    /// Where the pitch drops ticks at the ends of a window, in order.
    pub narrowings: Vec<Narrowing>,
    /// How many ticks it looks to each side, at least.
    pub looked_ticks: usize,
    /// What a window has to be padded with.
    pub padding: Option<Padding>,
}

/// Splits a text part into what comes before the ticks and what comes after them. `None`
/// if they cannot be separated.
pub(super) fn split_pitch(text: &ModelProto) -> Option<(ModelProto, PitchParts)> {
    let graph = text.graph.as_ref()?;
    let index = GraphIndex::new(graph);
    let everything = vec![true; graph.node.len()];
    let per_tick = after_counters(&index, &everything);
    let convolutions = graph.node.iter().filter(|node| node.is("Conv"));
    let mut convolutions = convolutions.take(MAX_CONVOLUTIONS);
    let (ticks, after) = convolutions.find_map(|node| ticks_of(&index, node, &per_tick))?;
    let outputs = graph.output.iter().cloned();
    let (own, others): (Vec<_>, Vec<_>) =
        outputs.partition(|output| index.is_produced_by(&output.name, &after));
    let declared = ValueInfoProto::frames(ticks.value, ticks.channels);
    let mut model = extract(&index, text, vec![declared.clone()], own);
    let pitch = model.graph.as_mut()?;
    let looked_ticks = farthest_look(pitch);
    let interface = PitchInterface {
        ticks: ticks.value.to_owned(),
        others: (others.iter())
            .filter(|output| output.name != DURATIONS_OUTPUT)
            .map(|output| SideInput {
                name: output.name.clone(),
                is_per_frame: index.is_produced_by(&output.name, &per_tick),
            })
            .collect(),
        narrowings: narrow(pitch, ticks.value, &[]),
        looked_ticks,
        padding: pad(pitch, ticks.value),
    };
    let outputs = std::iter::once(declared).chain(others).collect();
    let before = extract(&index, text, graph.input.clone(), outputs);
    Some((before, PitchParts { model, interface }))
}

/// The input of a convolution, and the nodes that depend on it, if these need nothing
/// else, and no ticks but those around a tick and those before it.
fn ticks_of<'a>(
    index: &GraphIndex<'a>,
    convolution: &'a NodeProto,
    per_tick: &NodeSet,
) -> Option<(PartInput<'a>, NodeSet)> {
    let value = convolution.input.first()?.as_str();
    let [_, channels] = weight_channels(index, convolution)?;
    let has_groups = convolution.int("group").unwrap_or(1) != 1;
    if has_groups || !index.is_produced_by(value, per_tick) {
        return None;
    }
    let after = index.dependents(value);
    let is_separate = index.inputs_of(&after) == [value];
    let is_local = index
        .nodes(&after)
        .all(|node| !mixes_time(index, node) || looks_back(node));
    (is_separate && is_local).then_some((PartInput { value, channels }, after))
}

/// Whether a node that mixes ticks uses only those before each one.
fn looks_back(node: &NodeProto) -> bool {
    node.is("Range") || node.is("CumSum") && node.int("reverse").unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::graph_builder::GraphBuilder;
    use crate::onnx::proto::{AttributeProto, GraphProto, TensorProto};

    /// As many ticks as `ids` says, each of them convolved, then `last`.
    fn text(last: &str, attributes: Vec<AttributeProto>) -> ModelProto {
        let mut builder = GraphBuilder::new("");
        let weights = builder.constant(TensorProto::floats(&[1, 1, 3], &[1.0; 3]));
        let zero = builder.int64s(&[0]);
        let counter = builder.op("Range", &["zero", "ids", "one"]);
        builder.op("Abs", &[&counter]);
        builder.rename_last_output("places");
        builder.op("Gather", &["meaning", "places"]);
        builder.rename_last_output("ticks");
        let size = AttributeProto::ints("kernel_shape", &[3]);
        let pads = AttributeProto::ints("pads", &[1, 1]);
        let sum = builder.op_with("Conv", &["ticks", &weights], vec![size, pads]);
        builder.op_with(last, &[&sum, &zero], attributes);
        builder.rename_last_output("pitch");
        ModelProto::with_graph(GraphProto {
            node: builder.nodes,
            input: ["ids", "meaning", "zero", "one"]
                .map(ValueInfoProto::floats)
                .to_vec(),
            output: ["pitch", "places"].map(ValueInfoProto::floats).to_vec(),
            ..GraphProto::default()
        })
    }

    fn outputs(model: &ModelProto) -> Vec<&str> {
        let outputs = &model.graph.as_ref().unwrap().output;
        outputs.iter().map(|output| &*output.name).collect()
    }

    #[test]
    fn the_pitch_is_what_comes_after_the_ticks() {
        let (before, pitch) = split_pitch(&text("CumSum", Vec::new())).unwrap();
        assert_eq!(outputs(&before), ["ticks", "places"]);
        assert_eq!(outputs(&pitch.model), ["pitch"]);
        let PitchInterface {
            ticks,
            others,
            looked_ticks,
            ..
        } = pitch.interface;
        assert_eq!((&*ticks, looked_ticks), ("ticks", 1));
        assert!(others[0].name == "places" && others[0].is_per_frame);
    }

    #[test]
    fn durations_are_passed_to_no_part() {
        let mut text = text("CumSum", Vec::new());
        let graph = text.graph.as_mut().unwrap();
        let mut durations = graph.node[1].clone();
        durations.output = vec![DURATIONS_OUTPUT.to_owned()];
        graph.node.push(durations);
        graph.output.push(ValueInfoProto::floats(DURATIONS_OUTPUT));
        let (before, pitch) = split_pitch(&text).unwrap();
        assert_eq!(outputs(&before), ["ticks", "places", DURATIONS_OUTPUT]);
        let [places] = &pitch.interface.others[..] else {
            panic!("{:?}", pitch.interface.others);
        };
        assert_eq!(places.name, "places");
    }

    #[test]
    fn what_needs_later_ticks_is_no_pitch() {
        let reverse = vec![AttributeProto::int("reverse", 1)];
        assert!(split_pitch(&text("CumSum", reverse)).is_none());
        assert!(split_pitch(&text("Softmax", Vec::new())).is_none());
    }
}
