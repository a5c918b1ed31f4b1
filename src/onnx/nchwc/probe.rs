//! Finding the block size that ONNX Runtime uses on this machine.

use super::{BLOCK_SIZES, NCHWC};
use crate::onnx::proto::{
    AttributeProto, DataType, DimensionValue, GraphProto, ModelProto, NodeProto, TensorProto,
    ValueInfoProto,
};
use crate::onnx::weights::floats;

/// Two blocks of the largest size.
const CHANNELS: usize = 32;

/// Returns a model with one convolution. Have ONNX Runtime optimize and save
/// it, and pass the result to [`nchwc_block_size`].
pub fn nchwc_probe() -> ModelProto {
    let channels = CHANNELS as i64;
    // The only 1 is the weight of input 1 in output 0.
    let mut weights = vec![0.0; CHANNELS * CHANNELS];
    weights[1] = 1.0;
    let mut weights = TensorProto::floats(&[channels, channels, 1, 1], &weights);
    weights.name = "weights".to_owned();
    let shape = [
        DimensionValue::Name("batch".to_owned()),
        DimensionValue::Size(channels),
        DimensionValue::Size(1),
        DimensionValue::Name("frames".to_owned()),
    ];
    let convolution = NodeProto {
        op_type: "Conv".to_owned(),
        input: vec!["input".to_owned(), "weights".to_owned()],
        output: vec!["output".to_owned()],
        attribute: vec![AttributeProto::ints("kernel_shape", &[1, 1])],
        ..NodeProto::default()
    };
    let input = ValueInfoProto::tensor("input", DataType::Float, Some(&shape));
    ModelProto::with_graph(GraphProto {
        name: "probe".to_owned(),
        node: vec![convolution],
        initializer: vec![weights],
        input: vec![input],
        output: vec![ValueInfoProto::floats("output")],
        ..GraphProto::default()
    })
}

/// Returns how many channels are in a block, read from the optimized
/// [`nchwc_probe`]; `None` if ONNX Runtime has no blocked layout here.
pub fn nchwc_block_size(optimized: &ModelProto) -> Option<usize> {
    let graph = optimized.graph.as_ref()?;
    let mut nodes = graph.node.iter();
    let convolution = nodes.find(|node| node.domain == NCHWC && node.op_type == "Conv")?;
    let name = convolution.input.get(1)?;
    let mut tensors = graph.initializer.iter();
    let weights = floats(tensors.find(|tensor| tensor.name == *name)?)?;
    // Input 0 of all outputs in a block comes first, then input 1 of output 0.
    let block = weights.iter().position(|&weight| weight == 1.0)?;
    BLOCK_SIZES.contains(&block).then_some(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::weights::Weights;

    /// The probe as ONNX Runtime optimizes it on a machine with such blocks.
    fn optimized(block: usize) -> ModelProto {
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
            assert_eq!(nchwc_block_size(&optimized(block)), Some(block));
        }
    }

    #[test]
    fn a_model_without_blocked_convolutions_has_no_block_size() {
        assert_eq!(nchwc_block_size(&nchwc_probe()), None);
        assert_eq!(nchwc_block_size(&ModelProto::default()), None);
    }
}
