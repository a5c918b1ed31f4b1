//! Flags that say how something is spoken: the same wherever something is.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum, ValueHint};

use crate::speech::lexicon::LexiconFile;
use crate::speech::overrides::LayeredOverrides;

/// How something is spoken: the same flags wherever something is.
#[derive(Debug, Clone, Args)]
pub(crate) struct StyleArgs {
    #[command(flatten)]
    pub(crate) voice: VoiceArgs,
    #[command(flatten)]
    pub(crate) manner: MannerArgs,
    #[command(flatten)]
    pub(crate) chunks: ChunkArgs,
    #[command(flatten)]
    pub(crate) sound: SoundArgs,
    #[command(flatten)]
    pub(crate) lexicon: LexiconArgs,
    /// What the config file says beside the flags.
    #[arg(skip)]
    pub(crate) manners: Arc<LayeredOverrides>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Voice")]
pub(crate) struct VoiceArgs {
    /// The voice: a path, or a name to look for; built-in if not given
    #[arg(
        short = 'm',
        long,
        visible_alias = "model",
        value_name = "VOICE",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) voice: Option<String>,
    /// The voice's config, if not VOICE.onnx.json
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Look for voices in DIR, before the usual folders; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Vec<PathBuf>,
    /// Who speaks, by name or number
    #[arg(short, long, value_name = "SPEAKER", allow_hyphen_values = true)]
    pub(crate) speaker: Option<String>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Prosody")]
pub(crate) struct MannerArgs {
    /// How fast: 2 is twice as fast
    #[arg(long, value_name = "X", conflicts_with = "length_scale")]
    pub(crate) speed: Option<f32>,
    /// How long phonemes last: 2 is half as fast
    #[arg(long, value_name = "X")]
    pub(crate) length_scale: Option<f32>,
    /// How much the sound varies
    #[arg(long, value_name = "X")]
    pub(crate) noise_scale: Option<f32>,
    /// How much the rhythm varies
    #[arg(long, value_name = "X", alias = "noise-w-scale")]
    pub(crate) noise_w: Option<f32>,
    /// Read the same way every time
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Do as piper-tts does, its faults included
    #[arg(long)]
    pub(crate) strict_piper: bool,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Text")]
pub(crate) struct ChunkArgs {
    /// The most characters worked on at once
    #[arg(long, value_name = "CHARS", default_value_t = 500)]
    pub(crate) chunk_size: usize,
    /// Do not pause at blank lines
    #[arg(long)]
    pub(crate) no_paragraphs: bool,
    /// Do not speak sentence by sentence
    #[arg(long)]
    pub(crate) no_sentences: bool,
}

/// How words are said.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Text")]
pub(crate) struct LexiconArgs {
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
    pub(crate) lexicon: Vec<LexiconFile>,
}

impl LexiconArgs {
    /// Returns the lexicons, if any are asked for.
    pub(crate) fn asked(&self) -> Option<Vec<LexiconFile>> {
        (!self.lexicon.is_empty()).then(|| self.lexicon.clone())
    }
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sound")]
pub(crate) struct SoundArgs {
    /// What is made equally loud [default: run; with --strict-piper sentence]
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(crate) normalize: Option<NormalizeArg>,
    /// The same as --normalize off
    #[arg(long, conflicts_with = "normalize")]
    pub(crate) no_normalize: bool,
    /// Multiply the loudness [default: 1]
    #[arg(long, value_name = "X")]
    pub(crate) volume: Option<f32>,
    /// Silence after a sentence [default: 0.2; with --strict-piper 0]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) sentence_silence: Option<f64>,
    /// Silence after a line [default: as after a sentence]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) line_silence: Option<f64>,
    /// Silence after a paragraph [default: 0.5, or as after a line if longer]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) paragraph_silence: Option<f64>,
    /// Silence after a phoneme, which cuts the sentence there; may be repeated
    #[arg(long, num_args = 2, value_names = ["PHONEME", "SECONDS"])]
    pub(crate) phoneme_silence: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NormalizeArg {
    /// One gain for all that is said
    Run,
    /// Every sentence to full scale, as Piper does
    Sentence,
    /// Nothing
    Off,
}

impl NormalizeArg {
    /// Returns what is called so.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }
}
