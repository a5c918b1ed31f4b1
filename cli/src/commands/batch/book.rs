//! `--split chapters`: divides a text into its chapters.

use std::ops::Range;

use piper_rs::{CancelToken, Error, Result};

use super::headings::{Heading, is_title, is_underline, markdown, numbered};
use crate::speech::source::Source;

/// The title of the text before the first heading.
const FRONT_MATTER: &str = "Front matter";
/// A heading has a line, or a second one with the title.
const MAX_HEADING_LINES: usize = 2;

/// A chapter of a book.
#[derive(Debug)]
pub(super) struct BookChapter {
    pub(super) title: String,
    /// The line of its heading.
    pub(super) line: u64,
    pub(super) source: Source,
}

/// A heading: its title, what is spoken, and its lines.
#[derive(Debug)]
struct Found {
    title: String,
    spoken: String,
    lines: Range<u64>,
}

/// Returns the chapters of a text; none if it has no headings. The text is read
/// line by line, and the chapters are read from the file when they are spoken.
pub(super) fn chapters(source: &Source, cancel: &CancelToken) -> Result<Vec<BookChapter>> {
    let mut scan = Scan::default();
    for line in source.clone().by_line().read() {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let line = line?;
        scan.line(line.line, line.text.trim_end());
    }
    scan.end_paragraph();
    let found = scan.found;
    let Some(first) = found.first() else {
        return Ok(Vec::new());
    };
    let front_matter = scan.has_front_matter.then(|| BookChapter {
        title: FRONT_MATTER.to_owned(),
        line: 1,
        source: source.part(None, 1..first.lines.start),
    });
    let ends = found.iter().skip(1).map(|next| next.lines.start);
    let ends: Vec<_> = ends.chain([u64::MAX]).collect();
    let chapters = found
        .into_iter()
        .zip(ends)
        .map(|(heading, end)| BookChapter {
            title: heading.title,
            line: heading.lines.start,
            source: source.part(Some(heading.spoken), heading.lines.end..end),
        });
    Ok(front_matter.into_iter().chain(chapters).collect())
}

/// Finds headings while lines go by.
#[derive(Debug, Default)]
struct Scan {
    found: Vec<Found>,
    /// The first lines of the current paragraph.
    paragraph: Vec<String>,
    /// The number of the paragraph's first line, and of the line after its last.
    lines: Range<u64>,
    /// Whether there is text before the first heading.
    has_front_matter: bool,
    /// The block of Markdown code that a line may be in.
    code: Option<OpenCode>,
}

/// A block of Markdown code whose end is not found yet. Without an end it is text.
#[derive(Debug)]
struct OpenCode {
    /// How many marks its end has at least.
    marks: usize,
    /// The number of headings before it. Those in it count only without an end.
    headings: usize,
}

impl Scan {
    fn line(&mut self, number: u64, line: &str) {
        if let Some((marks, language)) = fence(line) {
            match &self.code {
                Some(code) if marks >= code.marks && language.is_empty() => {
                    self.found.truncate(code.headings);
                    self.has_front_matter |= self.found.is_empty();
                    self.paragraph.clear();
                    self.code = None;
                    return;
                }
                Some(_) => {}
                None => {
                    self.end_paragraph();
                    let headings = self.found.len();
                    self.code = Some(OpenCode { marks, headings });
                }
            }
        }
        if line.trim().is_empty() {
            return self.end_paragraph();
        }
        if let Some(title) = markdown(line) {
            self.end_paragraph();
            return self.add(title.to_owned(), title.to_owned(), number..number + 1);
        }
        if let [title] = self.paragraph.as_slice()
            && is_underline(line)
            && self.lines.end == self.lines.start + 1
            && is_title(title)
        {
            let title = title.trim().to_owned();
            let lines = self.lines.start..number + 1;
            self.paragraph.clear();
            return self.add(title.clone(), title, lines);
        }
        if self.paragraph.is_empty() {
            self.lines = number..number;
        }
        self.lines.end = number + 1;
        // One more than a heading has, so that a longer paragraph is noticed.
        if self.paragraph.len() <= MAX_HEADING_LINES {
            self.paragraph.push(line.to_owned());
        }
    }

