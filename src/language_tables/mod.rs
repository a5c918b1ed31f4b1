//! What a speaker of a language knows about writing it: a file per language.
//!
//! # How a language is added
//!
//! A language is a file and its table of cases, next to this one: `pt.txt` and
//! `pt.cases.tsv`, and a line in [`FILES`]. No Rust is needed: the file has what is
//! written and what is said, in sections, and a section that is missing
//! switches its rules off. [`file`] has the syntax, `en.txt` explains each
//! section. A line of the cases is a sentence, a tab, and what is to be spoken;
//! the tests read all of them.
//!
//! Write into a file only what espeak-ng reads wrong, and write what espeak-ng reads
//! right: digits, not words for numbers.

mod file;
mod table;

use std::sync::LazyLock;

pub(crate) use table::{Context, LanguageTable, Reading};

/// The first parts of espeak-ng's names for a language, and its file.
const FILES: &[(&[&str], &str)] = &[(&["en"], include_str!("en.txt"))];

static TABLES: LazyLock<Vec<LazyTable>> = LazyLock::new(|| {
    let table = |(_, file): &(_, &'static str)| {
        let file: &'static str = file;
        let parse: Box<dyn FnOnce() -> LanguageTable + Send> =
            Box::new(move || LanguageTable::parse(file).unwrap_or_default());
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
    fn the_first_part_of_a_name_decides() {
        assert!(of("en-gb-x-rp").is_some());
        assert!(of("xx").is_none() && of("").is_none());
    }
}
