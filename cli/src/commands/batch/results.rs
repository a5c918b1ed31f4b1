//! `--results`: the list of the finished files, as JSON lines, for programs that
//! use them as data.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use piper_rs::audio::duration_of;
use piper_rs::encode::length_of;
use piper_rs::fs::{is_stream, write_atomic};
use serde::{Deserialize, Serialize};

use super::freshness::Permission;
use super::journal::History;
use super::plan::{Plan, PlanOptions, Task};
use super::template::collision_key;
use crate::speech::settings::MAX_JSON_INTEGER;
use crate::speech::source::Source;
use crate::terminal::report::UsageError;

/// A longer text is named and not copied.
const MAX_TEXT_BYTES: usize = 16 * 1024;

/// What `--results` asks for.
#[derive(Debug, Clone)]
pub(super) struct Results {
    pub(super) path: PathBuf,
    /// Files that the batch itself reads or writes, besides the texts and their
    /// outputs.
    pub(super) reserved: Vec<PathBuf>,
    pub(super) permission: Permission,
}

/// A line of the list. The names are a file format.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: Cow<'a, Path>,
    /// `null` if it is long; then `text_file` has it.
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_file: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    voice: String,
    /// As it was chosen: a name or an id. `null` if the voice has only one.
    speaker: Option<String>,
    speaker_id: Option<i64>,
    speed: f32,
    length_scale: f32,
    noise_scale: f32,
    noise_w: f32,
    /// `null` if an older version of the program spoke it.
    seed: Option<u64>,
    take: u32,
    seconds: f64,
    rate: u32,
    bytes: u64,
    /// `null` if an older version of the program spoke it, as the next ones.
    cpu_seconds: Option<f32>,
    /// The kind of processor.
    machine: Option<&'a str>,
    /// The name of the processor.
    cpu: Option<&'a str>,
}

/// What every line of a list has; other JSON lines are not a list.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only read to recognise a list")]
struct AnyLine {
    file: PathBuf,
    seconds: f64,
    rate: u32,
}

impl Results {
    /// Checks before work begins whether the list can be written: it may replace
    /// only such a list, and never a file that the batch itself reads or writes.
    pub(super) fn check(&self, plan: &Plan, options: &PlanOptions) -> anyhow::Result<()> {
        self.check_path(plan, options)?;
        let path = &self.path;
        if self.permission == Permission::Keep && path.exists() && !is_list(path) {
            bail!(
                "{} already exists and is not a list of results; `--overwrite` replaces it",
                path.display()
            );
        }
        Ok(())
    }

    fn check_path(&self, plan: &Plan, options: &PlanOptions) -> Result<(), UsageError> {
        let shown = self.path.display();
        if self.path == Path::new("-") || is_stream(&self.path) || is_in_dev(&self.path) {
            return Err(UsageError(format!(
                "--results {shown}: the list is written to a file, not to a stream or a device"
            )));
        }
        if self.path.is_dir() || self.path.file_name().is_none() {
            return Err(UsageError(format!("--results {shown} is a folder")));
        }
        let inputs = plan.tasks().flat_map(|task| task.source.files());
        let key = collision_key(&self.path);
        let reserved = self.reserved.iter().map(PathBuf::as_path);
        if reserved
            .chain(inputs)
            .any(|path| collision_key(path) == key)
        {
            return Err(UsageError(format!(
                "--results {shown} would replace a file that this batch itself reads or writes"
            )));
        }
        let seed = |task: &Task| task.settings.overrides.seed;
        if let Some(task) = plan
            .tasks()
            .find(|task| seed(task) > Some(MAX_JSON_INTEGER))
        {
            let (location, seed) = (&task.location, seed(task).unwrap_or_default());
            return Err(UsageError(format!(
                "{location}: seed {seed} would be inexact in {shown}: many readers of JSON round \
                 integers over {MAX_JSON_INTEGER}; use a smaller seed with --results"
            )));
        }
        // The batch creates the folders of its outputs.
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let path = absolute(&self.path);
        let folder = path.parent().unwrap_or(&path);
        let outputs = plan.tasks().map(|task| task.output.as_path());
        let mut created = outputs.chain([options.folder.as_path()]);
        match folder.is_dir() || created.any(|path| absolute(path).starts_with(folder)) {
            true => Ok(()),
            false => Err(UsageError(format!(
                "--results {shown}: there is no folder {}; create it first",
                self.path.parent().unwrap_or(folder).display()
            ))),
        }
    }

