//! Temporary files of unfinished audio, and those that killed programs left.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use crate::encode::SoundFormat;
use crate::fs::TEMPORARY_PREFIX;

/// The endings of files that other programs fill for this one.
const FILLED_BY_OTHERS: [&str; 1] = ["m4b"];

/// Locks a temporary file as long as it is open: if the program is killed, the
/// system releases the lock. Returns whether the file is still at `path`: before
/// the lock it looks abandoned, and a program that starts removes it.
pub(super) fn lock(file: &File, path: &Path) -> bool {
    // Waits for a program that is just removing it. Without locks, as on some network
    // drives, no temporary file looks abandoned and none is removed.
    _ = file.lock();
    path.exists()
}

/// Removes the temporary files that killed programs left in `folder`; returns
/// how many.
///
/// Files that a running program still writes are kept.
pub fn remove_unfinished(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_temporary(&path) && is_abandoned(&path) && fs::remove_file(&path).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default();
    let formats = SoundFormat::FILES.map(SoundFormat::ending);
    let mut endings = formats.iter().chain(&FILLED_BY_OTHERS);
    name.starts_with(TEMPORARY_PREFIX) && endings.any(|known| *known == ending)
}

fn is_abandoned(path: &Path) -> bool {
    // Opened for writing, because some systems lock only such files.
    match File::options().write(true).open(path) {
        Ok(file) => match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
        },
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SampleRate;
    use crate::sink::file::{FileOptions, create};

    #[test]
    fn only_abandoned_temporary_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let abandoned = folder.path().join(".piper-rs-a1b2c3.wav");
        let (done, other) = (folder.path().join("a.wav"), folder.path().join(".b.wav"));
        for path in [&abandoned, &done, &other] {
            fs::write(path, "").unwrap();
        }
        let rate = SampleRate::new(16_000).unwrap();
        let in_use = folder.path().join("c.wav");
        let sink = create(&in_use, rate, &FileOptions::default()).unwrap();

        assert_eq!(remove_unfinished(folder.path()).unwrap(), 1);
        assert!(!abandoned.exists() && done.exists() && other.exists());
        sink.finish().unwrap();
        assert!(in_use.exists());
    }
}
