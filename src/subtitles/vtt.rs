//! WebVTT, <https://www.w3.org/TR/webvtt1/>.

use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use super::clock;
use super::cue::{Cue, CueWord};
use super::format::WordStamps;

pub(super) const HEADER: &str = "WEBVTT\n\n";

pub(super) fn write(out: &mut impl Write, time: &Range<Duration>, text: &str) -> io::Result<()> {
    let (start, end) = (clock(time.start), clock(time.end));
    write!(out, "{start} --> {end}\n{text}\n\n")
}

/// Returns the text of a cue.
pub(super) fn text(cue: &Cue, word_stamps: WordStamps) -> String {
    let mut text = String::new();
    // Each time must be later than the one before it.
    let mut last = cue.time.start;
    for (n, line) in cue.lines.iter().enumerate() {
        if n > 0 {
            text.push('\n');
        }
        for word in line {
            let start = word
                .start
                .filter(|start| *start > last && *start < cue.time.end);
            match start.filter(|_| word_stamps == WordStamps::Write) {
                Some(start) => {
                    last = start;
                    text.push_str(&timed(word, start));
                }
                None => text.push_str(&escaped(&word.text)),
            }
        }
    }
    text
}

/// A class, without a name, lets style sheets address the words that are past.
fn timed(word: &CueWord, start: Duration) -> String {
    let bare = word.text.trim_end();
    let space = &word.text[bare.len()..];
    format!("<{}><c>{}</c>{space}", clock(start), escaped(bare))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

pub(super) fn clock(time: Duration) -> String {
    clock::text(time, '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_marked_with_times_that_rise_within_the_cue() {
        let word = |text: &str, start: Option<u64>| CueWord {
            text: text.to_owned(),
            start: start.map(Duration::from_millis),
        };
        let cue = Cue {
            time: Duration::from_millis(1000)..Duration::from_millis(2000),
            lines: vec![
                vec![
                    word("R&D ", Some(1000)),
                    word("— ", None),
                    word("<b> ", Some(1250)),
                    word("go", Some(1250)),
                ],
                vec![word("on", Some(1500)), word("!", Some(2000))],
            ],
        };
        assert_eq!(text(&cue, WordStamps::Omit), "R&amp;D — &lt;b&gt; go\non!");
        assert_eq!(
            text(&cue, WordStamps::Write),
            "R&amp;D — <00:00:01.250><c>&lt;b&gt;</c> go\n<00:00:01.500><c>on</c>!"
        );
    }
}
