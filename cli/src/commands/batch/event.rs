//! `--events json`: one object per line on standard output for programs.

use std::path::Path;

use piper_rs::Result;
use serde::Serialize;

use super::item::Place;
use super::plan::Task;
use super::tally::Tally;
use crate::speech::stats::Stats;
use crate::terminal::stdout::print_json;

/// Something that happened. `item` counts from 1, over the whole input.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event<'a> {
    Start {
        #[serde(flatten)]
        subject: Subject<'a>,
    },
    Finish {
        #[serde(flatten)]
        subject: Subject<'a>,
        audio_seconds: f64,
        wall_seconds: f64,
        bytes: u64,
    },
    Skip {
        #[serde(flatten)]
        subject: Subject<'a>,
    },
    Fail {
        #[serde(flatten)]
        subject: Subject<'a>,
        error: String,
    },
    /// `--dry-run` only, in place of `Start`.
    Plan {
        #[serde(flatten)]
        subject: Subject<'a>,
        chars: u64,
        estimated_audio_seconds: f64,
        estimated_work_seconds: f64,
    },
    /// `--dry-run` only, in place of `Join`.
    PlanJoin {
        output: &'a Path,
        estimated_audio_seconds: f64,
    },
    Join(Joined<'a>),
    End {
        #[serde(flatten)]
        tally: &'a Tally,
        interrupted: bool,
        #[serde(flatten)]
        stats: &'a Stats,
    },
}

/// The file that `--join` asks for, as it was made or found.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Joined<'a> {
    pub(super) output: &'a Path,
    pub(super) parts: usize,
    pub(super) audio_seconds: f64,
    pub(super) skipped: bool,
}

/// The text that an event is about.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Subject<'a> {
    item: usize,
    file: &'a str,
    line: Option<u64>,
    id: Option<&'a str>,
    output: Option<&'a Path>,
    voice: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(place: &'a Place, task: &'a Task) -> Self {
        Self {
            item: task.n,
            file: &place.file,
            line: place.line,
            id: place.id.as_deref(),
            output: Some(&task.output),
            voice: task.settings.voice.as_deref(),
        }
    }

    /// Names a text that never became a task.
    pub(super) fn bad(place: &'a Place, n: usize) -> Self {
        Self {
            item: n,
            file: &place.file,
            line: place.line,
            id: place.id.as_deref(),
            output: None,
            voice: None,
        }
    }
}

impl Event<'_> {
    /// Writes the event as one line of JSON.
    pub(super) fn print(&self) -> Result<()> {
        print_json(self)
    }
}
