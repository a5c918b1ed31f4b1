//! Reads back what a [`SubtitleWriter`] wrote, to join files.

use std::ops::Range;
use std::time::Duration;

use super::{SubtitleFormat, SubtitleWriter, vtt};

/// A cue of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenCue {
    /// When it is shown.
    pub time: Range<Duration>,
    /// Its text, with the markup of the format.
    pub text: String,
}

/// A file is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not the time of a cue")]
pub struct WrittenCueFault {
    /// Counted from 1.
    pub line: usize,
}

impl WrittenCue {
    /// Returns the cue as it is in a file that begins so much earlier.
    #[must_use]
    pub fn later(&self, by: Duration) -> Self {
        Self {
            time: self.time.start.saturating_add(by)..self.time.end.saturating_add(by),
            text: words_later(&self.text, by),
        }
    }
}

/// Reads the cues of a file.
///
/// # Errors
/// If it was changed so that it has text that belongs to no cue.
pub fn read_cues(file: &str) -> Result<Vec<WrittenCue>, WrittenCueFault> {
    let mut cues = Vec::new();
    let mut lines = file.lines().enumerate().peekable();
    lines.next_if(|(_, line)| line.starts_with("WEBVTT"));
    while let Some((n, line)) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let is_number = line.bytes().all(|byte| byte.is_ascii_digit());
        let (n, line) = match is_number {
            true => lines.next().unwrap_or((n, line)),
            false => (n, line),
        };
        let Some(time) = times(line) else {
            return Err(WrittenCueFault { line: n + 1 });
        };
        let text: Vec<_> = std::iter::from_fn(|| lines.next_if(|(_, line)| !line.is_empty()))
            .map(|(_, line)| line)
            .collect();
        cues.push(WrittenCue {
            time,
            text: text.join("\n"),
        });
    }
    Ok(cues)
}

/// Returns whether a file is exactly as a [`SubtitleWriter`] writes it.
pub fn is_written(file: &str, format: SubtitleFormat) -> bool {
    let Ok(cues) = read_cues(file) else {
        return false;
    };
    let write = || {
        let mut writer = SubtitleWriter::new(format, Vec::with_capacity(file.len()))?;
        for cue in &cues {
            writer.write_text(&cue.time, &cue.text)?;
        }
        writer.finish()
    };
    write().is_ok_and(|written| written == file.as_bytes())
}

fn times(line: &str) -> Option<Range<Duration>> {
    let (start, end) = line.split_once(" --> ")?;
    Some(time(start)?..time(end)?)
}

/// Reads `00:00:01,500`, with a comma or a full stop.
fn time(text: &str) -> Option<Duration> {
    let (clock, millis) = text.split_once([',', '.'])?;
    let mut parts = clock.split(':').map(str::parse::<u64>);
    let (hours, minutes, seconds) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let seconds = hours
        .checked_mul(3600)?
        .checked_add(minutes.checked_mul(60)?)?
        .checked_add(seconds)?;
    let millis: u64 = millis.parse().ok().filter(|millis| *millis < 1000)?;
    let is_whole = parts.next().is_none();
    is_whole.then(|| Duration::from_secs(seconds) + Duration::from_millis(millis))
}

/// Returns a text with the times of its words moved.
fn words_later(text: &str, by: Duration) -> String {
    let mut moved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        moved.push_str(before);
        moved.push('<');
        let inside = tag.split_once('>');
        match inside.and_then(|(inside, after)| Some((time(inside)?, after))) {
            Some((time, after)) => {
                moved.push_str(&vtt::clock(time.saturating_add(by)));
                moved.push('>');
                rest = after;
            }
            None => rest = tag,
        }
    }
    moved + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::subtitles::WordStamps;

    fn millis(time: Range<u64>) -> Range<Duration> {
        Duration::from_millis(time.start)..Duration::from_millis(time.end)
    }

    #[test]
    fn what_was_written_is_read_back() {
        let cue = |time, text: &str| WrittenCue {
            time: millis(time),
            text: text.to_owned(),
        };
        let cues = [
            cue(5..900, "42"),
            cue(
                900..3_600_000,
                "two\nlines &amp; <00:00:01.500><c>a time</c>",
            ),
            cue(3_600_000..3_600_001, "WEBVTT"),
        ];
        for format in [SubtitleFormat::Srt, SubtitleFormat::Vtt(WordStamps::Write)] {
            let mut file = SubtitleWriter::new(format, Vec::new()).unwrap();
            for cue in &cues {
                file.write_text(&cue.time, &cue.text).unwrap();
            }
            let file = String::from_utf8(file.finish().unwrap()).unwrap();
            assert_eq!(read_cues(&file).unwrap(), cues, "{file}");
            assert!(is_written(&file, format));
            let elsewhere = file.replace('\n', "\r\n");
            assert_eq!(read_cues(&elsewhere).unwrap(), cues);
            assert!(!is_written(&elsewhere, format));
        }
        assert_eq!(read_cues("WEBVTT\n\n").unwrap(), []);
    }

    #[test]
    fn a_file_that_was_changed_is_refused_with_its_line() {
        for (file, line) in [
            ("WEBVTT\n\nNOTE by hand\n", 3),
            ("1\n00:00:01,000 -> 00:00:02,000\nHi.\n", 2),
            ("1\n00:00:01,000 --> 00:99999999999999999999:02,000\n", 2),
            ("1\n", 1),
        ] {
            assert_eq!(read_cues(file), Err(WrittenCueFault { line }), "{file}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(
            file in r"([0-9]{1,30}|[0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{3}| --> |<|>|\n|\PC){0,60}"
        ) {
            for cue in read_cues(&file).into_iter().flatten() {
                _ = cue.later(Duration::MAX);
            }
        }
    }

    #[test]
    fn a_cue_is_moved_with_the_times_of_its_words() {
        let cue = WrittenCue {
            time: millis(1000..2000),
            text: "a < b <00:00:01.500><c>c</c>".to_owned(),
        };
        let later = cue.later(Duration::from_millis(60_001));
        assert_eq!(later.time, millis(61_001..62_001));
        assert_eq!(later.text, "a < b <00:01:01.501><c>c</c>");
    }
}
