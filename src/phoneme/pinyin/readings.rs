//! Characters → syllables, from the tables in `assets/pinyin`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::heteronyms;

const CHARACTERS: &str = include_str!("../../../assets/pinyin/characters.txt");
/// Words that are read as their characters are. They end like a phrase starts.
const WORDS: &str = include_str!("../../../assets/pinyin/words.txt");
const PHRASES: &str = include_str!("../../../assets/pinyin/phrases.txt");

/// The readings of characters, and of phrases in which a character has another
/// reading than alone.
pub(super) struct Readings {
    characters: HashMap<char, &'static str>,
    /// `None` for words that are read as their characters are.
    phrases: HashMap<&'static str, Option<&'static str>>,
    longest_phrase: usize,
}

impl Readings {
    /// Returns the tables. The first call builds them, in a few milliseconds.
    pub(super) fn get() -> &'static Self {
        static READINGS: LazyLock<Readings> = LazyLock::new(Readings::build);
        &READINGS
    }

    fn build() -> Self {
        let mut characters = HashMap::with_capacity(45_000);
        for line in CHARACTERS.lines() {
            if let Some((syllable, written)) = line.split_once(' ') {
                characters.extend(written.chars().map(|character| (character, syllable)));
            }
        }
        let lines = PHRASES.lines().chain(heteronyms::PHRASES);
        let lines = lines.filter_map(|line| line.split_once(' '));
        let mut phrases: HashMap<_, _> = WORDS.lines().map(|word| (word, None)).collect();
        phrases.extend(lines.map(|(phrase, syllables)| (phrase, Some(syllables))));
        let longest = phrases.keys().map(|phrase| phrase.chars().count()).max();
        Self {
            characters,
            phrases,
            longest_phrase: longest.unwrap_or(0),
        }
    }

    /// Returns the characters of `text`, each with its syllable. Marks, letters
    /// and digits have none.
    pub(super) fn read(&self, text: &str) -> Vec<(char, Option<&'static str>)> {
        let mut read: Vec<_> = text.chars().map(|character| (character, None)).collect();
        let mut at = 0;
        let mut rest = text;
        let mut alone = Vec::new();
        while let Some(first) = rest.chars().next() {
            let found = self.phrase_at(rest);
            let bytes = found.map_or(first.len_utf8(), |(phrase, _)| phrase.len());
            let length = rest[..bytes].chars().count();
            for (character, reading) in &mut read[at..at + length] {
                *reading = self.characters.get(character).copied();
            }
            match found {
                Some((_, syllables)) => {
                    let syllables = syllables.into_iter().flat_map(|known| known.split(' '));
                    for ((_, reading), syllable) in read[at..].iter_mut().zip(syllables) {
                        *reading = Some(syllable);
                    }
                }
                None => alone.push(at),
            }
            at += length;
            rest = &rest[bytes..];
        }
        for at in alone {
            if let Some(syllable) = heteronyms::reading(&read, at) {
                read[at].1 = Some(syllable);
            }
        }
        read
    }

    /// Returns the longest phrase at the start of `text`.
    fn phrase_at(&self, text: &str) -> Option<(&'static str, Option<&'static str>)> {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let ends: Vec<_> = ends.take(self.longest_phrase).collect();
        let mut parts = ends.iter().skip(1).rev().map(|end| &text[..*end]);
        let found = parts.find_map(|part| self.phrases.get_key_value(part))?;
        Some((*found.0, *found.1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::PinyinPhonemizer;
    use super::*;
    use crate::phoneme::{Phonemizer as _, PiperMode};
    use crate::phoneme_id::{PhonemeIds, UnknownPhonemes};

    fn read(text: &str) -> String {
        let read = Readings::get().read(text).into_iter();
        let syllables = read.map(|(character, reading)| match reading {
            Some(reading) => reading.to_owned(),
            None => character.to_string(),
        });
        syllables.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_line_of_the_tables_is_complete() {
        let is_syllable = |syllable: &str| {
            let (letters, tone) = syllable.split_at(syllable.len() - 1);
            letters.bytes().all(|b| b.is_ascii_lowercase()) && "12345".contains(tone)
        };
        for line in PHRASES.lines().chain(heteronyms::PHRASES) {
            let (phrase, syllables) = line.split_once(' ').unwrap();
            assert_eq!(
                phrase.chars().count(),
                syllables.split(' ').count(),
                "{line}"
            );
            assert!(syllables.split(' ').all(is_syllable), "{line}");
        }
        for line in CHARACTERS.lines() {
            assert!(is_syllable(line.split_once(' ').unwrap().0), "{line}");
        }
    }

    /// Each sentence with its readings, judged by a reader and not by a program.
    #[test]
    fn sentences_with_heteronyms_are_read_as_a_reader_does() {
        const SENTENCES: &str = include_str!("sentences.txt");
        let lines = SENTENCES.lines().filter(|line| !line.starts_with('#'));
        let pairs: Vec<_> = lines.filter_map(|line| line.split_once(' ')).collect();
        assert!(pairs.len() >= 60);
        let wrong: Vec<_> = pairs
            .iter()
            .filter(|(text, expected)| read(text) != *expected)
            .map(|(text, expected)| format!("{text}\n  {}\n  {expected}", read(text)))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// The ids that piper-tts 1.8.0 gives for the same readings: see
    /// `tests/corpus/pinyin.py`.
    #[test]
    fn the_ids_are_those_of_piper_tts() {
        const ORACLE: &str = include_str!("../../../tests/corpus/pinyin_ids.txt");
        const MAP: &str = include_str!("../../../tests/corpus/pinyin_id_map.json");
        let map = serde_json::from_str(MAP).unwrap();
        let table = PhonemeIds::of_syllables(&map, None).unwrap();
        let rows: Vec<_> = ORACLE
            .lines()
            .filter_map(|row| row.split_once('\t'))
            .collect();
        assert!(rows.len() >= 60);
        for (text, expected) in rows {
            let phonemizer = PinyinPhonemizer::new(PiperMode::Strict);
            let sentences = phonemizer.phonemize(text).unwrap();
            let (mut ids, mut unknown) = (Vec::new(), UnknownPhonemes::default());
            table.encode(&sentences[0], &mut ids, &mut unknown);
            let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
            assert_eq!(ids.join(" "), expected, "{text}");
            assert_eq!(unknown.total(), 0, "{text}");
        }
    }

    #[test]
    fn traditional_and_rare_characters_have_readings() {
        assert_eq!(read("漢語"), "han4 yu3");
        assert_eq!(read("龘"), "da2");
        assert_eq!(read("a1，"), "a 1 ，");
    }
}
