//! The samples of a voice that has not been compared with its stock graph: those that its
//! native parts make of the test sentence.

use std::fs;
use std::io;
use std::path::Path;

/// Their file. It is not among those of the record: it goes when they are compared.
const SAMPLES: &str = "unchecked.f32";

/// Keeps samples in `folder`.
pub(super) fn write(folder: &Path, samples: &[f32]) -> io::Result<()> {
    let bytes: Vec<u8> = samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect();
    fs::write(folder.join(SAMPLES), bytes)
}

/// Returns the samples in `folder`; `None` if there is another number of them, or no file.
pub(super) fn read(folder: &Path, count: usize) -> Option<Vec<f32>> {
    let bytes = fs::read(folder.join(SAMPLES)).ok()?;
    let (samples, rest) = bytes.as_chunks();
    let samples: Vec<f32> = samples
        .iter()
        .map(|&bytes| f32::from_le_bytes(bytes))
        .collect();
    (samples.len() == count && rest.is_empty()).then_some(samples)
}

/// Removes the samples in `folder`.
pub(super) fn remove(folder: &Path) {
    // Without use, but no harm, if it stays.
    _ = fs::remove_file(folder.join(SAMPLES));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_samples_are_of_use() {
        let folder = tempfile::tempdir().unwrap();
        let samples = [0.5, -1.0, f32::MIN_POSITIVE];
        write(folder.path(), &samples).unwrap();
        assert_eq!(read(folder.path(), 3).as_deref(), Some(&samples[..]));
        assert_eq!(read(folder.path(), 2), None);
        let file = folder.path().join(SAMPLES);
        fs::write(&file, &fs::read(&file).unwrap()[..11]).unwrap();
        assert_eq!(read(folder.path(), 3), None);
        assert_eq!(read(folder.path(), 2), None);
        remove(folder.path());
        assert_eq!(read(folder.path(), 0), None);
    }
}
