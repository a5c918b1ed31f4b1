//! Where text comes from. Reading never blocks Ctrl-C.

mod background;
mod excerpt;
mod facts;
mod folded;
mod last_document;
mod live;
mod reading;
mod start;
mod text_input;

use std::io::{BufWriter, IntoInnerError, Write as _};
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use piper_rs::chunk::ChunkOptions;
use piper_rs::document::{Block, Cues};
use piper_rs::text::{Encoding, FollowFrom, Passage, PassageUnit, ReadOptions};
use piper_rs::{CancelToken, Error, PiperMode, Result};

pub(crate) use self::background::BackgroundPassages;
use self::background::{Background, WhenFull};
pub(crate) use self::excerpt::{Excerpt, ExcerptHeading};
pub(crate) use self::folded::Folded;
use self::last_document::BlockRange;
pub(crate) use self::last_document::LastDocument;
use self::live::Live;
pub(crate) use self::reading::{Reading, encoding};
pub(crate) use self::start::TextPlace;
use self::start::{PassageKind, Start, Started};
use self::text_input::{CopyFile, TextInput};
use crate::args::{InputArgs, StartAt};

/// The longest line that is one text: a whole book fits.
const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// The inputs of a run, and how they are read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    inputs: Vec<TextInput>,
    reading: Reading,
    unit: Option<PassageUnit>,
    max_bytes: usize,
    excerpt: Option<Excerpt>,
    /// The part of a document that is read.
    blocks: Option<BlockRange>,
    /// Where reading begins, if not at the start.
    start: Option<Start>,
    /// What the passages of plain text are.
    kind: PassageKind,
    /// How text is read that arrives while it is spoken.
    live: Option<Live>,
}

impl Source {
    /// Reads what is written to the file `followed` if there is one, else the text of
    /// `words`, else files, else standard input. The word `-` means standard input.
    pub(crate) fn from_args(
        words: &[String],
        args: &InputArgs,
        followed: Option<&Path>,
        mode: PiperMode,
    ) -> Result<Self> {
        let reading = Reading::from_args(&args.reading)?.in_mode(mode);
        let source = match followed {
            Some(path) => Self::new(vec![TextInput::Followed(path.to_owned())], reading),
            None => Self::of(words, &args.input, reading),
        };
        Ok(match args.json_input {
            true => Self {
                reading: reading.as_plain(),
                kind: PassageKind::Object,
                ..source.by_line()
            },
            false => source,
        })
    }

    /// Reads `files` if there are any, else `words`, else standard input.
    pub(crate) fn of(words: &[String], files: &[PathBuf], reading: Reading) -> Self {
        let inputs = match files {
            [] => vec![TextInput::of_words(words)],
            files => files.iter().map(|path| TextInput::of(path)).collect(),
        };
        Self::new(inputs, reading)
    }

    /// Reads a file as one text. A stream is read to its end now, so that its
    /// text can be read several times.
    pub(crate) fn file(path: &Path, reading: Reading, cancel: &CancelToken) -> Result<Self> {
        match TextInput::of(path) {
            input @ (TextInput::Stream(_) | TextInput::Stdin) => {
                let lines = Self::new(vec![input], reading).by_line();
                let lines = lines.read_in_background(cancel.clone());
                let text: Result<String> = lines.map(|line| Ok(line?.text)).collect();
                Ok(Self::text(text?))
            }
            input => Ok(Self::new(vec![input], reading)),
        }
    }

    /// Reads a text in memory.
    pub(crate) fn text(text: String) -> Self {
        Self::new(vec![TextInput::Text(text.into())], Reading::plain(None))
    }

    /// Reads each line of a file as a text, or of standard input if it is `-`.
    pub(crate) fn lines(path: &Path, encoding: Option<Encoding>) -> Self {
        Self::new(vec![TextInput::of(path)], Reading::plain(encoding)).by_line()
    }

    /// Reads a stream to its end now, so that its lines can be read several times, by one
    /// reader at a time. They are kept in a file without a name, which is gone when the
    /// program ends.
    pub(crate) fn copied_lines(&self, cancel: &CancelToken) -> Result<Self> {
        let name = self.inputs.first().map(TextInput::name).unwrap_or_default();
        let cannot_keep = |source| Error::Output {
            target: format!("a copy of {name} in {}", std::env::temp_dir().display()),
            source,
        };
        let mut copy = BufWriter::new(tempfile::tempfile().map_err(cannot_keep)?);
        for line in self.read_in_background(cancel.clone()) {
            copy.write_all(line?.text.as_bytes()).map_err(cannot_keep)?;
        }
        let file = copy.into_inner().map_err(IntoInnerError::into_error);
        let file = CopyFile(Arc::new(file.map_err(cannot_keep)?));
        let copy = TextInput::Copy(name.clone(), file);
        Ok(Self::new(vec![copy], Reading::plain(None)).by_line())
    }

    fn new(inputs: Vec<TextInput>, reading: Reading) -> Self {
        Self {
            inputs,
            reading,
            unit: None,
            max_bytes: ReadOptions::default().max_bytes,
            excerpt: None,
            blocks: None,
            start: None,
            kind: PassageKind::Lines,
            live: None,
        }
    }

    /// Makes each line a passage, however long it is.
    pub(crate) fn by_line(mut self) -> Self {
        self.unit = Some(PassageUnit::Line);
        self.max_bytes = MAX_LINE_BYTES;
        self
    }

    /// Leaves out what comes before a place. `chunks` divides the text into sentences.
    pub(crate) fn starting_at(mut self, at: StartAt, chunks: ChunkOptions) -> Self {
        self.start = Some(Start::Typed(at, chunks));
        self
    }

