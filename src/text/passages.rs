//! An input → its passages, each as soon as it has arrived.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};

use super::decode::{BadByte, Decoder, EndOfInput, Malformed};
use super::encoding::Encoding;
use super::input::{Input, cannot_read};
use super::passage_splitter::{PassageSplitter, PassageUnit};
use super::resume::ResumePoint;
use crate::file_kind::{FileKind, HEAD_BYTES};
use crate::parts::ssml::SsmlPart;
use crate::{BadDocument, Error, Result};

/// How many bytes one read requests.
const READ_BYTES: usize = 8 * 1024;

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// How much text a passage holds.
    pub unit: PassageUnit,
    /// The encoding; `None` is UTF-8. A byte order mark overrides it.
    pub encoding: Option<Encoding>,
    /// What becomes of invalid bytes.
    pub malformed: Malformed,
    /// The most bytes of a passage, at least 4. A longer line or paragraph is
    /// split; only its last passage ends with the newline.
    pub max_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            unit: PassageUnit::Line,
            encoding: None,
            malformed: Malformed::Refuse,
            max_bytes: 64 * 1024, // much more than a chunk, much less than memory
        }
    }
}

/// A line or paragraph of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The text. Every line end is a `\n`, terminal sequences are left out, and
    /// control characters other than `\n` and `\t` are replaced by spaces.
    pub text: String,
    /// The file, or `standard input`.
    pub origin: String,
    /// The number of its first line, counted from 1.
    pub line: u64,
    /// How many bytes of text its input has before it. Text is counted as passages have
    /// it, in UTF-8, however its input is encoded and divided; of a document, the text
    /// that is read, not its markup.
    pub offset: u64,
    /// The last known point at or before its start, usually less than 16 KiB before
    /// it. `None` near the start of an input, in UTF-32 and ISO-2022-JP, which cannot
    /// be resumed, and if lines end with a carriage return only.
    pub resume_point: Option<ResumePoint>,
    /// How its parts are spoken, if it is of a document of SSML.
    pub parts: Vec<SsmlPart>,
    /// What is wrong with the document near it, in words.
    pub notes: Vec<String>,
}

/// The passages of an input, in order.
///
/// Concatenated, they are the whole text. The iterator blocks only if no passage
/// is complete. It returns the passages that are complete before an error, then
/// the error, then `None`.
pub struct Passages {
    source: Box<dyn Read + Send>,
    origin: String,
    /// The line of the next passage.
    line: u64,
    /// The bytes of text before the next passage.
    offset: u64,
    /// The line of the next character that is decoded.
    decoded_line: u64,
    /// The bytes of text that are decoded.
    decoded_bytes: u64,
    /// The point before the next passage, and those after it.
    resume_points: VecDeque<ResumePoint>,
    /// The first bytes, which tell what a file is that is not text; `None` for text in
    /// memory, and if reading was resumed.
    head: Option<Vec<u8>>,
    decoder: Decoder,
    splitter: PassageSplitter,
    state: State,
}

/// What reading on has found.
#[derive(Debug)]
pub enum Step {
    /// The next passage.
    Passage(Passage),
    /// Nothing more for now: the [`Reader`](Input::Reader) has failed with
    /// [`ErrorKind::WouldBlock`]. It is read again at the next step.
    Waiting,
    /// The end.
    Ended,
}

enum State {
    Reading,
    /// A read would have blocked.
    Waiting,
    /// The input has ended; some text has not been returned yet.
    Ended,
    /// An error occurred after the complete passages.
    Failed(Error),
    Done,
}

impl Passages {
    /// Opens `input`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if a file cannot be opened.
    pub fn open(input: Input, options: &ReadOptions) -> Result<Self> {
        let (encoding, head) = match &input {
            Input::Text(_) => (Encoding::default(), None),
            Input::File(_) | Input::Reader { .. } => {
                (options.encoding.unwrap_or_default(), Some(Vec::new()))
            }
        };
        let (source, origin) = input.open(0)?;
        Ok(Self {
            source,
            origin,
            line: 1,
            offset: 0,
            decoded_line: 1,
            decoded_bytes: 0,
            resume_points: VecDeque::new(),
            head,
            decoder: Decoder::new(encoding).with_malformed(options.malformed),
            splitter: PassageSplitter::new(options.unit, options.max_bytes),
            state: State::Reading,
        })
    }

