#![no_main]
//! A Word document: a zip archive of any bytes, and one whose parts are any text.
use std::io::{Cursor, Write as _};

use piper_rs::document::{Document, DocumentOptions, Format};
use piper_rs::text::Input;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn read(bytes: Vec<u8>) {
    let input = Input::reader(Cursor::new(bytes), "bytes");
    if let Ok(document) = Document::open(input, Format::Docx, &DocumentOptions::default()) {
        document.for_each(drop);
    }
}

libfuzzer_sys::fuzz_target!(|input: (&str, &str, &str, &[u8])| {
    let (document, styles, notes, bytes) = input;
    read(bytes.to_vec());
    let parts = [
        ("word/document.xml", document),
        ("word/styles.xml", styles),
        ("word/footnotes.xml", notes),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    read(zip.finish().unwrap().into_inner());
});
