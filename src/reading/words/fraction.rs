//! Fractions: `3/4` → `3 quarters`, `1 1/2` → `1 and 1 half`.

use super::claim::Claim;
use super::counting;
use super::number::value;
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// Claims a fraction, perhaps behind a whole number.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if !matches!(sentence.text(at + 1), "/" | "⁄") || sentence.kind(at + 2) != Kind::Digits {
        return None;
    }
    let before = sentence.before(at);
    let begins = match sentence.kind(before) {
        Kind::Sign => !matches!(sentence.text(before), "/" | "." | "," | ":"),
        kind => matches!(kind, Kind::Edge | Kind::Space),
    };
    let (top, bottom) = (sentence.text(at), sentence.text(at + 2));
    let numerator = value(top)?;
    let is_proper = (1..value(bottom)?).contains(&numerator);
    let endings = sentence.pattern("fraction endings").unwrap_or_default();
    let ending = sentence.text(at + 3);
    let has_ending = endings.split('|').any(|known| known.trim() == ending) && !ending.is_empty();
    let end = at + 3 + usize::from(has_ending);
    let is_whole =
        sentence.ends_before(end) || sentence.kind(end) == Kind::Sign && !sentence.is(end, "/");
    if !begins || !is_proper || !is_whole {
        return None;
    }
    let denominators = &sentence.table()?.denominators;
    let singular = denominators.form(bottom, 0)?;
    let name = match numerator {
        1 => singular,
        _ => denominators.form(bottom, 1).unwrap_or(singular),
    };
    let pattern = match numerator {
        1 if sentence.pattern("fraction of one").is_some() => "fraction of one",
        _ => "fraction",
    };
    let form = counting::gender(sentence.table()?, counting::noun(sentence, end));
    let whole = denominators.form(sentence.slice(at, at + 3), form);
    let whole = whole.or_else(|| denominators.form(sentence.slice(at, at + 3), 0));
    let said = match whole {
        Some(said) => said.to_owned(),
        None => sentence.say(pattern, &[("n", top), ("denominator", name)])?,
    };
    let is_mixed = sentence.kind(before) == Kind::Space
        && sentence.kind(sentence.before_space(at)) == Kind::Digits;
    let said = match is_mixed {
        true => format!("{} {said}", sentence.say("and", &[])?),
        false => said,
    };
    Claim::new(Rule::Fraction, end, said)
}
