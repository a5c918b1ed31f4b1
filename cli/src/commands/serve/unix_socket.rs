//! The server's Unix socket: for its user alone, one server at a time.

use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use piper_rs::fs::folder_of;

/// A socket that is listened on. Dropping it removes its name.
pub(super) struct UnixSocket {
    path: PathBuf,
    /// Locked while the server runs, so that a second one does not take the name over.
    _lock: File,
}

impl UnixSocket {
    /// Listens at `path`. A socket that a dead server left is replaced.
    pub(super) fn bind(path: &Path) -> anyhow::Result<(Self, UnixListener)> {
        let folder = folder_of(path);
        let about = || format!("cannot listen on {}", path.display());
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(about)?;
        let lock = lock(path).with_context(about)?;
        if fs::symlink_metadata(path).is_ok_and(|found| !is_socket(&found)) {
            bail!(
                "{} is a file, not a socket: remove it, or use another --socket",
                path.display()
            );
        }
        // In a folder of its own until only its user can connect.
        let staging = tempfile::Builder::new()
            .prefix(".s")
            .rand_bytes(4)
            .tempdir_in(folder)
            .with_context(about)?;
        let staged = staging.path().join("s");
        let listener = UnixListener::bind(&staged).with_context(about)?;
        fs::set_permissions(&staged, Permissions::from_mode(0o600)).with_context(about)?;
        fs::rename(&staged, path).with_context(about)?;
        let socket = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        Ok((socket, listener))
    }
}

fn is_socket(found: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_socket(&found.file_type())
}

fn lock(path: &Path) -> anyhow::Result<File> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let path = path.with_file_name(name);
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| path.display().to_string())?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            bail!("another piper-rs serves there: stop it, or use another --socket")
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

impl Drop for UnixSocket {
    fn drop(&mut self) {
        // The lock's file stays: a server that starts now may have opened it.
        _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_socket_is_its_users_alone_and_goes_with_its_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("piper-rs/serve.sock");
        let (socket, _listener) = UnixSocket::bind(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        UnixStream::connect(&path).unwrap();
        let second = UnixSocket::bind(&path).map(drop).unwrap_err();
        assert!(
            format!("{second:#}").contains("another piper-rs"),
            "{second:#}"
        );
        UnixStream::connect(&path).unwrap();
        drop(socket);
        assert!(!path.exists());
    }

    #[test]
    fn a_socket_that_was_left_is_replaced_and_a_file_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        drop(UnixListener::bind(&path).unwrap());
        assert!(UnixStream::connect(&path).is_err());
        let (_socket, _listener) = UnixSocket::bind(&path).unwrap();
        UnixStream::connect(&path).unwrap();
        let file = folder.path().join("f");
        fs::write(&file, "mine").unwrap();
        assert!(UnixSocket::bind(&file).is_err());
        assert_eq!(fs::read(&file).unwrap(), b"mine");
    }
}
