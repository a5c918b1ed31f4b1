//! The times of an output, as JSON or as a table.

use std::fmt::Write as _;
use std::io::{self, Write};

use piper_rs::audio::SampleRate;

use super::record::{SentenceRecord, Times};
use crate::args::TimingsFormatArg;
use crate::speech::events::seconds;
use crate::speech::place::SourceRange;

/// How times are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimingsFormat {
    /// One document: sentences with their words, and words with their phonemes.
    Json,
    /// A line for each sentence, word and phoneme.
    Tsv,
}

pub(super) const COLUMNS: &str = "level\tstart\tend\tfirst_sample\tend_sample\testimated\tfile\tline\t\
                       first_byte\tend_byte\ttext";

/// Writes the times of sentences, each when it is complete.
pub(crate) struct TimingsWriter<W> {
    out: W,
    format: TimingsFormat,
    rate: SampleRate,
    has_sentences: bool,
}

/// Returns whether a text was written as times, in this format.
pub(super) fn is_written(text: &str, format: TimingsFormat) -> bool {
    text.starts_with(match format {
        TimingsFormat::Json => "{\"sample_rate_hz\":",
        TimingsFormat::Tsv => COLUMNS,
    })
}

impl From<TimingsFormatArg> for TimingsFormat {
    fn from(arg: TimingsFormatArg) -> Self {
        match arg {
            TimingsFormatArg::Json => Self::Json,
            TimingsFormatArg::Tsv => Self::Tsv,
        }
    }
}

impl TimingsFormat {
    /// Returns the ending of the names of its files.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Tsv => "tsv",
        }
    }

    /// Returns the format that the ending of a file's name says.
    pub(crate) fn of_ending(ending: &str) -> Option<Self> {
        match ending.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "tsv" => Some(Self::Tsv),
            _ => None,
        }
    }
}

impl<W: Write> TimingsWriter<W> {
    /// Begins a file of times in samples of this rate.
    pub(crate) fn new(mut out: W, format: TimingsFormat, rate: SampleRate) -> io::Result<Self> {
        match format {
            TimingsFormat::Json => write!(out, "{{\"sample_rate_hz\":{rate},\"sentences\":[")?,
            TimingsFormat::Tsv => writeln!(out, "{COLUMNS}")?,
        }
        Ok(Self {
            out,
            format,
            rate,
            has_sentences: false,
        })
    }

    /// Writes a sentence.
    pub(crate) fn write(&mut self, sentence: &SentenceRecord<'_>) -> io::Result<()> {
        match self.format {
            TimingsFormat::Json => {
                let separator = if self.has_sentences { ",\n" } else { "\n" };
                self.has_sentences = true;
                self.out.write_all(separator.as_bytes())?;
                Ok(serde_json::to_writer(&mut self.out, sentence)?)
            }
            TimingsFormat::Tsv => self.out.write_all(rows(sentence).as_bytes()),
        }
    }

    /// Writes the end, after an output of so many samples, and returns what was written
    /// to.
    pub(crate) fn finish(mut self, samples: u64) -> io::Result<W> {
        if self.format == TimingsFormat::Json {
            let seconds = seconds(samples, self.rate);
            writeln!(
                self.out,
                "\n],\"samples\":{samples},\"audio_seconds\":{seconds}}}"
            )?;
        }
        Ok(self.out)
    }

