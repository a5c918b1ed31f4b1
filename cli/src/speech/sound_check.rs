//! Names the texts that gave no sound: an empty file, punctuation alone.

use std::collections::BTreeSet;

use piper_rs::text::{Passage, PassageUnit};

use super::source::Source;
use crate::terminal::quote::quoted;
use crate::terminal::report::Reporter;

/// How many lines without sound are named; the others are counted.
const MAX_NAMED: u64 = 5;

/// What became of each input.
pub(crate) struct SoundCheck<'a> {
    reporter: &'a Reporter,
    inputs: Vec<(String, PassageUnit)>,
    /// Whether all inputs are read from their start.
    reads_all: bool,
    with_text: BTreeSet<String>,
    with_sound: BTreeSet<String>,
    /// Those of which a line was named.
    named: BTreeSet<String>,
    silent_lines: u64,
}

/// Whether a text was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    Heard,
    Silent,
}

impl<'a> SoundCheck<'a> {
    pub(crate) fn new(source: &Source, reporter: &'a Reporter) -> Self {
        Self {
            reporter,
            inputs: source.names(),
            reads_all: !source.has_start(),
            with_text: BTreeSet::new(),
            with_sound: BTreeSet::new(),
            named: BTreeSet::new(),
            silent_lines: 0,
        }
    }

    /// Records what became of `text`, which was read from `passage`. Names it at
    /// once if it is a line without sound.
    pub(crate) fn record(&mut self, passage: &Passage, text: &str, sound: Sound) {
        if passage.text.trim().is_empty() {
            return;
        }
        let Passage { origin, line, .. } = passage;
        self.with_text.insert(origin.to_string());
        if sound == Sound::Heard {
            self.with_sound.insert(origin.to_string());
        } else if self.is_by_line(origin) && !is_separator(text) {
            self.silent_lines += 1;
            self.named.insert(origin.to_string());
            if self.silent_lines <= MAX_NAMED {
                let text = quoted(text);
                self.reporter
                    .note(&format!("line {line} of {origin} has no sound: {text}"));
            }
        }
    }

    /// Names the inputs without sound, at the end of all.
    pub(crate) fn finish(&self) {
        if let Some(more @ 1..) = self.silent_lines.checked_sub(MAX_NAMED) {
            self.reporter.note(&match more {
                1 => "1 more line has no sound".to_owned(),
                more => format!("{more} more lines have no sound"),
            });
        }
        for (name, _) in &self.inputs {
            let fault = match self.with_text.contains(name) {
                false if !self.reads_all => continue,
                false => "is empty or blank: there is nothing to speak",
                true if self.named.contains(name) || self.with_sound.contains(name) => continue,
                true => "has no sound: it has only punctuation, or letters the voice cannot say",
            };
            self.reporter.note(&format!("{name} {fault}"));
        }
    }

    fn is_by_line(&self, origin: &str) -> bool {
        let mut inputs = self.inputs.iter();
        inputs.any(|(name, unit)| name == origin && *unit == PassageUnit::Line)
    }
}

/// Returns whether a line only separates scenes: `* * *`, `-----`.
fn is_separator(text: &str) -> bool {
    let marks = text.trim();
    marks.len() > 1 && marks.chars().all(|c| "*-_=~#•⁂ ".contains(c))
}
