//! Notations that divide a text into parts, which differ in voice or speed, and
//! pauses.
//!
//! - [`inline`]: `[[pause 500ms]]` and `{{speed=0.8}}` within the text;
//! - [`dialogue`]: lines such as `NAME: words`;
//! - [`ssml`]: what [documents](crate::document) of SSML say.
//!
//! They only parse: what a setting means, and which names there are, is for the
//! caller to say.

pub mod dialogue;
pub mod inline;
pub mod ssml;
mod time;

use std::fmt;

pub(crate) use time::parse_time;

/// Where something is in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1.
    pub line: u64,
    /// In characters, counted from 1.
    pub column: u64,
}

impl Place {
    /// Returns the start of a line.
    pub fn line(line: u64) -> Self {
        Self { line, column: 1 }
    }

    /// Returns the place after `text`, which begins here.
    pub fn after(self, text: &str) -> Self {
        match text.rfind('\n') {
            None => Self {
                column: self.column + count(text),
                ..self
            },
            Some(end) => Self {
                line: self.line + text.matches('\n').count() as u64,
                column: 1 + count(&text[end + 1..]),
            },
        }
    }
}

fn count(text: &str) -> u64 {
    text.chars().count() as u64
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}
