//! SubRip. It has no specification; this is what ffmpeg, VLC and mpv read.
//!
//! Lines end with a line feed, as ffmpeg writes them: those that need a carriage return
//! are long gone, and tools for text want none.

use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use super::cue::Cue;

/// An invisible character that takes the meaning from the one before it: the format has
/// no escapes.
const WORD_JOINER: char = '\u{2060}';

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
    let lines: Vec<_> = cue.text_lines().map(|line| without_markup(&line)).collect();
    lines.join("\n")
}

/// Returns a line in which players see neither times nor tags, such as `<b>` and `{\an8}`.
fn without_markup(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        shown.push(c);
        let is_arrow = c == '-' && chars.peek() == Some(&'>');
        let is_tag =
            matches!(c, '<' | '{') && chars.peek().is_some_and(|next| !next.is_whitespace());
        if is_arrow || is_tag {
            shown.push(WORD_JOINER);
        }
    }
    shown
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!(
        "{hours:02}:{minutes:02}:{seconds:02},{:03}",
        time.subsec_millis()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_taken_for_times_or_tags() {
        for (line, expected) in [
            ("a --> b", "a --\u{2060}> b"),
            ("<b>bold</b>", "<\u{2060}b>bold<\u{2060}/b>"),
            (r"{\an8}", "{\u{2060}\\an8}"),
            ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ] {
            assert_eq!(without_markup(line), expected);
        }
    }

    #[test]
    fn times_have_a_comma() {
        let time = Duration::from_millis(3_723_004);
        assert_eq!(clock(time), "01:02:03,004");
        assert_eq!(clock(time * 100), "103:25:00,400");
    }
}
