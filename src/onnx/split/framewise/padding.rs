//! Having convolutions of few columns add up as those of many do.
//!
//! ONNX Runtime multiplies matrices in blocks, whose size depends on the number of
//! columns: with 64 or fewer of them it adds the products of a convolution up in another
//! order. The last digits that differ then would shift a phase. So a window gets
//! columns of zeros, which are dropped behind the convolution.

use crate::onnx::graph_builder::{GraphBuilder, name_in_use};
use crate::onnx::proto::{DataType, DimensionValue, GraphProto, NodeProto, ValueInfoProto};

/// Every name that is added starts with it.
const PREFIX: &str = "padding";

/// Two inputs of a part that adds columns to those of its convolutions.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Padding {
    /// `int64` of shape `[6]`: what the operator `Pad` takes. The last number is how many
    /// columns are added.
    pub pads: String,
    /// `int64` of shape `[1]`: how many columns there are without them.
    pub columns: String,
}

impl Padding {
    /// With as many columns added, a convolution adds up as one of many columns.
    pub const ENOUGH: usize = 64;
}

/// Pads the convolutions of all channels, but for those of `input`. `None` if there are
/// none.
pub(super) fn pad(graph: &mut GraphProto, input: &str) -> Option<Padding> {
    let mixes_channels = |node: &NodeProto| {
        let is_other =
            matches!((&*node.input, &*node.output), ([first, ..], [_]) if first != input);
        node.is("Conv") && node.int("group").unwrap_or(1) == 1 && is_other
    };
    if name_in_use(graph, PREFIX).is_some() || !graph.node.iter().any(mixes_channels) {
        return None;
    }
    let padding = Padding {
        pads: format!("{PREFIX}_pads"),
        columns: format!("{PREFIX}_columns"),
    };
    let nodes = std::mem::take(&mut graph.node).into_iter().enumerate();
    let padded = nodes.flat_map(|(n, mut node)| {
        if !mixes_channels(&node) {
            return vec![node];
        }
        let mut builder = GraphBuilder::new(format!("{PREFIX}_{n}"));
        let wide = builder.op("Pad", &[&node.input[0], &padding.pads]);
        let output = std::mem::replace(&mut node.output[0], format!("{PREFIX}_{n}/all"));
        node.input[0] = wide;
        let all = node.output[0].clone();
        builder.nodes.push(node);
        let [start, axis] = [builder.int64s(&[0]), builder.int64s(&[2])];
        builder.op("Slice", &[&all, &start, &padding.columns, &axis]);
        builder.rename_last_output(&output);
        builder.nodes
    });
    graph.node = padded.collect();
    for (name, size) in [(&padding.pads, 6), (&padding.columns, 1)] {
        let shape = [DimensionValue::Size(size)];
        let input = ValueInfoProto::tensor(name, DataType::Int64, Some(&shape));
        graph.input.push(input);
    }
    Some(padding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::AttributeProto;

    fn graph(groups: i64) -> GraphProto {
        let mut builder = GraphBuilder::new("");
        let first = builder.op("Conv", &["ticks", "weights"]);
        let group = vec![AttributeProto::int("group", groups)];
        builder.op_with("Conv", &[&first, "weights"], group);
        builder.rename_last_output("pitch");
        GraphProto {
            node: builder.nodes,
            input: ["ticks", "weights"].map(ValueInfoProto::floats).to_vec(),
            output: vec![ValueInfoProto::floats("pitch")],
            ..GraphProto::default()
        }
    }

    #[test]
    fn columns_are_added_and_dropped_again() {
        let mut padded = graph(1);
        let padding = pad(&mut padded, "ticks").unwrap();
        let operators: Vec<_> = padded.node.iter().map(|node| &*node.op_type).collect();
        assert_eq!(
            operators,
            ["Conv", "Pad", "Conv", "Constant", "Constant", "Slice"]
        );
        let [_, pad, conv, .., slice] = padded.node.as_slice() else {
            panic!("there are six");
        };
        assert_eq!(pad.input[1], padding.pads);
        assert_eq!(
            (&conv.input[0], &slice.input[0]),
            (&pad.output[0], &conv.output[0])
        );
        assert_eq!(
            (&*slice.input[2], &*slice.output[0]),
            (&*padding.columns, "pitch")
        );
    }

    #[test]
    fn a_convolution_without_inputs_or_outputs_stays_as_it_is() {
        for of_inputs in [true, false] {
            let mut strange = graph(1);
            let node = &mut strange.node[1];
            match of_inputs {
                true => node.input.clear(),
                false => node.output.clear(),
            }
            let expected = strange.clone();
            assert_eq!(pad(&mut strange, "ticks"), None);
            assert_eq!(strange, expected);
        }
    }

    #[test]
    fn a_convolution_of_each_channel_stays_as_it_is() {
        let mut padded = graph(8);
        assert_eq!(pad(&mut padded, "ticks"), None);
        assert_eq!(padded, graph(8));
    }
}
