//! Options that say how text is spoken: the same for every command that
//! speaks.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use piper_rs::audio::level::{NearSilence, Normalize};

use super::NumberList;
use super::number::number;

/// Sets another default of `--voice`.
pub(crate) const VOICE_VARIABLE: &str = "PIPER_VOICE";

#[derive(Debug, Clone, Args)]
pub(crate) struct SpeechArgs {
    #[command(flatten)]
    pub(crate) voice: VoiceArgs,
    #[command(flatten)]
    pub(crate) prosody: ProsodyArgs,
    #[command(flatten)]
    pub(crate) chunks: ChunkArgs,
    #[command(flatten)]
    pub(crate) lexicon: LexiconArgs,
    #[command(flatten)]
    pub(crate) spelling: SpellingArgs,
    #[command(flatten)]
    pub(crate) sound: SoundArgs,
    /// Reproduce piper-tts output exactly, including its bugs
    #[arg(
        long,
        help_heading = "Compatibility with Piper",
        hide_short_help = true
    )]
    pub(crate) strict_piper: bool,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Voice")]
pub(crate) struct VoiceArgs {
    /// Voice, as a path or a name [default: see `voices list`]
    ///
    /// The default is the voice that is installed with the program, or else the small
    /// one that is built in. `builtin` always names the latter.
    #[arg(
        short = 'm',
        long,
        visible_alias = "model",
        value_name = "VOICE",
        env = VOICE_VARIABLE,
        hide_env = true,
        value_hint = ValueHint::FilePath
    )]
    pub(crate) voice: Option<String>,
    /// Config file of the voice [default: VOICE.onnx.json]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Search DIR for voices before the standard folders; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Vec<PathBuf>,
    /// Speaker, as a name or a number
    #[arg(short, long, value_name = "SPEAKER", allow_hyphen_values = true)]
    pub(crate) speaker: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Prosody")]
pub(crate) struct ProsodyArgs {
    /// Speaking rate, 0.25 to 4: 2 is twice as fast [default: 1]
    #[arg(long, value_name = "X")]
    pub(crate) speed: Option<NumberList>,
    /// Piper's phoneme length: 2 is about half as fast
    #[arg(long, value_name = "X")]
    pub(crate) length_scale: Option<NumberList>,
    /// Variation in the sound of the voice
    #[arg(long, value_name = "X")]
    pub(crate) noise_scale: Option<NumberList>,
    /// Variation in phoneme duration
    #[arg(long, value_name = "X", alias = "noise-w-scale")]
    pub(crate) noise_w: Option<NumberList>,
    /// Random seed; the same seed gives the same audio
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Text")]
pub(crate) struct ChunkArgs {
    /// Maximum characters of a chunk
    #[arg(
        long,
        value_name = "CHARS",
        default_value = "500",
        hide_short_help = true
    )]
    pub(crate) chunk_size: NonZeroUsize,
    /// Do not pause at blank lines
    #[arg(long, hide_short_help = true)]
    pub(crate) no_paragraphs: bool,
    /// Do not split the text into sentences
    #[arg(long, hide_short_help = true)]
    pub(crate) no_sentences: bool,
}

/// How words are pronounced.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Text")]
pub(crate) struct LexiconArgs {
    /// Override pronunciations; may be repeated, the last file wins
    ///
    /// Each line of FILE is a word or phrase, `=`, and its pronunciation: plain
    /// text, or one block of phonemes, `[[…]]`. A header such as `[de]`,
    /// `[en_GB]` or `[en_US-lessac-medium]` limits the lines below it to that
    /// language or voice. An entry without capitals matches any case; an entry with
    /// capitals matches only as written. `#` starts a comment. Voices that were
    /// trained on letters skip phonemes. With --strict-piper, lexicons of the
    /// config file are ignored.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) lexicon: Vec<PathBuf>,
}

