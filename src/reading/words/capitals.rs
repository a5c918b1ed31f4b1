//! Words in capitals: acronyms, shouting, and the letter A.

use super::claim::Claim;
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// A constant has fewer tokens.
const MAX_TOKENS: usize = 16;

/// Claims a word that espeak-ng misreads because of its capitals.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let word = sentence.text(at);
    if let Some(claim) = behind_digits(sentence, at) {
        return Some(claim);
    }
    if !word.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    constant(sentence, at)
        .or_else(|| possessive(sentence, at))
        .or_else(|| spelled(sentence, at))
        .or_else(|| spoken(sentence, at))
        .or_else(|| letter(sentence, at))
        .or_else(|| shouted(sentence, at))
}

/// `5S`, `3Rs`: a letter behind a number, perhaps several times.
fn behind_digits(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let word = sentence.text(at);
    let is_behind =
        sentence.kind(sentence.before(at)) == Kind::Digits && sentence.ends_before(at + 1);
    let said = match word.as_bytes() {
        b"S" => word.to_owned(),
        [letter, b's'] if letter.is_ascii_uppercase() => format!("{}'s", &word[..1]),
        _ => return None,
    };
    is_behind.then(|| Claim::new(Rule::Capitals, at + 1, said))?
}

/// `MAX_VALUE`: espeak-ng spells its first word.
fn constant(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_word = |at: usize| match sentence.kind(at) {
        Kind::Digits => true,
        Kind::Word => sentence
            .text(at)
            .bytes()
            .all(|byte| byte.is_ascii_uppercase()),
        _ => false,
    };
    let mut end = at + 1;
    while sentence.is(end, "_") && is_word(end + 1) && end < at + MAX_TOKENS {
        end += 2;
    }
    let is_whole =
        !matches!(sentence.kind(end), Kind::Word | Kind::Digits) && !sentence.is(end, "_");
    let said = || sentence.slice(at, end).replace('_', " ").to_lowercase();
    (end > at + 1 && is_whole && sentence.begins_run(at))
        .then(|| Claim::new(Rule::Capitals, end, said()))?
}

/// `la ONU`: espeak-ng spells it.
fn spoken(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let word = sentence.text(at);
    let is_listed = sentence.table()?.spoken_acronyms.has(word);
    let is_word = sentence.pattern("spoken acronyms") == Some("words");
    let (first, rest) = word.split_at_checked(1)?;
    let said = || format!("{first}{}", rest.to_lowercase());
    let is_code = sentence.kind(at + 1) == Kind::Digits;
    (is_listed && is_word && !is_code && sentence.has_lowercase())
        .then(|| Claim::new(Rule::Capitals, at + 1, said()))?
}

/// `UE`: espeak-ng reads it as a word.
fn spelled(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let word = sentence.text(at);
    let is_listed = sentence.table()?.spelled_acronyms.has(word);
    let letters = || word.chars().map(String::from).collect::<Vec<_>>().join(" ");
    // `IA64` is a name.
    let is_code = sentence.kind(at + 1) == Kind::Digits;
    (is_listed && !is_code && sentence.has_lowercase())
        .then(|| Claim::new(Rule::Capitals, at + 1, letters()))?
}

/// `NASA's`: espeak-ng loses the s of some acronyms.
fn possessive(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let word = sentence.text(at);
    if !sentence.is_possessive(at) || !table.spoken_acronyms.has(word) {
        return None;
    }
    let (first, rest) = word.split_at_checked(1)?;
    Claim::new(
        Rule::Capitals,
        at + 3,
        format!(
            "{first}{}'{}",
            rest.to_lowercase(),
            sentence.pattern("possessive")?
        ),
    )
}

/// `Hepatitis A is`: a capital letter inside a sentence is no article.
fn letter(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let said = table.letters.get(sentence.text(at))?;
    let before = sentence.before_space(at);
    let is_inside = matches!(sentence.kind(before), Kind::Word | Kind::Digits)
        || matches!(sentence.text(before), "&" | "," | "/") && !sentence.is_start(at);
    let after = sentence.after_space(at + 1);
    // `Once Upon A Time`, `A range of words` behind a heading.
    let follows_class = table
        .before_letters
        .has(&sentence.text(before).to_lowercase());
    let is_noun = sentence.is_lowercase(after) && !table.function_words.has(sentence.text(after));
    let is_article =
        sentence.is_capitalised(after) && !sentence.is_start(after) || is_noun && !follows_class;
    let is_name = sentence.kind(at + 1) == Kind::Digits;
    (is_inside && !is_article && !is_name && sentence.has_lowercase())
        .then(|| Claim::new(Rule::Capitals, at + 1, said))?
}

/// `STOP IT`: a word that would be spelled, in a text of capitals.
fn shouted(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let is_shouted =
        !sentence.has_lowercase() && sentence.table()?.in_capitals.has(sentence.text(at));
    let has_neighbour = [sentence.before_space(at), sentence.after_space(at + 1)]
        .iter()
        .any(|&at| sentence.kind(at) == Kind::Word);
    (is_shouted && has_neighbour)
        .then(|| Claim::new(Rule::Capitals, at + 1, sentence.text(at).to_lowercase()))?
}
