//! Reading `.onnx` files from unknown sources.

use prost::Message as _;
use prost::bytes::{Buf, Bytes};

use super::limits::{self, UnsafeGraph};
use super::proto::ModelProto;

/// The most steps that decoding a file may take: two or three per field, one
/// per integer in a list. Stock voices take some 160 000.
///
/// A field of two bytes may take some 400 bytes in memory. Without a limit, a
/// small file would fill the memory of any machine.
const MAX_STEPS: usize = 1 << 21;

/// Why bytes are not accepted as a model.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Another format, or a truncated file.
    #[error("not an ONNX file, or a damaged one")]
    Invalid(#[from] prost::DecodeError),
    /// Decoding it took more than `MAX_STEPS`.
    #[error("it has far more nodes and values than any voice")]
    TooComplex,
    /// It is not safe to run the graph.
    #[error(transparent)]
    Unsafe(#[from] UnsafeGraph),
}

impl ModelProto {
    /// Reads an `.onnx` file.
    ///
    /// Weights are views of `onnx`, not copies; the memory for everything else
    /// is limited. A graph that is not safe to run is an error.
    pub fn read(onnx: Bytes) -> Result<Self, ReadError> {
        let mut file = CountingBuf {
            rest: onnx,
            steps: 0,
        };
        let model = Self::decode(&mut file);
        if file.steps > MAX_STEPS {
            return Err(ReadError::TooComplex);
        }
        let model = model?;
        limits::check(&model)?;
        Ok(model)
    }
}

/// A buffer that counts how often it is read, and appears empty after
/// `MAX_STEPS`.
struct CountingBuf {
    rest: Bytes,
    steps: usize,
}

impl Buf for CountingBuf {
    fn remaining(&self) -> usize {
        self.chunk().len()
    }

    fn chunk(&self) -> &[u8] {
        match self.steps > MAX_STEPS {
            true => &[],
            false => &self.rest,
        }
    }

    fn advance(&mut self, count: usize) {
        self.steps += 1;
        self.rest.advance(count);
    }

    // Not counted: a list of floats takes no more memory than it has bytes.
    fn get_f32_le(&mut self) -> f32 {
        self.rest.get_f32_le()
    }

    fn copy_to_bytes(&mut self, count: usize) -> Bytes {
        self.steps += 1;
        self.rest.copy_to_bytes(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{GraphProto, NodeProto, TensorProto};

    fn file(graph: GraphProto) -> Bytes {
        ModelProto::with_graph(graph).encode_to_vec().into()
    }

    #[test]
    fn weights_of_any_length_are_read_without_a_copy() {
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
    fn a_small_file_of_too_many_values_is_refused() {
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
            assert_eq!(ModelProto::read(file(graph)), Err(ReadError::TooComplex));
        }
    }

    #[test]
    fn truncated_or_deeply_nested_files_are_refused() {
        let complete = file(GraphProto {
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
        for bytes in [complete.slice(..complete.len() - 1), model.into()] {
            let refused = ModelProto::read(bytes);
            assert!(matches!(refused, Err(ReadError::Invalid(_))), "{refused:?}");
        }
    }
}
