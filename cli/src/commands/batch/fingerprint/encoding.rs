//! The part of a fingerprint that says how the samples are encoded.

use std::time::Duration;

use piper_rs::encode::{Bitrate, Encoding, Tags};
use serde::Serialize;

use crate::commands::batch::joined_format::JoinedEncoding;

/// How the samples are encoded.
#[derive(Serialize)]
pub(super) struct EncodingRecipe<'a> {
    /// The usual ending of such files.
    format: &'static str,
    /// In bits a second, for formats that have one.
    bitrate: Option<u32>,
    title: Option<&'a str>,
    artist: Option<&'a str>,
    album: Option<&'a str>,
    track: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    chapters: Vec<(&'a str, Duration)>,
}

impl<'a> EncodingRecipe<'a> {
    /// Returns `None` for WAV.
    pub(super) fn of(encoding: &'a Encoding) -> Option<Self> {
        let Encoding {
            format,
            bitrate,
            tags,
        } = encoding;
        let bitrate = bitrate.filter(|_| format.is_lossy());
        let has_tags = format.has_tags();
        has_tags.then(|| Self::new(format.ending(), bitrate, tags))
    }

    /// The same for a joined file.
    pub(super) fn of_joined(encoding: &'a JoinedEncoding) -> Option<Self> {
        match encoding {
            JoinedEncoding::Sound(encoding) => Self::of(encoding),
            JoinedEncoding::M4b { bitrate, tags } => Some(Self::new("m4b", *bitrate, tags)),
        }
    }

    fn new(format: &'static str, bitrate: Option<Bitrate>, tags: &'a Tags) -> Self {
        let Tags {
            title,
            artist,
            album,
            track,
            chapters,
        } = tags;
        let chapters = chapters.iter();
        Self {
            format,
            bitrate: bitrate.map(Bitrate::bits_per_second),
            title: title.as_deref(),
            artist: artist.as_deref(),
            album: album.as_deref(),
            track: *track,
            chapters: chapters
                .map(|chapter| (chapter.title.as_str(), chapter.start))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piper_rs::encode::SoundFormat;

    fn json(encoding: &Encoding) -> String {
        serde_json::to_string(&EncodingRecipe::of(encoding)).unwrap()
    }

    #[test]
    fn what_does_not_change_a_file_is_left_out() {
        let tags = Tags {
            title: Some("One".to_owned()),
            track: Some(1),
            ..Tags::default()
        };
        let of = |format| Encoding {
            format,
            bitrate: Some(Bitrate::from_kbps(24)),
            tags: tags.clone(),
        };
        let expected = |format: &str, bitrate: &str| {
            format!(
                r#"{{"format":"{format}","bitrate":{bitrate},"title":"One","artist":null,"album":null,"track":1}}"#
            )
        };
        assert_eq!(json(&of(SoundFormat::Wav)), "null");
        assert_eq!(json(&of(SoundFormat::Flac)), expected("flac", "null"));
        assert_eq!(json(&of(SoundFormat::Opus)), expected("opus", "24000"));
        assert_eq!(json(&of(SoundFormat::Mp3)), expected("mp3", "24000"));
    }
}
