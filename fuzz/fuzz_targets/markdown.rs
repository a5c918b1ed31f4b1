#![no_main]
//! Markdown of any kind, with its HTML.
mod document;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| document::read(
    bytes,
    piper_rs::document::Format::Markdown
));
