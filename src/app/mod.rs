//! The program: parse, decide, run one command, say how it ended.

mod args;
mod batch;
mod devices;
mod engine;
mod generated;
mod interactive;
mod interrupt;
mod nearest;
mod output;
mod phonemes;
mod places;
mod progress;
mod report;
mod request;
mod settings;
mod source;
mod speak;
mod stats;
mod voices;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _};
use piper_rs::{CancelToken, Error, onnx};

use args::{BatchArgs, Cli, Command, CommonArgs, SpeakArgs};
use engine::Libraries;
use places::Places;
use report::{Outcome, Reporter, Verbosity};

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    let started = Instant::now();
    // Before any thread or library: see there.
    onnx::switch_off_telemetry();
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let reporter = Arc::new(Reporter::new(Verbosity::of(&cli.common)));
    let outcome = run(&cli, &reporter, started).unwrap_or_else(|error| {
        let outcome = Outcome::of(&error);
        match outcome {
            Outcome::Done | Outcome::Interrupted => {}
            _ => reporter.error(&error),
        }
        outcome
    });
    outcome.into()
}

fn parse() -> Result<Cli, clap::Error> {
    let typed = args::normalize(std::env::args_os(), io::stdin().is_terminal());
    let color = if places::no_color() {
        ColorChoice::Never
    } else {
        ColorChoice::Auto
    };
    let matches = Cli::command().color(color).try_get_matches_from(typed)?;
    Cli::from_arg_matches(&matches)
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

fn run(cli: &Cli, reporter: &Arc<Reporter>, started: Instant) -> anyhow::Result<Outcome> {
    let places = Places::of_this_machine();
    let libraries = Libraries::new(&places, &cli.common);
    reporter.ask_about_voices(voices::advisor(&places));
    match &cli.command {
        Command::Speak(args) => speak(args, libraries, &places, reporter, started),
        Command::Batch(args) => batch(args, libraries, &places, reporter, started),
        Command::Interactive(args) => interactive::interactive(args, libraries, &places, reporter),
        Command::Phonemes(args) => {
            let folders = places.voice_folders(&args.voice.data_dir);
            phonemes::phonemes(args, &libraries, &folders, io::stdout().lock())
        }
        Command::Voices(command) => voices::voices(command, libraries, &places, reporter),
        Command::Devices(args) => devices::list(args, reporter, io::stdout().lock()),
        Command::Completions { shell } => print(&generated::completions(*shell)),
        Command::Man => print(&generated::man_page()),
        Command::Version => print(version(&libraries).as_bytes()),
    }
}

fn speak(
    args: &SpeakArgs,
    libraries: Libraries,
    places: &Places,
    reporter: &Arc<Reporter>,
    started: Instant,
) -> anyhow::Result<Outcome> {
    let cancel = CancelToken::new();
    let reporting = Arc::clone(reporter);
    let speak = speak::Speak::from_args(args, libraries, places, reporting, cancel.clone())?;
    let output = speak.output_begun();
    interrupt::cancel_on_signal(cancel, move || !output.load(Ordering::SeqCst));
    let (stats, outcome) = speak.run(started);
    if let Some(format) = args.engine.stats {
        reporter.raw_line(&stats.render(format));
    }
    outcome
}

fn batch(
    args: &BatchArgs,
    libraries: Libraries,
    places: &Places,
    reporter: &Arc<Reporter>,
    started: Instant,
) -> anyhow::Result<Outcome> {
    let cancel = CancelToken::new();
    interrupt::cancel_on_signal(cancel.clone(), || false);
    let batch = batch::Batch::from_args(args, libraries, places, Arc::clone(reporter), cancel)?;
    batch.run(started)
}

fn print(bytes: &[u8]) -> anyhow::Result<Outcome> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    let target = "standard output".to_owned();
    written.map_err(|source| Error::Output { target, source })?;
    Ok(Outcome::Done)
}

/// Tells the versions of everything that decides how speech sounds.
fn version(libraries: &Libraries) -> String {
    let missing = |error: Error| format!("not usable ({})", first_line(&error.to_string()));
    let runtime = libraries.runtime().map_or_else(missing, |runtime| {
        format!("{} ({})", runtime.version(), runtime.path().display())
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
