//! The lines of a PDF's table of contents: a title, dots and the number of a page.

use super::pdf_pages::{Line, ROMAN_DIGITS};

/// As many dots lead to the number of a page.
const MIN_DOTS: usize = 4;
/// As many are no omission in a sentence, even without a number.
const MIN_DOTS_WITHOUT_NUMBER: usize = 8;

/// Returns the title in a line of a page, if the line is of a table of contents.
pub(super) fn title<'t>(page: &[Line<'t>], at: usize) -> Option<&'t str> {
    let line = page.get(at)?.text.trim();
    with_leader(line).or_else(|| {
        // `But then ....` is, if a line beside it certainly is.
        let title = before_dots(line, MIN_DOTS)?;
        let is_text = |line: &&Line<'_>| !line.is_dropped && !line.text.trim().is_empty();
        let before = page[..at].iter().rev().find(is_text);
        let after = page[at + 1..].iter().find(is_text);
        let mut beside = [before, after].into_iter().flatten();
        beside
            .any(|line| with_leader(line.text.trim()).is_some())
            .then_some(title)
    })
}

/// Returns the title in a line that certainly is of a table of contents.
fn with_leader(line: &str) -> Option<&str> {
    let number = |c: char| c.is_ascii_digit() || ROMAN_DIGITS.contains(&c);
    let rest = line.trim_end_matches(number);
    let numbered = (rest.len() < line.len()).then(|| before_dots(rest, MIN_DOTS));
    numbered
        .flatten()
        .or_else(|| before_dots(line, MIN_DOTS_WITHOUT_NUMBER))
}

/// Returns what is before so many dots at the end of a line.
fn before_dots(line: &str, least: usize) -> Option<&str> {
    let is_dot = |c: char| matches!(c, '.' | '…' | '·' | '_' | ' ');
    let title = line.trim_end_matches(is_dot);
    let dots = line[title.len()..].chars();
    let dots = dots.map(|c| match c {
        '…' => 3,
        ' ' => 0,
        _ => 1,
    });
    (!title.is_empty() && dots.sum::<usize>() >= least).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles<'t>(lines: &[&'t str]) -> Vec<Option<&'t str>> {
        let page: Vec<_> = lines
            .iter()
            .map(|text| Line {
                number: 1,
                text,
                is_dropped: false,
            })
            .collect();
        (0..page.len()).map(|at| title(&page, at)).collect()
    }

    #[test]
    fn an_omission_at_the_end_of_a_line_is_no_leader() {
        for prose in [
            "He wanted to say more ....",
            "她想了很久……",
            "Then .... vũ",
            "Then .... 乩",
            "....",
        ] {
            assert_eq!(titles(&["A line", prose, "goes on"]), [None; 3], "{prose}");
        }
        for line in ["One .... 2", "One . . . . xii", "One ........", "One……12"] {
            assert_eq!(titles(&[line]), [Some("One")], "{line}");
        }
        let beside = titles(&["One ....", "", "Two .... 3"]);
        assert_eq!(beside, [Some("One"), None, Some("Two")]);
    }
}
