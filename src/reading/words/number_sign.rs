//! `#5` → `number 5`.

use super::claim::Claim;
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// Claims a number sign before digits.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_sign = sentence.is(at, "#") && sentence.kind(at + 1) == Kind::Digits
        || sentence.is(at, "№") && sentence.kind(sentence.after_space(at + 1)) == Kind::Digits;
    if !is_sign || !sentence.begins_run(at) {
        return None;
    }
    Claim::new(Rule::NumberSign, at + 1, sentence.say("number sign", &[])?)
}
