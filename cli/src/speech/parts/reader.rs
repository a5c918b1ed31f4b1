//! Passages of a text → its parts.

use std::borrow::Cow;
use std::sync::Arc;

use piper_rs::parts::Place;
use piper_rs::parts::dialogue::{looks_like_name, name_and_words};
use piper_rs::parts::inline::{self, Item};
use piper_rs::parts::ssml::{SsmlPart, SsmlSettings};
use piper_rs::synth::TextEnd;
use piper_rs::text::Passage;

use super::cast::Cast;
use super::{Notation, Part, PartSettings, SpeechPart};
use crate::terminal::report::{Reporter, UsageError};

/// Reads the parts of one text, passage by passage. What one passage sets stays for
/// the next.
pub(crate) struct PartReader<'a> {
    notation: &'a Notation,
    reporter: &'a Reporter,
    /// The settings of the person who speaks; of the narrator without a cast.
    speaker: Arc<PartSettings>,
    /// These, with what braces in the text say.
    current: Arc<PartSettings>,
}

/// A piece of a passage that one person speaks.
struct Speech<'t> {
    /// Blank lines before it.
    lead: &'t str,
    text: &'t str,
    place: Place,
    speaker: Arc<PartSettings>,
    /// Whether it begins with a name, after which braces start anew.
    is_named: bool,
}

impl<'a> PartReader<'a> {
    pub(super) fn new(notation: &'a Notation, reporter: &'a Reporter) -> Self {
        let speaker = match &notation.cast {
            Some(cast) => cast.narrator(),
            None => Arc::default(),
        };
        Self {
            notation,
            reporter,
            current: Arc::clone(&speaker),
            speaker,
        }
    }

    /// Returns the parts of the next passage.
    pub(crate) fn parts(&mut self, passage: &Passage) -> Result<Vec<Part>, UsageError> {
        for note in &passage.notes {
            self.reporter
                .note_once(&format!("{}: {note}", passage.origin));
        }
        if !passage.parts.is_empty() {
            return Ok(self.of_ssml(&passage.parts, &passage.origin));
        }
        self.of_text(&passage.text, passage.line)
    }

    /// Returns the parts of a text that begins at `line`.
    pub(crate) fn of_text(&mut self, text: &str, line: u64) -> Result<Vec<Part>, UsageError> {
        if !self.notation.has_parts() {
            return Ok(vec![Part::whole(text)]);
        }
        let mut parts = Vec::new();
        for speech in self.speeches(text, Place::line(line)) {
            // Two people may have the same settings.
            if speech.is_named || !Arc::ptr_eq(&speech.speaker, &self.speaker) {
                self.current = Arc::clone(&speech.speaker);
            }
            self.speaker = Arc::clone(&speech.speaker);
            self.divide(&speech, &mut parts)?;
        }
        Ok(parts)
    }

    /// Returns the parts of a document, which has marks of its own.
    fn of_ssml(&self, marked: &[SsmlPart], origin: &str) -> Vec<Part> {
        if self.notation.has_parts() {
            self.reporter.note_once(&format!(
                "{origin} is SSML, which has marks of its own: --inline and --cast are for other \
                 texts"
            ));
        }
        // Shared by parts that follow each other.
        let mut last: Option<(&SsmlSettings, Arc<PartSettings>)> = None;
        let mut parts = Vec::with_capacity(marked.len());
        for part in marked {
            match part {
                SsmlPart::Speech(speech) => {
                    let settings = match last.take() {
                        Some((same, settings)) if *same == *speech.settings => settings,
                        _ => Arc::new(PartSettings::from_ssml(&speech.settings)),
                    };
                    last = Some((&speech.settings, Arc::clone(&settings)));
                    parts.push(Part::Speech(SpeechPart {
                        text: speech.text.clone(),
                        settings,
                        end: TextEnd::Line,
                        marks: speech.marks.clone(),
                    }));
                }
                SsmlPart::Pause(pause) => parts.push(Part::Pause(*pause)),
                SsmlPart::Ignored(what) => self.reporter.note_once(&format!("{origin}: {what}")),
                _ => {}
            }
        }
        mark_open_ends(&mut parts);
        parts
    }

