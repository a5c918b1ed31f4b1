//! What can go wrong in the library, named by what the caller can do about it.

use std::io;
use std::path::PathBuf;

use crate::download::BadDownload;

/// An error of somebody else's library, kept whole as the cause.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// An error of this library.
///
/// A message names the thing it is about and never repeats its cause; print
/// the chain of [`source`](std::error::Error::source)s to see all of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A foreign library is nowhere that was looked.
    #[error("{library} was not found; looked in:{}", list(searched))]
    LibraryNotFound {
        /// What it is called by people: `ONNX Runtime`, `espeak-ng`.
        library: &'static str,
        /// Every place that was tried, in order.
        searched: Vec<PathBuf>,
    },
    /// A foreign library is there and cannot be used.
    #[error("cannot use {library} at {}", path.display())]
    LibraryUnusable {
        /// What it is called by people.
        library: &'static str,
        /// The file that was opened.
        path: PathBuf,
        /// What it said.
        source: Cause,
    },

    /// Input bytes are not text in the encoding they were read as.
    #[error("{origin} is not {encoding}: the byte at offset {offset} does not fit")]
    NotText {
        /// The file, or `standard input`.
        origin: String,
        /// The encoding's label.
        encoding: &'static str,
        /// Where the first bad byte stands, counted from 0.
        offset: u64,
    },
    /// `--encoding` names an encoding that does not exist.
    #[error("unknown encoding `{label}`")]
    UnknownEncoding {
        /// What was asked for.
        label: String,
    },
    /// Input cannot be read.
    #[error("cannot read {origin}")]
    Input {
        /// The file, or `standard input`.
        origin: String,
        /// Why.
        source: io::Error,
    },

    /// espeak-ng does not know the voice that a config asks for.
    #[error("espeak-ng has no voice `{name}`")]
    UnknownEspeakVoice {
        /// The voice's name, as in `espeak.voice` of the config.
        name: String,
    },
    /// A voice needs a kind of phonemes that this program cannot make.
    #[error("phoneme type `{name}` is not supported; `espeak` and `text` are")]
    UnsupportedPhonemeType {
        /// As the config spells it.
        name: String,
    },

    /// No voice of that name or path.
    #[error("no voice `{name}`; looked in:{}", list(searched))]
    VoiceNotFound {
        /// What was asked for.
        name: String,
        /// Every file that was tried.
        searched: Vec<PathBuf>,
    },
    /// A voice or a catalogue cannot be fetched, or is not what it should be.
    #[error("cannot get {address}")]
    Download {
        /// Where it is.
        address: String,
        /// What is wrong.
        source: BadDownload,
    },
    /// A voice's config is missing or wrong.
    #[error("bad voice config {}", path.display())]
    BadVoiceConfig {
        /// The `.onnx.json`.
        path: PathBuf,
        /// What is wrong with it.
        source: Cause,
    },
    /// A voice's model is missing, damaged or no Piper voice.
    #[error("bad voice model {}", path.display())]
    BadVoiceModel {
        /// The `.onnx`.
        path: PathBuf,
        /// What is wrong with it.
        source: Cause,
    },
    /// The voice has no such speaker.
    #[error("no speaker `{asked}`; the voice has {known}")]
    UnknownSpeaker {
        /// Id or name, as asked for.
        asked: String,
        /// The speakers there are, in words.
        known: String,
    },
    /// The model failed on an input.
    #[error("the voice model failed")]
    Inference {
        /// What ONNX Runtime said.
        source: Cause,
    },

    /// No sound device, or none of that name.
    #[error("{}", no_device(asked.as_deref(), known))]
    NoDevice {
        /// The name asked for; `None` for the default device.
        asked: Option<String>,
        /// The devices there are.
        known: Vec<String>,
    },
    /// This program was built without sound devices.
    #[error("this build has no sound device support (cargo feature `playback`)")]
    NoPlayback,
    /// A sound device failed or went away.
    #[error("sound device `{device}` failed")]
    Device {
        /// Its name.
        device: String,
        /// What the sound system said.
        source: Cause,
    },
    /// Audio cannot be written.
    #[error("cannot write {target}")]
    Output {
        /// The file, or `standard output`.
        target: String,
        /// Why.
        source: io::Error,
    },
    /// A WAV file's length field cannot say how long the audio is.
    #[error("{target} would be over 4 GiB, more than a WAV file can hold")]
    WavTooLong {
        /// The file.
        target: String,
    },
    /// Samples cannot be brought to another rate.
    #[error("cannot resample from {from_hz} Hz to {to_hz} Hz")]
    Resample {
        /// The samples' rate.
        from_hz: u32,
        /// The rate wanted.
        to_hz: u32,
        /// What the resampler said.
        source: Cause,
    },

    /// The run's [`CancelToken`](crate::CancelToken) was cancelled.
    #[error("stopped")]
    Cancelled,
}

impl Error {
    /// Returns whether the reader of an output went away, which ends a
    /// pipeline such as `… | head` as it should.
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

fn no_device(asked: Option<&str>, known: &[String]) -> String {
    match (asked, known) {
        (None, _) => "there is no sound device".to_owned(),
        (Some(name), []) => format!("no sound device `{name}`: there is none at all"),
        (Some(name), known) => format!("no sound device `{name}`; there are: {}", known.join(", ")),
    }
}
