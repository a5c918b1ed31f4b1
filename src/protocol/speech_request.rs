//! Requests in JSON: OpenAI's `/v1/audio/speech` and Piper's `/synthesize`.

use serde_json::{Map, Value};

use crate::manifest::{BadRecord, Record, json_record};

/// A request as OpenAI's clients send it. `model` and `instructions` have no effect, nor
/// have unknown fields.
#[derive(Debug)]
pub struct OpenAiRequest {
    /// The text.
    pub input: String,
    /// A voice's name; `None` for the default voice.
    pub voice: Option<String>,
    /// `None` if the client leaves it to the server.
    pub format: Option<ResponseFormat>,
    /// How the sound is sent.
    pub delivery: Delivery,
    /// The other fields, such as `speed`.
    pub settings: Record,
}

/// A request as clients of Piper's own server send it.
#[derive(Debug)]
pub struct PiperRequest {
    /// The text.
    pub text: String,
    /// A voice's name; `None` for the default voice.
    pub voice: Option<String>,
    /// The other fields, such as `length_scale`.
    pub settings: Record,
}

/// A format by the name that OpenAI gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseFormat {
    /// MP3.
    Mp3,
    /// Opus in Ogg.
    Opus,
    /// FLAC.
    Flac,
    /// WAV.
    Wav,
    /// 16-bit samples without a header, of 24 kHz unless the client asks for the voice's
    /// own rate.
    Pcm,
}

/// How sound is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// As the body of the response.
    #[default]
    Body,
    /// As server-sent events, in base64.
    Events,
}

/// Why a request is refused: which field, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadRequest {
    /// The field, if it is the fault of one.
    pub field: Option<&'static str>,
    /// What is wrong and what to do.
    pub message: String,
}

impl BadRequest {
    fn of(field: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: Some(field),
            message: message.into(),
        }
    }

    fn body(message: impl Into<String>) -> Self {
        Self {
            field: None,
            message: message.into(),
        }
    }
}

impl From<BadRecord> for BadRequest {
    fn from(error: BadRecord) -> Self {
        Self::body(match error {
            BadRecord::NoObject(_) => "the body is not a JSON object".to_owned(),
            BadRecord::Json { .. } => format!("the body is not JSON: {error}"),
            error => error.to_string(),
        })
    }
}

impl OpenAiRequest {
    /// Reads the body of a request.
    pub fn from_json(body: &[u8]) -> Result<Self, BadRequest> {
        let mut fields = record(body)?;
        let input = text(&mut fields, "input")?;
        let voice = match fields.take("voice") {
            Some(Value::Object(mut voice)) => voice_id(&mut voice)?,
            None => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => {
                let message = "voice is not a string or an object with an `id`";
                return Err(BadRequest::of("voice", message));
            }
        };
        let format = string(&mut fields, "response_format")?;
        let format = format.as_deref().map(ResponseFormat::named).transpose()?;
        let delivery = match string(&mut fields, "stream_format")?.as_deref() {
            None | Some("audio") => Delivery::Body,
            Some("sse") => Delivery::Events,
            Some(other) => {
                let message = format!("stream_format `{other}` is not audio or sse");
                return Err(BadRequest::of("stream_format", message));
            }
        };
        Ok(Self {
            input,
            voice,
            format,
            delivery,
            settings: fields,
        })
    }
}

impl PiperRequest {
    /// Reads the body of a request.
    pub fn from_json(body: &[u8]) -> Result<Self, BadRequest> {
        let mut fields = record(body)?;
        if let Some(id) = fields.take("speaker_id") {
            // As Piper documents it.
            fields.set("speaker", id);
        }
        Ok(Self {
            text: text(&mut fields, "text")?,
            voice: string(&mut fields, "voice")?,
            settings: fields,
        })
    }
}

impl ResponseFormat {
    fn named(name: &str) -> Result<Self, BadRequest> {
        Ok(match name {
            "mp3" => Self::Mp3,
            "opus" => Self::Opus,
            "flac" => Self::Flac,
            "wav" => Self::Wav,
            "pcm" => Self::Pcm,
            other => {
                let message = format!(
                    "response_format `{other}` is not supported: use mp3, opus, flac, wav or pcm"
                );
                return Err(BadRequest::of("response_format", message));
            }
        })
    }
}

fn record(body: &[u8]) -> Result<Record, BadRequest> {
    let body = std::str::from_utf8(body);
    let body = body.map_err(|_| BadRequest::body("the body is not UTF-8"))?;
    Ok(json_record(body)?)
}

fn text(fields: &mut Record, field: &'static str) -> Result<String, BadRequest> {
    let text = string(fields, field)?;
    text.ok_or_else(|| BadRequest::of(field, format!("the field `{field}` is missing")))
}

fn string(fields: &mut Record, field: &'static str) -> Result<Option<String>, BadRequest> {
    let text = fields.text(field);
    text.map_err(|_| BadRequest::of(field, format!("{field} is not a string")))
}

fn voice_id(voice: &mut Map<String, Value>) -> Result<Option<String>, BadRequest> {
    match voice.remove("id") {
        Some(Value::String(id)) => Ok(Some(id)),
        _ => Err(BadRequest::of(
            "voice",
            "voice has no `id` that is a string",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn openai(body: &str) -> Result<OpenAiRequest, BadRequest> {
        OpenAiRequest::from_json(body.as_bytes())
    }

    #[test]
    fn every_field_of_openais_clients_is_read() {
        let body = r#"{"model": "tts-1", "input": "Hi.", "voice": {"id": "alba"},
            "response_format": "pcm", "speed": 1.5, "stream_format": "sse", "instructions": "x"}"#;
        let mut request = openai(body).unwrap();
        assert_eq!(request.input, "Hi.");
        assert_eq!(request.voice.as_deref(), Some("alba"));
        assert_eq!(request.format, Some(ResponseFormat::Pcm));
        assert_eq!(request.delivery, Delivery::Events);
        assert_eq!(request.settings.take("speed"), Some(Value::from(1.5)));
        let plain = openai(r#"{"input": "Hi.", "voice": "alba"}"#).unwrap();
        assert_eq!((plain.format, plain.delivery), (None, Delivery::Body));
        assert_eq!(plain.voice.as_deref(), Some("alba"));
    }

    #[test]
    fn a_fault_names_its_field() {
        let cases = [
            ("{}", Some("input")),
            (r#"{"input": 5}"#, Some("input")),
            (r#"{"input": "a", "voice": 5}"#, Some("voice")),
            (r#"{"input": "a", "voice": {}}"#, Some("voice")),
            (
                r#"{"input": "a", "response_format": "aac"}"#,
                Some("response_format"),
            ),
            (
                r#"{"input": "a", "stream_format": "x"}"#,
                Some("stream_format"),
            ),
            ("[]", None),
            ("{", None),
            ("", None),
        ];
        for (body, field) in cases {
            assert_eq!(openai(body).unwrap_err().field, field, "{body}");
        }
        assert!(OpenAiRequest::from_json(&[0xff]).is_err());
    }

    #[test]
    fn pipers_request_has_a_text_and_maybe_a_voice() {
        let body = br#"{"text": "Hi.", "voice": "alba", "length_scale": 2}"#;
        let request = PiperRequest::from_json(body).unwrap();
        assert_eq!(
            (&*request.text, request.voice.as_deref()),
            ("Hi.", Some("alba"))
        );
        let missing = PiperRequest::from_json(b"{}").unwrap_err();
        assert_eq!(missing.to_string(), "the field `text` is missing");
    }
}
