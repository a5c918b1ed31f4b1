//! Text to speech for the terminal. The library `piper_rs` makes the speech;
//! this program is the command line around it.

mod args;
mod commands;
mod config;
mod environment;
mod speech;
mod system;
mod terminal;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, ColorChoice, CommandFactory as _, FromArgMatches as _};
use piper_rs::runtime;

use crate::args::{Cli, Command, GlobalArgs};
use crate::commands::{
    Context, batch, bench, complete, completions, config as config_command, devices, doctor,
    interactive, man, phonemes, speak, version, voices,
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
    outcome.into()
}

/// The parsed command line and the config file.
struct Invocation {
    cli: Cli,
    matches: ArgMatches,
    environment: Environment,
    config: Result<ConfigFile, UsageError>,
}

impl Invocation {
    fn parse() -> Result<Self, clap::Error> {
        let words = args::rewrite(std::env::args_os(), io::stdin().is_terminal());
        let color = match environment::no_color() {
            true => ColorChoice::Never,
            false => ColorChoice::Auto,
        };
        let command = || Cli::command().color(color);
        let mut matches = command()
            .try_get_matches_from(&words)
            .map_err(|error| suggest_speak(error, &words))?;
        let mut cli = Cli::from_arg_matches(&matches)?;
        // Other commands have voices behind their options.
        if let Command::Speak(_) | Command::Phonemes(_) = cli.command
            && let Some(tip) = args::mistaken_voice(&words)
        {
            return Err(command().error(ErrorKind::InvalidValue, tip));
        }
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
        })
    }
}

/// Adds how to speak the words, if they were typed without a command.
fn suggest_speak(mut error: clap::Error, words: &[OsString]) -> clap::Error {
    let unknown = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => word.as_str(),
        _ => return error,
    };
    let [_, typed @ ..] = words else {
        return error;
    };
    // Not a command of `voices` or `config`.
    if typed.first().is_some_and(|word| word == unknown) {
        let text: Vec<_> = typed.iter().map(|word| word.to_string_lossy()).collect();
        let tip = format!(
            "to speak a text, use: piper-rs speak \"{}\"",
            text.join(" ")
        );
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tips);
    }
    error
}

/// Prints the help, or what is wrong with the command line.
fn print_usage(error: &clap::Error) -> ExitCode {
    // An error here could not be reported either.
    _ = error.print();
    match error.exit_code() {
        0 => Outcome::Done.into(),
        _ => Outcome::Usage.into(),
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
    } = invocation;
    let (config, config_error) = match config {
        Ok(config) => (config, None),
        Err(error) if cli.command.tolerates_bad_config() => (ConfigFile::default(), Some(error)),
        Err(error) => return Err(error.into()),
    };
    reporter.set_voice_hint(voices::voice_hint(&environment));
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
