//! `piper-rs config show`: every default, and where it comes from.

use std::io::Write;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use serde::Serialize;

use super::ConfigFile;
use super::key::{KEYS, Key, Role};
use crate::args::ConfigShowArgs;

/// A value that is in force.
#[derive(Debug, Serialize)]
struct Line {
    key: String,
    value: Option<String>,
    #[serde(flatten)]
    origin: Origin,
}

/// Where a value comes from.
#[derive(Debug, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
enum Origin {
    Flag { flag: String },
    Environment { variable: String },
    File { line: usize },
    BuiltIn,
}

/// Writes the values that the flags in `matches`, the environment and the file
/// amount to; `command` defines the flags.
pub(crate) fn show(
    args: &ConfigShowArgs,
    file: &ConfigFile,
    command: &Command,
    matches: &ArgMatches,
    mut out: impl Write,
) -> std::io::Result<()> {
    let general = KEYS.iter().filter(|key| key.role != Role::OneVoice);
    let mut lines: Vec<_> = general
        .map(|key| line(*key, file, command, matches))
        .collect();
    lines.extend(file.voices.iter().map(|(voice, given)| Line {
        key: format!("voices.\"{voice}\".{}", given.key.name),
        value: Some(given.value()),
        origin: Origin::File { line: given.line },
    }));
    let path = file.path.as_ref().map(|path| path.display().to_string());
    if args.json {
        let json = serde_json::json!({ "file": path, "found": file.found, "values": lines });
        return writeln!(out, "{json}");
    }
    let width = |cell: fn(&Line) -> usize| lines.iter().map(cell).max().unwrap_or(0);
    let key_width = width(|line| line.key.chars().count());
    let value_width = width(|line| line.value().chars().count());
    for line in &lines {
        let origin = match &line.origin {
            Origin::Flag { flag } => flag.clone(),
            Origin::Environment { variable } => format!("${variable}"),
            Origin::File { line } => format!("{}:{line}", path.as_deref().unwrap_or_default()),
            Origin::BuiltIn => "built in".to_owned(),
        };
        let (key, value) = (&line.key, line.value());
        writeln!(out, "{key:key_width$}  {value:value_width$}  {origin}")?;
    }
    Ok(())
}

impl Line {
    fn value(&self) -> &str {
        self.value.as_deref().unwrap_or("")
    }
}

fn line(key: Key, file: &ConfigFile, command: &Command, matches: &ArgMatches) -> Line {
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
    let given = file.given.iter().find(|given| given.key == key);
    // What else says how fast: not both are in force.
    let speed_wins = match key.name {
        "speed" => Some("length_scale"),
        "length_scale" => Some("speed"),
        _ => None,
    };
    let is_overruled = speed_wins
        .is_some_and(|other| matches.value_source(other) == Some(ValueSource::CommandLine));
    let (value, origin) = match (source, given) {
        (Some(ValueSource::CommandLine), _) => (typed(), Origin::Flag { flag: key.flag() }),
        (Some(ValueSource::EnvVariable), _) => {
            let variable = arg.and_then(clap::Arg::get_env).unwrap_or_default();
            let variable = variable.to_string_lossy().into_owned();
            (typed(), Origin::Environment { variable })
        }
        (_, Some(given)) if !is_overruled => {
            (Some(given.value()), Origin::File { line: given.line })
        }
        _ => (typed().or_else(|| Some(unset(key, arg))), Origin::BuiltIn),
    };
    Line {
        key: key.name.to_owned(),
        value,
        origin,
    }
}

/// What is so where nobody says: as the flag's help tells.
fn unset(key: Key, arg: Option<&clap::Arg>) -> String {
    let help = arg.and_then(|arg| arg.get_help()).map(ToString::to_string);
    let told = help
        .as_deref()
        .and_then(|help| help.split_once("[default: "));
    let told = told.and_then(|(_, rest)| rest.split_once(']'));
    told.map_or(key.unset, |(default, _)| default).to_owned()
}
