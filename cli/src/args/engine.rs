//! Options for threads, memory and the voice cache.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use piper_rs::voice::cache::Limits;
use piper_rs::voice::prepared::DEFAULT_MAX_BYTES;
use piper_rs::voice::{Engine, EngineChoice, PrecisionOption};

/// How many blocks are made ahead of the output.
pub(crate) const DEFAULT_AHEAD: NonZeroUsize = NonZeroUsize::new(4).unwrap();

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Performance")]
pub(crate) struct EngineArgs {
    /// Number of inference threads [default: the physical cores]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Maximum number of unused audio buffers kept for reuse
    #[arg(
        long,
        value_name = "BUFFERS",
        default_value_t = piper_rs::audio::pool::DEFAULT_MAX_IDLE,
        hide_short_help = true
    )]
    pub(crate) pool_size: usize,
    /// Maximum number of voices in memory; `serve`, and texts with parts, keep as many as
    /// --cache-mb has room for, unless this says otherwise
    #[arg(
        long,
        value_name = "VOICES",
        default_value_t = Limits::default().voices,
        env = "PIPER_CACHE_VOICES",
        hide_short_help = true
    )]
    pub(crate) cache_voices: usize,
    /// Maximum memory for voices, in megabytes
    #[arg(
        long,
        value_name = "MB",
        default_value_t = Limits::default().bytes / 1_000_000,
        env = "PIPER_CACHE_MB",
        hide_short_help = true
    )]
    pub(crate) cache_mb: u64,
    /// Do not prepare voices: nothing is stored, but they load and start more slowly
    #[arg(long, hide_short_help = true)]
    pub(crate) no_prepare: bool,
    #[command(flatten)]
    pub(crate) prepared: PreparedArgs,
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    /// Print statistics at the end
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        num_args = 0..=1,
        default_missing_value = "text",
        require_equals = true,
        hide_short_help = true
    )]
    pub(crate) stats: Option<StatsArg>,
}

/// What runs the parts of voices.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Performance")]
pub(crate) struct ChoiceArgs {
    /// What runs the parts of a prepared voice; with --strict-piper ONNX Runtime
    #[arg(
        long,
        value_name = "ENGINE",
        value_enum,
        default_value_t = EngineArg::Auto,
        hide_short_help = true
    )]
    pub(crate) engine: EngineArg,
    /// Precision of native decoders and flows
    #[arg(
        long,
        value_name = "PRECISION",
        value_enum,
        default_value_t = PrecisionArg::Auto,
        hide_short_help = true
    )]
    pub(crate) precision: PrecisionArg,
}

impl From<ChoiceArgs> for EngineChoice {
    fn from(args: ChoiceArgs) -> Self {
        Self {
            engine: args.engine.into(),
            precision: args.precision.into(),
        }
    }
}

/// The size of the folder of prepared voices.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Performance")]
pub(crate) struct PreparedArgs {
    /// Maximum disk space for prepared voices, in megabytes
    #[arg(
        long,
        value_name = "MB",
        default_value_t = DEFAULT_MAX_BYTES / 1_000_000,
        env = "PIPER_PREPARED_MB",
        hide_short_help = true
    )]
    pub(crate) prepared_mb: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineArg {
    /// Native kernels for voices of the stock architecture, on x86-64 with AVX2
    Auto,
    /// Native kernels for voices of the stock architecture, if the processor has any
    Native,
    /// ONNX Runtime
    Onnxruntime,
}

impl From<EngineArg> for Engine {
    fn from(engine: EngineArg) -> Self {
        match engine {
            EngineArg::Auto => Self::Auto,
            EngineArg::Native => Self::Native,
            EngineArg::Onnxruntime => Self::OnnxRuntime,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PrecisionArg {
    /// Like bf16 if that was faster, otherwise fp32
    Auto,
    /// The samples of the model, up to rounding
    Fp32,
    /// 8 significant bits in the decoder, weights of 11 in the flow, if the processor has bf16;
    /// not audible, 40 dB below the voice
    Bf16,
}

impl From<PrecisionArg> for PrecisionOption {
    fn from(precision: PrecisionArg) -> Self {
        match precision {
            PrecisionArg::Auto => Self::Auto,
            PrecisionArg::Fp32 => Self::Fp32,
            PrecisionArg::Bf16 => Self::Bf16,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsArg {
    /// Readable text
    Text,
    /// One JSON object
    Json,
}

/// For commands whose audio has one output, which may be slow.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Performance")]
pub(crate) struct AheadArgs {
    /// Maximum number of audio blocks made ahead of the output
    #[arg(
        long = "ahead",
        value_name = "BLOCKS",
        default_value_t = DEFAULT_AHEAD,
        hide_short_help = true
    )]
    pub(crate) blocks: NonZeroUsize,
}
