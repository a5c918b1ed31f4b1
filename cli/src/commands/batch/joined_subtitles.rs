//! The subtitles of a joined file, from those of its parts.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use piper_rs::subtitles::{SubtitleFormat, SubtitleWriter, WrittenCue, read_cues};

use crate::speech::timed_format::TimedFormat;

/// Returns the subtitles of audio files that are joined, each with its start. They are
/// beside these files, with what the user may have corrected in them.
pub(super) fn joined_subtitles(
    parts: &[(&Path, Duration)],
    format: SubtitleFormat,
) -> anyhow::Result<String> {
    let mut cues: Vec<WrittenCue> = Vec::new();
    for (audio, start) in parts {
        let path = TimedFormat::Subtitles(format).beside(audio);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let read = read_cues(&text).with_context(|| {
            let path = path.display();
            format!("{path} cannot be joined; delete it, and it is made again")
        })?;
        // In whole milliseconds, and not early.
        let start = Duration::from_millis(start.as_nanos().div_ceil(1_000_000) as u64);
        let mut read = read.iter().map(|cue| cue.later(start)).peekable();
        // The last cue of a part may stay longer than its audio lasts.
        if let (Some(last), Some(next)) = (cues.last_mut(), read.peek()) {
            last.time.end = last.time.end.min(next.time.start);
        }
        cues.extend(read);
    }
    let mut writer = SubtitleWriter::new(format, Vec::new())?;
    for cue in &cues {
        writer.write_text(&cue.time, &cue.text)?;
    }
    Ok(String::from_utf8(writer.finish()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_cue_of_a_part_gives_way_to_the_next_part() {
        let folder = tempfile::tempdir().unwrap();
        let part = |name: &str, srt: &str| {
            let audio = folder.path().join(name);
            fs::write(audio.with_extension("srt"), srt).unwrap();
            audio
        };
        let one = part("1.wav", "1\n00:00:00,010 --> 00:00:02,000\nOne.\n\n");
        let none = part("2.wav", "");
        let two = part("3.wav", "1\n00:00:00,005 --> 00:00:01,000\nTwo.\n\n");
        // A third of a sample is no millisecond.
        let start = Duration::from_nanos(1_000_000_333);
        let parts = [
            (one.as_path(), Duration::ZERO),
            (&none, start),
            (&two, start),
        ];
        let joined = joined_subtitles(&parts, SubtitleFormat::Srt).unwrap();
        let expected = "1\n00:00:00,010 --> 00:00:01,006\nOne.\n\n\
                        2\n00:00:01,006 --> 00:00:02,001\nTwo.\n\n";
        assert_eq!(joined, expected);
        fs::write(none.with_extension("srt"), "by hand\n").unwrap();
        let error = joined_subtitles(&parts, SubtitleFormat::Srt).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("2.srt cannot be joined"), "{error}");
        assert!(error.contains("line 1 is not the time of a cue"), "{error}");
    }
}
