//! What files and streams contain: their format and sample rate, and whether silence
//! at their ends is trimmed.

use std::path::Path;
use std::sync::Arc;

use piper_rs::Result;
use piper_rs::audio::SampleRate;
use piper_rs::encode::{Bitrate, Encoding, SoundFormat, Tags};
use piper_rs::sink::{RateConverter, Sink, TrimCount, Trimmed};
use piper_rs::synth::{SpeechSession, Synthesizer};

use super::sound_format::{OutputUse, format_of};
use crate::args::{AudioFormatArg, FormatArgs, TagArgs};
use crate::terminal::report::UsageError;

/// The format of files and streams, as requested. It is the same for all voices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OutputFormat {
    /// `None` for that of the file's name, else WAV.
    pub(crate) sound: Option<SoundFormat>,
    /// `None` for that of the format.
    pub(crate) bitrate: Option<Bitrate>,
    pub(crate) tags: Tags,
    /// `None` for the rate of the voice.
    pub(crate) rate: Option<SampleRate>,
    pub(crate) ends: Ends,
}

/// What becomes of the silence at both ends of an output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Ends {
    #[default]
    Keep,
    Trim,
}

/// How one output is made from the samples of the voice that comes first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Conversion {
    /// The rate of the voice.
    from: SampleRate,
    /// The rate of files and streams.
    to: SampleRate,
    /// Quieter samples at both ends are left out.
    trim_below: Option<f32>,
}

impl OutputFormat {
    pub(crate) fn from_args(args: &FormatArgs) -> Self {
        Self {
            sound: args.audio_format.map(AudioFormatArg::format),
            bitrate: args.bitrate.map(Bitrate::from_kbps),
            tags: Tags::default(),
            rate: args.rate.and_then(SampleRate::new),
            ends: match args.trim {
                true => Ends::Trim,
                false => Ends::Keep,
            },
        }
    }

    /// Adds the tags of the command line.
    pub(crate) fn with_tags(self, args: &TagArgs) -> Self {
        let tags = Tags {
            title: args.title.clone(),
            artist: args.author.clone(),
            album: args.album.clone(),
            track: args.track,
            chapters: Vec::new(),
        };
        Self { tags, ..self }
    }

    /// Returns how the file at `path` is encoded. Fails if its name does not fit.
    pub(crate) fn encoding_of(
        &self,
        path: &Path,
        output_use: OutputUse,
    ) -> Result<Encoding, UsageError> {
        format_of(path, self.sound, output_use).map(|format| self.encoding(format))
    }

    /// Returns how a stream is encoded.
    pub(crate) fn encoding_of_stream(&self) -> Encoding {
        self.encoding(self.sound.unwrap_or_default())
    }

    fn encoding(&self, format: SoundFormat) -> Encoding {
        Encoding {
            format,
            bitrate: self.bitrate,
            tags: self.tags.clone(),
        }
    }

    /// Fails if a bit rate is set and none of the `formats` that are written has one.
    pub(crate) fn check_bitrate(&self, formats: &[SoundFormat]) -> Result<(), UsageError> {
        let is_used = formats.iter().any(|format| format.is_lossy());
        match self.bitrate.is_none() || is_used {
            true => Ok(()),
            false => Err(UsageError(
                "--bitrate is for Opus and MP3, and none is written: leave it out, or choose \
                 one by the name of the file or by --audio-format"
                    .to_owned(),
            )),
        }
    }

    /// Returns a note if tags are set and none of the `formats` that are written has room
    /// for them.
    pub(crate) fn tags_note(&self, formats: &[SoundFormat]) -> Option<&'static str> {
        let has_room = formats.iter().any(|format| format.has_tags());
        let is_lost = self.tags != Tags::default() && !has_room;
        is_lost.then_some("the tags are left out: only FLAC, Opus and MP3 have them")
    }

    /// Returns what has to be done with this voice's samples.
    pub(crate) fn conversion(
        &self,
        session: &SpeechSession,
        synthesizer: &Synthesizer,
    ) -> Result<Conversion> {
        Ok(Conversion {
            trim_below: match self.ends {
                Ends::Keep => None,
                Ends::Trim => Some(session.silence_threshold(synthesizer)?),
            },
            ..self.of_nothing(synthesizer.sample_rate())
        })
    }

    /// Returns what has to be done with the samples of a voice that has none,
    /// because there is no text.
    pub(crate) fn of_nothing(&self, from: SampleRate) -> Conversion {
        Conversion {
            from,
            to: self.rate.unwrap_or(from),
            trim_below: None,
        }
    }
}

impl AudioFormatArg {
    fn format(self) -> SoundFormat {
        match self {
            Self::Wav => SoundFormat::Wav,
            Self::Flac => SoundFormat::Flac,
            Self::Opus => SoundFormat::Opus,
            Self::Mp3 => SoundFormat::Mp3,
        }
    }
}

impl Conversion {
    /// Passes samples of this rate on as they are.
    pub(crate) fn none(rate: SampleRate) -> Self {
        Self {
            from: rate,
            to: rate,
            trim_below: None,
        }
    }

    /// Returns the rate of the samples to write.
    pub(crate) fn from(&self) -> SampleRate {
        self.from
    }

    /// Returns the rate that a file or a stream is opened with.
    pub(crate) fn file_rate(&self) -> SampleRate {
        self.to
    }

    /// Converts the rate for a sink that was opened with [`file_rate`].
    ///
    /// [`file_rate`]: Self::file_rate
    pub(crate) fn with_rate(&self, file: Box<dyn Sink>) -> Box<dyn Sink> {
        match self.to == self.from {
            true => file,
            false => Box::new(RateConverter::new(file, self.to, self.from)),
        }
    }

    /// Trims the ends, if requested; returns what counts that. `sink` takes samples of
    /// the voice's rate.
    pub(crate) fn with_trim(&self, sink: Box<dyn Sink>) -> (Box<dyn Sink>, Option<Arc<TrimCount>>) {
        match self.trim_below {
            Some(threshold) => {
                let trimmed = Trimmed::new(sink, self.from, threshold);
                let count = trimmed.count();
                (Box::new(trimmed), Some(count))
            }
            None => (sink, None),
        }
    }
}
