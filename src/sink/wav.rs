//! WAV: a file that appears whole or not at all, and the header of a stream.

mod read;
mod unfinished;

pub use read::{WavReader, is_torn};
pub use unfinished::remove_unfinished;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::Sink;
use super::stream::{StreamFormat, StreamOptions, StreamSink};
use crate::audio::{SampleRate, pcm};
use crate::{CancelToken, Error, Result};

/// The most bytes of samples that a WAV file can say it holds: its two 32-bit
/// lengths count the samples, and the samples with 36 bytes of header.
const MAX_DATA_BYTES: u32 = u32::MAX - 36;

/// The most samples that a WAV file can hold: 27 hours at 22 050 Hz.
pub const MAX_SAMPLES: u64 = MAX_DATA_BYTES as u64 / size_of::<i16>() as u64;

/// How many samples are converted at a time; bounds hound's own buffer.
const SAMPLES_PER_WRITE: usize = 16 * 1024;

/// What to do about a file that is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overwrite {
    /// Replace it, when the new file is whole.
    #[default]
    Allow,
    /// Fail, and leave it as it is.
    Refuse,
}

/// How [`create`] writes.
#[derive(Debug, Clone, Default)]
pub struct WavOptions {
    /// What to do about a file that is already there.
    pub overwrite: Overwrite,
    /// Stops a wait for the reader of a pipe.
    pub cancel: CancelToken,
}

/// Opens `path` for 16-bit mono WAV.
///
/// A regular file is written under a temporary name beside its own, and
/// renamed when the sink is finished; [`Sink::flush`] keeps the temporary
/// file's header right. A symbolic link keeps pointing at its target, and a
/// replaced file keeps its mode. Anything that is no regular file (a pipe, a
/// device, `/dev/stdout`) is written as it goes, with a header of unknown
/// length; opening a named pipe waits for its reader.
///
/// Fails with [`Error::Output`] where the file could not be written either.
pub fn create(path: &Path, rate: SampleRate, options: &WavOptions) -> Result<Box<dyn Sink>> {
    let target = path.display().to_string();
    let special = special_file(path).map_err(|source| Error::Output {
        target: target.clone(),
        source,
    })?;
    let Some(file) = special else {
        return Ok(Box::new(WavFile::create(path, rate, options.overwrite)?));
    };
    let stream = StreamOptions {
        format: StreamFormat::Wav,
        target,
        cancel: options.cancel.clone(),
    };
    Ok(Box::new(StreamSink::new(file, rate, stream)?))
}

/// Opens `path` for writing in place if it is not for renaming onto.
fn special_file(path: &Path) -> io::Result<Option<File>> {
    let special = match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) => !found.is_file() || names_an_open_file(path),
        Err(_) => false,
    };
    // Appending, since `/dev/stdout` may be a file that others have written to.
    special
        .then(|| OpenOptions::new().append(true).open(path))
        .transpose()
}

/// Returns whether `path` is another name for an open file of this process,
/// which may be a regular file that somebody else holds too.
fn names_an_open_file(path: &Path) -> bool {
    ["/dev/fd", "/dev/stdout", "/dev/stderr", "/proc"]
        .iter()
        .any(|open| path.starts_with(open))
}

/// Returns the header of a WAV stream whose length is not known: all sizes
/// are `0xffffffff`, as ffmpeg writes them and sox and aplay read them.
pub(super) fn stream_header(rate: SampleRate) -> Vec<u8> {
    spec(rate).into_header_for_infinite_file()
}

fn spec(rate: SampleRate) -> hound::WavSpec {
    hound::WavSpec {
        channels: 1,
        sample_rate: rate.get(),
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    }
}

/// A regular file: see [`create`].
struct WavFile {
    // Before `temporary`: a file must be closed before it is renamed or
    // removed on Windows.
    wav: WavSink<BufWriter<File>>,
    temporary: TempPath,
    path: PathBuf,
    overwrite: Overwrite,
    target: String,
}

impl WavFile {
    fn create(path: &Path, rate: SampleRate, overwrite: Overwrite) -> Result<Self> {
        let target = path.display().to_string();
        let opened = follow_links(path).and_then(|path| {
            let (file, temporary) = open_beside(&path, overwrite)?;
            Ok((path, file, temporary))
        });
        let (path, file, temporary) = opened.map_err(|source| Error::Output {
            target: target.clone(),
            source,
        })?;
        Ok(Self {
            wav: WavSink::new(BufWriter::new(file), rate, &target)?,
            temporary,
            path,
            overwrite,
            target,
        })
    }
}

impl Sink for WavFile {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.wav.write(samples)
    }

    fn flush(&mut self) -> Result<()> {
        self.wav.flush()
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let Self {
            wav,
            temporary,
            path,
            overwrite,
            target,
        } = *self;
        wav.finalize()?;
        let renamed = match overwrite {
            Overwrite::Allow => temporary.persist(path),
            Overwrite::Refuse => temporary.persist_noclobber(path),
        };
        renamed.map_err(|failed| Error::Output {
            target,
            source: failed.error,
        })
    }
}

