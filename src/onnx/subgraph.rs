//! Taking a part of a graph out as a model of its own.

use std::collections::HashSet;

use super::graph_index::{GraphIndex, NodeSet, values_used_by};
use super::proto::{
    DataType, Dimension, DimensionValue, GraphProto, ModelProto, TensorShapeProto, TensorType,
    TypeProto, TypeValue, ValueInfoProto,
};

/// Since this version of the format, constants are not inputs.
const LEAST_IR_VERSION: i64 = 4;
/// The type of a value is looked for this many nodes back at most.
const MAX_STEPS: usize = 1000;

/// The part of `model` that computes `outputs` from `inputs`, with the
/// constants it needs.
pub(super) fn extract(
    index: &GraphIndex,
    model: &ModelProto,
    inputs: Vec<ValueInfoProto>,
    outputs: Vec<ValueInfoProto>,
) -> ModelProto {
    let given: Vec<&str> = inputs.iter().map(|value| value.name.as_str()).collect();
    let wanted: Vec<&str> = outputs.iter().map(|value| value.name.as_str()).collect();
    let nodes = index.dependencies(&wanted, &given);
    let graph = GraphProto {
        input: inputs,
        output: outputs,
        ..keep(index.graph, &nodes)
    };
    ModelProto {
        ir_version: model.ir_version.max(LEAST_IR_VERSION),
        producer_name: model.producer_name.clone(),
        producer_version: model.producer_version.clone(),
        domain: model.domain.clone(),
        model_version: model.model_version,
        opset_import: model.opset_import.clone(),
        metadata_props: model.metadata_props.clone(),
        functions: model.functions.clone(),
        doc_string: String::new(),
        graph: Some(graph),
    }
}

/// Only these nodes and the constants that they use; a constant's bytes are
/// shared, not copied.
fn keep(graph: &GraphProto, nodes: &NodeSet) -> GraphProto {
    let kept = graph
        .node
        .iter()
        .zip(nodes)
        .filter(|(_, is_kept)| **is_kept);
    let kept: Vec<_> = kept.map(|(node, _)| node).collect();
    let used: HashSet<&str> = kept.iter().flat_map(|node| values_used_by(node)).collect();
    let initializers = graph.initializer.iter();
    let sparse = graph.sparse_initializer.iter();
    GraphProto {
        name: graph.name.clone(),
        initializer: initializers
            .filter(|tensor| used.contains(tensor.name.as_str()))
            .cloned()
            .collect(),
        sparse_initializer: sparse
            .filter(|tensor| {
                tensor
                    .values
                    .as_ref()
                    .is_some_and(|v| used.contains(v.name.as_str()))
            })
            .cloned()
            .collect(),
        node: kept.into_iter().cloned().collect(),
        ..GraphProto::default()
    }
}

/// Declares a float value: `[batch, channels, frames]` when the channels are
/// given, of any shape otherwise.
pub(super) fn float_value(name: &str, channels: Option<i64>) -> ValueInfoProto {
    let dimension = |value| Dimension {
        value: Some(value),
        ..Dimension::default()
    };
    let shape = channels.map(|channels| TensorShapeProto {
        dim: vec![
            dimension(DimensionValue::Name("batch".to_owned())),
            dimension(DimensionValue::Size(channels)),
            dimension(DimensionValue::Name("frames".to_owned())),
        ],
    });
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            value: Some(TypeValue::Tensor(TensorType {
                elem_type: DataType::Float as i32,
                shape,
            })),
            ..TypeProto::default()
        }),
        ..ValueInfoProto::default()
    }
}

/// Whether a value is of floats: most operators give what they get, so the
/// type is looked for upstream.
pub(super) fn is_float(index: &GraphIndex, value: &str) -> bool {
    let float = DataType::Float as i32;
    let mut value = value;
    for _ in 0..MAX_STEPS {
        if let Some(tensor) = index.tensor(value) {
            return tensor.data_type == float;
        }
        let Some(node) = index.producer(value) else {
            return index
                .graph
                .input
                .iter()
                .any(|input| input.name == value && input.is_float());
        };
        let source = match node.op_type.as_str() {
            "Cast" => return node.int("to") == Some(i64::from(float)),
            "Shape" | "Size" | "NonZero" | "ArgMax" | "ArgMin" | "Equal" | "Less" | "Greater"
            | "LessOrEqual" | "GreaterOrEqual" | "And" | "Or" | "Not" | "Xor" | "IsNaN" => {
                return false;
            }
            "ConstantOfShape" => {
                let fill = node.attribute("value").and_then(|fill| fill.t.as_deref());
                return fill.is_none_or(|fill| fill.data_type == float);
            }
            "RandomNormalLike" | "RandomUniformLike" => {
                return node
                    .int("dtype")
                    .is_none_or(|number| number == i64::from(float));
            }
            "Where" => node.input.get(1),
            _ => node.input.first(),
        };
        match source {
            Some(source) => value = source,
            None => return false,
        }
    }
    false
}

impl ValueInfoProto {
    fn is_float(&self) -> bool {
        let value = self
            .r#type
            .as_ref()
            .and_then(|r#type| r#type.value.as_ref());
        matches!(value, Some(TypeValue::Tensor(tensor)) if tensor.elem_type == DataType::Float as i32)
    }
}
