//! What waits to be done by the speaking thread.

use std::path::PathBuf;

use serde::Serialize;

use crate::speech::settings::Settings;

/// A text, and how it is to be spoken whenever its turn comes.
#[derive(Debug, Clone)]
pub(super) struct Utterance {
    pub(super) text: String,
    pub(super) settings: Settings,
}

/// Something for the speaking thread.
///
/// What refers to the last thing said waits in the queue too, so that it is
/// the last thing *then*.
#[derive(Debug, Clone)]
pub(super) enum Task {
    Say(Box<Utterance>),
    Repeat,
    Save(PathBuf),
}

/// A task as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Item {
    pub(super) id: u64,
    pub(super) what: String,
}

impl Task {
    /// Returns the task as it was typed.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Say(utterance) => utterance.text.clone(),
            Self::Repeat => ":repeat".to_owned(),
            Self::Save(path) => format!(":save {}", path.display()),
        }
    }
}
