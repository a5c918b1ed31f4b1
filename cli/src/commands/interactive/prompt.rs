//! The prompt: a line editor that messages do not break.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Behavior, Config, Editor, ExternalPrinter as _};

use super::completion::Completion;
use super::session::Session;
use super::{Read, ReadLines};
use crate::terminal::report::Reporter;

/// The most lines that are remembered.
const MAX_HISTORY: usize = 1000;

/// Reads lines from a terminal.
pub(super) struct Prompt {
    editor: Editor<Completion, FileHistory>,
    history: Option<PathBuf>,
}

impl Prompt {
    /// Opens the terminal; messages go above the prompt from now on. `None`
    /// remembers nothing beyond the session.
    pub(super) fn open(history: Option<PathBuf>, reporter: &Reporter) -> anyhow::Result<Self> {
        let config = Config::builder()
            .behavior(Behavior::PreferTerm) // standard output may be sound
            .auto_add_history(true)
            .history_ignore_space(true)
            .max_history_size(MAX_HISTORY)?
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Completion::default()));
        // A terminal that cannot draw gets its messages as they come.
        if let Ok(mut printer) = editor.create_external_printer() {
            reporter.say_through(move |line| _ = printer.print(format!("{line}\n")));
        }
        let mut prompt = Self { editor, history };
        if let Err(error) = prompt.load_history() {
            reporter.note(&format!("typed lines are not remembered: {error:#}"));
            prompt.history = None;
        }
        Ok(prompt)
    }

    fn load_history(&mut self) -> anyhow::Result<()> {
        let Some(path) = &self.history else {
            return Ok(());
        };
        let cannot = || format!("cannot use {}", path.display());
        create_private(path).with_context(cannot)?;
        self.editor.load_history(path).with_context(cannot)
    }
}

impl ReadLines for Prompt {
    fn read(&mut self, session: &Session) -> anyhow::Result<Read> {
        if let Some(completion) = self.editor.helper_mut() {
            completion.words = session.words();
        }
        match self.editor.readline(&format!("{}> ", session.voice_name())) {
            Ok(line) => {
                if let Some(history) = &self.history {
                    // Checked when it was opened; a full disk is no reason to
                    // stop talking.
                    _ = self.editor.append_history(history);
                }
                Ok(Read::Line(line))
            }
            Err(ReadlineError::Interrupted) => Ok(Read::Interrupt),
            Err(ReadlineError::Eof) => Ok(Read::End),
            Err(error) => Err(error.into()),
        }
    }
}

/// Creates a file that only its owner can read, unless it is there; what is
/// said is nobody else's business.
fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
