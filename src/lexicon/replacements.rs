//! The entries that apply to a voice, and their application to a sentence.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use super::Lexicon;
use super::key::{self, Key};
use super::section::{IpaEntries, LexiconVoice, Section, is_ipa_block};
use crate::chunk::{RawPhonemes, is_terminal};

/// The entries of lexicons that apply to one voice.
#[derive(Debug, Clone)]
pub struct Replacements {
    /// By priority: the first section with a phrase wins.
    sections: Vec<Arc<Section>>,
    ipa_entries: IpaEntries,
}

/// A text with words replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced<'t> {
    /// The text; borrowed if no word was replaced.
    pub text: Cow<'t, str>,
    /// What was replaced: the bytes of the sentence, and those of `text`.
    pub ranges: Vec<(Range<usize>, Range<usize>)>,
}

impl Replaced<'_> {
    /// Returns how many words and phrases were replaced.
    pub fn count(&self) -> u64 {
        self.ranges.len() as u64
    }
}

impl Default for Replacements {
    /// No entries: text is not changed.
    fn default() -> Self {
        Self {
            sections: Vec::new(),
            ipa_entries: IpaEntries::Use,
        }
    }
}

impl Replacements {
    /// Collects the entries of `lexicons` that apply to `voice`.
    ///
    /// If several lexicons have a phrase, the last one wins; within a lexicon,
    /// the most specific section; within a section, the entry with the same
    /// capitals as the text.
    pub fn new<'l>(
        lexicons: impl IntoIterator<Item = &'l Lexicon>,
        voice: &LexiconVoice<'_>,
    ) -> Self {
        let lexicons = lexicons.into_iter().enumerate();
        let fitting = lexicons.flat_map(|(n, lexicon)| {
            let sections = lexicon.sections.iter().filter(|section| section.len() > 0);
            sections.filter_map(move |section| {
                let specificity = section.scope.specificity(voice)?;
                Some((Reverse((n, specificity)), Arc::clone(section)))
            })
        });
        let mut fitting: Vec<_> = fitting.collect();
        fitting.sort_by_key(|(order, _)| *order);
        Self {
            sections: fitting.into_iter().map(|(_, section)| section).collect(),
            ipa_entries: voice.ipa_entries,
        }
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.sections.iter().map(|section| section.len()).sum()
    }

    /// Returns whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// Replaces the words and phrases of `sentence` that have entries.
    ///
    /// The cost grows with the length of the sentence, but not with the number
    /// of entries.
    pub fn apply<'t>(&self, sentence: &'t str) -> Replaced<'t> {
        let mut rewriter = Rewriter::new(sentence);
        if !self.is_empty() {
            for range in outside_raw_phonemes(sentence) {
                self.replace_in(range, &mut rewriter);
            }
        }
        rewriter.finish()
    }

    fn replace_in(&self, range: Range<usize>, rewriter: &mut Rewriter<'_>) {
        let start = range.start;
        let tokens = key::tokens(&rewriter.sentence[range]);
        let tokens: Vec<_> = tokens.map(|(at, token)| (start + at, token)).collect();
        let mut rest = tokens.as_slice();
        // Whether there is an unclosed `[[` on this line: a block after it
        // would start there.
        let mut is_open = false;
        while let [(at, token), after @ ..] = rest {
            is_open = match *token {
                "[" if after.first().is_some_and(|(_, next)| *next == "[") => true,
                token => is_open && !token.contains('\n'),
            };
            let ipa_entries = match is_open {
                true => IpaEntries::Skip,
                false => self.ipa_entries,
            };
            rest = match self.longest(rest, ipa_entries) {
                Some((pronunciation, used)) => {
                    let (last, token) = rest[used - 1];
                    rewriter.replace(*at..last + token.len(), pronunciation);
                    &rest[used..]
                }
                None => after,
            };
        }
    }

    /// Returns the pronunciation of the longest phrase at the start of `tokens`,
    /// and its number of tokens.
    fn longest(&self, tokens: &[(usize, &str)], ipa_entries: IpaEntries) -> Option<(&str, usize)> {
        let (_, first) = tokens.first().filter(|(_, token)| !key::is_space(token))?;
        let mut key = Key::default();
        key.push(first);
        let sections = self.sections.iter();
        let max_tokens = sections.map(|section| section.max_tokens(&key)).max();
        let max_tokens = max_tokens.unwrap_or(0);
        let mut longest = None;
        let mut used = 1;
        while key.n_tokens <= max_tokens {
            let mut sections = self.sections.iter();
            let found = sections.find_map(|section| section.pronunciation(&key, ipa_entries));
            if let Some(pronunciation) = found {
                longest = Some((pronunciation, used));
            }
            let Some((_, next)) = tokens.get(used) else {
                break;
            };
            key.push(next);
            used += 1;
        }
        longest
    }
}

/// Returns the parts of a text outside `[[…]]`.
fn outside_raw_phonemes(text: &str) -> Vec<Range<usize>> {
    let mut blocks = RawPhonemes::new(text);
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(block) = blocks.at_or_after(from) {
        ranges.push(from..block.start);
        from = block.end;
    }
    ranges.push(from..text.len());
    ranges
}

/// Replaces words in a sentence.
struct Rewriter<'t> {
    sentence: &'t str,
    /// The new text for the sentence up to `read`.
    written: String,
    read: usize,
    ranges: Vec<(Range<usize>, Range<usize>)>,
    /// The position of the last letter or digit.
    last_word: usize,
}

impl<'t> Rewriter<'t> {
    fn new(sentence: &'t str) -> Self {
        Self {
            sentence,
            written: String::new(),
            read: 0,
            ranges: Vec::new(),
            last_word: sentence.rfind(char::is_alphanumeric).unwrap_or(0),
        }
    }

    fn replace(&mut self, range: Range<usize>, pronunciation: &str) {
        let (sentence, end) = (self.sentence, range.end);
        self.written.push_str(&sentence[self.read..range.start]);
        let start = self.written.len();
        if is_ipa_block(pronunciation) && self.written.ends_with('[') {
            self.written.push(' '); // otherwise the block would start there
        }
        self.written.push_str(pronunciation);
        // In "I met the Dr.", the full stop of the abbreviation ends the
        // sentence, so it is kept.
        let mark = sentence[..end]
            .chars()
            .next_back()
            .filter(|c| is_terminal(*c));
        if end > self.last_word && !pronunciation.ends_with(is_terminal) {
            self.written.extend(mark);
        }
        self.read = end;
        self.ranges.push((range, start..self.written.len()));
    }

    fn finish(mut self) -> Replaced<'t> {
        let text = match self.ranges.len() {
            0 => Cow::Borrowed(self.sentence),
            _ => {
                self.written.push_str(&self.sentence[self.read..]);
                Cow::Owned(self.written)
            }
        };
        Replaced {
            text,
            ranges: self.ranges,
        }
    }
}

#[cfg(test)]
mod tests;
