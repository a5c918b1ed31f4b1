//! A file that another program writes, up to the end of what it has written.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use same_file::Handle;

/// So many NULs at the start of a file are no text: a file that was truncated while its
/// writer kept its place has a hole there. UTF-32 begins with two.
const MIN_HOLE: usize = 4;

/// An open file, whatever happens to its name.
#[derive(Debug)]
pub(super) struct GrowingFile {
    file: Handle,
    /// How many bytes were read, with those that were skipped at the start.
    position: AtomicU64,
    /// Whether nothing more is expected after what has been written.
    has_ended: AtomicBool,
}

/// What became of a file and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The name still means this file.
    Same,
    /// It is shorter than what was read of it.
    Truncated,
    /// The name means another file.
    Replaced,
    /// There is no file of this name.
    Gone,
}

impl GrowingFile {
    /// Opens the file called `path`, which must be an ordinary one.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Before it is opened: that would wait for the writer of a named pipe.
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        if !metadata.is_file() {
            return Err(io::Error::other("it is a stream, which does not grow"));
        }
        Ok(Self {
            file: Handle::from_file(File::open(path)?)?,
            position: AtomicU64::new(0),
            has_ended: AtomicBool::new(false),
        })
    }

    /// Returns the first bytes, at most `length`. Reading begins after them.
    pub(super) fn head(&self, length: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::with_capacity(length);
        let mut start = self.file.as_file().take(length as u64);
        start.read_to_end(&mut head)?;
        Ok(head)
    }

    pub(super) fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.as_file().metadata()?.len())
    }

    /// Reading begins `position` bytes into the file.
    pub(super) fn seek(&self, position: u64) -> io::Result<()> {
        self.position.store(position, Ordering::Relaxed);
        self.file.as_file().seek(SeekFrom::Start(position))?;
        Ok(())
    }

    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    /// Ends the file after what has been written.
    pub(super) fn end(&self) {
        self.has_ended.store(true, Ordering::Relaxed);
    }

    /// Returns what became of the file, whose name was `path`.
    pub(super) fn fate(&self, path: &Path) -> io::Result<Fate> {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Ok(Fate::Gone),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Fate::Gone),
            Err(error) => return Err(error),
        }
        match Handle::from_path(path) {
            Ok(named) if named != self.file => Ok(Fate::Replaced),
            Ok(_) if self.bytes()? < self.position() => Ok(Fate::Truncated),
            Ok(_) => Ok(Fate::Same),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Fate::Gone),
            Err(error) => Err(error),
        }
    }
}

/// Reads a growing file. A read fails with [`ErrorKind::WouldBlock`] if nothing more
/// has been written.
pub(super) struct Growth {
    file: Arc<GrowingFile>,
    /// How many NULs were skipped; `None` after the start of the file.
    hole: Option<usize>,
}

impl Growth {
    pub(super) fn of(file: &Arc<GrowingFile>) -> Self {
        Self {
            file: Arc::clone(file),
            hole: (file.position() == 0).then_some(0),
        }
    }

    /// Removes the NULs at the start of the file from the bytes that were read. Returns
    /// how many are left.
    fn skip_hole(&mut self, bytes: &mut [u8]) -> usize {
        let Some(before) = self.hole else {
            return bytes.len();
        };
        let nuls = bytes.iter().take_while(|byte| **byte == 0).count();
        let is_hole = before + nuls >= MIN_HOLE;
        self.hole = (is_hole && nuls == bytes.len()).then_some(before + nuls);
        match is_hole {
            true => {
                bytes.copy_within(nuls.., 0);
                bytes.len() - nuls
            }
            false => bytes.len(),
        }
    }
}

impl Read for Growth {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // Before the read, so that what was written before the end is read.
            let has_ended = self.file.has_ended.load(Ordering::Relaxed);
            let length = self.file.file.as_file().read(buffer)?;
            match length {
                0 if has_ended => return Ok(0),
                0 => return Err(ErrorKind::WouldBlock.into()),
                _ => {}
            }
            let position = &self.file.position;
            position.fetch_add(length as u64, Ordering::Relaxed);
            match self.skip_hole(&mut buffer[..length]) {
                0 => {}
                left => return Ok(left),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(bytes: &[u8]) -> (tempfile::NamedTempFile, Arc<GrowingFile>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), bytes).unwrap();
        let growing = GrowingFile::open(file.path()).unwrap();
        (file, Arc::new(growing))
    }

    #[test]
    fn a_hole_at_the_start_is_skipped_and_what_may_be_text_is_not() {
        let hole = [vec![0; 100_000], b"text".to_vec()].concat();
        let utf32 = b"\0\0\xFE\xFF\0\0\0a";
        for (bytes, expected) in [(&hole[..], &b"text"[..]), (utf32, utf32)] {
            let (_file, growing) = growth(bytes);
            growing.end();
            let mut read = Vec::new();
            Growth::of(&growing).read_to_end(&mut read).unwrap();
            assert_eq!(read, expected);
            assert_eq!(growing.position(), bytes.len() as u64);
        }
    }

    #[test]
    fn a_file_without_more_would_block_until_it_is_ended() {
        let (file, growing) = growth(b"a");
        let mut growth = Growth::of(&growing);
        let mut read = || growth.read(&mut [0; 9]).map_err(|error| error.kind());
        assert_eq!((read(), read()), (Ok(1), Err(ErrorKind::WouldBlock)));
        fs::write(file.path(), "abc").unwrap();
        growing.end();
        assert_eq!((read(), read()), (Ok(2), Ok(0)));
    }

    #[test]
    fn what_became_of_a_file_is_seen_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let [log, old] = ["log", "old"].map(|name| folder.path().join(name));
        fs::write(&log, "abc").unwrap();
        let growing = Arc::new(GrowingFile::open(&log).unwrap());
        let fate = || growing.fate(&log).unwrap();
        Growth::of(&growing).read_exact(&mut [0; 3]).unwrap();
        assert_eq!(fate(), Fate::Same);
        fs::write(&log, "a").unwrap();
        assert_eq!(fate(), Fate::Truncated);
        fs::rename(&log, &old).unwrap();
        assert_eq!(fate(), Fate::Gone);
        fs::write(&log, "abcdef").unwrap();
        assert_eq!(fate(), Fate::Replaced);
        fs::rename(&old, &log).unwrap();
        assert_eq!(fate(), Fate::Truncated);
        fs::remove_file(&log).unwrap();
        fs::create_dir(&log).unwrap();
        assert_eq!(fate(), Fate::Gone);
        assert!(GrowingFile::open(&log).is_err());
    }
}
