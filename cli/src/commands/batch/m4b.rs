//! Audiobooks: ffmpeg encodes them, with the chapters of the list beside them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;

use piper_rs::audio::SampleRate;
use piper_rs::encode::{Bitrate, SoundFormat};
use piper_rs::sink::file::{ExistingFile, Replacement};
use piper_rs::sink::stream::{StreamOptions, StreamSink};
use piper_rs::{CancelToken, Error, Result, Sink, threads};

use crate::terminal::report::MissingProgram;

const FFMPEG: &str = "ffmpeg";
/// Of AAC, which needs more than Opus for the same sound.
const DEFAULT_BITRATE: Bitrate = Bitrate::from_kbps(64);
/// Apple's number of an audiobook among the kinds of media.
const AUDIOBOOK: u32 = 2;
/// How much of ffmpeg's messages is kept.
const MAX_MESSAGE_BYTES: u64 = 4096;

/// What it takes to make an audiobook.
pub(super) struct M4bOptions<'a> {
    pub(super) path: &'a Path,
    /// Chapters and tags, in ffmpeg's format.
    pub(super) list: &'a Path,
    pub(super) rate: SampleRate,
    pub(super) bitrate: Option<Bitrate>,
    pub(super) cancel: &'a CancelToken,
}

/// An audiobook that is being encoded. If it is dropped before it is finished, ffmpeg is
/// stopped and nothing is left.
pub(super) struct M4bSink {
    samples: Option<Box<StreamSink>>,
    ffmpeg: Ffmpeg,
    replacement: Replacement,
    /// Its lock says that the temporary file is in use. On Windows ffmpeg could not write
    /// to a locked file; there, a file that is in use cannot be removed.
    _lock: Option<File>,
    path: PathBuf,
    cancel: CancelToken,
}

/// A running ffmpeg, which is killed when it is dropped.
struct Ffmpeg {
    child: Child,
    events: mpsc::Receiver<Event>,
    event_sender: mpsc::Sender<Event>,
}

/// What ends the wait for ffmpeg.
enum Event {
    /// It has closed standard error, with these messages.
    Ended(String),
    Cancelled,
}

/// Fails if there is no ffmpeg; says how the file at `path`, with the chapters in `list`,
/// can be made in another way.
pub(super) fn check(path: &Path, list: &Path, bitrate: Option<Bitrate>) -> anyhow::Result<()> {
    let mut version = Command::new(FFMPEG);
    version.arg("-version");
    let all = [Stdio::null(), Stdio::null(), Stdio::null()];
    let [input, output, messages] = all;
    let ended = version
        .stdin(input)
        .stdout(output)
        .stderr(messages)
        .status();
    if ended.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let wav = path.with_extension("wav");
    let kbps = bitrate.unwrap_or(DEFAULT_BITRATE).kbps();
    let [shown, wav, list] = [path, &wav, list].map(shell_word);
    Err(MissingProgram(format!(
        "cannot write {shown}: ffmpeg, which encodes .m4b, is not installed or does not run; \
         install it, or write {wav} with `--join {wav} --chapters ffmetadata`, and then run \
         `ffmpeg -i {wav} -i {list} -map 0:a -map_metadata 1 -map_chapters 1 -c:a aac -b:a \
         {kbps}k {shown}` where there is one"
    ))
    .into())
}

