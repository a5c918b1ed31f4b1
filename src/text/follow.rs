//! A file that grows → its passages, as they are written.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::growing_file::{Fate, GrowingFile, Growth};
use super::input::{Input, cannot_read};
use super::passages::{Passage, Passages, ReadOptions, Step};
use super::resume::ResumePoint;
use crate::file_kind::{FileKind, HEAD_BYTES};
use crate::{BadDocument, CancelToken, Error, Result};

/// How often a file is looked at that has nothing new. Watching its folder instead would
/// not work on network file systems, and this costs some microseconds each time.
const POLL: Duration = Duration::from_millis(200);

/// How to follow a file.
#[derive(Debug, Clone)]
pub struct FollowOptions {
    /// How to read it. [`ReadOptions::malformed`] should be
    /// [`LeaveOut`](super::Malformed::LeaveOut): a writer may be interrupted anywhere.
    pub read: ReadOptions,
    /// Where in the file to begin. Files that take its place later are read from their
    /// start, and so is one that does not exist at first.
    pub from: FollowFrom,
    /// After so long without more, the text so far is a passage, even if its line is not
    /// complete. `None` to wait for the end of the line.
    pub idle: Option<Duration>,
    /// Ends the passages, within a fraction of a second.
    pub cancel: CancelToken,
}

/// Where in a file to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FollowFrom {
    /// With what is written from now on.
    #[default]
    End,
    /// With what is there.
    Start,
}

/// What happens to a file that is followed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Followed {
    /// Text was written. Lines and offsets are counted from where reading of the file
    /// began.
    Passage(Passage),
    /// There is no such file yet.
    Missing,
    /// It was removed or renamed. What is still written to it is read.
    Gone,
    /// Another file took its place, which is read from its start.
    Replaced,
    /// It was truncated, and is read from its start.
    Truncated,
    /// It cannot be read for now.
    Unreadable(io::Error),
}

/// The passages of a file that other programs write, as they are written: what `tail -F`
/// prints. It ends only if it is cancelled, or after an error.
///
/// What is written to a file before it is replaced is read to its end. Nothing is read
/// ahead: between two calls of `next`, the text waits in the file, and what is truncated
/// meanwhile is lost.
pub struct Follow {
    path: PathBuf,
    options: FollowOptions,
    current: Option<Current>,
    /// Where the next file is read from.
    from: FollowFrom,
    /// What was reported last, so that it is not reported at each look.
    trouble: Trouble,
    has_failed: bool,
}

/// The file that is being read.
struct Current {
    file: Arc<GrowingFile>,
    passages: Passages,
    /// How far it was read when there was nothing more, and since when.
    position: u64,
    since: Instant,
    /// Whether the text so far was returned.
    is_flushed: bool,
    /// Whether it has no name.
    is_gone: bool,
    /// Whether another file had its name when there was nothing more.
    is_replaced: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    Missing,
    Unreadable,
}

impl Follow {
    /// Begins to follow the file called `path`, which need not exist.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if it exists and cannot be read, or is a folder or a stream;
    /// [`Error::Document`] if it is of a kind that is not text.
    pub fn open(path: impl Into<PathBuf>, options: FollowOptions) -> Result<Self> {
        let mut follow = Self {
            path: path.into(),
            current: None,
            from: options.from,
            options,
            trouble: Trouble::None,
            has_failed: false,
        };
        match GrowingFile::open(&follow.path) {
            Ok(file) => follow.begin(file)?,
            Err(error) if error.kind() == ErrorKind::NotFound => follow.from = FollowFrom::Start,
            Err(error) => return Err(follow.cannot_read(error)),
        }
        Ok(follow)
    }

