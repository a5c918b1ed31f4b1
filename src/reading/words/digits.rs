//! Numbers that are read digit by digit: telephones, cards, IP addresses.

use super::claim::Claim;
use super::number::{stands_alone, value};
use super::sentence::Sentence;
use super::token::Kind;
use crate::reading::rule::Rule;

/// More groups of digits than this are no telephone number.
const MAX_GROUPS: usize = 8;
/// A longer number is read digit by digit.
const MAX_NUMBER: usize = 12;

/// Claims groups of digits.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if !stands_alone(sentence, at) {
        return None;
    }
    ip_address(sentence, at).or_else(|| {
        let chain = Chain::at(sentence, at)?;
        if let Some(claim) = chain.before_letters(sentence) {
            return Some(claim);
        }
        let is_bare = sentence.ends_before(chain.end);
        (is_bare && chain.is_read_by_digits(sentence, at)).then(|| chain.claim(sentence, ""))?
    })
}

/// Claims a telephone number with a plus: `+44 20 7946 0958`.
pub(super) fn claim_plus(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if sentence.is(at, "(") && sentence.is(at + 2, ")") {
        return area_code(sentence, at);
    }
    if !sentence.is(at, "+") || !sentence.begins_run(at) {
        return None;
    }
    // `+1 (212) 555-0199`
    let area = at + 3;
    if sentence.is(area, "(") && sentence.text(at + 1).len() <= 3 {
        area_code(sentence, area)?;
        let code = say(sentence, sentence.text(at + 1))?;
        let plus = sentence.say("plus", &[])?;
        return Claim::new(Rule::Digits, at + 2, format!("{plus} {code},"));
    }
    let chain = Chain::at(sentence, at + 1)?;
    let is_bare = sentence.ends_before(chain.end);
    (is_bare && chain.n_digits() >= 8)
        .then(|| chain.claim(sentence, &sentence.say("plus", &[])?))?
}

/// `(555) 123-4567`.
fn area_code(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let chain = Chain::at(sentence, sentence.after_space(at + 3))?;
    let code = sentence.text(at + 1);
    let is_code = sentence.kind(at + 1) == Kind::Digits && (2..=5).contains(&code.len());
    let mut groups = vec![code];
    groups.extend(&chain.groups);
    let chain = Chain { groups, ..chain };
    (is_code && (9..=12).contains(&chain.n_digits())).then(|| chain.claim(sentence, ""))?
}

/// Groups of digits, with the same sign or a space between them.
struct Chain<'t> {
    end: usize,
    groups: Vec<&'t str>,
    separator: &'t str,
    has_one_separator: bool,
}

impl<'t> Chain<'t> {
    fn at(sentence: &Sentence<'t>, at: usize) -> Option<Self> {
        if sentence.kind(at) != Kind::Digits {
            return None;
        }
        let mut chain = Self {
            end: at + 1,
            groups: vec![sentence.text(at)],
            separator: "",
            has_one_separator: true,
        };
        let is_separator = |sign: &str| {
            matches!(sign, "-" | "." | " " | "\u{A0}" | "‑")
                || sign == "/" && is_area_code(sentence.text(at))
        };
        while is_separator(sentence.text(chain.end)) && sentence.kind(chain.end + 1) == Kind::Digits
        {
            let separator = sentence.text(chain.end);
            let is_decimal = (separator == ".") != (chain.separator == ".");
            if chain.groups.len() == MAX_GROUPS || is_decimal && !chain.separator.is_empty() {
                return None;
            }
            chain.has_one_separator &= chain.groups.len() == 1 || separator == chain.separator;
            chain.separator = separator;
            chain.groups.push(sentence.text(chain.end + 1));
            chain.end += 2;
        }
        Some(chain)
    }

    fn n_digits(&self) -> usize {
        self.groups.iter().map(|group| group.len()).sum()
    }

