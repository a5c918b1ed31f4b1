//! CSV: each row is read with the names of its columns.
//!
//! The first row has the names if other rows follow, and if it looks like names: see
//! [`is_header`].

use std::collections::HashSet;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use csv::{Reader as CsvReader, ReaderBuilder, StringRecord, Trim};

use super::block_builder::BlockBuilder;
use super::source::{self, damaged};
use super::{Progress, ReadError, Reader, too_large};
use crate::text::{Encoding, Input, Passages};
use crate::{Error, Result, separator};

/// The largest row. A quote that is not closed would make the rest of a file one.
const MAX_ROW_MIB: u64 = 1;

/// Reads a table as it arrives.
pub(super) struct RowReader {
    rows: CsvReader<LineBytes>,
    /// How many lines of the file are before the header.
    lines_before: u64,
    /// Empty if the table has none.
    header: StringRecord,
    row: StringRecord,
    /// The first row, if it is not the header.
    first: Option<StringRecord>,
    /// Whether rows were read below the first one.
    has_data: bool,
    /// The bytes that were read since the last row, and the error that ended them.
    state: Arc<LineState>,
    builder: BlockBuilder,
}

#[derive(Debug, Default)]
struct LineState {
    bytes: AtomicU64,
    error: std::sync::Mutex<Option<Error>>,
}

impl RowReader {
    pub(super) fn new(input: Input, encoding: Option<Encoding>) -> Result<Self, ReadError> {
        let mut lines = source::lines(input, encoding)?;
        let mut first = lines.next().transpose()?.map(|line| line.text);
        let mut lines_before = 0;
        let mut separator = None;
        // Excel's way to tell the separator.
        if let Some(line) = &first
            && let Some(told) = line.trim_end_matches(['\r', '\n']).strip_prefix("sep=")
        {
            separator = only_byte(told);
            first = lines.next().transpose()?.map(|line| line.text);
            lines_before = 1;
        }
        let first = first.unwrap_or_default();
        let state = Arc::new(LineState::default());
        let bytes = LineBytes {
            rest: first.clone().into_bytes(),
            read: 0,
            lines,
            state: Arc::clone(&state),
        };
        let rows = ReaderBuilder::new()
            .delimiter(separator.unwrap_or_else(|| separator::separator(&first)))
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(bytes);
        let mut reader = Self {
            rows,
            lines_before,
            header: StringRecord::new(),
            row: StringRecord::new(),
            first: None,
            has_data: false,
            state,
            builder: BlockBuilder::default(),
        };
        if reader.next_row()? {
            let first = std::mem::take(&mut reader.row);
            match is_header(&first) {
                true => reader.header = first,
                false => reader.first = Some(first),
            }
        }
        Ok(reader)
    }

    /// Reads the next row that is spoken.
    fn next_data(&mut self) -> Result<bool, ReadError> {
        if let Some(first) = self.first.take() {
            self.row = first;
            return Ok(true);
        }
        if self.next_row()? {
            self.has_data = true;
            return Ok(true);
        }
        // A header with nothing below it is the only text.
        self.row = match self.has_data {
            true => StringRecord::new(),
            false => std::mem::take(&mut self.header),
        };
        self.has_data = true;
        Ok(!self.row.is_empty())
    }

    fn next_row(&mut self) -> Result<bool, ReadError> {
        self.state.bytes.store(0, Ordering::Relaxed);
        match self.rows.read_record(&mut self.row) {
            Ok(more) => Ok(more),
            Err(error) => {
                if let Ok(mut failed) = self.state.error.lock()
                    && let Some(error) = failed.take()
                {
                    return Err(error.into());
                }
                let line = self.rows.position().line() + self.lines_before;
                let place = format!("the row of line {line}");
                match error.is_io_error() {
                    true => Err(too_large(&place, MAX_ROW_MIB).into()),
                    false => Err(damaged(place, error).into()),
                }
            }
        }
    }
}

impl Reader for RowReader {
    fn advance(&mut self) -> Result<Progress, ReadError> {
        if !self.next_data()? {
            self.builder.end_paragraph();
            return Ok(Progress::Ended);
        }
        let line = self.row.position().map_or(1, csv::Position::line);
        self.builder.at_line(line + self.lines_before);
        for (n, value) in self.row.iter().enumerate() {
            if value.is_empty() {
                continue;
            }
            self.builder.comma();
            if let Some(name) = self.header.get(n).filter(|name| !name.is_empty()) {
                self.builder.text(name);
                let ends = name.ends_with(|c: char| c.is_ascii_punctuation());
                self.builder.text(if ends { " " } else { ": " });
            }
            self.builder.text(value);
        }
        self.builder.line_break();
        Ok(Progress::More)
    }

    fn with_builder(&mut self, take: &mut dyn FnMut(&mut BlockBuilder)) {
        take(&mut self.builder);
    }
}

/// Returns the separator that a line tells: one character of ASCII, no quote.
fn only_byte(told: &str) -> Option<u8> {
    match *told.as_bytes() {
        [byte] if byte.is_ascii() && byte != b'"' => Some(byte),
        _ => None,
    }
}

/// Returns whether the first row of a table has the names of its columns: they differ,
/// and none of them is a number, a date or a time, unless it is a year.
fn is_header(row: &StringRecord) -> bool {
    let mut seen = HashSet::new();
    let mut names = row.iter().filter(|name| !name.is_empty());
    names.all(|name| seen.insert(name) && (is_year(name) || !is_value(name)))
}

/// Returns whether a cell has digits and no letters.
fn is_value(cell: &str) -> bool {
    cell.contains(char::is_numeric) && !cell.contains(char::is_alphabetic)
}

/// Tables often have a column for each year.
fn is_year(cell: &str) -> bool {
    cell.len() == 4 && matches!(cell.parse(), Ok(1000..2200))
}

/// Decoded lines, as the bytes that the parser takes.
struct LineBytes {
    rest: Vec<u8>,
    read: usize,
    lines: Passages,
    state: Arc<LineState>,
}

impl Read for LineBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.rest.len() {
            match self.lines.next() {
                None => return Ok(0),
                Some(Ok(line)) => (self.rest, self.read) = (line.text.into_bytes(), 0),
                Some(Err(error)) => {
                    if let Ok(mut failed) = self.state.error.lock() {
                        *failed = Some(error);
                    }
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
        }
        let length = buffer.len().min(self.rest.len() - self.read);
        buffer[..length].copy_from_slice(&self.rest[self.read..self.read + length]);
        self.read += length;
        let since = self.state.bytes.fetch_add(length as u64, Ordering::Relaxed);
        match since > MAX_ROW_MIB * 1024 * 1024 {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok(length),
        }
    }
}
