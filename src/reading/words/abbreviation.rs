//! Titles and other abbreviations: `Dr. Lee`, `approx.`, `No. 5`, `z. B.`

use super::claim::Claim;
use super::roman;
use super::sentence::Sentence;
use super::token::Kind;
use crate::language_tables::{Context, Reading};
use crate::reading::rule::Rule;

/// The longest abbreviation has fewer tokens and bytes.
const MAX_TOKENS: usize = 9;
const MAX_BYTES: usize = 24;

/// Claims the longest abbreviation that fits its context.
pub(super) fn claim(sentence: &Sentence<'_>, at: usize) -> Option<Claim> {
    if !sentence.begins_run(at) {
        return None;
    }
    let table = sentence.table()?;
    let mut best = None;
    let mut written = String::new();
    for end in at + 1..=at + MAX_TOKENS {
        let last = end - 1;
        match sentence.kind(last) {
            Kind::Word => {}
            Kind::Sign
                if matches!(sentence.text(last), "." | "-" | "/" | "°" | "º" | "ª" | ":") => {}
            // `z. B.`
            Kind::Space
                if sentence.is(sentence.before(last), ".") && sentence.kind(end) == Kind::Word =>
            {
                continue;
            }
            _ => break,
        }
        written.push_str(sentence.text(last));
        if written.len() > MAX_BYTES {
            break;
        }
        // `No.1`
        let is_glued = sentence.kind(end) == Kind::Digits && !sentence.is(last, ".");
        if sentence.kind(end) == Kind::Word || is_glued || sentence.is(last, "-") {
            continue;
        }
        let place = Place {
            sentence,
            at,
            end,
            written: &written,
        };
        // `etc/apt` is a path.
        let is_path = sentence.is(end, "/") && !sentence.is(last, ".") && !sentence.is(last, "/");
        if is_path {
            continue;
        }
        let mut readings = table.abbreviation(&written);
        // `5 Elm St, London`
        if readings.is_empty() && sentence.is(end, ",") {
            readings = table.abbreviation(&format!("{written},"));
        }
        if readings.is_empty()
            && let Some(claim) = ending(sentence, at, end)
        {
            return Some(claim);
        }
        if let Some(reading) = readings.iter().find(|reading| place.fits(reading)) {
            best = Some((end, reading.said));
        }
    }
    let (end, said) = best?;
    // The full stop of the abbreviation also ends the sentence.
    let ends = sentence.is(end - 1, ".") && sentence.is_end(end) && !said.is_empty();
    let said = if ends {
        format!("{said}.")
    } else {
        said.to_owned()
    };
    Claim::new(Rule::Abbreviation, end, said)
}

/// `Hauptstr.`: only the end of a word is shortened, and a stop follows.
fn ending(sentence: &Sentence<'_>, at: usize, end: usize) -> Option<Claim> {
    let word = sentence.text(at);
    if end != at + 2 || !sentence.is(at + 1, ".") || sentence.is_end(end) {
        return None;
    }
    let (start, reading) = sentence
        .table()?
        .shortened_ending(sentence.slice(at, end))?;
    if start == 0 {
        return None;
    }
    let said = reading.said;
    Claim::new(Rule::Abbreviation, end, format!("{}{said}", &word[..start]))
}

/// An abbreviation in its sentence.
struct Place<'s, 't> {
    sentence: &'s Sentence<'t>,
    at: usize,
    end: usize,
    written: &'s str,
}

impl Place<'_, '_> {
    fn fits(&self, reading: &Reading) -> bool {
        let after = self.sentence.after_space(self.end);
        let has_space = after > self.end;
        match reading.context {
            Context::Anywhere => true,
            Context::BeforeName => has_space && self.is_before_name(after),
            Context::AfterName => self.is_after_name(),
            Context::BetweenNames => {
                has_space && self.sentence.is_capitalised(after) && self.is_after_name()
            }
            Context::BeforeNumber => self.is_before_number(after, has_space) && !self.is_noun(),
            Context::AfterNumber => self.is_after_number(),
        }
    }

    fn is_before_number(&self, after: usize, has_space: bool) -> bool {
        let text = self.sentence.text(after);
        let is_roman = has_space && text.len() > 1 && roman::value(text).is_some();
        self.sentence.kind(after) == Kind::Digits || is_roman
    }

    /// `5 mln dlrs`: also behind another word that follows a number.
    fn is_after_number(&self) -> bool {
        let before = self.before();
        let magnitudes = self.sentence.table().map(|table| &table.magnitudes);
        self.sentence.kind(before) == Kind::Digits
            || magnitudes.is_some_and(|all| all.has(self.sentence.text(before)))
    }

    /// Returns whether the word is an ordinary one: `a fig. 3 were left`.
    fn is_noun(&self) -> bool {
        let table = self.sentence.table();
        let article = self.sentence.text(self.before());
        self.sentence.is_lowercase(self.at)
            && table.is_some_and(|table| table.indefinite_articles.has(article))
    }

    fn before(&self) -> usize {
        self.sentence.before_space(self.at)
    }

    fn is_before_name(&self, after: usize) -> bool {
        let articles = self.sentence.table().map(|table| &table.articles);
        let is_article = articles.is_some_and(|articles| articles.has(self.sentence.text(after)));
        let opener =
            self.sentence.kind(after) == Kind::Sign && self.sentence.is_capitalised(after + 1);
        let is_name = self.sentence.is_capitalised(after)
            || is_article
            || opener && matches!(self.sentence.text(after), "“" | "\"" | "«");
        // `Marie M. Dupont` has an initial, `2019 г. Москва` a year.
        let is_letter = self.written.trim_end_matches('.').chars().count() == 1;
        is_name
            && self.sentence.kind(self.before()) != Kind::Digits
            && !(is_letter && self.follows_name())
    }

    /// Returns whether a capitalised word that does not begin the sentence comes
    /// before.
    fn follows_name(&self) -> bool {
        let before = self.before();
        self.sentence.is_capitalised(before) && !self.sentence.is_start(before)
    }

    fn is_after_name(&self) -> bool {
        let mut before = self.before();
        if self.sentence.is(before, ",") {
            before = self.sentence.before(before);
        }
        // `St.` opens a sentence or stands before a name as a title.
        let is_ordinal = self.sentence.kind(self.sentence.before(before)) == Kind::Digits;
        self.sentence.is_capitalised(before) || is_ordinal
    }
}