/// What is read besides words.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Text")]
pub(crate) struct SpellingArgs {
    /// Speak the names of punctuation marks and symbols [default: none]
    ///
    /// A mark that is the whole text is always spoken by its name.
    #[arg(
        long,
        value_name = "WHICH",
        value_enum,
        conflicts_with = "strict_piper",
        hide_short_help = true
    )]
    pub(crate) punctuation: Option<PunctuationArg>,
    /// Spell the text letter by letter, and announce capitals. Not for voices
    /// that read letters or pinyin
    #[arg(long, conflicts_with = "strict_piper", hide_short_help = true)]
    pub(crate) spell: bool,
    /// Read numbers, signs and abbreviations as words, or as they are written
    /// [default: words; with --strict-piper written]
    ///
    /// As words, `$3.14` is three dollars and fourteen cents, `1984` is a year and
    /// `Henry VIII` is the eighth. As written, espeak-ng decides. `piper-rs phonemes
    /// --explain` shows what is read as what.
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        conflicts_with = "strict_piper",
        hide_short_help = true
    )]
    pub(crate) read_as: Option<ReadAsArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReadAsArg {
    /// As a person would say it
    #[default]
    Words,
    /// As espeak-ng reads it
    Written,
}

impl ReadAsArg {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Written => "written",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum PunctuationArg {
    /// No names
    #[default]
    None,
    /// Symbols such as `@ # * /`, but not the marks of prose
    Some,
    /// Also brackets, quotes, dashes, colons and semicolons
    Most,
    /// All marks
    All,
}

impl PunctuationArg {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Some => "some",
            Self::Most => "most",
            Self::All => "all",
        }
    }
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Volume and pauses")]
pub(crate) struct SoundArgs {
    /// Loudness normalization mode [default: run; with --strict-piper sentence]
    #[arg(long, value_name = "MODE", value_enum)]
    pub(crate) normalize: Option<NormalizeArg>,
    /// Same as --normalize off
    #[arg(long, conflicts_with = "normalize", hide_short_help = true)]
    pub(crate) no_normalize: bool,
    /// Loudness of the voice, such as -23 for broadcasts; instead of --normalize
    ///
    /// In LUFS, -40 to -10, as ITU-R BS.1770 measures it. A text of a paragraph
    /// ends within about 1 dB of it. Above -16, peaks are compressed, and the
    /// result stays below.
    #[arg(
        long,
        value_name = "LUFS",
        value_parser = number,
        allow_hyphen_values = true,
        conflicts_with = "no_normalize",
        hide_short_help = true
    )]
    pub(crate) loudness: Option<f64>,
    /// Volume factor [default: 1]
    #[arg(long, value_name = "X", value_parser = number)]
    pub(crate) volume: Option<f64>,
    /// Pause after a sentence [default: 0.2; with --strict-piper 0]
    #[arg(long, value_name = "SECONDS", value_parser = number)]
    pub(crate) sentence_silence: Option<f64>,
    /// Pause after a line [default: as after a sentence]
    #[arg(long, value_name = "SECONDS", value_parser = number, hide_short_help = true)]
    pub(crate) line_silence: Option<f64>,
    /// Pause after a paragraph [default: 0.5, but at least a line's]
    #[arg(long, value_name = "SECONDS", value_parser = number)]
    pub(crate) paragraph_silence: Option<f64>,
    /// Pause at a scene break, such as `* * *` [default: 1.5, or a longer paragraph's]
    ///
    /// Scene breaks are paragraphs of marks only, and three blank lines and more.
    /// There is no pause if --paragraph-silence is 0 or --no-paragraphs is given,
    /// unless this option is given too.
    #[arg(
        long,
        value_name = "SECONDS",
        conflicts_with = "strict_piper",
        hide_short_help = true
    )]
    pub(crate) scene_silence: Option<f64>,
    /// Pause after a phoneme, which ends a phrase there; may be repeated
    #[arg(
        long,
        num_args = 2,
        value_names = ["PHONEME", "SECONDS"],
        hide_short_help = true
    )]
    pub(crate) phoneme_silence: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NormalizeArg {
    /// One gain for all texts: as loud as Piper on average, within -19 to -15.5 LUFS; a louder voice stays as it is
    Run,
    /// Each sentence to full scale, as Piper does
    Sentence,
    /// No normalization
    Off,
}

impl From<NormalizeArg> for Normalize {
    /// How [`PiperMode`](piper_rs::PiperMode) changes it is
    /// decided when the settings are resolved.
    fn from(arg: NormalizeArg) -> Self {
        match arg {
            NormalizeArg::Run => Self::Run,
            NormalizeArg::Sentence => Self::Sentence(NearSilence::Keep),
            NormalizeArg::Off => Self::Off,
        }
    }
}

impl NormalizeArg {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }
}
