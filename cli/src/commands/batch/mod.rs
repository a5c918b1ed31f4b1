//! `piper-rs batch`: many texts to sound files.
//!
//! [`inputs`] finds the texts, the [`planner`] decides about each of them before any
//! file is made, [`run`] makes the files with its [`workers`], and [`mod@join`]
//! joins them. The [`journal`] remembers what was made; [`progress`] reports.

mod album;
mod arguments;
mod attachment;
mod book;
mod chapters;
mod collisions;
mod contents;
mod document_chapters;
mod dry_run;
mod entry;
mod estimate;
mod event;
mod fingerprint;
mod freshness;
mod grid;
mod headings;
mod inputs;
mod join;
mod joined_file;
mod joined_format;
mod joined_subtitles;
mod joined_timings;
mod journal;
mod m4b;
mod manifest;
mod outside;
mod part_hash;
mod plan;
mod planner;
mod progress;
mod results;
mod run;
mod shard;
mod sidecar;
mod template;
mod used_ids;
mod verify;
mod voices;
mod workers;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use piper_rs::CancelToken;
use piper_rs::audio::BufferPool;

use self::dry_run::DryRun;
use self::entry::Entry;
use self::estimate::Estimator;
use self::inputs::{Entries, Inputs};
use self::join::Join;
use self::journal::{History, Journal};
use self::plan::{Plan, PlanOptions};
use self::planner::Planner;
use self::results::Results;
use self::run::BatchRun;
use self::shard::Shard;
use self::verify::Verification;
use self::voices::Voices;
use self::workers::OnFailure;
use crate::args::{BatchArgs, EventsArg, StatsArg};
use crate::commands::Context;
use crate::environment::VoiceFolders;
use crate::speech::engine::EngineOptions;
use crate::speech::libraries::Libraries;
use crate::speech::parts::Parts;
use crate::speech::settings::Settings;
use crate::terminal::quantity::count;
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::signals;

/// Between the chapters of a book.
const CHAPTER_PAUSE: Duration = Duration::from_secs(2);

/// A batch as the command line describes it. No input is read yet.
pub(crate) struct Batch {
    inputs: Inputs,
    settings: Arc<Settings>,
    parts: Parts,
    options: PlanOptions,
    join: Option<Join>,
    /// Whether `--chapter-silence` sets the pause between the joined texts.
    has_chapter_silence: bool,
    results: Option<Results>,
    jobs: usize,
    on_failure: OnFailure,
    /// The part of the batch to make; `None` for all of it.
    shard: Option<Shard>,
    purpose: Purpose,
    events: Option<EventsArg>,
    stats: Option<StatsArg>,
    engine: EngineOptions,
    pool: BufferPool,
    voice_folders: VoiceFolders,
    libraries: Libraries,
    reporter: Arc<Reporter>,
    cancel: CancelToken,
}

/// What becomes of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Make,
    /// `--dry-run`.
    List,
    /// `--verify`.
    Verify,
}

/// Runs the command.
pub(crate) fn batch(args: &BatchArgs, context: &Context) -> anyhow::Result<Outcome> {
    let cancel = CancelToken::new();
    signals::cancel_on_signal(cancel.clone(), || false)?;
    Batch::from_args(args, context, cancel)?.run(context.started)
}

impl Batch {
    /// Runs the batch, or lists its plan. `started` is the start of the
    /// program.
    fn run(mut self, started: Instant) -> anyhow::Result<Outcome> {
        let entries = self.inputs.entries(&self.reporter, &self.cancel)?;
        self.complete_album(&entries);
        match self.purpose {
            Purpose::Make => {}
            Purpose::List => return self.dry_run(entries.all),
            Purpose::Verify => return self.verify(entries.all),
        }
        let folder = &self.options.folder;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let (journal, history) = Journal::open(folder, self.shard)?;
        let plan = self.plan(entries.all, &history)?;
        self.check_join(&plan, &history)?;
        self.check_results(&plan)?;
        let run = BatchRun {
            batch: &self,
            plan: &plan,
            journal: &journal,
            history: &history,
            started,
        };
        run.execute()
    }

    /// Takes from a single document what the command line does not say of the whole.
    fn complete_album(&mut self, entries: &Entries) {
        let [document] = entries.documents.as_slice() else {
            return;
        };
        let album = &mut self.options.album;
        album.title = album.title.take().or_else(|| document.title.clone());
        album.author = album.author.take().or_else(|| document.author.clone());
        if let Some(join) = &mut self.join {
            join.album = album.clone();
            if !self.has_chapter_silence && entries.all.len() > 1 {
                join.pause = CHAPTER_PAUSE;
            }
        }
    }

    fn dry_run(&self, entries: Vec<Entry>) -> anyhow::Result<Outcome> {
        let history = History::read(&self.options.folder, self.shard)?;
        let plan = self.plan(entries, &history)?;
        let joined = self.join.as_ref().map(|join| {
            let length = join.expected_length(&plan, &history);
            (join.path.as_path(), length)
        });
        let dry_run = DryRun {
            plan: &plan,
            estimator: Estimator::new(history.speaking_rates()),
            joined,
            jobs: self.jobs,
            events: self.events,
            reporter: &self.reporter,
        };
        let outcome = dry_run.print()?;
        self.check_join(&plan, &history)?;
        self.check_results(&plan)?;
        Ok(outcome)
    }

