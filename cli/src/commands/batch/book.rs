//! `--split chapters`: divides a plain text into its chapters. For documents, see
//! [`document_chapters`](super::document_chapters).

use std::ops::Range;

use piper_rs::document::Metadata;
use piper_rs::text::{Passage, ResumePoint};
use piper_rs::{CancelToken, Error, Result};

use super::contents::{Listed, contents_runs, is_contents_list, is_contents_title, is_entry};
use super::entry::LocationUnit;
use super::headings::{Heading, is_title, is_underline, markdown, numbered};
use crate::speech::source::{Excerpt, ExcerptHeading, Source};

/// The title of the text before the first heading.
pub(super) const FRONT_MATTER: &str = "Front matter";
/// A heading has a line, or a second one with the title.
const MAX_HEADING_LINES: usize = 2;

/// A text that has headings.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) chapters: Vec<BookChapter>,
    /// The lines of its tables of contents. They belong to no chapter.
    pub(super) contents: Vec<Range<u64>>,
    /// What a document says about itself.
    pub(super) metadata: Metadata,
    /// What the places of chapters count.
    pub(super) unit: LocationUnit,
}

/// A chapter of a book.
#[derive(Debug)]
pub(super) struct BookChapter {
    pub(super) title: String,
    /// The line of its heading, or another [place](Book::unit).
    pub(super) line: u64,
    pub(super) source: Source,
}

/// A heading: its title, what is spoken, and its lines.
#[derive(Debug)]
struct Found {
    title: String,
    spoken: String,
    lines: Range<u64>,
    /// The bytes of text before it.
    offset: u64,
    /// Where reading can begin to get the text after it.
    resume_point: Option<ResumePoint>,
    /// Whether there is text before the next heading.
    has_body: bool,
    /// The lines of a word such as `Contents` before it.
    contents_title: Option<Range<u64>>,
}

/// Divides a text into chapters; there are none if it has no headings. The text is
/// read once, line by line. Each chapter is read from its own place in the file
/// when it is spoken.
pub(super) fn divide(source: &Source, cancel: &CancelToken) -> Result<Book> {
    let mut scan = Scan::default();
    for line in source.clone().by_line().read() {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        scan.line(&line?);
    }
    scan.end_paragraph();
    scan.drop_contents_lists();
    let Scan {
        found, contents, ..
    } = scan;
    let Some(first) = found.first() else {
        return Ok(Book::default());
    };
    let part = |heading, lines: Range<u64>, resume_point| {
        let overlaps = |other: &&Range<u64>| other.start < lines.end && lines.start < other.end;
        source.excerpt(Excerpt {
            heading,
            left_out: contents.iter().filter(overlaps).cloned().collect(),
            lines,
            resume_point,
        })
    };
    let front_matter = scan.has_front_matter.then(|| BookChapter {
        title: FRONT_MATTER.to_owned(),
        line: 1,
        source: part(None, 1..first.lines.start, None),
    });
    let ends = found.iter().skip(1).map(|next| next.lines.start);
    let ends: Vec<_> = ends.chain([u64::MAX]).collect();
    let chapters = found.into_iter().zip(ends);
    let chapters = chapters.map(|(heading, end)| BookChapter {
        title: heading.title,
        line: heading.lines.start,
        source: part(
            Some(ExcerptHeading {
                text: heading.spoken,
                line: heading.lines.start,
                offset: heading.offset,
            }),
            heading.lines.end..end,
            heading.resume_point,
        ),
    });
    Ok(Book {
        chapters: front_matter.into_iter().chain(chapters).collect(),
        contents,
        ..Book::default()
    })
}

/// Finds headings, line by line.
#[derive(Debug, Default)]
struct Scan {
    found: Vec<Found>,
    /// The first lines of the current paragraph.
    paragraph: Vec<String>,
    /// The number of the paragraph's first line, and of the line after its last.
    lines: Range<u64>,
    /// The bytes of text before the paragraph.
    offset: u64,
    /// Where reading can begin to get the paragraph.
    resume_point: Option<ResumePoint>,
    /// How many of the paragraph's lines may be those of a table of contents.
    entries: u64,
    /// The last paragraph, if it was only a word such as `Contents`.
    contents_title: Option<Range<u64>>,
    /// The lines of the tables of contents.
    contents: Vec<Range<u64>>,
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
    /// How many tables of contents come before it.
    contents: usize,
}

