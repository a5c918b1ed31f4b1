//! Marks and letters that are heard by their names, as screen readers need it.

use unicode_segmentation::UnicodeSegmentation as _;

use super::edits::Edits;
use super::mark_names::MarkNames;
use super::rule::Rule;

/// Which marks are spoken by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Punctuation {
    /// None, unless a mark is the whole text.
    #[default]
    None,
    /// Symbols, such as `@ # * / _ | ~`, but not the marks of prose.
    Some,
    /// Also brackets, quotes, dashes, colons and semicolons.
    Most,
    /// All, except for marks within a word (`don't`) or a number (`3.14`).
    All,
}

/// Whether words or letters are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spelling {
    /// Words.
    #[default]
    Words,
    /// Letters, one by one; capitals are announced.
    Letters,
}

/// Marks of prose, which are heard as pauses and as the melody.
const PROSE: &str = ".,;:?!'\"“”„‘’‚«»‹›()-‐‑–—―…¿¡。，、；：？！（）「」《》،؛؟";
/// Those of them that espeak-ng makes a pause of.
const PAUSES: &str = ".,;:?!…。，、；：？！،؛؟";
/// Those of them that most texts are full of.
const FREQUENT: &str = ".,?!'‚’‘…¿¡。，、？！،؟";
/// Signs that espeak-ng always reads.
const ALWAYS_READ: &str = "%€£$¥§°©®™+=×÷№";
/// From this many equal marks on, they are counted.
const MIN_COUNTED: usize = 4;

impl Punctuation {
    /// Returns whether this mark is named.
    fn names(self, mark: char) -> bool {
        match self {
            Self::None => false,
            Self::Some => !PROSE.contains(mark),
            Self::Most => !FREQUENT.contains(mark),
            Self::All => true,
        }
    }
}

/// Returns the only character of `text`.
pub(super) fn only_character(text: &str) -> Option<char> {
    let mut chars = text.trim().chars();
    match (chars.next(), chars.next()) {
        (only, None) => only,
        _ => None,
    }
}

/// Writes the names of marks.
pub(super) fn name(
    text: &str,
    offset: usize,
    punctuation: Punctuation,
    names: &MarkNames,
    edits: &mut Edits,
) {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if at < end || c.is_alphanumeric() || c.is_whitespace() || ALWAYS_READ.contains(c) {
            continue;
        }
        let is_prose = PROSE.contains(c);
        let (before, rest) = (text[..at].chars().next_back(), &text[at..]);
        let count = rest.chars().take_while(|next| *next == c).count();
        end = at + count * c.len_utf8();
        let after = text[end..].chars().next();
        if !punctuation.names(c) || is_prose && count == 1 && is_inside(before, c, after) {
            continue;
        }
        let Some(name) = names.mark(c) else {
            continue;
        };
        let mut spoken = match count {
            MIN_COUNTED.. => format!("{count} {name}"),
            _ => vec![name; count].join(" "),
        };
        if before.is_some_and(|before| !before.is_whitespace()) {
            spoken.insert(0, ' ');
        }
        // The mark stays, for its pause and melody; a bracket or quote has none.
        if PAUSES.contains(c) && !after.is_some_and(char::is_alphanumeric) {
            spoken.push(c);
        }
        if after.is_some_and(|after| !after.is_whitespace()) {
            spoken.push(' ');
        }
        edits.replace(Rule::Mark, offset + at..offset + end, spoken);
    }
}

/// Returns whether `text` has a mark with a name, of those that are named.
pub(super) fn has_named(text: &str, punctuation: Punctuation, names: &MarkNames) -> bool {
    text.chars().any(|c| {
        punctuation.names(c)
            && !c.is_alphanumeric()
            && !c.is_whitespace()
            && !ALWAYS_READ.contains(c)
            && names.mark(c).is_some()
    })
}

/// Returns whether a mark is part of a word or of a number.
fn is_inside(before: Option<char>, mark: char, after: Option<char>) -> bool {
    let are = |test: fn(char) -> bool| before.is_some_and(test) && after.is_some_and(test);
    match mark {
        '\'' | '’' | '-' | '‐' | '‑' => are(char::is_alphabetic),
        '.' | ',' | ':' => are(|c| c.is_ascii_digit()),
        _ => false,
    }
}

