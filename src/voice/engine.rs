//! What runs the parts of a voice: native kernels, or ONNX Runtime.

use std::fmt;

use piper_rs_native::{Kernels, Precision};
use serde::{Deserialize, Serialize};

/// What may run the parts of a voice. It matters for prepared voices only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EngineChoice {
    /// What runs them.
    pub engine: Engine,
    /// How precise the flow and the decoder are.
    pub precision: PrecisionOption,
}

/// What may run the parts of a voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Engine {
    /// Native kernels if the voice has the stock architecture, they make its samples, and
    /// they were found to pay on such a processor: x86-64 with AVX2.
    #[default]
    Auto,
    /// Native kernels if the voice has the stock architecture and they make its samples.
    Native,
    /// ONNX Runtime.
    OnnxRuntime,
}

/// How precise native parts are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum PrecisionOption {
    /// Like `Bf16` if that was also faster when the voice was prepared; otherwise fp32.
    #[default]
    Auto,
    /// The samples of the stock model, up to rounding.
    Fp32,
    /// The decoder in bf16 and the weights of the flow in fp16, if the processor has both and
    /// they were accurate enough; otherwise fp32.
    Bf16,
}

impl EngineChoice {
    /// The kernels in fp32; `None` if ONNX Runtime runs all parts.
    pub(super) fn kernels(self) -> Option<Kernels> {
        let may = match self.engine {
            Engine::Auto => cfg!(target_arch = "x86_64"),
            Engine::Native => true,
            Engine::OnnxRuntime => false,
        };
        Kernels::of_this_machine(Precision::Fp32).filter(|_| may)
    }

    /// Less precise kernels for the parts that do not decide how long phonemes are, if they
    /// may be used.
    pub(super) fn rounded_kernels(self) -> Option<PartKernels> {
        let first = self.kernels()?;
        let kernels = PartKernels {
            first,
            flow: Kernels::of_this_machine(Precision::Fp16)?,
            decoder: Kernels::of_this_machine(Precision::Bf16)?,
        };
        (self.precision != PrecisionOption::Fp32).then_some(kernels)
    }

    /// Tells choices apart with which a voice is prepared differently.
    pub(super) fn label(self) -> String {
        match (self.kernels(), self.rounded_kernels()) {
            (None, _) => "ONNX Runtime".to_owned(),
            (Some(kernels), None) => kernels.to_string(),
            (Some(kernels), Some(PartKernels { flow, decoder, .. })) => {
                format!("{kernels}, {flow}, {decoder}, {:?}", self.precision)
            }
        }
    }

    /// Choices of all kinds.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let native = [
            PrecisionOption::Auto,
            PrecisionOption::Fp32,
            PrecisionOption::Bf16,
        ];
        let native = native.map(|precision| Self {
            engine: Engine::Native,
            precision,
        });
        let onnx_runtime = Self {
            engine: Engine::OnnxRuntime,
            ..Self::default()
        };
        native.into_iter().chain([onnx_runtime])
    }
}

/// The kernels of native parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartKernels {
    /// Of the encoder and the aligner.
    pub(super) first: Kernels,
    pub(super) flow: Kernels,
    pub(super) decoder: Kernels,
}

impl PartKernels {
    /// The same kernels for all parts.
    pub(super) fn all(kernels: Kernels) -> Self {
        Self {
            first: kernels,
            flow: kernels,
            decoder: kernels,
        }
    }
}

/// A part of a split model, and what runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartEngine {
    /// The part.
    pub part: Part,
    /// What runs it; `None` is ONNX Runtime.
    pub native: Option<Kernels>,
    /// How ONNX Runtime's decoder stores its channels.
    pub layout: Option<ChannelLayout>,
}

/// A part of a split model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// From ids to the prior of each frame.
    Text,
    /// The first half of that: from ids to hidden vectors.
    Encoder,
    /// The second half.
    Aligner,
    /// From the prior to the latent.
    Flow,
    /// The timbre of a framewise voice.
    Timbre,
    /// From the latent to samples.
    Decoder,
}

impl PartEngine {
    /// A part that ONNX Runtime runs.
    pub(super) fn onnx_runtime(part: Part) -> Self {
        Self {
            part,
            native: None,
            layout: None,
        }
    }

    /// A part with these kernels; `None` is ONNX Runtime.
    pub(super) fn of(part: Part, native: Option<Kernels>) -> Self {
        Self {
            native,
            ..Self::onnx_runtime(part)
        }
    }

    /// A part with native kernels.
    pub(super) fn native(part: Part, kernels: Kernels) -> Self {
        Self::of(part, Some(kernels))
    }
}

impl fmt::Display for PartEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            part,
            native,
            layout,
        } = self;
        match native {
            Some(kernels) => write!(f, "{part} native ({kernels})")?,
            None => write!(f, "{part} ONNX Runtime")?,
        }
        layout.map_or(Ok(()), |layout| write!(f, " in {layout}"))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Encoder => "encoder",
            Self::Aligner => "aligner",
            Self::Flow => "flow",
            Self::Timbre => "timbre",
            Self::Decoder => "decoder",
        })
    }
}

/// The parts of a model in one line.
pub fn describe_parts(parts: &[PartEngine]) -> String {
    let parts: Vec<_> = parts.iter().map(PartEngine::to_string).collect();
    parts.join(", ")
}

/// How the decoder stores its channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelLayout {
    /// One channel after the other, as exported (NCHW).
    Plain,
    /// Interleaved in blocks as wide as the processor's registers (NCHWc):
    /// usually a third faster, which is measured when a voice is prepared.
    Blocks {
        /// Channels in one block.
        channels: usize,
    },
}

impl fmt::Display for ChannelLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("the plain layout"),
            Self::Blocks { channels } => write!(f, "blocks of {channels} channels"),
        }
    }
}
