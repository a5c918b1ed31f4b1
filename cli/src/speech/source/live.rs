//! Text that arrives while it is spoken: a file that grows, a stream.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use piper_rs::text::{
    Follow, FollowFrom, FollowOptions, Followed, Input, Malformed, Passage, Passages, ReadOptions,
    Step,
};
use piper_rs::{CancelToken, Result, threads};

use super::Source;
use super::background::WhenFull;
use super::text_input::TextInput;
use crate::args::{BehindArg, LiveArgs};
use crate::terminal::report::{Reporter, UsageError};

/// How much text waits with `--behind skip`.
const MAX_WAITING_LINES: usize = 20;
/// The most bytes of it: a line may be long.
const MAX_WAITING_BYTES: usize = 256 * 1024;

/// The most bytes of a line that are spoken before the newest line with `--behind latest`:
/// about two minutes. What is left of a longer one waits as lines do.
const MAX_LATEST_BYTES: usize = 2 * 1024;

/// After so long without more, a line of a file that is followed is spoken, even if it
/// is not complete.
const FOLLOW_IDLE: Duration = Duration::from_secs(2);

/// How text is read that arrives while it is spoken.
#[derive(Clone)]
pub(super) struct Live {
    /// After so long without more, a line that is not complete is spoken.
    idle: Option<Duration>,
    behind: BehindArg,
    reporter: Arc<Reporter>,
}

impl Source {
    /// Sets how text is read that arrives while it is spoken. Fails if no text does and
    /// an option is for that. `json`: an object is never spoken before it is complete.
    pub(crate) fn reading_live(
        mut self,
        args: &LiveArgs,
        json: bool,
        reporter: &Arc<Reporter>,
    ) -> std::result::Result<Self, UsageError> {
        if let Some(option) = args.option().filter(|_| !self.is_live()) {
            return Err(UsageError(format!(
                "{option} is for text that arrives while it is spoken: `--follow FILE`, standard \
                 input or a pipe"
            )));
        }
        if args.behind == Some(BehindArg::Latest) && !json {
            self.max_bytes = MAX_LATEST_BYTES;
        }
        let follow_idle = args.follow.is_some() && !json;
        self.live = Some(Live {
            idle: args.idle.or(follow_idle.then_some(FOLLOW_IDLE)),
            behind: args.behind.unwrap_or_default(),
            reporter: Arc::clone(reporter),
        });
        Ok(self)
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { idle, behind, .. } = self;
        f.debug_tuple("Live").field(idle).field(behind).finish()
    }
}

impl Live {
    /// Returns what becomes of text that is not spoken yet.
    pub(super) fn when_full(&self) -> WhenFull {
        match self.behind {
            BehindArg::Queue => WhenFull::Wait,
            BehindArg::Skip => WhenFull::DropOldest {
                max_items: MAX_WAITING_LINES,
                max_bytes: MAX_WAITING_BYTES,
            },
            BehindArg::Latest => WhenFull::DropOldest {
                max_items: 1,
                max_bytes: MAX_WAITING_BYTES,
            },
        }
    }

    /// Says that lines were left out.
    pub(super) fn note_skipped(&self, lines: u64) {
        self.reporter.note(&match lines {
            1 => "1 line is left out: speech is behind".to_owned(),
            lines => format!("{lines} lines are left out: speech is behind"),
        });
    }

    /// Opens an input whose text may come in pieces of a line; `None` if it is not one.
    /// An error becomes its only item.
    pub(super) fn passages(
        &self,
        input: &TextInput,
        from: FollowFrom,
        options: &ReadOptions,
    ) -> Option<Box<dyn Iterator<Item = Result<Passage>>>> {
        let name = input.name();
        let opened = match (input, self.idle) {
            (TextInput::Followed(path), _) => self.followed(path, from, options),
            (TextInput::Stdin, Some(idle)) => {
                IdlePassages::boxed(|| Ok(Box::new(io::stdin())), &name, idle, options)
            }
            (TextInput::Stream(path), Some(idle)) => {
                let path = path.clone();
                let open = move || Ok(Box::new(File::open(path)?) as Box<dyn Read>);
                IdlePassages::boxed(open, &name, idle, options)
            }
            _ => return None,
        };
        Some(opened.unwrap_or_else(|error| Box::new(std::iter::once(Err(error)))))
    }

