//! Checks the config file and the voice that it names.

use super::finding::{Finding, Status};
use crate::config::ConfigFile;
use crate::environment::VoiceFolders;
use crate::terminal::report::UsageError;

const ABOUT: &str = "config file";

pub(super) fn check(config: Result<&ConfigFile, &UsageError>, folders: &VoiceFolders) -> Finding {
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            let remedy = "fix the file, or use `--no-config` to ignore it";
            return Finding::problem(ABOUT, error.clone()).with_remedy(remedy);
        }
    };
    let path = config.path.as_ref().map(|path| path.display());
    match (path, config.exists) {
        (Some(path), true) => check_voice(config, &path.to_string(), folders),
        (Some(path), false) => Finding::ok(ABOUT, format!("{path} does not exist")),
        (None, _) => Finding::ok(ABOUT, "not used"),
    }
}

fn check_voice(config: &ConfigFile, path: &str, folders: &VoiceFolders) -> Finding {
    let Some(name) = config.voice() else {
        return Finding::ok(ABOUT, path);
    };
    match folders.find(Some(&name), None) {
        Ok(_) => Finding::ok(ABOUT, path),
        Err(_) => {
            let found = format!("{path}: the voice `{name}` is not installed");
            let remedy = format!("run `piper-rs voices get {name}`, or change the file");
            Finding::warning(ABOUT, found, &remedy).with_status(Status::Problem)
        }
    }
}
