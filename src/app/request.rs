//! One text with how to speak it and where it goes: what a line of JSON says.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::manner::Silences;
use super::report::UsageError;
use super::settings::{Settings, seconds};

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

/// What one text may ask for in place of the command line's settings.
/// `speaker` and `speaker_id` are old piper's; the rest are the flags of the
/// same names.
#[derive(Debug, Default)]
pub(super) struct Overrides {
    speaker: Option<String>,
    voice: Option<String>,
    config: Option<PathBuf>,
    speed: Option<f32>,
    length_scale: Option<f32>,
    noise_scale: Option<f32>,
    noise_w: Option<f32>,
    volume: Option<f32>,
    silences: Silences,
    seed: Option<u64>,
}

/// The fields of a JSON object, taken out one by one, so that what is wrong
/// can be told by its name.
pub(super) struct Fields(Map<String, Value>);

impl Request {
    /// Reads a line of JSON, over the settings of the command line.
    pub(super) fn from_json(line: &str, settings: &Settings) -> anyhow::Result<Self> {
        let json = serde_json::from_str(line.trim_end()).map_err(bad_json)?;
        let mut fields = Fields::of(json)?;
        let missing = || UsageError("there is no `text`".to_owned());
        let text = fields.text("text")?.ok_or_else(missing)?;
        let output = fields.text("output_file")?.map(PathBuf::from);
        if let Some(output) = output.as_deref()
            && ["", "-"].map(Path::new).contains(&output)
        {
            let message = "output_file is to name a file; without it the line goes where -o says";
            return Err(UsageError(message.to_owned()).into());
        }
        Ok(Self {
            text,
            output,
            settings: Overrides::from_fields(&mut fields)?.over(settings)?,
            label: None,
        })
    }
}

impl Overrides {
    /// Takes out what is asked for.
    pub(super) fn from_fields(fields: &mut Fields) -> Result<Self, UsageError> {
        // Old piper's name, and piper-tts's: where both are given, ours counts.
        let (speaker_id, noise_w_scale) =
            (fields.name("speaker_id")?, fields.number("noise_w_scale")?);
        let (speed, length_scale) = (fields.number("speed")?, fields.number("length_scale")?);
        if speed.is_some() && length_scale.is_some() {
            return Err(UsageError("both `speed` and `length_scale`".to_owned()));
        }
        Ok(Self {
            speaker: fields.name("speaker")?.or(speaker_id),
            voice: fields.text("voice")?,
            config: fields.text("config")?.map(PathBuf::from),
            speed,
            length_scale,
            noise_scale: fields.number("noise_scale")?,
            noise_w: fields.number("noise_w")?.or(noise_w_scale),
            volume: fields.number("volume")?,
            silences: Silences {
                sentence: fields.seconds("sentence_silence")?,
                line: fields.seconds("line_silence")?,
                paragraph: fields.seconds("paragraph_silence")?,
            },
            seed: fields.take("seed", "no whole number, 0 or more")?,
        })
    }

    /// Returns `settings` with what is asked for in their place.
    pub(super) fn over(self, settings: &Settings) -> Result<Settings, UsageError> {
        let mut settings = settings.clone();
        if self.voice.is_some() {
            // A config or speaker of the command line is another voice's.
            (settings.config, settings.manner.speaker) = (None, None);
        }
        replace(&mut settings.voice, self.voice);
        replace(&mut settings.config, self.config);
        replace(&mut settings.seed, self.seed);
        let manner = &mut settings.manner;
        replace(&mut manner.speaker, self.speaker);
        replace(&mut manner.length_scale, self.length_scale);
        replace(&mut manner.noise_scale, self.noise_scale);
        replace(&mut manner.noise_w, self.noise_w);
        replace(&mut manner.volume, self.volume);
        manner.silences = self.silences.or(manner.silences);
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

impl Fields {
    pub(super) fn of(value: Value) -> Result<Self, UsageError> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            other => Err(UsageError(format!(
                r#"{other} is no object such as {{"text": "Hello."}}"#
            ))),
        }
    }

