//! Which word each symbol of a sentence belongs to.
//!
//! A phonemizer joins words (`for a` becomes `fɚɹə`), splits them and reduces their
//! vowels, so groups of phonemes are not words. Here the symbols of the sentence are
//! aligned with those of its words, spoken one by one: the cheapest way to turn the one
//! into the other, by dynamic programming.

use std::sync::Arc;

/// More pairs of symbols than this are not compared: 4 MB, and some milliseconds.
const MAX_PAIRS: usize = 4 << 20;

/// Marks: a speaker pauses there.
const MARKS: &str = ".,;:!?…—–-\"'()[]«»“”¿¡。，、；：？！";
/// They belong to the sound after them.
const STRESS: &str = "ˈˌ";
const VOWELS: &str = "aeiouyæøœɐɑɒɔɘəɚɛɜɝɞɤɨɪɯɵʉʊʌʏᵻᵊAEIOUY";

const VOWEL_COST: u32 = 2;
const CONSONANT_COST: u32 = 3;
/// A vowel and a consonant are not the same sound.
const UNLIKE_COST: u32 = 6;
const BOUNDARY_COST: u32 = 1;
const NEVER: u32 = 1 << 20;

/// Returns whether a symbol is a pause: white space or a mark.
fn is_pause(symbol: char) -> bool {
    symbol.is_whitespace() || MARKS.contains(symbol)
}

