//! Hashes of files that were read before, so that a voice of 60 MB is not
//! read in full every time it is loaded.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fs::{FileStamp, write_atomic};
use crate::voice::content_hash::ContentHash;

/// The folder these notes are kept in, a file for each voice.
const FOLDER: &str = "seen";

/// The hash of a file, and what the file looked like when it was hashed.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    #[serde(flatten)]
    stamp: FileStamp,
    content: ContentHash,
}

/// Returns the hash of the file at `path`, from a note in `folder` if the file
/// has not changed since the note was made.
///
/// A file rewritten with the same size and modification time goes unnoticed.
pub(super) fn content_hash(path: &Path, folder: &Path) -> std::io::Result<ContentHash> {
    match Lookup::of(path, folder)? {
        Lookup::Known(content) => Ok(content),
        Lookup::Unknown(unhashed) => {
            let content = ContentHash::of_file(path)?;
            unhashed.note(content);
            Ok(content)
        }
    }
}

/// What is known of a file before it is read.
pub(super) enum Lookup {
    Known(ContentHash),
    Unknown(Unhashed),
}

/// A file that is to be read.
pub(super) struct Unhashed {
    stamp: FileStamp,
    /// The file of its note.
    file: PathBuf,
}

impl Lookup {
    /// Looks for a note in `folder`.
    pub(super) fn of(path: &Path, folder: &Path) -> std::io::Result<Self> {
        let path = fs::canonicalize(path)?;
        let stamp = FileStamp::of(&path)?;
        let name = ContentHash::of_parts([path.as_os_str().as_encoded_bytes()]);
        let file = folder.join(FOLDER).join(format!("{name}.json"));
        let known = fs::read(&file)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok());
        Ok(match known.filter(|note: &Note| note.stamp == stamp) {
            Some(Note { content, .. }) => Self::Known(content),
            None => Self::Unknown(Unhashed { stamp, file }),
        })
    }
}

impl Unhashed {
    /// Notes the hash of what was read after the look.
    pub(super) fn note(&self, content: ContentHash) {
        let stamp = self.stamp;
        let Ok(note) = serde_json::to_vec(&Note { stamp, content }) else {
            return;
        };
        // A note that cannot be written costs time, nothing else.
        let folder = self.file.parent().map_or(Ok(()), fs::create_dir_all);
        _ = folder.and_then(|()| write_atomic(&self.file, &note));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let voice = folder.path().join("voice.onnx");
        let look = || content_hash(&voice, &folder.path().join("cache")).unwrap();
        fs::write(&voice, "one").unwrap();
        let first = look();
        assert_eq!(look(), first);
        fs::write(&voice, "three").unwrap();
        assert_eq!(look(), ContentHash::of_file(&voice).unwrap());
        assert_ne!(look(), first);
    }

    #[test]
    fn a_damaged_note_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (voice, cache) = (
            folder.path().join("voice.onnx"),
            folder.path().join("cache"),
        );
        fs::write(&voice, "one").unwrap();
        let first = content_hash(&voice, &cache).unwrap();
        let note = fs::read_dir(cache.join(FOLDER))
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        fs::write(note, "{").unwrap();
        assert_eq!(content_hash(&voice, &cache).unwrap(), first);
    }
}
