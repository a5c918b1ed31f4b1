//! Where a run's audio goes, and opening it.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Seek as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use piper_rs::audio::SampleRate;
use piper_rs::fs::is_forbidden_in_file_name;
use piper_rs::sink::device::{DeviceOptions, DeviceSink};
use piper_rs::sink::stream::{StreamFormat, StreamOptions, StreamSink};
use piper_rs::sink::wav::{self, WavOptions, WavSink};
use piper_rs::sink::{Resampled, Sink, Tee};
use piper_rs::{CancelToken, Error, Result};

use crate::args::{NamingArg, OutputArgs, PlaceArgs, RawFormatArg};
use crate::terminal::report::UsageError;
use crate::terminal::stdout;

/// A file's header is made right this often, so that even a killed program
/// leaves audio behind.
const FLUSH_EVERY: Duration = Duration::from_secs(1);
/// The longest file name made from a text, in bytes; systems allow 255.
const MAX_NAME_BYTES: usize = 200;

/// Where the run's audio goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// All of it to the same places.
    Shared(Vec<Place>),
    /// A file per text, in this folder.
    Folder(PathBuf, NamingArg),
}

/// One place that audio can go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    Stdout(StreamFormat),
    Device(Option<String>),
}

impl Target {
    pub(crate) fn from_args(args: &OutputArgs) -> Result<Self, UsageError> {
        if let Some(folder) = &args.output_dir {
            return Ok(Self::Folder(folder.clone(), args.output_dir_naming));
        }
        Place::all_from_args(&args.place).map(Self::Shared)
    }

    /// Returns whether nobody hears the audio while it is made.
    pub(crate) fn is_files_only(&self) -> bool {
        match self {
            Self::Shared(environment) => environment
                .iter()
                .all(|place| matches!(place, Place::File(_))),
            Self::Folder(..) => true,
        }
    }

    /// Returns whether standard output carries the audio, and so nothing else.
    pub(crate) fn is_stdout(&self) -> bool {
        let is_stdout = |place: &Place| matches!(place, Place::Stdout(_));
        matches!(self, Self::Shared(environment) if environment.iter().any(is_stdout))
    }

    /// Refuses to replace one of `inputs` by the audio: whoever asks for that
    /// has mistyped.
    pub(crate) fn check_spares<'a>(
        &self,
        inputs: impl IntoIterator<Item = &'a Path>,
    ) -> Result<(), UsageError> {
        let Self::Shared(environment) = self else {
            return Ok(());
        };
        let real = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
        let files = environment.iter().filter_map(|place| match place {
            Place::File(path) => real(path),
            Place::Stdout(_) | Place::Device(_) => None,
        });
        let outputs: Vec<PathBuf> = files.collect();
        let lost = |path: &&Path| real(path).is_some_and(|path| outputs.contains(&path));
        match inputs.into_iter().find(lost) {
            Some(path) => Err(UsageError(format!(
                "the sound would replace {}, which is read",
                path.display()
            ))),
            None => Ok(()),
        }
    }

    /// Returns whether the audio should exist even where there is nothing to
    /// say: an empty file, but no silence out of a loudspeaker.
    pub(crate) fn wants_empty_audio(&self) -> bool {
        let is_device = |place: &Place| matches!(place, Place::Device(_));
        matches!(self, Self::Shared(environment) if !environment.iter().all(is_device))
    }
}

impl Place {
    /// Returns every place that is asked for; the default device if none is.
    ///
    /// Refuses to write sound to a terminal, unless `-o -` insists.
    pub(crate) fn all_from_args(args: &PlaceArgs) -> Result<Vec<Self>, UsageError> {
        let raw = match args.raw_format {
            RawFormatArg::S16le => StreamFormat::S16le,
            RawFormatArg::F32le => StreamFormat::F32le,
        };
        let names = ["-", "/dev/stdout"].map(Path::new);
        let is_stdout = args.output.as_deref().is_some_and(|o| names.contains(&o));
        let mut environment = Vec::new();
        match &args.output {
            Some(_) if is_stdout && !args.raw => environment.push(Place::Stdout(StreamFormat::Wav)),
            Some(file) if !is_stdout && args.raw => {
                let file = file.display();
                return Err(UsageError(format!(
                    "--raw writes to standard output: use `--raw > {file}`, or `-o {file}` for WAV"
                )));
            }
            Some(file) if !is_stdout => environment.push(Place::File(file.clone())),
            _ if args.raw => environment.push(Place::Stdout(raw)),
            _ => {}
        }
        if !is_stdout && args.raw && std::io::stdout().is_terminal() {
            let message = "sound is not text for a terminal: redirect it, or insist with `-o -`";
            return Err(UsageError(message.to_owned()));
        }
        if args.play || args.device.is_some() || environment.is_empty() {
            let device = args.device.as_ref().or(args.usual_device.as_ref());
            environment.push(Place::Device(device.cloned()));
        }
        Ok(environment)
    }
}

/// Returns a path in `folder` for the audio of `text`, which this run has not
/// `taken` yet.
///
/// A text has the same name in every run, so that a script finds it: a file of
/// an earlier run is replaced.
pub(crate) fn path_for(
    folder: &Path,
    naming: NamingArg,
    text: &str,
    taken: &mut HashSet<PathBuf>,
) -> PathBuf {
    let name = match naming {
        NamingArg::Text => file_name(text),
        NamingArg::Timestamp => {
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            since.as_nanos().to_string()
        }
    };
    let numbered = (2..).map(|n| folder.join(format!("{name}-{n}.wav")));
    let mut names = std::iter::once(folder.join(format!("{name}.wav"))).chain(numbered);
    names
        .find(|path| taken.insert(path.clone()))
        .unwrap_or_else(|| folder.join(name))
}

