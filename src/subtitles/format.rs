//! The formats of subtitles.

/// A format of subtitles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubtitleFormat {
    /// SubRip, `.srt`.
    Srt,
    /// WebVTT, `.vtt`.
    Vtt(WordStamps),
}

impl SubtitleFormat {
    /// Returns the ending of its files' names: `srt`, `vtt`.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Srt => "srt",
            Self::Vtt(_) => "vtt",
        }
    }
}

/// Whether cues tell when their words are spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum WordStamps {
    /// They do not.
    #[default]
    Omit,
    /// As karaoke does: players show which words are past.
    Write,
}
