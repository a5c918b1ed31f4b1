//! FLAC: 16-bit, mono, lossless. Its samples are those of a WAV file.

use std::io::{self, Write};
use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flac_codec::encode::{FlacStreamWriter, Options};
use flac_codec::metadata::{Block, Streaminfo, VorbisComment, write_blocks};
use md5::{Digest as _, Md5};

use super::tags::{ENCODER, Tags};
use super::{Encoder, Medium, failed};
use crate::Result;
use crate::audio::{SampleRate, pcm};

/// Samples in a frame: what `flac` itself takes at these rates.
const FRAME_SAMPLES: usize = 4096;

pub(super) struct FlacEncoder {
    frames: FlacStreamWriter<FrameBytes>,
    /// What `frames` has written.
    written: FrameBytes,
    /// Samples that do not fill a frame yet.
    pending: Vec<i32>,
    medium: Medium,
    rate: SampleRate,
    comments: VorbisComment,
    samples: u64,
    md5: Md5,
    state: State,
    target: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Finished,
}

impl FlacEncoder {
    pub(super) fn new(rate: SampleRate, medium: Medium, tags: &Tags, target: &str) -> Self {
        let written = FrameBytes::default();
        let comments = tags.comments().into_iter();
        Self {
            frames: FlacStreamWriter::new(written.clone(), Options::default()),
            written,
            pending: Vec::with_capacity(FRAME_SAMPLES),
            medium,
            rate,
            comments: VorbisComment {
                vendor_string: ENCODER.to_owned(),
                fields: comments
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect(),
            },
            samples: 0,
            md5: Md5::new(),
            state: State::Open,
            target: target.to_owned(),
        }
    }

    fn write_frame(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        let written = self.frames.write(self.rate.get(), 1, 16, &self.pending);
        self.samples += self.pending.len() as u64;
        for sample in self.pending.drain(..) {
            self.md5.update((sample as i16).to_le_bytes());
        }
        bytes.append(&mut self.written.lock());
        written.map_err(|error| failed(&self.target, error))
    }

    /// Returns the metadata for what was encoded so far. Its length is always the same.
    fn metadata(&self) -> Result<Vec<u8>> {
        let streaminfo = Streaminfo {
            minimum_block_size: FRAME_SAMPLES as u16,
            maximum_block_size: FRAME_SAMPLES as u16,
            minimum_frame_size: None,
            maximum_frame_size: None,
            sample_rate: self.rate.get(),
            channels: NonZero::<u8>::MIN,
            bits_per_sample: 16_u32.try_into().expect("is at most 32"),
            total_samples: NonZero::new(self.samples),
            md5: match self.state {
                State::Open => None,
                State::Finished => Some(self.md5.clone().finalize().into()),
            },
        };
        let mut bytes = Vec::new();
        let blocks = [Block::from(streaminfo), self.comments.clone().into()];
        write_blocks(&mut bytes, blocks).map_err(|error| failed(&self.target, error))?;
        Ok(bytes)
    }
}

impl Encoder for FlacEncoder {
    fn header(&mut self) -> Result<Vec<u8>> {
        self.metadata()
    }

    fn encode(&mut self, samples: &[f32], bytes: &mut Vec<u8>) -> Result<()> {
        for &sample in samples {
            self.pending.push(pcm::to_i16(sample).into());
            if self.pending.len() == FRAME_SAMPLES {
                self.write_frame(bytes)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        if !self.pending.is_empty() {
            self.write_frame(bytes)?;
        }
        self.state = State::Finished;
        Ok(())
    }

    fn corrected_start(&mut self) -> Option<Vec<u8>> {
        match self.medium {
            Medium::File => self.metadata().ok(),
            Medium::Stream => None,
        }
    }
}

/// The bytes of frames. It is shared, because the stream writer keeps its writer.
#[derive(Clone, Default)]
struct FrameBytes(Arc<Mutex<Vec<u8>>>);

impl FrameBytes {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for FrameBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
