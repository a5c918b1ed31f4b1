//! Options that say where text comes from and how it is read.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use piper_rs::document::{Code, Format};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
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
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) parts: PartArgs,
    /// Read JSON lines, each with its own text and settings
    ///
    /// Each line is an object with the field `text`, and optionally
    /// output_file, voice, config, speaker, speaker_id, speed, length_scale,
    /// noise_scale, noise_w, volume, seed, sentence_silence, line_silence,
    /// paragraph_silence, scene_silence, punctuation, spell and read_as.
    #[arg(long, conflicts_with_all = ["text", "format"])]
    pub(crate) json_input: bool,
}

/// How a text is divided into parts, which are spoken in different ways.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct PartArgs {
    /// Treat `[[pause 500ms]]` and `{{speed=0.8}}` in the text as marks
    ///
    /// `[[pause 1.5s]]` is exactly this silence, instead of the pause that would be
    /// there. `{{voice=NAME speaker=2 speed=0.8}}` changes how the text after it is
    /// spoken, until the next `{{…}}` or the end of the text. Each one starts from the
    /// options again; `{{/}}` and `{{}}` return to them. The keys are voice, lang (any
    /// installed voice of a language), and the settings of --json-input. `\{{` is `{{`
    /// in the text.
    #[arg(long, conflicts_with = "strict_piper", hide_short_help = true)]
    pub(crate) inline: bool,
    /// Read `NAME: line` dialogues with the voices that FILE gives to the names
    ///
    /// FILE is TOML: a table for each name, such as `[Anna]`, with the keys voice,
    /// speaker, speed, volume and so on, as --inline has them. `[narrator]` is for all
    /// text without a name. The voice of a name speaks up to the next name of FILE or the
    /// next blank line; the name is not spoken. Case does not matter.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "strict_piper",
        hide_short_help = true,
        value_hint = ValueHint::FilePath
    )]
    pub(crate) cast: Option<PathBuf>,
}

/// How text is read, wherever it comes from.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct ReadingArgs {
    /// Text encoding [default: UTF-8, or UTF-16 after a byte order mark]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) encoding: Option<String>,
    /// Meaning of a single line break
    #[arg(long, value_name = "MODE", value_enum, hide_short_help = true)]
    pub(crate) line_breaks: Option<LineBreaksArg>,
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
}

/// How documents are read.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct DocumentArgs {
    /// Format of a document, such as markdown or epub
    ///
    /// auto: what a file's content or suffix says: .md, .html, .epub, .docx, .srt, .vtt,
    /// .csv, .ssml; standard input, pipes, words, and files with --strict-piper, are plain
    /// text. text: as it is. markdown: without front matter, comments, addresses of links
    /// and badges. html: without scripts, navigation, footers and hidden parts. epub: the
    /// pages of a book. docx: a Word document with its notes. srt, vtt: subtitles. csv:
    /// each value after the name of its column; a first row with numbers, dates or equal
    /// cells is no header. pdftext: what `pdftotext` writes, without page numbers and
    /// running heads. ssml: with its pauses, voices, languages, rates, volumes and
    /// phonemes; what else it asks for is reported once, and its text is spoken.
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub(crate) format: FormatArg,
    /// Whether blocks of code in Markdown and HTML are read
    ///
    /// Code within a sentence is always read.
    #[arg(
        long,
        value_name = "MODE",
        value_enum,
        default_value_t,
        hide_short_help = true
    )]
    pub(crate) code: CodeArg,
}

/// The format of a text; the help of `--format` describes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum FormatArg {
    #[default]
    Auto,
    Text,
    Markdown,
    Html,
    Epub,
    Docx,
    Srt,
    Vtt,
    Csv,
    #[value(name = "pdftext")]
    PdfText,
    Ssml,
}

impl FormatArg {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }

    /// Returns all names: `auto, text, …`.
    pub(crate) fn names() -> String {
        let formats = Self::value_variants().iter();
        let values = formats.filter_map(ValueEnum::to_possible_value);
        let names: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
        names.join(", ")
    }

    /// Returns the document that it is; `None` for plain text.
    pub(crate) fn document(self) -> Option<Format> {
        Some(match self {
            Self::Auto | Self::Text => return None,
            Self::Markdown => Format::Markdown,
            Self::Html => Format::Html,
            Self::Epub => Format::Epub,
            Self::Docx => Format::Docx,
            Self::Srt => Format::Srt,
            Self::Vtt => Format::Vtt,
            Self::Csv => Format::Csv,
            Self::PdfText => Format::PdfText,
            Self::Ssml => Format::Ssml,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum CodeArg {
    /// They are left out
    #[default]
    Skip,
    /// They are read, line by line
    Read,
}

impl From<CodeArg> for Code {
    fn from(arg: CodeArg) -> Self {
        match arg {
            CodeArg::Skip => Self::Skip,
            CodeArg::Read => Self::Read,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineBreaksArg {
    /// A line break is the end of a sentence; the default for standard input
    Keep,
    /// A line break is white space
    Join,
    /// A line break is white space in wrapped prose, otherwise the end of a
    /// sentence; the default for files
    Auto,
}
