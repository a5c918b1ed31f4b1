//! `piper-rs batch`: many texts to WAV files.
//!
//! [`inputs`] lists the texts, [`plan`] decides about each of them before
//! anything is made, [`undertaking`] has files made of them by the threads of
//! [`work`], and [`join`] makes one of those. [`journal`] remembers, [`watch`]
//! tells.

mod bars;
mod chapters;
mod dry_run;
mod estimate;
mod event;
mod fingerprint;
mod inputs;
mod item;
mod join;
mod joint;
mod journal;
mod manifest;
mod name;
mod plan;
mod tally;
mod undertaking;
mod verdict;
mod voices;
mod watch;
mod work;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use piper_rs::CancelToken;
use piper_rs::audio::BufferPool;
use piper_rs::chunk::LineBreaks;
use piper_rs::voice::OptimizeFor;

use self::dry_run::DryRun;
use self::inputs::Inputs;
use self::join::Join;
use self::journal::{History, Journal};
use self::name::Template;
use self::plan::{Plan, PlanOptions};
use self::undertaking::Undertaking;
use self::verdict::Permission;
use self::voices::Voices;
use self::work::OnFailure;
use crate::args::{BatchArgs, EventsArg, StatsArg};
use crate::environment::Environment;
use crate::speech::engine::{EngineOptions, Libraries, cores};
use crate::speech::lexicon;
use crate::speech::settings::Settings;
use crate::terminal::report::{Outcome, Reporter, UsageError};

/// A batch: everything the command line says, nothing read yet.
pub(crate) struct Batch {
    inputs: Inputs,
    settings: Arc<Settings>,
    options: PlanOptions,
    join: Option<Join>,
    jobs: usize,
    on_failure: OnFailure,
    is_dry: bool,
    events: Option<EventsArg>,
    stats: Option<StatsArg>,
    engine: EngineOptions,
    pool: BufferPool,
    voice_folders: Vec<PathBuf>,
    libraries: Libraries,
    reporter: Arc<Reporter>,
    cancel: CancelToken,
}

impl Batch {
    pub(crate) fn from_args(
        args: &BatchArgs,
        libraries: Libraries,
        environment: &Environment,
        reporter: Arc<Reporter>,
        cancel: CancelToken,
    ) -> anyhow::Result<Self> {
        let settings = Arc::new(settings(args)?);
        lexicon::read(&args.style.lexicon.lexicon)?;
        let output = &args.output;
        let template = output.name.as_deref().map(Template::parse).transpose()?;
        let join = output.join.as_ref().map(|path| Join {
            path: path.clone(),
            chapters: output.chapters,
            pause: settings
                .for_voice(&settings.voice_name())
                .pauses()
                .paragraph,
        });
        Ok(Self {
            inputs: Inputs::from_args(args, Arc::clone(&settings))?,
            options: PlanOptions {
                folder: output.output_dir.clone(),
                template,
                permission: permission(output.overwrite, output.force),
                reserved: reserved(args, join.as_ref()),
                espeak: libraries
                    .espeak()
                    .map_or_else(|_| String::new(), |espeak| espeak.version().to_owned()),
            },
            join,
            jobs: args.work.jobs.unwrap_or_else(cores).max(1),
            on_failure: match args.work.fail_fast {
                true => OnFailure::Stop,
                false => OnFailure::GoOn,
            },
            is_dry: args.work.dry_run,
            events: args.work.events,
            stats: args.engine.stats,
            engine: EngineOptions::from_args(&args.engine, environment),
            pool: BufferPool::new(args.engine.pool_size),
            voice_folders: environment.voice_folders(&args.style.voice.data_dir),
            settings,
            libraries,
            reporter,
            cancel,
        })
    }

