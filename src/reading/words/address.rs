//! Web addresses and hashtags.

use super::claim::Claim;
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// A longer address is said up to here.
const MAX_TOKENS: usize = 64;
/// A hashtag has fewer tokens.
const MAX_TAG: usize = 16;

/// Claims a web address with a scheme or `www`.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let has_scheme =
        sentence.is(at + 1, ":") && sentence.is(at + 2, "/") && sentence.is(at + 3, "/");
    let is_www = sentence.is(at, "www") && sentence.is(at + 1, ".");
    if !has_scheme && !is_www {
        return claim_bare(sentence, at);
    }
    let follows_another = matches!(sentence.text(sentence.before(at)), "," | ";" | "|");
    if !sentence.begins_run(at) && !follows_another {
        return None;
    }
    let start = if has_scheme { at + 4 } else { at };
    let www = sentence.is(start, "www") && sentence.is(start + 1, ".");
    let start = start + if www { 2 } else { 0 };
    say(sentence, start, end_of(sentence, start))
}

/// Claims a name of the net without a scheme, or an e-mail address:
/// `info@example.org`, `example.org/help`.
fn claim_bare(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let domains = &sentence.table()?.domains;
    if domains.is_empty() || !sentence.begins_run(at) {
        return None;
    }
    let (mut end, mut has_at, mut has_dot) = (at + 1, false, false);
    while end < at + MAX_TOKENS {
        let is_joined = matches!(sentence.kind(end + 1), Kind::Word | Kind::Digits);
        match sentence.text(end) {
            "@" if is_joined && !has_at => (has_at, has_dot) = (true, false),
            "." if is_joined => has_dot = true,
            "-" | "_" if is_joined => {}
            _ => break,
        }
        end += 2;
    }
    // `a.de` is an abbreviation.
    let has_name = sentence.text(end.saturating_sub(3)).len() > 1;
    if !has_dot || !has_name || !domains.has(sentence.text(end - 1)) || !sentence.is(end - 2, ".") {
        return None;
    }
    if sentence.is(end, "/") {
        end = end_of(sentence, at);
    } else if !sentence.ends_before(end) {
        return None;
    }
    say(sentence, at, end)
}

/// Returns where the address from `start` ends. What would not be said does not
/// belong to it, but for what is for the server.
fn end_of(sentence: &Sentence<'_>, start: usize) -> usize {
    let is_scheme = |at: usize| {
        let is_long = [":", "/", "/"].iter().zip(at + 1..);
        is_long.into_iter().all(|(sign, at)| sentence.is(at, sign)) || sentence.is(at, "www")
    };
    let ends = |at: usize| match sentence.text(at) {
        "—" | "–" | "\"" | "“" | "”" | "„" | "‘" | "’" | "«" | "»" | "<" | ">" | "|" => {
            true
        }
        "," | ";" => is_scheme(at + 1),
        _ => matches!(sentence.kind(at), Kind::Space | Kind::Edge),
    };
    let (mut end, mut is_for_server) = (start, false);
    while !ends(end) && (is_for_server || end < start + MAX_TOKENS) {
        is_for_server |= is_query(sentence.text(end));
        end += 1;
    }
    while end > start && is_trailing(sentence.text(end - 1)) {
        end -= 1;
    }
    end
}

/// Returns whether what follows a sign in an address is for the server.
fn is_query(sign: &str) -> bool {
    matches!(sign, "?" | "#")
}

/// Returns the claim of the address from `start` to `end`.
fn say(sentence: &Sentence<'_>, start: usize, end: usize) -> Option<Claim> {
    let signs = &sentence.table()?.address_signs;
    let mut said = Vec::new();
    for at in start..end {
        let text = sentence.text(at);
        match sentence.kind(at) {
            Kind::Sign if is_query(text) => break,
            Kind::Sign if at + 1 == end && text == "/" => break,
            Kind::Sign => said.push(signs.get(text).unwrap_or(text).to_owned()),
            Kind::Digits if text.len() == 4 && !text.ends_with("00") => {
                said.extend([text[..2].to_owned(), text[2..].to_owned()]);
            }
            _ => said.push(text.to_owned()),
        }
    }
    (!said.is_empty()).then(|| Claim::new(Rule::Address, end, said.join(" ")))?
}

/// Claims a hashtag: `#MondayMotivation`.
pub(super) fn claim_sign(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if sentence.is(at, "/") {
        return path(sentence, at);
    }
    // `(#var)` is code.
    let is_apart = matches!(sentence.kind(sentence.before(at)), Kind::Space | Kind::Edge);
    let is_part = |at: &usize| matches!(sentence.kind(*at), Kind::Word | Kind::Digits);
    if !sentence.is(at, "#") || !is_apart {
        return None;
    }
    let end = (at + 1..at + MAX_TAG).find(|at| !is_part(at))?;
    let words = sentence.slice(at + 1, end);
    let has_word = (at + 1..end).any(|at| sentence.kind(at) == Kind::Word);
    // `#include <file>`
    let is_code = matches!(sentence.text(sentence.after_space(end)), "<" | "\"");
    if !has_word || words.chars().nth(1).is_none() || is_code {
        return None;
    }
    let said = sentence.say("hashtag", &[("words", &parted(words))])?;
    Claim::new(Rule::Address, end, said)
}

/// Claims the start of a path that espeak-ng reads as an abbreviation: `/etc/passwd`.
fn path(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let name = table.path_names.get(sentence.text(at + 1))?;
    let slash = table.address_signs.get("/")?;
    sentence
        .begins_run(at)
        .then(|| Claim::new(Rule::Address, at + 2, format!("{slash} {name}")))?
}

/// Returns the words of `camelCase`.
fn parted(word: &str) -> String {
    let mut parted = String::with_capacity(word.len() + 4);
    let mut was_lowercase = false;
    for c in word.chars() {
        if c.is_uppercase() && was_lowercase {
            parted.push(' ');
        }
        was_lowercase = c.is_lowercase();
        parted.push(c);
    }
    parted
}

fn is_trailing(sign: &str) -> bool {
    matches!(
        sign,
        "." | "," | ";" | ":" | "!" | "?" | ")" | "]" | "\"" | "'" | "”" | "’" | ">" | "*"
    )
}