    /// Divides a passage at the names of a dialogue, and where a blank line ends what
    /// a name began.
    fn speeches<'t>(&self, text: &'t str, mut place: Place) -> Vec<Speech<'t>> {
        let mut current = Speech {
            lead: "",
            text,
            place,
            speaker: Arc::clone(&self.speaker),
            is_named: false,
        };
        let Some(cast) = &self.notation.cast else {
            return vec![current];
        };
        let mut speeches = Vec::new();
        // Where the current piece and the line begin.
        let (mut start, mut at) = (0, 0);
        for line in text.split_inclusive('\n') {
            let narrator = cast.narrator();
            let next = match self.named(line, cast) {
                Some((speaker, skipped)) => Some((speaker, at, at + skipped)),
                None if line.trim().is_empty() && !Arc::ptr_eq(&current.speaker, &narrator) => {
                    Some((narrator, at + line.len(), at + line.len()))
                }
                None => None,
            };
            if let Some((speaker, end, next_start)) = next {
                current.text = &text[start..end];
                let is_named = end == at;
                let next = Speech {
                    lead: "",
                    text: "",
                    place: place.after(&text[at..next_start]),
                    speaker,
                    is_named,
                };
                let ended = std::mem::replace(&mut current, next);
                match is_named && ended.text.trim().is_empty() {
                    true => current.lead = ended.text,
                    false => speeches.push(ended),
                }
                start = next_start;
            }
            at += line.len();
            place = place.after(line);
        }
        current.text = &text[start..];
        speeches.push(current);
        speeches
    }

    /// Returns who speaks a line that begins with a name, and how much of the line
    /// is the name. Unknown names are noted, and change nothing.
    fn named(&self, line: &str, cast: &Cast) -> Option<(Arc<PartSettings>, usize)> {
        let (name, words) = name_and_words(line)?;
        if let Some(speaker) = cast.member(name) {
            return Some((speaker, line.len() - words.len()));
        }
        if looks_like_name(name) {
            cast.note_unknown(name, self.reporter);
        }
        None
    }

    /// Divides a piece at its marks.
    fn divide(&mut self, speech: &Speech<'_>, parts: &mut Vec<Part>) -> Result<(), UsageError> {
        let (mut lead, text) = (Cow::Borrowed(speech.lead), speech.text);
        if !self.notation.inline {
            self.push(&mut lead, text, parts);
            return Ok(());
        }
        let first = parts.len();
        let mut is_after_mark = false;
        for item in inline::items(text, speech.place) {
            match item.map_err(|bad| UsageError(bad.to_string()))? {
                Item::Pause(pause) => parts.push(Part::Pause(pause)),
                Item::Settings(fields) => {
                    let settings = PartSettings::from_fields(&fields)?;
                    self.current = Arc::new(settings.or(&self.speaker));
                }
                Item::Text(words) if !is_after_mark => {
                    // Blank lines stay only if no mark is with them.
                    match words.trim().is_empty() && words.len() < text.len() {
                        true => lead = words,
                        false => self.push(&mut lead, &words, parts),
                    }
                    continue;
                }
                Item::Text(words) => {
                    let words = after_mark(&words, &mut parts[first..]);
                    if !words.trim().is_empty() {
                        self.push(&mut lead, words, parts);
                    }
                }
            }
            is_after_mark = true;
        }
        mark_open_ends(&mut parts[first..]);
        Ok(())
    }

    /// Appends a part of `lead` and `words`, unless both are empty.
    fn push(&self, lead: &mut Cow<'_, str>, words: &str, parts: &mut Vec<Part>) {
        let text = format!("{}{words}", std::mem::take(lead));
        if !text.is_empty() {
            parts.push(Part::Speech(SpeechPart {
                text,
                settings: Arc::clone(&self.current),
                end: TextEnd::Line,
                marks: Vec::new(),
            }));
        }
    }
}

/// Takes the white space after a mark, up to the end of the paragraph, to the
/// speech before the mark: that is what the pause depends on. Returns the rest.
fn after_mark<'t>(words: &'t str, before: &mut [Part]) -> &'t str {
    let blank = &words[..words.len() - words.trim_start().len()];
    let mut ends = blank.match_indices('\n').map(|(at, _)| at + 1);
    let length = match (ends.next(), ends.next()) {
        (_, Some(end)) => end,
        _ => blank.len(),
    };
    let (taken, rest) = words.split_at(length);
    let last = before.iter_mut().rev().find_map(|part| match part {
        Part::Speech(speech) => Some(speech),
        Part::Pause(_) => None,
    });
    if let Some(last) = last {
        last.text.push_str(taken);
    }
    rest
}

/// Notes which parts are followed by another one on the same line.
fn mark_open_ends(parts: &mut [Part]) {
    let mut is_followed = false;
    for part in parts.iter_mut().rev() {
        if let Part::Speech(speech) = part {
            if is_followed && !speech.text.ends_with('\n') {
                speech.end = TextEnd::Open;
            }
            is_followed = true;
        }
    }
}
