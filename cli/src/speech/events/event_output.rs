//! Where `--events` go: one JSON object per line.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use piper_rs::{Error, Result};
use serde::Serialize;

use crate::terminal::stdout;

/// Standard output, or a file. Clones write to the same one, from any thread.
#[derive(Debug, Clone)]
pub(crate) struct EventOutput(Option<Arc<EventFile>>);

#[derive(Debug)]
struct EventFile {
    name: String,
    file: Mutex<File>,
}

impl EventOutput {
    /// Opens a file, which may be a named pipe. `None` is standard output.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self(None));
        };
        let name = path.display().to_string();
        match File::create(path) {
            Ok(file) => Ok(Self(Some(Arc::new(EventFile {
                name,
                file: Mutex::new(file),
            })))),
            Err(source) => Err(Error::Output {
                target: name,
                source,
            }),
        }
    }

    /// Returns whether events go to standard output.
    pub(crate) fn is_stdout(&self) -> bool {
        self.0.is_none()
    }

    /// Writes an event, at once.
    pub(crate) fn emit(&self, event: &impl Serialize) -> Result<()> {
        let Some(EventFile { name, file }) = self.0.as_deref() else {
            return stdout::print_json(event);
        };
        let line = serde_json::to_string(event).map_err(std::io::Error::from);
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = line.and_then(|line| file.write_all(format!("{line}\n").as_bytes()));
        written.map_err(|source| Error::Output {
            target: name.clone(),
            source,
        })
    }
}
