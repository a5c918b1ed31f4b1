//! MP3: mono, with ID3 tags.

mod id3_tag;
mod lame;

use std::path::PathBuf;

use self::lame::{Lame, LameEncoder};
use super::{Bitrate, Encoder, Medium, Tags, failed};
use crate::Result;
use crate::audio::SampleRate;

/// The rates that MP3 has, in Hz.
pub(super) const RATES: [u32; 9] = [
    8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000,
];

/// Returns the name that LAME was found by, and its version.
///
/// Fails if it is not installed.
pub fn find() -> Result<(PathBuf, String)> {
    let (path, version) = Lame::get()?.describe();
    Ok((path.to_owned(), version))
}

/// What an encoder is made for.
pub(super) struct Mp3Options<'a> {
    /// One of [`RATES`].
    pub(super) rate: SampleRate,
    /// On average. Without it, as much as the quality needs.
    pub(super) bitrate: Option<Bitrate>,
    pub(super) tags: &'a Tags,
    pub(super) medium: Medium,
    pub(super) target: &'a str,
}

pub(super) struct Mp3Encoder {
    lame: LameEncoder,
    /// The ID3 tag, which comes first.
    tag: Vec<u8>,
    state: State,
    target: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Finished,
}

impl Mp3Encoder {
    pub(super) fn new(options: &Mp3Options<'_>) -> Result<Self> {
        Ok(Self {
            lame: LameEncoder::new(options.rate, options.bitrate, options.medium)?,
            tag: id3_tag::encode(options.tags, options.target)?,
            state: State::Open,
            target: options.target.to_owned(),
        })
    }
}

impl Encoder for Mp3Encoder {
    fn header(&mut self) -> Result<Vec<u8>> {
        Ok(self.tag.clone())
    }

    fn encode(&mut self, samples: &[f32], bytes: &mut Vec<u8>) -> Result<()> {
        let encoded = self.lame.encode(samples, bytes);
        encoded.map_err(|error| failed(&self.target, error))
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        let flushed = self.lame.flush(bytes);
        self.state = State::Finished;
        flushed.map_err(|error| failed(&self.target, error))
    }

    /// LAME has left a frame empty after the tag, for the length.
    fn corrected_start(&mut self) -> Option<Vec<u8>> {
        if self.state == State::Open {
            return None;
        }
        let frame = self.lame.length_frame();
        (!frame.is_empty()).then(|| [self.tag.as_slice(), &frame].concat())
    }
}
