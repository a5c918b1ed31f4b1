//! What is written with signs and has words of its own: `w/o`, `24/7`, `C++`.

use super::claim::Claim;
use super::sentence::Sentence;
use super::token::Kind;
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
            let capital = written.starts_with(|c: char| c.is_ascii_uppercase());
            let said = || phrases.get(&decapitalised(written));
            (capital && end > at + 1).then(said).flatten()
        })?;
        Claim::new(Rule::Phrase, end, said)
    })
}

fn decapitalised(word: &str) -> String {
    let mut word = word.to_owned();
    word[..1].make_ascii_lowercase();
    word
}
