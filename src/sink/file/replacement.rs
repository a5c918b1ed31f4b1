//! A file that appears under its name when it is complete, whoever fills it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{PathPersistError, TempPath};

use super::{ExistingFile, is_replaceable};
use crate::fs::{existing_folder_of, folder_of};
use crate::temporary::{self, Registered};
use crate::{Error, Result};

/// A temporary file in the folder of a regular file that will take its place: see
/// [`create`](super::create). If it is dropped before, nothing is left.
pub struct Replacement {
    temporary: TempPath,
    // After `temporary`: it is dropped when the file is gone.
    _registered: Registered,
    path: PathBuf,
    existing_file: ExistingFile,
    target: String,
}

impl Replacement {
    /// Creates the temporary file; its name has the `ending`. As long as the returned
    /// file is open, it is locked, and so counts as in use.
    ///
    /// Fails with [`Error::Output`] if `path` cannot be written or must be kept.
    pub fn create(path: &Path, ending: &str, existing_file: ExistingFile) -> Result<(File, Self)> {
        let target = path.display().to_string();
        let opened = follow_links(path)
            .and_then(|path| Ok((open_temporary(&path, ending, existing_file)?, path)));
        let ((file, temporary, registered), path) = opened.map_err(|source| Error::Output {
            target: target.clone(),
            source,
        })?;
        let replacement = Self {
            temporary,
            _registered: registered,
            path,
            existing_file,
            target,
        };
        Ok((file, replacement))
    }

    /// Returns the path of the temporary file.
    pub fn temporary_path(&self) -> &Path {
        &self.temporary
    }

    /// Gives the file its name. On Windows no program may have it open.
    pub fn finish(self) -> Result<()> {
        let renamed = match self.existing_file {
            ExistingFile::Replace | ExistingFile::ReplaceSpeech => {
                self.temporary.persist(self.path)
            }
            ExistingFile::Refuse => (self.temporary.persist_noclobber(&self.path))
                .or_else(|failed| rename_if_free(failed, &self.path)),
        };
        renamed.map_err(|failed| Error::Output {
            target: self.target,
            source: failed.error,
        })
    }
}

/// Renames a file whose name could not be taken without replacing another. File systems
/// over object stores, exFAT and others have neither a rename that replaces nothing nor
/// hard links. There a file that another program creates at the same moment is replaced.
fn rename_if_free(failed: PathPersistError, path: &Path) -> Result<(), PathPersistError> {
    let is_unsupported = matches!(
        failed.error.kind(),
        io::ErrorKind::Unsupported
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::TooManyLinks
    );
    let is_free =
        fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    match is_unsupported && is_free {
        true => failed.path.persist(path),
        false => Err(failed),
    }
}

/// Resolves symbolic links, also if their target does not exist yet.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    // As many as Linux follows before it reports a loop.
    const MAX_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(link) => path = folder_of(&path).join(link),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Creates a temporary file that can be renamed to `path`, with the mode that
/// `path` has or would get.
fn open_temporary(
    path: &Path,
    ending: &str,
    existing_file: ExistingFile,
) -> io::Result<(File, TempPath, Registered)> {
    let folder = existing_folder_of(path)?;
    let permissions = existing_permissions(path, existing_file)?;
    let (registered, temporary) = temporary::file_in(folder, ending)?;
    let (file, path) = temporary.into_parts();
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    Ok((file, path, registered))
}

/// Returns the permissions of the file that will be replaced, if there is one.
/// Fails if it must not be.
fn existing_permissions(
    path: &Path,
    existing_file: ExistingFile,
) -> io::Result<Option<fs::Permissions>> {
    // A rename does not need the right to write to the file itself; replacing
    // its content does.
    match OpenOptions::new().write(true).open(path) {
        Ok(_) if existing_file == ExistingFile::Refuse => Err(io::ErrorKind::AlreadyExists.into()),
        Ok(_) if existing_file == ExistingFile::ReplaceSpeech && !is_replaceable(path) => {
            let message = "it exists and is neither WAV nor made by this program";
            Err(io::Error::new(io::ErrorKind::AlreadyExists, message))
        }
        Ok(file) => Ok(Some(file.metadata()?.permissions())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_is_in_the_current_folder() {
        assert_eq!(folder_of(Path::new("out.wav")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/out.wav")), Path::new("a"));
    }

    /// What `persist_noclobber` returns without hard links; the file is real.
    fn refused(folder: &Path, kind: io::ErrorKind) -> PathPersistError {
        let file = tempfile::NamedTempFile::new_in(folder).unwrap();
        fs::write(file.path(), "speech").unwrap();
        PathPersistError {
            error: kind.into(),
            path: file.into_temp_path(),
        }
    }

    #[test]
    fn a_file_system_without_hard_links_gets_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let failed = refused(folder.path(), io::ErrorKind::Unsupported);
        rename_if_free(failed, &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "speech");

        fs::write(&path, "of another program").unwrap();
        let failed = refused(folder.path(), io::ErrorKind::Unsupported);
        rename_if_free(failed, &path).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "of another program");

        let failed = refused(folder.path(), io::ErrorKind::StorageFull);
        rename_if_free(failed, &folder.path().join("b.wav")).unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
