//! Powers: `x²`, `10⁻³`, `10^6`, and what else is raised: `²⁄₃`, the mark of a note.

use super::claim::Claim;
use super::fraction;
use super::number::value;
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// A number in small digits has fewer.
const MAX_SMALL: usize = 12;

/// Claims a power, or the mark of a note.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    superscript(sentence, at).or_else(|| power(sentence, at))
}

/// `x²`, and the mark of a footnote: `word²`.
fn superscript(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if let Some(claim) = small_fraction(sentence, at).or_else(|| long_power(sentence, at)) {
        return Some(claim);
    }
    let power = match sentence.text(at) {
        "²" => "squared",
        "³" => "cubed",
        "¹" | "⁴" | "⁵" | "⁶" | "⁷" | "⁸" | "⁹" => "",
        _ => return None,
    };
    let before = sentence.before(at);
    let is_long = sentence.kind(before) == Kind::Word
        && sentence.text(before).chars().count() > 2
        && !is_of_formula(sentence, at);
    match is_long || matches!(sentence.text(before), "." | "," | "”" | "\"") {
        true => Claim::new(Rule::Silent, at + 1, ""),
        false => Claim::new(Rule::Mathematics, at + 1, sentence.say(power, &[])?),
    }
}

/// Returns whether the power at `at` belongs to a formula: `sin² x`, `area² = 9`.
fn is_of_formula(sentence: &Sentence<'_>, at: usize) -> bool {
    let Some(table) = sentence.table() else {
        return false;
    };
    let next = sentence.after_space(at + 1);
    let word = sentence.text(next);
    let is_variable =
        sentence.is_lowercase(next) && word.chars().count() == 1 && !table.function_words.has(word);
    let is_attached =
        next == at + 1 && (sentence.kind(next) == Kind::Digits || sentence.is(next, "("));
    let is_operator = matches!(word, "=" | "+" | "−" | "·" | "×" | "÷");
    table.functions.has(sentence.text(sentence.before(at)))
        || is_variable
        || is_attached
        || is_operator
}

/// Returns the small digits from `at` on, and where they end: `⁻¹²`.
fn small_digits(sentence: &Sentence<'_>, at: usize, digits: &str) -> (String, usize) {
    let digit = |at: usize| {
        let sign = sentence.text(at).chars().next()?;
        let n = digits.chars().position(|small| small == sign)?;
        char::from_digit(u32::try_from(n).ok()?, 10)
    };
    let small: String = (at..at + MAX_SMALL).map_while(digit).collect();
    let end = at + small.len();
    (small, end)
}

const SUPERSCRIPTS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const SUBSCRIPTS: &str = "₀₁₂₃₄₅₆₇₈₉";

/// `²⁄₃`
fn small_fraction(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let (top, slash) = small_digits(sentence, at, SUPERSCRIPTS);
    let is_slash = matches!(sentence.text(slash), "⁄" | "/");
    let (bottom, end) = small_digits(sentence, slash + 1, SUBSCRIPTS);
    if top.is_empty() || bottom.is_empty() || !is_slash {
        return None;
    }
    let said = fraction::said(sentence, &top, &bottom)?;
    let said = match sentence.kind(sentence.before_space(at)) {
        Kind::Digits => format!("{} {said}", sentence.say("and", &[])?),
        _ => said,
    };
    Claim::new(Rule::Fraction, end, said)
}

/// `10⁻³`, `10¹²`
fn long_power(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_negative = sentence.is(at, "⁻");
    let (digits, end) = small_digits(sentence, at + usize::from(is_negative), SUPERSCRIPTS);
    let has_base = matches!(sentence.kind(sentence.before(at)), Kind::Digits)
        || sentence.text(sentence.before(at)).chars().count() == 1;
    let is_long = is_negative && !digits.is_empty() || digits.len() > 1;
    if !has_base || !is_long {
        return None;
    }
    let said = match is_negative {
        true => sentence.say("power minus", &[("n", &digits)])?,
        false => {
            let ordinal = sentence.table()?.ordinal(value(&digits)?)?;
            sentence.say("power", &[("n", &digits), ("ordinal", &ordinal)])?
        }
    };
    Claim::new(Rule::Mathematics, end, said)
}

/// `10^6`
fn power(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let base = sentence.before(at);
    let has_base =
        matches!(sentence.kind(base), Kind::Word | Kind::Digits) || sentence.is(base, ")");
    if !sentence.is(at, "^") || !has_base {
        return None;
    }
    let exponent = sentence.text(at + 1);
    let is_term =
        |at: usize| sentence.kind(at) == Kind::Digits || sentence.text(at).chars().count() == 1;
    // `e^x`
    let is_variable = sentence.kind(at + 1) == Kind::Word && is_term(at + 1) && is_term(base);
    if is_variable && !matches!(sentence.kind(at + 2), Kind::Digits | Kind::Word) {
        let said = sentence.say("power of variable", &[("n", exponent)])?;
        return Claim::new(Rule::Mathematics, at + 2, said);
    }
    // `10^-3`
    let is_negative = matches!(exponent, "-" | "−") && sentence.kind(at + 2) == Kind::Digits;
    if is_negative {
        let said = sentence.say("power minus", &[("n", sentence.text(at + 2))])?;
        return Claim::new(Rule::Mathematics, at + 3, said);
    }
    if sentence.kind(at + 1) != Kind::Digits {
        return None;
    }
    let said = match sentence.text(at + 1) {
        "2" => sentence.say("squared", &[])?,
        "3" => sentence.say("cubed", &[])?,
        digits => {
            let ordinal = sentence.table()?.ordinal(value(digits)?)?;
            sentence.say("power", &[("n", digits), ("ordinal", &ordinal)])?
        }
    };
    Claim::new(Rule::Mathematics, at + 2, said)
}