    /// Leaves out what comes before a place.
    pub(crate) fn going_on_at(mut self, place: TextPlace) -> Self {
        self.start = Some(Start::Place(place));
        self
    }

    /// Returns an excerpt of this text, which must have one input. Only the lines of
    /// the excerpt are read, and a little before and after them.
    pub(crate) fn excerpt(&self, excerpt: Excerpt) -> Self {
        Self {
            excerpt: Some(excerpt),
            ..self.clone()
        }
    }

    /// Returns these blocks of the only input, a document, counted from 0. They are
    /// taken from `document` if it was read last, or else it is read now.
    pub(crate) fn blocks(&self, blocks: Range<usize>, document: &LastDocument) -> Self {
        Self {
            blocks: Some(BlockRange {
                blocks,
                document: document.clone(),
            }),
            ..self.clone()
        }
    }

    /// Reads all passages on this thread. Do not use it for live input.
    pub(crate) fn read(&self) -> impl Iterator<Item = Result<Passage>> {
        let excerpt = self.excerpt.as_ref();
        let passages = self.passages_from_start();
        let origin = self.inputs.first().map(TextInput::name);
        let heading = excerpt.and_then(|excerpt| excerpt.heading(&origin?));
        let end = excerpt.map_or(u64::MAX, |excerpt| excerpt.lines.end);
        let is_before_end =
            move |passage: &Result<Passage>| passage.as_ref().map_or(true, |p| p.line < end);
        let inside = passages.take_while(is_before_end);
        heading
            .map(Ok)
            .into_iter()
            .chain(inside.filter_map(move |passage| match passage {
                Ok(passage) => match excerpt {
                    Some(excerpt) => excerpt.keep(passage).map(Ok),
                    None => Some(Ok(passage)),
                },
                Err(error) => Some(Err(error)),
            }))
    }

    /// Reads passages on another thread.
    pub(crate) fn read_in_background(&self, cancel: CancelToken) -> BackgroundPassages {
        let source = self.clone();
        let when_full = match &self.live {
            Some(live) if self.is_live() => live.when_full(),
            _ => WhenFull::Wait,
        };
        let read = move |send: &dyn Fn(Result<Passage>) -> ControlFlow<()>| {
            let is_kept = |passage: &Result<Passage>| when_full.keeps(passage);
            _ = source.read().filter(is_kept).try_for_each(send);
        };
        let passages = Background::start(read, when_full, cancel);
        match self.live.clone() {
            Some(live) => passages.noting_dropped(move |lines| live.note_skipped(lines)),
            None => passages,
        }
    }

    /// Reads the cues of subtitles on another thread, each with its time.
    pub(crate) fn cues_in_background(&self, cancel: CancelToken) -> Background<Block> {
        let source = self.clone();
        let read = move |send: &dyn Fn(Result<Block>) -> ControlFlow<()>| {
            for input in &source.inputs {
                match input.document(&source.reading, Cues::Single) {
                    Ok(document) => {
                        let blocks = document.into_iter().flat_map(|(_, document)| document);
                        _ = blocks.into_iter().try_for_each(send);
                    }
                    Err(error) => _ = send(Err(error)),
                }
            }
        };
        Background::start(read, WhenFull::Wait, cancel)
    }

    /// Opens each input when it is needed, and leaves out what comes before the start.
    fn passages_from_start(&self) -> Box<dyn Iterator<Item = Result<Passage>> + '_> {
        let inputs = self.inputs.iter();
        let Some(start) = &self.start else {
            return Box::new(inputs.flat_map(|input| self.passages(input)));
        };
        let found = inputs.enumerate().flat_map(|(number, input)| {
            let kind = self.kind(input);
            let passages = self.passages(input);
            passages.map(move |passage| Ok((number, kind, passage?)))
        });
        Box::new(Started::new(start, found))
    }

    /// Returns what the passages of an input are. One that cannot be read has none.
    fn kind(&self, input: &TextInput) -> PassageKind {
        match input.format(&self.reading) {
            Ok(Some(format)) if format.is_archive() => PassageKind::NumberedBlock,
            Ok(Some(_)) => PassageKind::Block,
            _ => self.kind,
        }
    }

    /// Opens an input when it is needed. An error becomes its only item.
    fn passages(&self, input: &TextInput) -> Box<dyn Iterator<Item = Result<Passage>>> {
        let name = input.name();
        if let Some(range) = &self.blocks {
            return match range.read(input, self.reading) {
                Ok(blocks) => Box::new(blocks.map(move |block| Ok(block.into_passage(&name)))),
                Err(error) => Box::new(std::iter::once(Err(error))),
            };
        }
        match input.document(&self.reading, Cues::Join) {
            Ok(Some((_, document))) => {
                Box::new(document.map(move |block| Ok(block?.into_passage(&name))))
            }
            Ok(None) => {
                let excerpt = self.excerpt.as_ref();
                let resume_point = excerpt.and_then(|excerpt| excerpt.resume_point.as_ref());
                let (options, live) = (self.options(input), self.live.as_ref());
                let from = match self.start {
                    Some(_) => FollowFrom::Start,
                    None => FollowFrom::End,
                };
                live.and_then(|live| live.passages(input, from, &options))
                    .unwrap_or_else(|| input.passages(resume_point, &options))
            }
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    }

    fn options(&self, input: &TextInput) -> ReadOptions {
        let suitable = match input {
            input if input.is_live() => PassageUnit::Line,
            _ => PassageUnit::Paragraph,
        };
        ReadOptions {
            unit: self.unit.unwrap_or(suitable),
            encoding: self.reading.encoding,
            max_bytes: self.max_bytes,
            ..ReadOptions::default()
        }
    }
}
