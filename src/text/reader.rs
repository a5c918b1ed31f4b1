//! An input → its passages, each the moment it has arrived.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::PathBuf;

use super::cutter::{Cutter, Unit};
use super::decode::{BadByte, Decoder, Encoding, More};
use crate::{Error, Result};

/// How many bytes are asked for at once.
const READ_BYTES: usize = 8 * 1024;

/// Where text comes from.
pub enum Input {
    /// Text that is there already; its encoding is not in question.
    Text(String),
    /// A file, opened when reading begins.
    File(PathBuf),
    /// Bytes as they come: a pipe, standard input.
    Reader {
        /// What they are read from. Nothing is read ahead of need, and a
        /// short read is taken for what it is.
        reader: Box<dyn Read + Send>,
        /// What people call it: `standard input`.
        origin: String,
    },
}

impl Input {
    /// Returns `reader` under the name that errors will call it by.
    pub fn reader(reader: impl Read + Send + 'static, origin: impl Into<String>) -> Self {
        Self::Reader {
            reader: Box::new(reader),
            origin: origin.into(),
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.debug_tuple("Text").field(text).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Reader { origin, .. } => f.debug_tuple("Reader").field(origin).finish(),
        }
    }
}

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// How much text a passage holds.
    pub unit: Unit,
    /// The bytes' encoding; `None` is UTF-8. A byte order mark wins over it.
    pub encoding: Option<Encoding>,
    /// The most bytes a passage may have, at least 4. A longer line or
    /// paragraph is passed on in pieces; only the last ends with its newline.
    pub max_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            unit: Unit::Line,
            encoding: None,
            max_bytes: 64 * 1024, // far above any chunk, far below any machine
        }
    }
}

/// A stretch of text as it stood in its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The text with its line ends, each a `\n`; control characters other
    /// than `\n` and `\t` have become spaces.
    pub text: String,
    /// The file, or `standard input`.
    pub origin: String,
    /// The line on which it begins, counted from 1.
    pub line: u64,
}

/// The passages of an input, in order.
///
/// Together they give back the whole text. Blocks only while no passage is
/// complete. After an error nothing more comes; the passages that were
/// complete before it have been handed out.
pub struct Passages {
    source: Box<dyn Read + Send>,
    origin: String,
    line: u64,
    decoder: Decoder,
    cutter: Cutter,
    state: State,
}

enum State {
    Reading,
    /// The input has ended; what was read is still to be handed out.
    Ended,
    /// Something went wrong behind the text that is complete.
    Failed(Error),
    Done,
}

impl Passages {
    /// Opens `input`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] where a file cannot be opened.
    pub fn open(input: Input, options: &ReadOptions) -> Result<Self> {
        let encoding = match &input {
            Input::Text(_) => Encoding::default(),
            Input::File(_) | Input::Reader { .. } => options.encoding.unwrap_or_default(),
        };
        let (source, origin) = open_source(input)?;
        Ok(Self {
            source,
            origin,
            line: 1,
            decoder: Decoder::new(encoding),
            cutter: Cutter::new(options.unit, options.max_bytes),
            state: State::Reading,
        })
    }

    fn read_more(&mut self) {
        let mut buffer = [0; READ_BYTES];
        let more = match self.source.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return,
            Err(error) => {
                self.state = State::Failed(unreadable(&self.origin, error));
                return;
            }
            Ok(0) => {
                self.state = State::Ended;
                self.decode(&[], More::Ended)
            }
            Ok(n) => self.decode(&buffer[..n], More::Follows),
        };
        if let Err(bad) = more {
            self.state = State::Failed(Error::NotText {
                origin: self.origin.clone(),
                encoding: bad.encoding,
                offset: bad.offset,
            });
        }
    }

    fn decode(&mut self, bytes: &[u8], more: More) -> Result<(), BadByte> {
        let decoder = &mut self.decoder;
        self.cutter.grow(|text| decoder.decode(bytes, more, text))
    }

    fn passage(&mut self, text: String) -> Passage {
        let line = self.line;
        self.line += text.bytes().filter(|&byte| byte == b'\n').count() as u64;
        Passage {
            text,
            origin: self.origin.clone(),
            line,
        }
    }
}

