//! Numbers that agree with what they count: `21 casas` → `veintiuna casas`.

use super::claim::Claim;
use super::number::{Number, stands_alone, value};
use super::sentence::{Sentence, is_dash};
use super::token::Kind;
use crate::language_tables::LanguageTable;
use crate::reading::rule::Rule;

/// The longest unit has fewer tokens.
const MAX_UNIT: usize = 6;

/// Claims a number before a noun or a unit that it agrees with.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let is_signed = is_dash(sentence.text(sentence.before(at)));
    if table.counting.is_empty() || is_signed || !stands_alone(sentence, at) {
        return None;
    }
    let number = Number::at(sentence, at).filter(|number| number.decimals.is_none())?;
    let next = sentence.after_space(number.end);
    let is_spaced = sentence.kind(number.end) == Kind::Space;
    let is_counted =
        unit(sentence, next).is_some() || is_spaced && is_noun(sentence, at, next, number.is_one());
    let noun = is_counted.then(|| noun(sentence, number.end))?;
    let said = agreeing(table, number.whole, noun)?;
    Claim::new(Rule::Counting, number.end, said)
}

/// Returns what is counted behind a number that ends at `end`: a unit or a word.
pub(super) fn noun<'t>(sentence: &Sentence<'t>, end: usize) -> &'t str {
    let next = sentence.after_space(end);
    unit(sentence, next).unwrap_or(sentence.text(next))
}

/// Returns the name of the unit at `at`.
pub(super) fn unit(sentence: &Sentence<'_>, at: usize) -> Option<&'static str> {
    let units = &sentence.table()?.units;
    let unit = (at + 1..=at + MAX_UNIT).rev().find_map(|end| {
        let is_whole = sentence.ends_before(end) || sentence.is(end - 1, ".");
        is_whole.then(|| units.form(sentence.slice(at, end), 0))?
    });
    unit.filter(|unit| !unit.is_empty())
}

/// Returns the form for the gender of `noun`: 0, or 1 if it is feminine.
pub(super) fn gender(table: &LanguageTable, noun: &str) -> usize {
    let is_feminine = table.feminine.has_ending(noun) && !table.masculine.has_ending(noun);
    usize::from(is_feminine)
}

/// Returns a number as it is said before `noun`, if that is not as its digits are.
pub(super) fn agreeing(table: &LanguageTable, number: &str, noun: &str) -> Option<String> {
    let noun = noun.split(' ').next()?;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    compose(table, value(&digits)?, gender(table, noun))
}

/// Returns `number` in parts, of which some are words.
fn compose(table: &LanguageTable, number: u64, form: usize) -> Option<String> {
    let counting = &table.counting;
    if number < 100 {
        let said = counting.number(number, form);
        return said.filter(|said| !said.is_empty());
    }
    // A language that says thousands agrees in larger numbers, too.
    let thousand = table.patterns.get("thousand")?;
    let (step, rest) = match number {
        100..1000 => (number - number % 100, number % 100),
        1000..1_000_000 => (number - number % 1000, number % 1000),
        _ => return None,
    };
    let low = (rest > 0).then(|| compose(table, rest, form)).flatten();
    let high = match step {
        // `100` has another form if more follows.
        100..1000 => counting
            .form(&format!("{step}+"), 0)
            .filter(|_| low.is_some())
            .or_else(|| counting.form(&step.to_string(), form))
            .map(String::from),
        _ => compose(table, step / 1000, form)
            .filter(|_| step > 1000)
            .map(|said| format!("{said} {thousand}")),
    };
    let high = high.filter(|said| !said.is_empty());
    if high.is_none() && low.is_none() {
        return None;
    }
    let high = high.unwrap_or_else(|| step.to_string());
    Some(match (low, rest) {
        (_, 0) => high,
        (Some(low), _) => format!("{high} {low}"),
        (None, rest) => format!("{high} {rest}"),
    })
}

/// Returns whether the number at `at` counts the word at `next`.
fn is_noun(sentence: &Sentence<'_>, at: usize, next: usize, is_one: bool) -> bool {
    let Some(table) = sentence.table() else {
        return false;
    };
    let word = sentence.text(next);
    let before = sentence.before_space(at);
    let has_capital = table.patterns.get("nouns") == Some("capitalised");
    // `Kapitel 1` is a name, what follows is not counted.
    let is_numbered = table.numbered.has(sentence.text(before));
    let is_word = sentence.kind(next) == Kind::Word;
    if !is_word || table.function_words.has(word) || is_numbered {
        return false;
    }
    match (has_capital, is_one) {
        (true, _) => sentence.is_capitalised(next),
        (false, true) => {
            let is_joined = sentence.kind(sentence.before_space(before)) == Kind::Digits;
            let is_free = sentence.kind(before) != Kind::Word
                || !is_joined
                    && table
                        .function_words
                        .has(&sentence.text(before).to_lowercase());
            is_free && sentence.is_lowercase(next)
        }
        (false, false) => sentence.is_lowercase(next) && sentence.is_counted(next),
    }
}
