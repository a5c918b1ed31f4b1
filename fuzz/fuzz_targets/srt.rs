#![no_main]
//! Subtitles of SubRip.
mod document;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| document::read(bytes, piper_rs::document::Format::Srt));
