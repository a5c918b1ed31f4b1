//! Small files: written all at once, and recognised by size and time.

use std::fs;
use std::io::{self, BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use tempfile::NamedTempFile;

use crate::temporary::{self, Registered};
pub use crate::temporary::{NoTemporaryFiles, remove_temporary_files};

/// The ending of the temporary name of an [`AtomicFile`], without the dot.
pub(crate) const ATOMIC_ENDING: &str = "part";

/// Writes a small file under a temporary name in the same folder, and renames
/// it to `path`: other processes see the old file or the new one, never half
/// of it. An existing file is replaced.
///
/// The file gets the permissions of any new file: 0666 less the umask. It is
/// not flushed to the disk, so a power failure may lose it.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// A file that is written little by little as by [`write_atomic`]: it appears when it is
/// [finished](Self::finish). If it is dropped before, nothing is left.
#[derive(Debug)]
pub struct AtomicFile {
    file: BufWriter<NamedTempFile>,
    // After `file`: it is dropped when the file is gone.
    registered: Registered,
    path: PathBuf,
}

impl AtomicFile {
    /// Opens a temporary file beside `path`.
    pub fn create(path: &Path) -> io::Result<Self> {
        let folder = existing_folder_of(path)?;
        let (registered, file) = temporary::file_in(folder, ATOMIC_ENDING)?;
        Ok(Self {
            file: BufWriter::new(file),
            registered,
            path: path.to_owned(),
        })
    }

    /// Gives the file its name.
    pub fn finish(self) -> io::Result<()> {
        let file = self.file.into_inner().map_err(IntoInnerError::into_error)?;
        file.persist(self.path)?;
        drop(self.registered);
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Returns the folder of a file; `.` for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Returns the folder of a file, as [`folder_of`] does. Fails if there is none.
pub(crate) fn existing_folder_of(path: &Path) -> io::Result<&Path> {
    let folder = folder_of(path);
    match folder.is_dir() {
        true => Ok(folder),
        false => Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("there is no folder {}", folder.display()),
        )),
    }
}

/// The size and the modification time of a file: equal as long as the file is
/// not written to.
///
/// A file that is rewritten with the same size and the same time goes
/// unnoticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Size in bytes.
    pub bytes: u64,
    /// Modification time in nanoseconds since 1970; `None` if the file system
    /// has none, or an earlier one.
    pub modified_ns: Option<u64>,
}

impl FileStamp {
    /// Reads the metadata of the file at `path`, without opening it. Symbolic
    /// links are followed.
    pub fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        let modified = metadata.modified().ok();
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Ok(Self {
            bytes: metadata.len(),
            modified_ns: since.and_then(|since| since.as_nanos().try_into().ok()),
        })
    }
}

/// A file in the state in which it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileIdentity {
    /// The canonical path.
    pub path: PathBuf,
    /// `None` if there is no such file.
    pub stamp: Option<FileStamp>,
}

impl FileIdentity {
    /// Looks at a file without opening it.
    pub fn of(path: &Path) -> Self {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        Self {
            stamp: FileStamp::of(&path).ok(),
            path,
        }
    }
}

/// Returns whether the file at `path` can be read only once: a pipe, a device,
/// a socket. Symbolic links are followed. A missing file is no stream.
pub fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| !file.is_file() && !file.is_dir())
}

/// Returns whether `c` is forbidden in file names on Linux, macOS or Windows:
/// control characters, path separators, and `:*?"<>|`.
pub fn is_forbidden_in_file_name(c: char) -> bool {
    c.is_control() || r#"/\:*?"<>|"#.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::time::Duration;

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        for content in ["old", "new"] {
            write_atomic(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn permissions_are_those_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let [plain, atomic] = ["plain", "atomic"].map(|name| folder.path().join(name));
        fs::write(&plain, "").unwrap();
        write_atomic(&atomic, b"").unwrap();
        let [plain, atomic] =
            [plain, atomic].map(|path| fs::metadata(path).unwrap().permissions().mode());
        assert_eq!(atomic, plain);
    }

    #[test]
    fn a_failed_write_leaves_the_folder_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(write_atomic(&taken, b"text").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_stamp_changes_with_the_size_and_with_the_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "text").unwrap();
        let first = FileStamp::of(&path).unwrap();
        assert_eq!(FileStamp::of(&path).unwrap(), first);
        assert_eq!(first.bytes, 4);

        let file = File::options().write(true).open(&path).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        file.set_modified(modified + Duration::from_secs(1))
            .unwrap();
        let touched = FileStamp::of(&path).unwrap();
        assert_ne!(touched, first);

        fs::write(&path, "texts").unwrap();
        assert_eq!(FileStamp::of(&path).unwrap().bytes, 5);
        assert!(FileStamp::of(Path::new("/nowhere/file")).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn files_and_folders_are_no_streams() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [folder.path(), &file, Path::new("/nowhere/file")] {
            assert!(!is_stream(path), "{}", path.display());
        }
        assert!(is_stream(Path::new("/dev/null")));
    }

    #[test]
    fn a_stamp_is_kept_as_json() {
        let stamp = FileStamp {
            bytes: 5,
            modified_ns: Some(7),
        };
        let json = serde_json::to_string(&stamp).unwrap();
        assert_eq!(json, r#"{"bytes":5,"modified_ns":7}"#);
        assert_eq!(serde_json::from_str::<FileStamp>(&json).unwrap(), stamp);
    }
}
