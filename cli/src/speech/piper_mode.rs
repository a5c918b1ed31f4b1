//! Compatibility with Piper.

use piper_rs::phoneme::Terminators;

/// Whether Piper's bugs are fixed or reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PiperMode {
    /// They are fixed.
    Improved,
    /// They are reproduced: the output is that of piper-tts.
    Strict,
}

impl PiperMode {
    pub(crate) fn of(strict_piper: bool) -> Self {
        match strict_piper {
            true => Self::Strict,
            false => Self::Improved,
        }
    }

    pub(crate) fn terminators(self) -> Terminators {
        match self {
            Self::Improved => Terminators::Improved,
            Self::Strict => Terminators::Strict,
        }
    }
}
