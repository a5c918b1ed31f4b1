//! Reading `.onnx` files, which come from anyone.

use prost::Message as _;
use prost::bytes::{Buf, Bytes};

use super::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto,
};

/// The most steps that reading a file may take: two or three for a field, one
/// for a whole number in a list. Stock voices take some 160 000.
///
/// A field of two bytes becomes some 400 in memory: without a bound a small
/// file would fill any machine.
const MAX_STEPS: usize = 1 << 21;

/// Why bytes are no model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotOnnx {
    /// Something else, or not all of it.
    #[error("not an ONNX file, or a damaged one")]
    Damaged(#[from] prost::DecodeError),
    /// Weights that are not in the file. ONNX Runtime would look for them in
    /// whatever folder the program is run in.
    #[error("it keeps weights in another file, `{file}`; a voice has to be one file")]
    Elsewhere {
        /// Where they are said to be.
        file: String,
    },
    /// Far more parts than any voice.
    #[error("it has far more nodes and values than any voice")]
    TooMany,
}

impl ModelProto {
    /// Reads an `.onnx` file. Weights are views of `onnx`, not copies; what
    /// is taken beside them is bounded.
    pub fn read(onnx: Bytes) -> Result<Self, NotOnnx> {
        let mut file = Counted {
            left: onnx,
            steps: 0,
        };
        let model = Self::decode(&mut file);
        if file.steps > MAX_STEPS {
            return Err(NotOnnx::TooMany);
        }
        let model = model?;
        let graphs = model.graph.iter();
        let nodes = model.functions.iter().flat_map(|function| &function.node);
        let mut elsewhere = graphs.filter_map(in_graph).chain(nodes.filter_map(in_node));
        match elsewhere.next() {
            Some(tensor) => Err(NotOnnx::Elsewhere {
                file: place_of(tensor),
            }),
            None => Ok(model),
        }
    }
}

/// Finds a tensor whose values are in another file.
fn in_graph(graph: &GraphProto) -> Option<&TensorProto> {
    let sparse = graph.sparse_initializer.iter().flat_map(parts_of);
    let mut tensors = graph.initializer.iter().chain(sparse);
    tensors
        .find(is_elsewhere)
        .or_else(|| graph.node.iter().find_map(in_node))
}

fn in_node(node: &NodeProto) -> Option<&TensorProto> {
    node.attribute.iter().find_map(in_attribute)
}

fn in_attribute(attribute: &AttributeProto) -> Option<&TensorProto> {
    let sparse = attribute.sparse_tensor.as_deref().into_iter();
    let sparse = sparse.chain(&attribute.sparse_tensors).flat_map(parts_of);
    let own = attribute.t.as_deref().into_iter();
    let mut tensors = own.chain(&attribute.tensors).chain(sparse);
    let mut graphs = attribute.g.as_deref().into_iter().chain(&attribute.graphs);
    tensors
        .find(is_elsewhere)
        .or_else(|| graphs.find_map(in_graph))
}

fn parts_of(tensor: &SparseTensorProto) -> impl Iterator<Item = &TensorProto> {
    tensor.values.iter().chain(&tensor.indices)
}

fn is_elsewhere(tensor: &&TensorProto) -> bool {
    tensor.data_location != 0 || !tensor.external_data.is_empty()
}

fn place_of(tensor: &TensorProto) -> String {
    let mut said = tensor.external_data.iter();
    let location = said.find(|entry| entry.key == "location");
    location.map_or_else(String::new, |entry| entry.value.clone())
}

/// A file that ends early for a reader who takes too many steps.
struct Counted {
    left: Bytes,
    steps: usize,
}

impl Buf for Counted {
    fn remaining(&self) -> usize {
        self.chunk().len()
    }

    fn chunk(&self) -> &[u8] {
        match self.steps > MAX_STEPS {
            true => &[],
            false => &self.left,
        }
    }

    fn advance(&mut self, count: usize) {
        self.steps += 1;
        self.left.advance(count);
    }

    // A list of floats takes no more memory than it has bytes.
    fn get_f32_le(&mut self) -> f32 {
        self.left.get_f32_le()
    }

