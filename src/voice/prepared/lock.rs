//! One process prepares a voice, and the others wait for it: many tasks of an array job
//! start at the same time with an empty cache.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The folder of the locks, a file for each voice. It stays: removing a lock that
/// another process waits for would make two.
const FOLDER: &str = "locks";

/// Preparing takes seconds, on a busy machine a minute. After this time a voice is
/// prepared twice rather than not at all: a machine that is gone may have left its lock
/// on a network drive.
const MAX_WAIT: Duration = Duration::from_secs(120);
/// The first wait between two attempts; each further one is twice as long, up to a second.
/// On a network drive every attempt is a request to the server that the voice is read from.
const FIRST_WAIT: Duration = Duration::from_millis(20);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Waits until no other process prepares `voice`, a folder in `folder`, and keeps others
/// from it as long as the returned file is open. `None` if the file system has no
/// locks, or if the wait takes too long: then more than one may prepare it, and the
/// first stays.
pub(super) fn acquire(folder: &Path, voice: &Path) -> Option<File> {
    let file = open(folder, voice)?;
    let started = Instant::now();
    let mut wait = FIRST_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Some(file),
            Err(TryLockError::WouldBlock) if started.elapsed() < MAX_WAIT => {
                sleep(wait);
                wait = LONGEST_WAIT.min(wait * 2);
            }
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return None,
        }
    }
}

/// What came of an attempt to get a lock.
pub(super) enum Attempt {
    /// It is there as long as the file is open; if the file system has locks.
    Locked(File),
    /// Another process has it, or nobody may write there.
    Busy,
}

/// The same without any wait.
pub(super) fn attempt(folder: &Path, voice: &Path) -> Attempt {
    match open(folder, voice).map(|file| (file.try_lock(), file)) {
        None | Some((Err(TryLockError::WouldBlock), _)) => Attempt::Busy,
        Some((Ok(()) | Err(TryLockError::Error(_)), file)) => Attempt::Locked(file),
    }
}

fn open(folder: &Path, voice: &Path) -> Option<File> {
    let locks = folder.join(FOLDER);
    fs::create_dir_all(&locks).ok()?;
    // Opened for writing, because some systems lock only such files.
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    options.open(locks.join(voice.file_name()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_has_the_lock_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let voice = folder.path().join("voice");
        let first = acquire(folder.path(), &voice).unwrap();
        let other = File::open(folder.path().join(FOLDER).join("voice")).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        let another = acquire(folder.path(), &folder.path().join("another"));
        assert!(another.is_some(), "another voice has a lock of its own");
        let attempt = || attempt(folder.path(), &voice);
        assert!(matches!(attempt(), Attempt::Busy));
        drop(first);
        assert!(matches!(attempt(), Attempt::Locked(_)));
        other.try_lock().unwrap();
    }
}
