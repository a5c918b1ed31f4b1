//! Samples to the bytes that a client gets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use piper_rs::Result;
use piper_rs::audio::SampleRate;
use piper_rs::audio::resample::Resampler;
use piper_rs::encode::{Encoder, Encoding, Medium, SoundFormat};

/// Up to this many bytes a whole WAV is held back until its length is known: three
/// minutes at 22 050 Hz.
const MAX_HELD_BYTES: usize = 8_000_000;

/// Up to this many bytes of all requests together are held back.
const MAX_ALL_HELD_BYTES: usize = 64_000_000;

/// How many bytes are held back, for all requests. Clones are the same count.
#[derive(Debug, Clone, Default)]
pub(super) struct HeldBytes(Arc<AtomicUsize>);

/// The part of one request; dropping it gives it back.
struct Held {
    all: HeldBytes,
    bytes: usize,
}

/// How sound is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutputOptions {
    pub(super) format: SoundFormat,
    /// `None` for the voice's own rate.
    pub(super) rate: Option<SampleRate>,
    pub(super) start: OutputStart,
}

/// When the first bytes are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputStart {
    /// As soon as they are made. The header of a WAV then declares no true length.
    AtOnce,
    /// When a WAV is complete, so that its header has its length. A long one starts before.
    Whole,
}

/// Encodes the sound of one request.
pub(super) struct Output {
    rate: SampleRate,
    encoder: Box<dyn Encoder>,
    resampler: Option<Resampler>,
    resampled: Vec<f32>,
    bytes: Vec<u8>,
    state: State,
}

enum State {
    /// Bytes are held back.
    Holding(Held),
    Sending,
}

const TARGET: &str = "the response";

impl Output {
    /// Takes samples of the rate `from`.
    pub(super) fn new(options: &OutputOptions, from: SampleRate, held: &HeldBytes) -> Result<Self> {
        let rate = options.rate.unwrap_or(from);
        let (state, medium) = match (options.start, options.format) {
            (OutputStart::Whole, SoundFormat::Wav) => {
                let (all, bytes) = (held.clone(), 0);
                (State::Holding(Held { all, bytes }), Medium::File)
            }
            _ => (State::Sending, Medium::Stream),
        };
        let mut encoder = Encoding::from(options.format).encoder(rate, medium, TARGET)?;
        Ok(Self {
            rate,
            bytes: encoder.header()?,
            encoder,
            resampler: (rate != from)
                .then(|| Resampler::new(from, rate))
                .transpose()?,
            resampled: Vec::new(),
            state,
        })
    }

    /// The rate of the samples that are sent, but Opus and MP3 may have others.
    pub(super) fn rate(&self) -> SampleRate {
        self.rate
    }

    /// Encodes samples. Returns what can be sent; it may be nothing.
    pub(super) fn encode(&mut self, samples: &[f32]) -> Result<Vec<u8>> {
        let samples = match &mut self.resampler {
            None => samples,
            Some(resampler) => {
                self.resampled.clear();
                resampler.process(samples, &mut self.resampled)?;
                &self.resampled
            }
        };
        self.encoder.encode(samples, &mut self.bytes)?;
        if let State::Holding(held) = &mut self.state {
            if held.grow_to(self.bytes.len()) {
                return Ok(Vec::new());
            }
            let wav = Encoding::from(SoundFormat::Wav);
            self.encoder = wav.encoder(self.rate, Medium::Stream, TARGET)?;
            let start = self.encoder.header()?;
            self.replace_start(&start);
            self.state = State::Sending;
        }
        Ok(std::mem::take(&mut self.bytes))
    }

    /// Returns the rest.
    pub(super) fn finish(mut self) -> Result<Vec<u8>> {
        if let Some(resampler) = &mut self.resampler {
            self.resampled.clear();
            resampler.finish(&mut self.resampled)?;
            self.encoder.encode(&self.resampled, &mut self.bytes)?;
        }
        self.encoder.finish(&mut self.bytes)?;
        if matches!(self.state, State::Holding(_))
            && let Some(start) = self.encoder.corrected_start()
        {
            self.replace_start(&start);
        }
        Ok(self.bytes)
    }

    fn replace_start(&mut self, start: &[u8]) {
        self.bytes[..start.len()].copy_from_slice(start);
    }
}

impl Held {
    /// Holds this many bytes back. Returns whether there is room for them.
    fn grow_to(&mut self, bytes: usize) -> bool {
        let more = bytes - self.bytes;
        let all = self.all.0.fetch_add(more, Ordering::SeqCst) + more;
        self.bytes = bytes;
        bytes <= MAX_HELD_BYTES && all <= MAX_ALL_HELD_BYTES
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.all.0.fetch_sub(self.bytes, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroU32;

    const RATE: SampleRate = NonZeroU32::new(22_050).unwrap();

    fn encoded(options: &OutputOptions, blocks: &[&[f32]]) -> (Vec<u8>, usize) {
        let mut output = Output::new(options, RATE, &HeldBytes::default()).unwrap();
        let mut bytes = Vec::new();
        for block in blocks {
            bytes.extend(output.encode(block).unwrap());
        }
        let before_end = bytes.len();
        bytes.extend(output.finish().unwrap());
        (bytes, before_end)
    }

    const WAV: OutputOptions = OutputOptions {
        format: SoundFormat::Wav,
        rate: None,
        start: OutputStart::Whole,
    };

    #[test]
    fn a_wav_that_is_held_back_has_its_length_and_a_long_one_starts_before() {
        let (bytes, before_end) = encoded(&WAV, &[&[0.5; 1000], &[0.5; 10]]);
        assert_eq!(before_end, 0);
        assert_eq!(hound::WavReader::new(&bytes[..]).unwrap().duration(), 1010);
        let long = vec![0.5; MAX_HELD_BYTES / 2];
        let (bytes, before_end) = encoded(&WAV, &[&long, &[0.5; 10]]);
        assert_eq!(before_end, bytes.len());
        assert_eq!(bytes.len(), 44 + MAX_HELD_BYTES + 20);
        let declared = u32::from_le_bytes([bytes[40], bytes[41], bytes[42], bytes[43]]);
        assert!(declared > 1 << 30, "no true length");
    }

    #[test]
    fn all_requests_together_hold_back_so_much() {
        let held = HeldBytes::default();
        let samples = vec![0.5; MAX_HELD_BYTES / 2 - 100];
        let n_whole = MAX_ALL_HELD_BYTES / MAX_HELD_BYTES;
        let mut outputs = Vec::new();
        for n in 0..=n_whole {
            let mut output = Output::new(&WAV, RATE, &held).unwrap();
            let sent = output.encode(&samples).unwrap();
            assert_eq!(sent.is_empty(), n < n_whole, "{n}");
            outputs.push(output);
        }
        drop(outputs);
        assert_eq!(held.0.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn samples_are_brought_to_the_rate_that_was_asked_for() {
        let pcm = OutputOptions {
            format: SoundFormat::S16le,
            rate: NonZeroU32::new(24_000),
            start: OutputStart::AtOnce,
        };
        let (bytes, before_end) = encoded(&pcm, &[&vec![0.1; 22_050]]);
        assert_eq!(bytes.len(), 2 * 24_000);
        assert!(before_end > 2 * 23_000, "{before_end}");
    }
}