/// Returns where `path` leads, also when nothing is there yet.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    // What Linux follows before it calls it a loop.
    const MAX_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(link) => path = folder_of(&path).join(link),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Creates a temporary file that can be renamed to `path`, with the mode that
/// `path` has or would get.
fn open_beside(path: &Path, overwrite: Overwrite) -> io::Result<(File, TempPath)> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        let message = format!("there is no folder {}", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    }
    let replaced = replaced_permissions(path, overwrite)?;

    let mut builder = tempfile::Builder::new();
    builder
        .prefix(unfinished::PREFIX)
        .suffix(unfinished::SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the umask
    let (file, temporary) = builder.tempfile_in(folder)?.into_parts();
    unfinished::claim(&file);
    if let Some(permissions) = replaced {
        file.set_permissions(permissions)?;
    }
    Ok((file, temporary))
}

/// Returns the permissions of the file that will be replaced, if there is one
/// and it may be.
fn replaced_permissions(path: &Path, overwrite: Overwrite) -> io::Result<Option<fs::Permissions>> {
    // A rename needs no right to write to the file itself; overwriting does.
    match OpenOptions::new().write(true).open(path) {
        Ok(_) if overwrite == Overwrite::Refuse => Err(io::ErrorKind::AlreadyExists.into()),
        Ok(file) => Ok(Some(file.metadata()?.permissions())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// 16-bit mono WAV into anything that can seek.
///
/// What it is given is a valid WAV after every [`Sink::flush`] and after
/// [`Sink::finish`].
pub struct WavSink<W: Write + Seek> {
    writer: hound::WavWriter<W>,
    target: String,
    max_data_bytes: u32,
}

impl<W: Write + Seek> WavSink<W> {
    /// Writes a header to `writer`, which stands at its beginning; `target`
    /// names it in errors.
    pub fn new(writer: W, rate: SampleRate, target: &str) -> Result<Self> {
        let writer = hound::WavWriter::new(writer, spec(rate)).map_err(|e| output(target, e))?;
        Ok(Self {
            writer,
            target: target.to_owned(),
            max_data_bytes: MAX_DATA_BYTES,
        })
    }

    fn finalize(self) -> Result<()> {
        let Self { writer, target, .. } = self;
        writer.finalize().map_err(|e| output(&target, e))
    }

    fn write_part(&mut self, samples: &[f32]) -> Result<(), hound::Error> {
        let n_samples = u32::try_from(samples.len()).expect("at most SAMPLES_PER_WRITE");
        let mut writer = self.writer.get_i16_writer(n_samples);
        for &sample in samples {
            writer.write_sample(pcm::to_i16(sample));
        }
        writer.flush()
    }

    fn has_room_for(&self, samples: &[f32]) -> bool {
        let n_samples = u64::from(self.writer.len()) + samples.len() as u64;
        n_samples * size_of::<i16>() as u64 <= u64::from(self.max_data_bytes)
    }
}

impl<W: Write + Seek + Send> Sink for WavSink<W> {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        if !self.has_room_for(samples) {
            return Err(Error::WavTooLong {
                target: self.target.clone(),
            });
        }
        samples
            .chunks(SAMPLES_PER_WRITE)
            .try_for_each(|part| self.write_part(part))
            .map_err(|e| output(&self.target, e))
    }

    fn flush(&mut self) -> Result<()> {
        self.writer.flush().map_err(|e| output(&self.target, e))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.finalize()
    }
}

fn output(target: &str, error: hound::Error) -> Error {
    let source = match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    };
    Error::Output {
        target: target.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::pcm::to_i16;
    use std::io::Cursor;
    use std::num::NonZeroU32;
    use std::sync::{Arc, Mutex, PoisonError};

    const RATE: SampleRate = NonZeroU32::new(22050).unwrap();

    fn tone(n_samples: usize) -> Vec<f32> {
        (0..n_samples).map(|i| (i as f32 * 0.05).sin()).collect()
    }

    fn pcm(samples: &[f32]) -> Vec<i16> {
        samples.iter().map(|&sample| to_i16(sample)).collect()
    }

    fn open(path: &Path) -> Box<dyn Sink> {
        create(path, RATE, &WavOptions::default()).unwrap()
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

    fn failure(path: &Path, options: &WavOptions) -> (String, io::ErrorKind) {
        match create(path, RATE, options).err().unwrap() {
            Error::Output { target, source } => {
                assert_eq!(target, path.display().to_string());
                (source.to_string(), source.kind())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_finished_file_holds_every_sample_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.wav");
        let samples = tone(SAMPLES_PER_WRITE * 2 + 7);
        let mut sink = open(&path);
        for block in samples.chunks(5000) {
            sink.write(block).unwrap();
        }
        assert!(!path.exists(), "the final name is there too early");
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
    fn a_dropped_file_leaves_nothing_and_the_old_file_whole() {
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
            // As a reader sees it after a kill: nothing is finished or dropped.
            let written = read(&folder.path().join(temporary));
            assert_eq!(written, pcm(&samples[..n_written]));
        }
    }

    #[test]
    fn a_missing_folder_is_named_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("no/such");
        let (message, kind) = failure(&missing.join("out.wav"), &WavOptions::default());
        assert_eq!(message, format!("there is no folder {}", missing.display()));
        assert_eq!(kind, io::ErrorKind::NotFound);
        assert!(names_in(folder.path()).is_empty());
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let (_, kind) = failure(folder.path(), &WavOptions::default());
        assert_eq!(kind, io::ErrorKind::IsADirectory);
    }

    #[test]
    fn a_bare_name_is_in_the_current_folder() {
        assert_eq!(folder_of(Path::new("out.wav")), Path::new("."));
        assert_eq!(folder_of(Path::new("a/out.wav")), Path::new("a"));
    }

    #[test]
    fn refusing_to_overwrite_holds_at_the_start_and_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.wav");
        let options = WavOptions {
            overwrite: Overwrite::Refuse,
            ..WavOptions::default()
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

    #[test]
    fn a_file_too_long_for_wav_stays_valid_up_to_the_last_block() {
        let mut bytes = Cursor::new(Vec::new());
        let mut sink = WavSink::new(&mut bytes, RATE, "x.wav").unwrap();
        sink.max_data_bytes = 2000;
        sink.write(&tone(990)).unwrap();
        let error = sink.write(&tone(11)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.wav would be over 4 GiB, more than a WAV file can hold"
        );
        sink.write(&tone(10)).unwrap();
        Box::new(sink).finish().unwrap();
        bytes.set_position(0);
        assert_eq!(hound::WavReader::new(bytes).unwrap().duration(), 1000);
    }

    #[test]
    fn the_longest_file_is_what_both_length_fields_can_say() {
        let header = stream_header(RATE).len() as u32;
        let riff_size = MAX_DATA_BYTES + (header - 8);
        assert_eq!(riff_size, u32::MAX);
    }

    /// Takes `room` bytes, then fails as a full disk does.
    #[derive(Clone)]
    struct SmallDisk(Arc<Mutex<Cursor<Vec<u8>>>>, usize);

    impl SmallDisk {
        fn cursor(&self) -> std::sync::MutexGuard<'_, Cursor<Vec<u8>>> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Write for SmallDisk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut cursor = self.cursor();
            let room = self.1.saturating_sub(cursor.position() as usize);
            if room == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            cursor.write(&bytes[..bytes.len().min(room)])
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for SmallDisk {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.cursor().seek(to)
        }
    }

    #[test]
    fn a_full_disk_names_the_file_and_keeps_what_was_flushed() {
        let disk = SmallDisk(Arc::default(), 1000);
        let mut sink = WavSink::new(disk.clone(), RATE, "x.wav").unwrap();
        sink.write(&tone(400)).unwrap();
        sink.flush().unwrap();
        let error = sink.write(&tone(400)).unwrap_err();
        assert_eq!(error.to_string(), "cannot write x.wav");
        let Error::Output { source, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(source.kind(), io::ErrorKind::StorageFull);
        Box::new(sink).finish().unwrap();
        let bytes = disk.cursor().get_ref().clone();
        let reader = hound::WavReader::new(&bytes[..]).unwrap();
        assert_eq!(reader.duration(), 400);
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
        fn a_symbolic_link_keeps_pointing_at_the_file() {
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
            let (message, _) = failure(&at("loop.wav"), &WavOptions::default());
            assert_eq!(message, "too many symbolic links");
        }

        #[test]
        fn a_new_file_has_the_mode_of_any_new_file_and_a_replaced_one_keeps_its_own() {
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
        fn a_device_is_written_to_and_not_replaced() {
            let mut sink = open(Path::new("/dev/null"));
            sink.write(&tone(10)).unwrap();
            sink.finish().unwrap();
            assert!(!fs::metadata("/dev/null").unwrap().is_file());
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn a_folder_that_takes_no_files_fails_at_the_start_and_names_the_file() {
            // Refuses even root, whom a read-only mode would not stop.
            let error = create(Path::new("/proc/out.wav"), RATE, &WavOptions::default())
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
            let (_, kind) = failure(&path, &WavOptions::default());
            assert_eq!(kind, io::ErrorKind::PermissionDenied);
            assert_eq!(fs::read(&path).unwrap(), b"old");
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn a_full_device_says_so() {
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
        fn an_open_file_by_its_number_is_written_to_in_place() {
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
}
