//! Reading `.onnx` files, which come from anyone.

use prost::Message as _;
use prost::bytes::{Buf, Bytes};

use super::limits::{UnsafeGraph, refuse_hazards};
use super::proto::ModelProto;

/// The most steps that reading a file may take: two or three for a field, one
/// for a whole number in a list. Stock voices take some 160 000.
///
/// A field of two bytes becomes some 400 in memory: without a bound a small
/// file would fill any machine.
const MAX_STEPS: usize = 1 << 21;

/// Why bytes are no model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Something else, or not all of it.
    #[error("not an ONNX file, or a damaged one")]
    Damaged(#[from] prost::DecodeError),
    /// Far more parts than any voice.
    #[error("it has far more nodes and values than any voice")]
    TooMany,
    /// A graph that nobody should run.
    #[error(transparent)]
    UnsafeGraph(#[from] UnsafeGraph),
}

impl ModelProto {
    /// Reads an `.onnx` file. Weights are views of `onnx`, not copies; what
    /// is taken beside them is bounded. What ONNX Runtime must not see is
    /// refused.
    pub fn read(onnx: Bytes) -> Result<Self, ReadError> {
        let mut file = Counted {
            left: onnx,
            steps: 0,
        };
        let model = Self::decode(&mut file);
        if file.steps > MAX_STEPS {
            return Err(ReadError::TooMany);
        }
        let model = model?;
        refuse_hazards(&model)?;
        Ok(model)
    }
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
    use crate::onnx::proto::{GraphProto, NodeProto, TensorProto};

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
            assert_eq!(ModelProto::read(file(graph)), Err(ReadError::TooMany));
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
            assert!(matches!(refused, Err(ReadError::Damaged(_))), "{refused:?}");
        }
    }
}
