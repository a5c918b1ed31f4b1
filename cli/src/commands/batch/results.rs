//! `--results`: the list of the finished files, as JSON lines, for programs that
//! use them as data.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use piper_rs::audio::duration_of;
use piper_rs::audio::wav::WavReader;
use piper_rs::fs::write_atomic;
use serde::{Deserialize, Serialize};

use super::freshness::Permission;
use super::journal::History;
use super::plan::{Plan, Task};
use crate::speech::source::Source;

/// A longer text is named and not copied.
const MAX_TEXT_BYTES: usize = 16 * 1024;

/// What `--results` asks for.
#[derive(Debug, Clone)]
pub(super) struct Results {
    pub(super) path: PathBuf,
}

/// A line of the list. The names are a file format.
#[derive(Debug, Serialize)]
struct Line<'a> {
    file: &'a Path,
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
    /// Fails if there is a file at the path that is not such a list.
    pub(super) fn check(&self, permission: Permission) -> anyhow::Result<()> {
        let path = &self.path;
        if permission == Permission::Keep && path.exists() && !is_list(path) {
            bail!(
                "{} already exists and is not a list of results; `--overwrite` replaces it",
                path.display()
            );
        }
        Ok(())
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
    fn of(task: &'a Task, history: &History) -> anyhow::Result<Option<Self>> {
        let recorded = history.output(&task.key);
        let Some(done) = recorded.and_then(|output| output.done.as_ref()) else {
            return Ok(None);
        };
        let is_current = task.fingerprint.matches(&done.fingerprint);
        let Some(wav) = WavReader::open(&task.output).ok().filter(|_| is_current) else {
            return Ok(None);
        };
        let (settings, config) = (&task.settings, &task.voice.config);
        let scales = settings.scales(config);
        let speaker = settings.overrides.speaker.as_ref();
        let has_speakers = config.num_speakers > 1;
        let speaker_id = config.speaker_id(speaker).ok().filter(|_| has_speakers);
        let text = short_text(&task.source)?;
        Ok(Some(Self {
            file: &task.output,
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
            seconds: duration_of(wav.samples(), wav.rate()).as_secs_f64(),
            rate: wav.rate().get(),
        }))
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
