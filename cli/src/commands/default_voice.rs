//! The voice of commands without `--voice`, and what chose it.

use std::path::PathBuf;

use piper_rs::Result;
use piper_rs::fs::is_stream;
use piper_rs::voice::{self, VoiceFiles};
use serde::Serialize;

use super::Context;
use crate::args::VOICE_VARIABLE;
use crate::environment;

/// The voice that speaks if no option names one.
pub(super) struct DefaultVoice {
    pub(super) files: Result<VoiceFiles>,
    pub(super) chosen_by: ChosenBy,
}

/// What chose the default voice; the first that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChosenBy {
    Environment,
    ConfigFile,
    /// It was installed with the program.
    Installation,
    /// No other voice is there.
    Program,
}

impl DefaultVoice {
    /// Reads no voice.
    pub(super) fn of(context: &Context, data_dirs: &[PathBuf]) -> Self {
        let (name, chosen_by) = match (environment::named_voice(), context.config.voice()) {
            (Some(name), _) => (Some(name), ChosenBy::Environment),
            (None, Some(name)) => (Some(name), ChosenBy::ConfigFile),
            (None, None) => (None, ChosenBy::Installation),
        };
        let folders = context.environment.voice_folders(data_dirs);
        let files = folders.find(name.as_deref(), None);
        let chosen_by = match (&files, chosen_by) {
            (Ok(VoiceFiles::Builtin), ChosenBy::Installation) => ChosenBy::Program,
            _ => chosen_by,
        };
        Self { files, chosen_by }
    }

    /// Fails if one of its files is damaged or missing. Reads both, but no pipes, which
    /// may have no end.
    pub(super) fn check(&self) -> Result<()> {
        match &self.files {
            Ok(files)
                if ![files.model_path(), files.config_path()]
                    .into_iter()
                    .any(is_stream) =>
            {
                voice::validate(files).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Returns whether these are its files.
    pub(super) fn is(&self, files: &VoiceFiles) -> bool {
        let own = self.files.as_ref().ok();
        own.is_some_and(|own| own.canonical() == files.canonical())
    }
}

impl ChosenBy {
    pub(super) fn text(self) -> String {
        match self {
            Self::Environment => format!("by {VOICE_VARIABLE}"),
            Self::ConfigFile => "by the config file".to_owned(),
            Self::Installation => "installed with the program".to_owned(),
            Self::Program => "built in".to_owned(),
        }
    }
}

/// Returns the voice with where it is: `tiny (by the config file, /v/tiny.onnx)`.
pub(super) fn description(files: &VoiceFiles, chosen_by: ChosenBy) -> String {
    let (name, reason) = (files.name(), chosen_by.text());
    match (files, chosen_by) {
        (VoiceFiles::OnDisk { model, .. }, _) => format!("{name} ({reason}, {})", model.display()),
        (VoiceFiles::Builtin, ChosenBy::Program) => format!("{name} ({reason})"),
        (VoiceFiles::Builtin, _) => format!("{name} ({reason}, built in)"),
    }
}
