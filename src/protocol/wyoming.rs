//! Messages of the Wyoming protocol, by which Home Assistant speaks: a line of JSON, then
//! data in JSON, then a payload.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest line, in bytes.
pub const MAX_LINE_BYTES: usize = 64 * 1024;
/// The most data after a line, in bytes.
pub const MAX_DATA_BYTES: usize = 1024 * 1024;

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its type, such as `synthesize`.
    pub kind: String,
    /// The data of the line and of what follows it; the latter wins.
    pub data: Map<String, Value>,
}

/// Why what was sent is not a message. There is no way to find the next one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadMessage {
    /// There is no end of the line.
    #[error("a line is longer than {MAX_LINE_BYTES} bytes")]
    LongLine,
    /// The data is too long.
    #[error("a message has more than {MAX_DATA_BYTES} bytes of data")]
    LongData,
    /// A server of speech takes no sound.
    #[error("a message has a payload, and this server takes none")]
    Payload,
    /// A line or the data is not JSON of the right kind.
    #[error("not a message of Wyoming: {0}")]
    Json(String),
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Option<Map<String, Value>>,
    #[serde(default)]
    data_length: Option<u64>,
    #[serde(default)]
    payload_length: Option<u64>,
}

/// Bytes in, messages out, however the bytes are cut.
#[derive(Debug, Default)]
pub struct Reader {
    bytes: Vec<u8>,
    /// How many of them have no end of a line.
    n_scanned: usize,
    /// A line whose data has not come yet, and the length of that.
    waiting: Option<(Message, usize)>,
}

impl Reader {
    /// Appends what was received.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Returns the next message, `None` if it is not complete. After an error there are
    /// no more.
    pub fn next_message(&mut self) -> Result<Option<Message>, BadMessage> {
        if self.waiting.is_none() {
            let Some(line) = self.take_line()? else {
                return Ok(None);
            };
            self.waiting = Some(line);
        }
        match self.waiting.take() {
            Some((mut message, length)) if length <= self.bytes.len() => {
                if length > 0 {
                    let data = serde_json::from_slice(&self.bytes[..length]);
                    let data: Map<_, _> = data.map_err(not_json)?;
                    message.data.extend(data);
                    self.bytes.drain(..length);
                }
                Ok(Some(message))
            }
            waiting => {
                self.waiting = waiting;
                Ok(None)
            }
        }
    }

    fn take_line(&mut self) -> Result<Option<(Message, usize)>, BadMessage> {
        let rest = &self.bytes[self.n_scanned..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.n_scanned = self.bytes.len();
            return match self.n_scanned > MAX_LINE_BYTES {
                true => Err(BadMessage::LongLine),
                false => Ok(None),
            };
        };
        let end = self.n_scanned + end;
        if end > MAX_LINE_BYTES {
            return Err(BadMessage::LongLine);
        }
        let line: Line = serde_json::from_slice(&self.bytes[..end]).map_err(not_json)?;
        self.bytes.drain(..=end);
        self.n_scanned = 0;
        if line.payload_length.unwrap_or(0) > 0 {
            return Err(BadMessage::Payload);
        }
        let length = line.data_length.unwrap_or(0);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > MAX_DATA_BYTES {
            return Err(BadMessage::LongData);
        }
        let message = Message {
            kind: line.kind,
            data: line.data.unwrap_or_default(),
        };
        Ok(Some((message, length)))
    }
}

fn not_json(error: serde_json::Error) -> BadMessage {
    BadMessage::Json(error.to_string())
}

/// Returns the bytes of a message.
pub fn encode(kind: &str, data: &impl Serialize, payload: &[u8]) -> Vec<u8> {
    #[derive(Serialize)]
    struct Line<'a> {
        #[serde(rename = "type")]
        kind: &'a str,
        version: &'a str,
        data_length: usize,
        payload_length: usize,
    }
    // Data of this program has keys that are strings, so that this cannot fail.
    let data = serde_json::to_vec(data).unwrap_or_default();
    let line = Line {
        kind,
        version: env!("CARGO_PKG_VERSION"),
        data_length: data.len(),
        payload_length: payload.len(),
    };
    let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
    bytes.push(b'\n');
    bytes.extend(data);
    bytes.extend(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(bytes: &[u8]) -> Result<Vec<Message>, BadMessage> {
        let mut reader = Reader::default();
        reader.push(bytes);
        std::iter::from_fn(|| reader.next_message().transpose()).collect()
    }

    #[test]
    fn data_is_in_the_line_or_behind_it() {
        let bytes = b"{\"type\":\"a\",\"data\":{\"x\":1,\"y\":1},\"data_length\":7}\n{\"y\":2}{\"type\":\"b\"}\n";
        let messages = read(bytes).unwrap();
        assert_eq!(messages.len(), 2);
        assert_eq!(
            Value::from(messages[0].data.clone()),
            json!({"x": 1, "y": 2})
        );
        assert_eq!((&*messages[1].kind, messages[1].data.len()), ("b", 0));
    }

    #[test]
    fn what_is_not_a_message_or_too_long_is_refused() {
        let long = [b' '; MAX_LINE_BYTES + 1];
        assert_eq!(read(&long), Err(BadMessage::LongLine));
        let data = format!(
            "{{\"type\":\"a\",\"data_length\":{}}}\n",
            MAX_DATA_BYTES + 1
        );
        assert_eq!(read(data.as_bytes()), Err(BadMessage::LongData));
        let payload = b"{\"type\":\"a\",\"payload_length\":1}\n";
        assert_eq!(read(payload), Err(BadMessage::Payload));
        for bad in [
            "\n",
            "{}\n",
            "[]\n",
            "{\"type\":1}\n",
            "{\"type\":\"a\",\"data_length\":2}\n[]",
        ] {
            assert!(
                matches!(read(bad.as_bytes()), Err(BadMessage::Json(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = encode("pong", &json!({"text": "ä\n"}), b"");
        let messages = read(&bytes).unwrap();
        assert_eq!(messages[0].kind, "pong");
        assert_eq!(messages[0].data["text"], "ä\n");
    }

    proptest! {
        #[test]
        fn messages_do_not_depend_on_how_the_bytes_are_cut(
            texts in proptest::collection::vec(".{0,20}", 0..6),
            size in 1usize..40,
        ) {
            let bytes: Vec<u8> = texts.iter().flat_map(|t| encode(t, &json!({"t": t}), b"")).collect();
            let mut reader = Reader::default();
            let mut messages = Vec::new();
            for part in bytes.chunks(size) {
                reader.push(part);
                while let Some(message) = reader.next_message().unwrap() {
                    messages.push(message);
                }
            }
            prop_assert_eq!(&messages, &read(&bytes).unwrap());
            let kinds: Vec<_> = messages.into_iter().map(|message| message.kind).collect();
            prop_assert_eq!(kinds, texts);
        }
    }
}
