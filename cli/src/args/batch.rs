//! The command line of `piper-rs batch`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum, ValueHint};

use super::{EngineArgs, ReadingArgs, StyleArgs};

pub(crate) const EXAMPLES: &str = "\
Examples:
  piper-rs batch -d out chapters/              every .txt below chapters/
  piper-rs batch -d out --glob '*.md' notes/ --jobs 2
  piper-rs batch -d out --lines prompts.txt --name '{n:04}-{slug}'
  piper-rs batch -d out --manifest prompts.csv
  piper-rs batch -d out book/ --join book.wav  a cue sheet beside it: book.cue
  piper-rs batch -d out book/ --dry-run        what would be done, and how long it takes

Run it again to go on where it was stopped: what is done and unchanged is
skipped, by the journal DIR/.piper-rs-journal.jsonl.

A manifest has one text per line, as JSON or, if its name ends in .csv, as CSV
with a line of headings. Fields: `text` or `file`; and if wanted output_file,
id, voice, config, speaker, speed, length_scale, noise_scale, noise_w, volume,
normalize, sentence_silence, line_silence, paragraph_silence, seed.

Names are made of {stem} (of the input's file), {n:04} (its number in the run in
four digits; {n:1} in as few as it takes), {slug} (the first words), {voice},
{speaker} and {id}.";

#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("texts").required(true)))]
pub(crate) struct BatchArgs {
    /// Text files, and folders of them
    #[arg(value_name = "PATH", group = "texts", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) input: BatchInputArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) style: StyleArgs,
    #[command(flatten)]
    pub(crate) output: BatchOutputArgs,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct BatchInputArgs {
    /// In folders, take the files that match PATTERN; may be repeated
    #[arg(long, value_name = "PATTERN", default_value = "*.txt")]
    pub(crate) glob: Vec<String>,
    /// Make a file of every line of FILE, `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        group = "texts",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) lines: Option<PathBuf>,
    /// Make what FILE lists, as JSON lines or CSV
    #[arg(
        long,
        value_name = "FILE",
        group = "texts",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) manifest: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct BatchOutputArgs {
    /// Write the files into DIR, folders as they are below the input
    #[arg(short = 'd', long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output_dir: PathBuf,
    /// How files are named [default: {stem}; of lines {n:04}; {id} where there is one]
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) name: Option<String>,
    /// Replace files that are there and are not what would be made
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Make everything anew, whatever is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Make one WAV file of all of them too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) join: Option<PathBuf>,
    /// How the parts of the joined file are listed beside it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ChaptersArg::Cue, requires = "join")]
    pub(crate) chapters: ChaptersArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChaptersArg {
    /// A cue sheet, FILE.cue
    Cue,
    /// Chapters as ffmpeg reads them, FILE.ffmetadata
    Ffmetadata,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Work")]
pub(crate) struct WorkArgs {
    /// Texts worked on at once [default: the cores]
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Stop at the first text that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// List what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Tell on standard output what happens, as it does
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) events: Option<EventsArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EventsArg {
    /// One JSON object per event
    Json,
}