    /// Writes the list: every file of the plan that is finished, of this run or
    /// an earlier one, in the order of the plan.
    pub(super) fn write(&self, plan: &Plan, history: &History) -> anyhow::Result<()> {
        let mut list = Vec::new();
        for task in plan.tasks() {
            if let Some(line) = Line::of(task, history)? {
                serde_json::to_writer(&mut list, &line)?;
                list.push(b'\n');
            }
        }
        write_atomic(&self.path, &list)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Returns whether a path names an open file or a device: a file that is renamed to
/// it would replace the name and not go there. `/dev/shm` has common files.
fn is_in_dev(path: &Path) -> bool {
    ["/dev", "/proc"].iter().any(|dev| path.starts_with(dev)) && !path.starts_with("/dev/shm")
}

fn is_list(path: &Path) -> bool {
    let first_line = || {
        let mut line = String::new();
        BufReader::new(File::open(path).ok()?)
            .read_line(&mut line)
            .ok()?;
        Some(line)
    };
    let is_line = |line: &str| serde_json::from_str::<AnyLine>(line).is_ok();
    path.is_file() && first_line().is_some_and(|line| line.is_empty() || is_line(&line))
}

impl<'a> Line<'a> {
    /// Returns the line of a task, if its file is finished.
    fn of(task: &'a Task, history: &'a History) -> anyhow::Result<Option<Self>> {
        let recorded = history.output(&task.key);
        let Some(done) = recorded.and_then(|output| output.done.as_ref()) else {
            return Ok(None);
        };
        let is_current = task.fingerprint.matches(&done.fingerprint);
        let Some(length) = length_of(&task.output).ok().filter(|_| is_current) else {
            return Ok(None);
        };
        let (settings, config) = (&task.settings, &task.voice.config);
        let scales = settings.scales(config);
        let speaker = settings.overrides.speaker.as_ref();
        let has_speakers = config.num_speakers > 1;
        let speaker_id = config.speaker_id(speaker).ok().filter(|_| has_speakers);
        let text = short_text(&task.source)?;
        let run = history.run_of(done);
        Ok(Some(Self {
            file: normalized(&task.output),
            text_file: task.source.files().next().filter(|_| text.is_none()),
            text,
            id: task.location.id.as_deref(),
            voice: task.voice.files.name(),
            speaker: speaker.map(ToString::to_string).filter(|_| has_speakers),
            speaker_id,
            speed: settings.overrides.speed.unwrap_or_default().get(),
            length_scale: scales.length_scale,
            noise_scale: scales.noise_scale,
            noise_w: scales.noise_w,
            seed: settings.overrides.seed.or(done.seed),
            take: task.take,
            seconds: duration_of(length.samples, length.rate).as_secs_f64(),
            rate: length.rate.get(),
            bytes: done.bytes,
            cpu_seconds: done.cpu_seconds,
            machine: run.map(|run| run.machine.as_str()),
            cpu: run.and_then(|run| run.cpu.as_deref()),
        }))
    }
}

/// Returns the path of an existing file without `..`.
fn normalized(path: &Path) -> Cow<'_, Path> {
    let has_parent = path.components().any(|part| part == Component::ParentDir);
    match has_parent.then(|| path.canonicalize()) {
        Some(Ok(path)) => path.into(),
        _ => path.into(),
    }
}

/// Returns a text without white space at its ends, unless it is long.
fn short_text(source: &Source) -> anyhow::Result<Option<String>> {
    let mut text = String::new();
    for passage in source.read() {
        text.push_str(&passage?.text);
        if text.len() > MAX_TEXT_BYTES {
            return Ok(None);
        }
    }
    Ok(Some(text.trim().to_owned()))
}
