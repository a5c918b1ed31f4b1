//! The shared libraries that are loaded at run time.

use std::fmt;

/// A shared library that this library loads at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedLibrary {
    /// Runs the models of voices.
    OnnxRuntime,
    /// Converts words to phonemes.
    EspeakNg,
    /// Encodes MP3.
    Lame,
}

impl fmt::Display for SharedLibrary {
    /// Writes the library's usual name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OnnxRuntime => "ONNX Runtime",
            Self::EspeakNg => "espeak-ng",
            Self::Lame => "LAME",
        })
    }
}
