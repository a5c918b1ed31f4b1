//! The loudness of a prepared voice, which is measured later than the voice is prepared.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::content_hash::ContentHash;
use crate::audio::loudness::VoiceLoudness;
use crate::fs::write_atomic;

/// The file with the loudness of a prepared voice.
#[derive(Debug)]
pub(super) struct LoudnessFile {
    pub(super) path: PathBuf,
    /// Tells the voice that was loaded from one that may have taken its place when the
    /// loudness is written.
    pub(super) voice: ContentHash,
}

/// What is in the file.
#[derive(Serialize, Deserialize)]
struct Contents {
    voice: ContentHash,
    /// `None` if it is silent.
    loudness: Option<VoiceLoudness>,
}

impl LoudnessFile {
    /// Reads the loudness; `None` if this voice has not been measured, `Some(None)` if it is
    /// silent.
    pub(super) fn read(&self) -> Option<Option<VoiceLoudness>> {
        let json = fs::read(&self.path).ok()?;
        let contents: Contents = serde_json::from_slice(&json).ok()?;
        (contents.voice == self.voice).then_some(contents.loudness)
    }

    /// Writes the loudness. If that fails, the next process measures it again.
    pub(super) fn write(&self, loudness: Option<VoiceLoudness>) {
        let contents = Contents {
            voice: self.voice,
            loudness,
        };
        if let Ok(json) = serde_json::to_vec(&contents) {
            _ = write_atomic(&self.path, &json);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::loudness::Lufs;

    #[test]
    fn the_loudness_of_another_voice_in_the_same_place_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = |stamp: &str| LoudnessFile {
            path: folder.path().join("loudness.json"),
            voice: ContentHash::of_parts([stamp.as_bytes()]),
        };
        let loudness = Some(VoiceLoudness {
            own: Lufs(-25.25),
            full_scale: Lufs(-18.5),
            peak: 0.375,
        });
        assert_eq!(file("first").read(), None);
        file("first").write(loudness);
        assert_eq!(file("first").read(), Some(loudness));
        assert_eq!(file("second").read(), None);
        file("second").write(None);
        assert_eq!(file("second").read(), Some(None));
        fs::write(&file("second").path, "{").unwrap();
        assert_eq!(file("second").read(), None);
    }
}
