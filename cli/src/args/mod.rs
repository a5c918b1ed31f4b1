//! The command line, exactly as typed.
//!
//! Nothing is decided here: [`crate::plan`] turns arguments and environment
//! into what will be done. Help, man page and completions come from these
//! definitions.

mod batch;
mod bench;
mod config;
mod output;
mod style;
mod typed;
mod voices;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use batch::{BatchArgs, ChaptersArg, EventsArg};
pub(crate) use bench::BenchArgs;
pub(crate) use config::{CompleteArgs, ConfigCommand, ConfigShowArgs, DoctorArgs};
pub(crate) use output::{NamingArg, OutputArgs, PlaceArgs, RawFormatArg};
pub(crate) use style::{LexiconArgs, NormalizeArg, StyleArgs, VoiceArgs};
pub(crate) use typed::normalize;
pub(crate) use voices::{
    AuditionArgs, CatalogueArgs, FilterArgs, FoldersArgs, GetArgs, InfoArgs, ListArgs,
    PUBLIC_CATALOGUE, PathArgs, PrepareArgs, PreparedArgs, QualityArg, RemoveArgs, SearchArgs,
    UpdateArgs, VerifyArgs, VoicesCommand,
};

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::speech::overrides::LayeredOverrides;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

/// Text to speech with any Piper voice, streaming.
#[derive(Debug, Parser)]
#[command(
    name = "piper-rs",
    styles = STYLES,
    disable_version_flag = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_long_help = AFTER_HELP
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

const AFTER_HELP: &str = "\
Without a command, flags mean `speak`: `tail -f log | piper-rs -m VOICE --play`.
Piper's own spellings work too: `--output_file`, `--length_scale`, …

Examples:
  piper-rs speak \"Hello.\"                      aloud, with the built-in voice
  piper-rs speak --help                        all about one command
  piper-rs doctor                              is all in place?

Exit codes:
  0    all text was spoken, or the reader of our output had enough
  1    something failed; what was finished is valid
  2    the command line is wrong
  3    a voice or a library is missing
  130  stopped by Ctrl-C; what was finished is valid";

/// Flags of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Program")]
pub(crate) struct CommonArgs {
    /// Say nothing but errors
    #[arg(short, long, global = true, overrides_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true, alias = "debug", overrides_with = "quiet")]
    pub(crate) verbose: bool,
    /// Use this ONNX Runtime library
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) onnxruntime: Option<PathBuf>,
    /// Use this espeak-ng library
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) espeak: Option<PathBuf>,
    /// Use the espeak-ng-data in this folder
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) espeak_data: Option<PathBuf>,
    /// Read defaults from FILE; see `piper-rs config`
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config_file: Option<PathBuf>,
    /// Read no config file
    #[arg(long, global = true, conflicts_with = "config_file")]
    pub(crate) no_config: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Speak text: into a file, into a pipe, or aloud
    // Scripts for Piper's programs shorten flags, and give one again to have
    // the last one win.
    #[command(
        after_long_help = SPEAK_EXAMPLES,
        infer_long_args = true,
        args_override_self = true
    )]
    Speak(Box<SpeakArgs>),
    /// Turn many texts into WAV files
    #[command(after_long_help = batch::EXAMPLES)]
    Batch(Box<BatchArgs>),
    /// Speak what is typed, and take commands, at a prompt or from a script
    #[command(visible_alias = "i", after_long_help = INTERACTIVE_EXAMPLES)]
    Interactive(Box<InteractiveArgs>),
    /// Show the phonemes of a text, and a voice's ids for them
    #[command(after_long_help = PHONEMES_EXAMPLES)]
    Phonemes(PhonemesArgs),
    /// Measure how fast a voice is on this machine
    // Hidden: it is for people who compare machines, and for our benchmarks.
    #[command(hide = true, after_long_help = bench::EXAMPLES)]
    Bench(BenchArgs),
    /// Find, download, check and hear voices
    #[command(subcommand, after_long_help = voices::EXAMPLES)]
    Voices(VoicesCommand),
    /// List the sound devices
    #[command(after_long_help = DEVICES_EXAMPLES)]
    Devices(DevicesArgs),
    /// Check that all is in place, and say what is to be done
    #[command(after_long_help = config::DOCTOR_EXAMPLES)]
    Doctor(DoctorArgs),
    /// Defaults kept in a file
    #[command(subcommand, after_long_help = config::CONFIG_EXAMPLES)]
    Config(ConfigCommand),
    /// Print completions for a shell
    #[command(after_long_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    #[command(hide = true, after_long_help = MAN_EXAMPLES)]
    Man,
    /// Print what the word being typed may become
    #[command(hide = true, after_long_help = COMPLETE_EXAMPLES)]
    Complete(CompleteArgs),
    /// Print the version, and those of ONNX Runtime and espeak-ng
    #[command(after_long_help = VERSION_EXAMPLES)]
    Version,
}

