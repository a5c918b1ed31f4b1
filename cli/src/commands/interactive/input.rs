//! Where lines come from.

use super::session::Session;

/// How lines are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InputMode {
    /// A user types them at a prompt.
    Terminal,
    /// They come from a pipe or a file, without a prompt.
    Script,
}

/// Reads lines from a terminal or from a script.
pub(super) trait LineReader {
    /// Waits for the next line. A prompt shows the voice of the session.
    fn read(&mut self, session: &Session) -> anyhow::Result<InputEvent>;
}

/// What a [`LineReader`] returned.
pub(super) enum InputEvent {
    Line(String),
    /// Ctrl-C, or a signal.
    Interrupt,
    End,
}
