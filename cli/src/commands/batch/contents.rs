//! Tables of contents in books: their lines look like headings of chapters.

use std::collections::HashMap;
use std::ops::Range;

use super::headings::numbered;

/// What stands above a table of contents.
const TITLES: [&str; 18] = [
    "contents",
    "table of contents",
    "inhalt",
    "inhaltsverzeichnis",
    "table des matières",
    "sommaire",
    "índice",
    "contenido",
    "sumário",
    "indice",
    "sommario",
    "inhoud",
    "innehåll",
    "indhold",
    "spis treści",
    "obsah",
    "содержание",
    "оглавление",
];

/// A paragraph with as many headings is a table of contents. With fewer it may be
/// the heading of a volume, a book and a chapter.
const MIN_HEADINGS: u64 = 4;
/// The same, below a title such as `Contents`.
const MIN_HEADINGS_BELOW_TITLE: u64 = 2;

pub(super) fn is_contents_title(line: &str) -> bool {
    let title = line.trim().trim_end_matches([':', '.']).to_lowercase();
    TITLES.contains(&title.as_str())
}

/// Returns whether a line of a table of contents has a heading, such as
/// `Chapter 1. The Sea ..... 12`.
pub(super) fn is_entry(line: &str) -> bool {
    numbered(without_page(line)).is_some()
}

/// Returns whether a paragraph is a table of contents: it begins with `first`, and
/// so many of its lines are entries.
pub(super) fn is_contents_list(first: &str, has_title: bool, lines: u64, entries: u64) -> bool {
    let is_first_title = is_contents_title(first);
    let others = lines - u64::from(is_first_title);
    let needed = match has_title || is_first_title {
        true => MIN_HEADINGS_BELOW_TITLE,
        false => MIN_HEADINGS,
    };
    // A long title goes on in a second line.
    entries >= needed && entries * 5 >= others * 4
}

/// A heading of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed<'a> {
    pub(super) title: &'a str,
    /// Whether there is text before the next heading.
    pub(super) has_body: bool,
    /// Whether it stands below a title such as `Contents`.
    pub(super) is_below_title: bool,
}

/// Returns which of the headings are tables of contents: headings one after the
/// other, without text between them, that come again later.
///
/// `PART ONE` directly before `CHAPTER ONE` is no table of contents, even if each
/// part has a `CHAPTER ONE`.
pub(super) fn contents_runs(headings: &[Listed<'_>]) -> Vec<Range<usize>> {
    let keys: Vec<_> = headings.iter().map(|heading| key(heading.title)).collect();
    let last: HashMap<_, _> = keys.iter().zip(0..).collect();
    let comes_after = |n: usize, end: usize| last[&keys[n]] >= end;
    let mut runs = Vec::new();
    let mut start = 0;
    while start < headings.len() {
        let is_end = |(n, heading): (usize, &Listed<'_>)| {
            heading.has_body || n > 0 && heading.is_below_title
        };
        let length = headings[start..].iter().enumerate().position(is_end);
        let without_body = start + length.unwrap_or(headings.len() - start);
        // The last ones may be the first of the book, such as `PART ONE`.
        let end = (start..without_body)
            .rfind(|n| last[&keys[*n]] > *n)
            .map_or(start, |n| n + 1);
        let again = (start..end).filter(|n| comes_after(*n, end)).count();
        let of_one_kind = (start..end).any(|n| {
            let first_word = |n: usize| keys[n].split(' ').next();
            (start..n).any(|before| first_word(before) == first_word(n))
        });
        let is_list = end - start >= MIN_HEADINGS_BELOW_TITLE as usize
            && (headings[start].is_below_title || of_one_kind || again == end - start)
            && again * 2 >= end - start;
        if is_list {
            runs.push(start..end);
        }
        start = (without_body).max(start + 1);
    }
    runs
}

/// Returns what two headings of the same chapter have in common: the number, or the
/// whole title if it has no number.
fn key(title: &str) -> String {
    let title = without_page(title).to_lowercase();
    let words = title.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    let count = match numbered(without_page(&title)) {
        Some(_) => 2,
        None => usize::MAX,
    };
    words.take(count).collect::<Vec<_>>().join(" ")
}

/// Returns a line without the number of a page after dots or a wide space.
fn without_page(line: &str) -> &str {
    let line = line.trim();
    let before = line.trim_end_matches(|c: char| c.is_ascii_digit() || "ivxl".contains(c));
    let is_leader = |c: char| c.is_whitespace() || matches!(c, '.' | '…' | '·' | '_');
    let title = before.trim_end_matches(is_leader);
    let leader = before[title.len()..].chars();
    let is_wide = leader.clone().count() > 1 || leader.clone().any(|c| matches!(c, '\t' | '…'));
    match before.len() < line.len() && is_wide {
        true => title,
        false => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_not_part_of_a_title() {
        let cases = [
            ("Chapter 1 ....... 5", "Chapter 1"),
            ("Chapter 1. The Sea . . . . 12", "Chapter 1. The Sea"),
            ("  Chapter II\txiv", "Chapter II"),
            ("Chapter 4", "Chapter 4"),
            ("Chapter 1: Agent 7", "Chapter 1: Agent 7"),
        ];
        for (line, title) in cases {
            assert_eq!(without_page(line), title);
            assert!(is_entry(line), "{line}");
        }
    }

    /// Headings; `+` is one with text, `@` one below `Contents`.
    fn runs(headings: &[&str]) -> Vec<Range<usize>> {
        let listed = headings.iter().map(|heading| Listed {
            title: heading.trim_start_matches(['+', '@']),
            has_body: heading.starts_with('+'),
            is_below_title: heading.starts_with('@'),
        });
        contents_runs(&listed.collect::<Vec<_>>())
    }

    #[test]
    fn headings_that_come_again_are_contents() {
        let lists: [(&[&str], usize); 5] = [
            (
                &["Chapter I", "Chapter II", "+CHAPTER I.", "+CHAPTER II."],
                2,
            ),
            (
                &[
                    "@Chapter 1 .... 5",
                    "Chapter 2 .... 9",
                    "+Chapter 1: The Sea",
                    "+Chapter 2",
                ],
                2,
            ),
            (&["@The Sea", "The Land", "+The Sea", "+The Land"], 2),
            (
                &[
                    "PART I",
                    "Chapter 1",
                    "Chapter 2",
                    "PART II",
                    "Chapter 1", // contents
                    "PART I",
                    "+Chapter 1",
                    "+Chapter 2",
                    "PART II",
                    "+Chapter 1",
                ],
                5,
            ),
            (
                &[
                    "Prologue",
                    "Chapter 1",
                    "Chapter 2",
                    "+Prologue",
                    "+Chapter 1",
                    "+Chapter 2",
                ],
                3,
            ),
        ];
        for (headings, length) in lists {
            let found = runs(headings);
            assert_eq!((found.len(), &found[0]), (1, &(0..length)), "{headings:?}");
        }
    }

    #[test]
    fn headings_of_several_levels_are_no_contents() {
        let books: [&[&str]; 4] = [
            &[
                "PART I",
                "+Chapter 1",
                "+Chapter 2",
                "PART II",
                "+Chapter 1",
            ],
            &[
                "VOLUME I",
                "BOOK I",
                "+Chapter 1",
                "VOLUME II",
                "BOOK I",
                "+Chapter 1",
            ],
            &["Chapter 1", "Chapter 2", "+Chapter 3"],
            &["+Chapter 1", "+Chapter 2", "+Chapter 1"],
        ];
        for headings in books {
            assert!(runs(headings).is_empty(), "{headings:?}");
        }
    }
}
