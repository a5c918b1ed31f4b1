//! Text that grows → the lines or paragraphs of it that are complete.

/// How much text a passage holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// A line, with its newline. Blank lines are passages too.
    #[default]
    Line,
    /// The lines up to and including the first blank one after any text.
    ///
    /// Further blank lines come with the paragraph that follows them, so
    /// that none has to wait for what comes next.
    Paragraph,
}

/// Collects text and cuts complete units off its front.
///
/// Nothing is lost: the pieces, put together, are what was pushed.
pub(super) struct Cutter {
    unit: Unit,
    /// The most bytes a piece may have.
    max_bytes: usize,
    text: String,
    /// Where the text begins that was not handed out yet.
    start: usize,
    /// Where the line begins that has no newline yet.
    line_start: usize,
    /// How far a newline was looked for.
    searched: usize,
    /// Whether the unit begun holds a line that is not blank.
    has_words: bool,
}

impl Cutter {
    pub(super) fn new(unit: Unit, max_bytes: usize) -> Self {
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

    /// Lets `write` append to the text.
    pub(super) fn grow<T>(&mut self, write: impl FnOnce(&mut String) -> T) -> T {
        self.text.drain(..self.start);
        self.line_start -= self.start;
        self.searched -= self.start;
        self.start = 0;
        write(&mut self.text)
    }

    /// Returns the next unit that is complete, or the next piece of one that
    /// is too large.
    pub(super) fn complete(&mut self) -> Option<String> {
        while let Some(newline) = self.text[self.searched..].find('\n') {
            let line_end = self.searched + newline + 1;
            if line_end - self.start > self.max_bytes {
                return Some(self.cut_too_large());
            }
            let blank = self.text[self.line_start..line_end].trim().is_empty();
            self.line_start = line_end;
            self.searched = line_end;
            if self.unit == Unit::Line || (blank && self.has_words) {
                self.has_words = false;
                return Some(self.take_to(line_end));
            }
            self.has_words |= !blank;
        }
        self.searched = self.text.len();
        (self.text.len() - self.start > self.max_bytes).then(|| self.cut_too_large())
    }

    /// Returns a piece of what is left when no more text will come.
    pub(super) fn rest(&mut self) -> Option<String> {
        if self.start == self.text.len() {
            return None;
        }
        self.complete()
            .or_else(|| Some(self.take_to(self.text.len())))
    }

    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.text.capacity()
    }

    fn take_to(&mut self, end: usize) -> String {
        let piece = self.text[self.start..end].to_owned();
        self.start = end;
        self.line_start = self.line_start.max(end);
        self.searched = self.searched.max(end);
        piece
    }

    /// Cuts at a line end, else at white space, else between characters.
    fn cut_too_large(&mut self) -> String {
        let end = self.text.floor_char_boundary(self.start + self.max_bytes);
        let window = &self.text[self.start..end];
        let after = |at: usize| at + window[at..].chars().next().map_or(0, char::len_utf8);
        let length = window
            .rfind('\n')
            .or_else(|| window.rfind(char::is_whitespace))
            .map_or(window.len(), after);
        // A blank line still ends the paragraph that is cut here.
        self.has_words |= !window[..length].trim().is_empty();
        self.take_to(self.start + length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(unit: Unit, max_bytes: usize, pushes: &[&str]) -> Vec<String> {
        let mut cutter = Cutter::new(unit, max_bytes);
        let mut pieces = Vec::new();
        for push in pushes {
            cutter.grow(|text| text.push_str(push));
            pieces.extend(std::iter::from_fn(|| cutter.complete()));
        }
        pieces.extend(std::iter::from_fn(|| cutter.rest()));
        pieces
    }

    #[test]
    fn lines_end_at_their_newline_and_the_last_at_the_end() {
        assert_eq!(
            cut(Unit::Line, 99, &["one\ntw", "o\n\n", "  \nthree"]),
            ["one\n", "two\n", "\n", "  \n", "three"]
        );
        assert!(cut(Unit::Line, 99, &[]).is_empty());
        assert!(cut(Unit::Line, 99, &[""]).is_empty());
    }

    #[test]
    fn paragraphs_end_with_their_first_blank_line() {
        assert_eq!(
            cut(Unit::Paragraph, 99, &["\n\na\nb\n", " \n\n\nc\n", "\nd\ne"]),
            ["\n\na\nb\n \n", "\n\nc\n\n", "d\ne"]
        );
    }

    #[test]
    fn a_unit_too_large_is_cut_at_a_line_end_or_white_space_or_anywhere() {
        let cases: &[(Unit, &str, &[&str])] = &[
            (Unit::Line, "aaa bbb ccc ddd\n", &["aaa bbb ", "ccc ddd\n"]),
            (Unit::Line, "aaaaaaaaaaaaaaa\n", &["aaaaaaaaaa", "aaaaa\n"]),
            (Unit::Line, "世世世世世", &["世世世", "世世"]),
            (Unit::Line, "aaaaaaaaa\n", &["aaaaaaaaa\n"]),
            (
                Unit::Paragraph,
                "aaa\nbb cc dd\nee\n",
                &["aaa\n", "bb cc dd\n", "ee\n"],
            ),
            (
                Unit::Paragraph,
                "aaaa bbbb cccc\n\ndd\n\n",
                &["aaaa bbbb ", "cccc\n\n", "dd\n\n"],
            ),
            (
                Unit::Paragraph,
                "\n\n\n\n\n\n\n\n\n\n\na",
                &["\n\n\n\n\n\n\n\n\n\n", "\na"],
            ),
        ];
        for (unit, text, pieces) in cases {
            assert_eq!(&cut(*unit, 10, &[text]), pieces, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn pieces_give_back_the_text_and_keep_the_bound(
            pushes in prop::collection::vec("[ab世\u{301} \n]{0,12}", 0..12),
            unit in prop_oneof![Just(Unit::Line), Just(Unit::Paragraph)],
            max_bytes in 1usize..30,
        ) {
            let pushes: Vec<&str> = pushes.iter().map(String::as_str).collect();
            let pieces = cut(unit, max_bytes, &pushes);
            prop_assert_eq!(pieces.concat(), pushes.concat());
            for piece in &pieces {
                prop_assert!(!piece.is_empty());
                prop_assert!(piece.len() <= max_bytes.max(4));
            }
            if unit == Unit::Line {
                for piece in &pieces {
                    prop_assert!(!piece.trim_end_matches('\n').contains('\n'));
                }
            }
        }

        #[test]
        fn pieces_do_not_depend_on_how_the_text_arrives(
            text in "[ab世 \n]{0,60}",
            unit in prop_oneof![Just(Unit::Line), Just(Unit::Paragraph)],
        ) {
            let singly: Vec<String> = text.chars().map(String::from).collect();
            let singly: Vec<&str> = singly.iter().map(String::as_str).collect();
            prop_assert_eq!(cut(unit, 1000, &[&text]), cut(unit, 1000, &singly));
        }
    }
}
