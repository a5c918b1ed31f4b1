//! Signs of mathematics, and signs that are not read: `x < 5`, `10^6`, `text.[1]`.

use super::claim::Claim;
use super::counting;
use super::fraction;
use super::number::is_fraction_sign;
use super::power;
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// A text in angle brackets has fewer tokens.
const MAX_BRACKETED: usize = 24;
/// The left side of an equation has fewer tokens.
const MAX_SUM: usize = 10;

/// Claims a sign that espeak-ng loses or misreads.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    stop(sentence, at)
        .or_else(|| decimal(sentence, at))
        .or_else(|| citation(sentence, at))
        .or_else(|| power::claim(sentence, at))
        .or_else(|| mixed(sentence, at))
        .or_else(|| comparison(sentence, at))
        .or_else(|| named(sentence, at))
}

/// Claims the `x` of a product, or of a size, if the language has another word for it:
/// `3 x 4 = 12`, `5 x 7`, `1920x1080`.
pub(super) fn claim_times(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_number = |at| sentence.kind(at) == Kind::Digits;
    let is_between =
        is_number(sentence.before_space(at)) && is_number(sentence.after_space(at + 1));
    // `0x41` is a number.
    let is_hexadecimal = sentence.is(sentence.before(at), "0");
    if !matches!(sentence.text(at), "x" | "X") || !is_between || is_hexadecimal {
        return None;
    }
    let (times, by) = (sentence.say("times", &[]), sentence.say("by", &[]));
    let said = match is_sum(sentence, at + 1) {
        true => times.or(by),
        false => by.or(times),
    };
    Claim::new(Rule::Mathematics, at + 1, said?)
}

/// Returns whether only numbers and signs are between `at` and an equals sign:
/// `3-2=1`.
pub(super) fn is_sum(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_part = |at: &usize| match sentence.kind(*at) {
        Kind::Digits | Kind::Space => true,
        _ => matches!(
            sentence.text(*at),
            "-" | "+" | "*" | "/" | "." | "×" | "÷" | "x" | "X"
        ),
    };
    let end = (at..at + MAX_SUM).find(|at| !is_part(at));
    end.is_some_and(|at| sentence.is(at, "="))
}

/// `text.[1]`
fn citation(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_mark =
        sentence.is(at, "[") && sentence.kind(at + 1) == Kind::Digits && sentence.is(at + 2, "]");
    let before = sentence.before(at);
    let is_attached = match sentence.kind(before) {
        Kind::Word => sentence.text(before).chars().count() > 1,
        Kind::Sign => {
            let is_mark = matches!(
                sentence.text(before),
                "." | "," | "\"" | "”" | ")" | "]" | ";" | "!" | "?"
            );
            is_mark && sentence.kind(sentence.before(before)) != Kind::Digits
        }
        _ => false,
    };
    // `argv[0];`, `array[1]`, `total[1] = 5`
    let after = sentence.text(sentence.after_space(at + 3));
    let is_code = sentence.is(at + 1, "0")
        || matches!(sentence.text(at + 3), ";" | ":")
        || matches!(after, "=" | "+" | "*" | "<" | ">")
        || sentence.table()?.indexed.has(sentence.text(before));
    (is_mark && is_attached && sentence.ends_before(at + 3) && !is_code)
        .then(|| Claim::new(Rule::Silent, at + 3, ""))?
}

/// `12 oz., 5 mph`: the full stop of an abbreviation before another mark.
fn stop(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_stop = sentence.is(at, ".") && matches!(sentence.text(at + 1), "," | ";");
    (is_stop && sentence.kind(sentence.before(at)) == Kind::Word)
        .then(|| Claim::new(Rule::Silent, at + 1, ""))?
}

/// `.5`
fn decimal(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let before = sentence.before(at);
    let begins = matches!(sentence.kind(before), Kind::Space | Kind::Edge)
        || matches!(sentence.text(before), "(" | "\"" | "“");
    let digits = sentence.text(at + 1);
    let is_number = sentence.is(at, ".")
        && begins
        && sentence.kind(at + 1) == Kind::Digits
        && (sentence.ends_before(at + 2) || sentence.is(at + 2, "%"))
        && !sentence.is(at + 2, ".") | sentence.ends_before(at + 3);
    is_number.then_some(())?;
    let digits: Vec<_> = digits.chars().map(String::from).collect();
    let said = sentence.say("decimal point", &[("digits", &digits.join(" "))])?;
    Claim::new(Rule::Mathematics, at + 2, said)
}

/// Claims the slash of a rate and what is behind it: `5/day`, `60 miles/hour`.
pub(super) fn claim_per(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if !sentence.is(at, "/") {
        return None;
    }
    let table = sentence.table()?;
    let name = table.per.get(sentence.text(at + 1))?;
    let before = sentence.before(at);
    let is_amount = match sentence.kind(before) {
        Kind::Digits => sentence.kind(sentence.before(before)) != Kind::Word,
        Kind::Word => {
            let number = sentence.before_space(before);
            sentence.kind(number) == Kind::Digits || table.magnitudes.has(sentence.text(number))
        }
        _ => matches!(sentence.text(before), "€" | "£" | "¢" | "%" | "$"),
    };
    let said = || sentence.say("per", &[("unit", name)]);
    (is_amount && sentence.ends_before(at + 2))
        .then(|| Claim::new(Rule::Unit, at + 2, format!(" {}", said()?)))?
}

