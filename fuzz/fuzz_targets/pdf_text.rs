#![no_main]
//! What `pdftotext` may write.
mod document;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| document::read(
    bytes,
    piper_rs::document::Format::PdfText
));