/// Writes letters one by one.
pub(super) fn spell(text: &str, offset: usize, names: &MarkNames, edits: &mut Edits) {
    let mut spelled = String::new();
    let mut gap = "";
    for cluster in text.graphemes(true) {
        let Some(c) = cluster.chars().next() else {
            continue;
        };
        if c.is_whitespace() {
            gap = if spelled.is_empty() { "" } else { "; " };
            continue;
        }
        spelled.push_str(gap);
        match names.letter(c).or_else(|| names.mark(c)) {
            Some(name) if c.is_uppercase() => spelled += &names.capital.replace("{}", name),
            Some(name) => spelled.push_str(name),
            None if c.is_uppercase() => spelled += &names.capital.replace("{}", cluster),
            None => spelled.push_str(cluster),
        }
        gap = ", ";
    }
    let is_changed = spelled != text;
    if is_changed {
        edits.replace(Rule::Mark, offset..offset + text.len(), spelled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Reader, ReadingOptions};

    fn read(language: &str, punctuation: Punctuation, text: &str) -> String {
        let options = ReadingOptions {
            punctuation,
            ..ReadingOptions::default()
        };
        let reader = Reader::new(language).with_options(options);
        reader.write_out(reader.clean(text)).as_str().to_owned()
    }

    #[test]
    fn a_single_mark_is_read_by_its_name() {
        for (language, text, name) in [
            ("en-us", "?", "question mark"),
            ("en-gb", " . ", "dot"),
            ("en-us", "€", "euro"),
            ("de", "€", "euro"),
            ("ru", "€", "евро"),
            ("de", "(", "Klammer auf"),
            ("fr", "«", "guillemet ouvrant"),
            ("es", "¿", "abre interrogación"),
            ("cmn", "。", "句号"),
            ("pl", "z", "zet"),
            ("pl", "W", "wu"),
            ("ka", "!", "exclamation mark"),
            ("el", ";", "ερωτηματικό"),
        ] {
            assert_eq!(read(language, Punctuation::None, text), name, "{text}");
        }
        for text in ["A", "a", "?!", "...", "* * *", "---", "[[?]]", ""] {
            assert_eq!(read("en-us", Punctuation::None, text), text);
        }
    }

    #[test]
    fn marks_in_text_are_named_as_asked() {
        let text = "Don't (ever) mail me@x.org, 3.14 times... #1!";
        for (punctuation, read_as) in [
            (
                Punctuation::None,
                "Don't (ever) mail me@x.org, 3.14 times... number 1!",
            ),
            (
                Punctuation::Some,
                "Don't (ever) mail me at x.org, 3.14 times... hash 1!",
            ),
            (
                Punctuation::Most,
                "Don't left paren ever right paren mail me at x.org, 3.14 times... hash 1!",
            ),
            (
                Punctuation::All,
                "Don't left paren ever right paren mail me at x dot org comma, 3.14 times \
                 dot dot dot. hash 1 exclamation mark!",
            ),
        ] {
            assert_eq!(read("en-us", punctuation, text), read_as);
        }
        assert_eq!(
            read("en-us", Punctuation::Some, "a ***** b"),
            "a 5 asterisk b"
        );
        assert_eq!(
            read("de", Punctuation::All, "Ja, so."),
            "Ja Komma, so Punkt."
        );
    }

    #[test]
    fn text_is_spelled_letter_by_letter() {
        let spell = |language: &str, text: &str| {
            let options = ReadingOptions {
                spelling: Spelling::Letters,
                ..ReadingOptions::default()
            };
            let reader = Reader::new(language).with_options(options);
            reader.write_out(reader.clean(text)).as_str().to_owned()
        };
        assert_eq!(
            spell("en-us", "Bob 2!"),
            "capital B, o, b; 2, exclamation mark"
        );
        assert_eq!(spell("de", "Maß"), "groß M, a, Eszett");
        assert_eq!(spell("fr", "É-t"), "É majuscule, tiret, t");
        assert_eq!(spell("en-us", "e\u{301}a 🇩🇪"), "é, a; 🇩🇪");
        assert_eq!(spell("en-us", "ab[[x]]c"), "a, b[[x]]c");
    }
}
