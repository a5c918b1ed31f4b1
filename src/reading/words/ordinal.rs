//! Ordinals: `1re` → `première`, `XIXe` → `19ème`, `am 3. Mai` → `am dritten Mai`.

use super::claim::Claim;
use super::number::{stands_alone, value};
use super::roman;
use super::sentence::{Sentence, is_dash};
use super::token::Kind;
use crate::reading::rule::Rule;

/// The longest ending has fewer tokens: `.ª`.
const MAX_TOKENS: usize = 2;

/// Claims digits or a numeral with the ending of an ordinal.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let endings = &table.ordinal_endings;
    let is_digits = sentence.kind(at) == Kind::Digits;
    let is_start = match is_digits {
        true => stands_alone(sentence, at),
        false if !sentence.text(at).starts_with(is_small_numeral) => false,
        false => sentence.begins_run(at) || sentence.is(sentence.before(at), "-"),
    };
    if !is_start {
        return None;
    }
    if let Some(claim) = marked(sentence, at).or_else(|| unmarked(sentence, at)) {
        return Some(claim);
    }
    let (number, ending, end) = match sentence.kind(at) {
        Kind::Digits => (1..=MAX_TOKENS).rev().find_map(|length| {
            let end = at + 1 + length;
            let form = endings.get(sentence.slice(at + 1, end))?;
            Some((value(sentence.text(at))?, form, end))
        })?,
        _ => numeral(sentence, at)?,
    };
    let is_last = !matches!(sentence.kind(end), Kind::Word | Kind::Digits);
    let said = table.ordinals.number(number, form(ending)?)?;
    is_last.then(|| Claim::new(Rule::Ordinal, end, said))?
}

/// Returns the number, the ending and the end of a numeral in one word: `XIXe`.
fn numeral<'t>(sentence: &Sentence<'t>, at: usize) -> Option<(u64, &'static str, usize)> {
    let word = sentence.text(at);
    let length = word.find(|c| !is_small_numeral(c)).unwrap_or(word.len());
    let (numeral, ending) = word.split_at(length);
    let form = sentence.table()?.numeral_endings.get(ending)?;
    Some((roman::value(numeral)?, form, at + 1))
}

/// `am 3. Mai`, `im XIX. Jahrhundert`: the mark alone is also a full stop, so a word
/// has to follow.
fn marked(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let table = sentence.table()?;
    let mark = sentence.pattern("ordinal mark")?;
    if !sentence.is(at + 1, mark) {
        return None;
    }
    let end = at + 2;
    let form = form_after(sentence, at);
    let is_followed =
        |end| sentence.kind(end) == Kind::Space && sentence.kind(end + 1) == Kind::Word;
    let text = sentence.text(at);
    let is_digits = sentence.kind(at) == Kind::Digits && text.len() <= 3;
    // `vom 1.-3. Mai`
    let second = at + 3;
    let joint = match sentence.text(end) {
        "/" => Some(" "),
        sign if is_dash(sign) => sentence.pattern("to"),
        _ => None,
    };
    if let Some(joint) = joint
        && is_digits
        && sentence.kind(second) == Kind::Digits
        && sentence.is(second + 1, mark)
        && is_followed(second + 2)
    {
        let ordinal = |digits| table.ordinals.number(value(digits)?, form.unwrap_or(0));
        let (first, last) = (ordinal(text)?, ordinal(sentence.text(second))?);
        let said = format!("{first} {} {last}", joint.trim()).replace("  ", " ");
        return Claim::new(Rule::Ordinal, second + 2, said);
    }
    let number = match sentence.kind(at) {
        Kind::Digits if is_digits && form.is_some() => value(text)?,
        // `V. Hugo` has an initial, `Ludwig XIV. war` a king.
        Kind::Word if text.len() > 1 || form.is_some() => {
            let before = sentence.before_space(at);
            let is_king = table.regnal_names.has(sentence.text(before))
                || table.queens.has(sentence.text(before))
                || sentence.is_capitalised(before) && !sentence.is_start(before)
                || form.is_none() && sentence.is_lowercase(end + 1);
            roman::value(text).filter(|_| !is_king)?
        }
        _ => return None,
    };
    let said = table.ordinals.number(number, form.unwrap_or(0))?;
    is_followed(end).then(|| Claim::new(Rule::Ordinal, end, said))?
}

/// `la II Guerra Mundial`: a numeral between an article and a name.
fn unmarked(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let numeral = sentence.text(at);
    let is_small = numeral.chars().all(is_small_numeral);
    let is_between = sentence.kind(at + 1) == Kind::Space && sentence.is_capitalised(at + 2);
    if sentence.kind(at) != Kind::Word || numeral.len() < 2 || !is_small || !is_between {
        return None;
    }
    let number = roman::value(numeral)?;
    let said = sentence
        .table()?
        .ordinals
        .number(number, form_after(sentence, at)?)?;
    Claim::new(Rule::Ordinal, at + 1, said)
}

/// Larger numerals are often other words: `DC`, `MM`.
fn is_small_numeral(c: char) -> bool {
    matches!(c, 'I' | 'V' | 'X')
}

/// Returns the form of an ordinal that the words before `at` ask for.
pub(super) fn form_after(sentence: &Sentence<'_>, at: usize) -> Option<usize> {
    let forms = &sentence.table()?.forms_after;
    if forms.is_empty() {
        return None;
    }
    let before = sentence.before_space(at);
    let word = sentence.text(before).to_lowercase();
    let second = sentence.text(sentence.before_space(before));
    let pair = format!("{} {word}", second.to_lowercase());
    forms.get(&pair).or_else(|| forms.get(&word)).and_then(form)
}

/// Returns the index of a form, of its number in a file.
fn form(number: &str) -> Option<usize> {
    number.parse::<usize>().ok()?.checked_sub(1)
}
