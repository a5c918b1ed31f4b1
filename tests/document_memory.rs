//! How much memory hostile documents take.
//!
//! This is a test binary of its own, because it measures the memory of its process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::fs;
use std::io::{Cursor, Read, Write as _};

use piper_rs::document::{Document, DocumentOptions, Format};
use piper_rs::text::Input;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The memory of this process, in MiB.
fn memory(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024
}

/// Reads a document to its end. Returns how many blocks it has, and how many MiB more
/// than before were taken at once.
fn read(reader: impl Read + Send + 'static, format: Format) -> (usize, u64) {
    // Forgets the peak until now.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS:");
    let input = Input::reader(reader, "a file");
    let document = Document::open(input, format, &DocumentOptions::default());
    let count = document.map_or(0, |document| document.map_while(Result::ok).count());
    (count, memory("VmHWM:").saturating_sub(before))
}

#[test]
fn hostile_documents_take_bounded_memory() {
    let mark = r#"<w:footnoteReference w:id="2"/>"#;
    let document = format!("<w:p>{}</w:p>", mark.repeat(400));
    let words = "word ".repeat(20_000);
    let note = format!(r#"<w:footnote w:id="2"><w:t>{words}</w:t></w:footnote>"#);
    let notes = archive(&[
        ("word/document.xml", &document),
        ("word/footnotes.xml", &note),
    ]);
    let container = r#"<container><rootfile full-path="b.opf"/></container>"#;
    let package = r#"<package><manifest><item id="a" href="c"/></manifest><spine><itemref idref="a"/></spine></package>"#;
    let page = "<p>a".repeat(150_000);
    let book = archive(&[
        ("META-INF/container.xml", container),
        ("b.opf", package),
        ("c", &page),
    ]);
    let bytes = |bytes: Vec<u8>| Box::new(Cursor::new(bytes));
    let endless = || Box::new(std::io::repeat(b'x').take(1 << 30));
    type Case = (&'static str, Format, Box<dyn Read + Send>, usize, u64);
    // The fewest blocks that they give, and the most MiB that they take.
    let cases: [Case; 8] = [
        ("many marks of a note", Format::Docx, bytes(notes), 400, 12),
        (
            "many blocks of a page",
            Format::Epub,
            bytes(book),
            150_000,
            8,
        ),
        (
            "many blocks",
            Format::Markdown,
            bytes(b"a\n\n".repeat(800_000)),
            800_000,
            300,
        ),
        (
            "many form feeds",
            Format::PdfText,
            bytes(vec![0x0C; 4 << 20]),
            0,
            16,
        ),
        (
            "many blank lines",
            Format::PdfText,
            bytes(vec![b'\n'; 4 << 20]),
            0,
            16,
        ),
        ("an endless line", Format::Html, endless(), 0, 100),
        ("an endless line", Format::PdfText, endless(), 0, 100),
        (
            "endless subtitles",
            Format::Srt,
            Box::new(std::io::repeat(b'x').take(4 << 20)),
            0,
            4,
        ),
    ];
    for (what, format, reader, least, most) in cases {
        let (count, taken) = read(reader, format);
        eprintln!("{what}: {count} blocks, {taken} MiB");
        assert!(count >= least, "{what}: {count} blocks");
        assert!(taken <= most, "{what}: {taken} MiB");
    }
}
