//! What a dash between two numbers or days means: `10–20`, `10 - 5`, `Mon–Fri`.

use super::claim::Claim;
use super::number::value;
use super::sentence::{self, Sentence};
use super::sign;
use super::token::Kind;
use crate::reading::rule::Rule;

/// Claims a dash that is read.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let sign = sentence.text(at);
    if !sentence::is_dash(sign) && sign != "−" {
        return None;
    }
    let (before, after) = (sentence.before(at), at + 1);
    match (sentence.kind(before), sentence.kind(after)) {
        (Kind::Space, Kind::Space) => spaced(sentence, at),
        (Kind::Space | Kind::Edge, Kind::Sign) => negative_amount(sentence, at),
        // Some of espeak-ng's languages lose the minus.
        (Kind::Space | Kind::Edge, Kind::Digits) => Claim::new(
            Rule::Mathematics,
            at + 1,
            sentence.say("negative", &[])? + " ",
        ),
        (Kind::Space | Kind::Edge, _) => None,
        _ => range(sentence, at),
    }
}

/// `10 - 5` is a difference, `10 – 20` a range.
fn spaced(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let (before, after) = (at.checked_sub(2)?, at + 2);
    let sign = sentence.text(at);
    let is_variable =
        |at| sentence.kind(at) == Kind::Word && sentence.text(at).chars().count() == 1;
    let numbers = match (sentence.kind(before), sentence.kind(after)) {
        (Kind::Digits, Kind::Digits) => {
            Some((value(sentence.text(before))?, value(sentence.text(after))?))
        }
        (Kind::Digits, Kind::Word) if is_variable(after) && is_formula(sentence, at) => None,
        (Kind::Word, Kind::Digits | Kind::Word)
            if is_variable(before) && is_formula(sentence, at) =>
        {
            None
        }
        _ => return None,
    };
    let rises = numbers.is_some_and(|(from, to)| from < to);
    match rises && sign != "−" && !is_formula(sentence, at) {
        true => Claim::new(Rule::Range, at + 1, sentence.say("to", &[])?),
        // espeak-ng reads the real minus in all languages.
        false => Claim::new(Rule::Mathematics, at + 1, "−").map(|claim| Claim {
            spoken: sentence.say("minus", &[]).unwrap_or(claim.spoken),
            ..claim
        }),
    }
}

/// Returns whether there are other signs of mathematics near `at`.
fn is_formula(sentence: &Sentence<'_>, at: usize) -> bool {
    let near = at.saturating_sub(6)..at + 7;
    near.into_iter()
        .any(|near| matches!(sentence.text(near), "=" | "+" | "×" | "÷" | "≤" | "≥"))
}

/// `-$5`.
fn negative_amount(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_currency = sentence.table()?.currencies.has(sentence.text(at + 1));
    if is_currency && sentence.kind(at + 2) == Kind::Digits {
        let minus = sentence.say("minus", &[])?;
        return Claim::new(Rule::Money, at + 1, minus + " ");
    }
    None
}

/// `10-20`, `9am–5pm`, `5%-10%`, `Mon–Fri`; `6-5/8` is six and five eighths.
fn range(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let (before, after) = (sentence.before(at), at + 1);
    let table = sentence.table()?;
    let is_day = |at| table.weekday(sentence.text(at)).is_some();
    let is_month = |at| table.month(sentence.text(at)).is_some();
    if is_day(before) && is_day(after) || is_month(before) && is_month(after) {
        return Claim::new(Rule::Range, after, sentence.say("to", &[])?);
    }
    // `1e-6`
    let is_exponent = matches!(sentence.text(before), "e" | "E")
        && sentence.kind(sentence.before(before)) == Kind::Digits
        && sentence.kind(after) == Kind::Digits;
    if is_exponent {
        return Claim::new(Rule::Mathematics, after, sentence.say("minus", &[])?);
    }
    let ends_number = match sentence.kind(before) {
        // `2^32-1`
        Kind::Digits if sentence.is(sentence.before(before), "^") => false,
        Kind::Digits => {
            sentence.kind(sentence.before(before)) != Kind::Word && !sentence.is_version(before)
        }
        // `9am`, `10km`
        Kind::Word => {
            let word = sentence.text(before);
            let is_unit = table.units.has(word) || table.half_days.has(word);
            sentence.kind(sentence.before(before)) == Kind::Digits && is_unit
                || ends_measure(sentence, before)
        }
        Kind::Sign => ends_measure(sentence, before),
        _ => false,
    };
    if ends_number && sentence.kind(after) == Kind::Digits && sign::is_sum(sentence, after) {
        return Claim::new(Rule::Mathematics, after, sentence.say("minus", &[])?);
    }
    // `1003.1-2001` is a standard of a year.
    let is_decimal = sentence.is(before.wrapping_sub(1), ".")
        && sentence.kind(before.wrapping_sub(2)) == Kind::Digits;
    if is_decimal && sentence.text(after).len() == 4 && !sentence.is(after + 1, ".") {
        return None;
    }
    // `1-2-3`, `ISO-8859-15`
    let is_chain = |dash: usize, other: usize| {
        sentence::is_dash(sentence.text(dash))
            && matches!(sentence.kind(other), Kind::Digits | Kind::Word)
    };
    if sentence.kind(after) != Kind::Digits
        || !ends_number
        || is_chain(before.wrapping_sub(1), before.wrapping_sub(2))
        || is_chain(after + 1, after + 2)
        || sentence.kind(after + 1) == Kind::Word && sentence.text(after + 1).len() > 3
    {
        return None;
    }
    if sentence.is(after + 1, "/") && sentence.kind(after + 2) == Kind::Digits {
        return Claim::new(Rule::Fraction, after, sentence.say("and", &[])?);
    }
    Claim::new(Rule::Range, after, sentence.say("to", &[])?)
}

/// Returns whether the sign or the word at `at` ends a measure that is not a number and
/// a word without a space: `5¢`, `20°C`, `5 kg`, `9 am`.
fn ends_measure(sentence: &Sentence<'_>, at: usize) -> bool {
    let Some(table) = sentence.table() else {
        return false;
    };
    let word = sentence.text(at);
    let follows_number = |at| sentence.kind(sentence.before_space(at)) == Kind::Digits;
    if sentence.kind(at) == Kind::Sign {
        let is_unit = table.currencies.has(word) || table.units.has(word);
        // Feet and inches are also quotes.
        let is_quote = matches!(word, "'" | "\"" | "′" | "″");
        return (is_unit && !is_quote || matches!(word, "%" | "‰")) && follows_number(at);
    }
    // `20°C`
    let sign = sentence.before(at);
    if sentence.kind(sign) == Kind::Sign {
        return table.units.has(sentence.slice(sign, at + 1)) && follows_number(sign);
    }
    let is_letter = word.chars().count() == 1;
    let is_unit = !is_letter && (table.units.has(word) || table.currencies.has(word))
        || table.units.has(&format!("_{word}"));
    let is_known =
        is_unit && !table.function_words.has(word) || !is_letter && table.half_days.has(word);
    is_known && follows_number(at)
}
