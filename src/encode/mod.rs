//! Sound formats: samples in, the bytes of a file or a stream out.

mod pcm;
mod wav;

use crate::Result;
use crate::audio::SampleRate;

/// A format of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SoundFormat {
    /// 16-bit WAV. The header of a stream declares no true length.
    #[default]
    Wav,
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
}

impl From<SoundFormat> for Encoding {
    fn from(format: SoundFormat) -> Self {
        Self { format }
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
    /// All formats that can be files.
    pub const FILES: [Self; 1] = [Self::Wav];

    /// Returns whether its bytes say what they are.
    pub fn has_header(self) -> bool {
        !matches!(self, Self::S16le | Self::F32le)
    }

    /// Returns the usual ending of a file's name, without its dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::S16le => "s16le",
            Self::F32le => "f32le",
        }
    }
}

impl Encoding {
    /// Returns an encoder for mono samples of `rate`; `target` names its output in errors.
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
        })
    }
}

/// Turns samples into bytes.
pub trait Encoder: Send {
    /// Returns the first bytes of the output, before any sample.
    fn header(&mut self) -> Result<Vec<u8>>;

    /// Encodes `samples`, each in −1..=1, and appends the bytes that are ready. A
    /// format of frames holds back what does not fill one.
    ///
    /// After an error, nothing of `samples` is in the output.
    fn encode(&mut self, samples: &[f32], bytes: &mut Vec<u8>) -> Result<()>;

    /// Appends the bytes that end the sound. No samples may follow.
    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<()>;

    /// Returns what the output must start with for what was encoded so far, if that
    /// differs from what was appended; never longer than it. Only for
    /// [`Medium::File`].
    fn corrected_start(&mut self) -> Option<Vec<u8>>;
}
