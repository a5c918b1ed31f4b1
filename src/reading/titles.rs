//! `Ms. Lee` → `Miz Lee`: titles before names, which espeak-ng would spell.

use super::edits::Edits;
use super::title_table::{TitleTable, Titles};

/// The longest title has fewer bytes.
const MAX_TITLE_BYTES: usize = 24;

/// Writes out titles before a name, and `Jr.` after one.
pub(super) fn write_out(text: &str, offset: usize, language: &str, edits: &mut Edits) {
    let Some(table) = TitleTable::of(language) else {
        return;
    };
    let bytes = text.as_bytes();
    let mut word_start = 0;
    for at in 0..bytes.len() {
        // A no-break space ends with 0xA0 or 0xAF.
        let length = match bytes[at] {
            b' ' | b'\n' => 1,
            0xC2 if bytes[at..].starts_with("\u{A0}".as_bytes()) => 2,
            0xE2 if bytes[at..].starts_with("\u{202F}".as_bytes()) => 3,
            _ => continue,
        };
        let start = std::mem::replace(&mut word_start, at + length);
        if !(1..=MAX_TITLE_BYTES).contains(&(at - start)) {
            continue;
        }
        let word = text[start..at].trim_start_matches(is_edge);
        let start = at - word.len();
        let context = Context {
            before: &text[..start],
            after: &text[at + length..],
        };
        let read = table
            .before_names
            .read(word)
            .filter(|_| context.is_before_name(word, table))
            .or_else(|| {
                let read = table.after_names.read(word)?;
                context.is_after_name().then_some(read)
            });
        if let Some(read) = read {
            edits.replace(offset + start..offset + at, read);
        }
    }
}

/// Returns whether `c` may stand before the first letter of a word.
fn is_edge(c: char) -> bool {
    !c.is_alphanumeric()
}

/// Returns the part of `text` behind the last white space, bracket or quote.
fn last_word(text: &str) -> &str {
    let is_edge = |c: char| c.is_whitespace() || "([{\"'«»„“”‘’¿¡—–/".contains(c);
    text.rfind(is_edge).map_or(text, |at| {
        &text[at + text[at..].chars().next().map_or(1, char::len_utf8)..]
    })
}

/// What stands around a word that may be a title.
struct Context<'t> {
    before: &'t str,
    after: &'t str,
}

impl Context<'_> {
    fn is_before_name(&self, word: &str, table: &TitleTable) -> bool {
        let is_name = self.after.starts_with(char::is_uppercase)
            || table
                .articles
                .iter()
                .any(|article| self.after.starts_with(article));
        // `Marie M. Dupont` has an initial, `2019 г. Москва` a year.
        let is_letter = word.trim_end_matches('.').chars().count() == 1;
        is_name
            && !self
                .before
                .trim_end()
                .ends_with(|c: char| c.is_ascii_digit())
            && !(is_letter && self.follows_name())
    }

    /// Returns whether a capitalised word that does not begin the sentence
    /// comes before.
    fn follows_name(&self) -> bool {
        let before = self.before.trim_end();
        let word = last_word(before);
        word.len() < before.trim_start().len()
            && word.starts_with(char::is_uppercase)
            && word.ends_with(char::is_alphabetic)
    }

    fn is_after_name(&self) -> bool {
        let name = last_word(self.before.trim_end().trim_end_matches(','));
        name.starts_with(char::is_uppercase)
    }
}

impl Titles {
    /// Returns what is read for `word`, a title with or without its full stop.
    fn read(self, word: &str) -> Option<&'static str> {
        let bare = word.strip_suffix('.').unwrap_or(word);
        let is = |title: &str| title == word || title == bare;
        let (_, read) = self.0.iter().find(|(title, _)| is(title))?;
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::super::title_table::TITLES;
    use crate::chunk;
    use crate::reading::clean;

    #[test]
    fn titles_before_names_are_read_as_words() {
        for (language, written, read) in [
            ("en-us", "Ms. Lee and Ms Ray", "Miz Lee and Miz Ray"),
            (
                "en-gb",
                "(Gen. Lee) met Sgt. Doe",
                "(General Lee) met Sergeant Doe",
            ),
            ("en-us", "Sammy Davis Jr. sang", "Sammy Davis Junior sang"),
            (
                "fr",
                "M. Hulot et MM. Roy",
                "monsieur Hulot et messieurs Roy",
            ),
            ("fr", "Bonjour, M. le maire", "Bonjour, monsieur le maire"),
            (
                "de",
                "Hr. Maier traf Fr. Dr. Voß",
                "Herr Maier traf Frau Doktor Voß",
            ),
            ("it", "Sig.ra Bo e Prof. Po", "signora Bo e professor Po"),
            ("pt-br", "Sr. Paz", "senhor Paz"),
            ("nl", "Dhr. Bos", "de heer Bos"),
            ("ru", "г-н Иванов", "господин Иванов"),
            ("fi", "rva Virta", "rouva Virta"),
        ] {
            assert_eq!(clean(written, language), read, "{language}");
        }
    }

    #[test]
    fn other_words_stay() {
        for (language, text) in [
            ("en-us", "10 ms later, the rev. limit"),
            ("en-us", "Gen Z, Rep one"),
            ("en-us", "The end came, Jr. or not."),
            ("fr", "Elle a vu Marie M. Dupont"),
            ("fr", "10 MM. de long"),
            ("de", "im Jahr 5 Fr. Maier"),
            ("de", "am Fr. kommt er"),
            ("ja", "Ms. Lee"),
            ("en-us", "[[Ms. Lee]]"),
        ] {
            assert_eq!(clean(text, language), text, "{language}");
        }
    }

    #[test]
    fn no_title_ends_a_sentence() {
        let mut enders = Vec::new();
        for table in TITLES {
            for language in table.languages {
                let titles = table.before_names.0.iter();
                let dotted = titles.filter_map(|(title, _)| title.strip_suffix('.'));
                let false_end = |title: &&str| chunk::is_false_end(title, "Zorro", language);
                enders.extend(dotted.filter(|title| !false_end(title)));
            }
        }
        assert_eq!(enders, [""; 0]);
    }
}
