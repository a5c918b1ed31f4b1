//! `piper-rs config`: the path of the config file, and every setting with its
//! source.

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _};
use piper_rs::voice::VoiceFiles;
use serde::Serialize;

use super::Context;
use super::default_voice::{ChosenBy, DefaultVoice};
use crate::args::{Cli, ConfigCommand, ConfigShowArgs, GlobalArgs};
use crate::config::{self, ConfigFile, KEYS, Key};
use crate::terminal::report::Outcome;
use crate::terminal::stdout::{print, print_json, print_line};

const SHOW: [&str; 2] = ["config", "show"];

/// Runs the command. `matches` are those of the whole command line.
pub(crate) fn config(
    command: &ConfigCommand,
    global: &GlobalArgs,
    matches: &ArgMatches,
    context: &Context,
) -> anyhow::Result<Outcome> {
    match command {
        ConfigCommand::Path => path(global, context),
        ConfigCommand::Show(args) => show(args, matches, context),
    }
}

fn path(global: &GlobalArgs, context: &Context) -> anyhow::Result<Outcome> {
    let wanted = config::path(global, &context.environment);
    let is_read = wanted.is_some();
    match wanted.or_else(|| context.environment.config_file()) {
        None => context
            .reporter
            .note("there is no folder for a config file: set HOME"),
        Some(path) => {
            if !is_read {
                context
                    .reporter
                    .note("with `--no-config`, this file is not read");
            } else if !path.exists() {
                context.reporter.note("this file does not exist yet");
            }
            print_line(&path.display().to_string())?;
        }
    }
    Ok(Outcome::Done)
}

fn show(args: &ConfigShowArgs, matches: &ArgMatches, context: &Context) -> anyhow::Result<Outcome> {
    let file = &context.config;
    let rows = rows(matches, context);
    let path = file.path.as_ref().map(|path| path.display().to_string());
    match args.json {
        true => {
            print_json(&serde_json::json!({ "file": path, "found": file.exists, "values": rows }))?
        }
        false => print(table(&rows, path.as_deref().unwrap_or_default()))?,
    }
    Ok(Outcome::Done)
}

/// A setting and its value.
#[derive(Debug, Serialize)]
struct Row {
    key: String,
    value: Option<String>,
    #[serde(flatten)]
    origin: Origin,
}

/// Where a value comes from.
#[derive(Debug, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
enum Origin {
    Flag {
        flag: String,
    },
    Environment {
        variable: String,
    },
    File {
        line: usize,
    },
    /// The voice that is installed with the program.
    Installation,
    BuiltIn,
}

/// Lists the values that follow from the options, the environment and the file.
fn rows(matches: &ArgMatches, context: &Context) -> Vec<Row> {
    let file = &context.config;
    let mut definitions = Cli::command();
    let mut matches = matches;
    for name in SHOW {
        if let (Some(command), Some(sub)) = (
            definitions.find_subcommand(name).cloned(),
            matches.subcommand_matches(name),
        ) {
            (definitions, matches) = (command, sub);
        }
    }
    let keys = KEYS.into_iter().filter(|key| key.is_general());
    let general = keys.map(|key| row(key, file, &definitions, matches));
    let general = general.map(|row| match (&*row.key, &row.origin) {
        ("voice", Origin::BuiltIn) => row.with_voice(&DefaultVoice::of(context, &[])),
        _ => row,
    });
    let of_voices = file.voices.iter().map(|(voice, value)| Row {
        key: format!("voices.\"{voice}\".{}", value.key.name),
        value: Some(value.text()),
        origin: Origin::File { line: value.line },
    });
    general.chain(of_voices).collect()
}

fn table(rows: &[Row], path: &str) -> String {
    let width = |cell: fn(&Row) -> &str| rows.iter().map(|row| cell(row).chars().count()).max();
    let key_width = width(|row| &row.key).unwrap_or(0);
    let value_width = width(Row::value).unwrap_or(0);
    let line = |row: &Row| {
        let origin = match &row.origin {
            Origin::Flag { flag } => flag.clone(),
            Origin::Environment { variable } => format!("${variable}"),
            Origin::File { line } => format!("{path}:{line}"),
            Origin::Installation => ChosenBy::Installation.text(),
            Origin::BuiltIn => "built in".to_owned(),
        };
        let (key, value) = (&row.key, row.value());
        format!("{key:key_width$}  {value:value_width$}  {origin}\n")
    };
    rows.iter().map(line).collect()
}

impl Row {
    fn with_voice(self, voice: &DefaultVoice) -> Self {
        let value = voice.files.as_ref().ok().map(VoiceFiles::name);
        let origin = match voice.chosen_by {
            ChosenBy::Installation => Origin::Installation,
            _ => self.origin,
        };
        Self {
            value,
            origin,
            ..self
        }
    }

    fn value(&self) -> &str {
        self.value.as_deref().unwrap_or("")
    }
}

fn row(key: Key, file: &ConfigFile, command: &clap::Command, matches: &ArgMatches) -> Row {
    let arg = command.get_arguments().find(|arg| arg.get_id() == key.name);
    let typed = || {
        let values = matches.try_get_raw(key.name).ok().flatten();
        let values = values.into_iter().flatten();
        let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    let source = match arg {
        Some(_) => matches.value_source(key.name),
        None => None,
    };
    let configured = file.value(key.name);
    let (value, origin) = match (source, configured) {
        (Some(ValueSource::CommandLine), _) => (typed(), Origin::Flag { flag: key.option() }),
        (Some(ValueSource::EnvVariable), _) => {
            let variable = arg.and_then(clap::Arg::get_env).unwrap_or_default();
            let variable = variable.to_string_lossy().into_owned();
            (typed(), Origin::Environment { variable })
        }
        (_, Some(value)) => (Some(value.text()), Origin::File { line: value.line }),
        _ => (typed().or_else(|| Some(default(key, arg))), Origin::BuiltIn),
    };
    Row {
        key: key.name.to_owned(),
        value,
        origin,
    }
}

/// Returns the default, from the help of the option if it tells one.
fn default(key: Key, arg: Option<&clap::Arg>) -> String {
    let help = arg.and_then(|arg| arg.get_help()).map(ToString::to_string);
    let in_help = help
        .as_deref()
        .and_then(|help| help.split_once("[default: "));
    let in_help = in_help.and_then(|(_, rest)| rest.split_once(']'));
    in_help
        .map_or(key.default, |(default, _)| default)
        .to_owned()
}
