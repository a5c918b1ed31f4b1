//! `--events json`: where events go, and what happens besides what is spoken.

use std::path::Path;

use piper_rs::Result;
use serde::Serialize;

use crate::args::{SpeakEventArgs, SpeakEventsArg};
use crate::speech::events::{EventOutput, Moment};
use crate::terminal::report::Outcome;

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

/// Opens what events go to, if they are requested.
pub(super) fn open_output(args: &SpeakEventArgs) -> Result<Option<EventOutput>> {
    let file = args.events_file.as_deref();
    match (args.events, file) {
        (None, None) => Ok(None),
        (Some(SpeakEventsArg::Json) | None, _) => EventOutput::open(file).map(Some),
    }
}
