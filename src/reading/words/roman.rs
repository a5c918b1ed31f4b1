//! Roman numerals: `Henry VIII` → `Henry the 8th`, `Part III` → `Part 3`.

use std::borrow::Cow;

use super::claim::Claim;
use super::ruler;
use super::sentence::{Sentence, is_dash};
use super::token::Kind;
use crate::reading::rule::Rule;

/// The longest numeral read here is LXXXVIII.
const MAX_LETTERS: usize = 8;
/// The items of a list have fewer tokens.
const MAX_ITEM: usize = 48;

/// Claims a numeral that counts the word before it.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let written = sentence.text(at);
    let is_small_letters = sentence.is_lowercase(at);
    if is_small_letters && !is_small(written) || written.len() > MAX_LETTERS {
        return None;
    }
    let numeral = &*match is_small_letters {
        true => Cow::Owned(written.to_ascii_uppercase()),
        false => Cow::Borrowed(written),
    };
    let number = value(numeral)?;
    let table = sentence.table()?;
    if is_small_letters && table.spelled_numerals.is_empty() {
        return None;
    }
    if let Some(claim) = in_list(sentence, at, numeral, number) {
        return Some(claim);
    }
    let before = match sentence.kind(sentence.before(at)) {
        Kind::Space => sentence.before_space(at),
        _ => return spelled(sentence, at, numeral),
    };
    // `Henry VIII's`
    if !sentence.ends_before(at + 1) && !sentence.is_possessive(at) {
        return None;
    }
    let word = sentence.text(before);
    let end = at + 1;
    if let Some(last) = value(sentence.text(at + 2))
        && is_dash(sentence.text(at + 1))
        && table.numbered.has(word)
        && sentence.ends_before(at + 3)
    {
        let parts = [("a", &*number.to_string()), ("b", &*last.to_string())];
        return Claim::new(Rule::Roman, at + 3, sentence.say("range", &parts)?);
    }
    if table.numbered.has(word) || is_small_letters && table.numbered.has(&capitalised(word)) {
        let is_short =
            numeral.len() == 1 && (is_small_letters || !matches!(numeral, "I" | "V" | "X"));
        return (!is_short).then(|| Claim::new(Rule::Roman, end, number.to_string()))?;
    }
    if let Some(claim) = ruler::claim(sentence, at, before, number) {
        return Some(claim);
    }
    if numeral.len() < 2 || !is_small(numeral) {
        return None;
    }
    // `XXX` is a placeholder.
    if numeral == "XXX" {
        return None;
    }
    let after = sentence.text(sentence.after_space(end));
    let is_ordinal = table.ordinal_nouns.has(after);
    let is_article = table.before_adjectives.has(&word.to_lowercase());
    // `an IV drip`: the letters begin with a vowel, the numbers do not.
    let is_spelled = table.spelling_articles.has(word)
        || is_small_letters
        || table.spelling_nouns.has(after)
        || table.spelled_numerals.has(numeral)
            && (is_article || sentence.is_lowercase(before) && !table.joiners.has(word));
    if is_spelled && !is_ordinal {
        return spelled(sentence, at, numeral);
    }
    let is_alone = !table.ordinal_nouns.is_empty() && !is_ordinal;
    if !is_article || is_alone {
        return Claim::new(Rule::Roman, end, number.to_string());
    }
    let (n, ordinal) = (number.to_string(), table.ordinal(number)?);
    let said = sentence.say("roman", &[("n", &n), ("ordinal", &ordinal)])?;
    Claim::new(Rule::Roman, end, said)
}

/// Claims a numeral as its letters. espeak-ng would say `roman four`.
fn spelled(sentence: &Sentence<'_>, at: usize, numeral: &str) -> Option<Claim> {
    if sentence.table()?.spelled_numerals.is_empty() {
        return None;
    }
    let is_whole = sentence.begins_run(at) && sentence.ends_before(at + 1);
    let is_numeral = numeral.len() > 1 && is_small(numeral) && numeral != "XXX";
    let letters: Vec<_> = numeral.chars().map(String::from).collect();
    (is_whole && is_numeral).then(|| Claim::new(Rule::Capitals, at + 1, letters.join(" ")))?
}

