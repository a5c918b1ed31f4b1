//! The command line of `piper-rs voices`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::{ChoiceArgs, DestinationArgs, EngineArgs, PreparedArgs, SpeechArgs};

/// Piper's own voices.
pub(crate) const PUBLIC_CATALOGUE: &str =
    "https://huggingface.co/rhasspy/piper-voices/resolve/main/voices.json";

/// Sets another default of `--catalogue`.
pub(crate) const CATALOGUE_VARIABLE: &str = "PIPER_CATALOGUE";

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs voices list                         installed voices
  piper-rs voices search --update german       update the catalogue, then search it
  piper-rs voices search --speakers 2- --max-size 80
  piper-rs voices get de_DE-thorsten-low       download and verify a voice
  piper-rs voices audition -m NAME --speakers 0-9 -d out

Only `get` and `--update` use the network. The other commands use the copy of the
catalogue from the last download and report its age. `get` downloads a new copy if
that one is older than a day or does not contain the voice.";

const LIST_EXAMPLES: &str = "\
Examples:
  piper-rs voices list
  piper-rs voices list --language de --json
  piper-rs voices list --available             voices of the downloaded catalogue";

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
  piper-rs voices verify                       all installed voices
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
  piper-rs voices prepare                      all installed voices
  piper-rs voices prepare de_DE-thorsten-low
  piper-rs voices prepare --list
  piper-rs voices prepare --clear";

const AUDITION_EXAMPLES: &str = "\
Examples:
  piper-rs voices audition -m NAME --speakers 0-9
  piper-rs voices audition -m NAME --speakers 0-9 -d out \"Once upon a time.\"";

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum VoicesCommand {
    /// List installed or available voices
    #[command(after_long_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Search the catalogue of available voices
    #[command(after_long_help = SEARCH_EXAMPLES)]
    Search(SearchArgs),
    /// Show details of a voice
    #[command(after_long_help = INFO_EXAMPLES)]
    Info(InfoArgs),
    /// Download voices
    #[command(after_long_help = GET_EXAMPLES)]
    Get(GetArgs),
    /// Check the files of installed voices and test synthesis
    #[command(after_long_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Delete installed voices
    #[command(after_long_help = REMOVE_EXAMPLES)]
    Remove(RemoveArgs),
    /// Print the path of a voice's model
    #[command(after_long_help = PATH_EXAMPLES)]
    Path(PathArgs),
    /// Prepare voices for faster loading, or list or delete prepared voices
    #[command(after_long_help = PREPARE_EXAMPLES)]
    Prepare(PrepareArgs),
    /// Compare speakers or voices with one sentence
    #[command(after_long_help = AUDITION_EXAMPLES)]
    Audition(Box<AuditionArgs>),
}

/// Folders of installed voices.
#[derive(Debug, Clone, Args)]
pub(crate) struct FoldersArgs {
    /// Search DIR for voices before the standard folders; may be repeated
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Vec<PathBuf>,
}

/// The location of the catalogue.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Catalogue")]
pub(crate) struct CatalogueArgs {
    /// Location of the catalogue; voice files are relative to it
    #[arg(
        long,
        value_name = "URL|FILE",
        env = CATALOGUE_VARIABLE,
        default_value = PUBLIC_CATALOGUE,
        hide_default_value = true
    )]
    pub(crate) catalogue: String,
}

/// Whether to download the catalogue.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Catalogue")]
pub(crate) struct UpdateArgs {
    /// Download the catalogue first
    #[arg(long)]
    pub(crate) update: bool,
}

/// Filters for voices.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Filter")]
pub(crate) struct FilterArgs {
    /// Only this language: `de`, `de_AT` or `German`; may be repeated
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) language: Vec<String>,
    /// Only this quality; may be repeated
    #[arg(long, value_name = "QUALITY", value_enum)]
    pub(crate) quality: Vec<QualityArg>,
    /// Only with this number of speakers: `1`, `2-`, `2-10`
    #[arg(long, value_name = "NUMBER")]
    pub(crate) speakers: Option<String>,
    /// Only models up to this size, in megabytes
    #[arg(long, value_name = "MB", value_parser = super::number::number)]
    pub(crate) max_size: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QualityArg {
    /// 16 kHz, smallest models
    #[value(name = "x_low", alias = "x-low")]
    XLow,
    /// 16 kHz
    Low,
    /// 22 kHz
    Medium,
    /// 22 kHz, largest models
    High,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ListArgs {
    /// List the voices of the catalogue
    #[arg(long)]
    pub(crate) available: bool,
    /// Print one JSON object per voice
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
    /// Words that the name or the language must contain
    #[arg(value_name = "WORD")]
    pub(crate) words: Vec<String>,
    /// Print one JSON object per voice
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
    /// Voice, as a name, a path, or a name in the catalogue
    #[arg(value_name = "VOICE")]
    pub(crate) voice: String,
    /// Print one JSON object
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
    /// Names in the catalogue
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// Download voices again, even if they are complete
    #[arg(long)]
    pub(crate) force: bool,
    /// Install into DIR [default: voices in the user's data folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,
    #[command(flatten)]
    pub(crate) update: UpdateArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArgs {
    /// Voices [default: all installed voices]
    #[arg(value_name = "VOICE")]
    pub(crate) voices: Vec<String>,
    /// Print one JSON object per voice
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
    #[command(flatten)]
    pub(crate) catalogue: CatalogueArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RemoveArgs {
    /// Names of the voices
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// Do not ask for confirmation
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PathArgs {
    /// Name of the voice
    #[arg(value_name = "VOICE")]
    pub(crate) voice: String,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PrepareArgs {
    /// Voices [default: all installed voices]
    #[arg(value_name = "VOICE")]
    pub(crate) voices: Vec<String>,
    /// List prepared voices
    #[arg(long, conflicts_with_all = ["voices", "clear"])]
    pub(crate) list: bool,
    /// With --list, print one JSON object per voice
    #[arg(long, requires = "list")]
    pub(crate) json: bool,
    /// Delete all prepared voices
    #[arg(long, conflicts_with = "voices")]
    pub(crate) clear: bool,
    #[command(flatten)]
    pub(crate) prepared: PreparedArgs,
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    #[command(flatten)]
    pub(crate) folders: FoldersArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct AuditionArgs {
    /// Sentence to speak [default: one in the voice's language]
    #[arg(value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// Another voice besides -m; may be repeated
    #[arg(long, value_name = "VOICE")]
    pub(crate) with: Vec<String>,
    /// Speakers, as numbers, ranges and names: `0-9,alice`
    #[arg(long, value_name = "LIST", conflicts_with = "speaker")]
    pub(crate) speakers: Option<String>,
    /// Maximum number of speakers per voice without --speakers
    #[arg(long, value_name = "SPEAKERS", default_value_t = 20)]
    pub(crate) limit: u32,
    /// Write one file per speaker into DIR, named after voice and speaker
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
    pub(crate) destinations: DestinationArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}
