//! Words and pauses → blocks with their parts.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::super::block::{Block, BlockKind};
use crate::parts::Place;
use crate::parts::ssml::{SsmlMark, SsmlPart, SsmlSettings, SsmlSpeech};

/// Makes the blocks of a document: its paragraphs.
pub(super) struct PartBuilder {
    blocks: VecDeque<Block>,
    /// Of the current paragraph.
    parts: Vec<SsmlPart>,
    speech: SsmlSpeech,
    /// The names of marks before the next word, if no word of its part is there.
    marks: Vec<String>,
    /// Of all paragraphs, with their marks.
    part_count: usize,
    /// Whether white space comes before the next word.
    has_gap: bool,
}

impl PartBuilder {
    pub(super) fn new() -> Self {
        Self {
            blocks: VecDeque::new(),
            parts: Vec::new(),
            speech: SsmlSpeech {
                text: String::new(),
                settings: Arc::default(),
                place: Place::line(1),
                marks: Vec::new(),
            },
            marks: Vec::new(),
            part_count: 0,
            has_gap: false,
        }
    }

    /// Returns how many parts and marks there are.
    pub(super) fn part_count(&self) -> usize {
        self.part_count
    }

    fn push_part(&mut self, part: SsmlPart) {
        self.part_count += 1;
        self.parts.push(part);
    }

    /// Appends words that are spoken so. White space is collapsed.
    pub(super) fn text(&mut self, text: &str, settings: &Arc<SsmlSettings>, place: Place) {
        let is_space = |c: char| c.is_ascii_whitespace();
        self.has_gap |= text.starts_with(is_space);
        for word in text.split_ascii_whitespace() {
            // Before the speech ends: marks may be behind the space.
            match self.last_text() {
                Some(last) if self.has_gap && !last.ends_with('\n') => self.push_to_last(" "),
                _ => {}
            }
            if self.speech.settings != *settings {
                self.end_speech();
                self.speech.settings = Arc::clone(settings);
            }
            if self.speech.text.is_empty() {
                self.speech.place = place;
                let marks = self.marks.drain(..);
                (self.speech.marks).extend(marks.map(|name| SsmlMark { name, at: 0 }));
            }
            self.speech.text.push_str(word);
            self.has_gap = true;
        }
        self.has_gap &= text.ends_with(is_space) || text.is_empty();
    }

    pub(super) fn pause(&mut self, pause: Duration) {
        self.end_speech();
        if let Some(SsmlPart::Pause(before)) = self.parts.last_mut() {
            *before = before.saturating_add(pause);
        } else {
            self.push_part(SsmlPart::Pause(pause));
        }
    }

    /// Notes a place that has a name. That divides nothing.
    pub(super) fn mark(&mut self, name: String) {
        self.part_count += 1;
        let text = &self.speech.text;
        if text.is_empty() {
            return self.marks.push(name);
        }
        // The space is added with the next word.
        let has_space = self.has_gap && !text.ends_with('\n');
        let at = text.len() + usize::from(has_space);
        self.speech.marks.push(SsmlMark { name, at });
    }

    /// Notes what is not done. That divides no sentence.
    pub(super) fn ignored(&mut self, what: String) {
        self.push_part(SsmlPart::Ignored(what));
    }

    pub(super) fn end_sentence(&mut self) {
        let is_open = self.last_text().is_some_and(|last| !last.ends_with('\n'));
        if is_open {
            self.push_to_last("\n");
        }
        self.has_gap = false;
    }

    pub(super) fn end_paragraph(&mut self) {
        self.end_sentence();
        let has_words = self.last_text().is_some();
        if has_words {
            self.push_to_last("\n");
        }
        self.end_speech();
        let speeches = self.parts.iter().filter_map(speech);
        let Some(first) = speeches.clone().next() else {
            // Its pauses belong to the next paragraph.
            return;
        };
        let (line, text) = (first.place.line, speeches.map(|part| part.text.as_str()));
        let text: String = text.collect();
        self.push_block(text.trim_end().replace('\n', " "), line);
    }

    /// Returns the blocks, after the last paragraph.
    pub(super) fn finish(mut self) -> VecDeque<Block> {
        self.end_paragraph();
        self.end_marks();
        if !self.parts.is_empty() {
            self.push_block(String::new(), self.speech.place.line);
        }
        self.blocks
    }

    /// Adds the marks behind the last word to its part; if there is no word, to a part
    /// without text.
    fn end_marks(&mut self) {
        let marks = std::mem::take(&mut self.marks);
        let parts = self.blocks.iter_mut().flat_map(|block| &mut block.parts);
        let last = parts.rev().find_map(speech_mut);
        if let Some(last) = last {
            let at = last.text.len();
            let marks = marks.into_iter();
            last.marks.extend(marks.map(|name| SsmlMark { name, at }));
        } else if !marks.is_empty() {
            let marks = marks.into_iter().map(|name| SsmlMark { name, at: 0 });
            let marks = marks.collect();
            self.push_part(SsmlPart::Speech(SsmlSpeech {
                marks,
                ..self.speech.clone()
            }));
        }
    }

    fn push_block(&mut self, text: String, line: u64) {
        self.blocks.push_back(Block {
            text,
            kind: BlockKind::Paragraph,
            line,
            // `Document` counts it.
            offset: 0,
            chapter: None,
            cue: None,
            parts: std::mem::take(&mut self.parts),
            notes: Vec::new(),
        });
    }

    fn end_speech(&mut self) {
        let text = std::mem::take(&mut self.speech.text);
        let marks = std::mem::take(&mut self.speech.marks);
        if !text.is_empty() {
            let within = |mark: SsmlMark| SsmlMark {
                at: mark.at.min(text.len()),
                ..mark
            };
            let speech = SsmlSpeech {
                marks: marks.into_iter().map(within).collect(),
                text,
                ..self.speech.clone()
            };
            self.push_part(SsmlPart::Speech(speech));
        }
    }

    /// Returns the text before the next word in this paragraph.
    fn last_text(&self) -> Option<&str> {
        let mut before = self.parts.iter().rev().filter_map(speech);
        match self.speech.text.as_str() {
            "" => before.next().map(|speech| speech.text.as_str()),
            text => Some(text),
        }
    }

    fn push_to_last(&mut self, end: &str) {
        let mut before = self.parts.iter_mut().rev();
        let last = before.find_map(speech_mut);
        match last {
            Some(last) if self.speech.text.is_empty() => last.text.push_str(end),
            _ => self.speech.text.push_str(end),
        }
    }
}

fn speech(part: &SsmlPart) -> Option<&SsmlSpeech> {
    match part {
        SsmlPart::Speech(speech) => Some(speech),
        SsmlPart::Pause(_) | SsmlPart::Ignored(_) => None,
    }
}

fn speech_mut(part: &mut SsmlPart) -> Option<&mut SsmlSpeech> {
    match part {
        SsmlPart::Speech(speech) => Some(speech),
        SsmlPart::Pause(_) | SsmlPart::Ignored(_) => None,
    }
}