impl Iterator for Passages {
    type Item = Result<Passage>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let State::Done = self.state {
                return None;
            }
            if let Some(text) = self.cutter.complete() {
                return Some(Ok(self.passage(text)));
            }
            match std::mem::replace(&mut self.state, State::Done) {
                State::Reading => {
                    self.state = State::Reading;
                    self.read_more();
                }
                State::Ended => {
                    let text = self.cutter.rest()?;
                    self.state = State::Ended;
                    return Some(Ok(self.passage(text)));
                }
                State::Failed(error) => return Some(Err(error)),
                State::Done => return None,
            }
        }
    }
}

fn open_source(input: Input) -> Result<(Box<dyn Read + Send>, String)> {
    match input {
        Input::Text(text) => Ok((Box::new(Cursor::new(text)), "the text given".to_owned())),
        Input::Reader { reader, origin } => Ok((reader, origin)),
        Input::File(path) => {
            let origin = path.display().to_string();
            let file = File::open(&path).map_err(|error| unreadable(&origin, error))?;
            Ok((Box::new(file), origin))
        }
    }
}

fn unreadable(origin: &str, source: io::Error) -> Error {
    Error::Input {
        origin: origin.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::sync::mpsc;

    /// Gives out one piece per read, and fails the test if asked for more
    /// than it was allowed to give.
    struct Script(VecDeque<io::Result<Vec<u8>>>);

    impl Read for Script {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.0.pop_front().expect("read past the script's end")?;
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }

    fn script(reads: impl IntoIterator<Item = io::Result<&'static str>>) -> Passages {
        let reads = reads
            .into_iter()
            .map(|read| read.map(|text| text.as_bytes().to_vec()))
            .collect();
        Passages::open(
            Input::reader(Script(reads), "standard input"),
            &ReadOptions::default(),
        )
        .unwrap()
    }

    fn read_bytes(bytes: &'static [u8], options: &ReadOptions) -> Passages {
        Passages::open(Input::reader(bytes, "standard input"), options).unwrap()
    }

    fn texts(passages: Passages) -> Vec<String> {
        passages.map(|passage| passage.unwrap().text).collect()
    }

    #[test]
    fn a_line_is_passed_on_when_its_newline_has_come_and_not_later() {
        let mut passages = script([Ok("Hel"), Ok("lo\nWor")]);
        // A third read would fail the test.
        assert_eq!(passages.next().unwrap().unwrap().text, "Hello\n");
    }

    #[test]
    fn a_live_pipe_is_heard_line_by_line() {
        struct Channel(mpsc::Receiver<&'static [u8]>);
        impl Read for Channel {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let piece = self.0.recv().unwrap_or_default();
                buffer[..piece.len()].copy_from_slice(piece);
                Ok(piece.len())
            }
        }
        let (sender, receiver) = mpsc::channel::<&'static [u8]>();
        let mut passages = Passages::open(
            Input::reader(Channel(receiver), "a pipe"),
            &ReadOptions::default(),
        )
        .unwrap();
        for line in ["one\n", "two\n"] {
            sender.send(line.as_bytes()).unwrap();
            assert_eq!(passages.next().unwrap().unwrap().text, line);
        }
        sender.send(b"three").unwrap();
        drop(sender);
        assert_eq!(passages.next().unwrap().unwrap().text, "three");
        assert!(passages.next().is_none());
        assert!(passages.next().is_none());
    }

    #[test]
    fn passages_carry_their_origin_and_first_line() {
        let options = ReadOptions {
            unit: Unit::Paragraph,
            ..ReadOptions::default()
        };
        let passages: Vec<_> = read_bytes(b"a\r\nb\r\n\r\n\r\nc\rd", &options)
            .map(|passage| passage.unwrap())
            .collect();
        let seen: Vec<_> = passages
            .iter()
            .map(|passage| (passage.text.as_str(), passage.line, passage.origin.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                ("a\nb\n\n", 1, "standard input"),
                ("\nc\nd", 4, "standard input"),
            ]
        );
    }

    #[test]
    fn text_given_is_text_whatever_encoding_is_asked_for() {
        let options = ReadOptions {
            encoding: Some(Encoding::from_label("utf-16").unwrap()),
            ..ReadOptions::default()
        };
        let passages = Passages::open(Input::Text("Grüße\nan\0alle".into()), &options).unwrap();
        assert_eq!(texts(passages), ["Grüße\n", "an alle"]);
    }

    #[test]
    fn no_bytes_give_no_passage() {
        assert!(texts(read_bytes(b"", &ReadOptions::default())).is_empty());
        assert!(texts(read_bytes(b"\xEF\xBB\xBF", &ReadOptions::default())).is_empty());
    }

    #[test]
    fn bytes_that_are_not_text_end_the_reading_behind_the_last_whole_line() {
        let mut passages = read_bytes(b"one\ntwo \xFF three\nfour\n", &ReadOptions::default());
        assert_eq!(passages.next().unwrap().unwrap().text, "one\n");
        let error = passages.next().unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "standard input is not UTF-8: the byte at offset 8 does not fit"
        );
        assert!(passages.next().is_none());
    }

    #[test]
    fn a_read_that_was_interrupted_is_tried_again() {
        let interrupted = io::Error::from(ErrorKind::Interrupted);
        let passages = script([Ok("a"), Err(interrupted), Ok("b\n"), Ok("")]);
        assert_eq!(texts(passages), ["ab\n"]);
    }

    #[test]
    fn a_failed_read_names_the_input_once() {
        let mut passages = script([Ok("a\nb"), Err(io::Error::other("gone"))]);
        assert_eq!(passages.next().unwrap().unwrap().text, "a\n");
        let error = passages.next().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "cannot read standard input");
        assert!(passages.next().is_none());
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Passages::open(
            Input::File("no/such/file.txt".into()),
            &ReadOptions::default(),
        )
        .err()
        .unwrap();
        assert_eq!(error.to_string(), "cannot read no/such/file.txt");
    }

    #[test]
    fn a_file_is_read_in_its_encoding() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        io::Write::write_all(&mut file, b"Gr\xFC\xDFe\n").unwrap();
        let options = ReadOptions {
            encoding: Some(Encoding::from_label("latin1").unwrap()),
            ..ReadOptions::default()
        };
        let passages = Passages::open(Input::File(file.path().to_owned()), &options).unwrap();
        assert_eq!(texts(passages), ["Grüße\n"]);
    }

    #[test]
    fn a_line_of_a_megabyte_is_read_in_bounded_pieces() {
        let line = "all work and no play ".repeat(50_000);
        let options = ReadOptions::default();
        let passages =
            Passages::open(Input::reader(Cursor::new(line.clone()), "a pipe"), &options).unwrap();
        let mut text = String::new();
        for passage in passages {
            let passage = passage.unwrap();
            assert!(passage.text.len() <= options.max_bytes);
            assert_eq!(passage.line, 1);
            text.push_str(&passage.text);
        }
        assert_eq!(text, line);
    }

    #[test]
    fn reading_holds_no_more_than_a_passage_and_a_read() {
        let line = io::repeat(b'x').take(10_000_000);
        let options = ReadOptions {
            max_bytes: 1000,
            ..ReadOptions::default()
        };
        let mut passages = Passages::open(Input::reader(line, "a pipe"), &options).unwrap();
        let mut n_bytes = 0;
        while let Some(passage) = passages.next() {
            n_bytes += passage.unwrap().text.len();
            assert!(passages.cutter.held_bytes() <= 4 * (options.max_bytes + READ_BYTES));
        }
        assert_eq!(n_bytes, 10_000_000);
    }
}