/// Turns a text into a file name that any system takes.
pub(crate) fn file_name(text: &str) -> String {
    let allowed = |c: &char| !is_forbidden_in_file_name(*c);
    let mut name: String = text.trim().chars().filter(allowed).collect();
    while name.len() > MAX_NAME_BYTES {
        name.pop();
    }
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() {
        "speech".to_owned()
    } else {
        name.to_owned()
    }
}

/// An open output. Takes samples of any rate; it has one of its own.
pub(crate) struct Output {
    sink: Resampled,
    has_audio: bool,
    flushed: Instant,
}

impl Output {
    pub(crate) fn open(
        environment: &[Place],
        rate: SampleRate,
        cancel: &CancelToken,
    ) -> Result<Self> {
        let mut sinks = Vec::with_capacity(environment.len());
        for place in environment {
            sinks.push(place.open(rate, cancel)?);
        }
        let sink = match sinks.len() {
            1 => sinks.remove(0),
            _ => Box::new(Tee::new(sinks)),
        };
        Ok(Self {
            sink: Resampled::new(sink, rate),
            has_audio: false,
            flushed: Instant::now(),
        })
    }

    /// Takes samples of any rate.
    pub(crate) fn write(&mut self, samples: &[f32], rate: SampleRate) -> Result<()> {
        let written = self.sink.write(samples, rate);
        // A cancelled device has played a part of the samples, and a file that
        // comes before it has all of them.
        self.has_audio |= matches!(written, Ok(()) | Err(Error::Cancelled));
        written?;
        if self.flushed.elapsed() >= FLUSH_EVERY {
            self.sink.flush()?;
            self.flushed = Instant::now();
        }
        Ok(())
    }

    /// Returns whether anything was written.
    pub(crate) fn has_audio(&self) -> bool {
        self.has_audio
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.sink.finish()
    }
}

impl Place {
    fn open(&self, rate: SampleRate, cancel: &CancelToken) -> Result<Box<dyn Sink>> {
        let cancel = cancel.clone();
        match self {
            Self::File(path) => {
                let options = WavOptions {
                    cancel,
                    ..WavOptions::default()
                };
                wav::create(path, rate, &options)
            }
            Self::Stdout(format) => {
                if let (StreamFormat::Wav, Some(file)) = (format, stdout_file()) {
                    let file = BufWriter::new(file);
                    return Ok(Box::new(WavSink::new(file, rate, stdout::NAME)?));
                }
                let options = StreamOptions {
                    format: *format,
                    target: stdout::NAME.to_owned(),
                    cancel,
                };
                Ok(Box::new(StreamSink::new(std::io::stdout(), rate, options)?))
            }
            Self::Device(name) => {
                let options = DeviceOptions {
                    device: name.clone(),
                    cancel,
                    ..DeviceOptions::default()
                };
                Ok(Box::new(DeviceSink::open(&options, rate)?))
            }
        }
    }
}

/// Returns standard output if it is a file that is all ours, as after
/// `> FILE`: the header there can tell the length at the end.
#[cfg(unix)]
fn stdout_file() -> Option<File> {
    use std::os::fd::AsFd as _;

    let stdout = std::io::stdout();
    // After `>> FILE` nothing can be written but at the end.
    let appends = rustix::fs::fcntl_getfl(stdout.as_fd()).ok()?;
    let mut file = File::from(stdout.as_fd().try_clone_to_owned().ok()?);
    let is_ours = !appends.contains(rustix::fs::OFlags::APPEND)
        && file.metadata().ok()?.is_file()
        && file.stream_position().ok()? == 0;
    is_ours.then_some(file)
}

#[cfg(not(unix))]
fn stdout_file() -> Option<File> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_safe_name() {
        let long = "ä".repeat(300);
        let cases = [
            ("Hello, world.", "Hello, world"),
            ("../../etc/passwd", "etcpasswd"),
            ("a\nb?", "ab"),
            ("...", "speech"),
            ("", "speech"),
            (&long, &long[..MAX_NAME_BYTES]),
        ];
        for (text, expected) in cases {
            assert_eq!(file_name(text), expected, "{text}");
        }
    }

    #[test]
    fn no_file_gets_a_name_that_is_taken() {
        let mut taken = HashSet::new();
        for (text, expected) in [("hi", "hi.wav"), ("hi?", "hi-2.wav"), ("hi!", "hi!.wav")] {
            let path = path_for(Path::new("out"), NamingArg::Text, text, &mut taken);
            assert_eq!(path, Path::new("out").join(expected));
        }
    }

    #[test]
    fn an_output_that_was_cancelled_in_its_first_block_has_audio() {
        struct Fails(Option<Error>);
        impl Sink for Fails {
            fn write(&mut self, _: &[f32]) -> Result<()> {
                self.0.take().map_or(Ok(()), Err)
            }

            fn finish(self: Box<Self>) -> Result<()> {
                Ok(())
            }
        }
        let broken = || Error::Output {
            target: String::new(),
            source: std::io::ErrorKind::StorageFull.into(),
        };
        for (error, has_audio) in [(Error::Cancelled, true), (broken(), false)] {
            let rate = SampleRate::new(16000).unwrap();
            let mut output = Output {
                sink: Resampled::new(Box::new(Fails(Some(error))), rate),
                has_audio: false,
                flushed: Instant::now(),
            };
            output.write(&[0.5; 10], rate).unwrap_err();
            assert_eq!(output.has_audio(), has_audio);
        }
    }
}
