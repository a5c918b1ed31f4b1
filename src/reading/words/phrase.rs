//! What is written with signs and has words of its own: `w/o`, `24/7`, `C++`.

use super::claim::Claim;
use super::sentence::Sentence;
use super::token::Kind;
use crate::language_tables::decapitalised;
use crate::reading::rule::Rule;

/// The longest phrase has fewer tokens and bytes.
const MAX_TOKENS: usize = 8;
const MAX_BYTES: usize = 32;

/// Claims the longest phrase that begins at `at` and ends at the end of a word.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if !sentence.begins_run(at) {
        return None;
    }
    let phrases = &sentence.table()?.phrases;
    let is_run =
        |end: &usize| !matches!(sentence.kind(*end), Kind::Space | Kind::Edge | Kind::Opaque);
    let length = (at..at + MAX_TOKENS).take_while(is_run).count();
    (at + 1..=at + length).rev().find_map(|end| {
        let written = sentence.slice(at, end);
        if written.len() > MAX_BYTES || !sentence.ends_before(end) {
            return None;
        }
        let said = phrases.get(written).or_else(|| {
            let lowercase = decapitalised(written).filter(|_| end > at + 1);
            lowercase.and_then(|written| phrases.get(&written))
        })?;
        Claim::new(Rule::Phrase, end, said)
    })
}
