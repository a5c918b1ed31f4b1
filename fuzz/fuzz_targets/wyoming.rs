#![no_main]
//! Messages of Wyoming: the same however the bytes are cut.

use piper_rs::protocol::wyoming::{BadMessage, Message, Reader, encode};

fn read(parts: &[&[u8]]) -> (Vec<Message>, Option<BadMessage>) {
    let (mut reader, mut messages) = (Reader::default(), Vec::new());
    for part in parts {
        reader.push(part);
        loop {
            match reader.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
    }
    (messages, None)
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (messages, error) = read(&[bytes]);
    let (one, two) = bytes.split_at(bytes.len() / 2);
    let (cut, cut_error) = read(&[one, two]);
    assert_eq!((&messages, &error), (&cut, &cut_error));
    for message in messages {
        let again = encode(&message.kind, &message.data, b"");
        assert_eq!(read(&[&again]).0, [message]);
    }
});