/// Returns a path as a shell reads it.
fn shell_word(path: &Path) -> String {
    let path = path.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:\\".contains(c);
    match path.chars().all(is_plain) {
        true => path.into_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

impl M4bSink {
    pub(super) fn create(options: &M4bOptions<'_>) -> Result<Self> {
        let target = options.path.display().to_string();
        let (file, replacement) = Replacement::create(options.path, "m4b", ExistingFile::Replace)?;
        let mut ffmpeg = Ffmpeg::start(options, replacement.temporary_path())
            .map_err(|source| failed(options.path, source))?;
        let stream = StreamOptions {
            encoding: SoundFormat::S16le.into(),
            target,
            cancel: options.cancel.clone(),
        };
        let input = ffmpeg.child.stdin.take().expect("it is piped");
        ffmpeg.listen()?;
        Ok(Self {
            samples: Some(Box::new(StreamSink::new(input, options.rate, stream)?)),
            ffmpeg,
            replacement,
            _lock: (!cfg!(windows)).then_some(file),
            path: options.path.to_owned(),
            cancel: options.cancel.clone(),
        })
    }
}

impl Sink for M4bSink {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        let Some(stream) = &mut self.samples else {
            return Ok(());
        };
        match stream.write(samples) {
            // It has ended early, and its messages say why.
            Err(error) if error.is_broken_pipe() => {
                self.samples = None;
                let (_, messages) = self.ffmpeg.end(&self.cancel)?;
                Err(failed(&self.path, io::Error::other(messages)))
            }
            written => written,
        }
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        // The end of its input ends ffmpeg.
        let Some(stream) = self.samples.take() else {
            return Ok(());
        };
        stream.finish()?;
        let (status, messages) = self.ffmpeg.end(&self.cancel)?;
        match status.success() {
            true => self.replacement.finish(),
            false => Err(failed(&self.path, io::Error::other(messages))),
        }
    }
}

impl Ffmpeg {
    fn start(options: &M4bOptions<'_>, temporary: &Path) -> io::Result<Self> {
        let M4bOptions { list, rate, .. } = options;
        let bitrate = options.bitrate.unwrap_or(DEFAULT_BITRATE);
        let mut command = Command::new(FFMPEG);
        command
            .args(["-nostdin", "-loglevel", "error", "-y"])
            .args(["-f", "s16le", "-ac", "1", "-ar", &rate.to_string()])
            .args(["-i", "pipe:0", "-f", "ffmetadata", "-i"])
            .arg(protocol_free(list))
            .args(["-map", "0:a", "-map_metadata", "1", "-map_chapters", "1"])
            .args(["-metadata", &format!("media_type={AUDIOBOOK}")])
            .args(["-c:a", "aac"])
            .args(["-b:a", &bitrate.bits_per_second().to_string()])
            .args(["-f", "ipod"])
            .arg(protocol_free(temporary))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // Ctrl-C at a terminal is for this program, which then stops ffmpeg.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let (event_sender, events) = mpsc::channel();
        Ok(Self {
            child: command.spawn()?,
            events,
            event_sender,
        })
    }

    /// Reads its messages, so that it never waits for a reader of them.
    fn listen(&mut self) -> Result<()> {
        let mut stderr = self.child.stderr.take().expect("it is piped");
        let ended = self.event_sender.clone();
        threads::spawn("ffmpeg", move || {
            let mut messages = Vec::new();
            // An error ends them, as the end does.
            _ = (&mut stderr)
                .take(MAX_MESSAGE_BYTES)
                .read_to_end(&mut messages);
            _ = io::copy(&mut stderr, &mut io::sink());
            let messages = String::from_utf8_lossy(&messages);
            let lines = messages.lines().map(str::trim);
            let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
            // Fails only if nobody waits.
            _ = ended.send(Event::Ended(format!("ffmpeg: {}", lines.join("; "))));
        })?;
        Ok(())
    }

    /// Waits for its end; returns its messages on one line.
    fn end(&mut self, cancel: &CancelToken) -> Result<(ExitStatus, String)> {
        let cancelled = self.event_sender.clone();
        let _guard = cancel.on_cancel(move || _ = cancelled.send(Event::Cancelled));
        match self.events.recv() {
            Ok(Event::Ended(messages)) => {
                let status = self.child.wait();
                let status = status.map_err(|source| failed(Path::new(FFMPEG), source))?;
                Ok((status, messages))
            }
            Ok(Event::Cancelled) | Err(_) => Err(Error::Cancelled),
        }
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        // Both fail only if it has ended.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Returns a path that ffmpeg takes for one: `a:b` alone would be a protocol, and `-a`
/// an option.
fn protocol_free(path: &Path) -> std::ffi::OsString {
    let mut name = std::ffi::OsString::from("file:");
    name.push(path);
    name
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Output {
        target: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_words_of_a_shell() {
        for (path, word) in [
            ("out/book.m4b", "out/book.m4b"),
            ("My Book.m4b", "'My Book.m4b'"),
            ("it's.m4b", r"'it'\''s.m4b'"),
        ] {
            assert_eq!(shell_word(Path::new(path)), word);
        }
    }
}
