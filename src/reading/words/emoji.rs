//! Emoji: said once, however often they are repeated.

use super::claim::Claim;
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// The longest sequence with a name has fewer tokens, spaces included.
const MAX_TOKENS: usize = 8;

/// Claims an emoji with its repetitions, or one that has another name.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let emoji = sentence.text(at);
    if !emoji.chars().all(is_emoji) || emoji.is_empty() {
        return None;
    }
    let named = sentence.table().and_then(|table| {
        (at + 1..=at + MAX_TOKENS).rev().find_map(|end| {
            let name = table.emoji.get(sentence.slice(at, end))?;
            Some((end, name))
        })
    });
    let (mut end, said) = named.unwrap_or((at + 1, emoji));
    let start = end;
    while sentence.is(sentence.after_space(end), emoji) {
        end = sentence.after_space(end) + 1;
    }
    (named.is_some() || end > start)
        .then(|| Claim::new(Rule::Emoji, end, spaced(sentence, at, end, said)))?
}

/// Returns `said` apart from a mark before it.
fn spaced(sentence: &Sentence<'_>, at: usize, end: usize, said: &str) -> String {
    let is_word = said.starts_with(char::is_alphanumeric);
    let before = is_word && sentence.kind(sentence.before(at)) == Kind::Sign;
    let after =
        is_word && sentence.kind(end) == Kind::Sign && sentence.text(end).chars().all(is_emoji);
    format!(
        "{}{said}{}",
        if before { " " } else { "" },
        if after { " " } else { "" }
    )
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{1F300}'..='\u{1FAFF}')
}
