//! Lines from a pipe or a file, without a prompt.

use piper_rs::CancelToken;
use piper_rs::text::Encoding;

use super::input::{InputEvent, LineReader};
use super::session::Session;
use crate::speech::source::{BackgroundPassages, Reading, Source};

/// Reads lines from standard input until the session is left.
pub(super) struct Script {
    lines: BackgroundPassages,
    leave: CancelToken,
}

impl Script {
    pub(super) fn new(encoding: Option<Encoding>, leave: CancelToken) -> Self {
        Self {
            lines: Source::of(&[], &[], Reading::plain(encoding))
                .by_line()
                .read_in_background(leave.clone()),
            leave,
        }
    }
}

impl LineReader for Script {
    fn read(&mut self, _: &Session) -> anyhow::Result<InputEvent> {
        match self.lines.next() {
            Some(line) => Ok(InputEvent::Line(line?.text)),
            None if self.leave.is_cancelled() => Ok(InputEvent::Interrupt),
            None => Ok(InputEvent::End),
        }
    }
}
