//! Converting the nodes of a decoder one by one.

use std::collections::HashSet;

use super::fuse::fuse;
use super::nchwc_builder::{Blocked, NchwcBuilder};
use super::{NCHWC, NchwcError};
use crate::onnx::graph_index::GraphIndex;
use crate::onnx::kernel::Kernel;
use crate::onnx::proto::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto};
use crate::onnx::weights::{Weights, blocked_bias, floats, only_float};

/// A convolution with two taps, over each pair of neighbours.
const PAIRS: Kernel = Kernel {
    size: 2,
    stride: 1,
    dilation: 1,
    pads: [1, 1],
};

pub(super) struct Converter<'a, 'i> {
    index: &'i GraphIndex<'a>,
    block: usize,
    builder: NchwcBuilder,
}

impl<'a, 'i> Converter<'a, 'i> {
    pub(super) fn new(index: &'i GraphIndex<'a>, block: usize) -> Self {
        Self {
            index,
            block,
            builder: NchwcBuilder::new(block),
        }
    }

    /// Converts all nodes; `decoder` is the model of the indexed graph.
    pub(super) fn convert(mut self, decoder: &ModelProto) -> Result<ModelProto, NchwcError> {
        let graph = self.index.graph;
        for node in &graph.node {
            self.convert_node(node)?;
        }
        for output in &graph.output {
            self.builder.make_plain(&output.name);
        }
        match self.builder.constants.is_empty() {
            true => Err(NchwcError::NoConvolutions),
            false => Ok(self.into_model(decoder)),
        }
    }

    fn convert_node(&mut self, node: &NodeProto) -> Result<(), NchwcError> {
        let mut outputs = node.output.iter();
        let is_constant = outputs.all(|output| self.index.is_constant(output));
        let converted = match node.op_type.as_str() {
            _ if is_constant || !node.is_standard() => None,
            "Conv" => Some(self.conv(node).ok_or_else(|| self.unsupported(node))?),
            "ConvTranspose" => Some(self.upsample(node).ok_or_else(|| self.unsupported(node))?),
            "LeakyRelu" => self.activate(node),
            "Add" => self.add(node),
            "Mul" | "Div" => self.scale(node),
            _ => None,
        };
        if converted.is_none() {
            for value in node.used_values() {
                self.builder.make_plain(value);
            }
            self.builder.graph.nodes.push(node.clone());
        }
        Ok(())
    }

    fn unsupported(&self, node: &NodeProto) -> NchwcError {
        NchwcError::Convolution {
            value: node.output.concat(),
            block: self.block,
        }
    }

    fn conv(&mut self, node: &NodeProto) -> Option<()> {
        let kernel = Kernel::read(node).filter(|kernel| kernel.stride == 1)?;
        let mut weights = Weights::read(self.index.tensor(node.input.get(1)?)?)?;
        let is_supported = node.int("group").unwrap_or(1) == 1
            && weights.taps as i64 == kernel.size
            && weights.inputs % self.block == 0;
        let bias = self.bias(node, weights.outputs)?;
        let input = node.input.first().filter(|_| is_supported)?;
        let input = self.builder.make_blocked(input, weights.inputs)?;
        weights.scale(input.factor);
        let bias = bias.map(|bias| blocked_bias(&bias, 1, self.block));
        let name = self.builder.conv(&input.name, &weights, bias, kernel)?;
        let output = Blocked {
            name,
            channels: weights.outputs,
            factor: 1.0,
        };
        self.builder.set_blocked(node, output)?;
        if weights.outputs % self.block != 0 {
            // Only `ReorderOutput` knows that the last block is not full.
            self.builder.make_plain_only(node.output.first()?);
        }
        Some(())
    }

    /// `Some(None)` if there is no bias, `None` if it cannot be used.
    fn bias(&self, node: &NodeProto, channels: usize) -> Option<Option<Vec<f32>>> {
        let Some(name) = node.input.get(2).filter(|name| !name.is_empty()) else {
            return Some(None);
        };
        let bias = floats(self.index.tensor(name)?)?;
        (bias.len() == channels).then_some(Some(bias))
    }

