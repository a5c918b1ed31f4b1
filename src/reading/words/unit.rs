//! Units behind a number: `5km`, `120 km/h`, `45°`, `12 in.`, `5'10"`.

use super::claim::Claim;
use super::number::is_fraction_sign;
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// The longest unit has fewer tokens: `hab./km²`.
const MAX_TOKENS: usize = 6;

/// Claims a unit. The number before it is read by itself.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let before = sentence.before(at);
    let is_hyphen = sentence.is(before, "-");
    let number = match sentence.kind(before) {
        Kind::Space => sentence.before(before),
        Kind::Sign if is_hyphen => sentence.before(before),
        _ => before,
    };
    let is_number =
        sentence.kind(number) == Kind::Digits || is_fraction_sign(sentence.text(number));
    // `avx2"`, `v3'`
    let letters = sentence.before(number);
    let is_word = sentence.kind(letters) == Kind::Word && !is_glued_unit(sentence, letters);
    if !is_number || is_word || sentence.is_version(number) {
        return None;
    }
    let by = by_feet(sentence, at, number);
    by.or_else(|| feet(sentence, at, number)).or_else(|| {
        let is_attached = number == before;
        (at + 1..=at + MAX_TOKENS).rev().find_map(|end| {
            let end = end_of(sentence, at, end, is_attached)?;
            let is_one = is_hyphen
                || is_one(sentence, number)
                || sentence.is_adjective(start_of(sentence, number), end.claim);
            let units = &sentence.table()?.units;
            let key = sentence.slice(at, end.key);
            let pair = pair(sentence, at, end.claim, number);
            let key = pair.as_deref().unwrap_or(key);
            let one = units.form(key, 0)?;
            let said = if is_one {
                one
            } else {
                units.form(key, 1).unwrap_or(one)
            };
            Claim::new(Rule::Unit, end.claim, said)
        })
    })
}

/// Returns the key of a unit that its neighbour decides: `1h 30m`, `5m 30s`.
fn pair(sentence: &Sentence<'_>, at: usize, end: usize, number: usize) -> Option<String> {
    let units = &sentence.table()?.units;
    let key = sentence.text(at);
    let mut before = sentence.before_space(number);
    if sentence.is(before, ".") {
        before = sentence.before(before);
    }
    let behind = || {
        let is_unit = sentence.kind(before) == Kind::Word
            && sentence.kind(sentence.before_space(before)) == Kind::Digits;
        is_unit.then(|| format!("1{} {key}", sentence.text(before)))
    };
    let next = sentence.after_space(end);
    let ahead = || {
        let is_number = sentence.kind(next) == Kind::Digits;
        is_number.then(|| format!("{key} 1{}", sentence.text(sentence.after_space(next + 1))))
    };
    let known = |key: &String| units.has(key);
    behind().filter(known).or_else(|| ahead().filter(known))
}

/// Where a unit ends, without and with its full stop.
struct Ends {
    key: usize,
    claim: usize,
}

/// Returns where the unit from `at` to `end` ends, if it is one.
fn end_of(sentence: &Sentence<'_>, at: usize, end: usize, is_attached: bool) -> Option<Ends> {
    let units = &sentence.table()?.units;
    let key = sentence.slice(at, end);
    if key.len() > 16 || !units.has(key) {
        return None;
    }
    let is_glued = is_attached && pair(sentence, at, end, sentence.before(at)).is_some()
        || sentence.kind(end) == Kind::Digits && is_glued_unit(sentence, at);
    if matches!(sentence.kind(end), Kind::Word | Kind::Digits | Kind::Opaque) && !is_glued {
        return None;
    }
    let after_stop = sentence.after_space(end + 1);
    let has_stop = sentence.is(end, ".")
        && (after_stop > end + 1
            && (sentence.is_lowercase(after_stop) || sentence.kind(after_stop) == Kind::Digits)
            || matches!(sentence.text(end + 1), "," | ";"));
    let is_bare = has_stop
        || is_glued
        || sentence.ends_before(end)
        || matches!(sentence.text(end), "/" | "+");
    let is_letter = key.len() == 1 && key.starts_with(|c: char| c.is_ascii_alphabetic());
    // `5 A` may be a name, `3 in` a word; `_m` says that `5 m` is a length.
    if matches!(key, "'" | "\"") && (!is_attached || sentence.has_quote_before(at)) {
        return None;
    }
    // `747s`, `B-52s`, `Volvo 60s` are several.
    let number = sentence.before(at);
    let mark = sentence.table()?.patterns.get("decade mark");
    let is_plural = sentence.text(number).len() > 2
        || sentence.is_code(number)
        || sentence.is_capitalised(sentence.before_space(number));
    if mark == Some(key) && is_attached && is_plural {
        return None;
    }
    let is_word = sentence.table()?.function_words.has(key);
    let is_spaced_unit = || units.has(&format!("_{key}"));
    // `6 ft 2 in`
    let is_pair = || {
        let before = sentence.before_space(at);
        pair(sentence, at, end, before).is_some()
    };
    let is_ambiguous = || is_word && !is_pair() || is_letter && !is_spaced_unit();
    if !is_bare || !is_attached && is_ambiguous() {
        return None;
    }
    Some(Ends {
        key: end,
        claim: end + usize::from(has_stop),
    })
}

