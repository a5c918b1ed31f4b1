//! The format of the file that `--join` makes.

use std::ffi::OsStr;
use std::path::Path;

use piper_rs::encode::{Bitrate, Encoding, SoundFormat, Tags};
use piper_rs::fs::is_stream;

use super::m4b;
use crate::args::ChaptersArg;
use crate::speech::sound_format::{OutputUse, format_of};
use crate::terminal::report::UsageError;

/// A format of joined files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinedFormat {
    Sound(SoundFormat),
    /// An audiobook, which ffmpeg encodes.
    M4b,
}

/// How a joined file is encoded.
#[derive(Debug, Clone)]
pub(super) enum JoinedEncoding {
    Sound(Encoding),
    M4b {
        bitrate: Option<Bitrate>,
        tags: Tags,
    },
}

impl JoinedFormat {
    /// Returns the format of the list of chapters beside the file at `path`. Fails if it
    /// cannot be the `requested` one.
    pub(super) fn chapters(
        self,
        path: &Path,
        requested: Option<ChaptersArg>,
    ) -> Result<ChaptersArg, UsageError> {
        match (self, requested) {
            (Self::Sound(_), requested) => Ok(requested.unwrap_or(ChaptersArg::Cue)),
            (Self::M4b, None | Some(ChaptersArg::Ffmetadata)) => Ok(ChaptersArg::Ffmetadata),
            (Self::M4b, Some(ChaptersArg::Cue)) => Err(UsageError(format!(
                "{} has its chapters from `--chapters ffmetadata`: leave out `--chapters cue`",
                path.display()
            ))),
        }
    }

    /// Fails if this program or this system cannot write the file at `path`.
    pub(super) fn check(
        self,
        path: &Path,
        chapters: ChaptersArg,
        bitrate: Option<Bitrate>,
    ) -> anyhow::Result<()> {
        match self {
            Self::Sound(format) => Ok(format.check()?),
            Self::M4b => m4b::check(path, &chapters.path(path), bitrate),
        }
    }
}

/// Returns the format of the joined file at `path`. Fails if it cannot be one.
pub(super) fn format_of_joined(path: &Path) -> Result<JoinedFormat, UsageError> {
    if path.as_os_str() == "-" || path.starts_with("/dev") {
        return Err(UsageError(format!(
            "--join {} is not a file: it gets a list of chapters beside it",
            path.display()
        )));
    }
    let is_m4b = |ending: &OsStr| ending.eq_ignore_ascii_case("m4b");
    if !path.extension().is_some_and(is_m4b) {
        return format_of(path, None, OutputUse::Text).map(JoinedFormat::Sound);
    }
    match is_stream(path) {
        true => Err(UsageError(format!(
            "{} is not a file, and .m4b cannot be written to a pipe",
            path.display()
        ))),
        false => Ok(JoinedFormat::M4b),
    }
}