    /// Begins to read a file. The next one is read from its start.
    fn begin(&mut self, file: GrowingFile) -> Result<()> {
        let from = std::mem::replace(&mut self.from, FollowFrom::Start);
        let file = Arc::new(file);
        let origin = self.path.display().to_string();
        let input = Input::reader(Growth::of(&file), origin.as_str());
        let options = &self.options.read;
        let passages = match from {
            FollowFrom::Start => Passages::open(input, options)?,
            FollowFrom::End => {
                let end = || -> io::Result<_> {
                    let head = file.head(HEAD_BYTES)?;
                    let point = ResumePoint::in_file(&head, options.encoding, file.bytes()?);
                    file.seek(point.offset)?;
                    Ok((head, point))
                };
                let (head, point) = end().map_err(|error| self.cannot_read(error))?;
                if let Some(kind) = FileKind::of_no_text(&head) {
                    return Err(Error::Document {
                        origin,
                        source: BadDocument::WrongKind(kind),
                    });
                }
                Passages::resume(input, &point, options)?
            }
        };
        self.current = Some(Current {
            position: file.position(),
            file,
            passages,
            since: Instant::now(),
            is_flushed: true,
            is_gone: false,
            is_replaced: false,
        });
        Ok(())
    }

    fn cannot_read(&self, error: io::Error) -> Error {
        cannot_read(&self.path.display().to_string(), error)
    }

    /// Waits for the file; returns what to report.
    fn wait_for_file(&mut self) -> Result<Option<Followed>> {
        match GrowingFile::open(&self.path) {
            Ok(file) => {
                self.trouble = Trouble::None;
                self.begin(file)?;
                Ok(None)
            }
            Err(error) => {
                let trouble = match error.kind() {
                    ErrorKind::NotFound => Trouble::Missing,
                    _ => Trouble::Unreadable,
                };
                if std::mem::replace(&mut self.trouble, trouble) != trouble {
                    return Ok(Some(match trouble {
                        Trouble::Missing => Followed::Missing,
                        _ => Followed::Unreadable(error),
                    }));
                }
                thread::sleep(POLL);
                Ok(None)
            }
        }
    }

    fn step(&mut self) -> Result<Option<Followed>> {
        let Some(current) = &mut self.current else {
            return self.wait_for_file();
        };
        match current.passages.step()? {
            Step::Passage(passage) => return Ok(Some(Followed::Passage(passage))),
            Step::Ended => {
                self.current = None;
                return Ok(None);
            }
            Step::Waiting => {}
        }
        if let Some(passage) = current.flush_if_idle(self.options.idle) {
            return Ok(Some(Followed::Passage(passage)));
        }
        match current.file.fate(&self.path) {
            Ok(Fate::Truncated) => {
                current.file.end();
                return Ok(Some(Followed::Truncated));
            }
            Ok(Fate::Replaced) => {
                // At the second look without more: its writer may not know yet.
                if std::mem::replace(&mut current.is_replaced, true) {
                    current.file.end();
                    return Ok(Some(Followed::Replaced));
                }
            }
            Ok(Fate::Gone) => {
                if !std::mem::replace(&mut current.is_gone, true) {
                    return Ok(Some(Followed::Gone));
                }
            }
            Ok(Fate::Same) => (current.is_gone, current.is_replaced) = (false, false),
            // Perhaps for a moment, as on a network. The file itself is still open.
            Err(_) => {}
        }
        thread::sleep(POLL);
        Ok(None)
    }
}

impl Current {
    /// Returns the text so far, if nothing was written for so long.
    fn flush_if_idle(&mut self, idle: Option<Duration>) -> Option<Passage> {
        let position = self.file.position();
        if position != self.position {
            self.position = position;
            self.since = Instant::now();
            (self.is_flushed, self.is_replaced) = (false, false);
        }
        if self.is_flushed || idle.is_none_or(|idle| self.since.elapsed() < idle) {
            return None;
        }
        self.is_flushed = true;
        self.passages.flush()
    }
}

impl Iterator for Follow {
    type Item = Result<Followed>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.has_failed && !self.options.cancel.is_cancelled() {
            match self.step() {
                Ok(None) => {}
                Ok(Some(followed)) => return Some(Ok(followed)),
                Err(error) => {
                    self.has_failed = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
