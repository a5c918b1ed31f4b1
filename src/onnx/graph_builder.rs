//! Building nodes, attributes, constants and value declarations.

use prost::bytes::Bytes;

use super::proto::{
    AttributeProto, AttributeType, DataType, Dimension, DimensionValue, GraphProto, ModelProto,
    NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto, TensorType, TypeProto, TypeValue,
    ValueInfoProto,
};

/// Builds nodes in the order in which they run, with names of their own.
#[derive(Debug)]
pub(super) struct GraphBuilder {
    prefix: String,
    pub(super) nodes: Vec<NodeProto>,
}

impl GraphBuilder {
    /// New values are named `prefix/0`, `prefix/1` and so on.
    pub(super) fn new(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            nodes: Vec::new(),
        }
    }

    /// Adds a node and returns the name of its output.
    pub(super) fn op(&mut self, op_type: &str, inputs: &[&str]) -> String {
        self.op_with(op_type, inputs, Vec::new())
    }

    pub(super) fn op_with(
        &mut self,
        op_type: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> String {
        let output = format!("{}/{}", self.prefix, self.nodes.len());
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.clone()],
            name: output.clone(),
            op_type: op_type.to_owned(),
            attribute,
            ..NodeProto::default()
        });
        output
    }

    /// Adds a node whose operator belongs to an extension, not to ONNX.
    pub(super) fn custom_op(
        &mut self,
        domain: &str,
        op_type: &str,
        inputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> String {
        let output = self.op_with(op_type, inputs, attribute);
        if let Some(node) = self.nodes.last_mut() {
            node.domain = domain.to_owned();
        }
        output
    }

    /// Adds a constant and returns its name.
    pub(super) fn constant(&mut self, tensor: TensorProto) -> String {
        let value = AttributeProto::tensor("value", tensor);
        self.op_with("Constant", &[], vec![value])
    }

    pub(super) fn int64s(&mut self, values: &[i64]) -> String {
        self.constant(TensorProto::int64s(values))
    }

    /// Adds a scalar constant.
    pub(super) fn float(&mut self, value: f32) -> String {
        self.constant(TensorProto::floats(&[], &[value]))
    }

    pub(super) fn cast(&mut self, input: &str, to: DataType) -> String {
        let to = AttributeProto::int("to", i64::from(to as i32));
        self.op_with("Cast", &[input], vec![to])
    }

    /// Renames the output of the last node.
    pub(super) fn rename_last_output(&mut self, output: &str) {
        if let Some(node) = self.nodes.last_mut() {
            node.output = vec![output.to_owned()];
        }
    }
}

/// Returns a name of `graph` that starts with `prefix`, if there is one.
pub(super) fn name_in_use(graph: &GraphProto, prefix: &str) -> Option<String> {
    let values = graph.node.iter().flat_map(|node| &node.output);
    let inputs = graph.input.iter().map(|input| &input.name);
    let constants = graph.initializer.iter().map(|tensor| &tensor.name);
    let nodes = graph.node.iter().map(|node| &node.name);
    let mut names = values.chain(inputs).chain(constants).chain(nodes);
    names.find(|name| name.starts_with(prefix)).cloned()
}

impl AttributeProto {
    fn of(name: &str, r#type: AttributeType) -> Self {
        Self {
            name: name.to_owned(),
            r#type: r#type as i32,
            ..Self::default()
        }
    }

    #[cfg(test)]
    pub(super) fn float(name: &str, value: f32) -> Self {
        Self {
            f: Some(value),
            ..Self::of(name, AttributeType::Float)
        }
    }

    pub(super) fn int(name: &str, value: i64) -> Self {
        Self {
            i: Some(value),
            ..Self::of(name, AttributeType::Int)
        }
    }

    pub(super) fn ints(name: &str, values: &[i64]) -> Self {
        Self {
            ints: values.to_vec(),
            ..Self::of(name, AttributeType::Ints)
        }
    }

    pub(super) fn string(name: &str, value: &str) -> Self {
        Self {
            s: Some(Bytes::copy_from_slice(value.as_bytes())),
            ..Self::of(name, AttributeType::String)
        }
    }

    pub(super) fn tensor(name: &str, value: TensorProto) -> Self {
        Self {
            t: Some(Box::new(value)),
            ..Self::of(name, AttributeType::Tensor)
        }
    }
}

impl TensorProto {
    fn raw(dims: &[i64], data_type: DataType, bytes: Vec<u8>) -> Self {
        Self {
            dims: dims.to_vec(),
            data_type: data_type as i32,
            raw_data: Some(bytes.into()),
            ..Self::default()
        }
    }

    /// A one-dimensional tensor.
    pub(super) fn int64s(values: &[i64]) -> Self {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        Self::raw(&[values.len() as i64], DataType::Int64, bytes)
    }

    /// A scalar.
    pub(super) fn int64(value: i64) -> Self {
        Self::raw(&[], DataType::Int64, value.to_le_bytes().to_vec())
    }

    /// A scalar.
    pub(super) fn uint64(value: u64) -> Self {
        Self::raw(&[], DataType::Uint64, value.to_le_bytes().to_vec())
    }

    /// `values` in row-major order, as many as `dims` require.
    pub(super) fn floats(dims: &[i64], values: &[f32]) -> Self {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        Self::raw(dims, DataType::Float, bytes)
    }
}

impl ValueInfoProto {
    /// Declares a tensor; without a shape, of any.
    pub(super) fn tensor(
        name: &str,
        data_type: DataType,
        shape: Option<&[DimensionValue]>,
    ) -> Self {
        let dimension = |value: &DimensionValue| Dimension {
            value: Some(value.clone()),
            ..Dimension::default()
        };
        let shape = shape.map(|sizes| TensorShapeProto {
            dim: sizes.iter().map(dimension).collect(),
        });
        let tensor = TensorType {
            elem_type: data_type as i32,
            shape,
        };
        Self {
            name: name.to_owned(),
            r#type: Some(TypeProto {
                value: Some(TypeValue::Tensor(tensor)),
                ..TypeProto::default()
            }),
            ..Self::default()
        }
    }

    /// Declares a float tensor of any shape.
    pub(super) fn floats(name: &str) -> Self {
        Self::tensor(name, DataType::Float, None)
    }

    /// Declares a float tensor `[batch, channels, frames]`.
    pub(super) fn frames(name: &str, channels: i64) -> Self {
        let named = |name: &str| DimensionValue::Name(name.to_owned());
        let shape = [
            named("batch"),
            DimensionValue::Size(channels),
            named("frames"),
        ];
        Self::tensor(name, DataType::Float, Some(&shape))
    }
}

impl ModelProto {
    /// A model of `graph` that needs ONNX's operators of 2021, and no others.
    pub(super) fn with_graph(graph: GraphProto) -> Self {
        Self {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto {
                domain: String::new(),
                version: 15,
            }],
            graph: Some(graph),
            ..Self::default()
        }
    }
}
