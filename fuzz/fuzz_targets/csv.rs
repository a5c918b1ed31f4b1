#![no_main]
//! A table with a header.
mod document;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| document::read(bytes, piper_rs::document::Format::Csv));
