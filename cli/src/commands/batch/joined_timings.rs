//! The times of a joined file, from those of its parts.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use piper_rs::audio::SampleRate;

use crate::speech::timed_format::TimedFormat;
use crate::speech::timings::{JoinedAt, TimingsFormat, TimingsWriter, read_timings};

/// An audio file that is joined with others. Its times are beside it.
pub(super) struct JoinedPart<'a> {
    pub(super) audio: &'a Path,
    pub(super) samples: u64,
    pub(super) rate: SampleRate,
    /// Where it begins in the joined file, at the rate of that.
    pub(super) first_sample: u64,
}

/// Returns the times of a joined file of so many samples at this rate.
pub(super) fn joined_timings(
    parts: &[JoinedPart<'_>],
    format: TimingsFormat,
    samples: u64,
    rate: SampleRate,
) -> anyhow::Result<String> {
    let mut writer = TimingsWriter::new(Vec::new(), format, rate)?;
    for part in parts {
        let path = TimedFormat::Timings(format).beside(part.audio);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let sentences = read_timings(&text, format, part.samples, part.rate);
        let sentences = sentences.with_context(|| {
            let path = path.display();
            format!("{path} cannot be joined; delete it, and it is made again")
        })?;
        let at = JoinedAt {
            first_sample: part.first_sample,
            from: part.rate,
            to: rate,
        };
        for mut sentence in sentences {
            sentence.move_to(at);
            writer.write(&sentence)?;
        }
    }
    Ok(String::from_utf8(writer.finish(samples)?)?)
}