/// `1½`: espeak-ng reads the fraction itself.
fn mixed(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let sign = sentence.text(at);
    if !is_fraction_sign(sign) {
        return None;
    }
    let is_mixed = sentence.kind(sentence.before_space(at)) == Kind::Digits;
    let name = sentence.table()?.sign_names.form(sign, 0);
    // Alone, it agrees with what follows.
    if !is_mixed && name.is_some() {
        return None;
    }
    let name = name.map(String::from).or_else(|| {
        let (_, top, bottom) = LOST_FRACTIONS.iter().find(|(lost, ..)| *lost == sign)?;
        fraction::said(sentence, top, bottom)
    });
    let said = match is_mixed {
        true => {
            let name = name.as_deref().unwrap_or(sign);
            format!("{} {name}", sentence.say("and", &[])?)
        }
        false => name?,
    };
    Claim::new(Rule::Fraction, at + 1, said)
}

/// The fractions that espeak-ng loses.
const LOST_FRACTIONS: [(&str, &str, &str); 8] = [
    ("⅐", "1", "7"),
    ("⅑", "1", "9"),
    ("⅒", "1", "10"),
    ("⅖", "2", "5"),
    ("⅗", "3", "5"),
    ("⅘", "4", "5"),
    ("⅙", "1", "6"),
    ("⅚", "5", "6"),
];

/// A sign that espeak-ng does not read, or reads in English.
fn named(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let (names, sign) = (&table.sign_names, sentence.text(at));
    if !names.has(sign) {
        return None;
    }
    let form = counting::gender(table, counting::noun(sentence, at + 1));
    let said = names.form(sign, form).or_else(|| names.form(sign, 0))?;
    Claim::new(Rule::Mathematics, at + 1, said)
}

/// `x >= 4`, `<5`, `~5`: a sign, or two, before a number or between operands.
fn comparison(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let signs = &sentence.table()?.signs;
    [at + 2, at + 1].into_iter().find_map(|end| {
        let key = sentence.slice(at, end);
        let said = signs.form(key, 0)?;
        let after = sentence.after_space(end);
        let before = sentence.before_space(at);
        let is_operand = |kind| matches!(kind, Kind::Word | Kind::Digits | Kind::Opaque);
        let is_spaced = sentence.kind(end) == Kind::Space;
        let terms = [before, after].map(|at| is_term(sentence, at));
        // `>` also cites, `<` redirects, and `*` decorates.
        let has_terms = match key {
            "<" | ">" => terms != [false; 2],
            "*" => terms == [true; 2],
            "~" => false,
            _ => true,
        };
        let is_between = is_operand(sentence.kind(before))
            && is_operand(sentence.kind(after))
            && is_spaced == (sentence.kind(sentence.before(at)) == Kind::Space)
            && has_terms;
        let is_prefix = !is_spaced
            && sentence.kind(after) == Kind::Digits
            && sentence.begins_run(at)
            && key != "*";
        let is_bracket = match sentence.text(at) {
            "<" => closes(sentence, at),
            ">" => (at.saturating_sub(MAX_BRACKETED)..at)
                .rev()
                .find(|from| sentence.is(*from, "<"))
                .is_some_and(|from| closes(sentence, from)),
            _ => false,
        };
        if is_bracket {
            return None;
        }
        // `x is < 5` has its verb.
        let verb = sentence.text(before);
        let said = match said.split_once(' ') {
            Some((first, rest)) if first == verb => rest,
            _ => said,
        };
        let said = match is_between {
            true => said,
            false => signs.form(key, 1).unwrap_or(said),
        };
        (is_between || is_prefix).then(|| Claim::new(Rule::Mathematics, end, said))?
    })
}

/// Returns whether the `<` at `from` opens a bracket: `<me@example.org>`, `<a href>`.
fn closes(sentence: &Sentence<'_>, from: usize) -> bool {
    let is_tag = sentence.kind(from + 1) == Kind::Word || sentence.is(from + 1, "/");
    let ends = |at: &usize| sentence.is(*at, ">") || !is_tag && sentence.kind(*at) == Kind::Space;
    let end = (from + 1..from + MAX_BRACKETED).find(ends);
    end.is_some_and(|at| sentence.is(at, ">"))
}

/// Returns whether a number or a variable is at `at`; menus are `File > Save`.
fn is_term(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_number =
        sentence.kind(at) == Kind::Digits && sentence.kind(sentence.before(at)) != Kind::Word;
    is_number || sentence.is_lowercase(at) && sentence.text(at).chars().count() == 1
}
