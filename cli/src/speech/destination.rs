//! Where a run's audio goes.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use piper_rs::encode::{Encoding, SoundFormat};
use piper_rs::sink::file::{self, ExistingFile};

use super::output_format::OutputFormat;
use super::sound_format::{Ending, OutputUse};
use crate::args::{DestinationArgs, NamingArg, OutputArgs, RawFormatArg};
use crate::terminal::report::UsageError;

/// How the audio of several texts is distributed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OutputMode {
    /// All audio goes to each of these.
    Together(Vec<Destination>),
    /// Each text becomes a file in this folder.
    FilePerText(PathBuf, NamingArg),
}

/// One place that audio can go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A file, how it is encoded, and what to do if it exists.
    File(PathBuf, Encoding, ExistingFile),
    Stdout(Encoding),
    /// A sound device by name, or the default device.
    Device(Option<String>),
}

impl OutputMode {
    /// `configured_device` is the device to play on without `--device`.
    pub(crate) fn from_args(
        args: &OutputArgs,
        format: &OutputFormat,
        configured_device: Option<String>,
    ) -> Result<Self, UsageError> {
        if let Some(folder) = &args.output_dir {
            return Ok(Self::FilePerText(folder.clone(), args.output_dir_naming));
        }
        Destination::all_from_args(&args.destinations, format, configured_device)
            .map(Self::Together)
    }

    /// Returns whether no listener waits for the audio.
    pub(crate) fn is_files_only(&self) -> bool {
        let is_file = |one: &Destination| matches!(one, Destination::File(..));
        self.destinations().iter().all(is_file)
    }

    /// Returns whether audio is written to standard output.
    pub(crate) fn uses_stdout(&self) -> bool {
        let is_stdout = |one: &Destination| matches!(one, Destination::Stdout(_));
        self.destinations().iter().any(is_stdout)
    }

    /// Returns whether an empty text still needs an output: an empty file, but
    /// no silence on a device.
    pub(crate) fn wants_empty_audio(&self) -> bool {
        matches!(self, Self::Together(_)) && !self.is_only_heard()
    }

    /// Returns whether all audio goes to sound devices.
    pub(crate) fn is_only_heard(&self) -> bool {
        match self {
            Self::Together(destinations) => destinations.iter().all(Destination::is_device),
            Self::FilePerText(..) => false,
        }
    }

    /// Returns the formats that are written; files of their own have that of `format`.
    pub(crate) fn formats(&self, format: &OutputFormat) -> Vec<SoundFormat> {
        match self {
            Self::FilePerText(..) => vec![format.encoding_of_stream().format],
            Self::Together(all) => all.iter().filter_map(Destination::format).collect(),
        }
    }

    pub(crate) fn destinations(&self) -> &[Destination] {
        match self {
            Self::Together(destinations) => destinations,
            Self::FilePerText(..) => &[],
        }
    }
}

/// Returns which existing files may be replaced.
pub(crate) fn existing_file(args: &DestinationArgs) -> ExistingFile {
    match args.overwrite {
        true => ExistingFile::Replace,
        false => ExistingFile::ReplaceSpeech,
    }
}

/// Fails if one of `destinations` is an existing file that must not be replaced,
/// before anything is spoken.
pub(crate) fn check_existing(destinations: &[Destination]) -> Result<(), UsageError> {
    let is_kept = |one: &&Destination| match one {
        Destination::File(path, _, ExistingFile::ReplaceSpeech) => {
            path.is_file() && !file::is_replaceable(path)
        }
        _ => false,
    };
    match destinations.iter().find(is_kept) {
        Some(Destination::File(path, ..)) => {
            let shown = path.display();
            let read_aloud = match Ending::of(path) {
                Some(_) => String::new(),
                None => format!("to read it aloud, use `-i {shown}`; "),
            };
            Err(UsageError(format!(
                "{shown} exists and is neither WAV nor made by this program: {read_aloud}to \
                 replace it, add `--overwrite`"
            )))
        }
        _ => Ok(()),
    }
}

