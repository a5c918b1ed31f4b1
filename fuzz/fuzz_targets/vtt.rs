#![no_main]
//! Subtitles of the web.
mod document;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| document::read(bytes, piper_rs::document::Format::Vtt));
