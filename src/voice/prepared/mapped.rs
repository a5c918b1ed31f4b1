//! Files that are mapped into memory: processes share their pages.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::Mmap;

/// Maps a file of a prepared voice.
pub(super) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the bytes must not change while they are mapped. The files of a prepared
    // voice are written once, in a folder that then gets its final name, and after that
    // only deleted. Nothing protects them from a user who changes them on purpose, as
    // with the weights that ONNX Runtime maps and the libraries that the loader maps.
    unsafe { Mmap::map(&file) }
}
