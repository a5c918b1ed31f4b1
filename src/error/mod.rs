//! The errors of the library. Variants are named by what a caller can do about
//! them.

mod document;
mod download;
mod library;
mod missing_phonemes;

pub use document::BadDocument;
pub use download::BadDownload;
pub use library::SharedLibrary;
pub use missing_phonemes::MissingPhonemes;

use std::io;
use std::path::PathBuf;

/// The error of another crate, kept as the cause.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// An error of this library.
///
/// A message names the thing that failed, and does not repeat its cause: print
/// the chain of [`source`](std::error::Error::source)s too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A shared library was not found.
    #[error("{library} was not found; looked in:{}", list(searched))]
    LibraryNotFound {
        /// Which one.
        library: SharedLibrary,
        /// Every path that was tried, in order.
        searched: Vec<PathBuf>,
    },
    /// A shared library was found but cannot be used.
    #[error("cannot use {library} at {}", path.display())]
    LibraryUnusable {
        /// Which one.
        library: SharedLibrary,
        /// The file that was opened.
        path: PathBuf,
        /// The library's own error.
        source: Cause,
    },

    /// Input bytes are invalid in the encoding they were read as.
    #[error("{origin} is not valid {encoding}: invalid byte at offset {offset}")]
    NotText {
        /// The file, or `standard input`.
        origin: String,
        /// The encoding's name.
        encoding: &'static str,
        /// Offset of the first invalid byte, counted from 0.
        offset: u64,
    },
    /// No encoding has this label.
    #[error("unknown encoding `{label}`")]
    UnknownEncoding {
        /// The requested label.
        label: String,
    },
    /// Input cannot be read.
    #[error("cannot read {origin}")]
    Input {
        /// The file, or `standard input`.
        origin: String,
        /// The operating system's error.
        source: io::Error,
    },

    /// A document cannot be read.
    #[error("cannot read {origin}")]
    Document {
        /// The file, or `standard input`.
        origin: String,
        /// What is wrong with it.
        source: BadDocument,
    },

    /// espeak-ng does not know the voice that a config names.
    #[error("espeak-ng has no voice `{name}`")]
    UnknownEspeakVoice {
        /// The voice's name, as in `espeak.voice` of the config.
        name: String,
        /// The languages that espeak-ng knows.
        known: Vec<String>,
    },
    /// A voice needs a type of phonemes that this library cannot produce.
    #[error("cannot speak with the voice of {config}: {missing}")]
    UnsupportedPhonemeType {
        /// The path or address of the voice's config.
        config: String,
        /// What is missing.
        missing: MissingPhonemes,
    },

    /// No voice has this name or path.
    #[error("no voice `{name}`; looked in:{}", list(searched))]
    VoiceNotFound {
        /// The requested name or path.
        name: String,
        /// Every file that was tried.
        searched: Vec<PathBuf>,
    },
    /// A voice or a catalogue cannot be downloaded, or its content is wrong.
    #[error("cannot get {address}")]
    Download {
        /// Its URL or path.
        address: String,
        /// What went wrong.
        source: BadDownload,
    },
    /// A model has no config.
    #[error("{} has no config; looked for:{}", model.display(), list(searched))]
    NoVoiceConfig {
        /// The `.onnx`.
        model: PathBuf,
        /// Every file that was looked for.
        searched: Vec<PathBuf>,
    },
    /// A voice's config is missing or invalid.
    #[error("bad voice config {}", path.display())]
    BadVoiceConfig {
        /// The `.onnx.json`.
        path: PathBuf,
        /// What is wrong with it.
        source: Cause,
    },
    /// A voice's model is missing, damaged or not a Piper model.
    #[error("bad voice model {}", path.display())]
    BadVoiceModel {
        /// The `.onnx`.
        path: PathBuf,
        /// What is wrong with it.
        source: Cause,
    },
    /// The voice has no such speaker.
    #[error("no speaker `{requested}`; the voice has {known}")]
    UnknownSpeaker {
        /// The requested id or name.
        requested: String,
        /// The voice's speakers, in words.
        known: String,
    },
    /// The model failed on an input.
    #[error("the voice model failed")]
    Inference {
        /// ONNX Runtime's error.
        source: Cause,
    },

    /// The server that runs the models cannot be used.
    #[error("cannot use the server at {address}")]
    Server {
        /// Its socket.
        address: String,
        /// What went wrong.
        source: Cause,
    },

    /// There is no sound device, or none with this name.
    #[error("{}", no_device(requested.as_deref(), known))]
    NoDevice {
        /// The requested name; `None` for the default device.
        requested: Option<String>,
        /// The names of the devices that exist.
        known: Vec<String>,
    },
    /// This build does not support sound devices.
    #[error("this build does not support sound devices (cargo feature `playback`)")]
    NoPlayback,
    /// A sound device failed or was removed.
    #[error("sound device `{device}` failed")]
    Device {
        /// Its name.
        device: String,
        /// The sound system's error.
        source: Cause,
    },
    /// Audio cannot be written.
    #[error("cannot write {target}")]
    Output {
        /// The file, or `standard output`.
        target: String,
        /// The operating system's error.
        source: io::Error,
    },
    /// The audio is too long for a WAV file's 32-bit length field.
    #[error("{target} would be over 4 GiB, more than a WAV file can hold; FLAC has no such limit")]
    WavTooLong {
        /// The file.
        target: String,
    },
    /// This build does not have this format of sound.
    #[error("this build cannot write {format} (cargo feature `{feature}`)")]
    NoFormat {
        /// The name of the format.
        format: String,
        /// What the build is without.
        feature: &'static str,
    },
    /// Audio cannot be resampled.
    #[error("cannot resample from {from_hz} Hz to {to_hz} Hz")]
    Resample {
        /// The current sample rate.
        from_hz: u32,
        /// The requested sample rate.
        to_hz: u32,
        /// The resampler's error.
        source: Cause,
    },

    /// The system refuses to start a thread.
    #[error("cannot start a thread")]
    Thread {
        /// The operating system's error.
        source: io::Error,
    },

    /// The run's [`CancelToken`](crate::CancelToken) was cancelled.
    #[error("stopped")]
    Cancelled,
}

impl Error {
    /// Returns whether the output pipe was closed: the normal end of a
    /// pipeline such as `… | head`.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| format!("\n  {}", path.display()))
        .collect()
}

fn no_device(requested: Option<&str>, known: &[String]) -> String {
    match (requested, known) {
        (None, _) => "there is no sound device".to_owned(),
        (Some(name), []) => format!("no sound device `{name}`; none was found"),
        (Some(name), known) => {
            format!("no sound device `{name}`; available: {}", known.join(", "))
        }
    }
}
