//! The command line of `piper-rs phonemes`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{DocumentArgs, LexiconArgs, SpellingArgs, VoiceArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs phonemes \"Hello, world.\"
  piper-rs phonemes --espeak-voice de --json < lines.txt
  piper-rs phonemes --ids -m en_GB-alba-medium \"Hello.\"
  piper-rs phonemes -i README.md
  piper-rs phonemes --lexicon my.lexicon \"nginx\"
  piper-rs phonemes --explain \"Henry VIII paid $3.14 in 1984.\"";

#[derive(Debug, Clone, Args)]
pub(crate) struct PhonemesArgs {
    /// Text to convert; standard input, line by line, if not given
    #[arg(value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// Read FILE, `-` for standard input; may be repeated
    #[arg(
        short,
        long = "input-file",
        visible_alias = "input",
        value_name = "FILE",
        conflicts_with = "text",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) input: Vec<PathBuf>,
    /// Encoding of the input [default: UTF-8, or UTF-16 after a byte order mark]
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
    /// Print one JSON object per line of input
    ///
    /// It has the phonemes of the `sentences`, the text that was `spoken`, and the
    /// `changes` to what was written: each with `from`, `to`, `rule`, and `at`, the
    /// byte of the line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Show what is read otherwise than it is written, and by which rule
    #[arg(long, conflicts_with = "json")]
    pub(crate) explain: bool,
    /// Also show the voice's phoneme ids
    #[arg(long)]
    pub(crate) ids: bool,
    /// espeak-ng voice [default: the Piper voice's]
    #[arg(long, value_name = "NAME")]
    pub(crate) espeak_voice: Option<String>,
    /// Reproduce piper-phonemize output exactly, including its bugs
    #[arg(long)]
    pub(crate) strict_piper: bool,
    #[command(flatten)]
    pub(crate) voice: VoiceArgs,
    #[command(flatten)]
    pub(crate) lexicon: LexiconArgs,
    #[command(flatten)]
    pub(crate) spelling: SpellingArgs,
}