impl Scan {
    fn line(&mut self, passage: &Passage) {
        let (number, line) = (passage.line, passage.text.trim_end());
        if let Some((marks, language)) = fence(line) {
            match &self.code {
                Some(code) if marks >= code.marks && language.is_empty() => {
                    self.found.truncate(code.headings);
                    self.contents.truncate(code.contents);
                    self.add_text();
                    self.clear_paragraph();
                    self.code = None;
                    return;
                }
                Some(_) => {}
                None => {
                    self.end_paragraph();
                    self.code = Some(OpenCode {
                        marks,
                        headings: self.found.len(),
                        contents: self.contents.len(),
                    });
                }
            }
        }
        if line.trim().is_empty() {
            return self.end_paragraph();
        }
        if let Some(title) = markdown(line) {
            self.end_paragraph();
            let marks = line.find(title).unwrap_or_default();
            self.offset = passage.offset + marks as u64;
            self.resume_point = passage.resume_point.clone();
            return self.add(title.to_owned(), title.to_owned(), number..number + 1);
        }
        if let [title] = self.paragraph.as_slice()
            && is_underline(line)
            && self.lines.end == self.lines.start + 1
            && is_title(title)
        {
            let indent = title.len() - title.trim_start().len();
            let title = title.trim().to_owned();
            let lines = self.lines.start..number + 1;
            self.offset += indent as u64;
            self.clear_paragraph();
            return self.add(title.clone(), title, lines);
        }
        if self.paragraph.is_empty() {
            self.lines = number..number;
            self.offset = passage.offset;
            self.resume_point = passage.resume_point.clone();
        }
        self.lines.end = number + 1;
        self.entries += u64::from(is_entry(line));
        // One more than a heading has, so that a longer paragraph is noticed.
        if self.paragraph.len() <= MAX_HEADING_LINES {
            self.paragraph.push(line.to_owned());
        }
    }

    /// Decides whether the paragraph that ends here is a heading.
    fn end_paragraph(&mut self) {
        let entries = self.entries;
        let paragraph = self.clear_paragraph();
        let Some(first) = paragraph.first() else {
            return;
        };
        let lines = self.lines.clone();
        let has_title = self.contents_title.is_some();
        if is_contents_list(first, has_title, lines.end - lines.start, entries) {
            let title = self.contents_title.take();
            let start = title.map_or(lines.start, |title| title.start);
            self.contents.push(start..lines.end);
            return;
        }
        if paragraph.len() == 1 && is_contents_title(first) {
            if has_title {
                self.add_text();
            }
            self.contents_title = Some(lines);
            return;
        }
        let title = match paragraph.as_slice() {
            [line] => numbered(line).map(|_| line.trim().to_owned()),
            [number, title] if is_second_line(number, title) => {
                let number = number.trim().trim_end_matches(['.', ':']);
                Some(format!("{number}: {}", title.trim()))
            }
            _ => None,
        };
        match title {
            Some(title) => self.add(title, paragraph.join("\n"), lines),
            None => self.add_text(),
        }
    }

    fn clear_paragraph(&mut self) -> Vec<String> {
        self.entries = 0;
        std::mem::take(&mut self.paragraph)
    }

    /// Notes that there is text after the last heading.
    fn add_text(&mut self) {
        self.contents_title = None;
        match self.found.last_mut() {
            Some(heading) => heading.has_body = true,
            None => self.has_front_matter = true,
        }
    }

    fn add(&mut self, title: String, spoken: String, lines: Range<u64>) {
        self.found.push(Found {
            title,
            spoken,
            lines,
            offset: self.offset,
            resume_point: self.resume_point.clone(),
            has_body: false,
            contents_title: self.contents_title.take(),
        });
    }

