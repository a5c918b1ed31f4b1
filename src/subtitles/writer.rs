//! Writes cues as a file.

use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use super::cue::Cue;
use super::format::SubtitleFormat;
use super::{srt, vtt};

/// Writes cues.
#[derive(Debug)]
pub struct SubtitleWriter<W> {
    format: SubtitleFormat,
    out: W,
    /// How many cues were written.
    cues: u64,
}

impl<W: Write> SubtitleWriter<W> {
    /// Writes the header, if the format has one.
    ///
    /// Text is written as UTF-8, without a byte order mark.
    pub fn new(format: SubtitleFormat, mut out: W) -> io::Result<Self> {
        if let SubtitleFormat::Vtt(_) = format {
            out.write_all(vtt::HEADER.as_bytes())?;
        }
        Ok(Self {
            format,
            out,
            cues: 0,
        })
    }

    /// Writes a cue.
    pub fn write(&mut self, cue: &Cue) -> io::Result<()> {
        let text = match self.format {
            SubtitleFormat::Srt => srt::text(cue),
            SubtitleFormat::Vtt(word_stamps) => vtt::text(cue, word_stamps),
        };
        self.write_text(&cue.time, &text)
    }

    /// Writes a cue whose text has the markup of the format.
    pub fn write_text(&mut self, time: &Range<Duration>, text: &str) -> io::Result<()> {
        self.cues += 1;
        match self.format {
            SubtitleFormat::Srt => srt::write(&mut self.out, self.cues, time, text),
            SubtitleFormat::Vtt(_) => vtt::write(&mut self.out, time, text),
        }
    }

    /// Flushes the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Flushes the output and returns it.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
