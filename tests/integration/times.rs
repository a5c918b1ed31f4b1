//! When sentences and words are heard.

use std::sync::{Arc, Mutex};

use piper_rs::Result;
use piper_rs::audio::SampleRate;
use piper_rs::sink::{RateConverter, Resampled, Sink, Trimmed};
use piper_rs::timing::{
    Precision, SourceSentence, SpokenPhoneme, SpokenPhrase, TimedSentence, Timeline,
};
use proptest::prelude::*;

fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).unwrap()
}

/// Counts what it is given.
#[derive(Clone, Default)]
struct Count(Arc<Mutex<u64>>);

impl Sink for Count {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        *self.0.lock().unwrap() += samples.len() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// A phrase of `phonemes`, each of which lasts 10 samples and is a word of `sentence`.
fn phrase(sentence: &Arc<SourceSentence>, words: std::ops::Range<usize>) -> Arc<SpokenPhrase> {
    let phonemes = words.clone().map(|n| SpokenPhoneme {
        phoneme: "a".into(),
        word: Some(n),
        place: (n - words.start) as u64 * 10..(n - words.start + 1) as u64 * 10,
    });
    let is_last = words.end == sentence.words.len();
    let phonemes = phonemes.collect();
    let sentence = Arc::clone(sentence);
    Arc::new(SpokenPhrase::new(
        sentence,
        is_last,
        Precision::Measured,
        phonemes,
    ))
}

/// A sentence of the words `a`.
fn sentence(words: usize) -> Arc<SourceSentence> {
    Arc::new(SourceSentence {
        text: vec!["a"; words].join(" "),
        source: 0..words * 2 - 1,
        words: (0..words).map(|n| n * 2..n * 2 + 1).collect(),
    })
}

fn samples(sentence: &TimedSentence) -> Vec<(u64, u64)> {
    let words = sentence.words.iter().map(|word| &word.samples);
    let all = std::iter::once(&sentence.samples).chain(words);
    all.map(|samples| (samples.start, samples.end)).collect()
}

#[test]
fn phrases_of_a_sentence_are_one_and_pauses_lie_between() {
    let mut timeline = Timeline::new(rate(1000), rate(1000));
    let (first, second) = (sentence(3), sentence(1));
    let (a, b, c) = (
        phrase(&first, 0..2),
        phrase(&first, 2..3),
        phrase(&second, 0..1),
    );
    timeline.push(5, rate(1000), None);
    timeline.push(12, rate(1000), Some(&a));
    let known = timeline.current().unwrap();
    assert_eq!(samples(&known)[..3], [(5, 17), (5, 15), (15, 25)]);
    timeline.push(6, rate(1000), Some(&a));
    timeline.push(100, rate(1000), None);
    timeline.push(30, rate(1000), Some(&b));
    assert!(timeline.next().is_none());
    timeline.push(7, rate(1000), None);
    let found = timeline.next().unwrap();
    // The end of the phrase cuts its second word, and the sentence is longer than its words.
    assert_eq!(samples(&found), [(5, 153), (5, 15), (15, 23), (123, 133)]);
    timeline.push(30, rate(1000), Some(&c));
    timeline.finish();
    assert_eq!(samples(&timeline.next().unwrap()), [(160, 190), (160, 170)]);
    assert!(timeline.next().is_none() && timeline.samples() == 190);
}

#[test]
fn estimated_words_share_the_phrase() {
    let mut timeline = Timeline::new(rate(1000), rate(1000));
    let sentence = sentence(4);
    let phonemes = (0..3).map(|n| SpokenPhoneme {
        phoneme: "a".into(),
        word: Some([0, 1, 3][n]),
        place: n as u64..n as u64 + 1,
    });
    let phonemes = phonemes.collect();
    let phrase = SpokenPhrase::new(sentence, true, Precision::Estimated, phonemes);
    timeline.push(300, rate(1000), Some(&Arc::new(phrase)));
    timeline.finish();
    let found = timeline.next().unwrap();
    assert_eq!(found.precision, Precision::Estimated);
    let expected = [(0, 300), (0, 100), (100, 200), (200, 200), (200, 300)];
    assert_eq!(samples(&found), expected);
}

const RATES: [u32; 3] = [16_000, 22_050, 24_000];

proptest! {
    #[test]
    fn times_are_those_of_the_file(
        // A rate, the samples of a sentence and of the pause after it, and whether it is heard.
        spoken in proptest::collection::vec((0usize..3, 1usize..3000, 0usize..2000, any::<bool>()), 1..9),
        to in prop_oneof![Just(8000u32), Just(22_050), Just(48_000)],
        trims: bool,
    ) {
        let (joined, to) = (rate(RATES[spoken[0].0]), rate(to));
        let count = Count::default();
        let file: Box<dyn Sink> = Box::new(count.clone());
        let file = match to == joined {
            true => file,
            false => Box::new(RateConverter::new(file, to, joined)),
        };
        let (mut timeline, mut trim) = (Timeline::new(joined, to), None);
        let sink: Box<dyn Sink> = match trims {
            true => {
                let trimmed = Trimmed::new(file, joined, 0.1);
                trim = Some(trimmed.count());
                timeline = timeline.with_trim();
                Box::new(trimmed)
            }
            false => file,
        };
        let mut output = Resampled::new(sink, joined);
        let mut found = Vec::new();
        for (n, length, pause, is_heard) in &spoken {
            let (from, words) = (rate(RATES[*n]), phrase(&sentence(2), 0..2));
            let level = if *is_heard { 0.5 } else { 0.0 };
            for (samples, phrase) in [
                (vec![level; *length], Some(&words)),
                (vec![0.0; *pause], None),
            ] {
                output.write(&samples, from).unwrap();
                timeline.push(samples.len(), from, phrase);
                if let Some((cut, written)) = trim.as_ref().and_then(|trim| trim.get()) {
                    timeline.note_trim(cut, written);
                }
                found.extend(&mut timeline);
            }
        }
        output.finish().unwrap();
        if let Some((cut, written)) = trim.as_ref().and_then(|trim| trim.get()) {
            timeline.note_trim(cut, written);
        }
        timeline.finish();
        found.extend(&mut timeline);
        let total = *count.0.lock().unwrap();
        prop_assert_eq!(timeline.samples(), total);
        prop_assert_eq!(found.len(), spoken.len());
        let mut end = 0;
        for sentence in &found {
            prop_assert!(sentence.samples.start >= end);
            end = sentence.samples.end;
            let mut word_end = sentence.samples.start;
            for word in &sentence.words {
                prop_assert!(word.samples.start >= word_end && word.samples.end <= end);
                word_end = word.samples.end;
            }
        }
        prop_assert!(end <= total);
        // Each of the two conversions rounds.
        let tolerance = 2.0 + 2.0 * f64::from(to.get()) / f64::from(joined.get());
        let (last, _, pause, _) = spoken[spoken.len() - 1];
        if !trims {
            let pause = pause as f64 * f64::from(to.get()) / f64::from(RATES[last]);
            prop_assert!(((total - end) as f64 - pause).abs() <= tolerance);
        }
    }
}
