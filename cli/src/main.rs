//! Text to speech for the terminal. The library `piper_rs` makes the speech;
//! this program is the command line around it.

mod args;
mod commands;
mod config;
mod environment;
mod speech;
mod system;
mod terminal;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{ArgMatches, ColorChoice, CommandFactory as _, FromArgMatches as _};
use piper_rs::runtime;

use crate::args::{Cli, Command, GlobalArgs, MistakenVoice};
use crate::commands::{
    Context, batch, bench, complete, completions, config as config_command, devices, doctor,
    interactive, man, phonemes, speak, speechd, version, voices,
};
use crate::config::ConfigFile;
use crate::environment::Environment;
use crate::speech::libraries::Libraries;
use crate::terminal::report::{Outcome, Reporter, UsageError, Verbosity};
use crate::terminal::signals;
use crate::terminal::stdout::print;

fn main() -> ExitCode {
    let started = Instant::now();
    // Must come before any thread or library.
    runtime::disable_telemetry();
    signals::fail_at_file_size_limit();
    let invocation = match Invocation::parse() {
        Ok(invocation) => invocation,
        Err(error) => return print_usage(&error),
    };
    let reporter = Arc::new(Reporter::new(verbosity(&invocation.cli.global)));
    signals::remove_files_at_fatal_signals();
    let outcome = run(invocation, &reporter, started).unwrap_or_else(|error| {
        let outcome = Outcome::of(&error);
        match outcome {
            Outcome::Done | Outcome::Interrupted => {}
            _ => reporter.error(&error),
        }
        outcome
    });
    if signals::abandons_threads() {
        signals::leave(outcome.exit_code().into());
    }
    outcome.exit_code().into()
}

/// The parsed command line and the config file.
struct Invocation {
    cli: Cli,
    matches: ArgMatches,
    environment: Environment,
    config: Result<ConfigFile, UsageError>,
    /// What to tell about the command line.
    note: Option<String>,
}

impl Invocation {
    fn parse() -> Result<Self, clap::Error> {
        let typed: Vec<_> = std::env::args_os().collect();
        let words = args::rewrite(typed.clone(), io::stdin().is_terminal());
        let color = match environment::no_color() {
            true => ColorChoice::Never,
            false => ColorChoice::Auto,
        };
        let command = || match environment::named_voice() {
            Some(_) => Cli::command().color(color),
            None => without_voice_variable(Cli::command().color(color)),
        };
        let has_speak = |words: &[_]| words.get(1).is_some_and(|word| word == "speak");
        if has_speak(&words)
            && !has_speak(&typed)
            && let Some(fault) = args::misplaced_command(&typed[1..])
        {
            return Err(command().error(ErrorKind::ArgumentConflict, fault));
        }
        let mut matches = command()
            .try_get_matches_from(&words)
            .map_err(|error| args::add_tip(error, &words))?;
        let mut cli = Cli::from_arg_matches(&matches)?;
        let mistaken_voice = match cli.command {
            Command::Speak(_) | Command::Phonemes(_) => args::mistaken_voice(&words),
            // Other commands have voices behind their options.
            _ => None,
        };
        let note = match mistaken_voice {
            Some(MistakenVoice::Refuse(tip)) => {
                return Err(command().error(ErrorKind::InvalidValue, tip));
            }
            Some(MistakenVoice::Note(note)) => Some(note),
            None => None,
        };
        let mut environment = Environment::of_this_machine();
        let config = ConfigFile::read(&cli.global, &environment);
        if let Ok(file) = &config {
            environment.configure(file.paths());
            if file.has_option_defaults() {
                matches = file.apply(command()).try_get_matches_from(words)?;
                cli = Cli::from_arg_matches(&matches)?;
            }
        }
        Ok(Self {
            cli,
            matches,
            environment,
            config,
            note,
        })
    }
}

/// Ignores the variable that names the voice. clap would take an empty one for the name,
/// and the config file's voice would not count.
fn without_voice_variable(command: clap::Command) -> clap::Command {
    let has_voice = command.get_arguments().any(|arg| arg.get_id() == "voice");
    let command = match has_voice {
        true => command.mut_arg("voice", |arg| arg.env(Resettable::Reset)),
        false => command,
    };
    command.mut_subcommands(without_voice_variable)
}

/// Prints the help, or what is wrong with the command line.
fn print_usage(error: &clap::Error) -> ExitCode {
    // An error here could not be reported either.
    _ = error.print();
    match error.exit_code() {
        0 => Outcome::Done.exit_code().into(),
        _ => Outcome::Usage.exit_code().into(),
    }
}

fn run(
    invocation: Invocation,
    reporter: &Arc<Reporter>,
    started: Instant,
) -> anyhow::Result<Outcome> {
    let Invocation {
        cli,
        matches,
        environment,
        config,
        note,
    } = invocation;
    if let Some(note) = note {
        reporter.note(&note);
    }
    let (config, config_error) = match config {
        Ok(config) => (config, None),
        Err(error) if cli.command.tolerates_bad_config() => (ConfigFile::default(), Some(error)),
        Err(error) => return Err(error.into()),
    };
    let named = environment::named_voice().map(|name| (name, args::VOICE_VARIABLE));
    let configured = config.voice().map(|name| (name, "the config file"));
    let default = named.or(configured);
    let hint = voices::voice_hint(&environment);
    reporter.set_voice_hint(move |name, folders| {
        let source = default.as_ref().filter(|(default, _)| default == name);
        let source = source.map(|(_, source)| format!("the name is from {source}"));
        let parts = [source, hint(name, folders)].into_iter().flatten();
        let parts: Vec<_> = parts.collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    });
    let context = Context {
        libraries: Libraries::new(&environment, &cli.global),
        environment,
        config,
        reporter: Arc::clone(reporter),
        started,
    };
    match &cli.command {
        Command::Speak(args) => speak::speak(args, &context),
        Command::Batch(args) => batch::batch(args, &context),
        Command::Interactive(args) => interactive::interactive(args, &context),
        Command::Speechd(args) => speechd::speechd(args, &context),
        #[cfg(feature = "serve")]
        Command::Serve(args) => commands::serve::serve(args, &context),
        Command::Phonemes(args) => phonemes::phonemes(args, &context),
        Command::Bench(args) => bench::bench(args, &cli.global, &context),
        Command::Voices(command) => voices::voices(command, &context),
        Command::Devices(args) => devices::devices(args, &context),
        Command::Doctor(args) => doctor::doctor(args, &context, config_error.as_ref()),
        Command::Config(command) => {
            config_command::config(command, &cli.global, &matches, &context)
        }
        Command::Completions(args) => print_result(completions::completions(args.shell)),
        Command::Complete(args) => print_result(complete::candidates(args, &context.environment)),
        Command::Man => print_result(man::man_page()),
        Command::Version => version::version(&context),
    }
}

fn print_result(text: impl AsRef<[u8]>) -> anyhow::Result<Outcome> {
    print(text)?;
    Ok(Outcome::Done)
}

fn verbosity(args: &GlobalArgs) -> Verbosity {
    match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    }
}
