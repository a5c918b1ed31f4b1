//! Blocks of audio → when their sentences are heard.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;

use super::joined::{Joined, converted_samples};
use super::phrase::{SourceSentence, SpokenPhrase};
use super::{Precision, TimedPhoneme, TimedSentence, TimedWord};

/// Counts the samples of an output, and tells when its sentences are heard.
///
/// Pass each block to [`push`](Self::push) once, in order, pauses included, and take
/// the sentences that are complete with [`next`](Iterator::next). After
/// [`finish`](Self::finish) the rest is complete, too. What is held in memory does not
/// grow with the text.
///
/// All times are in samples of the output. They are exact also if it has another rate
/// than the blocks, which [`Resampled`](crate::sink::Resampled) and then
/// [`RateConverter`](crate::sink::RateConverter) convert, and if
/// [`Trimmed`](crate::sink::Trimmed) leaves out the silence at its ends: see
/// [`note_trim`](Self::note_trim).
#[derive(Debug)]
pub struct Timeline {
    joined: Joined,
    /// The rate of the output.
    rate: NonZeroU32,
    trim: Trim,
    is_finished: bool,
    /// The sentence of the last block.
    open: Option<OpenSentence>,
    /// Complete sentences.
    ended: VecDeque<OpenSentence>,
}

/// What is left out at the ends of the output, at the joined rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trim {
    Nothing,
    /// No sound was written yet.
    Unknown,
    Known {
        cut: u64,
        written: u64,
    },
}

/// A sentence, in samples of the joined rate.
#[derive(Debug)]
struct OpenSentence {
    sentence: Arc<SourceSentence>,
    samples: Range<u64>,
    phonemes: Vec<PlacedPhoneme>,
    precision: Precision,
    /// Its phrase that the last block belongs to.
    phrase: Option<OpenPhrase>,
}

/// A phoneme with its word and its samples.
type PlacedPhoneme = (Box<str>, Option<usize>, Range<u64>);

#[derive(Debug)]
struct OpenPhrase {
    phrase: Arc<SpokenPhrase>,
    /// Its first sample among those of the same rate.
    start: u64,
    samples: u64,
}

impl Timeline {
    /// Starts an output of `rate`. Blocks of other rates than `joined` are converted to
    /// that one before.
    pub fn new(joined: NonZeroU32, rate: NonZeroU32) -> Self {
        Self {
            joined: Joined::new(joined),
            rate,
            trim: Trim::Nothing,
            is_finished: false,
            open: None,
            ended: VecDeque::new(),
        }
    }

    /// Holds sentences back until [`note_trim`](Self::note_trim) says that they were
    /// written.
    pub fn with_trim(self) -> Self {
        Self {
            trim: Trim::Unknown,
            ..self
        }
    }

    /// Returns the rate of the output.
    pub fn rate(&self) -> NonZeroU32 {
        self.rate
    }

    /// Returns how many samples the output has so far, with those that are held back
    /// because they may be trimmed.
    pub fn samples(&self) -> u64 {
        self.in_output(self.joined.now())
    }

    /// Counts a block of `samples` at `rate`.
    pub fn push(&mut self, samples: usize, rate: NonZeroU32, phrase: Option<&Arc<SpokenPhrase>>) {
        let last = self.open.as_ref().and_then(|open| open.phrase.as_ref());
        let is_same = match (last, phrase) {
            (Some(last), Some(phrase)) => Arc::ptr_eq(&last.phrase, phrase),
            _ => false,
        };
        if !is_same {
            self.end_phrase(phrase);
        }
        self.joined.set_rate(rate);
        if let Some(phrase) = phrase.filter(|_| !is_same) {
            self.begin_phrase(phrase);
        }
        self.joined.add(samples as u64);
        let now = self.joined.now();
        if let Some(open) = &mut self.open
            && let Some(phrase) = &mut open.phrase
        {
            phrase.samples += samples as u64;
            open.samples.end = now;
        }
    }

    /// Notes how many samples were left out before the first sound, and how many were
    /// written since, both at the joined rate. Call it after each block was written,
    /// and after the output was finished, if its ends are trimmed.
    pub fn note_trim(&mut self, cut: u64, written: u64) {
        self.trim = Trim::Known { cut, written };
    }

    /// Ends the output. Afterwards [`next`](Iterator::next) returns the rest.
    pub fn finish(&mut self) {
        self.end_phrase(None);
        self.ended.extend(self.open.take());
        self.is_finished = true;
    }

    /// Returns the sentence that the last block belongs to, as far as it is known: its
    /// end moves with each block. The words of a phrase are known with its first block;
    /// if they are estimated, their ends move, too. `None` while a sentence before it is
    /// held back.
    pub fn current(&self) -> Option<TimedSentence> {
        let open = self.open.as_ref().filter(|_| self.ended.is_empty())?;
        let mut phonemes = open.phonemes.clone();
        if let Some(phrase) = &open.phrase {
            let samples = match phrase.phrase.precision {
                Precision::Measured => u64::MAX,
                Precision::Estimated => phrase.samples,
            };
            phonemes.extend(phrase.placed(&self.joined, samples));
        }
        Some(self.timed(open, &phonemes))
    }

