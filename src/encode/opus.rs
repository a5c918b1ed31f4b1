//! Opus in Ogg: small files of good speech.

use opus_pure::{
    Application, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder as PacketEncoder, OpusHead, OpusTags,
    RateControl,
};

use super::length::OPUS_RATE;
use super::tags::{ENCODER, Tags};
use super::{Bitrate, Encoder, Medium, failed};
use crate::Result;
use crate::audio::SampleRate;

/// The rates that Opus has, in Hz.
pub(super) const RATES: [u32; 5] = [8000, 12_000, 16_000, 24_000, 48_000];

/// Packets in a second: each is 20 ms, as `opusenc` makes them.
const PACKETS_PER_SECOND: u32 = 50;

/// Pages in a second of a stream: a listener waits for a page.
const PAGES_PER_SECOND: u32 = 10;

/// The default: `benchmarks/FORMATS.md` has what others sound like.
const DEFAULT_BITRATE: Bitrate = Bitrate::from_kbps(40);

/// Below it, the part of Opus for speech sounds better, which takes four times the
/// time.
const FEW_BITS: Bitrate = Bitrate::from_kbps(32);

/// What the encoder may spend, of 10. Below 7 it does not analyse the sound to find
/// out whether it is speech, and so uses the part for music if it may.
const COMPLEXITY: i32 = 5;
const COMPLEXITY_OF_FEW_BITS: i32 = 9;

pub(super) struct OpusEncoder {
    packets: PacketEncoder,
    /// `None` when they are finished.
    pages: Option<OggOpusWriter<Vec<u8>>>,
    /// Samples that do not fill a packet yet.
    pending: Vec<f32>,
    packet: Vec<u8>,
    samples_per_packet: usize,
    /// Ticks of [`OPUS_RATE`] in a sample.
    ticks_per_sample: u64,
    samples: u64,
    pre_skip: u16,
    target: String,
}

/// What an encoder is made for.
pub(super) struct OpusOptions<'a> {
    /// One of [`RATES`].
    pub(super) rate: SampleRate,
    /// The rate before resampling, which the file names.
    pub(super) input_rate: SampleRate,
    pub(super) bitrate: Option<Bitrate>,
    pub(super) tags: &'a Tags,
    pub(super) medium: Medium,
    pub(super) target: &'a str,
}

impl OpusEncoder {
    pub(super) fn new(options: &OpusOptions<'_>) -> Result<Self> {
        let target = options.target;
        let rate = options.rate.get();
        let bitrate = options.bitrate.unwrap_or(DEFAULT_BITRATE);
        let mut packets = PacketEncoder::new(rate as i32, 1, Application::Audio)
            .map_err(|error| failed(target, error))?;
        packets.bitrate_bps = bitrate.bits_per_second() as i32;
        packets.rate_control = RateControl::Vbr;
        packets.complexity = match bitrate < FEW_BITS {
            true => COMPLEXITY_OF_FEW_BITS,
            false => COMPLEXITY,
        };
        let head = OpusHead::for_encoder(&packets, options.input_rate.get());
        let pre_skip = head.pre_skip;
        let mut tags = OpusTags {
            vendor: ENCODER.to_owned(),
            ..OpusTags::new()
        };
        for (name, value) in options.tags.comments() {
            tags.push(&name, &value)
                .map_err(|error| failed(target, error))?;
        }
        let mut pages = OggOpusWriter::with_tags(Vec::new(), head, tags)
            .map_err(|error| failed(target, error))?;
        if options.medium == Medium::Stream {
            pages.set_page_target((bitrate.bits_per_second() / 8 / PAGES_PER_SECOND) as usize);
        }
        let samples_per_packet = (rate / PACKETS_PER_SECOND) as usize;
        Ok(Self {
            packets,
            pages: Some(pages),
            pending: Vec::with_capacity(samples_per_packet),
            packet: vec![0; MAX_PACKET_BYTES],
            samples_per_packet,
            ticks_per_sample: u64::from(OPUS_RATE / rate),
            samples: 0,
            pre_skip,
            target: target.to_owned(),
        })
    }

    /// Writes `pending` as a packet that lasts `ticks`.
    fn write_packet(&mut self, ticks: u64) -> Result<()> {
        let (packet, Some(pages)) = (&mut self.packet, &mut self.pages) else {
            return Ok(());
        };
        let written = self
            .packets
            .encode(&self.pending, self.samples_per_packet, packet)
            .and_then(|n_bytes| pages.write_packet_with_duration(&packet[..n_bytes], ticks as u32));
        self.pending.clear();
        written.map_err(|error| failed(&self.target, error))
    }

    fn ticks_per_packet(&self) -> u64 {
        self.samples_per_packet as u64 * self.ticks_per_sample
    }

    fn take_pages(&mut self, bytes: &mut Vec<u8>) {
        if let Some(pages) = self.pages.as_mut().and_then(OggOpusWriter::get_mut) {
            bytes.append(pages);
        }
    }
}

impl Encoder for OpusEncoder {
    fn header(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.take_pages(&mut bytes);
        Ok(bytes)
    }

    fn encode(&mut self, mut samples: &[f32], bytes: &mut Vec<u8>) -> Result<()> {
        self.samples += samples.len() as u64;
        while !samples.is_empty() {
            let room = self.samples_per_packet - self.pending.len();
            let (taken, rest) = samples.split_at(room.min(samples.len()));
            self.pending.extend_from_slice(taken);
            samples = rest;
            if self.pending.len() == self.samples_per_packet {
                self.write_packet(self.ticks_per_packet())?;
            }
        }
        self.take_pages(bytes);
        Ok(())
    }

    /// The encoder is `pre_skip` ticks behind: silence after the last sample brings
    /// the rest out. The last packet says how much of it counts.
    fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        let end = u64::from(self.pre_skip) + self.samples * self.ticks_per_sample;
        let mut written = (self.samples / self.samples_per_packet as u64) * self.ticks_per_packet();
        while written < end {
            self.pending.resize(self.samples_per_packet, 0.0);
            let ticks = self.ticks_per_packet().min(end - written);
            self.write_packet(ticks)?;
            written += ticks;
        }
        if let Some(pages) = self.pages.take() {
            let finished = pages.finish();
            bytes.extend(finished.map_err(|error| failed(&self.target, error))?);
        }
        Ok(())
    }

    fn corrected_start(&mut self) -> Option<Vec<u8>> {
        None
    }
}
