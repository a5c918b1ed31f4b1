//! The voice that is part of the program: it needs no file and no download.

use crate::audio::loudness::{Lufs, VoiceLoudness};

/// The name of the built-in voice, for `-m` and in messages.
pub const BUILTIN_NAME: &str = "en_US-slt-low";

/// Another name of the built-in voice. No file takes precedence over it.
pub const BUILTIN_ALIAS: &str = "builtin";

/// The graph, as trained; its provenance and licence are in `assets/`.
pub(super) const MODEL: &[u8] = include_bytes!("../../assets/voice/en_US-slt-low.onnx");

/// The [loudness](super::Voice::reference_loudness) of the built-in voice. It is
/// a constant, so that the first sound does not wait for a measurement; a test
/// checks it.
pub const BUILTIN_LOUDNESS: VoiceLoudness = VoiceLoudness {
    own: Lufs(-21.7),
    full_scale: Lufs(-15.3),
    peak: 0.378,
};

/// Samples in a frame of the built-in voice, whose vocoder appends some more after the
/// last one; a test checks it.
pub(super) const BUILTIN_FRAME_SAMPLES: u64 = 120;

/// The config; a test checks that it is valid.
pub(super) const CONFIG: &[u8] = include_bytes!("../../assets/voice/en_US-slt-low.onnx.json");

/// The contents of both files.
pub(super) const FILES: [&[u8]; 2] = [MODEL, CONFIG];
