//! Passages from all inputs, in order, without ever blocking a stop.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};

use piper_rs::text::{Encoding, Input, Passage, PassageUnit, Passages, ReadOptions};
use piper_rs::{CancelToken, Result};

use crate::args::InputArgs;

/// What people call standard input.
const STDIN: &str = "standard input";
/// Passages read ahead of the one being spoken.
const READ_AHEAD: usize = 2;
/// The longest line that is one text: a whole book.
const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// Where text comes from, and how it is read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    origins: Vec<Origin>,
    encoding: Option<Encoding>,
    unit: Option<PassageUnit>,
    max_bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    Text(String),
    File(PathBuf),
    Stdin,
}

impl Source {
    /// Takes the text from `words` if there are any, else from files, else
    /// from standard input.
    pub(crate) fn from_args(words: &[String], input: &InputArgs) -> Result<Self> {
        let origins = if !words.is_empty() {
            vec![Origin::Text(words.join(" "))]
        } else if input.input.is_empty() {
            vec![Origin::Stdin]
        } else {
            input.input.iter().map(|path| Origin::of(path)).collect()
        };
        let source = Self {
            origins,
            encoding: encoding(input.reading.encoding.as_deref())?,
            unit: None,
            max_bytes: ReadOptions::default().max_bytes,
        };
        Ok(match input.json_input {
            true => source.by_line(),
            false => source,
        })
    }

    /// Takes one file as a whole.
    pub(crate) fn file(path: PathBuf, encoding: Option<Encoding>) -> Self {
        Self::one(Origin::File(path), encoding)
    }

    /// Takes a text that is there already.
    pub(crate) fn text(text: String) -> Self {
        Self::one(Origin::Text(text), None)
    }

    /// Takes each line of a file, or of standard input if it is `-`.
    pub(crate) fn lines(path: &Path, encoding: Option<Encoding>) -> Self {
        Self::one(Origin::of(path), encoding).by_line()
    }

    fn one(origin: Origin, encoding: Option<Encoding>) -> Self {
        Self {
            origins: vec![origin],
            encoding,
            unit: None,
            max_bytes: ReadOptions::default().max_bytes,
        }
    }

    /// Reads standard input line by line.
    pub(crate) fn stdin_lines(encoding: Option<Encoding>) -> Self {
        Self::one(Origin::Stdin, encoding).by_line()
    }

    /// Returns the files that the text is read from.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.origins.iter().filter_map(|origin| match origin {
            Origin::File(path) => Some(path.as_path()),
            Origin::Text(_) | Origin::Stdin => None,
        })
    }

    /// Makes every line a passage of its own, however long.
    pub(crate) fn by_line(mut self) -> Self {
        self.unit = Some(PassageUnit::Line);
        self.max_bytes = MAX_LINE_BYTES;
        self
    }

    /// Returns whether the text comes from a live stream, whose lines are
    /// spoken as they come and whose length nobody knows.
    pub(crate) fn is_live(&self) -> bool {
        self.origins.contains(&Origin::Stdin)
    }

    /// Reads every passage on this thread. Not for live streams.
    pub(crate) fn read(&self) -> impl Iterator<Item = Result<Passage>> {
        self.origins
            .iter()
            .flat_map(|origin| passages(origin, self.options(origin)))
    }

    /// Reads passages on a thread of its own, which is left behind when the
    /// run is cancelled: nothing can interrupt a read of a silent pipe.
    pub(crate) fn read_in_background(&self, cancel: CancelToken) -> BackgroundPassages {
        let (sender, news) = mpsc::sync_channel(READ_AHEAD);
        let (source, wake) = (self.clone(), sender.clone());
        std::thread::spawn(move || {
            for passage in source.read() {
                if sender.send(News::Passage(passage)).is_err() {
                    return;
                }
            }
            _ = sender.send(News::End);
        });
        BackgroundPassages { news, wake, cancel }
    }

    fn options(&self, origin: &Origin) -> ReadOptions {
        let natural = match origin {
            Origin::Stdin => PassageUnit::Line,
            Origin::Text(_) | Origin::File(_) => PassageUnit::Paragraph,
        };
        ReadOptions {
            unit: self.unit.unwrap_or(natural),
            encoding: self.encoding,
            max_bytes: self.max_bytes,
        }
    }
}

impl Origin {
    fn of(path: &Path) -> Self {
        if path == Path::new("-") {
            Self::Stdin
        } else {
            Self::File(path.to_owned())
        }
    }

    fn open(&self) -> Input {
        match self {
            Self::Text(text) => Input::Text(text.clone()),
            Self::File(path) => Input::File(path.clone()),
            Self::Stdin => Input::reader(std::io::stdin(), STDIN),
        }
    }
}

/// Opens an input late, when its turn comes; a failure is its only item.
fn passages(origin: &Origin, options: ReadOptions) -> Box<dyn Iterator<Item = Result<Passage>>> {
    match Passages::open(origin.open(), &options) {
        Ok(passages) => Box::new(passages),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

/// Returns the encoding of that label, if one was asked for.
pub(crate) fn encoding(label: Option<&str>) -> Result<Option<Encoding>> {
    label.map(Encoding::from_label).transpose()
}

enum News {
    Passage(Result<Passage>),
    End,
    Cancelled,
}

/// Passages as another thread reads them; ends when the run is cancelled.
pub(crate) struct BackgroundPassages {
    news: Receiver<News>,
    wake: SyncSender<News>,
    cancel: CancelToken,
}

impl Iterator for BackgroundPassages {
    type Item = Result<Passage>;

    fn next(&mut self) -> Option<Self::Item> {
        let wake = self.wake.clone();
        // A full queue needs no waking.
        let _guard = self
            .cancel
            .on_cancel(move || _ = wake.try_send(News::Cancelled));
        match self.news.recv().ok()? {
            _ if self.cancel.is_cancelled() => None,
            News::Passage(passage) => Some(passage),
            News::End | News::Cancelled => None,
        }
    }
}
