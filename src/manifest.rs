//! Lists of texts with settings: JSON lines, or CSV with a header.
//!
//! Only parses: nothing is opened or spoken here.

use std::path::PathBuf;

use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The fields of one text. They are taken out one by one, so that an error can
/// name its field.
#[derive(Debug)]
pub struct Record(Map<String, Value>);

/// Settings that one text overrides. They mean the same as the flags with these
/// names.
#[derive(Debug, Default)]
#[allow(missing_docs)] // the flags are documented
pub struct Overrides {
    pub speaker: Option<String>,
    pub voice: Option<String>,
    pub config: Option<PathBuf>,
    pub speed: Option<f32>,
    pub length_scale: Option<f32>,
    pub noise_scale: Option<f32>,
    pub noise_w: Option<f32>,
    pub volume: Option<f32>,
    pub sentence_silence: Option<f64>,
    pub line_silence: Option<f64>,
    pub paragraph_silence: Option<f64>,
    pub seed: Option<u64>,
}

/// Why a record is invalid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadRecord {
    /// It is not JSON. The caller knows the number of the line.
    #[error("{what} at column {column}")]
    Json {
        /// The JSON parser's message.
        what: String,
        /// Counted from 1.
        column: usize,
    },
    /// It is JSON, but not an object.
    #[error(r#"{0} is not an object such as {{"text": "Hello."}}"#)]
    NoObject(Value),
    /// A field has a value of the wrong type.
    #[error("{field} {value} is not {expected}")]
    Field {
        /// Its name.
        field: String,
        /// Its value.
        value: Value,
        /// The expected type, in words.
        expected: &'static str,
    },
    /// Both `speed` and `length_scale` are given, which mean the same.
    #[error("both `speed` and `length_scale` are given")]
    TwoSpeeds,
    /// It has more or fewer fields than the header.
    #[error(transparent)]
    Csv(csv::Error),
}

/// Why the header of a CSV list is invalid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadHeader {
    /// No column has texts.
    #[error("no column `text` or `file`")]
    NoTexts,
    /// It is not CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

/// Fields whose CSV values are strings, even if they look like numbers.
const STRINGS: [&str; 8] = [
    "text",
    "file",
    "output_file",
    "id",
    "voice",
    "config",
    "speaker",
    "normalize",
];

/// Parses a line of JSON.
pub fn json_record(line: &str) -> Result<Record, BadRecord> {
    let bad = |error: serde_json::Error| {
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or_default();
        BadRecord::Json {
            what: what.to_owned(),
            column: error.column(),
        }
    };
    match serde_json::from_str(line.trim_end()).map_err(bad)? {
        Value::Object(fields) => Ok(Record(fields)),
        other => Err(BadRecord::NoObject(other)),
    }
}

/// Parses a CSV list. Returns each record with the number of its first line,
/// counted from 1.
pub fn csv_records(
    list: &str,
) -> Result<impl Iterator<Item = (u64, Result<Record, BadRecord>)>, BadHeader> {
    let mut csv = csv::ReaderBuilder::new()
        .trim(csv::Trim::Headers)
        .from_reader(list.as_bytes());
    let header = csv.headers()?.clone();
    if !header.iter().any(|name| matches!(name, "text" | "file")) {
        return Err(BadHeader::NoTexts);
    }
    Ok(csv.into_records().map(move |record| {
        let position = match &record {
            Ok(record) => record.position(),
            Err(error) => error.position(),
        };
        let line = position.map_or(0, csv::Position::line);
        let record = record.map_err(BadRecord::Csv);
        (line, record.map(|record| csv_record(&header, &record)))
    }))
}

impl Record {
    /// Takes out a string.
    pub fn text(&mut self, field: &str) -> Result<Option<String>, BadRecord> {
        self.take(field, "a string")
    }

    /// Takes out a name. Some programs write it as a number.
    pub fn name(&mut self, field: &str) -> Result<Option<String>, BadRecord> {
        if let Some(Value::Number(id)) = self.0.get(field) {
            let id = id.to_string();
            self.0.remove(field);
            return Ok(Some(id));
        }
        self.take(field, "a string or a number")
    }

    /// Takes out the settings.
    pub fn overrides(&mut self) -> Result<Overrides, BadRecord> {
        // The names of old piper and piper-tts. If both are given, ours counts.
        let (speaker_id, noise_w_scale) = (self.name("speaker_id")?, self.number("noise_w_scale")?);
        let speed: Option<f32> = self.number("speed")?;
        let length_scale: Option<f32> = self.number("length_scale")?;
        if speed.is_some() && length_scale.is_some() {
            return Err(BadRecord::TwoSpeeds);
        }
        Ok(Overrides {
            speaker: self.name("speaker")?.or(speaker_id),
            voice: self.text("voice")?,
            config: self.text("config")?.map(PathBuf::from),
            speed,
            length_scale,
            noise_scale: self.number("noise_scale")?,
            noise_w: self.number("noise_w")?.or(noise_w_scale),
            volume: self.number("volume")?,
            sentence_silence: self.number("sentence_silence")?,
            line_silence: self.number("line_silence")?,
            paragraph_silence: self.number("paragraph_silence")?,
            seed: self.take("seed", "an integer of 0 or more")?,
        })
    }

    /// Returns the names of the remaining fields: notes, or misspelled names.
    pub fn unused(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|(field, _)| field)
    }

    fn number<T: DeserializeOwned>(&mut self, field: &str) -> Result<Option<T>, BadRecord> {
        self.take(field, "a number")
    }

    /// Takes out a field. `null` means that it is missing.
    fn take<T: DeserializeOwned>(
        &mut self,
        field: &str,
        expected: &'static str,
    ) -> Result<Option<T>, BadRecord> {
        let value = self.0.remove(field).unwrap_or_default();
        // Not serde's message, which names Rust types.
        Option::deserialize(&value).map_err(|_| BadRecord::Field {
            field: field.to_owned(),
            value,
            expected,
        })
    }
}

/// Converts a CSV record. An empty field is missing.
fn csv_record(header: &csv::StringRecord, record: &csv::StringRecord) -> Record {
    let fields = header
        .iter()
        .zip(record)
        .filter(|(_, field)| !field.is_empty());
    let fields = fields.map(|(name, field)| (name.to_owned(), value(name, field)));
    Record(fields.collect())
}

fn value(name: &str, field: &str) -> Value {
    let string = || Value::String(field.to_owned());
    if STRINGS.contains(&name) {
        return string();
    }
    // Text that is not a number is refused later, with the field's name.
    serde_json::from_str(field.trim()).unwrap_or_else(|_| string())
}
