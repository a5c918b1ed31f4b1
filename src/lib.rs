//! Text to speech with [Piper](https://github.com/OHF-Voice/piper1-gpl)
//! voices: text in, streamed audio out.
//!
//! The modules stand in the order in which data flows through them:
//!
//! ```text
//! text → chunk → lexicon → phoneme → phoneme_id → voice → audio → sink
//!        └───────────────────── synth ──────────────────┘
//! ```
//!
//! Voices come from [`catalogue`] by [`download`].
//!
//! [`synth::Synthesizer`] pulls text through the first half and hands out
//! audio blocks; a [`sink::Sink`] takes them. The library never prints, exits
//! or reads the environment: paths and choices are passed in.

pub mod audio;
pub mod catalogue;
pub mod chunk;
pub mod download;
pub mod fs;
pub mod lexicon;
pub mod manifest;
pub mod onnx;
pub mod phoneme;
pub mod phoneme_id;
pub mod runtime;
pub mod sink;
pub mod synth;
pub mod text;
pub mod voice;

pub mod cancel;
mod error;

pub use audio::{AudioBlock, BufferPool};
pub use cancel::CancelToken;
pub use error::Error;
pub use phoneme::EspeakOptions;
pub use runtime::Runtime;
pub use sink::Sink;
pub use synth::{Pauses, SpeakOptions, SpeechSession, SpeechSessionOptions, Synthesizer};
pub use voice::{LoadOptions, Voice, VoiceCache, VoiceConfig, VoiceFiles};

/// What every fallible function of this library returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;
