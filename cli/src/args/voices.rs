//! The command line of `piper-rs voices`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::{EngineArgs, PlaceArgs, StyleArgs};

/// Piper's own voices.
pub(crate) const PUBLIC_CATALOGUE: &str =
    "https://huggingface.co/rhasspy/piper-voices/resolve/main/voices.json";

pub(crate) const EXAMPLES: &str = "\
Examples:
  piper-rs voices list                         the voices that are here
  piper-rs voices search --update german       fetch the catalogue, search it
  piper-rs voices search --speakers 2- --max-size 80
  piper-rs voices get de_DE-thorsten-low       download a voice, checked
  piper-rs voices audition -m NAME --speakers 0-9 -d out

The network is used by `get`, and by `--update`, and by nothing else. The
catalogue that was fetched last is kept, and said to be how old; `get` fetches
another when that one is older than a day or does not know the voice.";

const LIST_EXAMPLES: &str = "\
Examples:
  piper-rs voices list
  piper-rs voices list --language de --json
  piper-rs voices list --available             those of the catalogue seen last";

const SEARCH_EXAMPLES: &str = "\
Examples:
  piper-rs voices search --update german
  piper-rs voices search --language en_GB --quality medium
  piper-rs voices search --speakers 2- --max-size 80 --json";

const INFO_EXAMPLES: &str = "\
Examples:
  piper-rs voices info en_US-slt-low
  piper-rs voices info --json de_DE-thorsten-low";

const GET_EXAMPLES: &str = "\
Examples:
  piper-rs voices get de_DE-thorsten-low
  piper-rs voices get en_GB-alba-medium pt_PT-tugão-medium --data-dir voices
  piper-rs voices get NAME --catalogue https://mirror.example/voices.json";

const VERIFY_EXAMPLES: &str = "\
Examples:
  piper-rs voices verify                       all that are installed
  piper-rs voices verify de_DE-thorsten-low";

const REMOVE_EXAMPLES: &str = "\
Examples:
  piper-rs voices remove de_DE-thorsten-low
  piper-rs voices remove --yes en_GB-alba-medium";

const PATH_EXAMPLES: &str = "\
Examples:
  piper-rs voices path de_DE-thorsten-low
  piper-rs voices path de_DE-thorsten-low --data-dir voices";

const PREPARE_EXAMPLES: &str = "\
Examples:
  piper-rs voices prepare                      all that are installed
  piper-rs voices prepare de_DE-thorsten-low
  piper-rs voices prepare --list
  piper-rs voices prepare --clear";

const AUDITION_EXAMPLES: &str = "\
Examples:
  piper-rs voices audition -m NAME --speakers 0-9
  piper-rs voices audition -m NAME --speakers 0-9 -d out \"Once upon a time.\"";

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum VoicesCommand {
    /// List the voices that are installed, or can be had
    #[command(after_long_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Search the catalogue of voices that can be had
    #[command(after_long_help = SEARCH_EXAMPLES)]
    Search(SearchArgs),
    /// Tell all that is known of a voice
    #[command(after_long_help = INFO_EXAMPLES)]
    Info(InfoArgs),
    /// Download voices
    #[command(after_long_help = GET_EXAMPLES)]
    Get(GetArgs),
    /// Check installed voices: their md5, and whether they speak
    #[command(after_long_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Delete installed voices
    #[command(after_long_help = REMOVE_EXAMPLES)]
    Remove(RemoveArgs),
    /// Print where a voice's model is
    #[command(after_long_help = PATH_EXAMPLES)]
    Path(PathArgs),
    /// Prepare voices for a fast start, or see and clear what is prepared
    #[command(after_long_help = PREPARE_EXAMPLES)]
    Prepare(PrepareArgs),
    /// Hear one sentence by several speakers or voices
    #[command(after_long_help = AUDITION_EXAMPLES)]
    Audition(Box<AuditionArgs>),
}

/// Where installed voices are.
#[derive(Debug, Clone, Args)]
pub(crate) struct FoldersArgs {
    /// Look for voices in DIR, before the usual folders; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Vec<PathBuf>,
}

/// Which catalogue.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Catalogue")]
pub(crate) struct CatalogueArgs {
    /// The list of voices; their files lie beside it
    #[arg(
        long,
        value_name = "URL|FILE",
        env = "PIPER_CATALOGUE",
        default_value = PUBLIC_CATALOGUE,
        hide_default_value = true
    )]
    pub(crate) catalogue: String,
}

