//! `piper-rs batch`: many texts to sound files.
//!
//! [`inputs`] finds the texts. The [`survey`] reads them all and decides their names
//! before any file is made. The [`planner`] decides what to do about each of them, some
//! thousand at a time, [`run`] makes the files with its [`workers`], and [`mod@join`]
//! joins them. The [`journal`] remembers what was made; [`progress`] reports.

mod album;
mod arguments;
mod attachment;
mod book;
mod chapters;
mod contents;
mod document_chapters;
mod draft;
mod dry_run;
mod entries;
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
mod names;
mod outside;
mod part_hash;
mod plan;
mod planner;
mod progress;
mod results;
mod run;
mod shard;
mod sidecar;
mod survey;
mod template;
mod tidy_folders;
mod verify;
mod voices;
mod workers;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use piper_rs::CancelToken;
use piper_rs::audio::BufferPool;

use self::draft::Naming;
use self::dry_run::DryRun;
use self::entries::Entries;
use self::estimate::Estimator;
use self::inputs::Inputs;
use self::join::Join;
use self::journal::{History, Journal};
use self::plan::{Plan, PlanOptions};
use self::planner::Planner;
use self::results::{Results, ResultsList};
use self::run::BatchRun;
use self::survey::Survey;
use self::verify::Verification;
use self::voices::Voices;
use self::workers::OnFailure;
use crate::args::{BatchArgs, EventsArg, Shard, StatsArg};
use crate::commands::Context;
use crate::environment::VoiceFolders;
use crate::speech::engine_options::EngineOptions;
use crate::speech::libraries::Libraries;
use crate::speech::parts::Parts;
use crate::speech::settings::Settings;
use crate::terminal::quantity::count;
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::signals;

/// The most files that are planned at a time: 2 kB of memory each, and minutes of work.
const MAX_PLANNED: usize = 10_000;

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
    /// Whether a voice is loaded or files are joined. Before, a signal ends the run at
    /// once, even while another process prepares its voice.
    has_begun: Arc<AtomicBool>,
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
    let (cancel, has_begun) = (CancelToken::new(), Arc::<AtomicBool>::default());
    let begun = Arc::clone(&has_begun);
    signals::cancel_on_signal(cancel.clone(), move || !begun.load(Ordering::SeqCst))?;
    Batch::from_args(args, context, cancel, has_begun)?.run(context.started)
}

impl Batch {
    /// Runs the batch, lists its plan, or verifies its files. `started` is the start of
    /// the program.
    fn run(mut self, started: Instant) -> anyhow::Result<Outcome> {
        let entries = self.inputs.entries(&self.reporter, &self.cancel)?;
        self.complete_album(&entries);
        match self.purpose {
            Purpose::Make => self.make(&entries, started),
            Purpose::List => self.dry_run(&entries),
            Purpose::Verify => self.verify(&entries),
        }
    }

    /// Takes from a single document what the command line does not say of the whole.
    fn complete_album(&mut self, entries: &Entries) {
        let [document] = entries.documents.as_slice() else {
            return;
        };
        let album = &mut self.options.album;
        album.title = album.title.take().or_else(|| document.title.clone());
        album.author = album.author.take().or_else(|| document.author.clone());
        if let Some(join) = &mut self.join
            && !self.has_chapter_silence
            && entries.kept.len() > 1
        {
            join.pause = CHAPTER_PAUSE;
        }
    }

    fn make(&self, entries: &Entries, started: Instant) -> anyhow::Result<Outcome> {
        let folder = &self.options.folder;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let (journal, history) = Journal::open(folder, self.shard)?;
        self.note_damage(&history);
        let mut planner = self.planner(Some(&history))?;
        let survey = self.survey(&mut planner, entries)?;
        let mut run = BatchRun::new(self, &survey, &journal, &history, started);
        let result = self.for_each_plan(&mut planner, entries, &survey, &mut |plan| {
            self.check_join(plan, &history)?;
            run.make(plan)
        });
        run.end(result)
    }

