//! Times of day and ratios: `9:05` → `9 oh 5`, `3:1` → `3 to 1`.

use super::claim::Claim;
use super::counting;
use super::number::{stands_alone, value};
use super::sentence::{self, Sentence};
use super::token::Kind;
use crate::language_tables::LanguageTable;
use crate::reading::rule::Rule;

/// Claims a time that espeak-ng reads digit by digit, or a ratio.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if let Some(claim) = with_stop(sentence, at) {
        return Some(claim);
    }
    if !sentence.is(at + 1, ":")
        || sentence.kind(at + 2) != Kind::Digits
        || !stands_alone(sentence, at)
    {
        return None;
    }
    // `RHSA-1999:030`
    if sentence.is_code(at) {
        return None;
    }
    let (first, second) = (sentence.text(at), sentence.text(at + 2));
    if first.len() > 2 || second.len() != 2 || value(second)? > 59 {
        return ratio(sentence, at);
    }
    let mut end = at + 3;
    let hour = match first.trim_start_matches('0') {
        "" => "0",
        hour => hour,
    };
    let mut said = String::from(hour);
    if sentence.is(end, ":")
        && sentence.kind(end + 1) == Kind::Digits
        && sentence.text(end + 1).len() == 2
    {
        for part in [second, sentence.text(end + 1)] {
            said += &format!(" {}", minutes(sentence, part)?);
        }
        end += 2;
    } else {
        match second {
            "00" if is_half_day(sentence, end) => {}
            "00" if follows_hours(sentence, end) => said = hour.to_owned(),
            "00" if is_of_24_hours(sentence, at, end) => {
                said = sentence.say("full hour of 24", &[("h", hour)])?;
            }
            // espeak-ng reads it.
            _ if !second.starts_with('0') && hour == first && !agrees(sentence, hour) => {
                return None;
            }
            _ => said = say(sentence, hour, second)?,
        }
    }
    if matches!(sentence.kind(end), Kind::Digits) || sentence.is(end, ":") {
        return None;
    }
    Claim::new(Rule::Time, end, said)
}

/// Returns whether the other end of a range has 24 hours: `9:00–17:00`.
fn is_of_24_hours(sentence: &Sentence<'_>, at: usize, end: usize) -> bool {
    let is_of_24 = |hour: &str| value(hour).is_some_and(|n| (13..=24).contains(&n));
    let is_range = |dash: usize| sentence::is_dash(sentence.text(dash));
    is_range(end) && is_of_24(sentence.text(end + 1))
        || is_range(at.wrapping_sub(1)) && is_of_24(sentence.text(at.wrapping_sub(4)))
}

/// `3.30pm`
fn with_stop(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let (hour, minute) = (sentence.text(at), sentence.text(at + 2));
    let is_time = sentence.is(at + 1, ".")
        && sentence.kind(at + 2) == Kind::Digits
        && minute.len() == 2
        && value(minute)? < 60
        && (1..=12).contains(&value(hour)?)
        && stands_alone(sentence, at)
        && is_half_day(sentence, at + 3);
    is_time.then_some(())?;
    let minutes = match minute {
        "00" => String::new(),
        _ => format!(" {}", minutes(sentence, minute)?),
    };
    Claim::new(Rule::Time, at + 3, format!("{hour}{minutes}"))
}

/// Returns the time of a day of 24 hours, in two digits each, as it is said.
pub(super) fn say_digits(
    sentence: &Sentence<'_>,
    hour: &str,
    minute: &str,
    seconds: Option<&str>,
) -> Option<String> {
    let hour = hour.strip_prefix('0').unwrap_or(hour);
    match seconds.filter(|seconds| *seconds != "00") {
        None => say(sentence, hour, minute),
        Some(seconds) => {
            let [minute, seconds] = [minute, seconds].map(|part| minutes(sentence, part));
            Some(format!("{hour} {} {}", minute?, seconds?))
        }
    }
}

/// Returns a time as it is said.
pub(super) fn say(sentence: &Sentence<'_>, hour: &str, minute: &str) -> Option<String> {
    let counted = agreeing_hour(sentence, hour);
    let said_hour = counted.as_deref().unwrap_or(hour);
    if minute == "00" {
        let pattern = if (1..=12).contains(&value(hour)?) {
            "full hour"
        } else {
            "full hour of 24"
        };
        return sentence.say(pattern, &[("h", said_hour)]);
    }
    let minute = minutes(sentence, minute)?;
    let parts = [("h", said_hour), ("m", minute.as_str())];
    let said = sentence.say("time", &parts);
    Some(said.unwrap_or_else(|| format!("{said_hour} {minute}")))
}

fn agrees(sentence: &Sentence<'_>, hour: &str) -> bool {
    agreeing_hour(sentence, hour).is_some()
}

/// Returns the hour in the form of the word for hours: `una`.
fn agreeing_hour(sentence: &Sentence<'_>, hour: &str) -> Option<String> {
    let table = sentence.table()?;
    counting::agreeing(table, hour, table.units.form("h", 1)?)
}

fn minutes(sentence: &Sentence<'_>, minutes: &str) -> Option<String> {
    match minutes.strip_prefix('0') {
        Some(digit) => sentence.say("minutes with zero", &[("m", digit)]),
        None => Some(minutes.to_owned()),
    }
}

/// Returns whether `am` or `pm` follows.
fn is_half_day(sentence: &Sentence<'_>, at: usize) -> bool {
    let word = sentence.text(sentence.after_space(at));
    let is_half = |table: &LanguageTable| table.half_days.has(word);
    sentence.table().is_some_and(is_half)
}

/// Returns whether the word for hours follows: `14:00 h`.
fn follows_hours(sentence: &Sentence<'_>, at: usize) -> bool {
    let word = sentence.text(sentence.after_space(at));
    let units = sentence.table().map(|table| &table.units);
    let hours = units.and_then(|units| units.form("h", 1));
    !word.is_empty() && (word == "h" || Some(word) == hours)
}

fn ratio(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let (first, second) = (sentence.text(at), sentence.text(at + 2));
    // `18661-1:2014`
    let follows_dash = sentence::is_dash(sentence.text(sentence.before(at)));
    if !sentence.ends_before(at + 3) || follows_dash {
        return None;
    }
    // `John 3:1` is a verse.
    let mut before = sentence.before_space(at);
    if sentence.is(before, ".") {
        before = sentence.before(before);
    }
    let is_book = sentence.table()?.before_verses.has(sentence.text(before));
    let has_common_capitals = sentence.pattern("nouns") == Some("capitalised");
    let is_named =
        sentence.is_capitalised(before) && !sentence.is_start(before) && !has_common_capitals;
    let said = match is_book || is_named {
        true => format!("{first} {second}"),
        false => {
            let parts = [("a", first), ("b", second)];
            let said = sentence.say("ratio", &parts);
            said.or_else(|| sentence.say("range", &parts))?
        }
    };
    Claim::new(Rule::Time, at + 3, said)
}
