//! The entries that hold for a voice, and a sentence's way through them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use super::Lexicon;
use super::key::{self, Key};
use super::section::{Blocks, ForVoice, Section, is_block};
use crate::chunk::{RawPhonemes, is_terminal};

/// What is said in place of words, by one voice.
#[derive(Debug, Clone)]
pub struct Replacements {
    /// The first to know a phrase wins.
    sections: Vec<Arc<Section>>,
    blocks: Blocks,
}

/// A text with words replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced<'t> {
    /// The text; borrowed where no word was replaced.
    pub text: Cow<'t, str>,
    /// How many words and phrases were.
    pub count: u64,
}

impl Default for Replacements {
    /// No entry: text stays as it is.
    fn default() -> Self {
        Self {
            sections: Vec::new(),
            blocks: Blocks::Read,
        }
    }
}

impl Replacements {
    /// Takes from `lexicons` what holds for `voice`.
    ///
    /// Where several have a phrase, the last lexicon wins; within it the
    /// section that fits the voice most closely, and within that the entry
    /// with the text's own capitals.
    pub fn new<'l>(lexicons: impl IntoIterator<Item = &'l Lexicon>, voice: &ForVoice<'_>) -> Self {
        let lexicons = lexicons.into_iter().enumerate();
        let fitting = lexicons.flat_map(|(n, lexicon)| {
            let sections = lexicon.sections.iter().filter(|section| section.len() > 0);
            sections.filter_map(move |section| {
                let fit = section.scope.fit(voice)?;
                Some((Reverse((n, fit)), Arc::clone(section)))
            })
        });
        let mut fitting: Vec<_> = fitting.collect();
        fitting.sort_by_key(|(order, _)| *order);
        Self {
            sections: fitting.into_iter().map(|(_, section)| section).collect(),
            blocks: voice.blocks,
        }
    }

    /// Returns how many entries there are.
    pub fn len(&self) -> usize {
        self.sections.iter().map(|section| section.len()).sum()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// Replaces what `sentence` has of the entries.
    ///
    /// The cost grows with the length of the sentence and not with the number
    /// of entries.
    pub fn apply<'t>(&self, sentence: &'t str) -> Replaced<'t> {
        let mut rewriting = Rewriting::of(sentence);
        if !self.is_empty() {
            for stretch in between_blocks(sentence) {
                self.search(stretch, &mut rewriting);
            }
        }
        rewriting.finish()
    }

    fn search(&self, stretch: Range<usize>, rewriting: &mut Rewriting<'_>) {
        let start = stretch.start;
        let pieces = key::pieces(&rewriting.sentence[stretch]);
        let pieces: Vec<_> = pieces.map(|(at, piece)| (start + at, piece)).collect();
        let mut rest = pieces.as_slice();
        // Whether `[[` stands open on this line: a block behind it would begin
        // there.
        let mut is_open = false;
        while let [(at, piece), after @ ..] = rest {
            is_open = match *piece {
                "[" if after.first().is_some_and(|(_, next)| *next == "[") => true,
                piece => is_open && !piece.contains('\n'),
            };
            let blocks = match is_open {
                true => Blocks::LeftOut,
                false => self.blocks,
            };
            rest = match self.longest(rest, blocks) {
                Some((spoken, used)) => {
                    let (last, piece) = rest[used - 1];
                    rewriting.replace(*at..last + piece.len(), spoken);
                    &rest[used..]
                }
                None => after,
            };
        }
    }

    /// Returns what is said for the longest phrase at the front of `pieces`,
    /// and how many of them it takes.
    fn longest(&self, pieces: &[(usize, &str)], blocks: Blocks) -> Option<(&str, usize)> {
        let (_, first) = pieces.first().filter(|(_, piece)| !key::is_space(piece))?;
        let mut key = Key::default();
        key.push(first);
        let reaches = self.sections.iter().map(|section| section.reach(&key));
        let reach = reaches.max().unwrap_or(0);
        let mut longest = None;
        let mut used = 1;
        while key.pieces <= reach {
            let mut sections = self.sections.iter();
            if let Some(spoken) = sections.find_map(|section| section.spoken(&key, blocks)) {
                longest = Some((spoken, used));
            }
            let Some((_, next)) = pieces.get(used) else {
                break;
            };
            key.push(next);
            used += 1;
        }
        longest
    }
}

/// Returns what of a text is not `[[…]]`.
fn between_blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks = RawPhonemes::new(text);
    let mut stretches = Vec::new();
    let mut from = 0;
    while let Some(block) = blocks.at_or_after(from) {
        stretches.push(from..block.start);
        from = block.end;
    }
    stretches.push(from..text.len());
    stretches
}

/// A sentence that words are replaced in.
struct Rewriting<'t> {
    sentence: &'t str,
    /// The sentence until `read`, as it is to be.
    written: String,
    read: usize,
    count: u64,
    /// Where the last letter or digit stands.
    last_word: usize,
}

impl<'t> Rewriting<'t> {
    fn of(sentence: &'t str) -> Self {
        Self {
            sentence,
            written: String::new(),
            read: 0,
            count: 0,
            last_word: sentence.rfind(char::is_alphanumeric).unwrap_or(0),
        }
    }

    fn replace(&mut self, place: Range<usize>, spoken: &str) {
        let (sentence, end) = (self.sentence, place.end);
        self.written.push_str(&sentence[self.read..place.start]);
        if is_block(spoken) && self.written.ends_with('[') {
            self.written.push(' '); // or the block would begin there
        }
        self.written.push_str(spoken);
        // "I met the Dr." ends with its abbreviation's full stop.
        let mark = sentence[..end]
            .chars()
            .next_back()
            .filter(|c| is_terminal(*c));
        if end > self.last_word && !spoken.ends_with(is_terminal) {
            self.written.extend(mark);
        }
        self.read = end;
        self.count += 1;
    }

    fn finish(mut self) -> Replaced<'t> {
        let text = match self.count {
            0 => Cow::Borrowed(self.sentence),
            _ => {
                self.written.push_str(&self.sentence[self.read..]);
                Cow::Owned(self.written)
            }
        };
        Replaced {
            text,
            count: self.count,
        }
    }
}

#[cfg(test)]
mod tests;
