//! Where text comes from. Reading never blocks Ctrl-C.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, SyncSender};

use piper_rs::fs::is_stream;
use piper_rs::text::{
    Encoding, GIVEN_TEXT, Input, Passage, PassageUnit, Passages, ReadOptions, ResumePoint,
};
use piper_rs::{CancelToken, Result};

use crate::args::InputArgs;
use piper_rs::threads;

/// How messages call standard input.
const STDIN: &str = "standard input";
/// Names of standard input: opening a path is not the same for a socket.
const STDIN_PATHS: [&str; 4] = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
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
    part: Option<Part>,
}

/// A part of a text: a heading, and lines of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Part {
    /// A paragraph before the lines.
    pub(crate) heading: Option<String>,
    /// Counted from 1.
    pub(crate) lines: Range<u64>,
    /// Lines among them that are left out.
    pub(crate) left_out: Vec<Range<u64>>,
    /// Where reading begins: at or before the first of the lines. `None` is the
    /// start of the text.
    pub(crate) resume_point: Option<ResumePoint>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TextInput {
    Text(Arc<str>),
    /// Can be read several times.
    File(PathBuf),
    /// A pipe or a device: opened once and read once.
    Stream(PathBuf),
    Stdin,
}

impl Source {
    /// Reads the text from `words` if there are any, else from files, else from
    /// standard input. The word `-` means standard input.
    pub(crate) fn from_args(words: &[String], args: &InputArgs) -> Result<Self> {
        let inputs = match args.input.as_slice() {
            [] => vec![TextInput::of_words(words)],
            paths => paths.iter().map(|path| TextInput::of(path)).collect(),
        };
        let source = Self {
            inputs,
            encoding: encoding(args.reading.encoding.as_deref())?,
            unit: None,
            max_bytes: ReadOptions::default().max_bytes,
            part: None,
        };
        Ok(match args.json_input {
            true => source.by_line(),
            false => source,
        })
    }

    /// Reads a file as one text. A stream is read to its end now, so that its
    /// text can be read several times.
    pub(crate) fn file(
        path: &Path,
        encoding: Option<Encoding>,
        cancel: &CancelToken,
    ) -> Result<Self> {
        match TextInput::of(path) {
            input @ (TextInput::Stream(_) | TextInput::Stdin) => {
                let lines = Self::one(input, encoding).by_line();
                let lines = lines.read_in_background(cancel.clone());
                let text: Result<String> = lines.map(|line| Ok(line?.text)).collect();
                Ok(Self::text(text?))
            }
            input => Ok(Self::one(input, encoding)),
        }
    }

