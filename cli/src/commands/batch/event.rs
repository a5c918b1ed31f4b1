//! `--events json`: one JSON object per line on standard output, for programs.

use std::path::Path;

use serde::Serialize;

use super::entry::SourceLocation;
use super::plan::Task;
use crate::speech::events::SpokenJson;
use crate::speech::stats::Stats;

/// Something that happened.
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
    /// A fault that `--verify` has found.
    Fault {
        #[serde(flatten)]
        subject: Subject<'a>,
        fault: &'static str,
    },
    /// Replaces `Start` with `--dry-run`.
    Plan {
        #[serde(flatten)]
        subject: Subject<'a>,
        chars: u64,
        estimated_audio_seconds: f64,
        estimated_work_seconds: f64,
    },
    /// Replaces `Join` with `--dry-run`.
    PlanJoin {
        output: &'a Path,
        estimated_audio_seconds: f64,
    },
    Join(Joined<'a>),
    End {
        #[serde(flatten)]
        counts: &'a Counts,
        interrupted: bool,
        #[serde(flatten)]
        stats: &'a Stats,
    },
}

/// A sentence or a word of a text.
#[derive(Debug, Serialize)]
pub(super) struct SpokenOf<'a> {
    #[serde(flatten)]
    pub(super) spoken: SpokenJson<'a>,
    pub(super) item: usize,
    pub(super) id: Option<&'a str>,
}

/// The texts of a batch, counted by what became of them.
#[derive(Debug, Default, Clone, Serialize)]
pub(super) struct Counts {
    pub(super) done: u64,
    pub(super) skipped: u64,
    pub(super) failed: u64,
}

/// The file that `--join` makes.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Joined<'a> {
    pub(super) output: &'a Path,
    pub(super) parts: usize,
    pub(super) audio_seconds: f64,
    /// The file existed and was current.
    pub(super) skipped: bool,
}

/// The text that an event is about.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Subject<'a> {
    /// Counted from 1, over the whole input.
    item: usize,
    file: &'a str,
    line: Option<u64>,
    id: Option<&'a str>,
    output: Option<&'a Path>,
    voice: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(super) fn of(task: &'a Task) -> Self {
        Self {
            output: Some(&task.output),
            voice: task.settings.voice.as_deref(),
            ..Self::without_task(&task.location, task.n)
        }
    }

    /// Names another file of the text.
    pub(super) fn with_file(self, file: &'a Path) -> Self {
        Self {
            output: Some(file),
            ..self
        }
    }

    /// Names a text that failed before it had a task.
    pub(super) fn without_task(location: &'a SourceLocation, n: usize) -> Self {
        Self {
            item: n,
            file: &location.file,
            line: location.line,
            id: location.id.as_deref(),
            output: None,
            voice: None,
        }
    }
}
