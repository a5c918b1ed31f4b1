//! Samples on their way to the server.

use crate::audio::SampleRate;
use crate::audio::pcm::to_i16;

/// The most samples of one event: 4 kB. A stop waits for the event that is being
/// written, and the server reads byte by byte.
pub const MAX_EVENT_SAMPLES: usize = 2000;

/// The byte before an escaped one.
const ESCAPE: u8 = 0x7D;
/// Escaping inverts this bit.
const INVERTED: u8 = 1 << 5;

/// Appends the event of mono `samples`, [`MAX_EVENT_SAMPLES`] at most, to `bytes`.
///
/// Samples have 16 bits, little-endian. Line ends in them are escaped, so that the event
/// is lines.
pub fn extend_audio(bytes: &mut Vec<u8>, samples: &[f32], rate: SampleRate) {
    let count = samples.len();
    let head = format!(
        "705-bits=16\n705-num_channels=1\n705-sample_rate={rate}\n705-num_samples={count}\n\
         705-big_endian=0\n705-AUDIO\0"
    );
    bytes.extend(head.as_bytes());
    for byte in samples.iter().flat_map(|s| to_i16(*s).to_le_bytes()) {
        match byte {
            b'\n' | ESCAPE => bytes.extend([ESCAPE, byte ^ INVERTED]),
            byte => bytes.push(byte),
        }
    }
    bytes.extend(b"\n705 AUDIO\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::pcm::from_i16;
    use proptest::prelude::*;

    /// What the server makes of the data.
    fn unescaped(data: &[u8]) -> Vec<u8> {
        let mut bytes = data.iter();
        let mut plain = Vec::new();
        while let Some(byte) = bytes.next() {
            plain.push(match *byte {
                ESCAPE => bytes.next().unwrap() ^ INVERTED,
                byte => byte,
            });
        }
        plain
    }

    #[test]
    fn an_event_names_its_format() {
        let mut event = Vec::new();
        let samples = [0x0A7D, 0x0100].map(from_i16);
        extend_audio(&mut event, &samples, SampleRate::new(16_000).unwrap());
        let expected = b"705-bits=16\n705-num_channels=1\n705-sample_rate=16000\n\
            705-num_samples=2\n705-big_endian=0\n705-AUDIO\0\x7D\x5D\x7D\x2A\0\x01\n705 AUDIO\n";
        assert_eq!(event, expected);
    }

    proptest! {
        #[test]
        fn the_server_gets_every_sample(samples in proptest::collection::vec(-i16::MAX..=i16::MAX, 0..50)) {
            let mut event = Vec::new();
            let floats: Vec<_> = samples.iter().map(|s| from_i16(*s)).collect();
            extend_audio(&mut event, &floats, SampleRate::new(22_050).unwrap());
            let start = 1 + event.iter().position(|byte| *byte == 0).unwrap();
            let data = event[start..].strip_suffix(b"\n705 AUDIO\n").unwrap();
            prop_assert!(!data.contains(&b'\n'));
            let bytes: Vec<_> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
            prop_assert_eq!(unescaped(data), bytes);
        }
    }
}
