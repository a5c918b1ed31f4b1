//! The command line, exactly as typed.
//!
//! These definitions are also the source of help, man page and completions.
//! They know nothing of the rest of the program: `config` and `speech` turn
//! them into what a command works with.

mod batch;
mod bench;
mod completions;
mod config;
mod connect;
mod doctor;
mod engine;
mod events;
mod extent;
mod habits;
mod input;
mod interactive;
mod live;
mod number;
mod number_list;
mod output;
mod phonemes;
mod rewrite;
#[cfg(feature = "serve")]
mod serve;
mod shard;
mod speak;
mod speech;
mod speechd;
mod subtitles;
mod timings;
mod tips;
mod voice_names;
mod voices;

use std::path::PathBuf;

pub(crate) use batch::{BatchArgs, ChaptersArg, SplitArg};
pub(crate) use bench::BenchArgs;
pub(crate) use completions::{CompleteArgs, CompletionsArgs};
pub(crate) use config::{ConfigCommand, ConfigShowArgs};
pub(crate) use connect::{ConnectArg, ConnectArgs};
pub(crate) use doctor::DoctorArgs;
pub(crate) use engine::{AheadArgs, ChoiceArgs, DEFAULT_AHEAD, EngineArgs, PreparedArgs, StatsArg};
pub(crate) use events::{EventsArg, SpeakEventArgs, SpeakEventsArg};
pub(crate) use extent::StartAt;
pub(crate) use habits::{MistakenVoice, mistaken_voice};
pub(crate) use input::{DocumentArgs, FormatArg, InputArgs, LineBreaksArg, PartArgs, ReadingArgs};
pub(crate) use interactive::InteractiveArgs;
pub(crate) use live::{BehindArg, LiveArgs};
pub(crate) use number_list::NumberList;
pub(crate) use output::{
    AudioFormatArg, DestinationArgs, FormatArgs, NamingArg, OutputArgs, RawFormatArg, TagArgs,
};
pub(crate) use phonemes::PhonemesArgs;
pub(crate) use rewrite::rewrite;
#[cfg(feature = "serve")]
pub(crate) use serve::{ListenArgs, ServeArgs};
pub(crate) use shard::{Shard, ShardArg};
pub(crate) use speak::SpeakArgs;
pub(crate) use speech::{
    LexiconArgs, NormalizeArg, PunctuationArg, ReadAsArg, SpeechArgs, SpellingArgs, VOICE_VARIABLE,
    VoiceArgs,
};
pub(crate) use speechd::SpeechdArgs;
pub(crate) use subtitles::{BatchSubtitleArgs, KaraokeArgs, SubtitleArgs};
pub(crate) use timings::{BatchTimedArgs, TimingsArgs, TimingsFormatArg};
pub(crate) use tips::{add_tip, misplaced_command};
pub(crate) use voice_names::{NamedSpeaker, VoiceName, VoiceNameArgs};
pub(crate) use voices::{
    AuditionArgs, CATALOGUE_VARIABLE, CatalogueArgs, FilterArgs, FoldersArgs, GetArgs, InfoArgs,
    ListArgs, PUBLIC_CATALOGUE, PathArgs, PrepareArgs, QualityArg, RemoveArgs, SearchArgs,
    UpdateArgs, VerifyArgs, VoicesCommand,
};

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueHint};

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
    after_long_help = after_help()
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

const AFTER_HELP: &str = "\
Options without a command mean `speak`: `tail -f log | piper-rs -m VOICE --play`.
Piper's spellings are accepted too: `--output_file`, `--length_scale`, …

Examples:
  piper-rs speak \"Hello.\"                      play with the default voice
  piper-rs speak --help                        show all options of a command
  piper-rs doctor                              check the installation";

/// The exit codes and their meanings. The README has the same table.
pub(crate) const EXIT_CODES: [(u8, &str); 5] = [
    (
        0,
        "success, or the output pipe was closed, or `serve` was stopped",
    ),
    (1, "an error occurred; finished files are valid"),
    (2, "the command line is wrong"),
    (3, "a voice, a library or ffmpeg is missing"),
    (
        130,
        "stopped by Ctrl-C, SIGTERM or SIGHUP (serve ends with 0); finished files are valid",
    ),
];

