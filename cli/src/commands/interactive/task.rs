//! The tasks of the speech thread.

use std::path::PathBuf;

use piper_rs::encode::Encoding;

use serde::Serialize;

use crate::speech::settings::Settings;

/// A text with the settings that it was typed under.
#[derive(Debug, Clone)]
pub(super) struct TypedText {
    pub(super) text: String,
    pub(super) settings: Settings,
}

/// A task for the speech thread.
///
/// `Repeat` and `Save` wait in the queue too, so that they apply to the text
/// that was typed before them.
#[derive(Debug, Clone)]
pub(super) enum Task {
    Speak(Box<TypedText>),
    Repeat,
    Save(PathBuf, Encoding),
}

/// A task as `:queue` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct QueueItem {
    pub(super) id: u64,
    pub(super) what: String,
}

impl Task {
    /// Returns the line that asked for the task.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Speak(typed) => typed.text.clone(),
            Self::Repeat => ":repeat".to_owned(),
            Self::Save(path, _) => format!(":save {}", path.display()),
        }
    }
}
