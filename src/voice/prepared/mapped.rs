//! Large files in memory: mapped, so that processes share their pages, or read.

#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use memmap2::{Mmap, MmapMut};
use prost::bytes::Bytes;

/// Maps a file of a prepared voice.
pub(super) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: the bytes must not change while they are mapped. The files of a prepared
    // voice are written once, in a folder that then gets its final name, and after that
    // only deleted. Nothing protects them from a user who changes them on purpose, as
    // with the weights that ONNX Runtime maps and the libraries that the loader maps.
    unsafe { Mmap::map(&file) }
}

/// Reads a file that somebody may change. The system provides large pages in a quarter of the
/// time of small ones: that saves 20 ms for a voice of medium quality.
pub(super) fn read(path: &Path) -> io::Result<Bytes> {
    let mut file = File::open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    // Nothing can be mapped in an empty file.
    let mut buffer = MmapMut::map_anon(size.max(1))?;
    #[cfg(target_os = "linux")]
    {
        _ = buffer.advise(memmap2::Advice::HugePage); // only a wish
    }
    let mut filled = 0;
    while filled < size {
        match file.read(&mut buffer[filled..size]) {
            Ok(0) => break, // it has been cut off
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Bytes::from_owner(buffer).slice(..filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        for size in [0, 1, 4096, 3_000_001] {
            let bytes: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
            std::fs::write(&file, &bytes).unwrap();
            assert!(read(&file).unwrap() == bytes, "{size} bytes");
        }
        assert!(read(folder.path()).is_err());
        assert!(read(&folder.path().join("none")).is_err());
    }
}
