//! Fractions: `3/4` → `3 quarters`, `1 1/2` → `1 and 1 half`.

use super::claim::Claim;
use super::counting;
use super::number::value;
use super::sentence::Sentence;
use super::token::Kind;
use super::year;
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
    if begins && let Some(claim) = other(sentence, at, top, bottom) {
        return Some(claim);
    }
    let endings = sentence.pattern("fraction endings").unwrap_or_default();
    let ending = sentence.text(at + 3);
    let has_ending = endings.split('|').any(|known| known.trim() == ending) && !ending.is_empty();
    let end = at + 3 + usize::from(has_ending);
    let is_whole =
        sentence.ends_before(end) || sentence.kind(end) == Kind::Sign && !sentence.is(end, "/");
    if !begins || !is_proper || !is_whole {
        return None;
    }
    let form = counting::gender(sentence.table()?, counting::noun(sentence, end));
    let denominators = &sentence.table()?.denominators;
    let whole = denominators.form(sentence.slice(at, at + 3), form);
    let whole = whole.or_else(|| denominators.form(sentence.slice(at, at + 3), 0));
    let said = match whole {
        Some(said) => said.to_owned(),
        None => said(sentence, top, bottom)?,
    };
    let is_mixed = sentence.kind(before) == Kind::Space
        && sentence.kind(sentence.before_space(at)) == Kind::Digits;
    let said = match is_mixed {
        true => format!("{} {said}", sentence.say("and", &[])?),
        false => said,
    };
    Claim::new(Rule::Fraction, end, said)
}

/// Returns a proper fraction as it is said.
pub(super) fn said(sentence: &Sentence<'_>, top: &str, bottom: &str) -> Option<String> {
    let denominators = &sentence.table()?.denominators;
    let singular = denominators.form(bottom, 0)?;
    let name = match value(top)? {
        1 => singular,
        _ => denominators.form(bottom, 1).unwrap_or(singular),
    };
    let pattern = match value(top)? {
        1 if sentence.pattern("fraction of one").is_some() => "fraction of one",
        _ => "fraction",
    };
    sentence.say(pattern, &[("n", top), ("denominator", name)])
}

/// Claims what is no fraction: `page 1/2`, `4/5 games`, `10/10`, `1/250s`, `120/80`.
fn other(sentence: &Sentence<'_>, at: usize, top: &str, bottom: &str) -> Option<Claim> {
    let table = sentence.table()?;
    let end = at + 3;
    let parts = [("a", top), ("b", bottom)];
    let (n, of) = (value(top)?, value(bottom)?);
    let is_apart = sentence.ends_before(end);
    let is_second = sentence.is(end, "s") && sentence.ends_before(end + 1);
    if n == 1 && of > 12 && (is_second || is_apart && table.denominators.form(bottom, 0).is_none())
    {
        let ordinal = table.ordinal(of)?;
        return match is_second {
            true => Claim::new(
                Rule::Fraction,
                end + 1,
                sentence.say("part of a second", &[("ordinal", &ordinal)])?,
            ),
            false if of >= 32 => Claim::new(
                Rule::Fraction,
                end,
                sentence.say("unit fraction", &[("ordinal", &ordinal)])?,
            ),
            false => None,
        };
    }
    // `the 2023/24 season`
    let is_season = is_apart && top.len() == 4 && bottom.len() == 2 && of == n % 100 + 1;
    if is_season && of > 9 && sentence.is(at + 1, "/") {
        let year = (n < 2000).then(|| year::say(sentence, top)).flatten();
        let parts = [("a", year.as_deref().unwrap_or(top)), parts[1]];
        return Claim::new(Rule::Year, end, sentence.say("pair", &parts)?);
    }
    if !is_apart || top.len() > 3 || bottom.len() > 3 || sentence.is(at + 1, "⁄") {
        return None;
    }
    let word = sentence.text(sentence.before_space(at)).to_lowercase();
    if table.before_parts.has(&word) && n <= of {
        return Claim::new(Rule::Fraction, end, sentence.say("part of parts", &parts)?);
    }
    let after = sentence.after_space(end);
    let is_counted = after > end && table.counted_whole.has(sentence.text(after));
    // `8/10`, but `3/10 mile`
    let is_score = matches!(of, 10 | 100) && n > 1 && after == end;
    if n <= of && of > 2 && (is_counted || is_score || n == of) {
        return Claim::new(Rule::Fraction, end, sentence.say("out of", &parts)?);
    }
    let is_other = n > of || table.denominators.form(bottom, 0).is_none();
    let is_padded = top.starts_with('0') || bottom.starts_with('0');
    // `120/80` is a pressure, `16/9` a format.
    let pattern = if of > 31 { "over" } else { "pair" };
    (is_other && !is_padded)
        .then(|| Claim::new(Rule::Fraction, end, sentence.say(pattern, &parts)?))?
}
