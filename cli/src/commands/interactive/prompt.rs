//! The prompt: a line editor. Messages appear above the line that is being
//! edited.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use piper_rs::text;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Behavior, Config, Editor, ExternalPrinter as _};
use unicode_width::UnicodeWidthStr as _;

use super::completion::PromptCompleter;
use super::highlight::Highlight;
use super::input::{InputEvent, LineReader};
use super::session::Session;
use crate::terminal::report::Reporter;

/// Maximum number of lines in the history.
const MAX_HISTORY: usize = 1000;

/// Reads lines from a terminal.
pub(super) struct Prompt {
    editor: Editor<PromptCompleter, FileHistory>,
    history: Option<PathBuf>,
    highlight: Option<Highlight>,
}

impl Prompt {
    /// Opens the terminal. Messages go above the prompt from now on. Without a
    /// `history` file, lines are only remembered during the session.
    pub(super) fn open(
        history: Option<PathBuf>,
        highlight: Option<Highlight>,
        reporter: &Reporter,
    ) -> anyhow::Result<Self> {
        let config = Config::builder()
            .behavior(Behavior::PreferTerm) // standard output may carry audio
            .auto_add_history(true)
            .history_ignore_space(true)
            .max_history_size(MAX_HISTORY)?
            .build();
        let mut editor = Editor::with_config(config)?;
        let mut helper = PromptCompleter::default();
        helper.highlight.clone_from(&highlight);
        editor.set_helper(Some(helper));
        // If the terminal cannot do this, messages are printed where the cursor is.
        if let Ok(mut printer) = editor.create_external_printer() {
            reporter.print_with(move |line| _ = printer.print(format!("{line}\n")));
        }
        if let (Some(highlight), Ok(mut printer)) = (&highlight, editor.create_external_printer()) {
            highlight.draw_with(move |message| _ = printer.print(message));
        }
        let mut prompt = Self {
            editor,
            history,
            highlight,
        };
        if let Err(error) = prompt.load_history() {
            reporter.note(&format!("the history is not saved: {error:#}"));
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

impl LineReader for Prompt {
    fn read(&mut self, session: &Session) -> anyhow::Result<InputEvent> {
        let prompt = format!("{}> ", session.voice_name());
        if let Some(completion) = self.editor.helper_mut() {
            completion.words = session.completion_words();
            completion.is_speaking = session.is_speaking();
            completion.prompt_columns = prompt.width();
        }
        let line = self.editor.readline(&prompt);
        if let Some(highlight) = &self.highlight {
            highlight.hide();
        }
        match line {
            Ok(line) => {
                if let Some(history) = &self.history {
                    // The file was usable when the prompt was opened. A full
                    // disk is no reason to end the session.
                    _ = self.editor.append_history(history);
                }
                Ok(InputEvent::Line(text::plain(&line).into_owned()))
            }
            Err(ReadlineError::Interrupted) => Ok(InputEvent::Interrupt),
            Err(ReadlineError::Eof) => Ok(InputEvent::End),
            Err(error) => Err(error.into()),
        }
    }
}

/// Creates a file that only its owner can read, unless it exists: the typed
/// texts are private.
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
