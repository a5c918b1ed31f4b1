#![no_main]
//! A book: a zip archive of any bytes, and one whose parts are any text.
use std::io::{Cursor, Write as _};

use piper_rs::document::{Document, DocumentOptions, Format};
use piper_rs::text::Input;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const CONTAINER: &str = r#"<container><rootfile full-path="p.opf"/></container>"#;

fn read(bytes: Vec<u8>) {
    let input = Input::reader(Cursor::new(bytes), "bytes");
    if let Ok(document) = Document::open(input, Format::Epub, &DocumentOptions::default()) {
        document.for_each(drop);
    }
}

libfuzzer_sys::fuzz_target!(|input: (&str, &str, &str, &[u8])| {
    let (package, contents, page, bytes) = input;
    read(bytes.to_vec());
    let parts = [
        ("META-INF/container.xml", CONTAINER),
        ("p.opf", package),
        ("nav", contents),
        ("a", page),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    read(zip.finish().unwrap().into_inner());
});
