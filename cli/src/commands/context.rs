//! What every command works with.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use piper_rs::Result;
use piper_rs::voice::VoiceFiles;

use crate::config::ConfigFile;
use crate::environment::Environment;
use crate::speech::libraries::Libraries;
use crate::terminal::report::{Outcome, Reporter};

pub(crate) struct Context {
    pub(crate) environment: Environment,
    pub(crate) config: ConfigFile,
    pub(crate) libraries: Libraries,
    pub(crate) reporter: Arc<Reporter>,
    /// When the program started.
    pub(crate) started: Instant,
}

impl Context {
    /// Finds an installed voice.
    pub(super) fn find(&self, name: &str, data_dirs: &[PathBuf]) -> Result<VoiceFiles> {
        let folders = self.environment.voice_folders(data_dirs);
        folders.find(Some(name), None)
    }

    /// Finds the named voices; without names, all installed voices.
    pub(super) fn find_all(
        &self,
        names: &[String],
        data_dirs: &[PathBuf],
    ) -> Result<Vec<VoiceFiles>> {
        match names {
            [] => Ok(self.environment.voice_folders(data_dirs).installed()),
            names => names
                .iter()
                .map(|name| self.find(name, data_dirs))
                .collect(),
        }
    }

    /// Returns the outcome of a command that reports errors and continues.
    pub(super) fn outcome(&self) -> Outcome {
        match self.reporter.has_failed() {
            true => Outcome::Failed,
            false => Outcome::Done,
        }
    }
}
