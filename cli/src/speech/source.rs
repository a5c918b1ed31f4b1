//! Where text comes from. Reading never blocks Ctrl-C.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};

use piper_rs::text::{Encoding, Input, Passage, PassageUnit, Passages, ReadOptions};
use piper_rs::{CancelToken, Result};

use crate::args::InputArgs;

/// How messages call standard input.
const STDIN: &str = "standard input";
/// How many passages are read ahead of the one that is spoken.
const READ_AHEAD: usize = 2;
/// The longest line that is one text: a whole book fits.
const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// The inputs of a run, and how they are read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    inputs: Vec<TextInput>,
    encoding: Option<Encoding>,
    unit: Option<PassageUnit>,
    max_bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TextInput {
    Text(String),
    File(PathBuf),
    Stdin,
}

impl Source {
    /// Reads the text from `words` if there are any, else from files, else from
    /// standard input.
    pub(crate) fn from_args(words: &[String], args: &InputArgs) -> Result<Self> {
        let inputs = if !words.is_empty() {
            vec![TextInput::Text(words.join(" "))]
        } else if args.input.is_empty() {
            vec![TextInput::Stdin]
        } else {
            args.input.iter().map(|path| TextInput::of(path)).collect()
        };
        let source = Self {
            inputs,
            encoding: encoding(args.reading.encoding.as_deref())?,
            unit: None,
            max_bytes: ReadOptions::default().max_bytes,
        };
        Ok(match args.json_input {
            true => source.by_line(),
            false => source,
        })
    }

    /// Reads a file as one text.
    pub(crate) fn file(path: PathBuf, encoding: Option<Encoding>) -> Self {
        Self::one(TextInput::File(path), encoding)
    }

    /// Reads a text in memory.
    pub(crate) fn text(text: String) -> Self {
        Self::one(TextInput::Text(text), None)
    }

    /// Reads each line of a file as a text, or of standard input if it is `-`.
    pub(crate) fn lines(path: &Path, encoding: Option<Encoding>) -> Self {
        Self::one(TextInput::of(path), encoding).by_line()
    }

    fn one(input: TextInput, encoding: Option<Encoding>) -> Self {
        Self {
            inputs: vec![input],
            encoding,
            unit: None,
            max_bytes: ReadOptions::default().max_bytes,
        }
    }

    /// Reads each line of standard input as a text.
    pub(crate) fn stdin_lines(encoding: Option<Encoding>) -> Self {
        Self::one(TextInput::Stdin, encoding).by_line()
    }

    /// Returns the files among the inputs.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.inputs.iter().filter_map(|input| match input {
            TextInput::File(path) => Some(path.as_path()),
            TextInput::Text(_) | TextInput::Stdin => None,
        })
    }

    /// Makes each line a passage, however long it is.
    pub(crate) fn by_line(mut self) -> Self {
        self.unit = Some(PassageUnit::Line);
        self.max_bytes = MAX_LINE_BYTES;
        self
    }

    /// Returns whether text is read from standard input: its length is unknown,
    /// and lines are spoken when they arrive.
    pub(crate) fn is_live(&self) -> bool {
        self.inputs.contains(&TextInput::Stdin)
    }

    /// Reads all passages on this thread. Do not use it for live input.
    pub(crate) fn read(&self) -> impl Iterator<Item = Result<Passage>> {
        self.inputs
            .iter()
            .flat_map(|input| passages(input, self.options(input)))
    }

    /// Reads passages on another thread. After a cancellation, that thread is
    /// abandoned: nothing can interrupt the read of a pipe without data.
    pub(crate) fn read_in_background(&self, cancel: CancelToken) -> BackgroundPassages {
        let (sender, events) = mpsc::sync_channel(READ_AHEAD);
        let (source, wake) = (self.clone(), sender.clone());
        std::thread::spawn(move || {
            for passage in source.read() {
                if sender.send(ReadEvent::Passage(passage)).is_err() {
                    return;
                }
            }
            _ = sender.send(ReadEvent::End);
        });
        BackgroundPassages {
            events,
            wake,
            cancel,
        }
    }

    fn options(&self, input: &TextInput) -> ReadOptions {
        let suitable = match input {
            TextInput::Stdin => PassageUnit::Line,
            TextInput::Text(_) | TextInput::File(_) => PassageUnit::Paragraph,
        };
        ReadOptions {
            unit: self.unit.unwrap_or(suitable),
            encoding: self.encoding,
            max_bytes: self.max_bytes,
        }
    }
}

impl TextInput {
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

/// Opens an input when it is needed. An error becomes its only item.
fn passages(input: &TextInput, options: ReadOptions) -> Box<dyn Iterator<Item = Result<Passage>>> {
    match Passages::open(input.open(), &options) {
        Ok(passages) => Box::new(passages),
        Err(error) => Box::new(std::iter::once(Err(error))),
    }
}

/// Returns the encoding with that label, if there is one.
pub(crate) fn encoding(label: Option<&str>) -> Result<Option<Encoding>> {
    label.map(Encoding::from_label).transpose()
}

enum ReadEvent {
    Passage(Result<Passage>),
    End,
    Cancelled,
}

/// Passages from another thread. The iterator ends when the run is cancelled.
pub(crate) struct BackgroundPassages {
    events: Receiver<ReadEvent>,
    wake: SyncSender<ReadEvent>,
    cancel: CancelToken,
}

impl Iterator for BackgroundPassages {
    type Item = Result<Passage>;

    fn next(&mut self) -> Option<Self::Item> {
        let wake = self.wake.clone();
        // With a full queue, `recv` does not block.
        let _guard = self
            .cancel
            .on_cancel(move || _ = wake.try_send(ReadEvent::Cancelled));
        match self.events.recv().ok()? {
            _ if self.cancel.is_cancelled() => None,
            ReadEvent::Passage(passage) => Some(passage),
            ReadEvent::End | ReadEvent::Cancelled => None,
        }
    }
}