/// Fails if this program or this system cannot write the format of one of
/// `destinations`, before anything is spoken.
pub(crate) fn check_formats(destinations: &[Destination]) -> piper_rs::Result<()> {
    destinations
        .iter()
        .filter_map(Destination::format)
        .try_for_each(SoundFormat::check)
}

/// Returns the file that the options for the output name. They may name it twice, but
/// not two files: one of them would stay unwritten.
fn only_output(outputs: &[PathBuf]) -> Result<Option<&Path>, UsageError> {
    let Some((last, others)) = outputs.split_last() else {
        return Ok(None);
    };
    let Some(other) = others.iter().find(|other| *other != last) else {
        return Ok(Some(last));
    };
    let is_text = |path: &&PathBuf| path.is_file() && !file::is_replaceable(path);
    let tip = match [other, last].into_iter().find(is_text) {
        Some(text) => format!("to read {0} aloud, use `-i {0}`", text.display()),
        None => "give one of them; for several files, run the program several times".to_owned(),
    };
    Err(UsageError(format!(
        "two output files, {} and {}: `-o`, `-f` and `-w` mean the same; {tip}",
        other.display(),
        last.display()
    )))
}

impl Destination {
    /// Returns the format that is written; `None` for a device.
    fn format(&self) -> Option<SoundFormat> {
        match self {
            Self::File(_, encoding, _) | Self::Stdout(encoding) => Some(encoding.format),
            Self::Device(_) => None,
        }
    }

    /// Returns whether it is a sound device.
    pub(crate) fn is_device(&self) -> bool {
        matches!(self, Self::Device(_))
    }

    /// Returns the path, if it is a file.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::File(path, ..) => Some(path.clone()),
            Self::Stdout(_) | Self::Device(_) => None,
        }
    }

    /// Returns all destinations; a device if there is no other one.
    ///
    /// Refuses to write audio to a terminal.
    pub(crate) fn all_from_args(
        args: &DestinationArgs,
        format: &OutputFormat,
        configured_device: Option<String>,
    ) -> Result<Vec<Self>, UsageError> {
        let raw = match args.raw_format {
            RawFormatArg::S16le => SoundFormat::S16le,
            RawFormatArg::F32le => SoundFormat::F32le,
        };
        let output = only_output(&args.output)?;
        let names = ["-", "/dev/stdout"].map(Path::new);
        let is_stdout = output.is_some_and(|output| names.contains(&output));
        let mut destinations = Vec::new();
        match output {
            Some(_) if is_stdout && !args.raw => {
                destinations.push(Self::Stdout(format.encoding_of_stream()));
            }
            Some(file) if !is_stdout && args.raw => {
                let file = file.display();
                return Err(UsageError(format!(
                    "--raw writes to standard output: use `--raw > {file}`, or `-o {file}` for WAV"
                )));
            }
            Some(file) if !is_stdout => {
                let encoding = format.encoding_of(file, OutputUse::Run)?;
                destinations.push(Self::File(file.to_owned(), encoding, existing_file(args)));
            }
            _ if args.raw && format.sound.is_some() => {
                let message = "--raw writes samples without a format: leave out --audio-format, \
                               or use `-o -` instead of `--raw`";
                return Err(UsageError(message.to_owned()));
            }
            _ if args.raw => destinations.push(Self::Stdout(raw.into())),
            _ => {}
        }
        if (is_stdout || args.raw) && std::io::stdout().is_terminal() {
            let message = "standard output is a terminal, which cannot show audio: redirect it \
                           (`> FILE`), pipe it into a program, or write a file with `-o FILE`";
            return Err(UsageError(message.to_owned()));
        }
        if args.play || args.device.is_some() || destinations.is_empty() {
            destinations.push(Self::Device(args.device.clone().or(configured_device)));
        }
        Ok(destinations)
    }
}
