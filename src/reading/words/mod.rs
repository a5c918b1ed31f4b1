//! What is written in digits, signs and abbreviations → words that espeak-ng
//! reads right: `$3.14` → `3 dollars and 14 cents`, `Henry VIII` → `Henry the 8th`.
//!
//! ```text
//! sentence → tokens → rule after rule at each token → claims → edits
//! ```
//!
//! [`Sentence`] cuts the text into tokens once. From left to right, the rules for
//! the kind of a token look at it and at its neighbours, as they were written.
//! The first one that knows it *claims* it and perhaps tokens after it, and
//! says what is spoken. Claimed tokens are never read again, and each claim keeps its
//! place. A rule looks at a bounded number of tokens, or only at the start of a
//! run without spaces, so the time is linear.
//!
//! Rules are small, and each knows one thing: in `$10–20 km`, one rule reads the
//! amount; in `1939–45`, one reads the dash and one each year. They have no
//! words of their own: those are in a file per language
//! ([`language_tables`](crate::language_tables), which says how a language is added). A
//! language without a file gets only the repairs of what espeak-ng would not say at
//! all.
//!
//! espeak-ng reads cardinals, decimals, thousands and ordinals well, so numbers stay
//! digits, in the form that it reads right: `1984` → `19 84`.

mod abbreviation;
mod address;
mod capitals;
mod claim;
mod clock_time;
mod counting;
mod currency;
mod dash;
mod date;
mod digits;
mod emoji;
mod fraction;
mod hour_mark;
mod magnitude;
mod number;
mod number_sign;
mod ordinal;
mod phrase;
mod power;
mod roman;
mod ruler;
mod sentence;
mod sign;
mod token;
mod unit;
mod year;

use std::ops::Range;

use super::edits::Edits;
use claim::Claim;
use sentence::{Sentence, is_word};
use token::Kind;

/// Reads a sentence at a token: claims it and perhaps tokens after it.
type WordRule = fn(&Sentence<'_>, usize) -> Option<Claim>;

/// For a word. The first rule that claims it wins.
const AT_WORD: &[WordRule] = &[
    phrase::claim,
    address::claim,
    sign::claim_times,
    currency::claim_code,
    ordinal::claim,
    roman::claim,
    date::claim_month,
    magnitude::claim,
    unit::claim,
    abbreviation::claim,
    capitals::claim,
];

/// For digits.
const AT_DIGITS: &[WordRule] = &[
    phrase::claim,
    date::claim_numbers,
    digits::claim,
    clock_time::claim,
    hour_mark::claim,
    hour_mark::claim_with_stop,
    ordinal::claim,
    currency::claim_amount,
    fraction::claim,
    counting::claim,
    year::claim,
];

/// For any other character.
const AT_SIGN: &[WordRule] = &[
    phrase::claim,
    emoji::claim,
    currency::claim_sign,
    digits::claim_plus,
    sign::claim_per,
    number_sign::claim,
    number_sign::claim_other,
    address::claim_sign,
    dash::claim,
    unit::claim,
    sign::claim,
];

/// Reads `text`, a part of a sentence at `offset`. The `opaque` ranges of the
/// whole sentence are words that stay as they are. So does a text that
/// `is_named`: its marks are read by their names.
pub(super) fn write_out(
    text: &str,
    offset: usize,
    opaque: &[Range<usize>],
    language: &str,
    is_named: &dyn Fn(&str) -> bool,
    edits: &mut Edits,
) {
    let sentence = Sentence::new(text, offset, opaque, language);
    let mut at = 0;
    // The last character that is spoken for the claim right before.
    let mut last = None;
    while at < sentence.len() {
        let rules = match sentence.kind(at) {
            Kind::Word if sentence.is_ordinary(at) => &[],
            Kind::Word => AT_WORD,
            Kind::Digits => AT_DIGITS,
            Kind::Sign => AT_SIGN,
            Kind::Space | Kind::Opaque | Kind::Edge => &[],
        };
        match rules.iter().find_map(|rule| rule(&sentence, at)) {
            Some(claim) => {
                debug_assert!(claim.end > at);
                let range = sentence.range(at, claim.end);
                let mut spoken = sentence.fit(at, claim.end, claim.spoken);
                let first = spoken.chars().next();
                if last == Some(' ') && first == Some(' ') {
                    spoken.remove(0);
                } else if [last, first].iter().all(|c| c.is_some_and(is_word)) {
                    spoken.insert(0, ' ');
                }
                let written = &text[range.clone()];
                if spoken == written || is_named(written) {
                    last = written.chars().next_back();
                } else {
                    last = spoken.chars().next_back().or(last);
                    edits.replace(claim.rule, offset + range.start..offset + range.end, spoken);
                }
                at = claim.end.max(at + 1);
            }
            None => {
                at += 1;
                last = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reading::read;
    use std::path::Path;

    /// Checks a language's table of cases.
    fn check(path: &Path) -> usize {
        let table = std::fs::read_to_string(path).unwrap();
        let mut language = "";
        let mut cases = 0;
        let mut wrong = String::new();
        for line in table
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
        {
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
            {
                language = name;
                continue;
            }
            let (written, spoken) = line.split_once('\t').unwrap_or((line, line));
            let read = read(written, language);
            if read != spoken {
                wrong += &format!("\n{language}: {written}\n  wanted {spoken}\n  got    {read}");
            }
            cases += 1;
        }
        assert!(wrong.is_empty(), "{}:{wrong}", path.display());
        cases
    }

    #[test]
    fn every_language_reads_its_table_of_cases() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/language_tables");
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_none_or(|extension| extension != "txt") {
                continue;
            }
            let words = std::fs::read_to_string(&file).unwrap();
            let mut sections = words.lines().filter(|line| line.starts_with('['));
            let has_only_titles = sections.all(|section| section == "[before names]");
            let cases = file.with_extension("cases.tsv");
            if !has_only_titles || cases.exists() {
                assert!(check(&cases) > 0, "{}", cases.display());
            }
        }
    }
}