    fn verify(&self, entries: Vec<Entry>) -> anyhow::Result<Outcome> {
        let history = History::read(&self.options.folder, None)?;
        let plan = self.plan(entries, &history)?;
        self.check_results(&plan)?;
        let verification = Verification {
            plan: &plan,
            history: &history,
            events: self.events,
            reporter: &self.reporter,
        };
        let outcome = verification.print()?;
        if let Some(results) = &self.results {
            results.write(&plan, &history)?;
        }
        Ok(outcome)
    }

    fn check_results(&self, plan: &Plan) -> anyhow::Result<()> {
        match &self.results {
            Some(results) => results.check(plan, &self.options),
            None => Ok(()),
        }
    }

    fn check_join(&self, plan: &Plan, history: &History) -> anyhow::Result<()> {
        match &self.join {
            Some(join) => join.check(plan, &self.options, history),
            None => Ok(()),
        }
    }

    fn plan(&self, entries: Vec<Entry>, history: &History) -> anyhow::Result<Plan> {
        if entries.is_empty() {
            self.reporter.note("the input contains no texts");
        }
        let mut voices = Voices::new(&self.voice_folders);
        let mut texts = entries.iter().filter_map(|entry| entry.text.as_ref().ok());
        // If the command line's voice is missing, that is one error for all, and
        // an error even without texts.
        if entries.is_empty() || texts.any(|text| text.settings.voice == self.settings.voice) {
            let voice = voices.get(&self.settings)?;
            self.options.grid.check(entries.len(), &voice.config)?;
            if let Some(summary) = self.options.grid.summary(&voice.config) {
                let texts = count(entries.len() as u64, "text");
                self.reporter.note(&format!("{texts} × {summary}"));
            }
            let settings = self.settings.for_voice(&voice.files.name());
            let speaker = settings.overrides.speaker.as_ref();
            voice.config.speaker_id(speaker)?;
            if self
                .options
                .grid
                .takes_are_alike(&settings.scales(&voice.config))
            {
                self.reporter.note(
                    "all takes of a text will be the same: the voice speaks without noise; \
                     --noise-scale and --noise-w above 0 make them differ",
                );
            }
        }
        let planner = Planner {
            options: &self.options,
            voices,
            history,
            parts: &self.parts,
            shard: self.shard,
            cancel: &self.cancel,
        };
        let plan = planner.plan(entries)?;
        outside::note(&plan, &self.options.folder, &self.reporter);
        Ok(plan)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::path::Path;

    use clap::Parser as _;
    use piper_rs::encode::Encoding;
    use piper_rs::sink::file::ExistingFile;
    use piper_rs::voice::content_hash::ContentHash;
    use piper_rs::voice::{VoiceConfig, VoiceFiles};

    use super::entry::SourceLocation;
    use super::fingerprint::Fingerprint;
    use super::plan::Task;
    use super::voices::PlannedVoice;
    use crate::args::{Cli, Command};
    use crate::environment::VoiceFolders;
    use crate::speech::source::Source;
    use crate::terminal::report::Verbosity;

    /// The task of a text whose file is `output`, for the built-in voice.
    pub(super) fn task(output: &Path) -> Task {
        let files = VoiceFiles::Builtin;
        let voice = PlannedVoice {
            config: VoiceConfig::of(&files).unwrap(),
            content_hash: files.content_hash().unwrap(),
            canonical: files.canonical(),
            files,
        };
        Task {
            n: 1,
            take: 1,
            location: SourceLocation::line("list", 1),
            source: Source::text("Hi.".to_owned()),
            settings: Arc::new(settings()),
            part_settings: Arc::new(settings()),
            voice: Arc::new(voice),
            output: output.to_owned(),
            key: output.display().to_string(),
            encoding: Encoding::default(),
            sidecars: Vec::new(),
            existing_seed: None,
            existing_file: ExistingFile::Refuse,
            title: "Hi".to_owned(),
            chars: 3,
            fingerprint: Fingerprint {
                current: ContentHash::of_parts([]),
                legacy: ContentHash::of_parts([]),
            },
        }
    }

    /// Texts that are one part each.
    pub(super) fn no_parts() -> Parts {
        let reporter = Arc::new(Reporter::new(Verbosity::Quiet));
        Parts::none(&VoiceFolders::new(vec![], None), &reporter)
    }

    /// The settings of a command line without flags.
    pub(crate) fn settings() -> Settings {
        settings_with(&[])
    }

    /// The settings of a command line with `flags`.
    pub(super) fn settings_with(flags: &[&str]) -> Settings {
        let line = ["piper-rs", "batch", "-d", "out", "x"];
        let cli = Cli::try_parse_from(line.iter().chain(flags)).unwrap();
        match cli.command {
            Command::Batch(args) => super::arguments::settings(&args, &Arc::default()).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}
