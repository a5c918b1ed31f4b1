//! Writes what is read of a document: `document_text README.md`.

use std::io::Write as _;
use std::path::PathBuf;

use piper_rs::document::{Document, DocumentOptions, Format};
use piper_rs::text::Input;

fn main() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let Some(format) = Format::of_file(&path)? else {
            anyhow::bail!("{} is plain text", path.display());
        };
        let document = Document::open(Input::File(path), format, &DocumentOptions::default())?;
        for block in document {
            write!(out, "{}", block?.into_passage("").text)?;
        }
    }
    Ok(())
}
