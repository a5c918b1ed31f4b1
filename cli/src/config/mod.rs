//! The user's config file: defaults for flags, and for single voices.
//!
//! A value of the file is checked by the flag that it stands for, and becomes
//! that flag's default; so there is one list of what is allowed.

mod file;
mod key;
mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::ArgPredicate;

use crate::args::CommonArgs;
use crate::environment::Environment;
use crate::speech::overrides::LayeredOverrides;
use crate::terminal::report::UsageError;

pub(crate) use self::file::Given;
pub(crate) use self::show::show;

/// What the config file says.
#[derive(Debug, Default)]
pub(crate) struct ConfigFile {
    /// Where it is or would be; `None` where none is wanted.
    pub(crate) path: Option<PathBuf>,
    /// Whether it is there.
    pub(crate) found: bool,
    /// What stands outside tables.
    pub(crate) given: Vec<Given>,
    /// What stands in a voice's table, with the voice.
    pub(crate) voices: Vec<(String, Given)>,
    /// How voices are to speak.
    pub(crate) manners: Arc<LayeredOverrides>,
}

/// Where voices and libraries are, by the file.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfiguredPaths {
    pub(crate) data_dirs: Vec<PathBuf>,
    pub(crate) onnxruntime: Option<PathBuf>,
    pub(crate) espeak: Option<PathBuf>,
    pub(crate) espeak_data: Option<PathBuf>,
}

/// Returns where the config file is: where a flag says, else where the user's
/// files are; `None` where none is wanted.
pub(crate) fn path(args: &CommonArgs, environment: &Environment) -> Option<PathBuf> {
    match (&args.config_file, args.no_config) {
        (_, true) => None,
        (Some(named), _) => Some(named.clone()),
        (None, false) => environment.config_file(),
    }
}

impl ConfigFile {
    /// Reads the file, if there is one.
    pub(crate) fn read(args: &CommonArgs, environment: &Environment) -> Result<Self, UsageError> {
        let Some(path) = path(args, environment) else {
            return Ok(Self::default());
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => file::parse(&path, &text),
            Err(error)
                if error.kind() == std::io::ErrorKind::NotFound && args.config_file.is_none() =>
            {
                Ok(Self {
                    path: Some(path),
                    ..Self::default()
                })
            }
            Err(error) => {
                let path = path.display();
                Err(UsageError(format!(
                    "cannot read the config file {path}: {error}"
                )))
            }
        }
    }

    /// Makes what the file says the default of the flags of `command`.
    pub(crate) fn apply(&self, command: clap::Command) -> clap::Command {
        let flags = self.given.iter().filter(|given| given.key.is_flag());
        flags.fold(command, apply)
    }

    /// Returns the device that is played on unless a flag says otherwise.
    pub(crate) fn device(&self) -> Option<String> {
        self.value("device")
    }

    /// Returns the voice that speaks unless a flag says otherwise.
    pub(crate) fn voice(&self) -> Option<String> {
        self.value("voice")
    }

    fn value(&self, name: &str) -> Option<String> {
        let given = self.given.iter().find(|given| given.key.name == name);
        given.map(Given::value)
    }

    /// Returns where the file says things are.
    pub(crate) fn places(&self) -> ConfiguredPaths {
        let all = |name: &str| {
            let given = self.given.iter().find(|given| given.key.name == name);
            let values = given.into_iter().flat_map(|given| &given.values);
            let path = self.path.as_deref().unwrap_or(Path::new(""));
            values.map(|value| place(path, value)).collect::<Vec<_>>()
        };
        let one = |name: &str| all(name).pop();
        ConfiguredPaths {
            data_dirs: all("data_dir"),
            onnxruntime: one("onnxruntime"),
            espeak: one("espeak"),
            espeak_data: one("espeak_data"),
        }
    }
}

/// Returns where something is by the config file at `path`: a relative path
/// starts from that file's folder.
fn place(path: &Path, typed: &str) -> PathBuf {
    let folder = path.parent().unwrap_or(Path::new(""));
    folder.join(crate::environment::expand_home(typed))
}

fn apply(command: clap::Command, given: &Given) -> clap::Command {
    let (name, value) = (given.key.name, given.value());
    let has = command.get_arguments().any(|arg| arg.get_id() == name);
    let command = match has {
        true => command.mut_arg(name, |arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let help = format!("{help} [config file: {value}]");
            let arg = arg.default_value(value).hide_default_value(true).help(help);
            match name {
                // Piper's own way was asked for, or none at all.
                "normalize" => arg
                    .default_value_if("strict_piper", ArgPredicate::Equals("true".into()), None)
                    .default_value_if("no_normalize", ArgPredicate::Equals("true".into()), None),
                _ => arg,
            }
        }),
        false => command,
    };
    command.mut_subcommands(|sub| apply(sub, given))
}
