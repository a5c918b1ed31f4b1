//! Notes of voices whose native parts make other samples than their stock graphs: they are
//! not prepared in this way again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of the notes, a file for each voice.
const FOLDER: &str = "refused";

/// Notes in `folder` that `voice`, the path of a prepared one, is of no use, and why. The
/// note outlasts the voice, and does not depend on an ONNX Runtime.
pub(super) fn note(folder: &Path, voice: &Path, reason: &str) -> io::Result<()> {
    fs::create_dir_all(folder.join(FOLDER))?;
    fs::write(file(folder, voice), format!("{reason}\n"))
}

/// Returns whether there is a note of `voice`.
pub(super) fn is_noted(folder: &Path, voice: &Path) -> bool {
    file(folder, voice).exists()
}

/// Removes the note of the voice whose folder has this name, if there is one.
pub(super) fn forget(folder: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(file(folder, Path::new(name))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn file(folder: &Path, voice: &Path) -> PathBuf {
    folder
        .join(FOLDER)
        .join(voice.file_name().unwrap_or_default())
}
