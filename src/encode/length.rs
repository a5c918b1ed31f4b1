//! How long sound files are, from what they say of themselves.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::mp4;
use crate::audio::SampleRate;
use crate::audio::wav::WavReader;
use crate::{Error, Result};

/// How long a sound file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoundLength {
    /// The number of samples, of one channel.
    pub samples: u64,
    /// Their rate. Opus always counts 48 000 in a second, and MP4 what its header says,
    /// mostly milliseconds.
    pub rate: SampleRate,
}

/// The longest page of Ogg, in bytes.
const MAX_PAGE_BYTES: u64 = 27 + 255 + 255 * 255;

/// What Opus counts its samples in, in Hz.
pub(super) const OPUS_RATE: u32 = 48_000;

const INCOMPLETE: &str = "not a complete sound file";

/// Returns the length of a complete file in one of the formats that this library
/// writes, or of MP4.
///
/// Fails with [`Error::Input`] for another file, and for one that is not complete: the
/// length in it is missing, or is not that of the file.
pub fn length_of(path: &Path) -> Result<SoundLength> {
    let input = |source| Error::Input {
        origin: path.display().to_string(),
        source,
    };
    let mut file = File::open(path).map_err(input)?;
    let bytes = file.metadata().map_err(input)?.len();
    let mut read = |from: u64, most: u64| {
        let mut part = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        (&mut file).take(most).read_to_end(&mut part)?;
        Ok::<_, io::Error>(part)
    };
    let head = read(0, 64).map_err(input)?;
    let length = match head.get(..4) {
        _ if mp4::is_mp4(&head) => {
            let length = mp4::length(&mut read, bytes).map_err(input)?;
            length.map(|(samples, rate)| SoundLength { samples, rate })
        }
        Some(b"fLaC") => flac(&head),
        Some(b"OggS") => {
            let tail = read(bytes.saturating_sub(MAX_PAGE_BYTES), MAX_PAGE_BYTES);
            opus(&head, &tail.map_err(input)?)
        }
        Some([b'I', b'D', b'3', _]) => {
            let tag = id3_bytes(&head).unwrap_or(0);
            let frame = read(tag, 256).map_err(input)?;
            mp3(&frame, bytes.saturating_sub(tag))
        }
        _ => {
            let wav = WavReader::open(path)?;
            let (samples, rate) = (wav.samples(), wav.rate());
            return Ok(SoundLength { samples, rate });
        }
    };
    length.ok_or_else(|| input(io::Error::other(INCOMPLETE)))
}

/// Reads STREAMINFO. Its MD5 is written last.
fn flac(head: &[u8]) -> Option<SoundLength> {
    let packed = u64::from_be_bytes(head.get(18..26)?.try_into().ok()?);
    let has_md5 = head.get(26..42)?.iter().any(|byte| *byte != 0);
    has_md5.then_some(SoundLength {
        samples: packed & ((1 << 36) - 1),
        rate: SampleRate::new((packed >> 44) as u32)?,
    })
}

/// Reads how many samples are before the sound, and where the last page ends.
fn opus(head: &[u8], tail: &[u8]) -> Option<SoundLength> {
    const LAST_PAGE: u8 = 4;
    let header = head.get(28..)?;
    let pre_skip = header.strip_prefix(b"OpusHead")?.get(2..4)?;
    let pre_skip = u16::from_le_bytes(pre_skip.try_into().ok()?);
    let starts = (0..tail.len()).rev();
    let mut pages = starts.filter_map(|start| {
        let page = tail.get(start..)?.strip_prefix(b"OggS")?;
        let segments = usize::from(*page.get(22)?);
        let body = page.get(23..23 + segments)?;
        let payload: usize = body.iter().map(|length| usize::from(*length)).sum();
        (page.len() == 23 + segments + payload).then_some(page)
    });
    let page = pages.next().filter(|page| page[1] & LAST_PAGE != 0)?;
    let end = u64::from_le_bytes(page.get(2..10)?.try_into().ok()?);
    Some(SoundLength {
        samples: end.checked_sub(pre_skip.into())?,
        rate: SampleRate::new(OPUS_RATE)?,
    })
}

/// Returns how long the tag before the sound is.
fn id3_bytes(head: &[u8]) -> Option<u64> {
    let size = head.get(6..10)?.iter();
    let size = size.fold(0, |size, byte| (size << 7) | u64::from(byte & 0x7f));
    Some(10 + size)
}

