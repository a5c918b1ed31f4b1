//! One text with how to speak it and where it goes: what a line of JSON says.

use std::path::{Path, PathBuf};

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
#[serde(expecting = "an object such as {\"text\": \"Hello.\"}")]
struct JsonLine {
    text: String,
    output_file: Option<PathBuf>,
    #[serde(flatten)]
    overrides: Overrides,
}

/// What one text may ask for in place of the command line's settings.
/// `speaker` and `speaker_id` are old piper's; the rest are the flags of the
/// same names.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Overrides {
    speaker: Option<serde_json::Value>,
    speaker_id: Option<i64>,
    voice: Option<String>,
    speed: Option<f32>,
    length_scale: Option<f32>,
    noise_scale: Option<f32>,
    #[serde(alias = "noise_w_scale")]
    noise_w: Option<f32>,
    volume: Option<f32>,
    seed: Option<u64>,
}

impl Request {
    /// Reads a line of JSON, over the settings of the command line.
    pub(super) fn from_json(line: &str, settings: &Settings) -> anyhow::Result<Self> {
        let json: JsonLine = serde_json::from_str(line.trim_end()).map_err(bad_json)?;
        if let Some(output) = json.output_file.as_deref()
            && ["", "-"].map(Path::new).contains(&output)
        {
            let message = "output_file is to name a file; without it the line goes where -o says";
            return Err(UsageError(message.to_owned()).into());
        }
        Ok(Self {
            text: json.text,
            settings: json.overrides.over(settings)?,
            output: json.output_file,
            label: None,
        })
    }
}

impl Overrides {
    /// Returns `settings` with what is asked for in their place.
    pub(super) fn over(self, settings: &Settings) -> Result<Settings, UsageError> {
        let speaker = self.speaker.map(|s| name("speaker", s)).transpose()?;
        let mut settings = settings.clone();
        if self.voice.is_some() {
            // A config or speaker of the command line is another voice's.
            (settings.config, settings.manner.speaker) = (None, None);
        }
        replace(&mut settings.voice, self.voice);
        replace(
            &mut settings.manner.speaker,
            speaker.or(self.speaker_id.map(|id| id.to_string())),
        );
        replace(&mut settings.manner.length_scale, self.length_scale);
        replace(&mut settings.manner.noise_scale, self.noise_scale);
        replace(&mut settings.manner.noise_w, self.noise_w);
        replace(&mut settings.seed, self.seed);
        replace(&mut settings.manner.volume, self.volume);
        settings.with_speed(self.speed)?.checked()
    }
}

/// Says what is wrong with a line of JSON. Which line it is, is said already.
fn bad_json(error: serde_json::Error) -> anyhow::Error {
    let message = error.to_string();
    let what = message.split(" at line ").next().unwrap_or_default();
    anyhow::anyhow!("{what} at column {}", error.column())
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
