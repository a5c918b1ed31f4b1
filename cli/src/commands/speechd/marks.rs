//! The marks of a message → the samples with which they are reached.

use std::collections::VecDeque;

use piper_rs::AudioBlock;
use piper_rs::parts::ssml::SsmlMark;

use super::server_sink::{DueMarks, lock};
use crate::speech::events::{Schedule, SpokenEvent, SpokenWords};

/// Finds when the marks of a message are reached: with the word that follows in the same
/// sentence, or at the end of the sentence. Sentences are spoken as if there were no
/// marks.
pub(super) struct MarkTimes {
    words: SpokenWords,
    /// The marks of the part that is spoken.
    waiting: VecDeque<SsmlMark>,
    due: DueMarks,
}

impl MarkTimes {
    /// Finds the marks of an output that has these `words`.
    pub(super) fn new(words: SpokenWords, due: DueMarks) -> Self {
        Self {
            words,
            waiting: VecDeque::new(),
            due,
        }
    }

    /// Ends a part, and begins another one.
    pub(super) fn begin_part(&mut self, marks: Vec<SsmlMark>) {
        let (waiting, due) = (&mut self.waiting, &self.due);
        self.words.begin_part(None, &mut |sample, event| {
            reach(waiting, &mut lock(due), sample, &event);
        });
        self.reach_all();
        self.waiting.extend(marks);
    }

    /// Call it before a block is written.
    pub(super) fn before_block(&mut self, block: &AudioBlock) {
        let (waiting, due) = (&mut self.waiting, &self.due);
        self.words.push(block, &mut |sample, event| {
            reach(waiting, &mut lock(due), sample, &event);
        });
    }

    /// Call it after the last block was written, before the output is finished.
    pub(super) fn finish(&mut self) {
        self.begin_part(Vec::new());
    }

    /// Reaches the marks that no word of their part follows.
    fn reach_all(&mut self) {
        let now = self.words.samples();
        let mut due = lock(&self.due);
        for mark in self.waiting.drain(..) {
            due.push(now, mark.name);
        }
    }
}

/// Reaches the marks before the end of a word, or those up to the end of a sentence.
fn reach(
    waiting: &mut VecDeque<SsmlMark>,
    due: &mut Schedule<String>,
    sample: u64,
    event: &SpokenEvent,
) {
    match event {
        SpokenEvent::Sentence(_) => {}
        SpokenEvent::Word(_, word) => reach_before(waiting, due, word.source.end, sample),
        SpokenEvent::SentenceEnd(sentence, end) => {
            reach_before(waiting, due, sentence.source.end + 1, *end);
        }
    }
}

/// Reaches the marks before a byte of the text with a sample.
fn reach_before(
    waiting: &mut VecDeque<SsmlMark>,
    due: &mut Schedule<String>,
    byte: usize,
    sample: u64,
) {
    while waiting.front().is_some_and(|mark| mark.at < byte) {
        if let Some(mark) = waiting.pop_front() {
            due.push(sample, mark.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::speech::events::SpokenSentence;

    #[test]
    fn a_mark_is_reached_with_the_next_word_or_at_the_end_of_its_sentence() {
        // `One two. Three`
        let marks = [
            ("start", 0),
            ("in", 1),
            ("two", 4),
            ("end", 8),
            ("three", 9),
        ];
        let marks = marks.map(|(name, at)| SsmlMark {
            name: name.to_owned(),
            at,
        });
        let mut waiting: VecDeque<_> = marks.into();
        let mut due = Schedule::default();
        reach_before(&mut waiting, &mut due, 3, 10);
        reach_before(&mut waiting, &mut due, 8, 20);
        let sentence = Arc::new(SpokenSentence {
            text: "One two.".to_owned(),
            source: 0..8,
            start: 0,
            place: None,
        });
        let end = SpokenEvent::SentenceEnd(sentence, 40);
        reach(&mut waiting, &mut due, 39, &end);
        let mut reached = Vec::new();
        while let Some(sample) = due.next_sample() {
            reached.extend(due.take_due(sample + 1).map(|name| (sample, name)));
        }
        let reached: Vec<_> = reached.iter().map(|(at, name)| (*at, &**name)).collect();
        assert_eq!(
            reached,
            [(10, "start"), (10, "in"), (20, "two"), (40, "end")]
        );
        assert_eq!(waiting.len(), 1);
    }
}
