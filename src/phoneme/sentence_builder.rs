//! Joins the phonemes of clauses to a sentence.

use super::Phonemes;

/// What follows the phonemes of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClauseEnd {
    /// A mark, and a space if the sentence continues.
    Mark(&'static str),
    /// No mark, and a space if the sentence continues.
    Space,
    /// No mark, and no space but the text's own.
    Nothing,
}

/// Collects the phonemes of one sentence, with marks.
#[derive(Debug, Default)]
pub(super) struct SentenceBuilder {
    symbols: String,
    /// What follows `symbols`. It is written when it is known whether the
    /// sentence continues.
    end: Option<ClauseEnd>,
}

impl SentenceBuilder {
    /// Adds a clause. Ignores one without phonemes.
    pub(super) fn push(&mut self, phonemes: &str, end: ClauseEnd) {
        if phonemes.is_empty() {
            return;
        }
        self.write_end();
        self.symbols.push_str(phonemes);
        self.end = Some(end);
    }

    /// Sets the mark after the last clause, if there is one.
    pub(super) fn mark(&mut self, mark: &'static str) {
        if self.end.is_some() {
            self.end = Some(ClauseEnd::Mark(mark));
        }
    }

    /// Puts a space after the last clause, if another follows.
    pub(super) fn space(&mut self) {
        if self.end == Some(ClauseEnd::Nothing) {
            self.end = Some(ClauseEnd::Space);
        }
    }

    /// Puts no space after the last clause, if it has no mark.
    pub(super) fn no_space(&mut self) {
        if self.end == Some(ClauseEnd::Space) {
            self.end = Some(ClauseEnd::Nothing);
        }
    }

    fn write_end(&mut self) {
        match self.end.take() {
            Some(ClauseEnd::Mark(mark)) => {
                self.symbols.push_str(mark);
                self.symbols.push(' ');
            }
            Some(ClauseEnd::Space) => self.symbols.push(' '),
            Some(ClauseEnd::Nothing) | None => {}
        }
    }

    /// Returns the sentence, which ends with a mark; `None` if it is empty.
    pub(super) fn finish(mut self) -> Option<Phonemes> {
        let mark = match self.end? {
            ClauseEnd::Mark(mark) => mark,
            // Phonemes written by the user may end with a mark.
            _ if self.symbols.ends_with(['.', '?', '!', ',', ':', ';']) => "",
            _ => ".",
        };
        self.symbols.push_str(mark);
        Some(Phonemes(self.symbols))
    }
}
