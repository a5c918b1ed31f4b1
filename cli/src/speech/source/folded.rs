//! Text as it is searched: without differences that a reader does not see.

use std::ops::Range;

/// A text in lower case, with single spaces and straight quotation marks.
pub(crate) struct Folded {
    text: String,
    /// The byte of the text that each byte comes from.
    origins: Vec<usize>,
    /// The bytes of the text.
    length: usize,
}

impl Folded {
    pub(crate) fn of(text: &str) -> Self {
        let mut folded = Self {
            text: String::with_capacity(text.len()),
            origins: Vec::with_capacity(text.len()),
            length: text.len(),
        };
        for (at, c) in text.char_indices() {
            match c {
                c if c.is_whitespace() => {
                    if !folded.text.ends_with(' ') {
                        folded.push(' ', at);
                    }
                }
                '‘' | '’' => folded.push('\'', at),
                '“' | '”' | '„' => folded.push('"', at),
                c => c.to_lowercase().for_each(|c| folded.push(c, at)),
            }
        }
        folded
    }

    fn push(&mut self, c: char, origin: usize) {
        self.text.push(c);
        self.origins.resize(self.text.len(), origin);
    }

    /// Returns where some words are first, as a byte of the text that was folded.
    /// White space around them does not count.
    pub(super) fn find(&self, words: &Self) -> Option<usize> {
        self.find_all(words).next().map(|found| found.start)
    }

    /// Returns all places where some words are.
    pub(crate) fn find_all(&self, words: &Self) -> impl Iterator<Item = Range<usize>> {
        let origin = |at: usize| self.origins.get(at).copied().unwrap_or(self.length);
        let matches = self.text.match_indices(words.text.trim());
        matches.map(move |(at, found)| origin(at)..origin(at + found.len()))
    }

    /// Returns the words, without marks around them.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let words = self.text.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case_quotes_and_white_space() {
        let text = "„Ja“, said\n  the  İMAM’s SON. Straße";
        let folded = Folded::of(text);
        let found = |words: &str| folded.find(&Folded::of(words)).map(|at| &text[at..]);
        assert_eq!(found(" said the "), Some("said\n  the  İMAM’s SON. Straße"));
        assert_eq!(found("\"ja\""), Some(text));
        assert_eq!(
            found("imam's"),
            None,
            "the dot above is a part of the letter"
        );
        assert_eq!(found("'s son"), Some("’s SON. Straße"));
        assert_eq!(found("STRASSE"), None);
        let words: Vec<_> = folded.words().collect();
        assert_eq!(words.len(), 8, "{words:?}");
    }
}
