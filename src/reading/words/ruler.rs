//! The numbers of kings and popes: `Henry VIII` → `Henry the 8th`.

use super::claim::Claim;
use super::sentence::Sentence;
use crate::reading::rule::Rule;

/// A king has fewer titles and names before the last one.
const MAX_NAMES: usize = 4;

/// Claims the numeral at `at`, which is worth `number`, if the word at `name` is a
/// king's name.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize, name: usize, number: u64) -> Option<Claim> {
    let table = sentence.table()?;
    let (word, numeral) = (sentence.text(name), sentence.text(at));
    let mark = sentence.pattern("ordinal mark");
    let is_marked = mark.is_some_and(|mark| sentence.is(at + 1, mark));
    let is_queen = table.queens.has(word);
    let genitive = word
        .strip_suffix('s')
        .filter(|name| table.regnal_names.has(name) && sentence.pattern("king genitive").is_some());
    let is_listed = is_queen || genitive.is_some() || table.regnal_names.has(word);
    // The mark says that the numeral is an ordinal, even after an unknown name.
    let is_certain = is_marked
        && numeral.len() > 1
        && sentence.is_capitalised(name)
        && sentence.is_lowercase(sentence.after_space(at + 2));
    let is_numeral = match numeral {
        // Where kings have numbers of their own, `I` is no other word.
        "I" => is_marked || !table.regnal_numbers.is_empty() || is_first(sentence, name, at + 1),
        "C" | "D" | "L" | "M" => false,
        _ => true,
    };
    if !(is_listed || is_certain) || !is_numeral {
        return None;
    }
    let form = usize::from(is_queen);
    let regnal = table.regnal_numbers.number(number, form);
    let ordinal = table.ordinals.number(number, 0)?;
    let inflected = table.ordinals.number(number, 1)?;
    let n = number.to_string();
    let parts = [
        ("n", n.as_str()),
        ("ordinal", &ordinal),
        ("inflected", &inflected),
        ("regnal", regnal.as_deref().unwrap_or(&ordinal)),
    ];
    let pattern = match (genitive, is_queen) {
        (Some(_), _) => sentence.pattern("king genitive"),
        (None, true) => sentence.pattern("queen"),
        (None, false) => None,
    };
    let pattern = after_preposition(sentence, name, form)
        .or(pattern)
        .or_else(|| sentence.pattern("king"))?;
    // The mark of the numeral also ends the sentence.
    let end = at + 1 + usize::from(is_marked && !sentence.is_end(at + 2));
    Claim::new(Rule::Roman, end, Sentence::fill(pattern, &parts)?)
}

/// Returns how the number is said behind the word before the king: `von Ludwig XIV.`
fn after_preposition(sentence: &Sentence<'_>, name: usize, form: usize) -> Option<&'static str> {
    let kings_after = &sentence.table()?.kings_after;
    if kings_after.is_empty() {
        return None;
    }
    let mut first = name;
    for _ in 0..MAX_NAMES {
        let before = sentence.before_space(first);
        if let Some(pattern) = kings_after.form(&sentence.text(before).to_lowercase(), form) {
            return Some(pattern);
        }
        if !sentence.is_capitalised(before) {
            return None;
        }
        first = before;
    }
    None
}

/// Returns whether the `I` behind the name at `at` is a number, not a person.
fn is_first(sentence: &Sentence<'_>, at: usize, end: usize) -> bool {
    let after = sentence.after_space(end);
    let is_verb = || {
        let word = sentence.text(after);
        let table = sentence.table();
        sentence.is_start(at) && table.is_some_and(|table| table.after_regnal_names.has(word))
    };
    !sentence.is_lowercase(after) || follows_title(sentence, at) || is_verb()
}

/// Returns whether the name at `at` has a title: `King Charles I was`.
fn follows_title(sentence: &Sentence<'_>, at: usize) -> bool {
    let title = sentence.text(sentence.before_space(at));
    sentence
        .table()
        .is_some_and(|table| table.regnal_titles.has(title))
}