/// Reads the frame that says how many others there are, and what of them counts.
fn mp3(frame: &[u8], bytes: u64) -> Option<SoundLength> {
    let [0xff, second, third, _] = *frame.first_chunk()? else {
        return None;
    };
    // The version, and what follows from it for one channel.
    let (divisor, side_info, samples_per_frame) = match (second >> 3) & 3 {
        3 => (1, 17, 1152),
        2 => (2, 9, 576),
        0 => (4, 9, 576),
        _ => return None,
    };
    let rate = [44_100, 48_000, 32_000].get(usize::from((third >> 2) & 3))? / divisor;
    let info = frame.get(4 + side_info..)?;
    let info = info
        .strip_prefix(b"Xing")
        .or_else(|| info.strip_prefix(b"Info"))?;
    let number = |at: usize| Some(u32::from_be_bytes(info.get(at..at + 4)?.try_into().ok()?));
    const ALL_FIELDS: u32 = 15;
    let is_whole = number(0)? == ALL_FIELDS && u64::from(number(8)?) == bytes;
    // After the fields, a table of 100 bytes and LAME's version.
    let trimmed = u32::from_be_bytes([0, *info.get(137)?, *info.get(138)?, *info.get(139)?]);
    let (delay, padding) = (trimmed >> 12, trimmed & 0xfff);
    let samples = u64::from(number(4)?) * samples_per_frame;
    is_whole.then_some(SoundLength {
        samples: samples.checked_sub(u64::from(delay + padding))?,
        rate: SampleRate::new(rate)?,
    })
}

#[cfg(test)]
#[cfg(all(feature = "flac", feature = "opus", feature = "mp3"))]
mod tests {
    use super::*;
    use crate::encode::{Encoding, Medium, SoundFormat};
    use proptest::prelude::*;

    fn write(path: &Path, format: SoundFormat, rate: SampleRate, samples: usize) {
        let encoding = Encoding::from(format);
        let mut encoder = encoding.encoder(rate, Medium::File, "a file").unwrap();
        let mut bytes = encoder.header().unwrap();
        let tone: Vec<_> = (0..samples)
            .map(|n| (n as f32 * 0.05).sin() / 2.0)
            .collect();
        for block in tone.chunks(1000) {
            encoder.encode(block, &mut bytes).unwrap();
        }
        encoder.finish(&mut bytes).unwrap();
        if let Some(start) = encoder.corrected_start() {
            bytes.splice(..start.len(), start);
        }
        std::fs::write(path, bytes).unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// From nothing to more than three frames of each format.
        #[test]
        fn every_length_is_written_and_read_back(samples in 0_usize..15_000, rate in 0_usize..5) {
            let rate = [8000, 16_000, 22_050, 24_000, 44_100][rate];
            let rate = SampleRate::new(rate).unwrap();
            let folder = tempfile::tempdir().unwrap();
            for format in SoundFormat::FILES {
                let path = folder.path().join(format.ending());
                write(&path, format, rate, samples);
                let length = length_of(&path).unwrap();
                let (from, to) = (u64::from(rate.get()), u64::from(length.rate.get()));
                let expected = match format {
                    // Resampled to the nearest sample of 48 000 Hz or a part of it.
                    SoundFormat::Opus => {
                        let coded = [8000, 16_000, 24_000, 48_000].into_iter().find(|coded| *coded >= from);
                        let coded = coded.unwrap();
                        (samples as u64 * coded + from / 2) / from * (to / coded)
                    }
                    _ => samples as u64,
                };
                prop_assert_eq!(length.samples, expected, "{}", format);
            }
        }

        #[test]
        fn no_file_makes_it_panic(kind in 0_usize..3, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a");
            let start: &[u8] = [&b"fLaC"[..], b"OggS", b"ID3\x03\0\0\0\0\0\0\xff\xf3"][kind];
            std::fs::write(&path, [start, &bytes].concat()).unwrap();
            _ = length_of(&path);
        }
    }

    #[test]
    fn a_file_that_was_cut_is_not_complete() {
        let folder = tempfile::tempdir().unwrap();
        for format in [SoundFormat::Opus, SoundFormat::Mp3] {
            let path = folder.path().join(format.ending());
            write(&path, format, SampleRate::new(22_050).unwrap(), 50_000);
            let whole = std::fs::read(&path).unwrap();
            std::fs::write(&path, &whole[..whole.len() - 10]).unwrap();
            let message = length_of(&path).unwrap_err().to_string();
            assert!(message.starts_with("cannot read "), "{format}: {message}");
        }
    }
}
