//! Flags that say how something is spoken: the same wherever something is.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum, ValueHint};

use crate::app::lexicon::LexiconFile;
use crate::app::manner::Manners;

/// How something is spoken: the same flags wherever something is.
#[derive(Debug, Clone, Args)]
pub(in crate::app) struct StyleArgs {
    #[command(flatten)]
    pub(in crate::app) voice: VoiceArgs,
    #[command(flatten)]
    pub(in crate::app) manner: MannerArgs,
    #[command(flatten)]
    pub(in crate::app) chunks: ChunkArgs,
    #[command(flatten)]
    pub(in crate::app) sound: SoundArgs,
    #[command(flatten)]
    pub(in crate::app) lexicon: LexiconArgs,
    /// What the config file says beside the flags.
    #[arg(skip)]
    pub(in crate::app) manners: Arc<Manners>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Voice")]
pub(in crate::app) struct VoiceArgs {
    /// The voice: a path, or a name to look for; built-in if not given
    #[arg(
        short = 'm',
        long,
        visible_alias = "model",
        value_name = "VOICE",
        value_hint = ValueHint::FilePath
    )]
    pub(in crate::app) voice: Option<String>,
    /// The voice's config, if not VOICE.onnx.json
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::app) config: Option<PathBuf>,
    /// Look for voices in DIR, before the usual folders; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(in crate::app) data_dir: Vec<PathBuf>,
    /// Who speaks, by name or number
    #[arg(short, long, value_name = "SPEAKER", allow_hyphen_values = true)]
    pub(in crate::app) speaker: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Manner")]
pub(in crate::app) struct MannerArgs {
    /// How fast: 2 is twice as fast
    #[arg(long, value_name = "X", conflicts_with = "length_scale")]
    pub(in crate::app) speed: Option<f32>,
    /// How long phonemes last: 2 is half as fast
    #[arg(long, value_name = "X")]
    pub(in crate::app) length_scale: Option<f32>,
    /// How much the sound varies
    #[arg(long, value_name = "X")]
    pub(in crate::app) noise_scale: Option<f32>,
    /// How much the rhythm varies
    #[arg(long, value_name = "X", alias = "noise-w-scale")]
    pub(in crate::app) noise_w: Option<f32>,
    /// Read the same way every time
    #[arg(long, value_name = "N")]
    pub(in crate::app) seed: Option<u64>,
    /// Do as piper-tts does, its faults included
    #[arg(long)]
    pub(in crate::app) strict_piper: bool,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Text")]
pub(in crate::app) struct ChunkArgs {
    /// The most characters worked on at once
    #[arg(long, value_name = "CHARS", default_value_t = 500)]
    pub(in crate::app) chunk_size: usize,
    /// Do not pause at blank lines
    #[arg(long)]
    pub(in crate::app) no_paragraphs: bool,
    /// Do not speak sentence by sentence
    #[arg(long)]
    pub(in crate::app) no_sentences: bool,
}

/// How words are said.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Text")]
pub(in crate::app) struct LexiconArgs {
    /// Say words as FILE has them; may be repeated, the later wins
    ///
    /// A line is a word or phrase, `=`, and how it is said: in plain text, or as
    /// one block of phonemes, [[…]]. Below a header such as [de], [en_GB] or
    /// [en_US-lessac-medium], lines hold for that language or voice alone. What
    /// is written without capitals is found in any case, the rest only as it is
    /// written. `#` begins a line of comment. Voices that were trained on letters
    /// leave out phonemes. With --strict-piper, only a lexicon of the command
    /// line counts, none of the config file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::app) lexicon: Vec<LexiconFile>,
}

impl LexiconArgs {
    /// Returns the lexicons, if any are asked for.
    pub(in crate::app) fn asked(&self) -> Option<Vec<LexiconFile>> {
        (!self.lexicon.is_empty()).then(|| self.lexicon.clone())
    }
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sound")]
pub(in crate::app) struct SoundArgs {
    /// What is made equally loud [default: run; with --strict-piper sentence]
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(in crate::app) normalize: Option<NormalizeArg>,
    /// The same as --normalize off
    #[arg(long, conflicts_with = "normalize")]
    pub(in crate::app) no_normalize: bool,
    /// Multiply the loudness [default: 1]
    #[arg(long, value_name = "X")]
    pub(in crate::app) volume: Option<f32>,
    /// Silence after a sentence [default: 0.2; with --strict-piper 0]
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::app) sentence_silence: Option<f64>,
    /// Silence after a line [default: as after a sentence]
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::app) line_silence: Option<f64>,
    /// Silence after a paragraph [default: 0.5, or as after a line if longer]
    #[arg(long, value_name = "SECONDS")]
    pub(in crate::app) paragraph_silence: Option<f64>,
    /// Silence after a phoneme, which cuts the sentence there; may be repeated
    #[arg(long, num_args = 2, value_names = ["PHONEME", "SECONDS"])]
    pub(in crate::app) phoneme_silence: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::app) enum NormalizeArg {
    /// One gain for all that is said
    Run,
    /// Every sentence to full scale, as Piper does
    Sentence,
    /// Nothing
    Off,
}

impl NormalizeArg {
    /// Returns what is called so.
    pub(in crate::app) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }
}
