//! SubRip. It has no specification; this is what ffmpeg, VLC and mpv read.
//!
//! Lines end with a line feed, as ffmpeg writes them: those that need a carriage return
//! are long gone, and tools for text want none.

use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use super::clock;
use super::cue::Cue;

/// An invisible character that takes the meaning from the one before it: the format has
/// no escapes.
const WORD_JOINER: char = '\u{2060}';
/// Around a line that is written from right to left: players take lines for left to
/// right, and would put its marks at the wrong end. *Right-to-left embedding*, *pop
/// directional formatting*.
const RIGHT_TO_LEFT: [char; 2] = ['\u{202B}', '\u{202C}'];

/// Writes the cue number `n`, counted from 1.
pub(super) fn write(
    out: &mut impl Write,
    n: u64,
    time: &Range<Duration>,
    text: &str,
) -> io::Result<()> {
    let (start, end) = (clock(time.start), clock(time.end));
    write!(out, "{n}\n{start} --> {end}\n{text}\n\n")
}

/// Returns the text of a cue.
pub(super) fn text(cue: &Cue) -> String {
    let lines: Vec<_> = cue.text_lines().map(|line| written(&line)).collect();
    lines.join("\n")
}

fn written(line: &str) -> String {
    let text = without_markup(line);
    match line.chars().find(|c| c.is_alphabetic()) {
        Some(first) if is_right_to_left(first) => {
            let [begin, end] = RIGHT_TO_LEFT;
            format!("{begin}{text}{end}")
        }
        _ => text,
    }
}

/// Returns a line in which players see neither times nor tags, such as `<b>`.
///
/// Braces become parentheses: what is in braces (`{\an8}`) ffmpeg and others neither show
/// nor let one escape.
fn without_markup(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        shown.push(match c {
            '{' => '(',
            '}' => ')',
            c => c,
        });
        let next = chars.peek();
        let is_arrow = c == '-' && next == Some(&'>');
        let is_tag = c == '<' && next.is_some_and(|next| !next.is_whitespace());
        if is_arrow || is_tag {
            shown.push(WORD_JOINER);
        }
    }
    shown
}

/// Returns whether a letter is of Hebrew, Arabic, Syriac, Thaana, N'Ko or another script
/// in the blocks that Unicode reserves for writing from right to left.
fn is_right_to_left(letter: char) -> bool {
    matches!(letter,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

fn clock(time: Duration) -> String {
    clock::text(time, ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_taken_for_times_or_tags() {
        for (line, expected) in [
            ("a --> b", "a --\u{2060}> b"),
            ("<b>bold</b>", "<\u{2060}b>bold<\u{2060}/b>"),
            (r"{\an8}", r"(\an8)"),
            ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ] {
            assert_eq!(without_markup(line), expected);
        }
    }

    #[test]
    fn a_line_from_right_to_left_is_marked() {
        assert_eq!(written("שלום, 42."), "\u{202B}שלום, 42.\u{202C}");
        assert_eq!(written("42 مرحبا"), "\u{202B}42 مرحبا\u{202C}");
        assert_eq!(written("The word שלום."), "The word שלום.");
    }

    #[test]
    fn times_have_a_comma() {
        let time = Duration::from_millis(3_723_004);
        assert_eq!(clock(time), "01:02:03,004");
        assert_eq!(clock(time * 100), "103:25:00,400");
    }
}