    /// Decides whether the paragraph that ends here is a heading.
    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let title = match paragraph.as_slice() {
            [] => return,
            [line] => numbered(line).map(|_| line.trim().to_owned()),
            [number, title] if is_second_line(number, title) => {
                let number = number.trim().trim_end_matches(['.', ':']);
                Some(format!("{number}: {}", title.trim()))
            }
            _ => None,
        };
        match title {
            Some(title) => self.add(title, paragraph.join("\n"), self.lines.clone()),
            None => self.has_front_matter |= self.found.is_empty(),
        }
    }

    fn add(&mut self, title: String, spoken: String, lines: Range<u64>) {
        self.found.push(Found {
            title,
            spoken,
            lines,
        });
    }
}

/// Returns the number of marks of a line that begins or ends a block of code, and
/// the name of its language. A line such as "```x```" is code within a text.
fn fence(line: &str) -> Option<(usize, &str)> {
    let marked = line.trim_start_matches(' ');
    let language = marked.trim_start_matches('`');
    let marks = marked.len() - language.len();
    let is_fence = line.len() - marked.len() <= 3 && marks >= 3 && !language.contains('`');
    is_fence.then_some((marks, language.trim()))
}

fn is_second_line(number: &str, title: &str) -> bool {
    numbered(number) == Some(Heading::Number) && is_title(title) && numbered(title).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(String, String)> {
        let source = Source::text(text.to_owned());
        let chapters = chapters(&source, &CancelToken::new()).unwrap();
        let read = |chapter: BookChapter| {
            let text = chapter.source.read().map(|passage| passage.unwrap().text);
            (chapter.title, text.collect::<String>().trim().to_owned())
        };
        chapters.into_iter().map(read).collect()
    }

    #[test]
    fn a_book_is_split_at_its_headings_and_nothing_is_lost() {
        let text = "A Book\nby Somebody\n\nContents\nChapter 1\nChapter 2\n\n\
                    CHAPTER I.\nThe Sea\n\n\nIt was wide.\n\nChapter 2 was far away.\n\n\
                    Chapter 2: Home\n\nHome.\n# Markdown\nText.\n\nSetext\n======\nEnd.";
        let expected = [
            (
                "Front matter",
                "A Book\nby Somebody\n\nContents\nChapter 1\nChapter 2",
            ),
            (
                "CHAPTER I: The Sea",
                "CHAPTER I.\nThe Sea\n\n\n\nIt was wide.\n\nChapter 2 was far away.",
            ),
            ("Chapter 2: Home", "Chapter 2: Home\n\n\nHome."),
            ("Markdown", "Markdown\n\nText."),
            ("Setext", "Setext\n\nEnd."),
        ];
        let expected = expected.map(|(title, text)| (title.to_owned(), text.to_owned()));
        assert_eq!(split(text), expected);
    }

    #[test]
    fn headings_in_code_do_not_count_and_only_closed_blocks_are_code() {
        let titles = |text: &str| -> Vec<_> {
            let chapters = split(text).into_iter();
            chapters.map(|(title, _)| title).collect()
        };
        let cases: [(&str, &[&str]); 7] = [
            ("# A\n```x```\nText.\n# B\n", &["A", "B"]),
            (
                "# A\n```\nText.\n\n# B\nText.\n\nChapter 3\n\nEnd.",
                &["A", "B", "Chapter 3"],
            ),
            (
                "# A\n```sh\n# no\n\nNo\n==\nNo\n===\n\nChapter 2\n\nKapitel 3\n```\nChapter 4\n\nEnd.",
                &["A", "Chapter 4"],
            ),
            (
                "````\n```\n# no\n```\n# no\n````\n# B\n",
                &["Front matter", "B"],
            ),
            ("# A\n  ```py\n# no\n  ```\n# B\n", &["A", "B"]),
            ("# A\n```\n# no\n```rust\n# no\n```\n# B\n", &["A", "B"]),
            ("Chapter 1\n```\n# no\n```\n# B\n", &["Chapter 1", "B"]),
        ];
        for (text, expected) in cases {
            assert_eq!(titles(text), expected, "{text}");
        }
        let text = "# A\n```\n# x\n```\n# B\n";
        assert!(split(text)[0].1.contains("# x"), "code is still spoken");
    }

    #[test]
    fn a_text_without_headings_has_no_chapters() {
        assert!(split("One.\n\n---\n\nTwo.\n\n```\n# comment\n```\n").is_empty());
        assert!(split("").is_empty());
    }
}
