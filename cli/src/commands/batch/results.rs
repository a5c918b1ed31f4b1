//! `--results`: the list of the finished files, as JSON lines, for programs that
//! use them as data.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use piper_rs::audio::duration_of;
use piper_rs::encode::length_of;
use piper_rs::fs::{AtomicFile, is_stream};
use serde::{Deserialize, Serialize};

use super::entry::SourceLocation;
use super::freshness::Permission;
use super::journal::History;
use super::names::Names;
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

/// Checks before work begins whether the list can be written: it may replace only such a
/// list, and never a file that the batch itself reads or writes.
pub(super) struct ResultsCheck<'a> {
    results: &'a Results,
    /// The folder of the list, if the batch has to create it.
    missing_folder: Option<PathBuf>,
}

impl<'a> ResultsCheck<'a> {
    pub(super) fn new(results: &'a Results) -> Self {
        let path = absolute(&results.path);
        let folder = path.parent().unwrap_or(&path);
        Self {
            results,
            missing_folder: (!folder.is_dir()).then(|| folder.to_owned()),
        }
    }

    /// Adds a file of the batch.
    pub(super) fn add(
        &mut self,
        location: &SourceLocation,
        seed: Option<u64>,
        output: &Path,
    ) -> Result<(), UsageError> {
        if let Some(seed) = seed.filter(|seed| *seed > MAX_JSON_INTEGER) {
            return Err(UsageError(format!(
                "{location}: seed {seed} would be inexact in {}: many readers of JSON round \
                 integers over {MAX_JSON_INTEGER}; use a smaller seed with --results",
                self.results.path.display()
            )));
        }
        // The batch creates the folders of its outputs.
        let is_created = |folder: &PathBuf| absolute(output).starts_with(folder);
        if self.missing_folder.as_ref().is_some_and(is_created) {
            self.missing_folder = None;
        }
        Ok(())
    }

    /// Ends the check when `names` has all files.
    pub(super) fn finish(self, names: &Names, options: &PlanOptions) -> anyhow::Result<()> {
        let Results {
            path,
            reserved,
            permission,
        } = self.results;
        let shown = path.display();
        if path == Path::new("-") || is_stream(path) || is_in_dev(path) {
            bail!(UsageError(format!(
                "--results {shown}: the list is written to a file, not to a stream or a device"
            )));
        }
        if path.is_dir() || path.file_name().is_none() {
            bail!(UsageError(format!("--results {shown} is a folder")));
        }
        let key = collision_key(path);
        if names.has_input(path) || reserved.iter().any(|other| collision_key(other) == key) {
            bail!(UsageError(format!(
                "--results {shown} would replace a file that this batch itself reads or writes"
            )));
        }
        if let Some(folder) = self.missing_folder
            && !absolute(&options.folder).starts_with(&folder)
        {
            bail!(UsageError(format!(
                "--results {shown}: there is no folder {}; create it first",
                path.parent().unwrap_or(&folder).display()
            )));
        }
        if *permission == Permission::Keep && path.exists() && !is_list(path) {
            bail!("{shown} already exists and is not a list of results; `--overwrite` replaces it");
        }
        Ok(())
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The list while it is written: it replaces the one before when it is complete.
pub(super) struct ResultsList<'a> {
    results: &'a Results,
    file: Option<AtomicFile>,
}

impl Results {
    pub(super) fn begin(&self) -> ResultsList<'_> {
        ResultsList {
            results: self,
            file: None,
        }
    }
}

impl ResultsList<'_> {
    /// Adds every file of a plan that is finished, as one of `histories` tells: of this
    /// run or an earlier one, in the order of the plan.
    pub(super) fn add(&mut self, plan: &Plan, histories: &[&History]) -> anyhow::Result<()> {
        for task in plan.tasks() {
            for history in histories {
                if let Some(line) = Line::of(task, history)? {
                    let mut line = serde_json::to_vec(&line)?;
                    line.push(b'\n');
                    let written = self.file().and_then(|file| file.write_all(&line));
                    written.with_context(|| self.results.cannot_write())?;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Gives the list its name.
    pub(super) fn finish(mut self) -> anyhow::Result<()> {
        let opened = self.file().map(|_| ());
        let finished = opened.and_then(|()| self.file.map_or(Ok(()), AtomicFile::finish));
        finished.with_context(|| self.results.cannot_write())
    }

    /// Opens the file when it is needed: its folder may be made by the batch.
    fn file(&mut self) -> io::Result<&mut AtomicFile> {
        match &mut self.file {
            Some(file) => Ok(file),
            none => Ok(none.insert(AtomicFile::create(&self.results.path)?)),
        }
    }
}

impl Results {
    fn cannot_write(&self) -> String {
        format!("cannot write {}", self.path.display())
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
        let recorded = history.output(&task.key)?;
        let Some(done) = recorded.and_then(|output| output.done) else {
            return Ok(None);
        };
        let is_current = task.fingerprint.matches(&done.fingerprint) && task.output.is_file();
        if !is_current {
            return Ok(None);
        }
        let Ok(length) = length_of(&task.output) else {
            return Ok(None);
        };
        let (settings, config) = (&task.settings, &task.voice.config);
        let scales = settings.scales(config);
        let speaker = settings.overrides.speaker.as_ref();
        let has_speakers = config.num_speakers > 1;
        let speaker_id = config.speaker_id(speaker).ok().filter(|_| has_speakers);
        let text = short_text(&task.source)?;
        let run = history.run_of(&done);
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
