//! Letters of a large number: `20m people`, `1.5 bn`.

use super::claim::Claim;
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// Claims a magnitude behind a number that counts something.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let word = sentence.text(at);
    let said = table.magnitudes.get(word)?;
    let number = sentence.before_space(at);
    let is_attached = number == sentence.before(at);
    let is_plain = sentence.kind(number) == Kind::Digits
        && sentence.kind(sentence.before(number)) != Kind::Word
        && !sentence.is_version(number);
    if said == word || !is_plain || table.counted_whole.is_empty() {
        return None;
    }
    let after = sentence.after_space(at + 1);
    let is_counted =
        || sentence.kind(at + 1) == Kind::Space && table.counted_whole.has(sentence.text(after));
    let has_decimals = sentence.is(sentence.before(number), ".");
    // `5 m` is a length, `2 mm` too; `1.5M` is no code.
    let is_magnitude = match word.len() {
        1 if !is_attached => false,
        1 => is_counted() || has_decimals && matches!(word, "M" | "B"),
        _ => !table.units.has(word) || is_counted(),
    };
    (is_magnitude && sentence.ends_before(at + 1)).then(|| Claim::new(Rule::Unit, at + 1, said))?
}
