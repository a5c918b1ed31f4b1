//! ID3 tags, in the version that every player reads, 2.3.

use std::time::Duration;

use id3::frame::{Chapter, TableOfContents};
use id3::{Encoder, Frame, Tag, TagLike as _, Version};

use crate::Result;
use crate::encode::failed;
use crate::encode::tags::{ChapterMark, ENCODER, Tags};

/// What an offset in bytes is if only times count.
const NO_OFFSET: u32 = u32::MAX;

/// Returns the bytes of a tag.
pub(super) fn encode(tags: &Tags, target: &str) -> Result<Vec<u8>> {
    let mut tag = Tag::new();
    // First, so that it is near the start.
    tag.set_text("TSSE", ENCODER);
    let texts = [
        ("TIT2", &tags.title),
        ("TPE1", &tags.artist),
        ("TALB", &tags.album),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            tag.set_text(name, text);
        }
    }
    if let Some(track) = tags.track {
        tag.set_track(track);
    }
    if !tags.chapters.is_empty() {
        let chapters = (0..).map(chapter_id).zip(&tags.chapters);
        tag.add_frame(TableOfContents {
            element_id: "toc".to_owned(),
            top_level: true,
            ordered: true,
            elements: chapters.clone().map(|(id, _)| id).collect(),
            frames: Vec::new(),
        });
        for (id, chapter) in chapters {
            tag.add_frame(chapter_frame(id, chapter));
        }
    }
    let mut bytes = Vec::new();
    Encoder::new()
        .version(Version::Id3v23)
        .encode(&tag, &mut bytes)
        .map_err(|error| failed(target, error))?;
    Ok(bytes)
}

fn chapter_id(n: usize) -> String {
    format!("chp{n}")
}

fn chapter_frame(id: String, chapter: &ChapterMark) -> Chapter {
    Chapter {
        element_id: id,
        start_time: millis(chapter.start),
        end_time: millis(chapter.end),
        start_offset: NO_OFFSET,
        end_offset: NO_OFFSET,
        frames: vec![Frame::text("TIT2", chapter.title.clone())],
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
