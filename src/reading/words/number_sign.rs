//! `#5` → `number 5`.

use super::claim::Claim;
use super::sentence::Sentence;
use super::token::Kind;
use crate::language_tables::Context;
use crate::reading::rule::Rule;

/// Claims a number sign before digits.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_sign = sentence.is(at, "#") && sentence.kind(at + 1) == Kind::Digits
        || sentence.is(at, "№") && sentence.kind(sentence.after_space(at + 1)) == Kind::Digits;
    // `#100DaysOfCode`
    let is_tag = sentence.is(at, "#") && sentence.text(at + 2).chars().count() > 2;
    if !is_sign || is_tag && sentence.kind(at + 2) == Kind::Word || !sentence.begins_run(at) {
        return None;
    }
    Claim::new(Rule::NumberSign, at + 1, sentence.say("number sign", &[])?)
}

/// Claims another sign that is an abbreviation before digits: `§ 5`, `§§ 5`.
pub(super) fn claim_other(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_number = |end| sentence.kind(sentence.after_space(end)) == Kind::Digits;
    [at + 2, at + 1].into_iter().find_map(|end| {
        let mut readings = sentence
            .table()?
            .abbreviation(sentence.slice(at, end))
            .iter();
        let reading = readings.find(|reading| reading.context == Context::BeforeNumber)?;
        is_number(end).then(|| Claim::new(Rule::NumberSign, end, reading.said))?
    })
}
