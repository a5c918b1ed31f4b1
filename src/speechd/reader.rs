//! Bytes of the server → commands, settings and texts.

use std::io::{BufRead, ErrorKind, Result};

use super::Command;

/// The longest line of a command or of a setting.
const MAX_LINE: usize = 4096;
/// The longest text of a message, which may be one line: the longest SSML.
const MAX_TEXT: usize = 4 * 1024 * 1024;
/// More settings than there are.
const MAX_SETTINGS: usize = 100;

/// Reads what the server writes.
pub struct CommandReader<R> {
    input: R,
    /// The last line.
    line: Vec<u8>,
}

/// Lines such as `rate=20`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SettingLines {
    /// Names and values, in order.
    pub pairs: Vec<(String, String)>,
    /// How many lines were something else, or too many.
    pub malformed: usize,
}

/// The text of a message.
#[derive(Debug, PartialEq, Eq)]
pub enum TextLines {
    /// Its lines, joined by line ends.
    Text(String),
    /// It has more than 4 MiB, and was dropped.
    TooLong,
}

/// What was read up to a line end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// It is complete, in `CommandReader::line`.
    Whole,
    /// Only its start is there.
    TooLong,
    /// The input ends before the line does.
    Ended,
}

impl<R: BufRead> CommandReader<R> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        Self {
            input,
            line: Vec::new(),
        }
    }

    /// Reads the next command; `None` at the end of the input.
    pub fn command(&mut self) -> Result<Option<Command>> {
        Ok(match self.read_line(MAX_LINE)? {
            Line::Whole => Some(Command::parse(&self.text())),
            Line::TooLong => Some(Command::Unknown),
            Line::Ended => None,
        })
    }

    /// Reads settings up to a line with a dot; `None` if the input ends before it.
    pub fn settings(&mut self) -> Result<Option<SettingLines>> {
        let mut settings = SettingLines::default();
        loop {
            let line = self.read_line(MAX_LINE)?;
            if line == Line::Ended {
                return Ok(None);
            }
            if line == Line::Whole && self.line == b"." {
                return Ok(Some(settings));
            }
            let text = self.text();
            let pair = text.split_once('=').filter(|(name, value)| {
                let has_room = settings.pairs.len() < MAX_SETTINGS;
                line == Line::Whole && has_room && !name.is_empty() && !value.is_empty()
            });
            match pair {
                Some((name, value)) => settings.pairs.push((name.to_owned(), value.to_owned())),
                None => settings.malformed += 1,
            }
        }
    }

    /// Reads a text up to a line with a dot; `None` if the input ends before it. A dot
    /// in front of a line was added by the server.
    pub fn message(&mut self) -> Result<Option<TextLines>> {
        let mut bytes = Vec::new();
        let mut is_first = true;
        let mut is_whole = true;
        loop {
            let line = self.read_line(MAX_TEXT)?;
            if line == Line::Ended {
                return Ok(None);
            }
            if line == Line::Whole && self.line == b"." {
                break;
            }
            let own = self.line.strip_prefix(b".").unwrap_or(&self.line);
            is_whole &= line == Line::Whole && bytes.len() + own.len() < MAX_TEXT;
            if is_whole {
                if !std::mem::replace(&mut is_first, false) {
                    bytes.push(b'\n');
                }
                bytes.extend(own);
            }
        }
        Ok(Some(match is_whole {
            true => TextLines::Text(String::from_utf8_lossy(&bytes).into_owned()),
            false => TextLines::TooLong,
        }))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.line).into_owned()
    }

    /// Reads a line without its end. Keeps `limit` bytes at most.
    fn read_line(&mut self, limit: usize) -> Result<Line> {
        self.line.clear();
        let mut length = 0;
        loop {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            let room = limit - self.line.len();
            self.line.extend(&part[..part.len().min(room)]);
            length += part.len();
            let taken = part.len() + usize::from(end.is_some());
            self.input.consume(taken);
            match end {
                Some(_) if length <= limit => return Ok(Line::Whole),
                Some(_) => return Ok(Line::TooLong),
                None if taken == 0 => return Ok(Line::Ended),
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::MessageKind;
    use super::*;
    use proptest::prelude::*;

    fn reader(bytes: &[u8]) -> CommandReader<&[u8]> {
        CommandReader::new(bytes)
    }

    #[test]
    fn a_text_ends_with_a_dot_and_loses_the_dots_that_were_added() {
        let mut reader = reader(b"SPEAK\n<speak>\n..\n.. a\n\n</speak>\n.\nSTOP\n");
        let command = reader.command().unwrap();
        assert_eq!(command, Some(Command::Speak(MessageKind::Text)));
        let text = reader.message().unwrap();
        let expected = "<speak>\n.\n. a\n\n</speak>".to_owned();
        assert_eq!(text, Some(TextLines::Text(expected)));
        assert_eq!(reader.command().unwrap(), Some(Command::Stop));
        assert_eq!(reader.command().unwrap(), None);
    }

    #[test]
    fn settings_are_pairs() {
        let mut reader = reader(b"rate=-20\na=b=c\n=x\ny\nz=\n.\n");
        let settings = reader.settings().unwrap().unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(settings.pairs, [pair("rate", "-20"), pair("a", "b=c")]);
        assert_eq!(settings.malformed, 3);
    }

    #[test]
    fn what_is_too_long_is_dropped_up_to_its_end() {
        let long = "x".repeat(MAX_LINE + 1);
        let text = "y".repeat(MAX_TEXT / 2);
        let input = format!("{long}\nSET\n{long}=1\na=1\n.\n{text}\n{text}\n.\nQUIT\n");
        let mut reader = reader(input.as_bytes());
        assert_eq!(reader.command().unwrap(), Some(Command::Unknown));
        assert_eq!(reader.command().unwrap(), Some(Command::Set));
        let settings = reader.settings().unwrap().unwrap();
        assert_eq!((settings.pairs.len(), settings.malformed), (1, 1));
        assert_eq!(reader.message().unwrap(), Some(TextLines::TooLong));
        assert_eq!(reader.command().unwrap(), Some(Command::Quit));
    }

    #[test]
    fn an_input_that_ends_early_is_at_its_end() {
        assert_eq!(reader(b"STOP").command().unwrap(), None);
        assert_eq!(reader(b"a\n.").message().unwrap(), None);
        assert_eq!(reader(b"a=1\n").settings().unwrap(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(
            parts in proptest::collection::vec("(SPEAK|CHAR|SET|AUDIO|STOP|LIST VOICES|\\.|a=b|=|\\PC{0,3})\n?", 0..30),
            bytes in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let input = [parts.concat().as_bytes(), &bytes].concat();
            let mut reader = reader(&input);
            let mut commands = 0;
            while let Some(command) = reader.command().unwrap() {
                commands += 1;
                prop_assert!(commands <= input.len());
                match command {
                    Command::Speak(_) => drop(reader.message().unwrap()),
                    Command::Set | Command::Audio => drop(reader.settings().unwrap()),
                    _ => {}
                }
            }
            prop_assert!(reader.input.is_empty());
        }

        #[test]
        fn texts_arrive_as_they_were_sent(lines in proptest::collection::vec("[a.é ]{0,4}", 1..6)) {
            let text = lines.join("\n");
            let stuffed = text.split('\n').map(|line| match line.starts_with('.') {
                true => format!(".{line}\n"),
                false => format!("{line}\n"),
            });
            let input = stuffed.collect::<String>() + ".\n";
            let read = reader(input.as_bytes()).message().unwrap();
            prop_assert_eq!(read, Some(TextLines::Text(text)));
        }
    }
}