    /// Passes on what was written so far.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The lines of a table.
fn rows(sentence: &SentenceRecord<'_>) -> String {
    let mut rows = String::new();
    let mut row = |level, times: &Times<'_>, source: Option<&SourceRange<'_>>| {
        let Times {
            text,
            start,
            end,
            samples: [first, after],
        } = times;
        let field = |text: &str| text.replace(['\t', '\n', '\r'], " ");
        let text = field(text);
        let (file, line) = source.map_or_else(Default::default, |source| {
            (field(&source.file), source.line.to_string())
        });
        let bytes = source.and_then(|source| source.bytes);
        let [from, to] = bytes.map_or_else(Default::default, |bytes| bytes.map(|b| b.to_string()));
        let estimated = sentence.estimated;
        _ = writeln!(
            rows,
            "{level}\t{start}\t{end}\t{first}\t{after}\t{estimated}\t{file}\t{line}\t{from}\t{to}\t{text}"
        );
    };
    row("sentence", &sentence.times, sentence.source.as_ref());
    for word in &sentence.words {
        row("word", &word.times, word.source.as_ref());
        for phoneme in &word.phonemes {
            row("phoneme", phoneme, None);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::Range;

    use piper_rs::text::Passage;
    use piper_rs::timing::{Precision, TimedPhoneme, TimedSentence, TimedWord};

    use crate::speech::place::PassagePlace;
    use crate::speech::timings::reader::{ReadTimingsError, read_timings};
    use crate::speech::timings::record::JoinedAt;

    fn sentence() -> TimedSentence {
        let word = |text: &str, source: Range<usize>, samples, phonemes| TimedWord {
            text: text.to_owned(),
            source,
            samples,
            phonemes,
        };
        let phoneme = |phoneme: &str, samples| TimedPhoneme {
            phoneme: phoneme.to_owned(),
            samples,
        };
        TimedSentence {
            text: "Hi\nyou.".to_owned(),
            source: 1..8,
            samples: 1000..2500,
            words: vec![
                word("Hi", 1..3, 1000..1500, 0..1),
                word("you.", 4..8, 1500..1500, 2..2),
            ],
            phonemes: vec![phoneme("h", 1000..1500), phoneme(".", 1500..2500)],
            precision: Precision::Estimated,
        }
    }

    fn written(format: TimingsFormat, sentences: usize) -> String {
        let passage = Passage {
            text: " Hi\nyou.".to_owned(),
            origin: "a.txt".to_owned(),
            line: 3,
            offset: 100,
            resume_point: None,
            parts: Vec::new(),
            notes: Vec::new(),
        };
        let place = PassagePlace::of(&passage).part(" Hi\nyou.");
        let rate = SampleRate::new(1000).unwrap();
        let mut writer = TimingsWriter::new(Vec::new(), format, rate).unwrap();
        for _ in 0..sentences {
            let sentence = sentence();
            let record = SentenceRecord::of(&sentence, Some(&place), rate);
            writer.write(&record).unwrap();
        }
        String::from_utf8(writer.finish(2600).unwrap()).unwrap()
    }

    #[test]
    fn json_is_one_document_whatever_is_in_it() {
        for sentences in 0..3 {
            let json: serde_json::Value =
                serde_json::from_str(&written(TimingsFormat::Json, sentences)).unwrap();
            assert_eq!(json["sample_rate_hz"], 1000);
            assert_eq!(
                (&json["samples"], &json["audio_seconds"]),
                (&2600.into(), &2.6.into())
            );
            let found = json["sentences"].as_array().unwrap();
            assert_eq!(found.len(), sentences);
            for sentence in found {
                assert_eq!(sentence["estimated"], true);
                assert_eq!(sentence["source"]["bytes"], serde_json::json!([101, 108]));
                assert_eq!(sentence["words"][1]["source"]["line"], 4);
                let phoneme = serde_json::json!(
                    {"text": "h", "start": 1.0, "end": 1.5, "samples": [1000, 1500]}
                );
                assert_eq!(
                    sentence["words"][0]["phonemes"],
                    serde_json::json!([phoneme])
                );
            }
        }
    }

    #[test]
    fn a_table_has_a_row_for_each_sentence_word_and_phoneme() {
        let expected = format!(
            "{COLUMNS}\n\
             sentence\t1\t2.5\t1000\t2500\ttrue\ta.txt\t3\t101\t108\tHi you.\n\
             word\t1\t1.5\t1000\t1500\ttrue\ta.txt\t3\t101\t103\tHi\n\
             phoneme\t1\t1.5\t1000\t1500\ttrue\t\t\t\t\th\n\
             word\t1.5\t1.5\t1500\t1500\ttrue\ta.txt\t4\t104\t108\tyou.\n"
        );
        assert_eq!(written(TimingsFormat::Tsv, 1), expected);
    }

    #[test]
    fn what_is_written_is_read_again_and_moved() {
        let rate = SampleRate::new(1000).unwrap();
        for format in [TimingsFormat::Json, TimingsFormat::Tsv] {
            let text = written(format, 2);
            let mut read = read_timings(&text, format, 2600, rate).unwrap();
            let again = |read: &[SentenceRecord<'_>], rate, samples| {
                let mut writer = TimingsWriter::new(Vec::new(), format, rate).unwrap();
                for sentence in read {
                    writer.write(sentence).unwrap();
                }
                String::from_utf8(writer.finish(samples).unwrap()).unwrap()
            };
            assert_eq!(again(&read, rate, 2600), text);
            let twice = SampleRate::new(2000).unwrap();
            for sentence in &mut read {
                sentence.move_to(JoinedAt {
                    first_sample: 10,
                    from: rate,
                    to: twice,
                });
            }
            assert_eq!(read[1].times.samples, [2010, 5010]);
            assert_eq!((read[1].times.start, read[1].times.end), (1.005, 2.505));
            assert_eq!(read[0].words[0].phonemes[0].samples, [2010, 3010]);
            assert_eq!(read[0].words[1].times.samples, [3010, 3010]);
            // The end of another sound, or what is not ours.
            let other = read_timings(&text, format, 2400, rate);
            assert!(matches!(other, Err(ReadTimingsError::OtherSound)));
            for text in [text.replacen("word", "ward", 9), "by hand".to_owned()] {
                assert!(read_timings(&text, format, 2600, rate).is_err(), "{text}");
            }
        }
    }
}