    fn dry_run(&self, entries: &Entries) -> anyhow::Result<Outcome> {
        let history = History::read(&self.options.folder, self.shard)?;
        self.note_damage(&history);
        let mut planner = self.planner(Some(&history))?;
        let survey = self.survey(&mut planner, entries)?;
        let mut dry_run = DryRun {
            estimator: Estimator::new(history.speaking_rates()),
            jobs: self.jobs,
            events: self.events,
            reporter: &self.reporter,
            totals: Default::default(),
        };
        let mut joined = Ok(());
        self.for_each_plan(&mut planner, entries, &survey, &mut |plan| {
            dry_run.print(plan)?;
            if let Some(join) = &self.join {
                let length = join.expected_length(plan, &history);
                dry_run.print_joined(&join.path, length)?;
            }
            joined = self.check_join(plan, &history);
            Ok(())
        })?;
        let outcome = dry_run.end();
        joined.map(|()| outcome)
    }

    fn verify(&self, entries: &Entries) -> anyhow::Result<Outcome> {
        let history = History::read(&self.options.folder, self.shard)?;
        self.note_damage(&history);
        let mut planner = self.planner(None)?;
        let survey = self.survey(&mut planner, entries)?;
        let mut verification = Verification {
            history: &history,
            events: self.events,
            reporter: &self.reporter,
            has_texts: survey.texts > 0,
            found: Default::default(),
        };
        let mut list = self.results.as_ref().map(Results::begin);
        self.for_each_plan(&mut planner, entries, &survey, &mut |plan| {
            verification.check(plan)?;
            match &mut list {
                Some(list) => list.add(plan, &[&history]),
                None => Ok(()),
            }
        })?;
        list.map_or(Ok(()), ResultsList::finish)?;
        Ok(verification.end())
    }

    /// Tells which journals have damaged lines, which count as if they were not there.
    fn note_damage(&self, history: &History) {
        for (journal, lines) in history.damaged_lines() {
            self.reporter.note(&format!(
                "{}: ignored {}; a file that no other line names counts as not made by this batch",
                journal.display(),
                count(*lines, "damaged line"),
            ));
        }
    }

    fn planner<'a>(&'a self, history: Option<&'a History>) -> anyhow::Result<Planner<'a>> {
        let shards = match (self.shard, self.purpose) {
            (Some(shard), _) => Some(shard.count),
            (None, Purpose::Verify) => journal::only_division(&self.options.folder)?,
            (None, Purpose::Make | Purpose::List) => None,
        };
        Ok(Planner {
            naming: Naming {
                options: &self.options,
                shards,
            },
            voices: Voices::new(&self.voice_folders),
            history,
            parts: &self.parts,
            shard: self.shard,
            cancel: &self.cancel,
        })
    }

    /// Plans the files of this run, and calls `each` with one plan after the other: a
    /// batch may be larger than the memory.
    fn for_each_plan(
        &self,
        planner: &mut Planner<'_>,
        entries: &Entries,
        survey: &Survey,
        each: &mut dyn FnMut(&Plan) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let most = match self.join {
            Some(_) => usize::MAX,
            None => MAX_PLANNED,
        };
        let (mut plan, mut texts, mut plans) = (Plan { items: Vec::new() }, 0, 0);
        self.inputs
            .for_each(entries, &self.reporter, &self.cancel, &mut |n, entry| {
                texts = n;
                if !survey.has_own(n) {
                    return Ok(());
                }
                let failed = survey.failed.get(&n).cloned();
                planner.plan(n, entry, failed, &mut |item| {
                    plan.items.push(item);
                    if plan.items.len() >= most {
                        each(&plan)?;
                        plans += 1;
                        plan.items.clear();
                    }
                    Ok(())
                })
            })?;
        if texts != survey.texts {
            bail!("the input was changed while it was read");
        }
        match plans > 0 && plan.items.is_empty() {
            true => Ok(()),
            false => each(&plan),
        }
    }

    fn check_join(&self, plan: &Plan, history: &History) -> anyhow::Result<()> {
        match &self.join {
            Some(join) => join.check(plan, &self.options, history),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::OnceLock;

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

    /// The built-in voice, with another config.
    pub(super) fn voice(config: VoiceConfig) -> PlannedVoice {
        let files = VoiceFiles::Builtin;
        PlannedVoice {
            config,
            content_hash: files.content_hash().unwrap(),
            canonical: files.canonical(),
            grid_speakers: OnceLock::new(),
            files,
        }
    }

    /// The task of a text whose file is `output`, for the built-in voice.
    pub(super) fn task(output: &Path) -> Task {
        let voice = voice(VoiceConfig::of(&VoiceFiles::Builtin).unwrap());
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
