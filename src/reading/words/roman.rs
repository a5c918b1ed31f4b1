//! Roman numerals: `Henry VIII` → `Henry the 8th`, `Part III` → `Part 3`.

use super::claim::Claim;
use super::ruler;
use super::sentence::{Sentence, is_dash};
use super::token::Kind;
use crate::reading::rule::Rule;

/// The longest numeral read here is LXXXVIII.
const MAX_LETTERS: usize = 8;

/// Claims a numeral that counts the word before it.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let numeral = sentence.text(at);
    let number = value(numeral)?;
    let table = sentence.table()?;
    let before = match sentence.kind(sentence.before(at)) {
        Kind::Space => sentence.before_space(at),
        _ => return None,
    };
    // `Henry VIII's`
    let is_possessive = matches!(sentence.text(at + 1), "'" | "’") && sentence.is(at + 2, "s");
    if !sentence.ends_before(at + 1) && !is_possessive {
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
    if table.numbered.has(word) {
        let is_short = numeral.len() == 1 && !matches!(numeral, "I" | "V" | "X");
        return (!is_short).then(|| Claim::new(Rule::Roman, end, number.to_string()))?;
    }
    if let Some(claim) = ruler::claim(sentence, at, before, number) {
        return Some(claim);
    }
    let is_small = numeral
        .bytes()
        .all(|byte| matches!(byte, b'I' | b'V' | b'X'));
    if numeral.len() < 2 || !is_small {
        return None;
    }
    if table.spelling_articles.has(word) {
        // `an IV drip`: the letters begin with a vowel, the numbers do not.
        let letters: Vec<_> = numeral.chars().map(String::from).collect();
        return Claim::new(Rule::Capitals, end, letters.join(" "));
    }
    // `XXX` is a placeholder.
    if numeral == "XXX" {
        return None;
    }
    let is_article = table.before_adjectives.has(&word.to_lowercase());
    if !is_article {
        return Claim::new(Rule::Roman, end, number.to_string());
    }
    let (n, ordinal) = (number.to_string(), table.ordinal(number)?);
    let said = sentence.say("roman", &[("n", &n), ("ordinal", &ordinal)])?;
    Claim::new(Rule::Roman, end, said)
}

/// Returns the value of a numeral in its usual form: not `IIII`, `VX`.
pub(super) fn value(numeral: &str) -> Option<u64> {
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
    let mut numeral = String::new();
    for (digit, worth) in DIGITS {
        while number >= worth {
            numeral.push_str(digit);
            number -= worth;
        }
    }
    numeral
}
