//! The temporary files that killed programs left: of audio, and of what is beside it.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::encode::SoundFormat;
use crate::fs::ATOMIC_ENDING;
use crate::temporary;

/// The endings of files that other programs fill for this one.
const FILLED_BY_OTHERS: [&str; 1] = ["m4b"];

/// Removes the temporary files that killed programs left in `folder`; returns
/// how many.
///
/// Files that a running program still writes are kept.
pub fn remove_unfinished(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !is_temporary(&path) {
            continue;
        }
        // Locked until it is removed: a program that has just created it waits for that.
        let abandoned = lock_if_abandoned(&path);
        if abandoned.is_some() && fs::remove_file(&path).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default();
    let formats = SoundFormat::FILES.map(SoundFormat::ending);
    let mut endings = formats
        .iter()
        .chain(&FILLED_BY_OTHERS)
        .chain([&ATOMIC_ENDING]);
    name.starts_with(temporary::PREFIX) && endings.any(|known| *known == ending)
}

/// Locks a file that no program writes.
fn lock_if_abandoned(path: &Path) -> Option<File> {
    // Opened for writing, because some systems lock only such files.
    let file = File::options().write(true).open(path).ok()?;
    file.try_lock().is_ok().then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SampleRate;
    use crate::fs::AtomicFile;
    use crate::sink::file::{FileOptions, create};

    #[test]
    fn a_file_that_is_just_created_is_not_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.srt");
        std::thread::scope(|scope| {
            let created =
                scope.spawn(|| (0..200).try_for_each(|_| AtomicFile::create(&path)?.finish()));
            while !created.is_finished() {
                remove_unfinished(folder.path()).unwrap();
            }
            created.join().unwrap().unwrap();
        });
    }

    #[test]
    fn only_abandoned_temporary_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let abandoned = folder.path().join(".piper-rs-a1b2c3.wav");
        let (done, other) = (folder.path().join("a.wav"), folder.path().join(".b.wav"));
        let subtitles = folder.path().join(".piper-rs-d4e5f6.part");
        for path in [&abandoned, &subtitles, &done, &other] {
            fs::write(path, "").unwrap();
        }
        let rate = SampleRate::new(16_000).unwrap();
        let in_use = folder.path().join("c.wav");
        let sink = create(&in_use, rate, &FileOptions::default()).unwrap();
        let beside = folder.path().join("c.srt");
        let cues = AtomicFile::create(&beside).unwrap();

        assert_eq!(remove_unfinished(folder.path()).unwrap(), 2);
        assert!(!abandoned.exists() && !subtitles.exists());
        assert!(done.exists() && other.exists());
        sink.finish().unwrap();
        cues.finish().unwrap();
        assert!(in_use.exists() && beside.exists());
    }
}
