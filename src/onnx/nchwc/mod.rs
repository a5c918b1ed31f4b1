//! Converting a decoder to ONNX Runtime's blocked layout, called NCHWc in its
//! source.
//!
//! In this layout 8 or 16 channels of one sample are next to each other in
//! memory, as many as fit a register of the processor, and convolutions run
//! without rearranging their input. ONNX Runtime uses it for two-dimensional
//! convolutions only, and converts back for every activation and transposed
//! convolution. Here the whole decoder stays in it: convolutions also do the
//! activations and residual sums, a transposed convolution becomes a
//! convolution and a reordering, and factors go into the weights.

mod converter;
mod fuse;
mod nchwc_builder;
mod probe;

pub use probe::{nchwc_block_size, nchwc_probe};

use self::converter::Converter;
use super::graph_index::GraphIndex;
use super::proto::ModelProto;

/// The domain of ONNX Runtime's operators for the blocked layout.
const NCHWC: &str = "com.microsoft.nchwc";

/// The numbers of channels in a block that ONNX Runtime has kernels for.
const BLOCK_SIZES: [usize; 3] = [4, 8, 16];

/// Why a decoder cannot be converted to the blocked layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NchwcError {
    /// The file holds no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// ONNX Runtime has no blocks of this size.
    #[error("blocks of {block} channels do not exist")]
    BlockSize {
        /// Channels in a block.
        block: usize,
    },
    /// An unsupported convolution: of another kind, with channels that are not
    /// a multiple of the block, or beyond the limit on weights.
    #[error("the convolution that makes `{value}` does not fit blocks of {block} channels")]
    Convolution {
        /// Its output.
        value: String,
        /// Channels in a block.
        block: usize,
    },
    /// The conversion would gain nothing.
    #[error("it has no convolutions")]
    NoConvolutions,
}

