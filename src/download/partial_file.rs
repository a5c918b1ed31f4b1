//! A model that is being downloaded: a hidden file next to its final place. It
//! is kept if the connection breaks, and the next attempt continues it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::http::{BodyRange, Response};
use super::{
    BadDownload, DownloadEvent, Downloader, Md5, broken, ended_early, failed, is_web_page,
};
use crate::catalogue::{Address, RemoteFile};
use crate::voice::MAX_MODEL_BYTES;
use crate::{Error, Result};

/// The most connections for one file, even if each of them brought bytes.
const MAX_CONNECTIONS: usize = 50;
/// How much is read before it is written and reported.
const BLOCK_BYTES: usize = 1 << 14;

/// A file that is being downloaded. It is locked against other processes.
pub(super) struct PartialFile<'a> {
    path: PathBuf,
    file: File,
    md5: Md5,
    bytes: u64,
    /// The file as the catalogue lists it.
    listed: &'a RemoteFile,
    address: Address,
}

/// How a connection ended.
enum ConnectionEnd {
    /// The file is complete.
    Complete,
    /// The connection broke before the end.
    Early(io::Error),
}

impl<'a> PartialFile<'a> {
    /// Opens what an earlier attempt left of `target`, or a new file. The name
    /// contains the MD5, so that only the same version is continued.
    pub(super) fn open(target: &Path, listed: &'a RemoteFile, address: Address) -> Result<Self> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let version = listed.md5.as_deref().map_or("unknown", |md5| &md5[..8]);
        let path = target.with_file_name(format!(".{name}.{version}.part"));
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| cannot_write(&path, error))?;
        // Some network drives have no locks; there the final MD5 check protects.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(failed(&address, BadDownload::Busy));
        }
        let mut partial_file = Self {
            path,
            file,
            md5: Md5::default(),
            bytes: 0,
            listed,
            address,
        };
        partial_file
            .resume()
            .map_err(|error| cannot_write(&partial_file.path, error))?;
        Ok(partial_file)
    }

    /// Reads the bytes that are already on disk.
    fn resume(&mut self) -> io::Result<()> {
        let bytes = self.file.metadata()?.len();
        let fits = self.listed.bytes.is_none_or(|total| bytes <= total);
        if self.listed.md5.is_none() || !fits {
            return self.empty();
        }
        io::copy(&mut self.file, &mut self.md5)?;
        self.bytes = bytes;
        Ok(())
    }

    fn empty(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        (self.md5, self.bytes) = (Md5::default(), 0);
        Ok(())
    }

    /// Downloads the missing bytes, over several connections if necessary, and
    /// checks the complete file. A wrong file is deleted; an incomplete one is
    /// kept for the next attempt.
    pub(super) fn complete(
        &mut self,
        downloader: &Downloader,
        on_event: &mut dyn FnMut(DownloadEvent),
    ) -> Result<()> {
        let mut one_connection = self.bytes == 0;
        on_event(DownloadEvent::Started {
            total_bytes: self.listed.bytes,
            resumed_at: self.bytes,
        });
        let mut connections = 0;
        loop {
            connections += 1;
            let before = self.bytes;
            match self.connect(downloader, on_event)? {
                ConnectionEnd::Complete => match self.check_md5() {
                    // The parts may come from two versions of the file.
                    Err(BadDownload::Md5 { .. }) if !one_connection => {
                        self.on_disk(Self::empty)?;
                        one_connection = true;
                        let message = "the parts do not match; starting again";
                        on_event(DownloadEvent::Resumed(message.to_owned()));
                    }
                    Err(wrong) => {
                        // It is useless, but harmless if it cannot be removed.
                        _ = fs::remove_file(&self.path);
                        return Err(failed(&self.address, wrong));
                    }
                    Ok(()) => return Ok(()),
                },
                ConnectionEnd::Early(reason) => {
                    one_connection = false;
                    if self.bytes <= before || connections >= MAX_CONNECTIONS {
                        return Err(failed(&self.address, broken(self.bytes, reason)));
                    }
                    let megabytes = self.bytes as f64 / 1e6;
                    on_event(DownloadEvent::Resumed(format!(
                        "the connection broke ({reason}); resuming at {megabytes:.1} MB"
                    )));
                }
            }
        }
    }

    /// Moves the file to its final place.
    pub(super) fn install(self, target: &Path) -> Result<()> {
        let synced = self.file.sync_all();
        synced
            .and_then(|()| fs::rename(&self.path, target))
            .map_err(|error| cannot_write(target, error))
    }

    /// Reads from one connection until it ends.
    fn connect(
        &mut self,
        downloader: &Downloader,
        on_event: &mut dyn FnMut(DownloadEvent),
    ) -> Result<ConnectionEnd> {
        downloader.check_cancelled()?;
        if self.bytes > 0 && Some(self.bytes) == self.listed.bytes {
            return Ok(ConnectionEnd::Complete);
        }
        let mut response = self.open_at_end(downloader)?;
        let mut buffer = vec![0; BLOCK_BYTES];
        loop {
            let n = match response.body.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) => return Ok(ConnectionEnd::Early(error)),
            };
            self.write_block(&buffer[..n])?;
            on_event(DownloadEvent::Progress(self.bytes));
            downloader.check_cancelled()?;
        }
        match self.listed.bytes.or(response.total_bytes) {
            Some(total) if self.bytes < total => Ok(ConnectionEnd::Early(ended_early())),
            _ => Ok(ConnectionEnd::Complete),
        }
    }

    /// Opens a connection at the end of the bytes on disk. If the server
    /// cannot do that, the bytes on disk are discarded.
    fn open_at_end(&mut self, downloader: &Downloader) -> Result<Response> {
        let open = |from| {
            let opened = downloader.open(&self.address, from);
            opened.map_err(|error| failed(&self.address, error))
        };
        let mut response = open(self.bytes)?;
        let sizes = (self.listed.bytes, response.total_bytes);
        let same_size = !matches!(sizes, (Some(listed), Some(offered)) if listed != offered);
        if self.bytes > 0 && (response.range != BodyRange::From(self.bytes) || !same_size) {
            if response.range != BodyRange::From(0) {
                response = open(0)?;
            }
            self.on_disk(Self::empty)?;
        }
        let wrong = match (self.listed.bytes, response.total_bytes) {
            _ if response.is_web_page => BadDownload::WebPage,
            (Some(expected), Some(got)) if expected != got => match has_web_page(response) {
                true => BadDownload::WebPage,
                false => BadDownload::Size { expected, got },
            },
            _ if response.range != BodyRange::From(self.bytes) => BadDownload::Status {
                status: "with a different part of the file".to_owned(),
                retry_after_seconds: None,
            },
            _ => return Ok(response),
        };
        Err(self.discard(wrong))
    }

    fn write_block(&mut self, block: &[u8]) -> Result<()> {
        if self.bytes == 0 && is_web_page(block) {
            return Err(self.discard(BadDownload::WebPage));
        }
        let got = self.bytes + block.len() as u64;
        match self.listed.bytes {
            Some(expected) if got > expected => {
                return Err(self.discard(BadDownload::Size { expected, got }));
            }
            None if got > MAX_MODEL_BYTES => {
                return Err(self.discard(BadDownload::TooLarge(MAX_MODEL_BYTES)));
            }
            _ => {}
        }
        self.on_disk(|this| {
            this.file
                .write_all(block)
                .and_then(|()| this.md5.write_all(block))
        })?;
        self.bytes = got;
        Ok(())
    }

    /// Deletes a file that can never become the listed one.
    fn discard(&self, wrong: BadDownload) -> Error {
        _ = fs::remove_file(&self.path);
        failed(&self.address, wrong)
    }

    fn check_md5(&self) -> Result<(), BadDownload> {
        let got = self.md5.clone().hex();
        match &self.listed.md5 {
            Some(expected) if *expected != got => Err(BadDownload::Md5 {
                expected: expected.clone(),
                got,
            }),
            _ => Ok(()),
        }
    }

    fn on_disk(&mut self, act: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<()> {
        act(self).map_err(|error| cannot_write(&self.path, error))
    }
}

/// An empty file is not worth keeping.
impl Drop for PartialFile<'_> {
    fn drop(&mut self) {
        if self.bytes == 0 {
            _ = fs::remove_file(&self.path);
        }
    }
}

/// Returns whether the body is a web page; reads its beginning.
fn has_web_page(response: Response) -> bool {
    let mut start = Vec::new();
    _ = response.body.take(256).read_to_end(&mut start);
    is_web_page(&start)
}

/// Deletes what earlier attempts left of `target`, of any version.
pub fn remove_partial_files(target: &Path) {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let entries = target.parent().into_iter().flat_map(fs::read_dir).flatten();
    for entry in entries.flatten() {
        let file = entry.file_name();
        let file = file.to_string_lossy();
        let version = file.strip_prefix(&format!(".{name}."));
        if version.is_some_and(|version| version.ends_with(".part")) {
            // Another process may be downloading it, or may have removed it.
            _ = fs::remove_file(entry.path());
        }
    }
}

pub(super) fn cannot_write(path: &Path, source: io::Error) -> Error {
    let target = path.display().to_string();
    Error::Output { target, source }
}
