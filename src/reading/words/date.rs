//! Dates: `11/25/2026`, `2026-11-25`, `25.11.2026`, `Jan 3`, `Mon–Fri`.

use super::claim::Claim;
use super::clock_time;
use super::number::{stands_alone, value};
use super::ordinal;
use super::sentence::{self, Sentence};
use super::token::Kind;
use super::year;
use crate::reading::rule::Rule;

/// Claims the short name of a month next to a day or a year, and of a weekday
/// next to a number, a month or a dash.
pub(super) fn claim_month(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let word = sentence.text(at);
    let end = at + 1 + usize::from(sentence.is(at + 1, "."));
    let (before, after) = (sentence.before_space(at), sentence.after_space(end));
    let is_glued = after == end && sentence.kind(end) == Kind::Digits;
    if sentence.kind(sentence.before(at)) == Kind::Digits || is_glued {
        return None;
    }
    let is_abbreviated = end > at + 1 && is_in_prose(sentence, at, end);
    let is_digits = |at| sentence.kind(at) == Kind::Digits;
    // `So` is also a word, unless it has a full stop or is at an end of a range.
    let is_word = end == at + 1 && table.function_words.has(word);
    if is_word && !is_range(sentence, at, end) {
        return None;
    }
    let name = if let Some(month) = table.month(word) {
        // `3. Nov.`
        let is_marked = sentence.pattern("ordinal mark") == Some(sentence.text(before))
            && is_digits(sentence.before(before));
        let follows_day =
            is_digits(before) || is_marked || table.of_month.has(sentence.text(before));
        let is_number = follows_day || is_digits(after) && sentence.text(after).len() != 3;
        table
            .month_name(month)
            .filter(|_| is_number || is_abbreviated)?
    } else {
        let weekday = table.weekday(word)?;
        let comma = sentence.is(end, ",");
        let next = sentence.after_space(end + usize::from(comma));
        let is_dated = is_digits(next)
            || table.month(sentence.text(next)).is_some()
            || is_range(sentence, at, end);
        table
            .weekday_name(weekday)
            .filter(|_| is_dated || is_abbreviated)?
    };
    if name == word {
        return None;
    }
    // The full stop also ends the sentence.
    let ends = end > at + 1 && sentence.is_end(end) && is_abbreviated;
    let said = if ends {
        format!("{name}.")
    } else {
        name.to_owned()
    };
    Claim::new(Rule::Date, end, said)
}

/// Returns whether a name with a full stop is an abbreviation: `In Dec. it snows`,
/// `He came in Feb.`, `Sat. and Sun.`
fn is_in_prose(sentence: &Sentence<'_>, at: usize, end: usize) -> bool {
    let Some(table) = sentence.table().filter(|table| !table.joiners.is_empty()) else {
        return false;
    };
    let before = sentence.before_space(at);
    let word = sentence.text(before).to_lowercase();
    let other = sentence.text(sentence.before(sentence.before_space(before)));
    let is_joined = table.joiners.has(&word)
        && (table.month(other).is_some() || table.weekday(other).is_some());
    let is_follower = table.before_years.has(&word) || table.before_dates.has(&word) || is_joined;
    let goes_on = sentence.is(end, ",")
        || sentence.kind(end) == Kind::Space && sentence.is_lowercase(end + 1);
    sentence.is_capitalised(at)
        && (goes_on || is_follower && (sentence.is_end(end) || sentence.ends_before(end)))
}

/// Returns whether a weekday is at an end of a range.
fn is_range(sentence: &Sentence<'_>, at: usize, end: usize) -> bool {
    let is_day = |at: usize| {
        sentence
            .table()
            .is_some_and(|table| table.weekday(sentence.text(at)).is_some())
    };
    let before = sentence.before(at);
    sentence::is_dash(sentence.text(end)) && is_day(end + 1)
        || sentence::is_dash(sentence.text(before)) && is_day(sentence.before(before))
}

/// A day of a year, or of any year.
struct Date<'t> {
    end: usize,
    day: u64,
    month: u64,
    year: Option<&'t str>,
}

/// Claims a date in digits.
pub(super) fn claim_numbers(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if !stands_alone(sentence, at) {
        return None;
    }
    let date = Date::at(sentence, at)?;
    let (time, end) = time(sentence, date.end);
    if !sentence.ends_before(end) {
        return None;
    }
    let said = date.say(sentence, at)?;
    Claim::new(Rule::Date, end, said + &time)
}

