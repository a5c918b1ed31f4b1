#![no_main]
//! What speech-dispatcher writes to its module, in any order.

use piper_rs::speechd::{Command, CommandReader, TextLines};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut reader = CommandReader::new(bytes);
    while let Ok(Some(command)) = reader.command() {
        match command {
            Command::Set | Command::Audio | Command::LogLevel => {
                let Ok(Some(settings)) = reader.settings() else {
                    return;
                };
                for (name, value) in settings.pairs {
                    assert!(!name.is_empty() && !value.is_empty());
                    assert!(!name.contains(['=', '\n']) && !value.contains('\n'));
                }
            }
            Command::Speak(_) => {
                let Ok(Some(text)) = reader.message() else {
                    return;
                };
                // Bytes that are not UTF-8 become one character of three bytes.
                assert!(matches!(text, TextLines::Text(text) if text.len() <= 3 * bytes.len()));
            }
            _ => {}
        }
    }
});
