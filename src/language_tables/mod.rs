//! What a speaker of a language knows about writing it: a file per language.
//!
//! # How a language is added
//!
//! A language is a file and its table of cases, next to this one: `pt.txt` and
//! `pt.cases.tsv` (unless it has only titles), and a line in [`FILES`]. No Rust is
//! needed: the file has written and spoken forms, in sections, and a section
//! that is missing switches its rules off. [`mod@file`] has the syntax. `en.txt` explains each section
//! that English has; `de.txt`, `fr.txt` and `es.txt` explain the others. A line of the
//! cases is a sentence, a tab, and the text that espeak-ng is to get; `[pt-br]` begins
//! the cases of a region. The tests read all tables.
//!
//! The chunker uses the same abbreviations: a title (`before names`) never ends
//! a sentence, one of `before numbers` does not before a number.
//!
//! Write into a file only what espeak-ng reads wrong, and write what espeak-ng reads
//! right: digits, not words for numbers. `line starts` and `line holders` are for the lines
//! of subtitles, `keys` for the names of keys.

mod abbreviation;
mod entries;
mod file;
mod table;

use std::sync::LazyLock;

pub(crate) use abbreviation::{Context, Reading};
pub(crate) use entries::decapitalised;
pub(crate) use table::LanguageTable;

/// The first parts of espeak-ng's names for a language, and its file.
#[rustfmt::skip] // a line per language
const FILES: &[(&[&str], &str)] = &[
    (&["en"], include_str!("en.txt")),
    (&["fr"], include_str!("fr.txt")),
    (&["de"], include_str!("de.txt")),
    (&["nl"], include_str!("nl.txt")),
    (&["es"], include_str!("es.txt")),
    (&["ca"], include_str!("ca.txt")),
    (&["pt"], include_str!("pt.txt")),
    (&["it"], include_str!("it.txt")),
    (&["ro"], include_str!("ro.txt")),
    (&["sv"], include_str!("sv.txt")),
    (&["da"], include_str!("da.txt")),
    (&["nb", "nn", "no"], include_str!("nb.txt")),
    (&["fi"], include_str!("fi.txt")),
    (&["hu"], include_str!("hu.txt")),
    (&["tr"], include_str!("tr.txt")),
    (&["pl"], include_str!("pl.txt")),
    (&["cs"], include_str!("cs.txt")),
    (&["sk"], include_str!("sk.txt")),
    (&["ru"], include_str!("ru.txt")),
    (&["uk"], include_str!("uk.txt")),
    (&["el"], include_str!("el.txt")),
];

static TABLES: LazyLock<Vec<LazyTable>> = LazyLock::new(|| {
    let table = |(names, file): &(&'static [&'static str], &'static str)| {
        let (names, file) = (*names, *file);
        let parse: Box<dyn FnOnce() -> LanguageTable + Send> = Box::new(move || {
            let table = LanguageTable::parse(file);
            debug_assert!(table.is_ok(), "{names:?}: {:?}", table.err());
            table.unwrap_or_default()
        });
        LazyLock::new(parse)
    };
    FILES.iter().map(table).collect()
});

/// A table that is parsed when it is needed: some 0.1 ms.
type LazyTable = LazyLock<LanguageTable, Box<dyn FnOnce() -> LanguageTable + Send>>;

/// Returns the table of an espeak-ng language: `en-gb`, `de`.
pub(crate) fn of(language: &str) -> Option<&'static LanguageTable> {
    let family = language.split(['-', '_', '+']).next()?;
    let n = FILES
        .iter()
        .position(|(names, _)| names.contains(&family))?;
    TABLES.get(n).map(|table| &**table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_right() {
        for (names, file) in FILES {
            if let Err(fault) = LanguageTable::parse(file) {
                panic!("{names:?}: {fault}");
            }
        }
    }

    #[test]
    fn a_word_is_in_a_section_once() {
        let fault = LanguageTable::parse("[numbered]\nPart\nBook, Part\n").unwrap_err();
        assert_eq!(fault, "line 3: already in the section");
        assert!(LanguageTable::parse("[numbered]\nPart\n[before letters]\nPart\n").is_ok());
    }

    #[test]
    fn the_first_part_of_a_name_decides() {
        assert!(of("en-gb-x-rp").is_some());
        assert!(of("xx").is_none() && of("").is_none());
    }
}