    fn copy_to_bytes(&mut self, count: usize) -> Bytes {
        self.steps += 1;
        self.left.copy_to_bytes(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::proto::StringStringEntryProto;

    fn file(graph: GraphProto) -> Bytes {
        let model = ModelProto {
            graph: Some(graph),
            ..ModelProto::default()
        };
        model.encode_to_vec().into()
    }

    #[test]
    fn weights_of_any_length_are_read_and_not_copied() {
        let raw = TensorProto {
            raw_data: Some(vec![7; 4 * MAX_STEPS].into()),
            ..TensorProto::default()
        };
        let listed = TensorProto {
            float_data: vec![0.5; 2 * MAX_STEPS],
            ..TensorProto::default()
        };
        let graph = GraphProto {
            initializer: vec![raw, listed],
            ..GraphProto::default()
        };
        let file = file(graph.clone());
        let read = ModelProto::read(file.clone()).unwrap().graph.unwrap();
        assert_eq!(read, graph);
        let raw = read.initializer[0].raw_data.as_ref().unwrap();
        assert!(file.as_ptr_range().contains(&raw.as_ptr()));
    }

    #[test]
    fn a_small_file_of_countless_parts_is_refused() {
        let nodes = GraphProto {
            node: vec![NodeProto::default(); MAX_STEPS],
            ..GraphProto::default()
        };
        let numbers = GraphProto {
            initializer: vec![TensorProto {
                int64_data: vec![1; 2 * MAX_STEPS],
                ..TensorProto::default()
            }],
            ..GraphProto::default()
        };
        for graph in [nodes, numbers] {
            assert_eq!(ModelProto::read(file(graph)), Err(NotOnnx::TooMany));
        }
    }

    #[test]
    fn weights_in_another_file_are_refused_wherever_they_are() {
        let location = StringStringEntryProto {
            key: "location".to_owned(),
            value: "beside.bin".to_owned(),
        };
        let tensor = TensorProto {
            data_location: 1,
            external_data: vec![location],
            ..TensorProto::default()
        };
        let with = |attribute| NodeProto {
            attribute: vec![attribute],
            ..NodeProto::default()
        };
        let of_nodes = |node| GraphProto {
            node: vec![node],
            ..GraphProto::default()
        };
        let plain = GraphProto {
            initializer: vec![tensor.clone()],
            ..GraphProto::default()
        };
        let sparse = GraphProto {
            sparse_initializer: vec![SparseTensorProto {
                values: Some(tensor.clone()),
                ..SparseTensorProto::default()
            }],
            ..GraphProto::default()
        };
        let constant = of_nodes(with(AttributeProto {
            t: Some(Box::new(tensor)),
            ..AttributeProto::default()
        }));
        let nested = of_nodes(with(AttributeProto {
            g: Some(Box::new(constant.clone())),
            ..AttributeProto::default()
        }));
        for graph in [plain, sparse, constant, nested] {
            let message = ModelProto::read(file(graph)).unwrap_err().to_string();
            assert!(message.contains("`beside.bin`"), "{message}");
        }
    }

    #[test]
    fn what_is_cut_short_or_nested_too_deep_is_refused() {
        let whole = file(GraphProto {
            name: "voice".to_owned(),
            ..GraphProto::default()
        });
        // Attributes that hold graphs that hold nodes that hold attributes …
        let mut nested = Vec::new();
        for _ in 0..40 {
            for tag in [6, 5, 1] {
                let mut outer = Vec::new();
                prost::encoding::encode_key(
                    tag,
                    prost::encoding::WireType::LengthDelimited,
                    &mut outer,
                );
                prost::encoding::encode_varint(nested.len() as u64, &mut outer);
                outer.extend(nested);
                nested = outer;
            }
        }
        let mut model = vec![0x3a]; // the graph
        prost::encoding::encode_varint(nested.len() as u64, &mut model);
        model.extend(nested);
        for bytes in [whole.slice(..whole.len() - 1), model.into()] {
            let refused = ModelProto::read(bytes);
            assert!(matches!(refused, Err(NotOnnx::Damaged(_))), "{refused:?}");
        }
    }
}
