//! [`create`] as its callers see it.

use super::*;
use crate::audio::pcm::to_i16;
use crate::audio::wav::{spec, stream_header};
use crate::sink::encoded::SAMPLES_PER_WRITE;
use std::num::NonZeroU32;

const RATE: SampleRate = NonZeroU32::new(22050).unwrap();

fn tone(n_samples: usize) -> Vec<f32> {
    (0..n_samples).map(|i| (i as f32 * 0.05).sin()).collect()
}

fn pcm(samples: &[f32]) -> Vec<i16> {
    samples.iter().map(|&sample| to_i16(sample)).collect()
}

fn open(path: &Path) -> Box<dyn Sink> {
    create(path, RATE, &FileOptions::default()).unwrap()
}

fn read(path: &Path) -> Vec<i16> {
    let reader = hound::WavReader::open(path).unwrap();
    assert_eq!(reader.spec(), spec(RATE));
    reader.into_samples().map(Result::unwrap).collect()
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn failure(path: &Path, options: &FileOptions) -> (String, io::ErrorKind) {
    match create(path, RATE, options).err().unwrap() {
        Error::Output { target, source } => {
            assert_eq!(target, path.display().to_string());
            (source.to_string(), source.kind())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_finished_file_holds_every_sample_and_leaves_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    let samples = tone(SAMPLES_PER_WRITE * 2 + 7);
    let mut sink = open(&path);
    for block in samples.chunks(5000) {
        sink.write(block).unwrap();
    }
    assert!(!path.exists(), "the final name appeared too early");
    sink.finish().unwrap();
    assert_eq!(read(&path), pcm(&samples));
    assert_eq!(names_in(folder.path()), ["out.wav"]);
}

#[test]
fn a_file_without_a_block_is_a_valid_empty_wav() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    open(&path).finish().unwrap();
    assert_eq!(read(&path), [0i16; 0]);
}

#[test]
fn a_dropped_sink_leaves_the_existing_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    fs::write(&path, "old").unwrap();
    let mut sink = open(&path);
    sink.write(&tone(100)).unwrap();
    drop(sink);
    assert_eq!(names_in(folder.path()), ["out.wav"]);
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn after_each_flush_the_temporary_file_is_a_valid_wav() {
    let folder = tempfile::tempdir().unwrap();
    let mut sink = open(&folder.path().join("out.wav"));
    let samples = tone(3000);
    for n_written in [1000, 2000, 3000] {
        sink.write(&samples[n_written - 1000..n_written]).unwrap();
        sink.flush().unwrap();
        let [temporary] = &names_in(folder.path())[..] else {
            panic!("more than the temporary file");
        };
        // What a reader finds after a kill: nothing is finished or dropped.
        let written = read(&folder.path().join(temporary));
        assert_eq!(written, pcm(&samples[..n_written]));
    }
}

#[test]
fn a_missing_folder_is_named_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/such");
    let (message, kind) = failure(&missing.join("out.wav"), &FileOptions::default());
    assert_eq!(message, format!("there is no folder {}", missing.display()));
    assert_eq!(kind, io::ErrorKind::NotFound);
    assert!(names_in(folder.path()).is_empty());
}

#[test]
fn a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (_, kind) = failure(folder.path(), &FileOptions::default());
    assert_eq!(kind, io::ErrorKind::IsADirectory);
}

#[test]
fn an_existing_file_is_refused_at_the_start_and_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.wav");
    let options = FileOptions {
        existing_file: ExistingFile::Refuse,
        ..FileOptions::default()
    };
    let sink = create(&path, RATE, &options).unwrap();
    fs::write(&path, "made meanwhile").unwrap();
    let error = sink.finish().unwrap_err();
    assert!(
        matches!(&error, Error::Output { source, .. } if source.kind() == io::ErrorKind::AlreadyExists),
        "{error:?}"
    );
    let (_, kind) = failure(&path, &options);
    assert_eq!(kind, io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&path).unwrap(), b"made meanwhile");
    assert_eq!(names_in(folder.path()), ["out.wav"]);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_symbolic_link_keeps_its_target() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("deep")).unwrap();
        fs::write(at("deep/there.wav"), "old").unwrap();
        symlink("deep/there.wav", at("link.wav")).unwrap();
        symlink("deep/not-yet.wav", at("dangling.wav")).unwrap();
        for (link, target) in [
            ("link.wav", "deep/there.wav"),
            ("dangling.wav", "deep/not-yet.wav"),
        ] {
            let mut sink = open(&at(link));
            sink.write(&tone(10)).unwrap();
            sink.finish().unwrap();
            assert_eq!(fs::read_link(at(link)).unwrap(), Path::new(target));
            assert_eq!(read(&at(target)), pcm(&tone(10)));
        }
        symlink("loop.wav", at("loop.wav")).unwrap();
        let (message, _) = failure(&at("loop.wav"), &FileOptions::default());
        assert_eq!(message, "too many symbolic links");
    }

    #[test]
    fn a_new_file_has_the_default_mode_and_a_replaced_file_keeps_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        File::create(at("plain")).unwrap();
        open(&at("new.wav")).finish().unwrap();
        assert_eq!(mode(&at("new.wav")), mode(&at("plain")));

        fs::write(at("old.wav"), "old").unwrap();
        fs::set_permissions(at("old.wav"), fs::Permissions::from_mode(0o640)).unwrap();
        open(&at("old.wav")).finish().unwrap();
        assert_eq!(mode(&at("old.wav")), 0o640);
    }

    #[test]
    fn a_device_is_written_in_place() {
        let mut sink = open(Path::new("/dev/null"));
        sink.write(&tone(10)).unwrap();
        sink.finish().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_without_write_permission_fails_before_any_audio() {
        // Refuses root too; a read-only mode would not.
        let error = create(Path::new("/proc/out.wav"), RATE, &FileOptions::default())
            .err()
            .unwrap();
        assert_eq!(error.to_string(), "cannot write /proc/out.wav");
    }

    #[test]
    fn a_write_protected_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.wav");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
        if OpenOptions::new().write(true).open(&path).is_ok() {
            return; // root may write to everything
        }
        let (_, kind) = failure(&path, &FileOptions::default());
        assert_eq!(kind, io::ErrorKind::PermissionDenied);
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_device_is_reported() {
        let mut sink = open(Path::new("/dev/full"));
        let error = sink.write(&tone(10)).unwrap_err();
        assert_eq!(error.to_string(), "cannot write /dev/full");
        assert!(
            matches!(&error, Error::Output { source, .. } if source.kind() == io::ErrorKind::StorageFull),
            "{error:?}"
        );
        sink.finish().unwrap();
    }

    #[test]
    fn a_named_pipe_gets_a_stream() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        let mut sink = open(&pipe);
        sink.write(&tone(10)).unwrap();
        sink.finish().unwrap();
        let mut expected = stream_header(RATE);
        crate::audio::pcm::extend_s16le(&mut expected, &tone(10));
        assert_eq!(reader.join().unwrap(), expected);
        assert!(!fs::metadata(&pipe).unwrap().is_file());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_file_descriptor_is_written_in_place() {
        use std::os::fd::AsRawFd;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.wav");
        let held = File::create(&path).unwrap();
        let mut sink = open(Path::new(&format!("/dev/fd/{}", held.as_raw_fd())));
        sink.write(&tone(10)).unwrap();
        sink.finish().unwrap();
        assert_eq!(held.metadata().unwrap().len(), 44 + 20);
    }
}
