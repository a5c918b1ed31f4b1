//! A sentence's words, and which of them each of its symbols speaks.

use std::ops::Range;
use std::sync::Arc;

use crate::Result;
use crate::lexicon::{Pronounced, Pronouncer};
use crate::phoneme::Phonemes;
use crate::reading::written;
use crate::timing::{SourceSentence, align, words};

/// What is known of a sentence's words before it is spoken.
pub(super) struct SentenceWords {
    pub(super) sentence: Arc<SourceSentence>,
    /// For each symbol of the sentence the number of its word; `None` for pauses.
    pub(super) symbols: Vec<Option<usize>>,
}

impl SentenceWords {
    /// Finds the words of the sentence at `source` in a text, which has no white space
    /// around it and was pronounced as `pronounced` says.
    pub(super) fn of(
        pronouncer: &Pronouncer,
        text: &str,
        source: Range<usize>,
        pronounced: &Pronounced,
    ) -> Result<Self> {
        let sentence = &text[source.clone()];
        let own_words = words(sentence);
        let spoken_words = words(&pronounced.spoken);
        let alone = spoken_words.iter();
        let alone: Vec<_> = alone
            .map(|word| pronouncer.word_symbols(&pronounced.spoken[word.clone()]))
            .collect::<Result<_>>()?;
        let symbols: Vec<char> = pronounced
            .sentences
            .iter()
            .map(Phonemes::as_str)
            .flat_map(str::chars)
            .collect();
        Ok(Self {
            symbols: match own_words.len().checked_sub(1) {
                Some(last_word) => {
                    let places = places(&spoken_words, &own_words, last_word, pronounced);
                    written_numbers(&align(&symbols, &alone), &places)
                }
                None => vec![None; symbols.len()],
            },
            sentence: Arc::new(SourceSentence {
                text: sentence.to_owned(),
                words: own_words
                    .into_iter()
                    .map(|word| source.start + word.start..source.start + word.end)
                    .collect(),
                source,
            }),
        })
    }
}

/// Returns for each spoken word the numbers of the words that were written for it.
fn places(
    spoken: &[Range<usize>],
    written_words: &[Range<usize>],
    last_word: usize,
    pronounced: &Pronounced,
) -> Vec<Range<usize>> {
    let place = |word: &Range<usize>| -> Range<usize> {
        let written = written(&pronounced.changes, word.clone());
        let first = written_words.partition_point(|own| own.end <= written.start);
        let after = written_words.partition_point(|own| own.start < written.end);
        let first = first.min(last_word);
        first..after.clamp(first + 1, last_word + 1)
    };
    spoken.iter().map(place).collect()
}