    /// Reads a text in memory.
    pub(crate) fn text(text: String) -> Self {
        Self::one(TextInput::Text(text.into()), None)
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
            part: None,
        }
    }

    /// Reads the text from `words`; from standard input if there are none, or if
    /// they are `-`.
    pub(crate) fn of_words(words: &[String], encoding: Option<Encoding>) -> Self {
        Self::one(TextInput::of_words(words), encoding)
    }

    /// Returns the files among the inputs.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.inputs.iter().filter_map(|input| match input {
            TextInput::File(path) => Some(path.as_path()),
            TextInput::Text(_) | TextInput::Stream(_) | TextInput::Stdin => None,
        })
    }

    /// Returns the name of each input, as its passages have it, and what its
    /// passages are.
    pub(crate) fn names(&self) -> Vec<(String, PassageUnit)> {
        let name = |input: &TextInput| (input.name(), self.options(input).unit);
        self.inputs.iter().map(name).collect()
    }

    /// Makes each line a passage, however long it is.
    pub(crate) fn by_line(mut self) -> Self {
        self.unit = Some(PassageUnit::Line);
        self.max_bytes = MAX_LINE_BYTES;
        self
    }

    /// Returns whether text is read from a stream: its length is unknown, it can
    /// be read only once, and lines are spoken when they arrive.
    pub(crate) fn is_live(&self) -> bool {
        let is_live = |input: &TextInput| matches!(input, TextInput::Stream(_) | TextInput::Stdin);
        self.inputs.iter().any(is_live)
    }

    /// Returns whether text is read from standard input.
    pub(crate) fn uses_stdin(&self) -> bool {
        self.inputs.contains(&TextInput::Stdin)
    }

    /// Returns a part of this text, which must have one input. Only the lines of
    /// the part are read, and a little before and after them.
    pub(crate) fn part(&self, part: Part) -> Self {
        Self {
            part: Some(part),
            ..self.clone()
        }
    }

    /// Reads all passages on this thread. Do not use it for live input.
    pub(crate) fn read(&self) -> impl Iterator<Item = Result<Passage>> {
        let inputs = self.inputs.iter();
        let part = self.part.as_ref();
        let resume_point = part.and_then(|part| part.resume_point.as_ref());
        let passages =
            inputs.flat_map(move |input| passages(input, resume_point, self.options(input)));
        let heading = part.and_then(|part| {
            Some(Ok(Passage {
                text: format!("{}\n\n", part.heading.as_ref()?),
                origin: self.inputs.first()?.name(),
                line: part.lines.start.saturating_sub(1),
                resume_point: None,
            }))
        });
        let end = part.map_or(u64::MAX, |part| part.lines.end);
        let is_before_end =
            move |passage: &Result<Passage>| passage.as_ref().map_or(true, |p| p.line < end);
        let inside = passages.take_while(is_before_end);
        heading
            .into_iter()
            .chain(inside.filter_map(move |passage| match passage {
                Ok(passage) => match part {
                    Some(part) => part.keep(passage).map(Ok),
                    None => Some(Ok(passage)),
                },
                Err(error) => Some(Err(error)),
            }))
    }

    /// Reads passages on another thread. After a cancellation, that thread is
    /// abandoned: nothing can interrupt the read of a pipe without data.
    pub(crate) fn read_in_background(&self, cancel: CancelToken) -> BackgroundPassages {
        let (sender, events) = mpsc::sync_channel(READ_AHEAD);
        let (source, wake) = (self.clone(), sender.clone());
        let failed = sender.clone();
        let started = threads::spawn("reader", move || {
            for passage in source.read() {
                if sender.send(ReadEvent::Passage(passage)).is_err() {
                    return;
                }
            }
            _ = sender.send(ReadEvent::End);
        });
        if let Err(error) = started {
            // There is room for both.
            _ = failed.try_send(ReadEvent::Passage(Err(error)));
            _ = failed.try_send(ReadEvent::End);
        }
        BackgroundPassages {
            events,
            wake,
            cancel,
        }
    }

    fn options(&self, input: &TextInput) -> ReadOptions {
        let suitable = match input {
            TextInput::Stream(_) | TextInput::Stdin => PassageUnit::Line,
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
        if STDIN_PATHS.iter().any(|name| path == Path::new(name)) {
            Self::Stdin
        } else if is_stream(path) {
            Self::Stream(path.to_owned())
        } else {
            Self::File(path.to_owned())
        }
    }

    fn of_words(words: &[String]) -> Self {
        match words {
            [] => Self::Stdin,
            [word] if word == "-" => Self::Stdin,
            words => Self::Text(words.join(" ").into()),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Text(_) => GIVEN_TEXT.to_owned(),
            Self::File(path) | Self::Stream(path) => path.display().to_string(),
            Self::Stdin => STDIN.to_owned(),
        }
    }

    fn open(&self) -> Input {
        match self {
            Self::Text(text) => Input::Text(Arc::clone(text)),
            Self::File(path) | Self::Stream(path) => Input::File(path.clone()),
            Self::Stdin => Input::reader(std::io::stdin(), STDIN),
        }
    }
}

impl Part {
    /// Returns what a passage has of this part, if it has any.
    fn keep(&self, mut passage: Passage) -> Option<Passage> {
        let lines = passage.text.split_inclusive('\n').zip(passage.line..);
        let mut kept = lines.filter(|(_, line)| self.has(*line)).peekable();
        passage.line = kept.peek()?.1;
        passage.text = kept.map(|(text, _)| text).collect();
        Some(passage)
    }

    fn has(&self, line: u64) -> bool {
        self.lines.contains(&line) && !self.left_out.iter().any(|lines| lines.contains(&line))
    }
}

/// Opens an input when it is needed. An error becomes its only item.
fn passages(
    input: &TextInput,
    from: Option<&ResumePoint>,
    options: ReadOptions,
) -> Box<dyn Iterator<Item = Result<Passage>>> {
    let opened = match from {
        Some(point) => Passages::resume(input.open(), point, &options),
        None => Passages::open(input.open(), &options),
    };
    match opened {
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
