//! The marks of a message → the samples with which they are reached.

use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard, PoisonError};

use piper_rs::AudioBlock;
use piper_rs::parts::ssml::SsmlMark;

use super::server_sink::DueMarks;
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

fn lock(due: &DueMarks) -> MutexGuard<'_, Schedule<String>> {
    Arc::as_ref(due)
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Reaches the marks before a word, or before the end of a sentence.
fn reach(
    waiting: &mut VecDeque<SsmlMark>,
    due: &mut Schedule<String>,
    sample: u64,
    event: &SpokenEvent,
) {
    let (sample, before) = match event {
        SpokenEvent::Sentence(_) => return,
        SpokenEvent::Word(_, word) => (sample, word.source.end),
        SpokenEvent::SentenceEnd(sentence, end) => (*end, sentence.source.end + 1),
    };
    while let Some(mark) = waiting.pop_front_if(|mark| mark.at < before) {
        due.push(sample, mark.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piper_rs::timing::Precision;

    use crate::speech::events::SpokenSentence;

    #[test]
    fn a_mark_is_reached_with_the_next_word_or_at_the_end_of_its_sentence() {
        // `One two. Three`
        let mark = |name: &str, at| SsmlMark {
            name: name.to_owned(),
            at,
        };
        let mut waiting: VecDeque<_> = [
            mark("start", 0),
            mark("in", 1),
            mark("two", 4),
            mark("end", 8),
            mark("three", 9),
        ]
        .into();
        let sentence = Arc::new(SpokenSentence {
            text: "One two.".to_owned(),
            source: 0..8,
            start: 0,
            place: None,
        });
        let word = |source: std::ops::Range<usize>, start: u64| {
            let word = crate::speech::events::SpokenWord {
                text: String::new(),
                source,
                samples: start..start + 10,
                precision: Precision::Measured,
            };
            SpokenEvent::Word(Arc::clone(&sentence), word)
        };
        let mut due = Schedule::default();
        let events = [
            (10, word(0..3, 10)),
            (20, word(4..8, 20)),
            (39, SpokenEvent::SentenceEnd(Arc::clone(&sentence), 40)),
        ];
        for (sample, event) in events {
            reach(&mut waiting, &mut due, sample, &event);
        }
        let mut reached = Vec::new();
        while let Some(sample) = due.next_sample() {
            reached.push((sample, due.take_due(sample + 1).unwrap()));
        }
        let reached: Vec<_> = reached.iter().map(|(at, name)| (*at, &**name)).collect();
        assert_eq!(
            reached,
            [(10, "start"), (10, "in"), (20, "two"), (40, "end")]
        );
        assert_eq!(waiting, [mark("three", 9)]);
    }
}
