//! Times of day and ratios: `9:05` → `9 oh 5`, `3:1` → `3 to 1`.

use super::claim::Claim;
use super::number::{stands_alone, value};
use super::sentence::{self, Sentence};
use super::token::Kind;
use crate::reading::rule::Rule;

/// Claims a time that espeak-ng reads digit by digit, or a ratio.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
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
            "00" => {
                let pattern = if (1..=12).contains(&value(hour)?) {
                    "full hour"
                } else {
                    "full hour of 24"
                };
                said = sentence.say(pattern, &[("h", hour)])?;
            }
            // espeak-ng reads it.
            _ if !second.starts_with('0') && hour == first => return None,
            _ => said += &format!(" {}", minutes(sentence, second)?),
        }
    }
    if matches!(sentence.kind(end), Kind::Digits) || sentence.is(end, ":") {
        return None;
    }
    Claim::new(Rule::Time, end, said)
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
    matches!(word, "am" | "pm" | "AM" | "PM" | "a" | "p" | "A" | "P")
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
    let is_named = sentence.is_capitalised(before) && !sentence.is_start(before);
    let said = match is_book || is_named {
        true => format!("{first} {second}"),
        false => sentence.say("range", &[("a", first), ("b", second)])?,
    };
    Claim::new(Rule::Time, at + 3, said)
}