    /// Drops the headings that are the lines of a table of contents.
    fn drop_contents_lists(&mut self) {
        if self.contents_title.is_some() {
            self.add_text();
        }
        let listed = self.found.iter().map(|heading| Listed {
            title: &heading.title,
            has_body: heading.has_body,
            is_below_title: heading.contents_title.is_some(),
        });
        let runs = contents_runs(&Vec::from_iter(listed));
        for run in runs.iter().rev() {
            let dropped: Vec<_> = self.found.drain(run.clone()).collect();
            if let [first, .., last] = dropped.as_slice() {
                let title = first.contents_title.as_ref();
                let start = title.map_or(first.lines.start, |title| title.start);
                self.contents.push(start..last.lines.end);
            }
        }
        // Without a list below it, the word is text of the chapter before.
        let is_first_text = self
            .found
            .first()
            .is_some_and(|first| first.contents_title.is_some());
        self.has_front_matter |= is_first_text;
        self.contents.sort_by_key(|lines| lines.start);
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
    use crate::speech::source::Reading;

    fn split(text: &str) -> Vec<(String, String)> {
        let source = Source::text(text.to_owned());
        let chapters = divide(&source, &CancelToken::new()).unwrap().chapters;
        let read = |chapter: BookChapter| {
            let text = chapter.source.read().map(|passage| passage.unwrap().text);
            (chapter.title, text.collect::<String>().trim().to_owned())
        };
        chapters.into_iter().map(read).collect()
    }

    #[test]
    fn a_book_is_split_at_its_headings_and_nothing_is_lost() {
        let text = "A Book\nby Somebody\n\n\
                    CHAPTER I.\nThe Sea\n\n\nIt was wide.\n\nChapter 2 was far away.\n\n\
                    Chapter 2: Home\n\nHome.\n# Markdown\nText.\n\nSetext\n======\nEnd.";
        let expected = [
            ("Front matter", "A Book\nby Somebody"),
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
    fn tables_of_contents_are_neither_chapters_nor_spoken() {
        let book = "CHAPTER I\nThe Sea\n\nIt was wide.\n\nCHAPTER II\nThe Land\n\nIt was dry.\n";
        let chapters = split(book);
        assert_eq!(chapters.len(), 2);
        let lists = [
            "Contents\nChapter I\nChapter II\n\n",
            "CONTENTS\n\nCHAPTER I. The Sea\nCHAPTER II. The Land\n\n\n",
            "Contents\n\nChapter I ..... 1\nChapter II .... 2\n\n",
            "Chapter I\n\nChapter II\n\n",
            "Contents\n\nChapter I\n\nChapter II\n\n",
            "Inhalt\n\nChapter I: The Sea\n\nChapter II: The Land\n\n",
        ];
        for list in lists {
            assert_eq!(split(&format!("{list}{book}")), chapters, "{list}");
            let with_title = split(&format!("A Book\n\n{list}The end of it.\n\n{book}"));
            assert_eq!(with_title.last(), chapters.last(), "{list}");
            let spoken = with_title.iter().map(|(_, text)| text.as_str());
            let spoken = Vec::from_iter(spoken).concat();
            assert!(
                spoken.contains("A Book") && spoken.contains("The end of it."),
                "{list}"
            );
        }
        let two = split(&format!(
            "Preface\n\nText.\n\nContents\nChapter I\nChapter II\n\n{book}"
        ));
        assert_eq!(
            two[0],
            ("Preface".to_owned(), "Preface\n\n\nText.".to_owned())
        );
        let word = split("Contents\n\nNothing much.\n\nChapter 1\n\nText.");
        assert_eq!(word[0].1, "Contents\n\nNothing much.");
    }

    #[test]
    fn a_chapter_is_read_without_the_text_before_it() {
        use std::io::{Seek as _, SeekFrom, Write as _};
        let chapter = |n| {
            format!(
                "Chapter {n}\n\n{}\n",
                "Words and more words.\n".repeat(1000)
            )
        };
        let text: String = (1..100).map(chapter).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let source = Source::file(file.path(), Reading::plain(None), &CancelToken::new()).unwrap();
        let chapters = divide(&source, &CancelToken::new()).unwrap().chapters;
        assert_eq!(chapters.len(), 99);
        let read = |n: usize| chapters[n].source.read().collect::<Result<Vec<_>>>();
        // Bytes that are no text: reading them fails.
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(&vec![0xFF; text.len() - 100_000]).unwrap();
        assert!(read(0).is_err());
        let last = read(98).unwrap();
        let last: String = last.into_iter().map(|passage| passage.text).collect();
        assert_eq!(last, chapter(99).replacen("\n\n", "\n\n\n", 1));
    }

    #[test]
    fn a_text_without_headings_has_no_chapters() {
        assert!(split("One.\n\n---\n\nTwo.\n\n```\n# comment\n```\n").is_empty());
        assert!(split("").is_empty());
    }
}
