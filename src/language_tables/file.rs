//! The syntax of a language's file.
//!
//! ```text
//! # A comment.
//! [units]
//! km = kilometer | kilometers
//! Mr, Mrs, Ms
//! ```
//!
//! A section is a list of entries. An entry is what is written, `=`, and what is
//! said; forms of it are separated by `|`. A line without `=` is a list of words.
//! A written `=` or `#` at the start of a line is put in quotes: `"=" = equals`.

/// A line of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'f> {
    Section(&'f str),
    /// What is written, and how it is read.
    Entry(&'f str, &'f str),
    Word(&'f str),
}

/// Returns the lines of `file` that say something, each with its number.
/// Several words of a line are several lines.
pub(super) fn lines(file: &str) -> impl Iterator<Item = (usize, Line<'_>)> {
    let lines = file.lines().enumerate();
    lines.flat_map(|(n, line)| read(line.trim()).map(move |line| (n + 1, line)))
}

fn read(line: &str) -> impl Iterator<Item = Line<'_>> {
    let is_comment = line.is_empty() || line.starts_with('#');
    let section = line
        .strip_prefix('[')
        .and_then(|line| line.strip_suffix(']'));
    let entry = match section {
        None if !is_comment => entry(line),
        _ => None,
    };
    let is_list = !is_comment && section.is_none() && entry.is_none();
    let words = line.split(',').map(str::trim);
    let words = words.filter(move |word| is_list && !word.is_empty());
    section
        .map(Line::Section)
        .into_iter()
        .chain(entry)
        .chain(words.map(Line::Word))
}

fn entry(line: &str) -> Option<Line<'_>> {
    if let Some(quoted) = line.strip_prefix('"') {
        let (written, said) = quoted.split_once("\" =")?;
        return Some(Line::Entry(written, said.trim()));
    }
    let (written, said) = line.split_once(" =")?;
    Some(Line::Entry(written.trim(), said.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_sections_entries_or_words() {
        let file = "# c\n\n[units]\nkm = kilometer | kilometers\n\"=\" = equals\nA, B\nx =\n";
        let lines: Vec<_> = lines(file).collect();
        assert_eq!(
            lines,
            [
                (3, Line::Section("units")),
                (4, Line::Entry("km", "kilometer | kilometers")),
                (5, Line::Entry("=", "equals")),
                (6, Line::Word("A")),
                (6, Line::Word("B")),
                (7, Line::Entry("x", "")),
            ]
        );
    }
}