/// Fetching the catalogue.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Catalogue")]
pub(crate) struct UpdateArgs {
    /// Fetch the catalogue anew first
    #[arg(long)]
    pub(crate) update: bool,
}

/// Which voices.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Filter")]
pub(crate) struct FilterArgs {
    /// Only this language: `de`, `de_AT` or `German`; may be repeated
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) language: Vec<String>,
    /// Only this quality; may be repeated
    #[arg(long, value_name = "QUALITY", value_enum)]
    pub(crate) quality: Vec<QualityArg>,
    /// Only with so many speakers: `1`, `2-`, `2-10`
    #[arg(long, value_name = "NUMBER")]
    pub(crate) speakers: Option<String>,
    /// Only models up to so many megabytes
    #[arg(long, value_name = "MB")]
    pub(crate) max_size: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QualityArg {
    /// 16 kHz, the smallest
    #[value(name = "x_low", alias = "x-low")]
    XLow,
    /// 16 kHz
    Low,
    /// 22 kHz
    Medium,
    /// 22 kHz, the largest
    High,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ListArgs {
    /// List the voices of the catalogue instead
    #[arg(long)]
    pub(crate) available: bool,
    /// One JSON object per voice
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,
    #[command(flatten)]
    pub(crate) update: UpdateArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct SearchArgs {
    /// Words of the name or the language; all of them
    #[arg(value_name = "WORD")]
    pub(crate) words: Vec<String>,
    /// One JSON object per voice
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,
    #[command(flatten)]
    pub(crate) update: UpdateArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct InfoArgs {
    /// The voice: a name, a path, or a name of the catalogue
    #[arg(value_name = "VOICE")]
    pub(crate) voice: String,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,
    #[command(flatten)]
    pub(crate) update: UpdateArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct GetArgs {
    /// The voices' names in the catalogue
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// Download them even if they are here, whole
    #[arg(long)]
    pub(crate) force: bool,
    /// Put them into DIR [default: voices in the user's data folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,
    #[command(flatten)]
    pub(crate) update: UpdateArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArgs {
    /// The voices [default: all that are installed]
    #[arg(value_name = "VOICE")]
    pub(crate) voices: Vec<String>,
    /// One JSON object per voice
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RemoveArgs {
    /// The voices' names
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PathArgs {
    /// The voice's name
    #[arg(value_name = "VOICE")]
    pub(crate) voice: String,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
}

/// How much is kept of what is prepared.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Engine")]
pub(crate) struct PreparedArgs {
    /// Room for prepared voices on disk, in megabytes
    #[arg(
        long,
        value_name = "MB",
        default_value_t = 2000,
        env = "PIPER_PREPARED_MB"
    )]
    pub(crate) prepared_mb: u64,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PrepareArgs {
    /// The voices [default: all that are installed]
    #[arg(value_name = "VOICE")]
    pub(crate) voices: Vec<String>,
    /// List what is prepared instead
    #[arg(long, conflicts_with_all = ["voices", "clear"])]
    pub(crate) list: bool,
    /// With --list, one JSON object per voice
    #[arg(long, requires = "list")]
    pub(crate) json: bool,
    /// Delete what is prepared instead
    #[arg(long, conflicts_with = "voices")]
    pub(crate) clear: bool,
    #[command(flatten)]
    pub(crate) prepared: PreparedArgs,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct AuditionArgs {
    /// The sentence [default: one in the voice's language]
    #[arg(value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// These voices, besides -m; may be repeated
    #[arg(long, value_name = "VOICE")]
    pub(crate) with: Vec<String>,
    /// These speakers, by numbers, ranges and names: `0-9,alice`
    #[arg(long, value_name = "LIST", conflicts_with = "speaker")]
    pub(crate) speakers: Option<String>,
    /// Of a voice without --speakers, hear so many
    #[arg(long, value_name = "SPEAKERS", default_value_t = 20)]
    pub(crate) limit: u32,
    /// Write a file for each into DIR, named after voice and speaker
    #[arg(
        short = 'd',
        long,
        value_name = "DIR",
        conflicts_with_all = ["output", "raw", "play"],
        value_hint = ValueHint::DirPath,
        help_heading = "Output"
    )]
    pub(crate) output_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) style: StyleArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}