    /// Opens `input` at `point`, which came from a passage of the same input. The
    /// bytes before it are not read. A [`Reader`](Input::Reader) must be there
    /// already. `options.encoding` is not used: the point has the encoding.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if a file cannot be opened.
    pub fn resume(input: Input, point: &ResumePoint, options: &ReadOptions) -> Result<Self> {
        let (source, origin) = input.open(point.offset)?;
        Ok(Self {
            source,
            origin,
            line: point.line,
            offset: point.text_offset,
            decoded_line: point.line,
            decoded_bytes: point.text_offset,
            resume_points: VecDeque::from([point.clone()]),
            head: None,
            decoder: Decoder::resume(point).with_malformed(options.malformed),
            splitter: PassageSplitter::new(options.unit, options.max_bytes),
            state: State::Reading,
        })
    }

    /// Reads on until there is something to return.
    ///
    /// # Errors
    ///
    /// As the iterator. There is nothing more after an error.
    pub fn step(&mut self) -> Result<Step> {
        loop {
            if let State::Done = self.state {
                return Ok(Step::Ended);
            }
            if let Some(text) = self.splitter.next_complete() {
                return Ok(Step::Passage(self.passage(text)));
            }
            match std::mem::replace(&mut self.state, State::Done) {
                State::Reading => {
                    self.state = State::Reading;
                    self.read_more();
                }
                State::Waiting => {
                    self.state = State::Reading;
                    return Ok(Step::Waiting);
                }
                State::Ended => {
                    let Some(text) = self.splitter.next_at_end() else {
                        return Ok(Step::Ended);
                    };
                    self.state = State::Ended;
                    return Ok(Step::Passage(self.passage(text)));
                }
                State::Failed(error) => return Err(error),
                State::Done => return Ok(Step::Ended),
            }
        }
    }

    /// Returns the text that has arrived so far, if there is some, as a passage: it is
    /// not known when the rest of its line will come.
    pub fn flush(&mut self) -> Option<Passage> {
        self.append(|decoder, text| decoder.release(text));
        let text = self.splitter.next_at_end()?;
        Some(self.passage(text))
    }

    fn read_more(&mut self) {
        let mut buffer = [0; READ_BYTES];
        let decoded = match self.source.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.state = State::Waiting;
                return;
            }
            Err(error) => {
                self.state = State::Failed(cannot_read(&self.origin, error));
                return;
            }
            Ok(0) => {
                self.state = State::Ended;
                self.decode(&[], EndOfInput::Reached)
            }
            Ok(n) => {
                if let Err(kind) = self.check_kind(&buffer[..n]) {
                    self.state = State::Failed(Error::Document {
                        origin: self.origin.clone(),
                        source: BadDocument::WrongKind(kind),
                    });
                    return;
                }
                self.decode_read(&buffer[..n])
            }
        };
        if let Err(bad) = decoded {
            self.state = State::Failed(Error::NotText {
                origin: self.origin.clone(),
                encoding: bad.encoding,
                offset: bad.offset,
            });
        }
    }

    /// Fails if the first bytes are of a kind of files that is not text.
    fn check_kind(&mut self, bytes: &[u8]) -> Result<(), FileKind> {
        let Some(head) = &mut self.head else {
            return Ok(());
        };
        let missing = HEAD_BYTES - head.len();
        if missing == 0 {
            return Ok(());
        }
        head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        FileKind::of_no_text(head).map_or(Ok(()), Err)
    }

    /// Decodes the bytes of one read, and notes where reading can be resumed.
    fn decode_read(&mut self, bytes: &[u8]) -> Result<(), BadByte> {
        let lines = self.decoder.end_of_last_line(bytes).unwrap_or(0);
        let (lines, rest) = bytes.split_at(lines);
        if !lines.is_empty() {
            self.decode(lines, EndOfInput::NotYet)?;
            let point = self
                .decoder
                .resume_point(self.decoded_line, self.decoded_bytes);
            self.resume_points.extend(point);
        }
        self.decode(rest, EndOfInput::NotYet)
    }

    fn decode(&mut self, bytes: &[u8], end: EndOfInput) -> Result<(), BadByte> {
        self.append(|decoder, text| decoder.decode(bytes, end, text))
    }

    /// Appends to the text, and counts what was appended.
    fn append<T>(&mut self, append: impl FnOnce(&mut Decoder, &mut String) -> T) -> T {
        let decoder = &mut self.decoder;
        let (mut new_lines, mut new_bytes) = (0, 0);
        let appended = self.splitter.append_with(|text| {
            let before = text.len();
            let appended = append(decoder, text);
            new_lines = lines_in(&text[before..]);
            new_bytes = (text.len() - before) as u64;
            appended
        });
        self.decoded_line += new_lines;
        self.decoded_bytes += new_bytes;
        appended
    }

    fn passage(&mut self, text: String) -> Passage {
        let (line, offset) = (self.line, self.offset);
        self.line += lines_in(&text);
        self.offset += text.len() as u64;
        let points = &mut self.resume_points;
        while points.get(1).is_some_and(|next| next.line <= line) {
            points.pop_front();
        }
        Passage {
            text,
            origin: self.origin.clone(),
            line,
            offset,
            resume_point: points.front().filter(|point| point.line <= line).cloned(),
            parts: Vec::new(),
            notes: self.decoder.take_note().into_iter().collect(),
        }
    }
}

