//! The instruction sets that there are kernels for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::arithmetic::{Arithmetic, Fp32};
#[cfg(target_arch = "x86_64")]
use crate::avx2::Avx2;
#[cfg(target_arch = "x86_64")]
use crate::avx512::{Avx512, Avx512Bf16, Avx512Fp16};
#[cfg(target_arch = "aarch64")]
use crate::neon::Neon;
use crate::scalar::{Scalar, ScalarBf16, ScalarFp16};

/// How precise products are. Sums are always in fp32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 24 significant bits, as in the stock model.
    Fp32,
    /// 24 significant bits, but 11 in weights, which are stored in fp16: the error of a flow
    /// is about 50 dB below the voice.
    Fp16,
    /// 8 significant bits: the error is about 40 dB below the voice, and silent in its
    /// pauses.
    Bf16,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fp32 => "fp32",
            Self::Fp16 => "fp16",
            Self::Bf16 => "bf16",
        })
    }
}

/// An instruction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Instructions {
    /// AVX-512 with its instructions for bf16.
    Avx512Bf16,
    /// AVX-512.
    Avx512,
    /// AVX2 and FMA.
    Avx2,
    /// NEON.
    Neon,
    /// None in particular; only for tests, because it is slow.
    Scalar,
}

impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Avx512Bf16 => "AVX-512 BF16",
            Self::Avx512 => "AVX-512",
            Self::Avx2 => "AVX2",
            Self::Neon => "NEON",
            Self::Scalar => "scalar",
        })
    }
}

/// Kernels: an instruction set, and a precision in which it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kernels {
    /// The instruction set.
    pub instructions: Instructions,
    /// The precision.
    pub precision: Precision,
}

impl fmt::Display for Kernels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.instructions, self.precision)
    }
}

/// Something that is done with the arithmetic of any kernels.
pub(crate) trait Work {
    type Result;
    fn run(self, arithmetic: impl Arithmetic) -> Self::Result;
}

/// Something that is done with an arithmetic whose operands are floats.
pub(crate) trait Fp32Work {
    type Result;
    fn run(self, arithmetic: impl Fp32) -> Self::Result;
}

impl Kernels {
    /// The best ones of this processor for a precision; `None` if it has none that pay.
    pub fn of_this_machine(precision: Precision) -> Option<Self> {
        let known: &[Instructions] = match precision {
            Precision::Fp32 => &[Instructions::Avx512, Instructions::Avx2, Instructions::Neon],
            Precision::Fp16 => &[Instructions::Avx512],
            Precision::Bf16 => &[Instructions::Avx512Bf16],
        };
        let mut known = known.iter().map(|&instructions| Self {
            instructions,
            precision,
        });
        known.find(|kernels| kernels.exist())
    }

    /// Whether this processor has them.
    pub fn exist(self) -> bool {
        struct Nothing;
        impl Work for Nothing {
            type Result = ();

            fn run(self, _: impl Arithmetic) {}
        }
        self.with(Nothing).is_some()
    }

    /// Runs `work` with the arithmetic of these kernels; `None` if this processor does
    /// not have it.
    pub(crate) fn with<W: Work>(self, work: W) -> Option<W::Result> {
        struct Any<W>(W);
        impl<W: Work> Fp32Work for Any<W> {
            type Result = W::Result;

            fn run(self, arithmetic: impl Fp32) -> W::Result {
                self.0.run(arithmetic)
            }
        }
        match (self.instructions, self.precision) {
            #[cfg(target_arch = "x86_64")]
            (Instructions::Avx512Bf16, Precision::Bf16) => {
                Avx512Bf16::detect().map(|arithmetic| work.run(arithmetic))
            }
            #[cfg(target_arch = "x86_64")]
            (Instructions::Avx512, Precision::Fp16) => {
                Avx512Fp16::detect().map(|arithmetic| work.run(arithmetic))
            }
            (Instructions::Scalar, Precision::Fp16) => Some(work.run(ScalarFp16)),
            (Instructions::Scalar, Precision::Bf16) => Some(work.run(ScalarBf16)),
            (_, Precision::Fp32) => self.instructions.with_fp32(Any(work)),
            _ => None,
        }
    }
}

impl Instructions {
    /// Runs `work` with the arithmetic of these instructions in fp32; `None` if this
    /// processor does not have it.
    pub(crate) fn with_fp32<W: Fp32Work>(self, work: W) -> Option<W::Result> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => Avx512::detect().map(|arithmetic| work.run(arithmetic)),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => Avx2::detect().map(|arithmetic| work.run(arithmetic)),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => Neon::detect().map(|arithmetic| work.run(arithmetic)),
            Self::Scalar => Some(work.run(Scalar)),
            _ => None,
        }
    }
}