const SPEAK_EXAMPLES: &str = "\
Examples:
  piper-rs speak \"Hello.\"                      aloud, with the built-in voice
  piper-rs speak -i book.txt -o book.wav       a file into a file
  echo Hi | piper-rs speak --raw | aplay -r 24000 -f S16_LE
  piper-rs speak -o - \"Hi\" | ffmpeg -i - hi.mp3
  tail -f log | piper-rs speak --play          line by line, as they come
  piper-rs speak -m en_GB-alba-medium -o save.wav --play \"Heard and kept.\"
  piper-rs speak --json-input -d out < lines.jsonl";

const INTERACTIVE_EXAMPLES: &str = "\
Examples:
  piper-rs interactive                         type to speak; `:help` lists commands
  piper-rs i -m en_GB-alba-medium --preload de_DE-thorsten-low
  printf 'Hello.\\n:save hello.wav\\n' | piper-rs interactive -o all.wav
  piper-rs interactive --json                  for programs: one object per reply";

const PHONEMES_EXAMPLES: &str = "\
Examples:
  piper-rs phonemes \"Hello, world.\"
  piper-rs phonemes --espeak-voice de --json < lines.txt
  piper-rs phonemes --ids -m en_GB-alba-medium \"Hello.\"
  piper-rs phonemes --lexicon my.lexicon \"nginx\"";

const DEVICES_EXAMPLES: &str = "\
Examples:
  piper-rs devices                             the default one has a star
  piper-rs devices --json
  piper-rs speak --device pulse \"On this one.\"";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  piper-rs completions bash > ~/.local/share/bash-completion/completions/piper-rs
  piper-rs completions zsh > ~/.zfunc/_piper-rs
  piper-rs completions fish > ~/.config/fish/completions/piper-rs.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  piper-rs man > piper-rs.1";

const COMPLETE_EXAMPLES: &str = "\
Examples:
  piper-rs complete 2 -- piper-rs speak --vo";

const VERSION_EXAMPLES: &str = "\
Examples:
  piper-rs version
  piper-rs --version                           the same";

#[derive(Debug, Clone, Args)]
pub(crate) struct SpeakArgs {
    /// The text; without it, and without -i, standard input is read
    #[arg(value_name = "TEXT", allow_negative_numbers = true)]
    pub(crate) text: Vec<String>,
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) style: StyleArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// Blocks of audio made ahead of the output
    #[arg(
        long,
        value_name = "BLOCKS",
        default_value = "4",
        help_heading = "Engine"
    )]
    pub(crate) ahead: NonZeroUsize,
    #[command(flatten)]
    pub(crate) ignored: IgnoredArgs,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct InteractiveArgs {
    /// Load VOICE in the background, so that `:voice` has it at once; may be
    /// repeated
    #[arg(long, value_name = "VOICE", help_heading = "Session")]
    pub(crate) preload: Vec<String>,
    /// Neither read nor write the history of typed lines
    #[arg(long, help_heading = "Session")]
    pub(crate) no_history: bool,
    /// Read lines without a prompt in this encoding instead of UTF-8, or
    /// UTF-16 by its mark
    #[arg(long, value_name = "NAME", help_heading = "Session")]
    pub(crate) encoding: Option<String>,
    /// Read lines without a prompt, reply in JSON on standard output
    #[arg(long, conflicts_with = "raw", help_heading = "Session")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) style: StyleArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// Blocks of audio made ahead of the output
    #[arg(
        long,
        value_name = "BLOCKS",
        default_value = "4",
        help_heading = "Engine"
    )]
    pub(crate) ahead: NonZeroUsize,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Read text from FILE, `-` for standard input; may be repeated
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
    /// Read JSON lines: text, and optionally speaker, speaker_id, output_file,
    /// voice, config, speed, length_scale, noise_scale, noise_w, volume, seed,
    /// sentence_silence, line_silence, paragraph_silence
    #[arg(long, conflicts_with = "text")]
    pub(crate) json_input: bool,
}