/// Returns how many lines end in `text`.
fn lines_in(text: &str) -> u64 {
    text.bytes().filter(|&byte| byte == b'\n').count() as u64
}

impl Iterator for Passages {
    type Item = Result<Passage>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.step() {
            Ok(Step::Passage(passage)) => Some(Ok(passage)),
            Ok(Step::Ended) => None,
            Ok(Step::Waiting) => {
                self.state = State::Done;
                let error = ErrorKind::WouldBlock.into();
                Some(Err(cannot_read(&self.origin, error)))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::io::{self, Cursor};
    use std::sync::mpsc;

    /// Returns one piece per read. Fails the test if the pieces are used up.
    struct Script(VecDeque<io::Result<Vec<u8>>>);

    impl Read for Script {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.0.pop_front().expect("a read after the last piece")?;
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
    fn a_line_is_returned_as_soon_as_its_newline_arrives() {
        let mut passages = script([Ok("Hel"), Ok("lo\nWor")]);
        // A third read would fail the test.
        assert_eq!(passages.next().unwrap().unwrap().text, "Hello\n");
    }

    #[test]
    fn a_live_pipe_is_read_line_by_line() {
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
    fn passages_carry_their_origin_first_line_and_offset() {
        let options = ReadOptions {
            unit: PassageUnit::Paragraph,
            ..ReadOptions::default()
        };
        let passages: Vec<_> = read_bytes(b"a\r\nb\r\n\r\n\r\nc\rd", &options)
            .map(|passage| passage.unwrap())
            .collect();
        let seen: Vec<_> = passages
            .iter()
            .map(|passage| (passage.text.as_str(), passage.line, passage.offset))
            .collect();
        assert_eq!(seen, [("a\nb\n\n", 1, 0), ("\nc\nd", 4, 5)]);
        assert!(passages.iter().all(|p| p.origin == "standard input"));
    }

    #[test]
    fn the_encoding_does_not_apply_to_text_in_memory() {
        let options = ReadOptions {
            encoding: Some(Encoding::from_label("utf-16").unwrap()),
            ..ReadOptions::default()
        };
        let passages = Passages::open(Input::Text("Grüße\nan\0alle".into()), &options).unwrap();
        assert_eq!(texts(passages), ["Grüße\n", "an alle"]);
    }

    #[test]
    fn every_passage_can_be_read_again_from_its_resume_point() {
        let line = "Ein Satz über Äpfel, 世界 und 🎉.";
        let lines: Vec<_> = (0..2000).map(|n| format!("{n}: {line}\r\n")).collect();
        let text = lines.concat();
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let mark = std::iter::once(0xFEFF).chain(text.encode_utf16());
            mark.flat_map(bytes).collect()
        };
        let options = ReadOptions::default();
        for bytes in [
            text.clone().into_bytes(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.txt");
            std::fs::write(&path, &bytes).unwrap();
            let all = || Passages::open(Input::File(path.clone()), &options).unwrap();
            let expected = texts(all());
            let mut resumed = 0;
            for passage in all().map(|passage| passage.unwrap()).step_by(97) {
                let Some(point) = &passage.resume_point else {
                    continue;
                };
                let distance = passage.line - point.line;
                assert!(distance < 500, "{distance} lines are read again");
                let input = Input::File(path.clone());
                let mut again = Passages::resume(input, point, &options).unwrap();
                let again = again.find(|again| again.as_ref().unwrap().line == passage.line);
                let again = again.unwrap().unwrap();
                assert_eq!((&again.text, again.offset), (&passage.text, passage.offset));
                let before = &expected[..passage.line as usize - 1];
                let bytes: usize = before.iter().map(String::len).sum();
                assert_eq!(passage.offset, bytes as u64);
                assert_eq!(passage.text, expected[passage.line as usize - 1]);
                resumed += 1;
            }
            assert!(resumed > 15, "{resumed}");
        }
    }

    #[test]
    fn what_cannot_be_resumed_has_no_resume_points() {
        let text = "日本\n".repeat(5000);
        let iso_2022_jp = encoding_rs::ISO_2022_JP.encode(&text).0.into_owned();
        let utf32 = std::iter::once('\u{FEFF}').chain(text.chars());
        let utf32 = utf32.flat_map(|c| u32::from(c).to_le_bytes()).collect();
        for (label, bytes) in [("iso-2022-jp", iso_2022_jp), ("utf-8", utf32)] {
            let options = ReadOptions {
                encoding: Some(Encoding::from_label(label).unwrap()),
                ..ReadOptions::default()
            };
            let input = Input::reader(Cursor::new(bytes), "a file");
            let passages = Passages::open(input, &options).unwrap();
            let passages: Vec<_> = passages.map(|passage| passage.unwrap()).collect();
            assert_eq!(passages.len(), 5000, "{label}");
            assert!(
                passages
                    .iter()
                    .all(|passage| passage.resume_point.is_none())
            );
        }
    }

    #[test]
    fn an_empty_input_has_no_passages() {
        assert!(texts(read_bytes(b"", &ReadOptions::default())).is_empty());
        assert!(texts(read_bytes(b"\xEF\xBB\xBF", &ReadOptions::default())).is_empty());
    }

    #[test]
    fn invalid_bytes_are_an_error_after_the_last_complete_line() {
        let mut passages = read_bytes(b"one\ntwo \xFF three\nfour\n", &ReadOptions::default());
        assert_eq!(passages.next().unwrap().unwrap().text, "one\n");
        let error = passages.next().unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "standard input is not valid UTF-8: invalid byte at offset 8"
        );
        assert!(passages.next().is_none());
    }

    #[test]
    fn an_interrupted_read_is_repeated() {
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
    fn a_reader_that_would_block_is_read_again_and_its_text_so_far_can_be_had() {
        let nothing = || Err(ErrorKind::WouldBlock.into());
        let reads = [Ok("one\ntw"), nothing(), nothing(), Ok("o\nx"), Ok("")];
        let mut passages = script(reads);
        let mut step = || match passages.step().unwrap() {
            Step::Passage(passage) => passage.text,
            Step::Waiting => {
                let text = passages.flush().map(|passage| (passage.line, passage.text));
                format!("waiting: {text:?}")
            }
            Step::Ended => "ended".to_owned(),
        };
        let expected = [
            "one\n",
            r#"waiting: Some((2, "tw"))"#,
            "waiting: None",
            "o\n",
            "x",
            "ended",
        ];
        assert_eq!(expected.map(|_| step()), expected);
        let error = script([nothing()]).next().unwrap().unwrap_err();
        assert_eq!(error.to_string(), "cannot read standard input");
    }

    #[test]
    fn few_invalid_bytes_can_be_left_out_and_many_are_an_error() {
        let options = ReadOptions {
            malformed: Malformed::LeaveOut,
            ..ReadOptions::default()
        };
        let mut passages = read_bytes(b"gr\xFC\xDFe\nb\n", &options);
        let first = passages.next().unwrap().unwrap();
        assert_eq!(first.text, "gr  e\n");
        assert_eq!(
            first.notes,
            ["some bytes are not valid UTF-8, and are left out"]
        );
        assert_eq!(passages.next().unwrap().unwrap().notes.len(), 0);
        let mut passages = read_bytes(&[b'\xFC'; 100], &options);
        let error = passages.next().unwrap().unwrap_err();
        assert!(
            matches!(error, Error::NotText { offset: 0, .. }),
            "{error:?}"
        );
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
    fn a_file_is_read_in_the_given_encoding() {
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
    fn a_line_of_a_megabyte_is_split_into_bounded_passages() {
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
    fn memory_holds_no_more_than_a_passage_and_a_read() {
        let line = io::repeat(b'x').take(10_000_000);
        let options = ReadOptions {
            max_bytes: 1000,
            ..ReadOptions::default()
        };
        let mut passages = Passages::open(Input::reader(line, "a pipe"), &options).unwrap();
        let mut n_bytes = 0;
        while let Some(passage) = passages.next() {
            n_bytes += passage.unwrap().text.len();
            assert!(passages.splitter.held_bytes() <= 4 * (options.max_bytes + READ_BYTES));
        }
        assert_eq!(n_bytes, 10_000_000);
    }
}