    pub(super) fn text(&mut self, field: &str) -> Result<Option<String>, UsageError> {
        self.take(field, "no text")
    }

    /// Scripts write a name as such, or as a bare number.
    pub(super) fn name(&mut self, field: &str) -> Result<Option<String>, UsageError> {
        if let Some(Value::Number(id)) = self.0.get(field) {
            let id = id.to_string();
            self.0.remove(field);
            return Ok(Some(id));
        }
        self.take(field, "no name and no number")
    }

    /// Returns the names of what nobody took.
    pub(super) fn unused(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|(field, _)| field)
    }

    fn number(&mut self, field: &str) -> Result<Option<f32>, UsageError> {
        self.take(field, "no number")
    }

    fn seconds(&mut self, field: &str) -> Result<Option<Duration>, UsageError> {
        let value = self.take(field, "no number")?;
        value.map(|value| seconds(field, value)).transpose()
    }

    /// A field that holds `null` is one that is not there.
    fn take<T: DeserializeOwned>(
        &mut self,
        field: &str,
        wrong: &str,
    ) -> Result<Option<T>, UsageError> {
        let value = self.0.remove(field).unwrap_or_default();
        // Said in our words: the library's speak of Rust's types.
        Option::deserialize(&value).map_err(|_| UsageError(format!("{field} {value} is {wrong}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::batch::tests::settings;
    use crate::app::manner::Manner;

    #[test]
    fn what_is_wrong_is_told_by_its_field() {
        let cases = [
            (r#"{}"#, "there is no `text`"),
            (r#"[1]"#, r#"[1] is no object such as {"text": "Hello."}"#),
            (r#"{"text":5}"#, "text 5 is no text"),
            (
                r#"{"speaker":true}"#,
                "speaker true is no name and no number",
            ),
            (r#"{"speed":"fast"}"#, "speed \"fast\" is no number"),
            (r#"{"speed":-1}"#, "speed -1 is not above 0"),
            (
                r#"{"speed":1,"length_scale":1}"#,
                "both `speed` and `length_scale`",
            ),
            (r#"{"volume":-1}"#, "volume -1 is not 0 or more"),
            (r#"{"seed":1.5}"#, "seed 1.5 is no whole number, 0 or more"),
            (
                r#"{"line_silence":-1}"#,
                "line_silence -1 is not within 0 to 3600 seconds",
            ),
        ];
        for (line, expected) in cases {
            let line = match line {
                r#"{}"# | r#"[1]"# | r#"{"text":5}"# => line.to_owned(),
                fields => fields.replacen('{', r#"{"text":"a","#, 1),
            };
            let message = Request::from_json(&line, &settings()).unwrap_err();
            assert_eq!(message.to_string(), expected, "{line}");
        }
    }

    #[test]
    fn every_setting_takes_the_place_of_the_flags() {
        let line = r#"{"text":"a","voice":"v","config":"c","speaker":3,"length_scale":2,
            "noise_scale":0.1,"noise_w_scale":0.2,"volume":0.3,"seed":4,"sentence_silence":1,
            "line_silence":null,"paragraph_silence":2.5}"#;
        let settings = Request::from_json(line, &settings()).unwrap().settings;
        let manner = Manner {
            speaker: Some("3".to_owned()),
            length_scale: Some(2.0),
            noise_scale: Some(0.1),
            noise_w: Some(0.2),
            volume: Some(0.3),
            silences: Silences {
                sentence: Some(Duration::from_secs(1)),
                line: None,
                paragraph: Some(Duration::from_millis(2500)),
            },
            lexicons: None,
        };
        assert_eq!(settings.manner, manner);
        assert_eq!(settings.voice.as_deref(), Some("v"));
        assert_eq!(settings.config, Some("c".into()));
        assert_eq!(settings.seed, Some(4));
    }
}
