//! The command line of `piper-rs batch`.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum, ValueHint};

use super::events::EventsArg;
use super::shard::ShardArg;
use super::{BatchTimedArgs, EngineArgs, FormatArg, FormatArgs, PartArgs, ReadingArgs, SpeechArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs batch -d out chapters/              every .txt file in chapters/
  piper-rs batch -d out --glob '*.md' notes/ --jobs 2
  piper-rs batch -d out --lines prompts.txt --name '{n:04}-{slug}'
  piper-rs batch -d out --manifest prompts.csv
  piper-rs batch -d out book.epub --join book.wav   a file for each chapter, and all in one
  piper-rs batch -d out book/ --join book.wav  also writes a cue sheet, book.cue
  piper-rs batch -d out --split chapters book.txt --join book.wav --title \"My Book\"
  piper-rs batch -d out book/ --dry-run        what would be written, and how long it takes
  piper-rs batch -d out --lines words.txt -m NAME --speakers 0-9 --speed 0.8,1 --takes 3
  piper-rs batch -d out --manifest list.jsonl --shard 3/8    part 3 of 8, on any machine
  piper-rs batch -d out --manifest list.jsonl --verify       are all files complete?

To continue a batch that was stopped, run the same command again: it skips finished
texts that have not changed. It finds them in the journal DIR/.piper-rs-journal.jsonl.
Texts that lack the files of --srt, --vtt or --timings are spoken again, with their seeds.

A manifest has one text per line, as JSON, or as CSV with a header if its name ends
in .csv or .tsv; commas, semicolons or tabs separate the fields. Each text has the
field `text` or `file`, and optionally format, output_file, id, voice, config, speaker,
speed, length_scale, noise_scale, noise_w, volume, normalize, loudness,
sentence_silence, line_silence, paragraph_silence, scene_silence, punctuation, spell,
read_as and seed.

A name template may contain {stem} (the input file's), {n:04} (the number of the text,
with four digits; {n:01} with as few as possible), {slug} (the first words), {title},
{voice}, {speaker}, {id}, {seed}, {take}, {speed}, {length_scale}, {noise_scale},
{noise_w}, {shard} (the I of --shard I/N; with another N, all files are made again) and
{hash:2} (up to four hexadecimal digits of a hash of the rest of the name):
{hash:2}/{hash:4}/{n:08} makes two levels of folders.

Each text is spoken with every combination of --speakers, --takes, and the lists of
--speed, --length-scale, --noise-scale and --noise-w, such as 0.8,1,1.2. What a
manifest sets for a text is not varied. Without --name, the names show what varies.";

#[derive(Debug, Clone, Args)]
#[command(group(ArgGroup::new("texts").required(true)))]
pub(crate) struct BatchArgs {
    /// Text files and documents, or folders with text files
    #[arg(value_name = "PATH", group = "texts", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) input: BatchInputArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) parts: PartArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) grid: GridArgs,
    #[command(flatten)]
    pub(crate) output: BatchOutputArgs,
    #[command(flatten)]
    pub(crate) jobs: JobArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

impl BatchArgs {
    /// Returns whether documents of SSML are among the inputs, as their names say.
    pub(crate) fn may_have_ssml(&self) -> bool {
        let is_ssml = |name: &Path| {
            let suffix = name.extension();
            suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("ssml"))
        };
        let globs = self.input.glob.iter().map(Path::new);
        let mut names = self.paths.iter().map(PathBuf::as_path).chain(globs);
        self.reading.document.format == FormatArg::Ssml || names.any(is_ssml)
    }
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct BatchInputArgs {
    /// Read the files in folders that match PATTERN; may be repeated
    #[arg(long, value_name = "PATTERN", default_value = "*.txt")]
    pub(crate) glob: Vec<String>,
    /// Divide each text file, and speak its parts
    #[arg(long, value_name = "UNIT", value_enum, conflicts_with_all = ["lines", "manifest"])]
    pub(crate) split: Option<SplitArg>,
    /// Speak each line of FILE, `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        group = "texts",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) lines: Option<PathBuf>,
    /// Speak the texts that FILE lists, as JSON lines or CSV
    #[arg(
        long,
        value_name = "FILE",
        group = "texts",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) manifest: Option<PathBuf>,
}

/// Several readings of each text. The lists of `--speed` and the scales are among
/// the options of prosody, which `speak` has too: so their help is here.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Several readings of each text; also by commas: --speed 0.8,1,1.2")]
pub(crate) struct GridArgs {
    /// Speak each text with these speakers, such as `0-9,12,p330`, or `all`
    #[arg(long, value_name = "SPEAKERS", conflicts_with = "speaker")]
    pub(crate) speakers: Option<String>,
    /// Speak each text N times, with the seeds --seed (or 0) and up
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) takes: Option<u32>,
    /// Speak each text in at most N of the combinations, which --seed (or 0) chooses
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) sample: Option<u32>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct BatchOutputArgs {
    /// Write the files into DIR, in subfolders like those of the input
    #[arg(short = 'd', long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output_dir: PathBuf,
    /// Name template [default: {stem}; for lines {n:04}; for chapters {n:03}-{slug}; {id} if there is one]
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) name: Option<String>,
    /// List the finished files in FILE, as JSON lines
    ///
    /// Each line has file, text (or text_file, if it is long), id, voice, speaker,
    /// speaker_id, speed, length_scale, noise_scale, noise_w, seed, take, seconds, rate,
    /// bytes, cpu_seconds, machine (the kind of processor) and cpu (its name).
    /// Files that exist and are up to date are listed too. Relative paths are relative
    /// to the current folder, as on the command line.
    #[arg(long, visible_alias = "report", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) results: Option<PathBuf>,
    /// Replace existing files that differ from the result
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Speak all texts again, even if their files are up to date
    #[arg(long)]
    pub(crate) force: bool,
    /// Also join all texts into one file: .wav, .flac, .opus, .mp3, or .m4b by ffmpeg
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) join: Option<PathBuf>,
    /// Format of the list of chapters for the joined file [default: cue; of .m4b ffmetadata]
    #[arg(long, value_name = "FORMAT", value_enum, requires = "join")]
    pub(crate) chapters: Option<ChaptersArg>,
    /// Pause between joined texts [default: 2 with --split, else a paragraph's]
    #[arg(long, value_name = "SECONDS", value_parser = super::number::number, requires = "join")]
    pub(crate) chapter_silence: Option<f64>,
    /// Title of the book or collection: of the joined file, and the album of the others
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Author of the book or collection, for tags and the list of chapters
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    #[command(flatten)]
    pub(crate) timed: BatchTimedArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitArg {
    /// At headings: Markdown's `#` and `##`, underlined lines, and lines of their
    /// own such as `CHAPTER IV`, `Kapitel 3` and `Part One: The Sea`
    Chapters,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChaptersArg {
    /// A cue sheet, FILE.cue
    Cue,
    /// Chapters for ffmpeg, FILE.ffmetadata
    Ffmetadata,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Jobs")]
pub(crate) struct JobArgs {
    /// Number of texts converted at once [default: the cores]
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Stop at the first text that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Make only part I of N, `1/8`; `auto`: as Slurm, Kubernetes or AWS Batch counts its tasks
    ///
    /// Start N of them, on one machine or on many, with the same command and the same
    /// output folder. A file belongs to one part by a hash of its name. `auto` reads
    /// the number of the task from SLURM_ARRAY_TASK_ID and its relatives, from
    /// JOB_COMPLETION_INDEX and JOB_COMPLETIONS, or from AWS_BATCH_JOB_ARRAY_INDEX and
    /// AWS_BATCH_JOB_ARRAY_SIZE. After another division what is done is still skipped.
    #[arg(long, value_name = "I/N", conflicts_with = "join")]
    pub(crate) shard: Option<ShardArg>,
    /// Only check whether all files are there, complete and made once
    ///
    /// Prints a line for each that is missing, damaged, outdated, made twice or foreign (no
    /// journal knows it), and for each text that is invalid. Subtitles and times are files,
    /// too. The exit code is 1 if there is one. Without --shard it reads the journals of all
    /// shards; with it, it looks at the files of that part alone.
    #[arg(long, conflicts_with_all = ["dry_run", "join", "overwrite", "force"])]
    pub(crate) verify: bool,
    /// Only list what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Report events on standard output
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) events: Option<EventsArg>,
}
