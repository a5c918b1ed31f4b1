//! The program: parse, decide, run one command, say how it ended.

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _};
use piper_rs::{CancelToken, Error, runtime};

use crate::args::{self, BatchArgs, Cli, Command, CommonArgs, ConfigCommand, SpeakArgs};
use crate::commands::{
    batch, bench, complete, completions, devices, doctor, interactive, man, phonemes, speak, voices,
};
use crate::config::{self, ConfigFile};
use crate::environment::{self, Environment};
use crate::speech::engine::Libraries;
use crate::terminal::report::{Outcome, Reporter, UsageError, Verbosity};
use crate::terminal::signals;
use crate::terminal::stdout::print;

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    let started = Instant::now();
    // Before any thread or library: see there.
    runtime::disable_telemetry();
    let asked = match Asked::parse() {
        Ok(asked) => asked,
        Err(error) => return usage(&error),
    };
    let reporter = Arc::new(Reporter::new(Verbosity::of(&asked.cli.common)));
    let outcome = run(&asked, &reporter, started).unwrap_or_else(|error| {
        let outcome = Outcome::of(&error);
        match outcome {
            Outcome::Done | Outcome::Interrupted => {}
            _ => reporter.error(&error),
        }
        outcome
    });
    outcome.into()
}

/// What was asked for, and what the config file makes of it.
struct Asked {
    cli: Cli,
    matches: clap::ArgMatches,
    environment: Environment,
    config: Result<ConfigFile, UsageError>,
}

impl Asked {
    fn parse() -> Result<Self, clap::Error> {
        let typed = args::normalize(std::env::args_os(), io::stdin().is_terminal());
        let color = match environment::no_color() {
            true => ColorChoice::Never,
            false => ColorChoice::Auto,
        };
        let command = || Cli::command().color(color);
        let matches = command().try_get_matches_from(&typed)?;
        let cli = Cli::from_arg_matches(&matches)?;
        let mut environment = Environment::of_this_machine();
        let config = ConfigFile::read(&cli.common, &environment);
        let mut asked = match &config {
            // Its values become the flags' defaults: parsed once more.
            Ok(file) if !file.given.is_empty() => {
                let matches = file.apply(command()).try_get_matches_from(typed)?;
                let cli = Cli::from_arg_matches(&matches)?;
                environment.configure(file.places());
                (cli, matches)
            }
            _ => (cli, matches),
        };
        if let (Ok(file), command) = (&config, &mut asked.0.command) {
            if let Some(manners) = command.manners_mut() {
                *manners = Arc::clone(&file.manners);
            }
            if let Some(place) = command.place_mut() {
                place.usual_device = file.device();
            }
        }
        let (cli, matches) = asked;
        Ok(Self {
            cli,
            matches,
            environment,
            config,
        })
    }
}

/// Prints help or what is wrong with the command line.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell when this fails.
    _ = error.print();
    match error.exit_code() {
        0 => Outcome::Done.into(),
        _ => Outcome::Usage.into(),
    }
}

fn run(asked: &Asked, reporter: &Arc<Reporter>, started: Instant) -> anyhow::Result<Outcome> {
    let (cli, environment) = (&asked.cli, &asked.environment);
    let config = match &asked.config {
        Err(error) if !cli.command.needs_no_config() => return Err(error.clone().into()),
        config => config.as_ref(),
    };
    let libraries = Libraries::new(environment, &cli.common);
    reporter.ask_about_voices(voices::voice_hint(environment));
    match &cli.command {
        Command::Speak(args) => speak(args, libraries, environment, reporter, started),
        Command::Batch(args) => batch(args, libraries, environment, reporter, started),
        Command::Interactive(args) => {
            interactive::interactive(args, libraries, environment, reporter)
        }
        Command::Phonemes(args) => {
            let folders = environment.voice_folders(&args.voice.data_dir);
            phonemes::phonemes(args, &libraries, &folders, reporter)
        }
        Command::Bench(args) => bench::bench(args, &cli.common, &libraries, environment, reporter),
        Command::Voices(command) => voices::voices(command, libraries, environment, reporter),
        Command::Devices(args) => devices::list(args, reporter),
        Command::Doctor(args) => doctor::doctor(args, config, environment, &libraries),
        Command::Complete(args) => shown(complete::candidates(args, environment)),
        Command::Config(ConfigCommand::Path) => config_path(&cli.common, environment, reporter),
        Command::Config(ConfigCommand::Show(args)) => {
            let file = config.map_err(Clone::clone)?;
            shown(shown_config(args, file, &asked.matches))
        }
        Command::Completions { shell } => shown(completions::completions(*shell)),
        Command::Man => shown(man::man_page()),
        Command::Version => shown(version(&libraries)),
    }
}

