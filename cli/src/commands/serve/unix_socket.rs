//! The server's Unix socket: for its user alone, one server at a time.

use std::fs::{self, DirBuilder, File, Metadata, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use piper_rs::fs::folder_of;
use rustix::fs::OFlags;

/// A socket that is listened on. Dropping it removes its name.
pub(super) struct UnixSocket {
    path: PathBuf,
    /// Of the socket: the name may be another's by the end.
    file: FileNumber,
    /// Locked while the server runs, so that a second one does not take the name over.
    _lock: File,
}

/// Tells files apart: the device, and the number on it.
type FileNumber = (u64, u64);

impl UnixSocket {
    /// Listens at `path`. A socket that a dead server left is replaced.
    pub(super) fn bind(path: &Path) -> anyhow::Result<(Self, UnixListener)> {
        let folder = folder_of(path);
        let about = || format!("cannot listen on {}", path.display());
        // Of this name, not of the shorter one that it has first.
        SocketAddr::from_pathname(path).with_context(about)?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(about)?;
        let lock = lock(path).with_context(about)?;
        check_free(path)?;
        // In a folder of its own until only its user can connect.
        let staging = tempfile::Builder::new()
            .prefix(".s")
            .rand_bytes(4)
            .tempdir_in(folder)
            .with_context(about)?;
        let staged = staging.path().join("s");
        let listener = UnixListener::bind(&staged).with_context(about)?;
        fs::set_permissions(&staged, Permissions::from_mode(0o600)).with_context(about)?;
        let made = fs::symlink_metadata(&staged).with_context(about)?;
        fs::rename(&staged, path).with_context(about)?;
        let socket = Self {
            path: path.to_owned(),
            file: number(&made),
            _lock: lock,
        };
        Ok((socket, listener))
    }
}

/// Fails unless there is nothing at `path`, or a socket that nobody listens on.
fn check_free(path: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    let Ok(found) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !found.file_type().is_socket() {
        bail!("{shown} is a file, not a socket: remove it, or use another --socket");
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        // Whatever else is wrong, somebody may listen.
        _ => bail!(
            "another program listens on {shown}: stop it (`systemctl --user stop \
             piper-rs.socket`, if it is systemd), or use another --socket"
        ),
    }
}

fn number(file: &Metadata) -> FileNumber {
    (file.dev(), file.ino())
}

fn lock(path: &Path) -> anyhow::Result<File> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let path = path.with_file_name(name);
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        // A link there may be another user's.
        .custom_flags(OFlags::NOFOLLOW.bits() as i32)
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
        if fs::symlink_metadata(&self.path).is_ok_and(|found| number(&found) == self.file) {
            _ = fs::remove_file(&self.path);
        }
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

    #[test]
    fn a_socket_of_another_program_stays_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let other = UnixListener::bind(&path).unwrap();
        let refused = UnixSocket::bind(&path).map(drop).unwrap_err();
        assert!(refused.to_string().contains("another program"), "{refused}");
        UnixStream::connect(&path).unwrap();
        drop(other);
        // One that takes the name over later, too.
        let (socket, _listener) = UnixSocket::bind(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let _other = UnixListener::bind(&path).unwrap();
        drop(socket);
        UnixStream::connect(&path).unwrap();
    }

    #[test]
    fn a_path_that_no_client_could_use_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long".repeat(30));
        assert!(UnixSocket::bind(&path).is_err());
        assert!(!path.exists());
    }

    #[test]
    fn a_lock_is_not_opened_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, target) = (folder.path().join("s"), folder.path().join("target"));
        std::os::unix::fs::symlink(&target, folder.path().join("s.lock")).unwrap();
        assert!(UnixSocket::bind(&path).is_err());
        assert!(!target.exists());
    }
}
