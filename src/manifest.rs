//! What a text may ask for, and lists of texts that do: JSON lines, or CSV
//! with a head.
//!
//! Nothing is opened or spoken here: text in, wishes out.

use std::path::PathBuf;

use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The fields of one text, taken out one by one, so that what is wrong can be
/// told by its name.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

/// What one text may ask for in place of the run's settings. `speaker_id` is
/// old piper's; the rest are the flags of the same names.
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

/// What is wrong with one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadLine {
    /// It cannot be read. Which line it is, the caller knows.
    #[error("{what} at column {column}")]
    Json {
        /// In the words of the JSON reader.
        what: String,
        /// Counted from 1.
        column: usize,
    },
    /// It has no fields.
    #[error(r#"{0} is no object such as {{"text": "Hello."}}"#)]
    NoObject(Value),
    /// A field has a value of another kind.
    #[error("{field} {value} is {wrong}")]
    Field {
        /// Its name.
        field: String,
        /// What it holds.
        value: Value,
        /// What that is not.
        wrong: &'static str,
    },
    /// Two words for one thing.
    #[error("both `speed` and `length_scale`")]
    TwoSpeeds,
    /// It has more fields than the head, or fewer.
    #[error(transparent)]
    Csv(csv::Error),
}

/// What is wrong with a list as a whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadHead {
    /// It names no place for a text.
    #[error("no column `text` or `file`")]
    NoTexts,
    /// It cannot be read.
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

/// Fields whose values are words in CSV even when they look like numbers.
const WORDS: [&str; 8] = [
    "text",
    "file",
    "output_file",
    "id",
    "voice",
    "config",
    "speaker",
    "normalize",
];

/// Reads a line of JSON.
pub fn json_line(line: &str) -> Result<Fields, BadLine> {
    let bad = |error: serde_json::Error| {
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or_default();
        BadLine::Json {
            what: what.to_owned(),
            column: error.column(),
        }
    };
    match serde_json::from_str(line.trim_end()).map_err(bad)? {
        Value::Object(fields) => Ok(Fields(fields)),
        other => Err(BadLine::NoObject(other)),
    }
}

/// Reads a CSV list: each record with the number of the line that it begins
/// on, or would.
pub fn csv_lines(
    list: &str,
) -> Result<impl Iterator<Item = (u64, Result<Fields, BadLine>)>, BadHead> {
    let mut csv = csv::ReaderBuilder::new()
        .trim(csv::Trim::Headers)
        .from_reader(list.as_bytes());
    let heads = csv.headers()?.clone();
    if !heads.iter().any(|head| matches!(head, "text" | "file")) {
        return Err(BadHead::NoTexts);
    }
    Ok(csv.into_records().map(move |record| {
        let at = match &record {
            Ok(record) => record.position(),
            Err(error) => error.position(),
        };
        let number = at.map_or(0, csv::Position::line);
        let record = record.map_err(BadLine::Csv);
        (number, record.map(|record| fields(&heads, &record)))
    }))
}

impl Fields {
    /// Takes out a text.
    pub fn text(&mut self, field: &str) -> Result<Option<String>, BadLine> {
        self.take(field, "no text")
    }

    /// Takes out a name: scripts write it as such, or as a bare number.
    pub fn name(&mut self, field: &str) -> Result<Option<String>, BadLine> {
        if let Some(Value::Number(id)) = self.0.get(field) {
            let id = id.to_string();
            self.0.remove(field);
            return Ok(Some(id));
        }
        self.take(field, "no name and no number")
    }

    /// Takes out what a text may ask for.
    pub fn overrides(&mut self) -> Result<Overrides, BadLine> {
        // Old piper's name, and piper-tts's: where both are given, ours counts.
        let (speaker_id, noise_w_scale) = (self.name("speaker_id")?, self.number("noise_w_scale")?);
        let speed: Option<f32> = self.number("speed")?;
        let length_scale: Option<f32> = self.number("length_scale")?;
        if speed.is_some() && length_scale.is_some() {
            return Err(BadLine::TwoSpeeds);
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
            seed: self.take("seed", "no whole number, 0 or more")?,
        })
    }

    /// Returns the names of what nobody took: notes of their author, or
    /// misspelt.
    pub fn unused(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|(field, _)| field)
    }

    fn number<T: DeserializeOwned>(&mut self, field: &str) -> Result<Option<T>, BadLine> {
        self.take(field, "no number")
    }

    /// A field that holds `null` is one that is not there.
    fn take<T: DeserializeOwned>(
        &mut self,
        field: &str,
        wrong: &'static str,
    ) -> Result<Option<T>, BadLine> {
        let value = self.0.remove(field).unwrap_or_default();
        // Said in our words: the library's speak of Rust's types.
        Option::deserialize(&value).map_err(|_| BadLine::Field {
            field: field.to_owned(),
            value,
            wrong,
        })
    }
}

/// Turns a record into what a line of JSON would be. An empty field is one
/// that is not there.
fn fields(heads: &csv::StringRecord, record: &csv::StringRecord) -> Fields {
    let fields = heads
        .iter()
        .zip(record)
        .filter(|(_, field)| !field.is_empty());
    let fields = fields.map(|(head, field)| (head.to_owned(), value(head, field)));
    Fields(fields.collect())
}

fn value(head: &str, field: &str) -> Value {
    let word = || Value::String(field.to_owned());
    if WORDS.contains(&head) {
        return word();
    }
    // What is no number is left to be refused by the field's name.
    serde_json::from_str(field.trim()).unwrap_or_else(|_| word())
}
