//! The contents of files seen before, so that a voice of 60 MB is not read
//! through every time it is loaded.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::voice::content_hash::ContentHash;

/// The folder these notes are kept in, a file for each voice.
const FOLDER: &str = "seen";

/// What a file looked like when it was read through.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    bytes: u64,
    modified: Duration,
    content: ContentHash,
}

/// Returns the content of the file at `path`, from a note in `folder` if the
/// file still looks as it did when the note was made.
///
/// A file rewritten with the same size and time of change goes unnoticed.
pub(super) fn content(path: &Path, folder: &Path) -> std::io::Result<ContentHash> {
    let path = fs::canonicalize(path)?;
    let metadata = fs::metadata(&path)?;
    let (bytes, modified) = (metadata.len(), metadata.modified()?);
    let modified = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let name = ContentHash::of_parts([path.as_os_str().as_encoded_bytes()]);
    let note = folder.join(FOLDER).join(format!("{name}.json"));
    let known = fs::read(&note)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok());
    match known {
        Some(Seen {
            bytes: b,
            modified: m,
            content,
        }) if (b, m) == (bytes, modified) => Ok(content),
        _ => {
            let content = ContentHash::of_file(&path)?;
            // A note that cannot be kept costs time, nothing else.
            _ = keep(
                &note,
                &Seen {
                    bytes,
                    modified,
                    content,
                },
            );
            Ok(content)
        }
    }
}

fn keep(note: &Path, seen: &Seen) -> std::io::Result<()> {
    let folder = note.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec(seen)?)?;
    file.persist(note)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let voice = folder.path().join("voice.onnx");
        let look = || content(&voice, &folder.path().join("cache")).unwrap();
        fs::write(&voice, "one").unwrap();
        let first = look();
        assert_eq!(look(), first);
        fs::write(&voice, "three").unwrap();
        assert_eq!(look(), ContentHash::of_file(&voice).unwrap());
        assert_ne!(look(), first);
    }

    #[test]
    fn a_damaged_note_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let (voice, cache) = (
            folder.path().join("voice.onnx"),
            folder.path().join("cache"),
        );
        fs::write(&voice, "one").unwrap();
        let first = content(&voice, &cache).unwrap();
        let note = fs::read_dir(cache.join(FOLDER))
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        fs::write(note, "{").unwrap();
        assert_eq!(content(&voice, &cache).unwrap(), first);
    }
}