    /// A transposed convolution is a convolution with two taps that makes, for
    /// each pair of neighbours, the samples between them as channels. These
    /// are then interleaved.
    fn upsample(&mut self, node: &NodeProto) -> Option<()> {
        let kernel = Kernel::read(node)?;
        let stride = usize::try_from(kernel.stride).ok()?;
        let mut weights = Weights::read_transposed(self.index.tensor(node.input.get(1)?)?, stride)?;
        let channels = weights.outputs / stride;
        let is_supported = node.int("group").unwrap_or(1) == 1
            && kernel.multiplies_length(node)
            && kernel.size == 2 * kernel.stride
            && channels % self.block == 0
            && weights.inputs % self.block == 0;
        let bias = self.bias(node, channels)?;
        let input = node.input.first().filter(|_| is_supported)?;
        let input = self.builder.make_blocked(input, weights.inputs)?;
        weights.scale(input.factor);
        let bias = bias.map(|bias| blocked_bias(&bias, stride, self.block));
        let phases = self.builder.conv(&input.name, &weights, bias, PAIRS)?;
        let name = self
            .builder
            .interleave(&phases, kernel.stride, channels, kernel.pads);
        let output = Blocked {
            name,
            channels,
            factor: 1.0,
        };
        self.builder.set_blocked(node, output)
    }

    /// A factor above 0 can be applied after the activation.
    fn activate(&mut self, node: &NodeProto) -> Option<()> {
        let input = self.builder.blocked(node.input.first()?)?.clone();
        let attributes = node.attribute.clone();
        let name = self
            .builder
            .graph
            .op_with("LeakyRelu", &[&input.name], attributes);
        self.builder.set_blocked(node, Blocked { name, ..input })
    }

    fn add(&mut self, node: &NodeProto) -> Option<()> {
        let [a, b] = node.input.as_slice() else {
            return None;
        };
        let channels = self.builder.blocked(a)?.channels;
        if self.builder.blocked(b)?.channels != channels {
            return None;
        }
        let [a, b] = [self.builder.apply_factor(a)?, self.builder.apply_factor(b)?];
        let output = Blocked {
            name: self.builder.graph.op("Add", &[&a, &b]),
            channels,
            factor: 1.0,
        };
        self.builder.set_blocked(node, output)
    }

    /// Adds no node: the next convolution multiplies its weights instead.
    fn scale(&mut self, node: &NodeProto) -> Option<()> {
        let [input, by] = node.input.as_slice() else {
            return None;
        };
        let input = self.builder.blocked(input)?.clone();
        let by = only_float(self.index.tensor(by)?)?;
        let factor = match node.is("Div") {
            true => input.factor / by,
            false => input.factor * by,
        };
        if !factor.is_normal() || factor < 0.0 {
            return None;
        }
        self.builder.set_blocked(node, Blocked { factor, ..input })
    }

    fn into_model(self, decoder: &ModelProto) -> ModelProto {
        let graph = self.index.graph;
        let outputs = graph.output.iter();
        let outputs: Vec<&str> = outputs.map(|output| output.name.as_str()).collect();
        let mut nodes = fuse(self.builder.graph.nodes, &outputs);
        let used: HashSet<String> = nodes
            .iter()
            .flat_map(NodeProto::used_values)
            .chain(outputs)
            .map(str::to_owned)
            .collect();
        // Factors are now in the weights.
        nodes.retain(|node| !node.is("Constant") || node.output.iter().any(|o| used.contains(o)));
        let own = graph.initializer.iter();
        let own = own.filter(|tensor| used.contains(&tensor.name)).cloned();
        let mut model = ModelProto {
            graph: Some(GraphProto {
                initializer: own.chain(self.builder.constants).collect(),
                node: nodes,
                ..graph.clone()
            }),
            ..decoder.clone()
        };
        model.opset_import.retain(|set| set.domain != NCHWC);
        model.opset_import.push(OperatorSetIdProto {
            domain: NCHWC.to_owned(),
            version: 1,
        });
        model
    }
}