/// Returns whether the unit at `at` is glued to numbers on both sides: `1h30m`.
fn is_glued_unit(sentence: &Sentence<'_>, at: usize) -> bool {
    let number = sentence.before(at);
    let is_pair = || {
        let pair = format!("1{} {}", sentence.text(at), sentence.text(at + 2));
        let other = format!("{} 1{}", sentence.text(at), sentence.text(at + 2));
        sentence
            .table()
            .is_some_and(|table| table.units.has(&pair) || table.units.has(&other))
    };
    sentence.kind(number) == Kind::Digits
        && sentence.kind(at + 1) == Kind::Digits
        && sentence.kind(sentence.before(number)) != Kind::Word
        && is_pair()
}

fn is_one(sentence: &Sentence<'_>, number: usize) -> bool {
    let sign = sentence.text(sentence.before(number));
    // `1/2 km`
    let is_fraction =
        sign == "/" && sentence.kind(sentence.before(sentence.before(number))) == Kind::Digits;
    is_fraction || sentence.is(number, "1") && !matches!(sign, "." | "," | "/" | "-" | "–")
}

/// Returns the first token of the number that ends at `number`.
fn start_of(sentence: &Sentence<'_>, number: usize) -> usize {
    let before = sentence.before(number);
    let joins = matches!(sentence.text(before), "." | "," | "-" | "–");
    let digits = sentence.before(before);
    match joins && sentence.kind(digits) == Kind::Digits {
        true => digits,
        false => number,
    }
}

/// `4'x8'` names the unit once.
fn by_feet(sentence: &Sentence<'_>, at: usize, number: usize) -> Option<Claim> {
    let mark = sentence.text(at);
    let by = sentence.after_space(at + 1);
    let second = sentence.after_space(by + 1);
    let is_by = matches!(mark, "'" | "′" | "\"" | "″")
        && number == sentence.before(at)
        && matches!(sentence.text(by), "x" | "X" | "×")
        && sentence.kind(second) == Kind::Digits
        && sentence.is(second + 1, mark);
    is_by.then_some(())?;
    let end = second + 2;
    let form = usize::from(!sentence.is_adjective(number, end));
    let unit = sentence.table()?.units.form(mark, form)?;
    let said = format!(
        "{} {} {unit}",
        sentence.say("by", &[])?,
        sentence.text(second)
    );
    Claim::new(Rule::Unit, end, said)
}

/// `5'10"`.
fn feet(sentence: &Sentence<'_>, at: usize, number: usize) -> Option<Claim> {
    let is_feet = matches!(sentence.text(at), "'" | "′" | "’") && number == sentence.before(at);
    let is_inches = matches!(sentence.text(at + 2), "\"" | "″" | "”");
    if !is_feet || !is_inches || sentence.kind(at + 1) != Kind::Digits {
        return None;
    }
    let said = sentence.say("feet and inches", &[("inches", sentence.text(at + 1))])?;
    Claim::new(Rule::Unit, at + 3, said)
}
