//! Text → line groups: lines that belong together.

use super::{Boundary, ChunkOptions, LineBreaks, Splitting};

/// Lines without a line break that separates sentences, and the white space
/// that follows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineGroup<'t> {
    pub(super) text: &'t str,
    pub(super) boundary: Boundary,
}

/// The line groups of a text, in order. Concatenated, they are the text.
pub(super) struct LineGroups<'t> {
    text: &'t str,
    start: usize,
    paragraphs: Splitting,
    line_breaks: LineBreaks,
}

impl<'t> LineGroups<'t> {
    pub(super) fn new(text: &'t str, options: &ChunkOptions) -> Self {
        Self {
            text,
            start: 0,
            paragraphs: options.paragraphs,
            line_breaks: options.line_breaks,
        }
    }

    /// Returns the boundary after `line`, which is not blank; `None` if the
    /// group continues.
    fn boundary(&self, line: &str, blank: BlankLines) -> Option<Boundary> {
        if blank.seen && self.paragraphs == Splitting::On {
            return Some(Boundary::Paragraph);
        }
        let next = line_at(self.text, blank.end);
        let joined = match self.line_breaks {
            LineBreaks::Keep => false,
            LineBreaks::Join => true,
            LineBreaks::Auto => is_wrapped(line, next),
        };
        (next.is_empty() || !joined).then_some(Boundary::Line)
    }
}

impl<'t> Iterator for LineGroups<'t> {
    type Item = LineGroup<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.start == self.text.len() {
            return None;
        }
        // Blank lines at the start belong to the text after them.
        let mut end = skip_blank(self.text, self.start).end;
        let boundary = loop {
            let line = line_at(self.text, end);
            let blank = skip_blank(self.text, end + line.len());
            end = blank.end;
            if let Some(boundary) = self.boundary(line, blank) {
                break boundary;
            }
        };
        let text = &self.text[self.start..end];
        self.start = end;
        Some(LineGroup { text, boundary })
    }
}

/// Returns the line that starts at `start`, with its newline.
fn line_at(text: &str, start: usize) -> &str {
    let rest = &text[start..];
    &rest[..rest.find('\n').map_or(rest.len(), |newline| newline + 1)]
}

#[derive(Clone, Copy)]
struct BlankLines {
    end: usize,
    /// White space at the end of the text is not a line: it has no newline.
    seen: bool,
}

fn skip_blank(text: &str, start: usize) -> BlankLines {
    let mut blank = BlankLines {
        end: start,
        seen: false,
    };
    loop {
        let line = line_at(text, blank.end);
        if line.is_empty() || !line.trim().is_empty() {
            return blank;
        }
        blank.end += line.len();
        blank.seen |= line.ends_with('\n');
    }
}

/// The columns from which a line counts as wrapped prose. Lines of verse,
/// headings and addresses are shorter; lines of mail and `fmt` are longer.
const FILLED_COLUMNS: usize = 45;

/// Returns whether `next` continues the sentence of `line`.
///
/// It does if `line` is filled, neither line is a heading, a table row or a
/// rule, `next` is not a list item (which may start wrapped text but not
/// continue it), and `next` is not indented deeper.
fn is_wrapped(line: &str, next: &str) -> bool {
    is_filled(line)
        && !is_standalone(line)
        && !is_standalone(next)
        && !is_list_item(next)
        && (indent(next) <= indent(line) || is_list_item(line))
}

fn is_filled(line: &str) -> bool {
    let columns = line
        .trim()
        .chars()
        // East Asian characters take two columns.
        .map(|c| if c >= '\u{2E80}' { 2 } else { 1 });
    columns
        .scan(0, |sum, columns| {
            *sum += columns;
            Some(*sum)
        })
        .any(|sum| sum >= FILLED_COLUMNS)
}

/// Returns whether a line is a heading, a table row or a rule.
fn is_standalone(line: &str) -> bool {
    let line = line.trim();
    line.starts_with(['#', '|'])
        || line.contains('\t')
        || line.contains("   ")
        || !line.chars().any(char::is_alphanumeric)
}

