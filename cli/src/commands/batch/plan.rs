//! The plan of a batch: what is decided about every text before any file is
//! made.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use piper_rs::encode::Encoding;
use piper_rs::sink::file::ExistingFile;

use super::album::Album;
use super::entry::SourceLocation;
use super::fingerprint::Fingerprint;
use super::freshness::{JournalState, Permission};
use super::grid::Grid;
use super::sidecar::Sidecar;
use super::template::Template;
use super::voices::PlannedVoice;
use crate::speech::settings::Settings;
use crate::speech::source::Source;
use crate::speech::timed_format::TimedFormat;

/// How outputs are named and what they may replace.
pub(super) struct PlanOptions {
    /// The output folder.
    pub(super) folder: PathBuf,
    pub(super) template: Option<Template>,
    pub(super) album: Album,
    pub(super) grid: Grid,
    /// The subtitles and times that each text gets.
    pub(super) timed: Vec<TimedFormat>,
    pub(super) permission: Permission,
    /// Files that no output may replace, besides the inputs.
    pub(super) reserved: Vec<PathBuf>,
    /// Part of the fingerprints: it decides how words are pronounced.
    pub(super) espeak_ng_version: String,
}

/// The texts of a batch in the order of the input.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) items: Vec<PlanItem>,
}

/// What to do with a text.
#[derive(Debug)]
pub(super) enum PlanItem {
    Make(Task),
    /// The file exists and is current.
    Skip(Task, JournalState),
    Fail(FailedText),
    /// The file is not compared with what would be made.
    Undecided(Task),
}

/// A text that cannot be spoken.
#[derive(Debug)]
pub(super) struct FailedText {
    /// Counted as [`Task::n`].
    pub(super) n: usize,
    pub(super) location: SourceLocation,
    pub(super) error: Arc<anyhow::Error>,
}

/// A text, and everything that is needed to make its file.
#[derive(Debug, Clone)]
pub(super) struct Task {
    /// The number of its text, counted from 1 over the whole input.
    pub(super) n: usize,
    /// The number of its reading among those that differ by the seed.
    pub(super) take: u32,
    pub(super) location: SourceLocation,
    pub(super) source: Source,
    /// Resolved for the voice.
    pub(super) settings: Arc<Settings>,
    /// The same, not resolved: its parts may have other voices.
    pub(super) part_settings: Arc<Settings>,
    pub(super) voice: Arc<PlannedVoice>,
    pub(super) output: PathBuf,
    /// The output's key in the journal.
    pub(super) key: String,
    pub(super) encoding: Encoding,
    /// The subtitles and times beside it.
    pub(super) sidecars: Vec<Sidecar>,
    /// The seed of the audio that exists, if it is current. If only sidecars are missing,
    /// it sounds the same when it is spoken again.
    pub(super) existing_seed: Option<u64>,
    /// Whether the files may replace others.
    pub(super) existing_file: ExistingFile,
    /// The title of its chapter in a joined file.
    pub(super) title: String,
    pub(super) chars: u64,
    pub(super) fingerprint: Fingerprint,
}

impl PlanItem {
    /// Returns the task, unless the text has failed.
    pub(super) fn task(&self) -> Option<&Task> {
        match self {
            Self::Make(task) | Self::Skip(task, _) | Self::Undecided(task) => Some(task),
            Self::Fail(_) => None,
        }
    }
}

impl Plan {
    /// Returns the tasks of all files, those that exist included.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.items.iter().filter_map(PlanItem::task)
    }

    /// Returns the tasks whose files must be made, grouped by voice so that
    /// few voices are loaded at a time. Voices are in the order of their first
    /// texts.
    pub(super) fn work(&self) -> Vec<&Task> {
        let mut ranks = HashMap::new();
        let mut work: Vec<_> = (self.items.iter())
            .filter_map(|item| match item {
                PlanItem::Make(task) => Some(task),
                PlanItem::Skip(..) | PlanItem::Fail(_) | PlanItem::Undecided(_) => None,
            })
            .collect();
        for task in &work {
            let next = ranks.len();
            ranks.entry(&task.voice.canonical).or_insert(next);
        }
        // A stable sort: texts of one voice stay in their order.
        work.sort_by_key(|task| ranks[&task.voice.canonical]);
        work
    }
}