/// Converts a decoder, made by [`split_voice`](super::split_voice), to blocks
/// of `block` channels.
///
/// `block` must be the size that ONNX Runtime uses on this machine; see
/// [`nchwc_block_size`]. With another size the model loads, and makes wrong
/// samples or reads beyond its weights.
///
/// The model keeps its inputs and outputs; the batch must be 1. The samples
/// differ from the original ones only by rounding, less than 1e-5.
///
/// # Errors
/// [`NchwcError`] tells what cannot be converted.
pub fn convert_to_nchwc(decoder: &ModelProto, block: usize) -> Result<ModelProto, NchwcError> {
    let graph = decoder.graph.as_ref().ok_or(NchwcError::NoGraph)?;
    if !BLOCK_SIZES.contains(&block) {
        return Err(NchwcError::BlockSize { block });
    }
    let index = GraphIndex::new(graph);
    Converter::new(&index, block).convert(decoder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::tests::{self, DecoderBuilder, session};
    use crate::runtime::Tensor;

    /// Of weights and inputs, small enough for many layers.
    const RANGE: f32 = 0.4;

    fn numbers(count: usize, salt: u32) -> Vec<f32> {
        tests::numbers(count, salt, RANGE)
    }

    /// The mean of two residual blocks, activated.
    fn stage(decoder: &mut DecoderBuilder, x: &str, channels: usize) -> String {
        let activated = decoder.graph.op("LeakyRelu", &[x]);
        let blocks = [3, 5].map(|taps| {
            let first = decoder.conv(&activated, [channels, channels, taps], 1);
            let first = decoder.graph.op("Add", &[&first, x]);
            let second = decoder.graph.op("LeakyRelu", &[&first]);
            let second = decoder.conv(&second, [channels, channels, taps], 3);
            decoder.graph.op("Add", &[&second, &first])
        });
        let sum = decoder.graph.op("Add", &[&blocks[0], &blocks[1]]);
        let two = decoder.graph.float(2.0);
        let mean = decoder.graph.op("Div", &[&sum, &two]);
        decoder.graph.op("LeakyRelu", &[&mean])
    }

    fn decoder(latent: usize, outputs: usize, has_speakers: bool) -> ModelProto {
        let mut decoder = DecoderBuilder::new(|_| RANGE);
        let mut x = decoder.conv("z", [32, latent, 7], 1);
        if has_speakers {
            x = decoder.graph.op("Add", &[&x, "speaker"]);
        }
        let x = decoder.graph.op("LeakyRelu", &[&x]);
        let x = decoder.upsample(&x, [32, 16], 4);
        let x = stage(&mut decoder, &x, 16);
        let x = decoder.upsample(&x, [16, 16], 3);
        let x = stage(&mut decoder, &x, 16);
        let x = decoder.conv(&x, [outputs, 16, 7], 1);
        let inputs = &["z", "speaker"][..1 + usize::from(has_speakers)];
        decoder.finish(&x, inputs)
    }

    /// `None` if ONNX Runtime refuses the model.
    fn run(model: &ModelProto, latent: usize, frames: usize) -> Option<Vec<f32>> {
        let session = session(model)?;
        let (z, speaker) = (numbers(latent * frames, 77), numbers(32, 78));
        let shape = [1, latent, frames];
        let inputs = [
            ("z", Tensor::Floats(&z, &shape)),
            ("speaker", Tensor::Floats(&speaker, &[1, 32, 1])),
        ];
        tests::run(&session, &inputs[..session.inputs().len()]).ok()
    }

    fn difference(a: &[f32], b: &[f32]) -> f32 {
        assert_eq!(a.len(), b.len());
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max)
    }

    /// The block size that works on this machine. Channels are multiples of
    /// all sizes, so that a wrong one only makes wrong samples.
    fn block_size_here() -> Option<usize> {
        let plain = decoder(16, 16, false);
        let expected = run(&plain, 16, 9).unwrap();
        [8, 16].into_iter().find(|&block| {
            let blocked = run(&convert_to_nchwc(&plain, block).unwrap(), 16, 9);
            blocked.is_some_and(|blocked| difference(&blocked, &expected) < 1e-5)
        })
    }

    #[test]
    fn a_blocked_decoder_makes_the_samples_of_the_plain_one() {
        let Some(block) = block_size_here() else {
            if cfg!(target_arch = "x86_64") {
                panic!("every x86-64 processor of the last ten years has blocks");
            }
            return; // ONNX Runtime has no blocked kernels for this processor
        };
        for (latent, outputs, has_speakers) in [(16, 1, false), (48, 1, true), (16, 16, true)] {
            let plain = decoder(latent, outputs, has_speakers);
            let blocked = convert_to_nchwc(&plain, block).unwrap();
            for frames in [1, 2, 33] {
                let expected = run(&plain, latent, frames).unwrap();
                let samples = run(&blocked, latent, frames).unwrap();
                assert_eq!(samples.len(), outputs * frames * 12);
                let worst = difference(&samples, &expected);
                assert!(worst < 1e-5, "{worst} with {frames} frames");
                assert!(expected.iter().any(|sample| sample.abs() > 0.05));
            }
        }
    }

    #[test]
    fn activations_sums_and_factors_are_fused_into_the_convolutions() {
        let blocked = convert_to_nchwc(&decoder(16, 1, false), 8).unwrap();
        let nodes = &blocked.graph.as_ref().unwrap().node;
        let count = |op_type: &str| nodes.iter().filter(|node| node.op_type == op_type).count();
        // Two stages with three activations and a running sum each.
        assert_eq!((count("LeakyRelu"), count("Add")), (6, 2));
        assert_eq!(
            (count("Div"), count("Mul"), count("ConvTranspose")),
            (0, 0, 0)
        );
        assert_eq!((count("ReorderInput"), count("ReorderOutput")), (1, 1));
    }

    #[test]
    fn unsupported_decoders_are_refused() {
        let plain = decoder(16, 1, false);
        assert_eq!(
            convert_to_nchwc(&plain, 1),
            Err(NchwcError::BlockSize { block: 1 })
        );
        assert_eq!(
            convert_to_nchwc(&ModelProto::default(), 8),
            Err(NchwcError::NoGraph)
        );
        let odd = convert_to_nchwc(&decoder(12, 1, false), 8).unwrap_err();
        let message = odd.to_string();
        assert!(
            message.ends_with("does not fit blocks of 8 channels"),
            "{message}"
        );
        let mut empty = plain.clone();
        empty.graph.as_mut().unwrap().node.clear();
        assert_eq!(convert_to_nchwc(&empty, 8), Err(NchwcError::NoConvolutions));
        let mut cropped = plain;
        for tensor in &mut cropped.graph.as_mut().unwrap().initializer {
            tensor.raw_data = tensor
                .raw_data
                .as_ref()
                .map(|raw| raw.slice(..raw.len() / 2));
        }
        assert!(matches!(
            convert_to_nchwc(&cropped, 8),
            Err(NchwcError::Convolution { .. })
        ));
    }
}