    fn begin_phrase(&mut self, phrase: &Arc<SpokenPhrase>) {
        let now = self.joined.now();
        let sentence = self.open.get_or_insert_with(|| OpenSentence {
            sentence: Arc::clone(&phrase.sentence),
            samples: now..now,
            phonemes: Vec::new(),
            precision: Precision::Measured,
            phrase: None,
        });
        if phrase.precision == Precision::Estimated {
            sentence.precision = Precision::Estimated;
        }
        sentence.phrase = Some(OpenPhrase {
            phrase: Arc::clone(phrase),
            start: self.joined.run(),
            samples: 0,
        });
    }

    /// Ends the last phrase, and its sentence unless `next` belongs to the same one.
    fn end_phrase(&mut self, next: Option<&Arc<SpokenPhrase>>) {
        let Some(open) = &mut self.open else {
            return;
        };
        let mut is_over = false;
        if let Some(phrase) = open.phrase.take() {
            let placed = phrase.placed(&self.joined, phrase.samples);
            open.phonemes.extend(placed);
            is_over = phrase.phrase.ends_sentence;
        }
        let is_other = |next: &Arc<SpokenPhrase>| !Arc::ptr_eq(&next.sentence, &open.sentence);
        if is_over || next.is_some_and(is_other) {
            self.ended.extend(self.open.take());
        }
    }

    /// Returns where a sample of the joined rate is in the output.
    fn in_output(&self, sample: u64) -> u64 {
        let (cut, written) = match self.trim {
            Trim::Nothing => (0, None),
            Trim::Unknown => (0, self.is_finished.then_some(0)),
            Trim::Known { cut, written } => (cut, self.is_finished.then_some(written)),
        };
        let sample = sample.saturating_sub(cut);
        let sample = written.map_or(sample, |written| sample.min(written));
        converted_samples(sample, self.joined.rate(), self.rate)
    }

    /// Returns a sentence of the output with these phonemes.
    fn timed(&self, open: &OpenSentence, phonemes: &[PlacedPhoneme]) -> TimedSentence {
        let SourceSentence {
            text,
            source,
            words,
        } = &*open.sentence;
        let in_output = |range: &Range<u64>| self.in_output(range.start)..self.in_output(range.end);
        let samples = in_output(&open.samples);
        let mut end = samples.start;
        let mut next_phoneme = 0;
        let words = words.iter().enumerate().map(|(n, range)| {
            let is_own = |(_, word, _): &PlacedPhoneme| *word == Some(n);
            let own = phonemes[next_phoneme..].iter().position(is_own);
            let own = own.map_or(next_phoneme..next_phoneme, |first| {
                let first = next_phoneme + first;
                let last = phonemes.iter().rposition(is_own).unwrap_or(first);
                first..last + 1
            });
            let heard = match &phonemes[own.clone()] {
                [] => end..end,
                [(.., first), ..] => {
                    // Voices begin a word in the space before it, if no mark is there.
                    let space = match phonemes[..own.start] {
                        [.., (_, Some(_), _), (ref symbol, None, ref space)]
                            if &**symbol == " " =>
                        {
                            Some(space.start)
                        }
                        _ => None,
                    };
                    let start = space.unwrap_or(first.start);
                    in_output(&(start..phonemes[own.end - 1].2.end))
                }
            };
            (next_phoneme, end) = (own.end, heard.end);
            TimedWord {
                text: text[range.start - source.start..range.end - source.start].to_owned(),
                source: range.clone(),
                samples: heard,
                phonemes: own,
            }
        });
        TimedSentence {
            text: text.clone(),
            source: source.clone(),
            words: words.collect(),
            phonemes: phonemes
                .iter()
                .map(|(phoneme, _, samples)| TimedPhoneme {
                    phoneme: phoneme.to_string(),
                    samples: in_output(samples),
                })
                .collect(),
            samples,
            precision: open.precision,
        }
    }
}

/// The sentences that are complete, in order. More may follow after the next block.
impl Iterator for Timeline {
    type Item = TimedSentence;

    fn next(&mut self) -> Option<TimedSentence> {
        let first = self.ended.front()?;
        let is_written = match self.trim {
            Trim::Nothing => true,
            Trim::Unknown => false,
            Trim::Known { cut, written } => first.samples.end.saturating_sub(cut) <= written,
        };
        let open = (is_written || self.is_finished).then(|| self.ended.pop_front())??;
        Some(self.timed(&open, &open.phonemes))
    }
}

impl OpenPhrase {
    /// Returns the phonemes with their samples, if the phrase has this many.
    fn placed<'a>(
        &'a self,
        joined: &'a Joined,
        samples: u64,
    ) -> impl Iterator<Item = PlacedPhoneme> + 'a {
        let phonemes = self.phrase.phonemes(samples);
        phonemes.map(|(phoneme, place)| {
            let place = joined.at(self.start + place.start)..joined.at(self.start + place.end);
            (phoneme.phoneme.clone(), phoneme.word, place)
        })
    }
}
