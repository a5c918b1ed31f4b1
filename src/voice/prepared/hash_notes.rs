//! Hashes of files that were read before, so that a voice of 60 MB is not
//! read in full every time it is loaded.

use std::fs;
use std::path::Path;

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
    let path = fs::canonicalize(path)?;
    let stamp = FileStamp::of(&path)?;
    let name = ContentHash::of_parts([path.as_os_str().as_encoded_bytes()]);
    let folder = folder.join(FOLDER);
    let file = folder.join(format!("{name}.json"));
    let known = fs::read(&file)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok());
    if let Some(Note { content, .. }) = known.filter(|note: &Note| note.stamp == stamp) {
        return Ok(content);
    }
    let content = ContentHash::of_file(&path)?;
    let note = serde_json::to_vec(&Note { stamp, content })?;
    // A note that cannot be written costs time, nothing else.
    _ = fs::create_dir_all(&folder).and_then(|()| write_atomic(&file, &note));
    Ok(content)
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
