//! What is spoken, sentence by sentence and word by word.

use std::ops::Range;
use std::sync::Arc;

use piper_rs::audio::SampleRate;
use piper_rs::timing::Precision;
use serde::Serialize;

use crate::speech::place::{Place, SourceRange};

/// Something that is heard, or written, from one sample of the output on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SpokenEvent {
    Sentence(Arc<SpokenSentence>),
    Word(Arc<SpokenSentence>, SpokenWord),
    /// The sentence and the sample after its last.
    SentenceEnd(Arc<SpokenSentence>, u64),
}

/// A sentence whose end may not be known yet.
#[derive(Debug, PartialEq)]
pub(crate) struct SpokenSentence {
    pub(crate) text: String,
    /// Its bytes in the text that is spoken.
    pub(crate) source: Range<usize>,
    /// Its first sample.
    pub(crate) start: u64,
    pub(crate) place: Option<Arc<Place>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SpokenWord {
    pub(crate) text: String,
    pub(crate) source: Range<usize>,
    pub(crate) samples: Range<u64>,
    pub(crate) precision: Precision,
}

/// An event as a JSON object. Times are seconds of the output.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum SpokenJson<'a> {
    Sentence {
        text: &'a str,
        start: f64,
        source: Option<SourceRange<'a>>,
    },
    Word {
        text: &'a str,
        /// Its characters in the text of its sentence.
        chars: [usize; 2],
        start: f64,
        end: f64,
        /// Whether the voice does not tell the times of its words.
        estimated: bool,
        source: Option<SourceRange<'a>>,
    },
    SentenceEnd {
        start: f64,
        end: f64,
    },
}

impl SpokenEvent {
    /// Returns the object of an event in an output of this `rate`.
    pub(crate) fn json(&self, rate: SampleRate) -> SpokenJson<'_> {
        let seconds = |sample: u64| seconds(sample, rate);
        match self {
            Self::Sentence(sentence) => SpokenJson::Sentence {
                text: &sentence.text,
                start: seconds(sentence.start),
                source: sentence.range(&sentence.source),
            },
            Self::Word(sentence, word) => SpokenJson::Word {
                text: &word.text,
                chars: sentence.chars(&word.source),
                start: seconds(word.samples.start),
                end: seconds(word.samples.end),
                estimated: word.precision == Precision::Estimated,
                source: sentence.range(&word.source),
            },
            Self::SentenceEnd(sentence, end) => SpokenJson::SentenceEnd {
                start: seconds(sentence.start),
                end: seconds(*end),
            },
        }
    }
}

impl SpokenSentence {
    /// Returns the characters of its text that have these bytes of the source.
    fn chars(&self, bytes: &Range<usize>) -> [usize; 2] {
        [bytes.start, bytes.end].map(|byte| {
            let before = byte.saturating_sub(self.source.start);
            let before = self.text.get(..before).unwrap_or_default();
            before.chars().count()
        })
    }

    fn range(&self, bytes: &Range<usize>) -> Option<SourceRange<'_>> {
        self.place.as_ref().map(|place| place.range(bytes))
    }
}

/// Returns a time in seconds, to the microsecond.
pub(crate) fn seconds(sample: u64, rate: SampleRate) -> f64 {
    (sample as f64 * 1e6 / f64::from(rate.get())).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_an_object_with_seconds_of_the_output() {
        let sentence = Arc::new(SpokenSentence {
            text: "Hí thére.".to_owned(),
            source: 2..13,
            start: 1000,
            place: None,
        });
        let word = SpokenWord {
            text: "thére.".to_owned(),
            source: 6..13,
            samples: 1500..2001,
            precision: Precision::Estimated,
        };
        let rate = SampleRate::new(3000).unwrap();
        let json = |event: &SpokenEvent| serde_json::to_string(&event.json(rate)).unwrap();
        assert_eq!(
            json(&SpokenEvent::Sentence(Arc::clone(&sentence))),
            r#"{"event":"sentence","text":"Hí thére.","start":0.333333,"source":null}"#
        );
        assert_eq!(
            json(&SpokenEvent::Word(Arc::clone(&sentence), word)),
            r#"{"event":"word","text":"thére.","chars":[3,9],"start":0.5,"end":0.667,"estimated":true,"source":null}"#
        );
        assert_eq!(
            json(&SpokenEvent::SentenceEnd(sentence, 3000)),
            r#"{"event":"sentence_end","start":0.333333,"end":1.0}"#
        );
    }
}
