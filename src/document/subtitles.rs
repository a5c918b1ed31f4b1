//! Subtitles: SubRip and WebVTT.

use std::ops::Range;
use std::time::Duration;

use super::block_builder::BlockBuilder;
use super::{Cues, Format, Progress, ReadError, Reader};
use crate::text::Passages;

/// A longer silence separates paragraphs.
const PARAGRAPH_GAP: Duration = Duration::from_secs(2);
/// A cue is a sentence or two. What is longer is no cue, and is read in parts.
const MAX_CUE_LINES: usize = 64;

/// Reads subtitles as they arrive.
pub(super) struct SubtitleReader {
    lines: Passages,
    format: Format,
    cues: Cues,
    builder: BlockBuilder,
    /// The time of the cue whose lines are read; `None` before the first one.
    time: Option<Range<Duration>>,
    /// Its lines so far, with their numbers; a blank one is empty.
    cue: Vec<(u64, String)>,
    /// The last line of the cue before, which a rolling cue repeats.
    last_line: String,
    /// Whether words have times of their own: cues roll then.
    is_rolling: bool,
    /// When the cue before ended.
    last_end: Duration,
}

impl SubtitleReader {
    pub(super) fn new(lines: Passages, format: Format, cues: Cues) -> Self {
        Self {
            lines,
            format,
            cues,
            builder: BlockBuilder::default(),
            time: None,
            cue: Vec::new(),
            last_line: String::new(),
            is_rolling: false,
            last_end: Duration::ZERO,
        }
    }

    fn line(&mut self, number: u64, line: &str) {
        let line = line.trim();
        if let Some(time) = times(line) {
            self.remove_identifier();
            self.end_cue();
            self.time = Some(time);
            return;
        }
        if self.time.is_none() {
            // The header, or notes before the first cue.
            return;
        }
        if line.is_empty() && self.cue.is_empty() {
            return;
        }
        self.is_rolling |= self.format == Format::Vtt && has_times(line);
        self.cue.push((number, line.to_owned()));
        if self.cue.len() > MAX_CUE_LINES {
            self.end_cue();
        }
    }

    /// Removes what belongs to the next cue: its number, or its name.
    fn remove_identifier(&mut self) {
        let with_blanks = self.cue.len();
        while self.cue.last().is_some_and(|(_, line)| line.is_empty()) {
            self.cue.pop();
        }
        // What a blank line separates from the next cue is words of this one.
        let is_next = self.cue.len() == with_blanks;
        let before = self.cue.len().checked_sub(2).map(|at| &self.cue[at].1);
        let is_after_blank = before.is_some_and(String::is_empty);
        let is_number = |line: &str| !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit());
        if let Some((_, last)) = self.cue.last()
            && (is_after_blank || self.cue.len() == 1 && is_next)
            && (is_number(last) || is_after_blank && self.format == Format::Vtt)
        {
            self.cue.pop();
        }
    }

    fn end_cue(&mut self) {
        let lines = std::mem::take(&mut self.cue);
        let Some(time) = self.time.clone() else {
            return;
        };
        if self.cues == Cues::Join && time.start >= self.last_end + PARAGRAPH_GAP {
            self.builder.end_paragraph();
        }
        let start = self.builder.mark();
        let mut is_first = true;
        for (number, line) in lines {
            // In WebVTT a blank line ends a cue; notes may follow.
            if line.is_empty() && self.format == Format::Vtt {
                break;
            }
            let words = words(&line);
            let is_repeated = self.is_rolling && is_first && words == self.last_line;
            if words.is_empty() || is_repeated {
                continue;
            }
            is_first = false;
            self.builder.at_line(number);
            let said = match words.strip_prefix(['-', '–', '—']) {
                // Another person speaks.
                Some(said) if said.starts_with(|c: char| c == ' ' || c.is_uppercase()) => {
                    match self.cues {
                        Cues::Join => self.builder.line_break(),
                        Cues::Single => self.builder.space(),
                    }
                    said
                }
                _ => &words,
            };
            self.builder.space();
            self.builder.text(said);
            self.last_line = words;
        }
        if self.cues == Cues::Single {
            self.builder.end_paragraph();
            self.builder.set_cue(start, &time);
        }
        self.last_end = time.end.max(time.start);
    }
}

impl Reader for SubtitleReader {
    fn advance(&mut self) -> Result<Progress, ReadError> {
        match self.lines.next() {
            Some(line) => {
                let line = line?;
                self.line(line.line, &line.text);
                Ok(Progress::More)
            }
            None => {
                self.end_cue();
                Ok(Progress::Ended)
            }
        }
    }

    fn with_builder(&mut self, take: &mut dyn FnMut(&mut BlockBuilder)) {
        take(&mut self.builder);
    }
}

/// Returns the times of a line such as `00:01:02,500 --> 00:01:04,000`.
fn times(line: &str) -> Option<Range<Duration>> {
    let (start, end) = line.split_once("-->")?;
    let end = end.split_whitespace().next()?;
    Some(time(start.trim())?..time(end)?)
}

/// Reads `HH:MM:SS,mmm`; the hours may be left out.
fn time(text: &str) -> Option<Duration> {
    let (clock, millis) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let mut seconds = 0u64;
    let parts: Vec<_> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    for part in parts {
        let part: u32 = part.trim().parse().ok().filter(|part| *part < 100_000)?;
        seconds = seconds * 60 + u64::from(part);
    }
    let digits: String = millis.chars().take(3).collect();
    let millis: u64 = format!("{digits:0<3}").parse().ok()?;
    Some(Duration::from_millis(seconds * 1000 + millis))
}

/// Returns whether a line has times within: `<00:00:01.000>`.
fn has_times(line: &str) -> bool {
    line.split('<').skip(1).any(|rest| {
        let inside = rest.split('>').next();
        inside.is_some_and(|inside| time(inside).is_some())
    })
}

/// Returns the words of a line: without tags, places such as `{\an8}` and notes of
/// music.
fn words(line: &str) -> String {
    let mut words = String::new();
    let mut rest = line;
    let last_tag = line.rfind('>').unwrap_or(0);
    let last_place = line.rfind('}').unwrap_or(0);
    while let Some(at) = rest.find(['<', '{']) {
        words.push_str(&rest[..at]);
        let tag = &rest[at..];
        let position = line.len() - tag.len();
        // Looked for only if there is one: a line may have very many beginnings.
        let end = match tag.starts_with('<') {
            true if is_tag(tag) && position < last_tag => tag.find('>'),
            false if tag.starts_with("{\\") && position < last_place => tag.find('}'),
            _ => None,
        };
        match end {
            Some(end) => rest = &tag[end + 1..],
            None => {
                words.push_str(&tag[..1]);
                rest = &tag[1..];
            }
        }
    }
    words.push_str(rest);
    let words = words.replace(['♪', '♫', '♬', '♩', '\u{266F}'], " ");
    let words: Vec<_> = words.split_ascii_whitespace().collect();
    words.join(" ")
}

/// Returns whether this is a tag, and not `x < y`.
fn is_tag(text: &str) -> bool {
    let inside = text[1..].trim_start_matches('/');
    inside.starts_with(|c: char| c.is_ascii_alphanumeric())
}
