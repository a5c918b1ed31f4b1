//! What all files of a batch have in common, for their tags.

use piper_rs::encode::{ChapterMark, Tags};
use serde::Serialize;

/// The book or the collection that the texts are parts of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Album {
    pub(super) title: Option<String>,
    pub(super) author: Option<String>,
}

impl Album {
    /// Returns the tags of the text with this number and title.
    pub(super) fn tags_of(&self, n: usize, title: &str) -> Tags {
        Tags {
            title: Some(title.to_owned()).filter(|title| !title.is_empty()),
            artist: self.author.clone(),
            album: self.title.clone(),
            track: u32::try_from(n).ok(),
            chapters: Vec::new(),
        }
    }

    /// Returns the tags of the file that all texts are joined in.
    pub(super) fn tags_of_all(&self, chapters: Vec<ChapterMark>) -> Tags {
        Tags {
            title: self.title.clone(),
            artist: self.author.clone(),
            album: self.title.clone(),
            track: None,
            chapters,
        }
    }
}
