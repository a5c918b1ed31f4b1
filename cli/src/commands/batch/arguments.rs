//! What the command line asks of a batch.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::bail;
use piper_rs::CancelToken;
use piper_rs::audio::BufferPool;
use piper_rs::chunk::LineBreaks;
use piper_rs::voice::OptimizeFor;

use super::album::Album;
use super::freshness::Permission;
use super::grid::Grid;
use super::inputs::Inputs;
use super::join::Join;
use super::plan::PlanOptions;
use super::results::Results;
use super::template::Template;
use super::workers::OnFailure;
use super::{Batch, CHAPTER_PAUSE, Purpose, joined_format, journal, shard};
use crate::args::{BatchArgs, Shard, SplitArg};
use crate::commands::Context;
use crate::speech::cores::cores;
use crate::speech::engine_options::EngineOptions;
use crate::speech::output_format::OutputFormat;
use crate::speech::overrides::ConfiguredOverrides;
use crate::speech::parts::Parts;
use crate::speech::setting::seconds;
use crate::speech::settings::Settings;
use crate::speech::timed_format::TimedFormat;
use crate::terminal::report::UsageError;

impl Batch {
    pub(super) fn from_args(
        args: &BatchArgs,
        context: &Context,
        cancel: CancelToken,
        has_begun: Arc<AtomicBool>,
    ) -> anyhow::Result<Self> {
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
        let (title, author) = (output.title.clone(), output.author.clone());
        let album = Album { title, author };
        let mut join = None;
        if let Some(path) = &output.join {
            let pause = match (output.chapter_silence, args.input.split) {
                (Some(pause), _) => seconds("--chapter-silence", pause)?,
                (None, Some(SplitArg::Chapters)) => CHAPTER_PAUSE,
                (None, None) => {
                    // Each text reports that a voice is missing.
                    let voice = voice_folders.find(settings.voice.as_deref(), None);
                    let name = voice.map(|files| files.name()).unwrap_or_default();
                    settings.for_voice(&name).pauses().paragraph
                }
            };
            let format = joined_format::format_of_joined(path)?;
            let chapters = format.chapters(path, output.chapters)?;
            format.check(path, chapters, settings.format.bitrate)?;
            join = Some(Join {
                path: path.clone(),
                chapters,
                timed: TimedFormat::all(&output.timed),
                pause,
                format,
                bitrate: settings.format.bitrate,
            });
        }
        let purpose = match (args.jobs.dry_run, args.jobs.verify) {
            (true, _) => Purpose::List,
            (_, true) => Purpose::Verify,
            (false, false) => Purpose::Make,
        };
        let shard = args.jobs.shard.map(shard::from_arg).transpose()?;
        if let (Some(list), Some(shard), false) = (&output.results, shard, args.jobs.verify) {
            bail!(UsageError(format!(
                "{shard} makes only a part of the files for {}, and its list would replace those \
                 of the other parts; when all files are made, `--verify` with `--results`, and \
                 without `--shard`, lists them",
                list.display()
            )));
        }
        let mut reserved = reserved(args, shard, join.as_ref())?;
        let permission = Permission::of(output.overwrite, output.force);
        let results = output.results.clone().map(|path| Results {
            path,
            reserved: reserved.clone(),
            permission,
        });
        reserved.extend(output.results.clone());
        let parts = Parts::from_args(&args.parts, &voice_folders, &context.reporter)?;
        let engine = EngineOptions::from_args(&args.engine, settings.mode, environment);
        Ok(Self {
            inputs: Inputs::from_args(args, Arc::clone(&settings))?,
            options: PlanOptions {
                folder: output.output_dir.clone(),
                template,
                album,
                grid,
                timed: TimedFormat::all(&output.timed),
                permission,
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
            purpose,
            shard,
            events: args.jobs.events,
            stats: args.engine.stats,
            engine: engine.with_room_for_voices(parts.divides_texts() || args.may_have_ssml()),
            parts,
            pool: BufferPool::new(args.engine.pool_size),
            voice_folders,
            settings,
            libraries,
            reporter: Arc::clone(&context.reporter),
            cancel,
            has_begun,
        })
    }
}

/// Returns the settings of the command line.
pub(super) fn settings(
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
fn reserved(
    args: &BatchArgs,
    shard: Option<Shard>,
    join: Option<&Join>,
) -> anyhow::Result<Vec<PathBuf>> {
    let folder = &args.output.output_dir;
    let mut reserved = journal::paths(folder)?;
    reserved.push(journal::path(folder, shard));
    reserved.extend(args.paths.clone());
    reserved.extend(args.parts.cast.clone());
    reserved.extend(args.input.lines.clone());
    reserved.extend(args.input.manifest.clone());
    reserved.extend(join.into_iter().flat_map(Join::files));
    Ok(reserved)
}
