//! One text with how to speak it and where it goes: what a line of JSON says.

use std::path::PathBuf;

use piper_rs::manifest::Overrides;
use serde::Deserialize;

use super::report::UsageError;
use super::settings::Settings;

/// A text to speak.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) text: String,
    pub(super) settings: Settings,
    /// A file of its own, instead of the run's output.
    pub(super) output: Option<PathBuf>,
    /// What people are told when its sound begins.
    pub(super) label: Option<String>,
}

/// A line of JSON input. `text` and `output_file` are old piper's.
#[derive(Debug, Deserialize)]
struct JsonLine {
    text: String,
    output_file: Option<PathBuf>,
    #[serde(flatten)]
    overrides: Overrides,
}

impl Request {
    /// Reads a line of JSON, over the settings of the command line.
    pub(super) fn from_json(line: &str, settings: &Settings) -> anyhow::Result<Self> {
        let json: JsonLine = serde_json::from_str(line)?;
        Ok(Self {
            text: json.text,
            settings: over(json.overrides, settings)?,
            output: json.output_file,
            label: None,
        })
    }
}

/// Returns `settings` with what is asked for in their place.
pub(super) fn over(asked: Overrides, settings: &Settings) -> Result<Settings, UsageError> {
    let speaker = asked.speaker.map(|s| name("speaker", s)).transpose()?;
    let mut settings = settings.clone();
    if asked.voice.is_some() {
        // A config or speaker of the command line is another voice's.
        (settings.config, settings.manner.speaker) = (None, None);
    }
    replace(&mut settings.voice, asked.voice);
    replace(
        &mut settings.manner.speaker,
        speaker.or(asked.speaker_id.map(|id| id.to_string())),
    );
    replace(&mut settings.manner.length_scale, asked.length_scale);
    replace(&mut settings.manner.noise_scale, asked.noise_scale);
    replace(&mut settings.manner.noise_w, asked.noise_w);
    replace(&mut settings.seed, asked.seed);
    replace(&mut settings.manner.volume, asked.volume);
    settings.with_speed(asked.speed)?.checked()
}

/// Overwrites what was there by what is given.
fn replace<T>(slot: &mut Option<T>, given: Option<T>) {
    if given.is_some() {
        *slot = given;
    }
}

/// Scripts write a name as such, or as a bare number.
pub(super) fn name(field: &str, value: serde_json::Value) -> Result<String, UsageError> {
    match value {
        serde_json::Value::String(name) => Ok(name),
        serde_json::Value::Number(id) => Ok(id.to_string()),
        other => Err(UsageError(format!(
            "{field} {other} is no name and no number"
        ))),
    }
}
