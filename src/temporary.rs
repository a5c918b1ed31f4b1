//! Files and folders that exist only until they are complete: their paths are
//! known, so that a program can remove them before it exits without unwinding.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::sleep;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile, TempDir};

/// How the names of temporary files begin.
pub(crate) const PREFIX: &str = ".piper-rs-";

/// The paths of all temporary files and folders of this process.
static PATHS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// How often removals are tried, all of them together: another thread may be about to
/// write into the folder.
const ATTEMPTS: usize = 50;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(10);

/// Keeps a path in the list of temporary ones. Bind it before the file, so that it
/// is dropped after it.
#[derive(Debug)]
pub(crate) struct Registered(PathBuf);

impl Drop for Registered {
    fn drop(&mut self) {
        paths().remove(&self.0);
    }
}

/// Creates a temporary file in `folder`; its name has the `ending`. It is locked as long as
/// it is open: if the program is killed, the system releases the lock.
pub(crate) fn file_in(folder: &Path, ending: &str) -> io::Result<(Registered, NamedTempFile)> {
    let mut builder = Builder::new();
    let suffix = format!(".{ending}");
    builder.prefix(PREFIX).suffix(&suffix);
    // Without this, temporary files are private to their owner. Less the umask.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    loop {
        let (registered, file) = create(|| builder.tempfile_in(folder), NamedTempFile::path)?;
        if lock(file.as_file(), file.path()) {
            return Ok((registered, file));
        }
    }
}

/// Returns whether the file is still at `path`: before the lock it looks abandoned, and a
/// program that starts removes it.
fn lock(file: &File, path: &Path) -> bool {
    // Waits for a program that is just removing it. Without locks, as on some network
    // drives, no temporary file looks abandoned and none is removed.
    _ = file.lock();
    path.exists()
}

/// Creates a temporary folder in `folder`.
pub(crate) fn folder_in(
    folder: &Path,
    builder: &Builder<'_, '_>,
) -> io::Result<(Registered, TempDir)> {
    create(|| builder.tempdir_in(folder), TempDir::path)
}

/// Creates something under the lock: it is never there without being listed.
fn create<T>(
    make: impl FnOnce() -> io::Result<T>,
    path: impl FnOnce(&T) -> &Path,
) -> io::Result<(Registered, T)> {
    let mut paths = paths();
    let made = make()?;
    let path = path(&made).to_owned();
    paths.insert(path.clone());
    Ok((Registered(path), made))
}

/// No temporary file is created while this exists.
#[must_use = "new temporary files are created when it is dropped"]
pub struct NoTemporaryFiles {
    _paths: Option<MutexGuard<'static, BTreeSet<PathBuf>>>,
}

/// Removes all unfinished files of this process, for a program that is about to
/// exit while other threads write them. Takes at most a second.
pub fn remove_temporary_files() -> NoTemporaryFiles {
    let paths = lock_soon();
    remove_all(paths.iter().flat_map(|paths| paths.iter()), remove);
    NoTemporaryFiles { _paths: paths }
}

/// Tries all paths in each round, so that one which stays costs the others no time.
fn remove_all<'a>(
    paths: impl Iterator<Item = &'a PathBuf>,
    mut remove: impl FnMut(&Path) -> Removal,
) {
    let mut left: Vec<_> = paths.collect();
    for _ in 0..ATTEMPTS {
        left.retain(|path| remove(path) == Removal::Again);
        if left.is_empty() {
            return;
        }
        sleep(BETWEEN_ATTEMPTS);
    }
}

/// What came of an attempt to remove a path.
#[derive(Debug, PartialEq, Eq)]
enum Removal {
    /// It is gone, or nothing can remove it.
    Over,
    Again,
}

fn remove(path: &Path) -> Removal {
    use io::ErrorKind::{NotFound, PermissionDenied, ReadOnlyFilesystem};
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
    match removed.map_err(|error| error.kind()) {
        // If it is not found, it has got its final name.
        Ok(()) | Err(NotFound | PermissionDenied | ReadOnlyFilesystem) => Removal::Over,
        Err(_) => Removal::Again,
    }
}

/// Waits for the lock, but not for ever: a thread may hang while it creates a file
/// on a network drive.
fn lock_soon() -> Option<MutexGuard<'static, BTreeSet<PathBuf>>> {
    for _ in 0..ATTEMPTS {
        match PATHS.try_lock() {
            Ok(paths) => return Some(paths),
            Err(TryLockError::Poisoned(paths)) => return Some(paths.into_inner()),
            Err(TryLockError::WouldBlock) => sleep(BETWEEN_ATTEMPTS),
        }
    }
    None
}

fn paths() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // A panic elsewhere leaves the list as it was.
    PATHS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_stays_does_not_delay_the_others() {
        let paths = ["busy", "free", "busy too"].map(PathBuf::from);
        let mut tried = Vec::new();
        remove_all(paths.iter(), |path| {
            tried.push(path.to_owned());
            match tried.len() > 4 || path.ends_with("free") {
                true => Removal::Over,
                false => Removal::Again,
            }
        });
        let expected = ["busy", "free", "busy too", "busy", "busy too", "busy"];
        assert_eq!(tried, expected.map(PathBuf::from));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(remove(&folder.path().join("missing")), Removal::Over);
    }

    #[test]
    fn what_is_temporary_is_listed_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (listed, file) = file_in(folder.path(), "part").unwrap();
        let (listed_too, inner) = folder_in(folder.path(), &Builder::new()).unwrap();
        let found = [file.path(), inner.path()].map(|path| paths().contains(path));
        assert_eq!(found, [true, true]);
        fs::write(inner.path().join("part"), "").unwrap();
        // Other tests have temporary files too: only these are removed here.
        remove_all(
            [file.path().to_owned(), inner.path().to_owned()].iter(),
            remove,
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let path = file.path().to_owned();
        drop((file, listed, inner, listed_too));
        assert!(!paths().contains(&path));
    }
}