    /// Returns what is written to a file.
    fn followed(
        &self,
        path: &Path,
        from: FollowFrom,
        read: &ReadOptions,
    ) -> Result<Box<dyn Iterator<Item = Result<Passage>>>> {
        let options = FollowOptions {
            read: ReadOptions {
                malformed: Malformed::LeaveOut,
                ..read.clone()
            },
            from,
            idle: self.idle,
            // The thread that reads is not waited for.
            cancel: CancelToken::new(),
        };
        let (reporter, name) = (Arc::clone(&self.reporter), path.display().to_string());
        let note = move |followed: &Followed| {
            reporter.note(&match followed {
                Followed::Missing => format!("there is no {name} yet: waiting for it"),
                Followed::Gone => format!("{name} is gone: waiting for a new one"),
                Followed::Replaced => format!("{name} is a new file: reading it from its start"),
                Followed::Truncated => format!("{name} was truncated: reading it from its start"),
                Followed::Unreadable(error) => format!("cannot read {name} for now: {error}"),
                _ => return,
            });
        };
        let passages = move |followed: Result<Followed>| match followed {
            Ok(Followed::Passage(passage)) => Some(Ok(passage)),
            Ok(followed) => {
                note(&followed);
                None
            }
            Err(error) => Some(Err(error)),
        };
        Ok(Box::new(Follow::open(path, options)?.filter_map(passages)))
    }
}

/// The passages of a stream. Text is returned after a while even if its line is not
/// complete.
struct IdlePassages(Passages);

impl IdlePassages {
    /// Reads from `open`, which is called on another thread.
    fn boxed(
        open: impl FnOnce() -> io::Result<Box<dyn Read>> + Send + 'static,
        name: &str,
        idle: Duration,
        options: &ReadOptions,
    ) -> Result<Box<dyn Iterator<Item = Result<Passage>>>> {
        let (sender, blocks) = mpsc::sync_channel(1);
        threads::spawn("stream", move || {
            let mut reader = match open() {
                Ok(reader) => reader,
                Err(error) => {
                    _ = sender.send(Err(error));
                    return;
                }
            };
            loop {
                let mut block = vec![0; 8 * 1024];
                let read = match reader.read(&mut block) {
                    Ok(0) => return,
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    read => read,
                };
                let has_failed = read.is_err();
                block.truncate(*read.as_ref().unwrap_or(&0));
                if sender.send(read.map(|_| block)).is_err() || has_failed {
                    return;
                }
            }
        })?;
        let reader = IdleReader {
            blocks,
            idle,
            block: io::Cursor::default(),
        };
        let passages = Passages::open(Input::reader(reader, name), options)?;
        Ok(Box::new(Self(passages)))
    }
}

impl Iterator for IdlePassages {
    type Item = Result<Passage>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.0.step() {
                Ok(Step::Passage(passage)) => return Some(Ok(passage)),
                Ok(Step::Waiting) => {
                    if let Some(passage) = self.0.flush() {
                        return Some(Ok(passage));
                    }
                }
                Ok(Step::Ended) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Reads what another thread has read. Fails with [`ErrorKind::WouldBlock`] if nothing
/// comes for so long.
struct IdleReader {
    blocks: Receiver<io::Result<Vec<u8>>>,
    idle: Duration,
    block: io::Cursor<Vec<u8>>,
}

impl Read for IdleReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.block.read(buffer)?;
        if length > 0 {
            return Ok(length);
        }
        match self.blocks.recv_timeout(self.idle) {
            Ok(block) => {
                self.block = io::Cursor::new(block?);
                self.block.read(buffer)
            }
            Err(RecvTimeoutError::Timeout) => Err(ErrorKind::WouldBlock.into()),
            Err(RecvTimeoutError::Disconnected) => Ok(0),
        }
    }
}
