//! What the files of a run are used for: none is written that has another use.

use std::fs;
use std::path::{Path, PathBuf};

use piper_rs::fs::folder_of;

use super::destination::{Destination, OutputMode};
use super::text_target;
use crate::args::SpeakArgs;
use crate::terminal::report::UsageError;

/// Something that a run writes.
struct Written<'a> {
    /// The option, or what messages call the audio.
    name: &'static str,
    target: Target<'a>,
}

#[derive(Clone, Copy)]
enum Target<'a> {
    Stdout,
    /// The path as it was typed.
    File(&'a Path),
}

/// Fails if a file is written that is one of `inputs`, or if two things are written to one
/// file or to standard output. Opens nothing.
pub(crate) fn check<'a>(
    args: &SpeakArgs,
    output: &OutputMode,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<(), UsageError> {
    let inputs = inputs
        .into_iter()
        .filter_map(|path| Some((real(path)?, path)));
    let inputs: Vec<_> = inputs.collect();
    let written = written(args, output);
    for (n, own) in written.iter().enumerate() {
        let name = own.name;
        if let Target::File(path) = own.target
            && let Some(real) = real(path)
            && let Some((_, input)) = inputs.iter().find(|(input, _)| *input == real)
        {
            let path = input.display();
            return Err(UsageError(format!("{name} {path} is also an input file")));
        }
        let Some(other) = written[..n]
            .iter()
            .find(|other| own.target.is(other.target))
        else {
            continue;
        };
        let other = other.name;
        return Err(UsageError(match own.target {
            Target::Stdout => {
                let option = match name {
                    "--events" => "--events-file",
                    option => option,
                };
                format!(
                    "{other} and {name} cannot both use standard output: `{option} FILE` writes \
                     to a file or a named pipe"
                )
            }
            Target::File(path) => {
                let path = path.display();
                format!("{other} and {name} cannot both write to {path}")
            }
        }));
    }
    Ok(())
}

/// Returns all that a run writes. The audio is first: the others give way.
fn written<'a>(args: &'a SpeakArgs, output: &'a OutputMode) -> Vec<Written<'a>> {
    let audio = output.destinations().iter().filter_map(|one| match one {
        Destination::File(path, ..) => Some(("output", Target::File(path))),
        Destination::Stdout(_) => Some(("audio", Target::Stdout)),
        Destination::Device(_) => None,
    });
    let texts = [
        ("--srt", &args.subtitles.srt),
        ("--vtt", &args.subtitles.vtt),
        ("--timings", &args.timings.timings),
    ];
    let texts = texts.into_iter().filter_map(|(option, path)| {
        let path = path.as_deref()?;
        Some(match text_target::is_stdout(path) {
            true => (option, Target::Stdout),
            false => (option, Target::File(path)),
        })
    });
    let events = match (args.events.events, args.events.events_file.as_deref()) {
        (_, Some(file)) => Some(("--events-file", Target::File(file))),
        (Some(_), None) => Some(("--events", Target::Stdout)),
        (None, None) => None,
    };
    let bookmark = args.extent.bookmark.as_deref();
    let bookmark = bookmark.map(|path| ("--bookmark", Target::File(path)));
    let all = audio.chain(texts).chain(events).chain(bookmark);
    all.map(|(name, target)| Written { name, target }).collect()
}

impl Target<'_> {
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Stdout, Self::Stdout) => true,
            (Self::File(own), Self::File(other)) => {
                real(own).is_some_and(|own| real(other) == Some(own))
            }
            _ => false,
        }
    }
}

/// Returns the one path of a file, which need not exist. `None` for a pipe or a device:
/// what is written there replaces nothing.
fn real(path: &Path) -> Option<PathBuf> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => path.canonicalize().ok(),
        Ok(_) => None,
        Err(_) => {
            let folder = folder_of(path).canonicalize().ok()?;
            Some(folder.join(path.file_name()?))
        }
    }
}
