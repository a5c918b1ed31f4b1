//! Finding out the block size of a machine.

use super::weights::floats;
use crate::onnx::nchwc::NCHWC;
use crate::onnx::proto::{AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto};
use crate::onnx::proto::{Dimension, DimensionValue, TensorProto, TypeValue};
use crate::onnx::subgraph::float_value;

/// As many channels as two blocks of the largest kind.
const CHANNELS: usize = 32;

/// Returns a model for ONNX Runtime to optimise, with everything on, and save;
/// [`nchwc_block_size`] reads the result.
pub fn nchwc_probe() -> ModelProto {
    let channels = CHANNELS as i64;
    // The weight of input 1 in output 0 is the only 1.
    let mut weights = vec![0.0; CHANNELS * CHANNELS];
    weights[1] = 1.0;
    let mut weights = TensorProto::floats(&[channels, channels, 1, 1], &weights);
    weights.name = "weights".to_owned();
    let mut input = float_value("input", Some(channels));
    if let Some(TypeValue::Tensor(tensor)) = input.r#type.as_mut().and_then(|t| t.value.as_mut()) {
        let height = Dimension {
            value: Some(DimensionValue::Size(1)),
            ..Dimension::default()
        };
        tensor.shape.get_or_insert_default().dim.insert(2, height);
    }
    let convolution = NodeProto {
        op_type: "Conv".to_owned(),
        input: vec!["input".to_owned(), "weights".to_owned()],
        output: vec!["output".to_owned()],
        attribute: vec![AttributeProto::ints("kernel_shape", &[1, 1])],
        ..NodeProto::default()
    };
    ModelProto {
        ir_version: 8,
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: 15,
        }],
        graph: Some(GraphProto {
            name: "probe".to_owned(),
            node: vec![convolution],
            initializer: vec![weights],
            input: vec![input],
            output: vec![float_value("output", None)],
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    }
}

/// Returns how many channels ONNX Runtime keeps side by side, read from the
/// optimised [`nchwc_probe`]; `None` when it does not.
pub fn nchwc_block_size(optimised: &ModelProto) -> Option<usize> {
    let graph = optimised.graph.as_ref()?;
    let mut nodes = graph.node.iter();
    let convolution = nodes.find(|node| node.domain == NCHWC && node.op_type == "Conv")?;
    let name = convolution.input.get(1)?;
    let weights = floats(
        graph
            .initializer
            .iter()
            .find(|tensor| tensor.name == *name)?,
    )?;
    // After input 0 of all outputs of a block comes input 1 of output 0.
    let block = weights.iter().position(|&weight| weight == 1.0)?;
    matches!(block, 4 | 8 | 16).then_some(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::nchwc::weights::Weights;

    /// What ONNX Runtime makes of the probe on a machine with such blocks.
    fn optimised(block: usize) -> ModelProto {
        let mut model = nchwc_probe();
        let graph = model.graph.as_mut().unwrap();
        graph.node[0].domain = NCHWC.to_owned();
        let weights = &mut graph.initializer[0];
        weights.dims = vec![32, 32, 1];
        let name = weights.name.clone();
        *weights = Weights::read(weights).unwrap().blocked(block);
        weights.name = name;
        model
    }

    #[test]
    fn the_size_is_read_from_the_order_of_the_weights() {
        for block in [4, 8, 16] {
            assert_eq!(nchwc_block_size(&optimised(block)), Some(block));
        }
    }

    #[test]
    fn a_model_that_was_not_rewritten_has_no_blocks() {
        assert_eq!(nchwc_block_size(&nchwc_probe()), None);
        assert_eq!(nchwc_block_size(&ModelProto::default()), None);
    }
}