/// How text is read, wherever it comes from.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct ReadingArgs {
    /// Read the text in this encoding instead of UTF-8, or UTF-16 by its mark
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// What a single line break means
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(crate) line_breaks: Option<LineBreaksArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineBreaksArg {
    /// The end of a sentence: the default for standard input
    Keep,
    /// White space
    Join,
    /// White space in wrapped prose, an end elsewhere: the default for files
    Auto,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Engine")]
pub(crate) struct EngineArgs {
    /// Threads that make speech [default: the physical cores]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Unused audio buffers to keep
    #[arg(long, value_name = "BUFFERS", default_value_t = piper_rs::audio::pool::DEFAULT_MAX_IDLE)]
    pub(crate) pool_size: usize,
    /// Loaded voices to keep
    #[arg(
        long,
        value_name = "VOICES",
        default_value_t = 3,
        env = "PIPER_CACHE_VOICES"
    )]
    pub(crate) cache_voices: usize,
    /// Memory for loaded voices, in megabytes
    #[arg(
        long,
        value_name = "MB",
        default_value_t = 1500,
        env = "PIPER_CACHE_MB"
    )]
    pub(crate) cache_mb: u64,
    /// Do not keep voices prepared for a fast start
    #[arg(long)]
    pub(crate) no_prepare: bool,
    #[command(flatten)]
    pub(crate) prepared: PreparedArgs,
    /// Report statistics at the end
    #[arg(long, value_name = "FORMAT", value_enum, num_args = 0..=1, default_missing_value = "text", require_equals = true)]
    pub(crate) stats: Option<StatsArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsArg {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// Flags of Piper's programs that change nothing here; named when used.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Accepted for Piper's sake")]
pub(crate) struct IgnoredArgs {
    /// No effect: speech is made on the CPU
    #[arg(long, alias = "use-cuda", hide_short_help = true)]
    pub(crate) cuda: bool,
    /// No effect: Arabic is read as it is written
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) tashkeel_model: Option<PathBuf>,
    /// No effect: nothing is downloaded
    #[arg(long, value_name = "DIR", hide_short_help = true)]
    pub(crate) download_dir: Option<PathBuf>,
    /// No effect: nothing is downloaded
    #[arg(long, hide_short_help = true)]
    pub(crate) update_voices: bool,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct PhonemesArgs {
    /// The text; without it standard input is read line by line
    #[arg(value_name = "TEXT")]
    pub(crate) text: Vec<String>,
    /// Read standard input in this encoding instead of UTF-8, or UTF-16 by its
    /// mark
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// One JSON object per line of input
    #[arg(long)]
    pub(crate) json: bool,
    /// Show the voice's ids too
    #[arg(long)]
    pub(crate) ids: bool,
    /// espeak-ng's voice; the Piper voice's own if not given
    #[arg(long, value_name = "NAME")]
    pub(crate) espeak_voice: Option<String>,
    /// Do as piper-phonemize does, its faults included
    #[arg(long)]
    pub(crate) strict_piper: bool,
    #[command(flatten)]
    pub(crate) voice: VoiceArgs,
    #[command(flatten)]
    pub(crate) lexicon: LexiconArgs,
    /// What the config file says beside the flags.
    #[arg(skip)]
    pub(crate) manners: Arc<LayeredOverrides>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DevicesArgs {
    /// One JSON object per device
    #[arg(long)]
    pub(crate) json: bool,
}

impl Command {
    /// Returns where it is told how the config file wants voices to speak, if
    /// it has to do with that.
    pub(crate) fn manners_mut(&mut self) -> Option<&mut Arc<LayeredOverrides>> {
        match self {
            Self::Speak(args) => Some(&mut args.style.manners),
            Self::Batch(args) => Some(&mut args.style.manners),
            Self::Interactive(args) => Some(&mut args.style.manners),
            Self::Voices(VoicesCommand::Audition(args)) => Some(&mut args.style.manners),
            Self::Phonemes(args) => Some(&mut args.manners),
            _ => None,
        }
    }

    /// Returns where the command's sound goes, if it says.
    pub(crate) fn place_mut(&mut self) -> Option<&mut PlaceArgs> {
        match self {
            Self::Speak(args) => Some(&mut args.output.place),
            Self::Interactive(args) => Some(&mut args.place),
            Self::Voices(VoicesCommand::Audition(args)) => Some(&mut args.place),
            _ => None,
        }
    }

    /// Returns whether it goes on although something is wrong with the config
    /// file.
    pub(crate) fn needs_no_config(&self) -> bool {
        matches!(
            self,
            Self::Doctor(_)
                | Self::Config(ConfigCommand::Path)
                | Self::Completions { .. }
                | Self::Complete(_)
                | Self::Man
                | Self::Version
        )
    }
}

impl IgnoredArgs {
    /// Returns a note for each that was used.
    pub(crate) fn named(&self) -> impl Iterator<Item = String> {
        let used = [
            (self.cuda, "--cuda has no effect: speech is made on the CPU"),
            (
                self.tashkeel_model.is_some(),
                "--tashkeel-model has no effect: Arabic is read as written",
            ),
            (
                self.download_dir.is_some(),
                "--download-dir has no effect: nothing is downloaded",
            ),
            (
                self.update_voices,
                "--update-voices has no effect: nothing is downloaded",
            ),
        ];
        used.into_iter()
            .filter(|(used, _)| *used)
            .map(|(_, note)| note.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_text_says_what_clap_takes_for_a_line_break() {
        fn check(command: &clap::Command) {
            let texts = [command.get_about(), command.get_after_long_help()];
            let helps = command
                .get_arguments()
                .map(|arg| arg.get_long_help().or(arg.get_help()));
            for text in texts.into_iter().chain(helps).flatten() {
                assert!(!text.to_string().contains("{n}"), "{text}");
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn every_flag_has_a_line_of_help() {
        fn check(command: &clap::Command) {
            for arg in command.get_arguments() {
                assert!(
                    arg.get_help().is_some(),
                    "{} {}",
                    command.get_name(),
                    arg.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn every_command_has_examples_and_each_of_them_parses() {
        fn check(command: &clap::Command) {
            let help = command.get_after_long_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            let examples = help.split("Examples:\n").nth(1).map(|after| after.lines());
            let examples = examples.unwrap_or_else(|| panic!("{} has none", command.get_name()));
            let examples = examples.take_while(|line| !line.is_empty());
            for example in examples.filter(|line| line.contains("piper-rs ")) {
                // What follows two blanks is for people.
                let typed = example.trim().split("   ").next().unwrap();
                let of_ours = typed
                    .split(" | ")
                    .find(|part| part.starts_with("piper-rs "));
                let words = shlex::split(of_ours.unwrap()).unwrap();
                let words = words
                    .into_iter()
                    .take_while(|word| word != "<" && word != ">");
                let typed = normalize(words.map(Into::into), true);
                match Cli::try_parse_from(typed) {
                    // `--help` is no command to carry out.
                    Err(error) if error.exit_code() != 0 => panic!("{example}: {error}"),
                    _ => {}
                }
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
