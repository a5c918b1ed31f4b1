//! Lines from a pipe or a file, without a prompt.

use piper_rs::CancelToken;
use piper_rs::text::Encoding;

use super::session::Session;
use super::{Read, ReadLines};
use crate::speech::source::{BackgroundPassages, Source};

/// Reads lines from standard input, until the session is left.
pub(super) struct Script {
    lines: BackgroundPassages,
    leave: CancelToken,
}

impl Script {
    pub(super) fn new(encoding: Option<Encoding>, leave: CancelToken) -> Self {
        Self {
            lines: Source::stdin_lines(encoding).read_in_background(leave.clone()),
            leave,
        }
    }
}

impl ReadLines for Script {
    fn read(&mut self, _: &Session) -> anyhow::Result<Read> {
        match self.lines.next() {
            Some(line) => Ok(Read::Line(line?.text)),
            None if self.leave.is_cancelled() => Ok(Read::Interrupt),
            None => Ok(Read::End),
        }
    }
}
