//! A sentence with its words and phonemes, as a file of times has it.

use std::borrow::Cow;
use std::ops::Range;

use piper_rs::audio::SampleRate;
use piper_rs::timing::{Precision, TimedPhoneme, TimedSentence, TimedWord, converted_samples};
use serde::{Deserialize, Serialize};

use crate::speech::events::seconds;
use crate::speech::place::{Place, SourceRange};

/// A sentence. The names of the fields are a file format.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SentenceRecord<'a> {
    #[serde(flatten)]
    pub(super) times: Times<'a>,
    /// Whether the voice does not tell the times of its words and phonemes.
    pub(super) estimated: bool,
    pub(super) source: Option<SourceRange<'a>>,
    pub(super) words: Vec<WordRecord<'a>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct WordRecord<'a> {
    #[serde(flatten)]
    pub(super) times: Times<'a>,
    pub(super) source: Option<SourceRange<'a>>,
    pub(super) phonemes: Vec<Times<'a>>,
}

/// What has a time.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Times<'a> {
    pub(super) text: Cow<'a, str>,
    /// In seconds.
    pub(super) start: f64,
    pub(super) end: f64,
    /// The first one and the one after the last.
    pub(super) samples: [u64; 2],
}

/// Where a part begins in the file that it is joined to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JoinedAt {
    pub(crate) first_sample: u64,
    /// The rate of the part, and that of the joined file.
    pub(crate) from: SampleRate,
    pub(crate) to: SampleRate,
}

impl<'a> SentenceRecord<'a> {
    /// Describes a sentence of the text at `place`, in an output of this rate.
    pub(super) fn of(
        sentence: &'a TimedSentence,
        place: Option<&'a Place>,
        rate: SampleRate,
    ) -> Self {
        let range = |bytes: &Range<usize>| place.map(|place| place.range(bytes));
        let phoneme = |one: &'a TimedPhoneme| Times::of(&one.phoneme, &one.samples, rate);
        let word = |word: &'a TimedWord| WordRecord {
            times: Times::of(&word.text, &word.samples, rate),
            source: range(&word.source),
            phonemes: sentence.phonemes[word.phonemes.clone()]
                .iter()
                .map(phoneme)
                .collect(),
        };
        Self {
            times: Times::of(&sentence.text, &sentence.samples, rate),
            estimated: sentence.precision == Precision::Estimated,
            source: range(&sentence.source),
            words: sentence.words.iter().map(word).collect(),
        }
    }

    /// Returns its last sample, and one more.
    pub(super) fn end(&self) -> u64 {
        self.times.samples[1]
    }

    /// Moves it to where it is heard in a joined file. Its seconds follow its samples.
    pub(crate) fn move_to(&mut self, at: JoinedAt) {
        self.times.move_to(at);
        for word in &mut self.words {
            word.times.move_to(at);
            for phoneme in &mut word.phonemes {
                phoneme.move_to(at);
            }
        }
    }
}

impl<'a> Times<'a> {
    fn of(text: &'a str, samples: &Range<u64>, rate: SampleRate) -> Self {
        Self {
            text: Cow::Borrowed(text),
            start: seconds(samples.start, rate),
            end: seconds(samples.end, rate),
            samples: [samples.start, samples.end],
        }
    }

    fn move_to(&mut self, at: JoinedAt) {
        let JoinedAt {
            first_sample,
            from,
            to,
        } = at;
        let moved = |sample| first_sample + converted_samples(sample, from, to);
        self.samples = self.samples.map(moved);
        [self.start, self.end] = self.samples.map(|sample| seconds(sample, to));
    }
}