impl<'t> Date<'t> {
    fn at(sentence: &Sentence<'t>, at: usize) -> Option<Self> {
        if let Some(date) = Self::spaced(sentence, at) {
            return Some(date);
        }
        let parts = [0, 2, 4].map(|n| match sentence.kind(at + n) {
            Kind::Digits => sentence.text(at + n),
            _ => "",
        });
        let (first, second) = (sentence.text(at + 1), sentence.text(at + 3));
        let [a, b, c] = parts;
        let is_short = |part: &str| matches!(part.len(), 1 | 2);
        let date = |day: &str, month: &str, year: Option<&'t str>| {
            let end = at + if year.is_some() { 5 } else { 3 };
            let (day, month) = (value(day)?, value(month)?);
            ((1..=31).contains(&day) && (1..=12).contains(&month)).then_some(Self {
                end,
                day,
                month,
                year,
            })
        };
        match (first, second) {
            ("-", "-") if a.len() == 4 && b.len() == 2 && c.len() == 2 => date(c, b, Some(a)),
            ("/", "/") if a.len() == 4 && is_short(b) && is_short(c) => date(c, b, Some(a)),
            (".", ".") if is_short(a) && is_short(b) && c.len() == 4 => date(a, b, Some(c)),
            (".", ".") if sentence.pattern("short date") == Some(".") && is_short(a) => {
                let is_padded = a.len() == 2 && b.len() == 2 && c.len() == 2;
                let word = sentence.text(sentence.before_space(at)).to_lowercase();
                let is_dated = sentence.table()?.before_dates.has(&word);
                match c.len() {
                    2 if is_short(b) && (is_padded || is_dated) => date(a, b, Some(c)),
                    // `am 25.11.`: the last full stop may end the sentence, too.
                    0 if is_short(b) && is_dated => {
                        let is_end = sentence.is_end(at + 4);
                        let end = at + if is_end { 3 } else { 4 };
                        date(a, b, None).map(|date| Self { end, ..date })
                    }
                    _ => None,
                }
            }
            ("/", "/") | ("-", "-")
                if is_short(a) && is_short(b) && (c.len() == 4 || c.len() == 2 && first == "/") =>
            {
                match sentence.pattern("date order")? {
                    "mdy" => date(b, a, Some(c)).or_else(|| date(a, b, Some(c))),
                    _ => date(a, b, Some(c)).or_else(|| date(b, a, Some(c))),
                }
            }
            ("/", _) if is_short(a) && is_short(b) && second != "/" => {
                let word = sentence.text(sentence.before_space(at)).to_lowercase();
                sentence.table()?.before_dates.has(&word).then_some(())?;
                match sentence.pattern("date order")? {
                    "mdy" => date(b, a, None),
                    _ => date(a, b, None),
                }
            }
            _ => None,
        }
    }

    /// `3. 5. 2020`
    fn spaced(sentence: &Sentence<'t>, at: usize) -> Option<Self> {
        sentence.pattern("short date")?;
        let is_spaced = [1, 4]
            .iter()
            .all(|n| sentence.is(at + n, ".") && sentence.kind(at + n + 1) == Kind::Space);
        let parts = [at, at + 3, at + 6];
        let is_digits = parts.iter().all(|at| sentence.kind(*at) == Kind::Digits);
        let [day, month, year] = parts.map(|at| sentence.text(at));
        let (day_number, month_number) = (value(day)?, value(month)?);
        let is_date = is_spaced
            && is_digits
            && (1..=31).contains(&day_number)
            && (1..=12).contains(&month_number)
            && year.len() == 4;
        is_date.then_some(Self {
            end: at + 7,
            day: day_number,
            month: month_number,
            year: Some(year),
        })
    }

    fn say(&self, sentence: &Sentence<'_>, at: usize) -> Option<String> {
        let table = sentence.table()?;
        let first = (self.day == 1).then(|| sentence.pattern("first day"));
        let day = first
            .flatten()
            .map_or_else(|| self.day.to_string(), String::from);
        let ordinal = table
            .ordinals
            .number(self.day, ordinal::form_after(sentence, at).unwrap_or(0))
            .unwrap_or_else(|| day.clone());
        let month = table.month_name(self.month)?;
        let parts = [
            ("day", day.as_str()),
            ("ordinal", &ordinal),
            ("month", month),
        ];
        let Some(year) = self.year else {
            return sentence.say("date without year", &parts);
        };
        let said = value(year).filter(|year| (1100..2000).contains(year));
        let said = said.and_then(|_| year::say(sentence, year));
        // `01/02/03`
        let is_short = year.len() == 2 && year.starts_with('0');
        let short = is_short.then(|| sentence.say("short year", &[("year", year)]));
        let year = said.or(short.flatten()).unwrap_or_else(|| year.to_owned());
        let [day, ordinal, month] = parts;
        sentence.say("date", &[day, ordinal, month, ("year", &year)])
    }
}

/// Returns the time of `2026-11-25T10:20:30Z` from its letter on, and where it ends.
fn time(sentence: &Sentence<'_>, at: usize) -> (String, usize) {
    let is_pair = |at: usize| sentence.kind(at) == Kind::Digits && sentence.text(at).len() == 2;
    if !(sentence.is(at, "T") && is_pair(at + 1) && sentence.is(at + 2, ":") && is_pair(at + 3)) {
        return (String::new(), at);
    }
    let mut end = at + 4;
    let mut seconds = None;
    if sentence.is(end, ":") && is_pair(end + 1) {
        seconds = Some(sentence.text(end + 1));
        end += 2;
    }
    let (hour, minute) = (sentence.text(at + 1), sentence.text(at + 3));
    let said = clock_time::say_digits(sentence, hour, minute, seconds);
    let mut said = said.map(|said| format!(" {said}")).unwrap_or_default();
    // `+01:00`
    let is_zone = is_pair(end + 1) && sentence.is(end + 2, ":") && is_pair(end + 3);
    let sign = match sentence.text(end) {
        "Z" => return (said, end + 1),
        "+" if is_zone => "plus",
        "-" | "−" if is_zone => "minus",
        _ => return (said, end),
    };
    let (hours, minutes) = (sentence.text(end + 1), sentence.text(end + 3));
    if (hours, minutes) != ("00", "00") {
        let hours = hours.trim_start_matches('0');
        let hours = if hours.is_empty() { "0" } else { hours };
        said += &format!(" {} {hours}", sentence.pattern(sign).unwrap_or(sign));
        if minutes != "00" {
            said += &format!(" {minutes}");
        }
    }
    (said, end + 4)
}