fn speak(
    args: &SpeakArgs,
    libraries: Libraries,
    environment: &Environment,
    reporter: &Arc<Reporter>,
    started: Instant,
) -> anyhow::Result<Outcome> {
    let cancel = CancelToken::new();
    let reporting = Arc::clone(reporter);
    let speak = speak::Speak::from_args(args, libraries, environment, reporting, cancel.clone())?;
    let output = speak.output_begun();
    signals::cancel_on_signal(cancel, move || !output.load(Ordering::SeqCst));
    let (stats, outcome) = speak.run(started);
    if let Some(format) = args.engine.stats {
        reporter.raw_line(&stats.render(format));
    }
    outcome
}

fn batch(
    args: &BatchArgs,
    libraries: Libraries,
    environment: &Environment,
    reporter: &Arc<Reporter>,
    started: Instant,
) -> anyhow::Result<Outcome> {
    let cancel = CancelToken::new();
    signals::cancel_on_signal(cancel.clone(), || false);
    let batch =
        batch::Batch::from_args(args, libraries, environment, Arc::clone(reporter), cancel)?;
    batch.run(started)
}

fn config_path(
    args: &CommonArgs,
    environment: &Environment,
    reporter: &Reporter,
) -> anyhow::Result<Outcome> {
    let Some(path) = config::path(args, environment) else {
        reporter.note("no config file is read");
        return Ok(Outcome::Done);
    };
    if !path.exists() {
        reporter.note("there is no such file yet");
    }
    shown(format!("{}\n", path.display()))
}

fn shown_config(
    args: &args::ConfigShowArgs,
    file: &ConfigFile,
    matches: &clap::ArgMatches,
) -> Vec<u8> {
    let mut shown = Vec::new();
    let mut command = Cli::command();
    let names = ["config", "show"];
    let show = names.iter().try_fold(&mut command, |command, name| {
        command.find_subcommand_mut(name)
    });
    let matches = names
        .iter()
        .try_fold(matches, |matches, name| matches.subcommand_matches(name));
    if let (Some(command), Some(matches)) = (show, matches) {
        // Writing to memory cannot fail.
        _ = config::show(args, file, command, matches, &mut shown);
    }
    shown
}

fn shown(bytes: impl AsRef<[u8]>) -> anyhow::Result<Outcome> {
    print(bytes)?;
    Ok(Outcome::Done)
}

/// Tells the versions of everything that decides how speech sounds.
fn version(libraries: &Libraries) -> String {
    let missing = |error: Error| format!("not usable ({})", first_line(&error.to_string()));
    let runtime = libraries
        .find_runtime()
        .map_or_else(missing, |(path, version)| {
            format!("{version} ({})", path.display())
        });
    let espeak = libraries.espeak().map_or_else(missing, |espeak| {
        format!("{} ({})", espeak.version(), espeak.data_path().display())
    });
    let own = env!("CARGO_PKG_VERSION");
    format!("piper-rs {own}\nONNX Runtime {runtime}\nespeak-ng {espeak}\n")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

impl Verbosity {
    fn of(args: &CommonArgs) -> Self {
        match (args.quiet, args.verbose) {
            (true, _) => Self::Quiet,
            (false, true) => Self::Verbose,
            (false, false) => Self::Normal,
        }
    }
}
