//! A list of texts, with what each asks for: JSON lines, or CSV with a head.
//!
//! Nothing is opened or spoken here: text in, wishes out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// One text of a list.
#[derive(Debug, Deserialize)]
pub struct Line {
    /// The text itself, or else
    pub text: Option<String>,
    /// where it is, relative to the list.
    pub file: Option<PathBuf>,
    /// Where its sound goes.
    pub output_file: Option<PathBuf>,
    /// A name, written as such or as a bare number.
    pub id: Option<Value>,
    /// How it is spoken.
    #[serde(flatten)]
    pub overrides: Overrides,
    /// Fields that mean nothing here.
    #[serde(flatten)]
    rest: BTreeMap<String, IgnoredAny>,
}

/// What one text may ask for in place of the run's settings. `speaker` and
/// `speaker_id` are old piper's; the rest are the flags of the same names.
#[derive(Debug, Default, Deserialize)]
#[allow(missing_docs)] // the flags are documented
pub struct Overrides {
    pub speaker: Option<Value>,
    pub speaker_id: Option<i64>,
    pub voice: Option<String>,
    pub speed: Option<f32>,
    pub length_scale: Option<f32>,
    pub noise_scale: Option<f32>,
    #[serde(alias = "noise_w_scale")]
    pub noise_w: Option<f32>,
    pub volume: Option<f32>,
    pub seed: Option<u64>,
}

/// What is wrong with one line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadLine {
    /// It cannot be read.
    #[error("bad JSON")]
    Json(#[source] serde_json::Error),
    /// A field has a value of another kind.
    #[error(transparent)]
    Field(serde_json::Error),
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
const WORDS: [&str; 6] = ["text", "file", "output_file", "id", "voice", "speaker"];

/// Reads a line of JSON.
pub fn json_line(line: &str) -> Result<Line, BadLine> {
    Line::read(serde_json::from_str(line).map_err(BadLine::Json)?)
}

/// Reads a CSV list: each record with the number of the line that it begins
/// on, or would.
pub fn csv_lines(
    list: &str,
) -> Result<impl Iterator<Item = (u64, Result<Line, BadLine>)>, BadHead> {
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
        (
            number,
            record.and_then(|record| Line::read(object(&heads, &record))),
        )
    }))
}

impl Line {
    fn read(value: Value) -> Result<Self, BadLine> {
        serde_json::from_value(value).map_err(BadLine::Field)
    }

    /// Returns the names of fields that mean nothing here: notes of their
    /// author, or misspelt.
    pub fn unused(&self) -> impl Iterator<Item = &String> {
        self.rest.keys()
    }
}

/// Turns a record into what a line of JSON would be. An empty field is one
/// that is not there.
fn object(heads: &csv::StringRecord, record: &csv::StringRecord) -> Value {
    let fields = heads
        .iter()
        .zip(record)
        .filter(|(_, field)| !field.is_empty());
    let fields = fields.map(|(head, field)| (head.to_owned(), value(head, field)));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn value(head: &str, field: &str) -> Value {
    let word = || Value::String(field.to_owned());
    if WORDS.contains(&head) {
        return word();
    }
    // What is no number is left to be refused by the field's name.
    serde_json::from_str(field.trim()).unwrap_or_else(|_| word())
}
