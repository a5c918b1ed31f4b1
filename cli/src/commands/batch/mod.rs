//! `piper-rs batch`: many texts to sound files.
//!
//! [`inputs`] finds the texts, [`plan`] decides about each of them before any
//! file is made, [`run`] makes the files with its [`workers`], and [`mod@join`]
//! joins them. The [`journal`] remembers what was made; [`progress`] reports.

mod album;
mod attachment;
mod book;
mod chapters;
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
mod journal;
mod m4b;
mod manifest;
mod outside;
mod part_hash;
mod plan;
mod progress;
mod results;
mod run;
mod sidecar;
mod template;
mod used_ids;
mod voices;
mod workers;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use piper_rs::CancelToken;
use piper_rs::audio::BufferPool;
use piper_rs::chunk::LineBreaks;
use piper_rs::voice::OptimizeFor;

use self::album::Album;
use self::dry_run::DryRun;
use self::entry::Entry;
use self::estimate::Estimator;
use self::freshness::Permission;
use self::grid::Grid;
use self::inputs::{Entries, Inputs};
use self::join::Join;
use self::journal::{History, Journal};
use self::plan::{Plan, PlanOptions, Planner};
use self::results::Results;
use self::run::BatchRun;
use self::template::Template;
use self::voices::Voices;
use self::workers::OnFailure;
use crate::args::{BatchArgs, EventsArg, SplitArg, StatsArg};
use crate::commands::Context;
use crate::environment::VoiceFolders;
use crate::speech::engine::{EngineOptions, cores};
use crate::speech::libraries::Libraries;
use crate::speech::output_format::OutputFormat;
use crate::speech::overrides::ConfiguredOverrides;
use crate::speech::parts::Parts;
use crate::speech::setting::seconds;
use crate::speech::settings::Settings;
use crate::speech::subtitles;
use crate::terminal::quantity::count;
use crate::terminal::report::{Outcome, Reporter, UsageError};
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
    is_dry: bool,
    events: Option<EventsArg>,
    stats: Option<StatsArg>,
    engine: EngineOptions,
    pool: BufferPool,
    voice_folders: VoiceFolders,
    libraries: Libraries,
    reporter: Arc<Reporter>,
    cancel: CancelToken,
}

/// Runs the command.
pub(crate) fn batch(args: &BatchArgs, context: &Context) -> anyhow::Result<Outcome> {
    let cancel = CancelToken::new();
    signals::cancel_on_signal(cancel.clone(), || false)?;
    Batch::from_args(args, context, cancel)?.run(context.started)
}

impl Batch {
    fn from_args(args: &BatchArgs, context: &Context, cancel: CancelToken) -> anyhow::Result<Self> {
        let (libraries, environment) = (context.libraries.clone(), &context.environment);
        let (grid, speech) = Grid::take_from(args)?;
        let args = &BatchArgs {
            speech,
            ..args.clone()
        };
        let settings = Arc::new(settings(args, &context.config.overrides)?);
        let output = &args.output;
        let template = output.name.as_deref().map(Template::parse).transpose()?;
        let voice_folders = environment.voice_folders(&args.speech.voice.data_dir);
        let chapter_pause = match (output.chapter_silence, args.input.split) {
            (Some(pause), _) => seconds("--chapter-silence", pause)?,
            (None, Some(SplitArg::Chapters)) => CHAPTER_PAUSE,
            (None, None) => {
                // Each text reports that a voice is missing.
                let voice = voice_folders.find(settings.voice.as_deref(), None);
                let name = voice.map(|files| files.name()).unwrap_or_default();
                settings.for_voice(&name).pauses().paragraph
            }
        };
        let (title, author) = (output.title.clone(), output.author.clone());
        let album = Album { title, author };
        let mut join = None;
        if let Some(path) = &output.join {
            let format = joined_format::format_of_joined(path)?;
            let chapters = format.chapters(path, output.chapters)?;
            format.check(path, chapters, settings.format.bitrate)?;
            join = Some(Join {
                path: path.clone(),
                chapters,
                subtitles: subtitles::formats(&output.subtitles),
                pause: chapter_pause,
                format,
                bitrate: settings.format.bitrate,
                album: album.clone(),
            });
        }
        let mut reserved = reserved(args, join.as_ref());
        let results = output.results.clone().map(|path| Results {
            path,
            reserved: reserved.clone(),
        });
        reserved.extend(output.results.clone());
        let parts = Parts::from_args(&args.parts, &voice_folders, &context.reporter)?;
        let engine = EngineOptions::from_args(&args.engine, environment);
        Ok(Self {
            inputs: Inputs::from_args(args, Arc::clone(&settings))?,
            options: PlanOptions {
                folder: output.output_dir.clone(),
                template,
                album,
                grid,
                subtitles: subtitles::formats(&output.subtitles),
                permission: Permission::of(output.overwrite, output.force),
                reserved,
                espeak_ng_version: libraries
                    .espeak()
                    .map_or_else(|_| String::new(), |espeak| espeak.version().to_owned()),
            },
            join,
            has_chapter_silence: output.chapter_silence.is_some(),
            results,
            jobs: args.jobs.jobs.unwrap_or_else(cores).max(1),
            on_failure: match args.jobs.fail_fast {
                true => OnFailure::Stop,
                false => OnFailure::Continue,
            },
            is_dry: args.jobs.dry_run,
            events: args.jobs.events,
            stats: args.engine.stats,
            engine: engine.with_room_for_parts(parts.divides_texts() || args.may_have_ssml()),
            parts,
            pool: BufferPool::new(args.engine.pool_size),
            voice_folders,
            settings,
            libraries,
            reporter: Arc::clone(&context.reporter),
            cancel,
        })
    }

    /// Runs the batch, or lists its plan. `started` is the start of the
    /// program.
    fn run(mut self, started: Instant) -> anyhow::Result<Outcome> {
        let entries = self.inputs.entries(&self.reporter, &self.cancel)?;
        self.complete_album(&entries);
        if self.is_dry {
            return self.dry_run(entries.all);
        }
        let folder = &self.options.folder;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let (journal, history) = Journal::open(folder)?;
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
        let history = History::read(&self.options.folder)?;
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
            cancel: &self.cancel,
        };
        let plan = planner.plan(entries)?;
        outside::note(&plan, &self.options.folder, &self.reporter);
        Ok(plan)
    }
}

/// Returns the settings of the command line.
fn settings(
    args: &BatchArgs,
    configured: &Arc<ConfiguredOverrides>,
) -> Result<Settings, UsageError> {
    let mut settings = Settings::from_args(&args.speech, configured)?;
    settings.optimize_for = OptimizeFor::Throughput;
    settings.format = OutputFormat::from_args(&args.output.format);
    settings.set_line_breaks(args.reading.line_breaks, LineBreaks::Auto);
    Ok(settings)
}

/// Returns the files that no output may replace: the inputs that are named, the
/// lists that are read, and the other files that are written.
fn reserved(args: &BatchArgs, join: Option<&Join>) -> Vec<PathBuf> {
    let mut reserved = vec![args.output.output_dir.join(journal::NAME)];
    reserved.extend(args.paths.clone());
    reserved.extend(args.parts.cast.clone());
    reserved.extend(args.input.lines.clone());
    reserved.extend(args.input.manifest.clone());
    reserved.extend(join.map(|join| join.path.clone()));
    reserved.extend(join.into_iter().flat_map(Join::attached));
    reserved
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
            Command::Batch(args) => super::settings(&args, &Arc::default()).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}
