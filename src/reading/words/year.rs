//! Years and decades: `1984` → `19 84`, `1980s` → `19 eighties`.

use super::claim::Claim;
use super::counting;
use super::number::{stands_alone, value};
use super::sentence::{Sentence, is_dash};
use super::token::Kind;
use crate::language_tables::{Context, LanguageTable};
use crate::reading::rule::Rule;

/// Claims a year or a decade.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if !stands_alone(sentence, at) {
        return None;
    }
    decade(sentence, at).or_else(|| year(sentence, at))
}

fn year(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let digits = sentence.text(at);
    let is_plain = sentence.ends_before(at + 1) || sentence.is(at + 1, "/");
    if digits.len() != 4 || !is_plain {
        return None;
    }
    // In `555–1234`, neither is a year.
    let before = sentence.before(at);
    let from = sentence.text(sentence.before(before));
    if is_dash(sentence.text(before)) && matches!(from.len(), 1..=3) && value(from).is_some() {
        return None;
    }
    let is_likely = match value(digits)? {
        1100..=1999 => {
            !is_count(sentence, at) && !is_measured(sentence, at) && !is_numbered(sentence, at)
        }
        // Some languages say these as numbers.
        1010..=1099 if sentence.pattern("first year") == Some("1100") => false,
        1010..=1099 => follows_year_word(sentence, at) || follows_year(sentence, at),
        _ => false,
    };
    let said = is_likely.then(|| say(sentence, digits))??;
    Claim::new(Rule::Year, at + 1, said)
}

/// Returns a year of four digits as it is said, if it is not as a number.
pub(super) fn say(sentence: &Sentence<'_>, digits: &str) -> Option<String> {
    let (high, low) = digits.split_at_checked(2)?;
    let pattern = match low {
        "00" => "year hundred",
        low if low.starts_with('0') => "year zero",
        _ => "year",
    };
    let bare = low.trim_start_matches('0');
    sentence.say(pattern, &[("high", high), ("low", bare)])
}

/// Returns whether the number counts what follows: `1500 people`.
fn is_count(sentence: &Sentence<'_>, at: usize) -> bool {
    let next = at + 2;
    let is_noun = match sentence.pattern("nouns") {
        Some("capitalised") => sentence.is_capitalised(next),
        _ => sentence.is_lowercase(next) && sentence.is_counted(next),
    };
    let is_after_year_word = || {
        let table = sentence.table();
        follows_year_word(sentence, at)
            && table.is_none_or(|table| !table.counted_after_year_words.has(sentence.text(next)))
    };
    sentence.kind(at + 1) == Kind::Space && !is_after_year_word() && is_noun
}

/// Returns whether a unit follows: `1234 km`.
fn is_measured(sentence: &Sentence<'_>, at: usize) -> bool {
    let next = at + 2;
    let unit = sentence.text(next);
    let is_unit = sentence.kind(at + 1) == Kind::Space && counting::unit(sentence, next).is_some();
    // `in 1984 in Rome`, `in 1984 A` have no units.
    let is_word = |table: &LanguageTable| {
        let is_letter = unit.chars().count() == 1 && sentence.kind(next) == Kind::Word;
        table.function_words.has(unit) || is_letter && !table.units.has(&format!("_{unit}"))
    };
    is_unit && !matches!(unit, "'" | "\"" | "′" | "″") && !sentence.table().is_none_or(is_word)
}

/// Returns whether the number is a name's: German `Port 1234`. English says also
/// those by pairs: `Room 1408`.
fn is_numbered(sentence: &Sentence<'_>, at: usize) -> bool {
    let before = sentence.before_space(at);
    let Some(table) = sentence.table().filter(|table| !table.numbered.is_empty()) else {
        return false;
    };
    if sentence.pattern("nouns").is_none() {
        return false;
    }
    // `Nr. 1234`
    let written = match sentence.is(before, ".") {
        true => sentence.slice(sentence.before(before), before + 1),
        false => sentence.text(before),
    };
    let mut readings = table.abbreviation(written).iter();
    table.numbered.has(written) || readings.any(|reading| reading.context == Context::BeforeNumber)
}

/// Returns whether another year is before: `1776 and 1066`.
fn follows_year(sentence: &Sentence<'_>, at: usize) -> bool {
    let word = sentence.before_space(at);
    let year = sentence.text(sentence.before_space(word));
    let table = sentence.table();
    table.is_some_and(|table| table.joiners.has(sentence.text(word)))
        && year.len() == 4
        && value(year).is_some_and(|year| (1010..2100).contains(&year))
}

fn follows_year_word(sentence: &Sentence<'_>, at: usize) -> bool {
    let Some(table) = sentence.table() else {
        return false;
    };
    let before = sentence.before_space(at);
    let word = sentence.text(before).to_lowercase();
    table.before_years.has(&word) || table.month(sentence.text(before)).is_some()
}

fn decade(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let mark = table.patterns.get("decade mark")?;
    let apostrophe = matches!(sentence.text(at + 1), "'" | "’");
    let end = at + 2 + usize::from(apostrophe);
    if !sentence.is(end - 1, mark) || matches!(sentence.kind(end), Kind::Word | Kind::Digits) {
        return None;
    }
    let digits = sentence.text(at);
    let (high, low) = digits.split_at_checked(digits.len().checked_sub(2)?)?;
    let decades = &table.decades;
    let said = decades.get(digits).or_else(|| decades.get(low))?;
    match (high.len(), low) {
        (2, _) if decades.has(digits) => Claim::new(Rule::Year, end, said),
        // `2000s` is read well, `1000s` of something are no years.
        (2, "00") if matches!(high, "10" | "20") => None,
        (2, _) => Claim::new(Rule::Year, end, format!("{high} {said}")),
        (0, low) if low != "00" && is_decade(sentence, at) => Claim::new(Rule::Year, end, said),
        _ => None,
    }
}

/// Returns whether `80s` are years: `'80s`, `the 80s`; not seconds.
fn is_decade(sentence: &Sentence<'_>, at: usize) -> bool {
    let before = sentence.before_space(at);
    let word = sentence.text(before).to_lowercase();
    matches!(word.as_str(), "'" | "’" | "‘" | "-")
        || sentence
            .table()
            .is_some_and(|table| table.before_decades.has(&word))
}
