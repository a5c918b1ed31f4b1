//! Extracting a part of a graph as a model of its own.

use std::collections::HashSet;

use super::graph_index::{GraphIndex, NodeSet};
use super::proto::{DataType, GraphProto, ModelProto, TypeValue, ValueInfoProto};

/// From this version of the format on, constants need not be inputs.
const MIN_IR_VERSION: i64 = 4;
/// How many nodes back the type of a value is looked for.
const MAX_STEPS: usize = 1000;

/// The part of `model` that computes `outputs` from `inputs`, with the
/// constants that it needs.
pub(super) fn extract(
    index: &GraphIndex,
    model: &ModelProto,
    inputs: Vec<ValueInfoProto>,
    outputs: Vec<ValueInfoProto>,
) -> ModelProto {
    let input_names: Vec<&str> = inputs.iter().map(|value| value.name.as_str()).collect();
    let output_names: Vec<&str> = outputs.iter().map(|value| value.name.as_str()).collect();
    let nodes = index.dependencies(&output_names, &input_names);
    let graph = GraphProto {
        input: inputs,
        output: outputs,
        ..with_constants(index, &nodes)
    };
    ModelProto {
        ir_version: model.ir_version.max(MIN_IR_VERSION),
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

/// A graph of these nodes and the constants that they use. The bytes of the
/// constants are shared, not copied.
fn with_constants(index: &GraphIndex, nodes: &NodeSet) -> GraphProto {
    let graph = index.graph;
    let used: HashSet<&str> = index
        .nodes(nodes)
        .flat_map(|node| node.used_values())
        .collect();
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
                let values = tensor.values.as_ref();
                values.is_some_and(|values| used.contains(values.name.as_str()))
            })
            .cloned()
            .collect(),
        node: index.nodes(nodes).cloned().collect(),
        ..GraphProto::default()
    }
}

/// Whether a value is a float tensor.
pub(super) fn is_float(index: &GraphIndex, value: &str) -> bool {
    element_type(index, value) == Some(DataType::Float)
}

/// The type of a value's elements, if it is easy to tell.
///
/// Most operators have outputs of their input's type, so the type is looked
/// for upstream.
pub(super) fn element_type(index: &GraphIndex, value: &str) -> Option<DataType> {
    let known = |number: i64| DataType::try_from(i32::try_from(number).ok()?).ok();
    let mut value = value;
    for _ in 0..MAX_STEPS {
        if let Some(tensor) = index.tensor(value) {
            return known(tensor.data_type.into());
        }
        let Some(node) = index.producer(value) else {
            let mut inputs = index.graph.input.iter();
            return inputs
                .find(|input| input.name == value)
                .and_then(input_type);
        };
        let source = match node.op_type.as_str() {
            "Cast" => return known(node.int("to")?),
            "Shape" | "Size" | "NonZero" | "ArgMax" | "ArgMin" => return Some(DataType::Int64),
            "Equal" | "Less" | "Greater" | "LessOrEqual" | "GreaterOrEqual" | "And" | "Or"
            | "Not" | "Xor" | "IsNaN" => return Some(DataType::Bool),
            "ConstantOfShape" => {
                let fill = node.attribute("value").and_then(|fill| fill.t.as_deref());
                return fill.map_or(Some(DataType::Float), |fill| known(fill.data_type.into()));
            }
            "RandomNormalLike" | "RandomUniformLike" => {
                return node.int("dtype").map_or(Some(DataType::Float), known);
            }
            "Where" => node.input.get(1),
            _ => node.input.first(),
        };
        value = source?;
    }
    None
}

fn input_type(input: &ValueInfoProto) -> Option<DataType> {
    match input.r#type.as_ref()?.value.as_ref()? {
        TypeValue::Tensor(tensor) => DataType::try_from(tensor.elem_type).ok(),
        _ => None,
    }
}
