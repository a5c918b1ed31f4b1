//! Sound formats: samples in, the bytes of a file or a stream out.

mod bitrate;
#[cfg(feature = "flac")]
mod flac;
mod length;
#[cfg(feature = "mp3")]
pub mod mp3;
mod mp4;
#[cfg(feature = "opus")]
mod opus;
mod pcm;
#[cfg(any(feature = "opus", feature = "mp3"))]
mod resampling;
mod tags;
mod wav;

pub use bitrate::Bitrate;
pub use length::{SoundLength, length_of};
pub(crate) use tags::is_encoded_here;
pub use tags::{ChapterMark, Tags};

use crate::audio::SampleRate;
#[cfg(any(feature = "flac", feature = "opus", feature = "mp3"))]
use crate::error::Cause;
use crate::{Error, Result};

/// A format of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SoundFormat {
    /// 16-bit WAV. The header of a stream declares no true length.
    #[default]
    Wav,
    /// Lossless, half the size: the samples of the WAV.
    Flac,
    /// Opus in Ogg: a tenth of the size. It has the rates 8, 12, 16, 24 and 48 kHz;
    /// sound of another rate is resampled to the next one.
    Opus,
    /// For players that know nothing else. LAME encodes it, a library that is opened
    /// when it is first needed. Sound of a rate that MP3 does not have is resampled.
    Mp3,
    /// Signed 16-bit little-endian samples without a header, like piper's
    /// `--output-raw`.
    S16le,
    /// 32-bit little-endian float samples in −1..=1, without a header.
    F32le,
}

/// How sound is encoded, whatever its sample rate is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encoding {
    /// The format of the bytes.
    pub format: SoundFormat,
    /// How many bits a second of sound takes, for formats that lose some of it.
    pub bitrate: Option<Bitrate>,
    /// For formats that have room for them.
    pub tags: Tags,
}

impl From<SoundFormat> for Encoding {
    fn from(format: SoundFormat) -> Self {
        Self {
            format,
            ..Self::default()
        }
    }
}

/// Where the bytes of an encoder go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// Its first bytes can be written again when the length is known.
    File,
    /// What is written is gone.
    Stream,
}

impl SoundFormat {
    /// All formats that files have.
    pub const FILES: [Self; 4] = [Self::Wav, Self::Flac, Self::Opus, Self::Mp3];

    /// Returns the usual ending of a file's name, without its dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Opus => "opus",
            Self::Mp3 => "mp3",
            Self::S16le => "s16le",
            Self::F32le => "f32le",
        }
    }

    /// Returns whether its bytes say what they are.
    pub fn has_header(self) -> bool {
        !matches!(self, Self::S16le | Self::F32le)
    }

    /// Returns whether it loses some of the sound, as much as the bit rate says.
    pub fn is_lossy(self) -> bool {
        matches!(self, Self::Opus | Self::Mp3)
    }

    /// Returns whether it has room for tags.
    pub fn has_tags(self) -> bool {
        matches!(self, Self::Flac | Self::Opus | Self::Mp3)
    }

    /// Fails if this build cannot write it, or if the library for it is missing.
    pub fn check(self) -> Result<()> {
        match self {
            Self::Wav | Self::S16le | Self::F32le => Ok(()),
            Self::Flac if cfg!(feature = "flac") => Ok(()),
            Self::Opus if cfg!(feature = "opus") => Ok(()),
            #[cfg(feature = "mp3")]
            Self::Mp3 => mp3::find().map(drop),
            _ => Err(self.missing()),
        }
    }

    /// The error of a build without it. The features have the names of the endings.
    fn missing(self) -> Error {
        Error::NoFormat {
            format: self.to_string(),
            feature: self.ending(),
        }
    }
}

impl std::fmt::Display for SoundFormat {
    /// Writes its usual name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Wav => "WAV",
            Self::Flac => "FLAC",
            Self::Opus => "Opus",
            Self::Mp3 => "MP3",
            Self::S16le => "16-bit samples",
            Self::F32le => "float samples",
        })
    }
}

impl Encoding {
    /// Returns an encoder for mono samples of `rate`; `target` names its output in errors.
    ///
    /// Fails with [`Error::NoFormat`] if this build does not have the format, and with
    /// [`Error::LibraryNotFound`] or [`Error::LibraryUnusable`] if its library is missing
    /// or cannot be used.
    pub fn encoder(
        &self,
        rate: SampleRate,
        medium: Medium,
        target: &str,
    ) -> Result<Box<dyn Encoder>> {
        Ok(match self.format {
            SoundFormat::Wav => Box::new(wav::WavEncoder::new(rate, medium, target)),
            SoundFormat::S16le => Box::new(pcm::S16leEncoder),
            SoundFormat::F32le => Box::new(pcm::F32leEncoder),
            #[cfg(feature = "flac")]
            SoundFormat::Flac => Box::new(flac::FlacEncoder::new(rate, medium, &self.tags, target)),
            #[cfg(feature = "opus")]
            SoundFormat::Opus => resampling::to_one_of(&opus::RATES, rate, |coded| {
                Ok(Box::new(opus::OpusEncoder::new(&opus::OpusOptions {
                    rate: coded,
                    input_rate: rate,
                    bitrate: self.bitrate,
                    tags: &self.tags,
                    medium,
                    target,
                })?))
            })?,
            #[cfg(feature = "mp3")]
            SoundFormat::Mp3 => resampling::to_one_of(&mp3::RATES, rate, |coded| {
                Ok(Box::new(mp3::Mp3Encoder::new(&mp3::Mp3Options {
                    rate: coded,
                    bitrate: self.bitrate,
                    tags: &self.tags,
                    medium,
                    target,
                })?))
            })?,
            #[allow(unreachable_patterns, reason = "reachable without the features above")]
            format => return Err(format.missing()),
        })
    }
}

/// Turns samples into bytes.
pub trait Encoder: Send {
    /// Returns the first bytes of the output, before any sample.
    fn header(&mut self) -> Result<Vec<u8>>;

    /// Encodes `samples`, each in −1..=1, and appends the bytes that are ready. A
    /// format of frames holds back what does not fill one.
    fn encode(&mut self, samples: &[f32], bytes: &mut Vec<u8>) -> Result<()>;

    /// Appends the bytes that end the sound. No samples may follow.
    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<()>;

    /// Returns what the output must start with for what was encoded so far, if that
    /// differs from what was appended; never longer than it. Only for
    /// [`Medium::File`].
    fn corrected_start(&mut self) -> Option<Vec<u8>>;
}

/// The error of an encoder that failed to encode for `target`.
#[cfg(any(feature = "flac", feature = "opus", feature = "mp3"))]
fn failed(target: &str, error: impl Into<Cause>) -> Error {
    Error::Output {
        target: target.to_owned(),
        source: std::io::Error::other(error),
    }
}
