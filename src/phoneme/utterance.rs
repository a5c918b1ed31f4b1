//! One sentence as it grows: phonemes, and what stands between them.

use super::Phonemes;

/// What a stretch of phonemes ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// A mark, and a space when the sentence goes on.
    Mark(&'static str),
    /// No mark; when the sentence goes on, a space.
    Space,
    /// No mark; when the sentence goes on, only the space the text has.
    Nothing,
}

/// Phonemes of one sentence, marks included.
#[derive(Debug, Default)]
pub(super) struct Utterance {
    symbols: String,
    /// What comes after `symbols` is known when it is known whether the
    /// sentence goes on.
    joint: Option<Joint>,
}

impl Utterance {
    /// Adds what has been spoken; nothing for a clause without phonemes.
    pub(super) fn push(&mut self, phonemes: &str, joint: Joint) {
        if phonemes.is_empty() {
            return;
        }
        self.join();
        self.symbols.push_str(phonemes);
        self.joint = Some(joint);
    }

    /// Sets the mark after what has been said, if anything has.
    pub(super) fn mark(&mut self, mark: &'static str) {
        if self.joint.is_some() {
            self.joint = Some(Joint::Mark(mark));
        }
    }

    /// Makes sure that a space follows, if anything does.
    pub(super) fn space(&mut self) {
        if self.joint == Some(Joint::Nothing) {
            self.joint = Some(Joint::Space);
        }
    }

    /// Makes sure that no space follows, if there is no mark.
    pub(super) fn no_space(&mut self) {
        if self.joint == Some(Joint::Space) {
            self.joint = Some(Joint::Nothing);
        }
    }

    fn join(&mut self) {
        match self.joint.take() {
            Some(Joint::Mark(mark)) => {
                self.symbols.push_str(mark);
                self.symbols.push(' ');
            }
            Some(Joint::Space) => self.symbols.push(' '),
            Some(Joint::Nothing) | None => {}
        }
    }

    /// Returns the sentence, which ends with a mark; none when nothing has
    /// been said.
    pub(super) fn finish(mut self) -> Option<Phonemes> {
        let mark = match self.joint? {
            Joint::Mark(mark) => mark,
            // Symbols written by the user may bring their own.
            _ if self.symbols.ends_with(['.', '?', '!', ',', ':', ';']) => "",
            _ => ".",
        };
        self.symbols.push_str(mark);
        Some(Phonemes(self.symbols))
    }
}
