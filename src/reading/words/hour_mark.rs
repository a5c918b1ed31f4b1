//! Times with a letter between hour and minutes: `14h05` → `14 heures 5`.

use super::claim::Claim;
use super::clock_time;
use super::number::{stands_alone, value};
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// `14.05 h`: a full stop, if the word for hours follows.
pub(super) fn claim_with_stop(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let mark = sentence.pattern("hour mark")?;
    let (hour, minutes) = (sentence.text(at), sentence.text(at + 2));
    let end = at + 3;
    let word = sentence.text(sentence.after_space(end));
    let hours = sentence.table()?.units.form(mark, 1)?;
    let is_time = sentence.is(at + 1, ".")
        && sentence.kind(at + 2) == Kind::Digits
        && hour.len() <= 2
        && minutes.len() == 2
        && value(hour)? <= 24
        && value(minutes)? <= 59
        && (word == mark || word == hours);
    // A pattern that has the word would say it twice.
    if !is_time || !stands_alone(sentence, at) || sentence.pattern("time").is_some() {
        return None;
    }
    Claim::new(Rule::Time, end, clock_time::say(sentence, hour, minutes)?)
}

/// Claims an hour, the language's mark of hours, and minutes. An hour
/// alone is a unit.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let mark = sentence.pattern("hour mark")?;
    let letter = sentence.after_space(at + 1);
    if !sentence.is(letter, mark) || !stands_alone(sentence, at) {
        return None;
    }
    let is_spaced = letter > at + 1;
    let digits = match is_spaced {
        true => sentence.after_space(letter + 1),
        false => letter + 1,
    };
    let (hour, minutes) = (sentence.text(at), sentence.text(digits));
    let is_time = hour.len() <= 2
        && sentence.kind(digits) == Kind::Digits
        && minutes.len() == 2
        && value(hour)? <= 24
        && value(minutes)? <= 59;
    let end = digits + 1;
    // `1 h 30 min` has units.
    let follows_unit = is_spaced && sentence.kind(sentence.after_space(end)) == Kind::Word && {
        let units = &sentence.table()?.units;
        units.has(sentence.text(sentence.after_space(end)))
    };
    if !is_time || follows_unit || sentence.kind(end) == Kind::Word {
        return None;
    }
    Claim::new(Rule::Time, end, clock_time::say(sentence, hour, minutes)?)
}
