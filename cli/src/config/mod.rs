//! The user's config file: defaults for options, and settings for single
//! voices.
//!
//! Values are checked where options are: by clap's definitions, or by the table
//! of settings.

mod file;
mod key;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::file::ConfigValue;
use self::key::Role;
use crate::args::GlobalArgs;
use crate::environment::{ConfiguredPaths, Environment, base_folder, expand_home};
use crate::speech::overrides::ConfiguredOverrides;
use crate::terminal::report::UsageError;

pub(crate) use self::key::{KEYS, Key};

/// The content of the config file.
#[derive(Debug, Default)]
pub(crate) struct ConfigFile {
    /// `None` if no file is wanted.
    pub(crate) path: Option<PathBuf>,
    pub(crate) exists: bool,
    /// The values outside of tables.
    pub(crate) general: Vec<ConfigValue>,
    /// The values of the voices' tables, each with its voice.
    pub(crate) voices: Vec<(String, ConfigValue)>,
    /// What both say about speech.
    pub(crate) overrides: Arc<ConfiguredOverrides>,
}

/// Returns the path of the config file, whether it exists or not; `None` if no
/// file is wanted.
pub(crate) fn path(args: &GlobalArgs, environment: &Environment) -> Option<PathBuf> {
    match (&args.config_file, args.no_config) {
        (_, true) => None,
        (Some(file), _) => Some(file.clone()),
        (None, false) => environment.config_file(),
    }
}

impl ConfigFile {
    /// Reads the file. Without `--config-file`, it need not exist.
    pub(crate) fn read(args: &GlobalArgs, environment: &Environment) -> Result<Self, UsageError> {
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

    /// Returns whether the file sets the default of an option.
    pub(crate) fn has_option_defaults(&self) -> bool {
        self.option_defaults().next().is_some()
    }

    /// Returns `command` with the defaults of options that the file sets.
    pub(crate) fn apply(&self, command: clap::Command) -> clap::Command {
        self.option_defaults().fold(command, apply)
    }

    fn option_defaults(&self) -> impl Iterator<Item = &ConfigValue> {
        let is_default = |value: &&ConfigValue| value.key.role == Role::OptionDefault;
        self.general.iter().filter(is_default)
    }

    /// Returns the device to play on without `--device`.
    pub(crate) fn device(&self) -> Option<String> {
        self.value("device").map(ConfigValue::text)
    }

    /// Returns the voice to use without `--voice`.
    pub(crate) fn voice(&self) -> Option<String> {
        self.value("voice").map(ConfigValue::text)
    }

    /// Returns the value of a key outside of tables.
    pub(crate) fn value(&self, name: &str) -> Option<&ConfigValue> {
        self.general.iter().find(|value| value.key.name == name)
    }

    /// Returns the paths that the file sets.
    pub(crate) fn paths(&self) -> ConfiguredPaths {
        let all = |name: &str| {
            let values = self.value(name).into_iter().flat_map(|value| &value.typed);
            let file = self.path.as_deref().unwrap_or(Path::new(""));
            values
                .map(|typed| resolve_path(file, typed))
                .collect::<Vec<_>>()
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

/// Returns a path of the config file `file`. A relative path starts at the
/// folder of that file.
fn resolve_path(file: &Path, typed: &str) -> PathBuf {
    base_folder(file).join(expand_home(typed))
}

fn apply(command: clap::Command, value: &ConfigValue) -> clap::Command {
    let name = value.key.name;
    let has = command.get_arguments().any(|arg| arg.get_id() == name);
    let command = match has {
        true => command.mut_arg(name, |arg| arg.default_value(value.text())),
        false => command,
    };
    command.mut_subcommands(|sub| apply(sub, value))
}