/// Returns for each symbol the number of the word that was written for it. `spoken` are
/// the numbers of the spoken words, and `places` those of the words written for each of
/// them. The numbers never decrease.
fn written_numbers(spoken: &[Option<usize>], places: &[Range<usize>]) -> Vec<Option<usize>> {
    let mut numbers = vec![None; spoken.len()];
    let (mut first_word, mut least) = (0, 0);
    // Words that were written together and spoken as others: in proportion.
    for group in places.chunk_by(|a, b| a == b) {
        let (own, words) = (&group[0], first_word..first_word + group.len());
        first_word = words.end;
        let at = |symbol: &usize| spoken[*symbol].filter(|word| words.contains(word));
        let symbols: Vec<_> = (0..spoken.len())
            .filter(|symbol| at(symbol).is_some())
            .collect();
        for (n, symbol) in symbols.iter().enumerate() {
            let share = match (at(symbol), own.len() > group.len()) {
                // More were written than spoken, such as `10 000`: each has its symbols.
                (_, true) => n * own.len() / symbols.len(),
                (word, false) => {
                    (word.unwrap_or(words.start) - words.start) * own.len() / group.len()
                }
            };
            least = least.max(own.start + share);
            numbers[*symbol] = Some(least);
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{IpaEntries, Lexicon, LexiconVoice, Replacements};
    use crate::phoneme::{PinyinPhonemizer, PiperMode, TextPhonemizer};
    use proptest::prelude::*;

    const LEXICON: &[u8] = b"new york = noo yorrk cit\nSQL = ess cue ell\nten thousand = lots";

    fn pronouncer() -> Pronouncer {
        let lexicon = Lexicon::parse(LEXICON).unwrap();
        let voice = LexiconVoice {
            name: "v",
            languages: &[],
            ipa_entries: IpaEntries::Use,
        };
        Pronouncer::new(Arc::new(TextPhonemizer))
            .with_replacements(Replacements::new([&lexicon], &voice))
    }

    fn found(text: &str) -> (SentenceWords, String) {
        let pronouncer = pronouncer();
        let pronounced = pronouncer.pronounce(text).unwrap();
        let words = SentenceWords::of(&pronouncer, text, 0..text.len(), &pronounced).unwrap();
        let symbols = pronounced.sentences.iter().map(Phonemes::as_str);
        (words, symbols.collect())
    }

    /// What is spoken for each word of a text.
    fn spoken(text: &str) -> Vec<(&str, String)> {
        let (words, symbols) = found(text);
        let numbered = words.sentence.words.iter().enumerate();
        let spoken = numbered.map(|(n, range)| {
            let own = symbols.chars().zip(&words.symbols);
            let own = own.filter(|(_, word)| **word == Some(n));
            (
                &text[range.clone()],
                own.map(|(symbol, _)| symbol).collect(),
            )
        });
        spoken.collect()
    }

    #[test]
    fn replaced_words_are_those_that_were_written() {
        let cases: [(&str, &[(&str, &str)]); 4] = [
            ("SQL, now.", &[("SQL,", "esscueell"), ("now.", "now")]),
            (
                "In New York.",
                &[("In", "In"), ("New", "nooyorrk"), ("York.", "cit")],
            ),
            (
                "a ten thousand b",
                &[("a", "a"), ("ten", "lo"), ("thousand", "ts"), ("b", "b")],
            ),
            ("—", &[("—", "")]),
        ];
        for (text, expected) in cases {
            let spoken = spoken(text);
            let spoken: Vec<_> = spoken.iter().map(|(a, b)| (*a, b.as_str())).collect();
            assert_eq!(spoken, expected, "{text}");
        }
    }

    #[test]
    fn chinese_words_have_their_syllables() {
        let pronouncer = Pronouncer::new(Arc::new(PinyinPhonemizer::new(PiperMode::Improved)));
        let text = "我喜欢书。";
        let pronounced = pronouncer.pronounce(text).unwrap();
        let words = SentenceWords::of(&pronouncer, text, 0..text.len(), &pronounced).unwrap();
        let symbols = pronounced.sentences[0].as_str();
        let tones = symbols.chars().zip(&words.symbols);
        let tones = tones.filter(|(symbol, _)| symbol.is_ascii_digit());
        let numbers: Vec<_> = tones.map(|(_, word)| word.unwrap()).collect();
        assert_eq!(numbers.len(), 4, "{symbols}");
        assert!(
            numbers.is_sorted() && numbers[0] == 0,
            "{symbols} {numbers:?}"
        );
        assert_eq!(numbers[3] + 1, words.sentence.words.len());
    }

    proptest! {
        #[test]
        fn words_follow_each_other(
            words in proptest::collection::vec("new|york|New York,|SQL|ten thousand|—|x|[[a b]]", 1..12),
        ) {
            let text = words.join(" ");
            let (words, symbols) = found(&text);
            prop_assert_eq!(words.symbols.len(), symbols.chars().count());
            let numbers: Vec<_> = words.symbols.iter().flatten().collect();
            prop_assert!(numbers.is_sorted());
            prop_assert!(numbers.iter().all(|n| **n < words.sentence.words.len()));
            let letters = symbols.chars().filter(|c| c.is_alphabetic()).count();
            prop_assert!(numbers.len() >= letters);
        }
    }
}
