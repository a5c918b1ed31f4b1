//! The chapters of a joined file, as a cue sheet or as ffmpeg metadata.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use piper_rs::encode::ChapterMark;

use super::album::Album;
use crate::args::ChaptersArg;

/// Cue sheets count in the frames of a compact disc.
const FRAMES_PER_SECOND: u128 = 75;

impl ChaptersArg {
    /// Returns the path of the list for `audio`: in the same folder.
    pub(super) fn path(self, audio: &Path) -> PathBuf {
        audio.with_extension(match self {
            Self::Cue => "cue",
            Self::Ffmetadata => "ffmetadata",
        })
    }

    pub(super) fn render(self, audio: &Path, album: &Album, chapters: &[ChapterMark]) -> String {
        match self {
            Self::Cue => cue(audio, album, chapters),
            Self::Ffmetadata => ffmetadata(album, chapters),
        }
    }
}

/// The format allows 99 tracks, but players read more.
fn cue(audio: &Path, album: &Album, chapters: &[ChapterMark]) -> String {
    let name = audio.file_name().unwrap_or_default().to_string_lossy();
    let mut sheet = String::new();
    for (field, value) in [("PERFORMER", &album.author), ("TITLE", &album.title)] {
        if let Some(value) = value {
            _ = writeln!(sheet, "{field} \"{}\"", without_quotes(value));
        }
    }
    _ = writeln!(sheet, "FILE \"{}\" WAVE", without_quotes(&name));
    for (n, chapter) in (1..).zip(chapters) {
        let title = without_quotes(&chapter.title);
        let frames = chapter.start.as_millis() * FRAMES_PER_SECOND / 1000;
        let (seconds, frame) = (frames / FRAMES_PER_SECOND, frames % FRAMES_PER_SECOND);
        let (minute, second) = (seconds / 60, seconds % 60);
        _ = write!(
            sheet,
            "  TRACK {n:02} AUDIO\n    TITLE \"{title}\"\n    INDEX 01 \
             {minute:02}:{second:02}:{frame:02}\n"
        );
    }
    sheet
}

/// The format has no escape for a quote.
fn without_quotes(text: &str) -> String {
    let plain = |c: char| match c {
        '"' => '\'',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(plain).collect()
}

fn ffmetadata(album: &Album, chapters: &[ChapterMark]) -> String {
    let mut list = ";FFMETADATA1\n".to_owned();
    let (title, author) = (&album.title, &album.author);
    let fields = [
        ("title", title),
        ("album", title),
        ("artist", author),
        ("album_artist", author),
    ];
    for (field, value) in fields {
        if let Some(value) = value {
            _ = writeln!(list, "{field}={}", escaped(value));
        }
    }
    for chapter in chapters {
        let (start, end) = (chapter.start.as_millis(), chapter.end.as_millis());
        let title = escaped(&chapter.title);
        _ = write!(
            list,
            "\n[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n"
        );
    }
    list
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '=' | ';' | '#' | '\\' | '\n') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn chapters() -> Vec<ChapterMark> {
        let chapter = |title: &str, start, end| ChapterMark {
            title: title.to_owned(),
            start: Duration::from_millis(start),
            end: Duration::from_millis(end),
        };
        vec![
            chapter("One \"and\" only", 0, 61_500),
            chapter("a=b; #2\\", 61_500, 6_000_040),
            chapter("Three", 6_000_040, 6_001_000),
        ]
    }

    #[test]
    fn a_cue_sheet_counts_minutes_seconds_and_frames() {
        let sheet =
            ChaptersArg::Cue.render(Path::new("out/book.wav"), &Album::default(), &chapters());
        assert_eq!(
            sheet,
            "FILE \"book.wav\" WAVE\n  \
             TRACK 01 AUDIO\n    TITLE \"One 'and' only\"\n    INDEX 01 00:00:00\n  \
             TRACK 02 AUDIO\n    TITLE \"a=b; #2\\\"\n    INDEX 01 01:01:37\n  \
             TRACK 03 AUDIO\n    TITLE \"Three\"\n    INDEX 01 100:00:03\n"
        );
    }

    #[test]
    fn ffmpeg_metadata_is_escaped() {
        let list =
            ChaptersArg::Ffmetadata.render(Path::new("book.wav"), &Album::default(), &chapters());
        assert!(list.starts_with(
            ";FFMETADATA1\n\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=61500\ntitle=One \"and\" only\n"
        ));
        assert!(list.contains("\ntitle=a\\=b\\; \\#2\\\\\n"), "{list}");
    }

    #[test]
    fn the_list_is_in_the_folder_of_the_audio() {
        let path = ChaptersArg::Cue.path(Path::new("out/book.wav"));
        assert_eq!(path, Path::new("out/book.cue"));
    }
}
