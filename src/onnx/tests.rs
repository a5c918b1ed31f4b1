//! Decoders for the tests of this folder, and what ONNX Runtime makes of graphs.

use prost::Message as _;

use super::graph_builder::GraphBuilder;
use super::proto::{AttributeProto, GraphProto, ModelProto, TensorProto, ValueInfoProto};
use crate::runtime::{Outputs, Runtime, Session, SessionOptions, Tensor};
use crate::{CancelToken, Result};

/// Pseudo-random numbers around 0, at most half of `range` away.
pub(super) fn numbers(count: usize, salt: u32, range: f32) -> Vec<f32> {
    let mut state = salt.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state as f32 / u32::MAX as f32 - 0.5) * range
    };
    (0..count).map(|_| next()).collect()
}

/// Builds a HiFi-GAN with pseudo-random weights.
pub(super) struct DecoderBuilder {
    pub(super) graph: GraphBuilder,
    weights: Vec<TensorProto>,
    /// The range of weights of these sizes.
    range: fn(&[usize]) -> f32,
}

impl DecoderBuilder {
    pub(super) fn new(range: fn(&[usize]) -> f32) -> Self {
        Self {
            graph: GraphBuilder::new("d"),
            weights: Vec::new(),
            range,
        }
    }

    fn weight(&mut self, sizes: &[usize]) -> String {
        let salt = self.weights.len() as u32 + 1;
        let values = numbers(sizes.iter().product(), salt, (self.range)(sizes));
        let dims: Vec<i64> = sizes.iter().map(|&size| size as i64).collect();
        let mut tensor = TensorProto::floats(&dims, &values);
        tensor.name = format!("w{salt}");
        self.weights.push(tensor);
        format!("w{salt}")
    }

    /// A convolution that keeps the number of rows, of sizes `[outputs, inputs, taps]`.
    pub(super) fn conv(&mut self, input: &str, sizes: [usize; 3], dilation: i64) -> String {
        let weights = [self.weight(&sizes), self.weight(&sizes[..1])];
        let taps = sizes[2] as i64;
        let pad = (taps - 1) * dilation / 2;
        let attributes = vec![
            AttributeProto::ints("kernel_shape", &[taps]),
            AttributeProto::ints("dilations", &[dilation]),
            AttributeProto::ints("pads", &[pad, pad]),
        ];
        let inputs = [input, &weights[0], &weights[1]];
        self.graph.op_with("Conv", &inputs, attributes)
    }

    /// An upsampling from some channels to others.
    pub(super) fn upsample(&mut self, input: &str, [from, to]: [usize; 2], stride: i64) -> String {
        let sizes = [from, to, 2 * stride as usize];
        let weights = [self.weight(&sizes), self.weight(&[to])];
        let attributes = vec![
            AttributeProto::ints("kernel_shape", &[2 * stride]),
            AttributeProto::ints("strides", &[stride]),
            AttributeProto::ints("pads", &[stride / 2, stride - stride / 2]),
        ];
        let inputs = [input, &weights[0], &weights[1]];
        self.graph.op_with("ConvTranspose", &inputs, attributes)
    }

    /// The model that takes `inputs` and makes `audio`, the tangent of `samples`.
    pub(super) fn finish(mut self, samples: &str, inputs: &[&str]) -> ModelProto {
        self.graph.op("Tanh", &[samples]);
        self.graph.rename_last_output("audio");
        let inputs = inputs.iter().copied().map(ValueInfoProto::floats);
        ModelProto::with_graph(GraphProto {
            name: "decoder".to_owned(),
            node: self.graph.nodes,
            initializer: self.weights,
            input: inputs.collect(),
            output: vec![ValueInfoProto::floats("audio")],
            ..GraphProto::default()
        })
    }
}

/// Loads a graph; `None` if ONNX Runtime refuses it.
pub(crate) fn session(model: &ModelProto) -> Option<Session> {
    let path = std::env::var_os("ORT_DYLIB_PATH").unwrap();
    let runtime = Runtime::load(&[path.into()]).unwrap();
    let options = SessionOptions::default();
    Session::from_bytes(&runtime, &model.encode_to_vec(), options).ok()
}

/// The numbers of the first output.
pub(super) fn run(session: &Session, inputs: &[(&str, Tensor<'_>)]) -> Result<Vec<f32>> {
    let read = |outputs: &Outputs<'_>| Ok(outputs.floats(0)?.1.to_vec());
    session.run(inputs, &CancelToken::new(), read)
}
