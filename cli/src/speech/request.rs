//! One text with settings of its own: a line of JSON, or the fields of a manifest.

use std::path::{Path, PathBuf};

use piper_rs::manifest::{self, Record};
use piper_rs::text;

use super::config_copy::readable_again;
use super::setting::{ALIASES, Setting};
use super::settings::Settings;
use super::sound_format::OutputUse;
use crate::terminal::report::UsageError;

/// A text to speak.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) text: String,
    pub(crate) settings: Settings,
    /// A file for this text alone, instead of the common output.
    pub(crate) output: Option<PathBuf>,
    /// A note to print when its audio begins.
    pub(crate) label: Option<String>,
}

impl Request {
    /// Reads a line of JSON whose fields override `settings`.
    pub(crate) fn from_json(line: &str, settings: &Settings) -> anyhow::Result<Self> {
        let mut fields = manifest::json_record(line)?;
        let missing = || UsageError("the field `text` is missing".to_owned());
        let text = fields.text("text")?.ok_or_else(missing)?;
        let output = fields.text("output_file")?.map(PathBuf::from);
        if let Some(output) = output.as_deref()
            && ["", "-"].map(Path::new).contains(&output)
        {
            let message = "output_file must name a file; without it, the audio goes to the \
                           common output";
            return Err(UsageError(message.to_owned()).into());
        }
        if let Some(output) = &output {
            settings.format.encoding_of(output, OutputUse::Text)?;
        }
        Ok(Self {
            text: text::plain(&text).into_owned(),
            output,
            settings: override_settings(settings, &mut fields)?,
            label: None,
        })
    }
}

/// Returns `settings`, overridden by the fields of one text. Takes those fields
/// out, but not `normalize` and `loudness`, which apply to a whole file.
pub(crate) fn override_settings(
    settings: &Settings,
    fields: &mut Record,
) -> anyhow::Result<Settings> {
    let mut settings = settings.clone();
    if let Some(voice) = fields.text("voice")? {
        settings.set_voice(voice);
    }
    if let Some(config) = fields.text("config")? {
        settings.config = Some(readable_again(config.into())?);
    }
    override_speech(&mut settings, fields)?;
    Ok(settings)
}

/// Overrides how a text sounds in its voice by the fields of one text, and takes those
/// out.
pub(crate) fn override_speech(
    settings: &mut Settings,
    fields: &mut Record,
) -> Result<(), UsageError> {
    // Piper's names come first, so that the names of this program win.
    let own = Setting::of_texts().map(|setting| (setting.name(), setting));
    for (name, setting) in ALIASES.into_iter().chain(own) {
        if let Some(value) = fields.take(name) {
            setting.set(&mut settings.overrides, &value)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use crate::speech::overrides::SpeechOverrides;
    use clap::Parser as _;
    use piper_rs::voice::{Speaker, Speed};
    use std::sync::Arc;
    use std::time::Duration;

    fn settings() -> Settings {
        match Cli::parse_from(["piper-rs", "speak", "--speaker", "1"]).command {
            Command::Speak(args) => Settings::from_args(&args.speech, &Arc::default()).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn errors_name_the_field() {
        let cases = [
            (r#"{}"#, "the field `text` is missing"),
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
            (
                r#"{"speed":-1}"#,
                "speed -1 is out of range: it must be 0.25 to 4",
            ),
            (
                r#"{"volume":-1}"#,
                "volume -1 is out of range: it must be 0 or more",
            ),
            (r#"{"seed":1.5}"#, "seed 1.5 is not an integer of 0 or more"),
            (
                r#"{"line_silence":-1}"#,
                "line_silence -1 is out of range: it must be 0 to 3600 seconds",
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
    fn fields_override_options() {
        let line = r#"{"text":"a","voice":"v","config":"c","speaker":3,"speed":1.5,"length_scale":2,
            "noise_scale":0.1,"noise_w_scale":0.2,"volume":0.3,"seed":4,"sentence_silence":1,
            "line_silence":null,"paragraph_silence":2.5}"#;
        let settings = Request::from_json(line, &settings()).unwrap().settings;
        let overrides = SpeechOverrides {
            speaker: Some(Speaker::Id(3)),
            speed: Speed::new(1.5).ok(),
            length_scale: Some(2.0),
            noise_scale: Some(0.1),
            noise_w: Some(0.2),
            volume: Some(0.3),
            sentence_silence: Some(Duration::from_secs(1)),
            line_silence: None,
            paragraph_silence: Some(Duration::from_millis(2500)),
            seed: Some(4),
            ..SpeechOverrides::default()
        };
        assert_eq!(settings.overrides, overrides);
        assert_eq!(settings.voice.as_deref(), Some("v"));
        assert_eq!(settings.config, Some("c".into()));
    }

    #[test]
    fn another_voice_does_not_inherit_the_speaker() {
        let speaker = |line| {
            let request = Request::from_json(line, &settings()).unwrap();
            request.settings.overrides.speaker
        };
        assert_eq!(speaker(r#"{"text":"a"}"#), Some(Speaker::from("1")));
        assert_eq!(speaker(r#"{"text":"a","voice":"v"}"#), None);
        let named = r#"{"text":"a","speaker_id":1,"speaker":"bob"}"#;
        assert_eq!(speaker(named), Some(Speaker::from("bob")));
    }
}
