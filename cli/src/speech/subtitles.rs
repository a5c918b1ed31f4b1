//! Subtitles of an output, as files.

use std::path::{Path, PathBuf};

use piper_rs::audio::SampleRate;
use piper_rs::subtitles::{
    Cue, CueOptions, CueSplitter, SubtitleFormat, SubtitleWriter, WordStamps, is_written,
};
use piper_rs::timing::TimedSentence;
use piper_rs::voice::{VoiceConfig, VoiceFiles};
use piper_rs::{Error, Result};

use super::text_target::{self, TextTarget};
use crate::args::{BatchSubtitleArgs, KaraokeArgs, OutputArgs, SubtitleArgs};
use crate::terminal::report::UsageError;

/// Subtitles to write.
#[derive(Debug, Clone)]
struct Subtitles {
    path: PathBuf,
    format: SubtitleFormat,
}

/// Returns the formats that the options of `batch` name.
pub(crate) fn formats(args: &BatchSubtitleArgs) -> Vec<SubtitleFormat> {
    let vtt = SubtitleFormat::Vtt(stamps(&args.karaoke));
    let formats = [(args.srt, SubtitleFormat::Srt), (args.vtt, vtt)];
    let formats = formats.into_iter().filter(|(is_on, _)| *is_on);
    formats.map(|(_, format)| format).collect()
}

fn stamps(args: &KaraokeArgs) -> WordStamps {
    match args.karaoke {
        true => WordStamps::Write,
        false => WordStamps::Omit,
    }
}

/// The subtitles of an output.
#[derive(Debug, Default)]
pub(crate) struct SubtitleFiles {
    files: Vec<Subtitles>,
    /// That of the voice, as espeak-ng calls it.
    language: String,
    /// Whether they may replace any file.
    may_replace: bool,
}

impl SubtitleFiles {
    /// Returns the files that the options name, for speech of this voice.
    pub(crate) fn from_args(
        args: &SubtitleArgs,
        output: &OutputArgs,
        voice: &VoiceFiles,
    ) -> Result<Self> {
        let vtt = SubtitleFormat::Vtt(stamps(&args.karaoke));
        let files = [(&args.srt, SubtitleFormat::Srt), (&args.vtt, vtt)];
        let files = files.into_iter().filter_map(|(path, format)| {
            let path = path.clone()?;
            Some(Subtitles { path, format })
        });
        let files: Vec<_> = files.collect();
        Ok(Self {
            language: match files.as_slice() {
                [] => String::new(),
                _ => VoiceConfig::of(voice)?.espeak_voice,
            },
            files,
            may_replace: output.destinations.overwrite,
        })
    }

    /// Fails if one of them is a file with something else than subtitles, which may not be
    /// replaced.
    pub(crate) fn check_existing(&self) -> Result<(), UsageError> {
        let is_kept = |file: &&Subtitles| !self.may_replace && !file.is_replaceable();
        match self.files.iter().find(is_kept) {
            Some(file) => Err(UsageError(format!(
                "{} exists, and this program did not write it as subtitles; to replace it, add \
                 `--overwrite`",
                file.path.display()
            ))),
            None => Ok(()),
        }
    }

    /// Returns whether one of them is standard output.
    pub(crate) fn uses_stdout(&self) -> bool {
        self.files.iter().any(Subtitles::is_stdout)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Opens them, for an output of this rate.
    pub(crate) fn open(&self, rate: SampleRate) -> Result<Vec<SubtitleFile>> {
        let open = |Subtitles { path, format }: &_| {
            SubtitleFile::open(path, *format, rate, &self.language)
        };
        self.files.iter().map(open).collect()
    }
}

impl Subtitles {
    /// Returns whether there is no such file, or one that is empty or has subtitles as this
    /// program writes them.
    fn is_replaceable(&self) -> bool {
        text_target::is_replaceable(&self.path, |text| is_written(text, self.format))
    }

    fn is_stdout(&self) -> bool {
        text_target::is_stdout(&self.path)
    }
}

/// An open file of subtitles.
pub(crate) struct SubtitleFile {
    /// Its name in messages.
    target: String,
    splitter: CueSplitter,
    writer: SubtitleWriter<TextTarget>,
}

impl SubtitleFile {
    /// Opens subtitles of an output of this rate. `language` is espeak-ng's name.
    pub(crate) fn open(
        path: &Path,
        format: SubtitleFormat,
        rate: SampleRate,
        language: &str,
    ) -> Result<Self> {
        let target = text_target::name(path);
        let options = CueOptions {
            language: language.to_owned(),
        };
        let open = || SubtitleWriter::new(format, TextTarget::open(path)?);
        let writer = open().map_err(|source| Error::Output {
            target: target.clone(),
            source,
        })?;
        Ok(Self {
            target,
            splitter: CueSplitter::new(rate, &options),
            writer,
        })
    }

    /// Writes the cues that a sentence completes.
    pub(crate) fn push(&mut self, sentence: &TimedSentence) -> Result<()> {
        let cues = self.splitter.push(sentence);
        self.write(&cues)
    }

    /// Writes the last cue, and gives the file its name.
    pub(crate) fn finish(mut self) -> Result<()> {
        let last = self.splitter.finish();
        self.write(last.as_slice())?;
        let target = self.target.clone();
        let finish = |writer: SubtitleWriter<TextTarget>| writer.finish()?.finish();
        finish(self.writer).map_err(|source| Error::Output { target, source })
    }

    fn write(&mut self, cues: &[Cue]) -> Result<()> {
        let mut write = || {
            cues.iter().try_for_each(|cue| self.writer.write(cue))?;
            match cues {
                [] => Ok(()),
                _ => self.writer.flush(),
            }
        };
        write().map_err(|source| Error::Output {
            target: self.target.clone(),
            source,
        })
    }
}
