//! Reads files of times, as they are written here.

use std::borrow::Cow;

use piper_rs::audio::SampleRate;
use serde::Deserialize;

use super::record::{SentenceRecord, Times, WordRecord};
use super::writer::{COLUMNS, TimingsFormat};
use crate::speech::place::SourceRange;

/// Why times cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadTimingsError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("line 1 does not name the columns of times")]
    Columns,
    #[error("line {0} is not a sentence, or a word or phoneme of one")]
    Row(usize),
    #[error("the times are those of another sound")]
    OtherSound,
}

#[derive(Deserialize)]
struct File {
    sample_rate_hz: SampleRate,
    sentences: Vec<SentenceRecord<'static>>,
    samples: u64,
}

/// Reads the times of a sound of so many samples at this rate.
///
/// Fails if they are not its times, as far as can be seen.
pub(crate) fn read_timings(
    text: &str,
    format: TimingsFormat,
    samples: u64,
    rate: SampleRate,
) -> Result<Vec<SentenceRecord<'static>>, ReadTimingsError> {
    let sentences = match format {
        TimingsFormat::Json => {
            let file: File = serde_json::from_str(text)?;
            if (file.samples, file.sample_rate_hz) != (samples, rate) {
                return Err(ReadTimingsError::OtherSound);
            }
            file.sentences
        }
        TimingsFormat::Tsv => read_table(text)?,
    };
    match sentences.last().is_some_and(|last| last.end() > samples) {
        true => Err(ReadTimingsError::OtherSound),
        false => Ok(sentences),
    }
}

fn read_table(text: &str) -> Result<Vec<SentenceRecord<'static>>, ReadTimingsError> {
    let mut lines = text.lines();
    if lines.next() != Some(COLUMNS) {
        return Err(ReadTimingsError::Columns);
    }
    let mut sentences = Vec::new();
    for (number, line) in (2..).zip(lines) {
        add_row(&mut sentences, line).ok_or(ReadTimingsError::Row(number))?;
    }
    Ok(sentences)
}

/// Adds a sentence, or a word or phoneme to the last one. Returns `None` if it is none.
fn add_row(sentences: &mut Vec<SentenceRecord<'static>>, line: &str) -> Option<()> {
    let Row {
        level,
        times,
        estimated,
        source,
    } = Row::parse(line)?;
    if level == "sentence" {
        sentences.push(SentenceRecord {
            times,
            estimated,
            source,
            words: Vec::new(),
        });
        return Some(());
    }
    let words = &mut sentences.last_mut()?.words;
    match level {
        "word" => words.push(WordRecord {
            times,
            source,
            phonemes: Vec::new(),
        }),
        "phoneme" => words.last_mut()?.phonemes.push(times),
        _ => return None,
    }
    Some(())
}

struct Row<'a> {
    level: &'a str,
    times: Times<'static>,
    estimated: bool,
    source: Option<SourceRange<'static>>,
}

impl<'a> Row<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let fields: Vec<_> = line.split('\t').collect();
        let &[
            level,
            start,
            end,
            first,
            after,
            estimated,
            file,
            line,
            from,
            to,
            text,
        ] = fields.as_slice()
        else {
            return None;
        };
        let source = match line {
            "" => None,
            line => Some(SourceRange {
                file: Cow::Owned(file.to_owned()),
                line: line.parse().ok()?,
                bytes: match from {
                    "" => None,
                    from => Some([from.parse().ok()?, to.parse().ok()?]),
                },
            }),
        };
        Some(Self {
            level,
            times: Times {
                text: Cow::Owned(text.to_owned()),
                start: start.parse().ok()?,
                end: end.parse().ok()?,
                samples: [first.parse().ok()?, after.parse().ok()?],
            },
            estimated: estimated.parse().ok()?,
            source,
        })
    }
}
