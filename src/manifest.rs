//! Lists of texts with settings: JSON lines, or CSV with a header. Its fields are
//! separated by commas, semicolons or tabs, as the header shows.
//!
//! Only parses: nothing is opened or spoken here.

use std::io::{self, BufRead, Read as _};

use serde_json::{Map, Value};

use crate::separator::separator;

/// The fields of one text. They are taken out one by one, so that an error can
/// name its field.
#[derive(Debug)]
pub struct Record(Map<String, Value>);

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
    /// It has more fields than the header.
    #[error(
        "it has {found} fields, and the header {expected}; a text with a comma or another \
         separator must be in double quotes"
    )]
    TooManyFields {
        /// How many the record has.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
    /// It is not CSV.
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
const STRINGS: [&str; 11] = [
    "text",
    "file",
    "format",
    "output_file",
    "id",
    "voice",
    "config",
    "speaker",
    "normalize",
    "punctuation",
    "read_as",
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

/// Parses a CSV list in UTF-8, one record at a time. Returns each record with the number
/// of its first line, counted from 1.
pub fn csv_records(
    mut list: impl BufRead,
) -> Result<impl Iterator<Item = (u64, Result<Record, BadRecord>)>, BadHeader> {
    let header_lines = header_lines(&mut list).map_err(csv::Error::from)?;
    let mut csv = csv::ReaderBuilder::new()
        .delimiter(separator(header_lines.trim()))
        .trim(csv::Trim::Headers)
        // Spreadsheets leave out empty fields at the end.
        .flexible(true)
        .from_reader(io::Cursor::new(header_lines).chain(list));
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
        (line, record.and_then(|record| csv_record(&header, &record)))
    }))
}

/// Reads the first line that is not blank, and those before it.
fn header_lines(list: &mut impl BufRead) -> io::Result<String> {
    let mut lines = String::new();
    while lines.trim().is_empty() {
        if list.read_line(&mut lines)? == 0 {
            break;
        }
    }
    Ok(lines)
}

impl Record {
    /// Takes out a field. `null` means that it is missing.
    pub fn take(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field).filter(|value| !value.is_null())
    }

    /// Sets a field, which replaces one of the same name.
    pub(crate) fn set(&mut self, field: &str, value: Value) {
        self.0.insert(field.to_owned(), value);
    }

    /// Takes out a string.
    pub fn text(&mut self, field: &str) -> Result<Option<String>, BadRecord> {
        let text = self.take(field).map(|value| match value {
            Value::String(text) => Ok(text),
            value => Err(bad_field(field, value, "a string")),
        });
        text.transpose()
    }

    /// Takes out a name. Some programs write it as a number.
    pub fn name(&mut self, field: &str) -> Result<Option<String>, BadRecord> {
        let name = self.take(field).map(|value| match value {
            Value::String(name) => Ok(name),
            Value::Number(name) => Ok(name.to_string()),
            value => Err(bad_field(field, value, "a string or a number")),
        });
        name.transpose()
    }

    /// Returns the names of the remaining fields: notes, or misspelled names.
    pub fn unused(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|(field, _)| field)
    }
}

fn bad_field(field: &str, value: Value, expected: &'static str) -> BadRecord {
    BadRecord::Field {
        field: field.to_owned(),
        value,
        expected,
    }
}

/// Converts a CSV record. An empty field is missing.
fn csv_record(header: &csv::StringRecord, record: &csv::StringRecord) -> Result<Record, BadRecord> {
    if record
        .iter()
        .skip(header.len())
        .any(|field| !field.is_empty())
    {
        return Err(BadRecord::TooManyFields {
            found: record.len(),
            expected: header.len(),
        });
    }
    let fields = header
        .iter()
        .zip(record)
        .filter(|(_, field)| !field.is_empty());
    let fields = fields.map(|(name, field)| (name.to_owned(), value(name, field)));
    Ok(Record(fields.collect()))
}

fn value(name: &str, field: &str) -> Value {
    let string = || Value::String(field.to_owned());
    if STRINGS.contains(&name) {
        return string();
    }
    // Text that is not a number is refused later, with the field's name.
    serde_json::from_str(field.trim()).unwrap_or_else(|_| string())
}
