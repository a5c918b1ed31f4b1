//! Splits growing text into complete lines or paragraphs.

/// How much text a passage holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PassageUnit {
    /// One line, with its newline. Blank lines are passages too.
    #[default]
    Line,
    /// The lines of a paragraph and the first blank line after it.
    ///
    /// Further blank lines belong to the next paragraph, so that a paragraph
    /// does not have to wait for them.
    Paragraph,
}

/// Collects text and returns the passages that are complete.
///
/// The passages, concatenated, are the collected text.
pub(super) struct PassageSplitter {
    unit: PassageUnit,
    /// The most bytes of a passage.
    max_bytes: usize,
    text: String,
    /// The start of the text that has not been returned yet.
    start: usize,
    /// The start of the line that has no newline yet.
    line_start: usize,
    /// How far the search for a newline has come.
    searched: usize,
    /// Whether the current paragraph has a line that is not blank.
    has_words: bool,
}

impl PassageSplitter {
    pub(super) fn new(unit: PassageUnit, max_bytes: usize) -> Self {
        Self {
            unit,
            max_bytes: max_bytes.max(char::MAX.len_utf8()),
            text: String::new(),
            start: 0,
            line_start: 0,
            searched: 0,
            has_words: false,
        }
    }

    /// Calls `write` to append to the text.
    pub(super) fn append_with<T>(&mut self, write: impl FnOnce(&mut String) -> T) -> T {
        self.text.drain(..self.start);
        self.line_start -= self.start;
        self.searched -= self.start;
        self.start = 0;
        write(&mut self.text)
    }

    /// Returns the next complete line or paragraph, or the next part of one that
    /// is too large.
    pub(super) fn next_complete(&mut self) -> Option<String> {
        while let Some(newline) = self.text[self.searched..].find('\n') {
            let line_end = self.searched + newline + 1;
            if line_end - self.start > self.max_bytes {
                return Some(self.take_part());
            }
            let blank = self.text[self.line_start..line_end].trim().is_empty();
            self.line_start = line_end;
            self.searched = line_end;
            if self.unit == PassageUnit::Line || (blank && self.has_words) {
                self.has_words = false;
                return Some(self.take_to(line_end));
            }
            self.has_words |= !blank;
        }
        self.searched = self.text.len();
        (self.text.len() - self.start > self.max_bytes).then(|| self.take_part())
    }

    /// Returns the next passage after the end of the input.
    pub(super) fn next_at_end(&mut self) -> Option<String> {
        if self.start == self.text.len() {
            return None;
        }
        self.next_complete()
            .or_else(|| Some(self.take_to(self.text.len())))
    }

    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.text.capacity()
    }

    fn take_to(&mut self, end: usize) -> String {
        let passage = self.text[self.start..end].to_owned();
        self.start = end;
        self.line_start = self.line_start.max(end);
        self.searched = self.searched.max(end);
        passage
    }

    /// Splits at a line end, else at white space, else between characters.
    fn take_part(&mut self) -> String {
        let end = self.text.floor_char_boundary(self.start + self.max_bytes);
        let window = &self.text[self.start..end];
        let after = |at: usize| at + window[at..].chars().next().map_or(0, char::len_utf8);
        let length = window
            .rfind('\n')
            .or_else(|| window.rfind(char::is_whitespace))
            .map_or(window.len(), after);
        // A blank line still ends the paragraph that is split here.
        self.has_words |= !window[..length].trim().is_empty();
        self.take_to(self.start + length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(unit: PassageUnit, max_bytes: usize, pushes: &[&str]) -> Vec<String> {
        let mut splitter = PassageSplitter::new(unit, max_bytes);
        let mut passages = Vec::new();
        for push in pushes {
            splitter.append_with(|text| text.push_str(push));
            passages.extend(std::iter::from_fn(|| splitter.next_complete()));
        }
        passages.extend(std::iter::from_fn(|| splitter.next_at_end()));
        passages
    }

    #[test]
    fn lines_end_at_their_newline_or_at_the_end() {
        assert_eq!(
            split(PassageUnit::Line, 99, &["one\ntw", "o\n\n", "  \nthree"]),
            ["one\n", "two\n", "\n", "  \n", "three"]
        );
        assert!(split(PassageUnit::Line, 99, &[]).is_empty());
        assert!(split(PassageUnit::Line, 99, &[""]).is_empty());
    }

    #[test]
    fn paragraphs_end_with_their_first_blank_line() {
        assert_eq!(
            split(
                PassageUnit::Paragraph,
                99,
                &["\n\na\nb\n", " \n\n\nc\n", "\nd\ne"]
            ),
            ["\n\na\nb\n \n", "\n\nc\n\n", "d\ne"]
        );
    }

    #[test]
    fn a_large_passage_is_split_at_a_line_end_or_white_space_or_anywhere() {
        let cases: &[(PassageUnit, &str, &[&str])] = &[
            (
                PassageUnit::Line,
                "aaa bbb ccc ddd\n",
                &["aaa bbb ", "ccc ddd\n"],
            ),
            (
                PassageUnit::Line,
                "aaaaaaaaaaaaaaa\n",
                &["aaaaaaaaaa", "aaaaa\n"],
            ),
            (PassageUnit::Line, "世世世世世", &["世世世", "世世"]),
            (PassageUnit::Line, "aaaaaaaaa\n", &["aaaaaaaaa\n"]),
            (
                PassageUnit::Paragraph,
                "aaa\nbb cc dd\nee\n",
                &["aaa\n", "bb cc dd\n", "ee\n"],
            ),
            (
                PassageUnit::Paragraph,
                "aaaa bbbb cccc\n\ndd\n\n",
                &["aaaa bbbb ", "cccc\n\n", "dd\n\n"],
            ),
            (
                PassageUnit::Paragraph,
                "\n\n\n\n\n\n\n\n\n\n\na",
                &["\n\n\n\n\n\n\n\n\n\n", "\na"],
            ),
        ];
        for (unit, text, passages) in cases {
            assert_eq!(&split(*unit, 10, &[text]), passages, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn passages_give_back_the_text_and_keep_to_the_limit(
            pushes in prop::collection::vec("[ab世\u{301} \n]{0,12}", 0..12),
            unit in prop_oneof![Just(PassageUnit::Line), Just(PassageUnit::Paragraph)],
            max_bytes in 1usize..30,
        ) {
            let pushes: Vec<&str> = pushes.iter().map(String::as_str).collect();
            let passages = split(unit, max_bytes, &pushes);
            prop_assert_eq!(passages.concat(), pushes.concat());
            for passage in &passages {
                prop_assert!(!passage.is_empty());
                prop_assert!(passage.len() <= max_bytes.max(4));
            }
            if unit == PassageUnit::Line {
                for passage in &passages {
                    prop_assert!(!passage.trim_end_matches('\n').contains('\n'));
                }
            }
        }

        #[test]
        fn passages_do_not_depend_on_how_the_text_arrives(
            text in "[ab世 \n]{0,60}",
            unit in prop_oneof![Just(PassageUnit::Line), Just(PassageUnit::Paragraph)],
        ) {
            let singly: Vec<String> = text.chars().map(String::from).collect();
            let singly: Vec<&str> = singly.iter().map(String::as_str).collect();
            prop_assert_eq!(split(unit, 1000, &[&text]), split(unit, 1000, &singly));
        }
    }
}