/// Claims a number of a list: `(ii) the second`, `I, II and III`.
fn in_list(sentence: &Sentence<'_>, at: usize, numeral: &str, number: u64) -> Option<Claim> {
    let table = sentence.table()?;
    if table.spelled_numerals.is_empty() {
        return None;
    }
    let is_bracketed = |at: usize| sentence.is(at.wrapping_sub(1), "(") && sentence.is(at + 1, ")");
    let is_one = numeral == "I";
    // `(i)` is a number if `(ii)` follows.
    let is_item = || match is_one {
        true => (at + 2..at + MAX_ITEM).any(|at| sentence.is(at, "ii") && is_bracketed(at)),
        false => numeral.len() > 1,
    };
    // `ii. The second`
    let is_label = !is_one
        && numeral.len() > 1
        && sentence.kind(sentence.before_space(at)) == Kind::Edge
        && matches!(sentence.text(at + 1), "." | ")");
    if sentence.is_lowercase(at) && (is_label || is_bracketed(at) && is_item()) {
        return Claim::new(Rule::Roman, at + 1, number.to_string());
    }
    if let Some(claim) = range(sentence, at, numeral, number) {
        return Some(claim);
    }
    // `I, II`, `I and II`
    let comma = at + 1 + usize::from(sentence.is(at + 1, ","));
    let word = sentence.after_space(comma);
    let next = match table.joiners.has(sentence.text(word)) {
        true => sentence.after_space(word + 1),
        false if comma > at + 1 || is_dash(sentence.text(word)) => {
            word + usize::from(comma == at + 1)
        }
        false => return None,
    };
    (is_one && sentence.is(at, "I") && sentence.is(next, "II") && sentence.begins_run(at))
        .then(|| Claim::new(Rule::Roman, at + 1, "1"))?
}

/// Claims a range: `parts I-III`. `I-V` are the letters of a current and a voltage.
fn range(sentence: &Sentence<'_>, at: usize, numeral: &str, number: u64) -> Option<Claim> {
    let to = sentence.text(at + 2);
    let dash = sentence.text(at + 1);
    let is_certain = numeral.len() > 1 || to.len() > 1 || dash == "–";
    let is_range = is_dash(dash)
        && sentence.begins_run(at)
        && sentence.ends_before(at + 3)
        && is_certain
        && is_small(numeral)
        && is_small(to)
        && sentence.is(at, numeral);
    let to = value(to).filter(|to| is_range && number < *to)?;
    let parts = [("a", &*number.to_string()), ("b", &*to.to_string())];
    Claim::new(Rule::Roman, at + 3, sentence.say("range", &parts)?)
}

/// Returns whether all letters are those of small numbers.
fn is_small(numeral: &str) -> bool {
    let mut bytes = numeral.bytes();
    bytes.all(|byte| matches!(byte.to_ascii_uppercase(), b'I' | b'V' | b'X'))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().into_iter().flat_map(char::to_uppercase);
    first.chain(chars).collect()
}

/// What numerals are made of, the largest first.
const DIGITS: [(&str, u64); 13] = [
    ("M", 1000),
    ("CM", 900),
    ("D", 500),
    ("CD", 400),
    ("C", 100),
    ("XC", 90),
    ("L", 50),
    ("XL", 40),
    ("X", 10),
    ("IX", 9),
    ("V", 5),
    ("IV", 4),
    ("I", 1),
];

/// Returns the value of a numeral in its usual form: not `IIII`, `VX`.
pub(super) fn value(numeral: &str) -> Option<u64> {
    if !(1..=MAX_LETTERS).contains(&numeral.len()) {
        return None;
    }
    let (mut rest, mut number) = (numeral, 0);
    for (digit, worth) in DIGITS {
        let most = if matches!(digit, "M" | "C" | "X" | "I") {
            3
        } else {
            1
        };
        for _ in 0..most {
            if let Some(after) = rest.strip_prefix(digit) {
                (rest, number) = (after, number + worth);
            }
        }
    }
    // `XLX` would be 50: no larger digit follows a smaller one.
    (rest.is_empty() && written(number) == numeral).then_some(number)
}

fn written(mut number: u64) -> String {
    let mut numeral = String::new();
    for (digit, worth) in DIGITS {
        while number >= worth {
            numeral.push_str(digit);
            number -= worth;
        }
    }
    numeral
}