    pub(crate) fn run(&self, started: Instant) -> anyhow::Result<Outcome> {
        if self.is_dry {
            let history = History::read(&self.options.folder)?;
            let plan = self.plan(&history)?;
            let shown = self.dry_run(&history).show(&plan)?;
            self.refuse_join(&plan, &history)?;
            return Ok(shown);
        }
        let folder = &self.options.folder;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let (journal, history) = Journal::open(folder)?;
        let plan = self.plan(&history)?;
        self.refuse_join(&plan, &history)?;
        let undertaking = Undertaking {
            batch: self,
            plan: &plan,
            journal: &journal,
            history: &history,
            started,
        };
        undertaking.carry_out()
    }

    fn dry_run<'a>(&'a self, history: &'a History) -> DryRun<'a> {
        DryRun {
            history,
            join: self.join.as_ref(),
            jobs: self.jobs,
            events: self.events,
            reporter: &self.reporter,
        }
    }

    fn refuse_join(&self, plan: &Plan, history: &History) -> anyhow::Result<()> {
        match &self.join {
            Some(join) => join.refuse(plan, &self.options, history),
            None => Ok(()),
        }
    }

    fn plan(&self, history: &History) -> anyhow::Result<Plan> {
        let entries = self.inputs.entries(&self.reporter, &self.cancel)?;
        if entries.is_empty() {
            self.reporter.note("there is no text to make a file of");
        }
        let mut voices = Voices::new(&self.voice_folders);
        let items = entries.iter().filter_map(|entry| entry.item.as_ref().ok());
        // The command line's voice is everybody's matter.
        if items
            .into_iter()
            .any(|item| item.settings.voice == self.settings.voice)
        {
            voices.get(&self.settings)?;
        }
        Plan::new(entries, &self.options, &mut voices, history, &self.cancel)
    }
}

/// Returns the settings of the command line.
fn settings(args: &BatchArgs) -> Result<Settings, UsageError> {
    let mut settings = Settings::from_args(&args.style)?;
    settings.optimize_for = OptimizeFor::Throughput;
    settings.set_line_breaks(args.reading.line_breaks, LineBreaks::Auto);
    Ok(settings)
}

/// Lists the files that no text may become: what is read, and what is written
/// beside the outputs.
fn reserved(args: &BatchArgs, join: Option<&Join>) -> Vec<PathBuf> {
    let mut reserved = vec![args.output.output_dir.join(journal::NAME)];
    reserved.extend(args.input.lines.clone());
    reserved.extend(args.input.manifest.clone());
    reserved.extend(join.map(|join| join.path.clone()));
    reserved.extend(join.map(Join::list_path));
    reserved
}

fn permission(overwrite: bool, force: bool) -> Permission {
    match (overwrite, force) {
        (_, true) => Permission::Force,
        (true, false) => Permission::Overwrite,
        (false, false) => Permission::Keep,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::path::Path;

    use clap::Parser as _;
    use piper_rs::voice::content_hash::ContentHash;
    use piper_rs::voice::{VoiceConfig, VoiceFiles};

    use super::fingerprint::Fingerprint;
    use super::plan::Task;
    use super::voices::PlannedVoice;
    use crate::args::{Cli, Command};
    use crate::speech::source::Source;

    /// A text for the built-in voice that becomes `output`.
    pub(super) fn task(output: &Path) -> Task {
        let files = VoiceFiles::Builtin;
        let voice = PlannedVoice {
            config: VoiceConfig::of(&files).unwrap(),
            content: files.content_hash().unwrap(),
            canonical: files.canonical(),
            files,
        };
        Task {
            n: 1,
            text: Source::text("Hi.".to_owned()),
            settings: Arc::new(settings()),
            voice: Arc::new(voice),
            output: output.to_owned(),
            key: output.display().to_string(),
            title: "Hi".to_owned(),
            chars: 3,
            fingerprint: Fingerprint {
                current: ContentHash::of_parts([]),
                legacy: ContentHash::of_parts([]),
            },
        }
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
            Command::Batch(args) => super::settings(&args).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}