    fn is_read_by_digits(&self, sentence: &Sentence<'_>, at: usize) -> bool {
        let Some(table) = sentence.table() else {
            return false;
        };
        let mut before = sentence.before_space(at);
        // `Tel.: 555 1234`
        for _ in 0..2 {
            if matches!(sentence.text(before), "." | ":") {
                before = sentence.before(before);
            }
        }
        let word = sentence.text(before).to_lowercase();
        let lengths: Vec<_> = self.groups.iter().map(|group| group.len()).collect();
        let is_dialled = table.before_phones.has(&word);
        let is_spaced = self.separator == " " || self.separator == "\u{A0}";
        match lengths.as_slice() {
            [3] => is_dialled,
            // `7-5 7-6` are two scores.
            [1, 1, 1] => self.separator == "-" && self.has_one_separator,
            [5] => is_postcode(sentence, before),
            [n] => *n > MAX_NUMBER,
            [3, 4] => {
                // `IEEE 754-2008`
                let is_standard = word.len() > 1 && sentence.text(before) == word.to_uppercase();
                self.separator == "-" && !is_standard && !table.before_pages.has(&word)
            }
            [3, 3, 4] | [1, 3, 3, 4] | [4, 4, 4, 4] | [3, 2, 4] => true,
            [2, 2, 2, 2, 2] if self.groups[0].starts_with('0') => true,
            // A number that begins with 0, in groups, counts nothing.
            [_, ..] if self.groups[0].starts_with('0') => {
                (8..=13).contains(&self.n_digits()) && self.separator != "."
            }
            [_, _, ..] => {
                is_dialled && self.n_digits() >= 6
                    || !is_spaced
                        && self.separator != "."
                        && lengths.len() >= 3
                        && self.n_digits() >= 9
            }
            [] => false,
        }
    }

    /// `1-800-FLOWERS`: claims the digits, and the hyphen behind them.
    fn before_letters(&self, sentence: &Sentence<'_>) -> Option<Claim> {
        let letters = sentence.text(self.end + 1);
        let is_dialled = sentence.is(self.end, "-")
            && matches!(self.groups.as_slice(), [_, area] if Some(self.groups[0]) == sentence.pattern("dialled before area code") && area.len() == 3)
            && letters.len() >= 3
            && letters.bytes().all(|byte| byte.is_ascii_uppercase());
        let claim = is_dialled.then(|| self.claim(sentence, ""))??;
        let spoken = claim.spoken + ", ";
        Claim::new(Rule::Digits, claim.end + 1, spoken)
    }

    fn claim(&self, sentence: &Sentence<'_>, prefix: &str) -> Option<Claim> {
        let groups: Option<Vec<_>> = self
            .groups
            .iter()
            .map(|group| say(sentence, group))
            .collect();
        let mut said = groups?.join(", ");
        if !prefix.is_empty() {
            said = format!("{prefix} {said}");
        }
        Claim::new(Rule::Digits, self.end, said)
    }
}

/// Returns a group of digits as it is said in a telephone number.
fn say(sentence: &Sentence<'_>, group: &str) -> Option<String> {
    let by_pairs = sentence.pattern("digits") == Some("pairs");
    if by_pairs && group.len() == 2 && !group.starts_with('0') {
        return Some(group.to_owned());
    }
    let zero = sentence.pattern("zero").unwrap_or("0");
    let digits: Vec<_> = group
        .chars()
        .map(|digit| {
            if digit == '0' {
                zero.to_owned()
            } else {
                digit.to_string()
            }
        })
        .collect();
    Some(digits.join(" "))
}

/// Returns whether a slash may follow in a telephone number: `030/1234567`.
fn is_area_code(group: &str) -> bool {
    group.starts_with('0') && group.len() >= 3
}

/// Returns whether letters of a state are before a number: `NY 10001`.
fn is_postcode(sentence: &Sentence<'_>, before: usize) -> bool {
    let state = sentence.text(before);
    sentence.kind(before) == Kind::Word
        && state.len() == 2
        && state.bytes().all(|byte| byte.is_ascii_uppercase())
        && sentence.is(sentence.before_space(before), ",")
}

/// `192.168.1.1`.
fn ip_address(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    let parts = [0, 2, 4, 6].map(|n| sentence.text(at + n));
    let is_part = |part: &&str| part.len() <= 3 && value(part).is_some_and(|n| n <= 255);
    let dots = [1, 3, 5].iter().all(|n| sentence.is(at + n, "."));
    let end = at + 7;
    let goes_on = sentence.is(end, ".") && sentence.kind(end + 1) == Kind::Digits;
    if !dots || goes_on || !parts.iter().all(is_part) {
        return None;
    }
    let dot = sentence.table()?.address_signs.get(".")?;
    let digits = |part: &str| part.chars().map(String::from).collect::<Vec<_>>().join(" ");
    let said = parts.map(digits).join(&format!(" {dot} "));
    Claim::new(Rule::Digits, end, said)
}
