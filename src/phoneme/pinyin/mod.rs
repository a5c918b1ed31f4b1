//! Phonemes for voices whose `phoneme_type` is `pinyin`: Mandarin Chinese.
//!
//! A syllable is an initial, a final and a tone: `zhong1` is the three phonemes
//! `zh`, `ong` and `1`. A syllable without an initial starts with `Ø`: `Øai4`.
//! As in piper-tts there is no tone sandhi. piper-tts takes readings from g2pW, a
//! network that is downloaded; here they are from tables of phrases and a few
//! rules ([`readings`], [`heteronyms`]).

mod heteronyms;
mod letters;
mod number;
mod readings;
mod sentences;
mod syllable;

use self::number::{NumberStyle, numbers_to_words};
use self::readings::Readings;
use super::{Phonemes, Phonemizer, PiperMode};
use crate::Result;

/// Marks that piper-tts's voices know: long pauses, then short ones.
const LONG_PAUSES: [char; 6] = ['。', '？', '！', '.', '?', '!'];
const SHORT_PAUSES: [char; 9] = ['—', '…', '、', '，', '：', '；', ',', ':', ';'];
/// Other symbols of one character that piper-tts passes on as they are.
const STRICT_SYMBOLS: &str = "Øbpmfdtnlgkhjqxrzcsywaoeiuv12345_^$";

/// Reads Chinese text.
#[derive(Debug, Clone, Copy, Default)]
pub struct PinyinPhonemizer {
    mode: PiperMode,
}

impl PinyinPhonemizer {
    /// Returns a phonemizer. Its tables are built by the first text.
    pub fn new(mode: PiperMode) -> Self {
        Self { mode }
    }
}

impl Phonemizer for PinyinPhonemizer {
    fn phonemize(&self, text: &str) -> Result<Vec<Phonemes>> {
        Ok(match self.mode {
            PiperMode::Strict => {
                let text = text.replace(['“', '”', '"'], "");
                let sentences = sentences::split(&text).into_iter();
                sentences.map(|text| Phonemes(strict(text))).collect()
            }
            PiperMode::Improved => improved(text).map(Phonemes).into_iter().collect(),
        })
    }
}

/// Phonemizes a sentence as piper-tts does.
fn strict(text: &str) -> String {
    let text = numbers_to_words(text, NumberStyle::Strict);
    let mut phonemes = String::new();
    for (character, reading) in Readings::get().read(&text) {
        match reading {
            Some(reading) => phonemes.extend(syllable::phonemes(reading)),
            None if is_pause(character) || STRICT_SYMBOLS.contains(character) => {
                phonemes.push(character);
            }
            None => {}
        }
    }
    phonemes
}

/// Phonemizes a text as one sentence: brackets and dashes are pauses, letters
/// are spelled, and the sentence ends with a mark.
fn improved(text: &str) -> Option<String> {
    let text = numbers_to_words(text, NumberStyle::Improved);
    let mut phonemes = String::new();
    let mut pause = None;
    for (character, reading) in Readings::get().read(&text) {
        if let Some(reading) = reading {
            push_pause(&mut phonemes, &mut pause);
            phonemes.extend(syllable::phonemes(reading));
        } else if let Some(spelled) = letters::spelled(character) {
            push_pause(&mut phonemes, &mut pause);
            phonemes.extend(spelled.split(' ').flat_map(syllable::phonemes));
        } else if let Some(mark) = mark_of(character) {
            // Of several marks the one with the longest pause counts.
            let is_longer = pause.is_none_or(|pause| rank(mark) > rank(pause));
            pause = if is_longer { Some(mark) } else { pause };
        } else if character.is_alphabetic() {
            // No voice knows it, so that it is reported.
            push_pause(&mut phonemes, &mut pause);
            phonemes.push(character);
        }
    }
    if phonemes.is_empty() {
        return None;
    }
    phonemes.push(pause.filter(|mark| *mark != ' ').unwrap_or('。'));
    Some(phonemes)
}

/// Adds the pause before the next sound. There is none before the first.
fn push_pause(phonemes: &mut String, pause: &mut Option<char>) {
    phonemes.extend(pause.take().filter(|_| !phonemes.is_empty()));
}

fn is_pause(character: char) -> bool {
    character == ' ' || rank(character) > 0
}

/// Returns the mark that a character is spoken as.
fn mark_of(character: char) -> Option<char> {
    match character {
        '（' | '）' | '(' | ')' | '–' | '―' | '─' => Some('，'),
        '｡' | '．' => Some('。'),
        c if c.is_whitespace() => Some(' '),
        c => is_pause(c).then_some(c),
    }
}

/// Orders marks by their pause; 0 for a space and all other characters.
fn rank(mark: char) -> u8 {
    match mark {
        mark if LONG_PAUSES.contains(&mark) => 2,
        mark if SHORT_PAUSES.contains(&mark) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn speak(mode: PiperMode, text: &str) -> Vec<String> {
        let sentences = PinyinPhonemizer::new(mode).phonemize(text).unwrap();
        sentences.into_iter().map(|sentence| sentence.0).collect()
    }

    #[test]
    fn strict_is_what_piper_tts_makes_of_the_same_readings() {
        let cases: [(&str, &[&str]); 7] = [
            ("你好", &["ni3hao3"]),
            ("你好。再见！", &["ni3hao3。", "zai4jian4！"]),
            ("“爱”，女儿", &["Øai4，nv3Øer2"]),
            ("真的……吗？", &["zhen1de5……", "ma5？"]),
            (
                "今天-7°C，77％",
                &["jin1tian1ling2xia4qi1du4，bai3fen1zhi1qi1shi2qi1"],
            ),
            ("A《b》", &["b"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(speak(PiperMode::Strict, text), expected, "{text}");
        }
    }

    #[test]
    fn improved_loses_no_letter_and_doubles_no_pause() {
        let cases = [
            ("你好", "ni3hao3。"),
            ("你好！！", "ni3hao3！"),
            ("真的……吗？", "zhen1de5…ma5？"),
            ("他——我的朋友——来了", "ta1—wo3de5peng2you3—lai2le5。"),
            ("AI（人工智能）", "Øei1Øai4，ren2gong1zhi4neng2，"),
            ("《红楼梦》，好 看", "hong2lou2meng4，hao3 kan4。"),
            ("，好", "hao3。"),
            ("のé", "のé。"), // reported as unknown
        ];
        for (text, expected) in cases {
            assert_eq!(speak(PiperMode::Improved, text), [expected], "{text}");
        }
        for text in ["", "……", " \n", "《》", "！"] {
            assert!(speak(PiperMode::Improved, text).is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_one_sentence_with_an_end_or_none(text in "[\\PC一-龥0-9.,%°C−年得 -]{0,40}") {
            _ = speak(PiperMode::Strict, &text);
            let sentences = speak(PiperMode::Improved, &text);
            prop_assert!(sentences.len() <= 1);
            for sentence in sentences {
                prop_assert!(sentence.ends_with(|c| rank(c) > 0), "{sentence}");
            }
        }
    }
}