/// Returns for each symbol of a sentence the number of its word; `None` for pauses.
/// `words` has the symbols of each word alone. The numbers never decrease.
pub(crate) fn align(sentence: &[char], words: &[Arc<[char]>]) -> Vec<Option<usize>> {
    let mut aligned = vec![None; sentence.len()];
    let (heard, expected) = (items(sentence), expected(words));
    if expected.is_empty() {
        return aligned;
    }
    let pairs = (heard.len() + 1) * (expected.len() + 1);
    let found = match pairs <= MAX_PAIRS {
        true => cheapest(&heard, &expected),
        false => in_proportion(&heard, words.len()),
    };
    for (item, word) in heard.iter().zip(found) {
        if let Item::Sound { symbols, .. } = item {
            aligned[symbols.clone()].fill(word);
        }
    }
    aligned
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
enum Item {
    /// One or more pauses.
    Boundary,
    Sound {
        base: char,
        /// The number of its symbols: stress, the sound, its modifiers.
        symbols: std::ops::Range<usize>,
    },
}

/// An item of the words alone, with the number of its word.
struct Expected {
    item: Item,
    word: usize,
}

/// Groups symbols: modifiers belong to the sound before them, stress to the one after.
fn items(symbols: &[char]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut start = None;
    for (at, &symbol) in symbols.iter().enumerate() {
        if is_pause(symbol) {
            start = None;
            if items.last() != Some(&Item::Boundary) {
                items.push(Item::Boundary);
            }
        } else if STRESS.contains(symbol) {
            start.get_or_insert(at);
        } else if let (true, Some(Item::Sound { symbols, .. })) =
            (is_modifier(symbol), items.last_mut())
        {
            symbols.end = at + 1;
        } else {
            items.push(Item::Sound {
                base: symbol,
                symbols: start.take().unwrap_or(at)..at + 1,
            });
        }
    }
    items
}

/// Length, aspiration, ties, diacritics.
fn is_modifier(symbol: char) -> bool {
    matches!(u32::from(symbol), 0x02B0..=0x02FF | 0x0300..=0x036F | 0x207F)
}

/// Returns the items of all words, with a boundary between two words.
fn expected(words: &[Arc<[char]>]) -> Vec<Expected> {
    let mut expected: Vec<Expected> = Vec::new();
    for (word, symbols) in words.iter().enumerate() {
        let mut own = items(symbols);
        // A word alone is a sentence with an end of its own.
        while own.last() == Some(&Item::Boundary) {
            own.pop();
        }
        if own.first() == Some(&Item::Boundary) {
            own.remove(0);
        }
        if !own.is_empty() && !expected.is_empty() {
            own.insert(0, Item::Boundary);
        }
        expected.extend(own.into_iter().map(|item| Expected { item, word }));
    }
    expected
}

fn cost_alone(item: &Item) -> u32 {
    match item {
        Item::Boundary => BOUNDARY_COST,
        Item::Sound { base, .. } if VOWELS.contains(*base) => VOWEL_COST,
        Item::Sound { .. } => CONSONANT_COST,
    }
}

fn cost_of_pair(a: &Item, b: &Item) -> u32 {
    match (a, b) {
        (Item::Boundary, Item::Boundary) => 0,
        (Item::Sound { base: a, .. }, Item::Sound { base: b, .. }) => {
            match (VOWELS.contains(*a), VOWELS.contains(*b)) {
                _ if a == b => 0,
                (true, true) => VOWEL_COST,
                (false, false) => CONSONANT_COST,
                _ => UNLIKE_COST,
            }
        }
        _ => NEVER,
    }
}

/// What the last step of an alignment does.
#[derive(Clone, Copy)]
enum Step {
    Pair,
    /// An item is heard that was not expected.
    Added,
    /// An expected item is not heard.
    Missing,
}

/// Returns the word of each item heard.
fn cheapest(heard: &[Item], expected: &[Expected]) -> Vec<Option<usize>> {
    let width = expected.len() + 1;
    let mut steps = vec![Step::Pair; (heard.len() + 1) * width];
    let mut costs: Vec<u32> = Vec::with_capacity(width);
    costs.push(0);
    for (n, own) in expected.iter().enumerate() {
        steps[n + 1] = Step::Missing;
        costs.push(costs[n] + cost_alone(&own.item));
    }
    for (row, item) in heard.iter().enumerate() {
        let added = cost_alone(item);
        let steps = &mut steps[(row + 1) * width..(row + 2) * width];
        let mut diagonal = costs[0];
        costs[0] += added;
        steps[0] = Step::Added;
        for (n, own) in expected.iter().enumerate() {
            let choices = [
                (diagonal + cost_of_pair(item, &own.item), Step::Pair),
                (costs[n + 1] + added, Step::Added),
                (costs[n] + cost_alone(&own.item), Step::Missing),
            ];
            diagonal = costs[n + 1];
            let best = choices.into_iter().min_by_key(|(cost, _)| *cost);
            (costs[n + 1], steps[n + 1]) = best.unwrap_or(choices[0]);
        }
    }
    let mut words = vec![None; heard.len()];
    let (mut row, mut column) = (heard.len(), expected.len());
    // How far into the words each item came, for those that none expects.
    let mut next = vec![0; heard.len()];
    while row > 0 || column > 0 {
        match steps[row * width + column] {
            Step::Pair => {
                (row, column) = (row - 1, column - 1);
                words[row] = Some(expected[column].word);
            }
            Step::Added => {
                row -= 1;
                next[row] = column;
            }
            Step::Missing => column -= 1,
        }
    }
    fill(heard, &mut words, |row| {
        let column = next[row].min(expected.len() - 1);
        expected[column].word
    });
    words
}

/// Gives sounds that no word expects to a neighbour between the same pauses; if there
/// is none, to the word that `otherwise` names.
fn fill(heard: &[Item], words: &mut [Option<usize>], otherwise: impl Fn(usize) -> usize) {
    let mut start = 0;
    for group in heard.split_inclusive(|item| *item == Item::Boundary) {
        let end = start + group.len() - usize::from(group.last() == Some(&Item::Boundary));
        let own = &mut words[start..end];
        let first = own.iter().find_map(|word| *word);
        let mut last = first.unwrap_or_else(|| otherwise(start));
        for word in own {
            last = *word.get_or_insert(last);
        }
        start += group.len();
    }
}

/// Deals the groups between pauses out to the words.
fn in_proportion(heard: &[Item], n_words: usize) -> Vec<Option<usize>> {
    let is_boundary = |item: &Item| *item == Item::Boundary;
    let ends_open = usize::from(!heard.last().is_some_and(is_boundary));
    let n_groups = (heard.iter().filter(|item| is_boundary(item)).count() + ends_open).max(1);
    let mut group = 0;
    let words = heard.iter().map(|item| {
        group += usize::from(is_boundary(item));
        Some(group.min(n_groups - 1) * n_words / n_groups)
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The sentence with the number of its word after each run of symbols.
    fn aligned(sentence: &str, words: &[&str]) -> String {
        let symbols: Vec<char> = sentence.chars().collect();
        let words: Vec<Arc<[char]>> = words.iter().map(|word| word.chars().collect()).collect();
        let mut text = String::new();
        let mut last: Option<usize> = None;
        for (symbol, word) in symbols.iter().zip(align(&symbols, &words)) {
            if word != last {
                text.extend(last.map(|word| word.to_string()));
            }
            text.push(*symbol);
            last = word;
        }
        text.extend(last.map(|word| word.to_string()));
        text
    }

    #[test]
    fn joined_split_and_reduced_words_are_told_apart() {
        let cases: [(&str, &[&str], &str); 9] = [
            ("", &["a."], ""),
            (
                "həlˈoʊ wˈɜːld.",
                &["həlˈoʊ.", "wˈɜːld."],
                "həlˈoʊ0 wˈɜːld1.",
            ),
            // for a while
            (
                "fɚɹə wˈaɪl.",
                &["fˈɔːɹ.", "ˈeɪ.", "wˈaɪl."],
                "fɚɹ0ə1 wˈaɪl2.",
            ),
            // at once
            ("ɐtwˈʌns.", &["ˈæt.", "wˈʌns."], "ɐt0wˈʌns1."),
            // of the end
            ("ʌvðɪ ˈɛnd.", &["ˈʌv.", "ðə.", "ˈɛnd."], "ʌv0ðɪ1 ˈɛnd2."),
            // A word that is not heard, at each place.
            ("ˈɛnd.", &["", "ˈɛnd.", ""], "ˈɛnd1."),
            ("a. b!", &["a.", "", "b."], "a0. b2!"),
            // twenty-one days
            (
                "twˈɛnti wˈʌn dˈeɪz",
                &["twˈɛnti wˈʌn.", "dˈeɪz."],
                "twˈɛnti0 wˈʌn0 dˈeɪz1",
            ),
            ("x", &["", "..."], "x"),
        ];
        for (sentence, words, expected) in cases {
            assert_eq!(aligned(sentence, words), expected, "{sentence}");
        }
    }

    #[test]
    fn a_sentence_that_is_too_long_is_dealt_out() {
        let sentence: Vec<char> = "ab ".repeat(3000).chars().collect();
        let words: Vec<Arc<[char]>> = vec![Arc::from(['a', 'b']); 1500];
        let found = align(&sentence, &words);
        assert_eq!((found[0], found[3], found[2]), (Some(0), Some(0), None));
        assert_eq!(found[8997], Some(1499));
    }

    proptest! {
        #[test]
        fn every_sound_has_a_word_and_words_do_not_go_back(
            sentence in "[abəˈː̃ ,.]{0,40}",
            words in proptest::collection::vec("[abəˈː̃ .]{0,6}", 0..9),
        ) {
            let symbols: Vec<char> = sentence.chars().collect();
            let words: Vec<Arc<[char]>> = words.iter().map(|word| word.chars().collect()).collect();
            let found = align(&symbols, &words);
            let mut last = 0;
            for word in found.iter().flatten() {
                prop_assert!(*word >= last && *word < words.len());
                last = *word;
            }
            let has_words = words.iter().any(|word| !items(word).iter().all(|i| *i == Item::Boundary));
            if has_words {
                for item in items(&symbols) {
                    if let Item::Sound { symbols, .. } = item {
                        prop_assert!(found[symbols].iter().all(Option::is_some));
                    }
                }
            }
        }
    }
}