/// Returns whether a line starts with a bullet, or with a number or letter and
/// `.` or `)`.
fn is_list_item(line: &str) -> bool {
    let Some((label, _)) = line.trim_start().split_once(char::is_whitespace) else {
        return false;
    };
    if matches!(label, "-" | "*" | "+" | "•" | "‣" | "·" | "–" | "—") {
        return true;
    }
    let label = label.strip_prefix('(').unwrap_or(label);
    let Some(label) = label.strip_suffix(['.', ')']) else {
        return false;
    };
    let number = label.len() <= 3 && label.bytes().all(|byte| byte.is_ascii_digit());
    let letter = label.len() == 1 && label.bytes().all(|byte| byte.is_ascii_alphabetic());
    !label.is_empty() && (number || letter)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Boundary::{Line, Paragraph};

    fn line_groups(
        text: &str,
        paragraphs: Splitting,
        line_breaks: LineBreaks,
    ) -> Vec<(&str, Boundary)> {
        let options = ChunkOptions {
            paragraphs,
            line_breaks,
            ..ChunkOptions::default()
        };
        LineGroups::new(text, &options)
            .map(|group| (group.text, group.boundary))
            .collect()
    }

    #[test]
    fn lines_and_paragraphs_are_split_as_the_options_say() {
        use LineBreaks::{Join, Keep};
        use Splitting::{Off, On};
        type Case = (
            &'static str,
            Splitting,
            LineBreaks,
            &'static [(&'static str, Boundary)],
        );
        let cases: &[Case] = &[
            ("", On, Keep, &[]),
            ("a", On, Keep, &[("a", Line)]),
            ("a\n", On, Keep, &[("a\n", Line)]),
            ("a\n\n", On, Keep, &[("a\n\n", Paragraph)]),
            ("a\n  ", On, Keep, &[("a\n  ", Line)]),
            ("\n\n", On, Keep, &[("\n\n", Line)]),
            ("a\nb", On, Keep, &[("a\n", Line), ("b", Line)]),
            (
                "a\nb\n \n\nc",
                On,
                Keep,
                &[("a\n", Line), ("b\n \n\n", Paragraph), ("c", Line)],
            ),
            ("\n\na\nb", On, Keep, &[("\n\na\n", Line), ("b", Line)]),
            (
                "a\r\n\r\nb",
                On,
                Keep,
                &[("a\r\n\r\n", Paragraph), ("b", Line)],
            ),
            (
                "a\nb\n\nc",
                On,
                Join,
                &[("a\nb\n\n", Paragraph), ("c", Line)],
            ),
            ("a\nb\n\nc\n", Off, Join, &[("a\nb\n\nc\n", Line)]),
            ("a\n\nb", Off, Keep, &[("a\n\n", Line), ("b", Line)]),
        ];
        for (text, paragraphs, line_breaks, wanted) in cases {
            let got = line_groups(text, *paragraphs, *line_breaks);
            assert_eq!(&got, wanted, "{text:?} {paragraphs:?} {line_breaks:?}");
        }
    }

    #[test]
    fn auto_joins_wrapped_prose_and_nothing_else() {
        let filled = "The quick brown fox jumps over the lazy dog, then";
        let wide = "敏捷的棕色狐狸跳过了懒狗然后又跳回来再跳过去一次两次";
        let joined: &[(&str, &str)] = &[
            (filled, "goes home."),
            (filled, "Goes home."),
            (&format!("{filled} Dr."), "Smith."),
            (wide, "三次。"),
            (&format!("  {filled}"), "  goes home."),
            (&format!("    {filled}"), "goes home."),
            (&format!("- {filled}"), "  goes home."),
            (&format!("1. {filled}"), "   goes home."),
        ];
        let apart: &[(&str, &str)] = &[
            ("Roses are red,", "violets are blue."),
            ("Chapter 1", filled),
            (filled, "- an item"),
            (filled, "2) an item"),
            (filled, "(a) an item"),
            (filled, "• an item"),
            (filled, "# A heading"),
            (filled, "    an indented line"),
            (filled, "--------"),
            (&format!("# {filled}"), "goes home."),
            (&format!("| {filled} |"), "| a row |"),
            (&format!("a\tcolumn {filled}"), "goes home"),
        ];
        for (cases, n_groups) in [(joined, 1), (apart, 2)] {
            for (line, next) in cases {
                let text = format!("{line}\n{next}\n");
                let got = line_groups(&text, Splitting::On, LineBreaks::Auto);
                assert_eq!(got.len(), n_groups, "{text}");
            }
        }
    }
}
