//! Text to speech with [Piper](https://github.com/OHF-Voice/piper1-gpl)
//! voices: text in, streamed audio out.
//!
//! One voice, [`VoiceFiles::Builtin`], is part of the library. ONNX Runtime and
//! espeak-ng are shared libraries, which are loaded at run time.
//!
//! ```
//! use std::sync::Arc;
//!
//! use piper_rs::sink::file;
//! use piper_rs::*;
//!
//! # fn main() -> Result<()> {
//! let library = std::env::var_os("ORT_DYLIB_PATH").unwrap_or("libonnxruntime.so".into());
//! let runtime = Runtime::load(&[library.into()])?;
//! let voice = Voice::load(&VoiceFiles::Builtin, &runtime, &LoadOptions::default())?;
//! let synthesizer = Synthesizer::for_voice(Arc::new(voice), &EspeakOptions::default())?;
//!
//! let path = std::env::temp_dir().join("hello.wav");
//! let mut wav = file::create(&path, synthesizer.sample_rate(), &FileOptions::default())?;
//! let mut session = SpeechSession::default();
//! for block in synthesizer.blocks(&mut session, "Hello. This is the second sentence.") {
//!     wav.write(&block?.samples)?;
//! }
//! wav.finish()?;
//! # assert!(path.metadata().unwrap().len() > 44);
//! # _ = std::fs::remove_file(path);
//! # Ok(())
//! # }
//! ```
//!
//! The folder `examples/` has more: a callback, cancelling, several voices, times of words, an
//! asynchronous stream.
//!
//! # Modules
//!
//! The modules are listed in the order of the data flow:
//!
//! ```text
//! text → chunk → reading → lexicon → phoneme → phoneme_id → voice → audio → encode → sink
//!        └──────────────────────── synth ───────────────────────┘
//! ```
//!
//! [`Synthesizer`] pulls text through the first half and returns audio blocks;
//! the caller passes them to a [`Sink`]. A [`Timeline`](timing::Timeline) of the same
//! blocks tells when each sentence and word is heard, and [`subtitles`] shows that.
//! [`catalogue`] and [`download`] get voices from Piper's repository. The library never
//! prints, exits or reads the environment.
//!
//! # Features
//!
//! - `playback` (default): sound devices, [`sink::device`]
//! - `download` (default): an HTTP client with TLS, [`download`]
//! - `documents` (default): Markdown, EPUB and others, [`document`]
//! - `flac`, `opus`, `mp3` (default): sound formats besides WAV, [`encode`]. LAME, which
//!   encodes MP3, is opened at run time
//! - `async`: `Synthesizer::stream`, a `futures_core::Stream` of audio blocks

pub mod audio;
pub mod catalogue;
pub mod chunk;
#[cfg(feature = "documents")]
pub mod document;
#[cfg(feature = "download")]
pub mod download;
pub mod encode;
pub mod fs;
mod language_tables;
pub mod lexicon;
pub mod manifest;
pub mod onnx;
pub mod parts;
pub mod phoneme;
pub mod phoneme_id;
pub mod protocol;
pub mod reading;
pub mod runtime;
pub mod sink;
pub mod speechd;
pub mod subtitles;
pub mod synth;
pub mod text;
pub mod timing;
pub mod voice;

pub mod cancel;
mod error;
mod file_kind;
mod separator;
mod shared_library;
mod temporary;
pub mod threads;

pub use audio::level::Normalize;
pub use audio::{AudioBlock, BufferPool};
pub use cancel::CancelToken;
pub use error::{BadDocument, BadDownload, Error, MissingPhonemes, SharedLibrary};
pub use phoneme::{EspeakOptions, PiperMode};
pub use runtime::Runtime;
pub use sink::Sink;
pub use sink::device::{DeviceOptions, DeviceSink, PlaybackPosition};
pub use sink::file::FileOptions;
pub use synth::{Pauses, SpeakOptions, SpeechSession, SpeechSessionOptions, Synthesizer};
pub use voice::{LoadOptions, Scales, Speaker, Speed, Voice, VoiceCache, VoiceConfig, VoiceFiles};

/// The result of every fallible function of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The examples of the README are compiled as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
