//! `--events json`: where events go, and what happens besides what is spoken.

use std::path::Path;

use serde::Serialize;

use crate::args::{SpeakEventArgs, SpeakEventsArg};
use crate::speech::destination::{Destination, OutputMode};
use crate::speech::events::{EventOutput, Moment};
use crate::terminal::report::{Outcome, UsageError};

/// The start or the end of an output, or of the run.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event<'a> {
    Start {
        /// The file, if the output is one.
        output: Option<&'a Path>,
        sample_rate_hz: u32,
        /// When its sentences and words are reported.
        when: Moment,
    },
    Finish {
        output: Option<&'a Path>,
        /// What was written or, if somebody listens, heard.
        audio_seconds: f64,
    },
    End {
        interrupted: bool,
        failed: bool,
    },
}

impl Event<'_> {
    /// Returns the last event of a run.
    pub(super) fn of_end(outcome: &anyhow::Result<Outcome>) -> Self {
        let reached = match outcome {
            Ok(outcome) => *outcome,
            Err(error) => Outcome::of(error),
        };
        Self::End {
            interrupted: reached == Outcome::Interrupted,
            failed: !matches!(reached, Outcome::Done | Outcome::Interrupted),
        }
    }
}

/// Opens what events go to, if they are requested: not what audio goes to, and none of
/// the files that are read.
pub(super) fn open_output<'a>(
    args: &SpeakEventArgs,
    output: &OutputMode,
    mut inputs: impl Iterator<Item = &'a Path>,
) -> anyhow::Result<Option<EventOutput>> {
    let file = match (args.events, args.events_file.as_deref()) {
        (None, None) => return Ok(None),
        (Some(SpeakEventsArg::Json) | None, Some(file)) => file,
        (Some(SpeakEventsArg::Json), None) if output.uses_stdout() => {
            let message = "--events and audio cannot both use standard output: write events to a \
                           file or a named pipe with `--events-file FILE`, or audio to one with \
                           `-o FILE`";
            return Err(UsageError(message.to_owned()).into());
        }
        (Some(SpeakEventsArg::Json), None) => return Ok(Some(EventOutput::open(None)?)),
    };
    let real = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
    let is_same =
        |path: &Path| path == file || real(path).is_some_and(|path| Some(path) == real(file));
    let mut outputs = output.destinations().iter().filter_map(Destination::file);
    let use_of_it = match outputs.any(|output| is_same(&output)) {
        true => Some("output"),
        false => inputs.any(is_same).then_some("input"),
    };
    if let Some(use_of_it) = use_of_it {
        let message = format!("{} is also an {use_of_it} file", file.display());
        return Err(UsageError(message).into());
    }
    Ok(Some(EventOutput::open(Some(file))?))
}