fn after_help() -> String {
    let codes = EXIT_CODES.map(|(code, meaning)| format!("\n  {code:<4} {meaning}"));
    format!("{AFTER_HELP}\n\nExit codes:{}", codes.concat())
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Only print errors
    #[arg(short, long, global = true, overrides_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more detail
    #[arg(short, long, global = true, alias = "debug", overrides_with = "quiet")]
    pub(crate) verbose: bool,
    /// Path of the ONNX Runtime library
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        hide_short_help = true,
        value_hint = ValueHint::FilePath
    )]
    pub(crate) onnxruntime: Option<PathBuf>,
    /// Path of the espeak-ng library
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        hide_short_help = true,
        value_hint = ValueHint::FilePath
    )]
    pub(crate) espeak: Option<PathBuf>,
    /// Path of the espeak-ng-data folder, or of the folder that contains it
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        hide_short_help = true,
        value_hint = ValueHint::DirPath
    )]
    pub(crate) espeak_data: Option<PathBuf>,
    /// Read defaults from FILE; see `piper-rs config`
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config_file: Option<PathBuf>,
    /// Ignore the config file
    #[arg(long, global = true, conflicts_with = "config_file")]
    pub(crate) no_config: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Speak text to a file, to a pipe or to a sound device
    // Scripts for Piper's programs abbreviate options, and repeat one to
    // override it.
    #[command(
        after_long_help = speak::EXAMPLES,
        infer_long_args = true,
        args_override_self = true
    )]
    Speak(Box<SpeakArgs>),
    /// Turn many texts into WAV files
    #[command(after_long_help = batch::EXAMPLES)]
    Batch(Box<BatchArgs>),
    /// Speak lines and execute commands, from a prompt or a script
    #[command(visible_alias = "i", after_long_help = interactive::EXAMPLES)]
    Interactive(Box<InteractiveArgs>),
    /// Speak for speech-dispatcher, and so for Orca: its output module
    #[command(after_long_help = speechd::EXAMPLES)]
    Speechd(Box<SpeechdArgs>),
    /// Keep voices loaded, and speak for other programs
    ///
    /// Over HTTP, as OpenAI's and Piper's clients send it, and over Wyoming, for Home
    /// Assistant. `GET /` is a page to try the voices with.
    #[cfg(feature = "serve")]
    #[command(after_long_help = serve::EXAMPLES)]
    Serve(Box<ServeArgs>),
    /// Show the phonemes of a text, and the voice's ids for them
    #[command(after_long_help = phonemes::EXAMPLES)]
    Phonemes(PhonemesArgs),
    /// Measure how fast a voice is on this machine
    // Hidden: it is for people who compare machines, and for our benchmarks.
    #[command(hide = true, after_long_help = bench::EXAMPLES)]
    Bench(BenchArgs),
    /// Find, download, verify and audition voices
    #[command(subcommand, after_long_help = voices::EXAMPLES)]
    Voices(VoicesCommand),
    /// List sound devices
    ///
    /// With ALSA, `--device` takes more names than those listed: any that ALSA can
    /// open, such as `plughw:1,0`, `plug:dmix`, `null` or an entry of ~/.asoundrc.
    /// `aplay -L` lists some of them.
    #[command(after_long_help = DEVICES_EXAMPLES)]
    Devices(DevicesArgs),
    /// Check the installation and suggest fixes
    #[command(after_long_help = doctor::EXAMPLES)]
    Doctor(DoctorArgs),
    /// Show the config file and the defaults it sets
    #[command(subcommand, after_long_help = config::EXAMPLES)]
    Config(ConfigCommand),
    /// Print a completion script for a shell
    #[command(after_long_help = completions::EXAMPLES)]
    Completions(CompletionsArgs),
    /// Print the man page
    #[command(hide = true, after_long_help = MAN_EXAMPLES)]
    Man,
    /// Print the possible completions of a word
    #[command(hide = true, after_long_help = completions::COMPLETE_EXAMPLES)]
    Complete(CompleteArgs),
    /// Print the versions of the program, ONNX Runtime and espeak-ng
    #[command(after_long_help = VERSION_EXAMPLES)]
    Version,
}

const DEVICES_EXAMPLES: &str = "\
Examples:
  piper-rs devices                             a star marks the default device
  piper-rs devices --json
  piper-rs speak --device pulse \"On this one.\"";

const MAN_EXAMPLES: &str = "\
Examples:
  piper-rs man > piper-rs.1";

const VERSION_EXAMPLES: &str = "\
Examples:
  piper-rs version
  piper-rs --version                           the same";

#[derive(Debug, Clone, Args)]
pub(crate) struct DevicesArgs {
    /// Print one JSON object per device
    #[arg(long)]
    pub(crate) json: bool,
}

impl Command {
    /// Returns whether the command also runs if the config file is wrong.
    pub(crate) fn tolerates_bad_config(&self) -> bool {
        matches!(
            self,
            Self::Doctor(_)
                | Self::Config(ConfigCommand::Path)
                | Self::Completions(_)
                | Self::Complete(_)
                | Self::Man
                | Self::Version
        )
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
    fn no_text_contains_claps_line_break() {
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
    fn every_option_has_help() {
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
    fn the_short_help_of_speak_fits_two_screens() {
        let mut command = Cli::command();
        command.build();
        let speak = command.find_subcommand_mut("speak").unwrap();
        let help = speak.render_help().to_string();
        assert!(help.lines().count() <= 50, "{help}");
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
                // An explanation follows after several blanks.
                let typed = example.trim().split("   ").next().unwrap();
                let own = typed
                    .split(" | ")
                    .find(|part| part.starts_with("piper-rs "));
                let words = shlex::split(own.unwrap()).unwrap();
                let words = words
                    .into_iter()
                    .take_while(|word| word != "<" && word != ">");
                let rewritten = rewrite(words.map(Into::into), true);
                match Cli::try_parse_from(rewritten) {
                    // clap returns `--help` as an error with exit code 0.
                    Err(error) if error.exit_code() != 0 => panic!("{example}: {error}"),
                    _ => {}
                }
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
