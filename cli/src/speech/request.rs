//! One text with how to speak it and where it goes: what a line of JSON says.

use std::path::{Path, PathBuf};

use piper_rs::manifest::{self, Overrides};

use super::overrides::Silences;
use super::settings::{Settings, seconds};
use crate::terminal::report::UsageError;

/// A text to speak.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) text: String,
    pub(crate) settings: Settings,
    /// A file of its own, instead of the run's output.
    pub(crate) output: Option<PathBuf>,
    /// What people are told when its sound begins.
    pub(crate) label: Option<String>,
}

impl Request {
    /// Reads a line of JSON, over the settings of the command line.
    pub(crate) fn from_json(line: &str, settings: &Settings) -> anyhow::Result<Self> {
        let mut fields = manifest::json_record(line)?;
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
            settings: over(fields.overrides()?, settings)?,
            label: None,
        })
    }
}

/// Returns `settings` with what is asked for in their place.
pub(crate) fn over(asked: Overrides, settings: &Settings) -> Result<Settings, UsageError> {
    let mut settings = settings.clone();
    if asked.voice.is_some() {
        // A config or speaker of the command line is another voice's.
        (settings.config, settings.manner.speaker) = (None, None);
    }
    replace(&mut settings.voice, asked.voice);
    replace(&mut settings.config, asked.config);
    replace(&mut settings.seed, asked.seed);
    let pause = |field, value: Option<f64>| value.map(|value| seconds(field, value)).transpose();
    let silences = Silences {
        sentence: pause("sentence_silence", asked.sentence_silence)?,
        line: pause("line_silence", asked.line_silence)?,
        paragraph: pause("paragraph_silence", asked.paragraph_silence)?,
    };
    let manner = &mut settings.manner;
    replace(&mut manner.speaker, asked.speaker);
    replace(&mut manner.length_scale, asked.length_scale);
    replace(&mut manner.noise_scale, asked.noise_scale);
    replace(&mut manner.noise_w, asked.noise_w);
    replace(&mut manner.volume, asked.volume);
    manner.silences = silences.or(manner.silences);
    settings.with_speed(asked.speed)?.checked()
}

/// Overwrites what was there by what is given.
fn replace<T>(slot: &mut Option<T>, given: Option<T>) {
    if given.is_some() {
        *slot = given;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::tests::settings;
    use crate::speech::overrides::SpeechOverrides;
    use std::time::Duration;

    #[test]
    fn what_is_wrong_is_told_by_its_field() {
        let cases = [
            (r#"{}"#, "there is no `text`"),
            (
                r#"[1]"#,
                r#"[1] is not an object such as {"text": "Hello."}"#,
            ),
            (r#"{"text":5}"#, "text 5 is not a string"),
            (
                r#"{"speaker":true}"#,
                "speaker true is not a string or a number",
            ),
            (r#"{"speed":"fast"}"#, "speed \"fast\" is not a number"),
            (r#"{"speed":-1}"#, "speed -1 is not above 0"),
            (
                r#"{"speed":1,"length_scale":1}"#,
                "both `speed` and `length_scale` are given",
            ),
            (r#"{"volume":-1}"#, "volume -1 is not 0 or more"),
            (r#"{"seed":1.5}"#, "seed 1.5 is not an integer of 0 or more"),
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
        let manner = SpeechOverrides {
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
