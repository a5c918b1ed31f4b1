//! The words of a text.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::chunk::RawPhonemes;

/// Returns the bytes of each word: of what stands between white space. In a script
/// without spaces, a word is what Unicode takes for one, with the marks after it.
/// White space in `[[…]]` separates nothing.
pub(crate) fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut blocks = RawPhonemes::new(text);
    let mut start = None;
    let mut skipped_to = 0;
    for (at, c) in text.char_indices() {
        if at < skipped_to {
            continue;
        }
        if c.is_whitespace() {
            words.extend(start.take().map(|start| start..at));
            continue;
        }
        start.get_or_insert(at);
        if let Some(block) = blocks.at_or_after(at).filter(|block| block.start == at) {
            skipped_to = block.end;
        }
    }
    words.extend(start.map(|start| start..text.len()));
    words
        .into_iter()
        .flat_map(|word| split_unspaced(text, word))
        .collect()
}

/// Splits a word at the words of Unicode if its script has no spaces.
fn split_unspaced(text: &str, word: Range<usize>) -> Vec<Range<usize>> {
    let letters = &text[word.clone()];
    if letters.starts_with("[[") || !letters.contains(is_unspaced) {
        return vec![word];
    }
    let mut words: Vec<Range<usize>> = Vec::new();
    for (at, part) in letters.split_word_bound_indices() {
        let at = word.start + at;
        let end = at + part.len();
        let is_word = part.contains(char::is_alphanumeric);
        match words.last_mut() {
            // A mark belongs to the word before it, an opening one to that after it.
            Some(last) if !is_word || !text[last.clone()].contains(char::is_alphanumeric) => {
                last.end = end;
            }
            _ => words.push(at..end),
        }
    }
    words
}

/// Whether a letter is of a script that is written without spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(
        u32::from(c),
        0x0E00..=0x0EFF         // Thai, Lao
            | 0x1000..=0x109F   // Burmese
            | 0x1780..=0x17FF   // Khmer
            | 0x3040..=0x30FF   // Hiragana, Katakana
            | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF // Han
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Vec<&str> {
        words(text).into_iter().map(|word| &text[word]).collect()
    }

    #[test]
    fn words_stand_between_white_space() {
        let cases: [(&str, &[&str]); 7] = [
            ("", &[]),
            (" a  b,\n“c d” ", &["a", "b,", "“c", "d”"]),
            ("well - yes", &["well", "-", "yes"]),
            ("x[[a b]]y [[c  d]]", &["x[[a b]]y", "[[c  d]]"]),
            ("[[open a", &["[[open", "a"]),
            ("我喜欢书。「好」", &["我", "喜", "欢", "书。「", "好」"]),
            ("カタカナ test", &["カタカナ", "test"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn words_are_in_order_and_hold_all_but_white_space(text in "[a\\[\\]「我カ。 \n]{0,40}") {
            let found = words(&text);
            let mut end = 0;
            for word in &found {
                prop_assert!(word.start >= end && !word.is_empty());
                prop_assert!(text[end..word.start].trim().is_empty());
                end = word.end;
            }
            prop_assert!(text[end..].trim().is_empty());
        }
    }
}
