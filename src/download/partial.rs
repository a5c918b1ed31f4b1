//! A model on its way: a hidden file beside its place, kept when the
//! connection breaks and gone on with the next time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::http::{Incoming, Range};
use super::{BadDownload, Downloader, Event, Md5, bad, broken, ended_early, looks_like_a_page};
use crate::catalogue::{Address, RemoteFile};
use crate::voice::MAX_MODEL_BYTES;
use crate::{Error, Result};

/// Connections to one file that may break: each brought something, and still.
const MAX_CONNECTIONS: usize = 50;
/// How much is read before it is written and told.
const BLOCK_BYTES: usize = 1 << 14;

/// A file that is being fetched; nobody else may at the same time.
pub(super) struct Partial<'a> {
    path: PathBuf,
    file: File,
    md5: Md5,
    bytes: u64,
    /// What it shall become.
    wanted: &'a RemoteFile,
    address: Address,
}

/// How a connection ended.
enum Ended {
    /// The file is there.
    Complete,
    /// Short of the end.
    Early(io::Error),
}

impl<'a> Partial<'a> {
    /// Opens what an earlier try left of `target`, or nothing yet. The name
    /// holds the md5: what is gone on with is the same file.
    pub(super) fn open(target: &Path, wanted: &'a RemoteFile, address: Address) -> Result<Self> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let version = wanted.md5.as_deref().map_or("unknown", |md5| &md5[..8]);
        let path = target.with_file_name(format!(".{name}.{version}.part"));
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| unwritable(&path, error))?;
        // Without locks, as on some network drives, the md5 tells in the end.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(bad(&address, BadDownload::Busy));
        }
        let mut partial = Self {
            path,
            file,
            md5: Md5::default(),
            bytes: 0,
            wanted,
            address,
        };
        partial
            .take_up()
            .map_err(|error| unwritable(&partial.path, error))?;
        Ok(partial)
    }

    /// Reads what is there already.
    fn take_up(&mut self) -> io::Result<()> {
        let bytes = self.file.metadata()?.len();
        let fits = self.wanted.bytes.is_none_or(|whole| bytes <= whole);
        if self.wanted.md5.is_none() || !fits {
            return self.empty();
        }
        self.md5.update_from(&mut self.file)?;
        self.bytes = bytes;
        Ok(())
    }

    fn empty(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.rewind()
    }

    fn rewind(&mut self) -> io::Result<()> {
        use io::Seek as _;
        self.file.rewind()?;
        (self.md5, self.bytes) = (Md5::default(), 0);
        Ok(())
    }

    /// Fetches what is missing, over as many connections as it takes, and
    /// checks the whole. What is wrong is thrown away; what is only short
    /// stays for the next time.
    pub(super) fn complete(
        &mut self,
        downloader: &Downloader,
        tell: &mut dyn FnMut(Event),
    ) -> Result<()> {
        let mut is_of_one_piece = self.bytes == 0;
        tell(Event::Begun {
            bytes: self.wanted.bytes,
            from: self.bytes,
        });
        let mut connections = 0;
        loop {
            connections += 1;
            let before = self.bytes;
            match self.connect(downloader, tell)? {
                Ended::Complete => match self.check() {
                    // Perhaps pieces of two files: one of one piece, then.
                    Err(BadDownload::Md5 { .. }) if !is_of_one_piece => {
                        self.on_disk(Self::empty)?;
                        is_of_one_piece = true;
                        let message = "the pieces do not fit together; once more from the start";
                        tell(Event::Resumed(message.to_owned()));
                    }
                    Err(wrong) => {
                        // Of no use, and no harm if it stays.
                        _ = fs::remove_file(&self.path);
                        return Err(bad(&self.address, wrong));
                    }
                    Ok(()) => return Ok(()),
                },
                Ended::Early(reason) => {
                    is_of_one_piece = false;
                    if self.bytes <= before || connections >= MAX_CONNECTIONS {
                        return Err(bad(&self.address, broken(self.bytes, reason)));
                    }
                    let (megabytes, why) = (self.bytes as f64 / 1e6, reason);
                    tell(Event::Resumed(format!(
                        "the connection broke ({why}); going on at {megabytes:.1} MB"
                    )));
                }
            }
        }
    }

    /// Puts the file in its place.
    pub(super) fn install(self, target: &Path) -> Result<()> {
        let whole = self.file.sync_all();
        whole
            .and_then(|()| fs::rename(&self.path, target))
            .map_err(|error| unwritable(target, error))
    }

    /// Reads from one connection until it ends.
    fn connect(&mut self, downloader: &Downloader, tell: &mut dyn FnMut(Event)) -> Result<Ended> {
        downloader.check_cancelled()?;
        if self.bytes > 0 && Some(self.bytes) == self.wanted.bytes {
            return Ok(Ended::Complete);
        }
        let mut incoming = self.open_at(downloader)?;
        let mut buffer = vec![0; BLOCK_BYTES];
        loop {
            let n = match incoming.body.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) => return Ok(Ended::Early(error)),
            };
            self.take(&buffer[..n])?;
            tell(Event::At(self.bytes));
            downloader.check_cancelled()?;
        }
        match self.wanted.bytes.or(incoming.bytes) {
            Some(whole) if self.bytes < whole => Ok(Ended::Early(ended_early())),
            _ => Ok(Ended::Complete),
        }
    }

    /// Opens a connection at the end of what is there; where the server
    /// cannot do that, what is there is given up.
    fn open_at(&mut self, downloader: &Downloader) -> Result<Incoming> {
        let open = |from| {
            let opened = downloader.open(&self.address, from);
            opened.map_err(|error| bad(&self.address, error))
        };
        let mut incoming = open(self.bytes)?;
        let sizes = (self.wanted.bytes, incoming.bytes);
        let same = !matches!(sizes, (Some(wanted), Some(offered)) if wanted != offered);
        if self.bytes > 0 && (incoming.range != Range::From(self.bytes) || !same) {
            if incoming.range != Range::From(0) {
                incoming = open(0)?;
            }
            self.on_disk(Self::empty)?;
        }
        let wrong = match (self.wanted.bytes, incoming.bytes) {
            _ if incoming.is_web_page => BadDownload::WebPage,
            (Some(expected), Some(got)) if expected != got => match begins_a_page(incoming) {
                true => BadDownload::WebPage,
                false => BadDownload::Size { expected, got },
            },
            _ if incoming.range != Range::From(self.bytes) => BadDownload::Status {
                status: "with another part of the file".to_owned(),
                retry_after_seconds: None,
            },
            _ => return Ok(incoming),
        };
        Err(self.give_up(wrong))
    }

    fn take(&mut self, block: &[u8]) -> Result<()> {
        if self.bytes == 0 && looks_like_a_page(block) {
            return Err(self.give_up(BadDownload::WebPage));
        }
        let got = self.bytes + block.len() as u64;
        match self.wanted.bytes {
            Some(expected) if got > expected => {
                return Err(self.give_up(BadDownload::Size { expected, got }));
            }
            None if got > MAX_MODEL_BYTES => {
                return Err(self.give_up(BadDownload::TooLarge(MAX_MODEL_BYTES)));
            }
            _ => {}
        }
        self.on_disk(|partial| partial.file.write_all(block))?;
        self.md5.update(block);
        self.bytes = got;
        Ok(())
    }

    /// Removes a file that cannot become the right one.
    fn give_up(&self, wrong: BadDownload) -> Error {
        _ = fs::remove_file(&self.path);
        bad(&self.address, wrong)
    }

    fn check(&self) -> Result<(), BadDownload> {
        let got = self.md5.clone().finish();
        match &self.wanted.md5 {
            Some(expected) if *expected != got => Err(BadDownload::Md5 {
                expected: expected.clone(),
                got,
            }),
            _ => Ok(()),
        }
    }

    fn on_disk(&mut self, act: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<()> {
        act(self).map_err(|error| unwritable(&self.path, error))
    }
}

/// What has come is worth keeping, nothing is not.
impl Drop for Partial<'_> {
    fn drop(&mut self) {
        if self.bytes == 0 {
            _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether what comes is a page after all; reads its beginning.
fn begins_a_page(incoming: Incoming) -> bool {
    let mut start = Vec::new();
    _ = incoming.body.take(256).read_to_end(&mut start);
    looks_like_a_page(&start)
}

/// Removes what earlier tries left of `target`, of whatever version.
pub fn forget(target: &Path) {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let entries = target.parent().into_iter().flat_map(fs::read_dir).flatten();
    for entry in entries.flatten() {
        let file = entry.file_name();
        let file = file.to_string_lossy();
        let version = file.strip_prefix(&format!(".{name}."));
        if version.is_some_and(|version| version.ends_with(".part")) {
            // It may be on its way right now, or gone already.
            _ = fs::remove_file(entry.path());
        }
    }
}

pub(super) fn unwritable(path: &Path, source: io::Error) -> Error {
    let target = path.display().to_string();
    Error::Output { target, source }
}
