//! Prints what is read of a document: `document_text README.md`.

use std::path::PathBuf;

use piper_rs::Result;
use piper_rs::document::{Document, DocumentOptions, Format};
use piper_rs::text::Input;

fn main() -> Result<()> {
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let Some(format) = Format::of_file(&path)? else {
            println!("{} is plain text", path.display());
            continue;
        };
        let document = Document::open(Input::File(path), format, &DocumentOptions::default())?;
        for block in document {
            print!("{}", block?.into_passage("").text);
        }
    }
    Ok(())
}
