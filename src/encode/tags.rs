//! What a sound file says about itself.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::Duration;

/// What programs show of a sound file. WAV and raw samples have no room for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Tags {
    /// The name of what is spoken.
    pub title: Option<String>,
    /// Who made it: the author of a book.
    pub artist: Option<String>,
    /// The whole that it is a part of: a book.
    pub album: Option<String>,
    /// Its place in the album, counted from 1.
    pub track: Option<u32>,
    /// The chapters in it, in order.
    pub chapters: Vec<ChapterMark>,
}

/// A chapter in a sound file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChapterMark {
    /// Its heading.
    pub title: String,
    /// Where it begins, from the start of the file.
    pub start: Duration,
    /// Where it ends.
    pub end: Duration,
}

/// The program that encoded a file, as its tags name it. Without a version, so that
/// equal sound stays equal bytes.
pub(super) const ENCODER: &str = "piper-rs";

/// How far from the start of a file it is named.
const HEAD_BYTES: u64 = 1024;

/// Returns whether the file at `path` is FLAC, Opus or MP3 that this library encoded,
/// and not music that cannot be made again.
pub(crate) fn is_encoded_here(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    let formats: [&[u8]; 3] = [b"fLaC", b"OggS", b"ID3"];
    // ID3 has UTF-16.
    let utf16: Vec<u8> = ENCODER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let names = [ENCODER.as_bytes(), &utf16];
    let has = |name: &[u8]| head.windows(name.len()).any(|part| part == name);
    Ok(formats.iter().any(|format| head.starts_with(format)) && names.into_iter().any(has))
}

impl Tags {
    /// Returns Vorbis comments, as FLAC and Opus have them. Chapters are in the form
    /// that players read: `CHAPTER001=00:00:00.000`, `CHAPTER001NAME=Title`.
    #[cfg(any(feature = "flac", feature = "opus"))]
    pub(super) fn comments(&self) -> Vec<(String, String)> {
        let track = self.track.map(|track| track.to_string());
        let texts = [
            ("TITLE", &self.title),
            ("ARTIST", &self.artist),
            ("ALBUM", &self.album),
            ("TRACKNUMBER", &track),
        ];
        let texts = texts.into_iter();
        let mut comments: Vec<_> = texts
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
            .collect();
        for (n, chapter) in (1..).zip(&self.chapters) {
            let name = format!("CHAPTER{n:03}");
            comments.push((name.clone(), clock(chapter.start)));
            comments.push((name + "NAME", chapter.title.clone()));
        }
        comments
    }
}

/// Writes a time as `hh:mm:ss.mmm`.
#[cfg(any(feature = "flac", feature = "opus"))]
fn clock(time: Duration) -> String {
    let (seconds, millis) = (time.as_secs(), time.subsec_millis());
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{millis:03}", seconds % 60)
}

#[cfg(test)]
#[cfg(any(feature = "flac", feature = "opus"))]
mod tests {
    use super::*;

    #[test]
    fn comments_have_the_names_that_players_read() {
        let chapter = |title: &str, start| ChapterMark {
            title: title.to_owned(),
            start: Duration::from_millis(start),
            end: Duration::from_millis(start + 1000),
        };
        let tags = Tags {
            title: Some("Moby Dick".to_owned()),
            track: Some(7),
            chapters: vec![chapter("Loomings", 0), chapter("Bag = full", 3_723_004)],
            ..Tags::default()
        };
        let lines: Vec<_> = tags
            .comments()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let expected = [
            "TITLE=Moby Dick",
            "TRACKNUMBER=7",
            "CHAPTER001=00:00:00.000",
            "CHAPTER001NAME=Loomings",
            "CHAPTER002=01:02:03.004",
            "CHAPTER002NAME=Bag = full",
        ];
        assert_eq!(lines, expected);
    }
}
