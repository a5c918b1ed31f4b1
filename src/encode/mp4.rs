//! MP4, which other programs write: how long it is.

use std::io;

use crate::audio::SampleRate;

/// Bytes of a box before its content: the size and the name.
const HEAD_BYTES: u64 = 8;
/// A box of over 4 GiB has its size after them.
const LONG_HEAD_BYTES: u64 = 16;

/// Returns whether a file begins as MP4 does.
pub(super) fn is_mp4(head: &[u8]) -> bool {
    head.get(4..8) == Some(b"ftyp")
}

/// Reads how long a file of `bytes` bytes is, in units of which the rate is the second
/// value. `read` takes the place and the number of the bytes to read.
///
/// Returns `None` if a box is cut off or the header is missing.
pub(super) fn length(
    read: &mut impl FnMut(u64, u64) -> io::Result<Vec<u8>>,
    bytes: u64,
) -> io::Result<Option<(u64, SampleRate)>> {
    let (mut at, mut end, mut length) = (0, bytes, None);
    // The boxes of the file, and then those in `moov`, from which `mvhd` is read.
    while at < end {
        let head = read(at, LONG_HEAD_BYTES + 24)?;
        let Some((name, head_bytes, size)) = box_head(&head) else {
            return Ok(None);
        };
        let next = at.checked_add(size).filter(|next| *next <= end);
        let (Some(next), true) = (next, size >= head_bytes) else {
            return Ok(None);
        };
        match name {
            b"mvhd" => {
                length = movie_header(head.get(head_bytes as usize..).unwrap_or_default());
                // What comes after `moov` was not looked at: it goes on there.
                (at, end) = (end, bytes);
            }
            b"moov" => (at, end) = (at + head_bytes, next),
            _ => at = next,
        }
    }
    Ok(length)
}

/// Returns the name of a box, the bytes before its content, and its size.
fn box_head(head: &[u8]) -> Option<(&[u8; 4], u64, u64)> {
    let size = u32::from_be_bytes(head.get(..4)?.try_into().ok()?);
    let name = head.get(4..8)?.try_into().ok()?;
    match size {
        1 => {
            let size = u64::from_be_bytes(head.get(8..16)?.try_into().ok()?);
            Some((name, LONG_HEAD_BYTES, size))
        }
        size => Some((name, HEAD_BYTES, size.into())),
    }
}

/// Reads `mvhd`: its version, two dates, the units in a second, and the duration.
fn movie_header(content: &[u8]) -> Option<(u64, SampleRate)> {
    let number = |at: usize| {
        Some(u32::from_be_bytes(
            content.get(at..at + 4)?.try_into().ok()?,
        ))
    };
    let (rate, units) = match content.first()? {
        0 => (number(12)?, u64::from(number(16)?)),
        _ => {
            let high = u64::from(number(24)?);
            (number(20)?, high << 32 | u64::from(number(28)?))
        }
    };
    Some((units, SampleRate::new(rate)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn a_box(name: &str, content: &[u8]) -> Vec<u8> {
        let size = (content.len() as u32 + 8).to_be_bytes();
        [&size[..], name.as_bytes(), content].concat()
    }

    fn movie() -> Vec<u8> {
        let mut header = vec![0; 100];
        header[12..16].copy_from_slice(&1000_u32.to_be_bytes());
        header[16..20].copy_from_slice(&2500_u32.to_be_bytes());
        let inner = [a_box("mvhd", &header), a_box("trak", &[0; 30])].concat();
        let moov = a_box("moov", &inner);
        [a_box("ftyp", b"M4A "), moov, a_box("mdat", &[0; 50])].concat()
    }

    fn length_in(file: &[u8]) -> Option<(u64, SampleRate)> {
        let mut read = |from: u64, most: u64| {
            let part = file.iter().skip(from as usize).take(most as usize);
            Ok(part.copied().collect())
        };
        length(&mut read, file.len() as u64).unwrap()
    }

    #[test]
    fn a_whole_file_says_how_long_it_is() {
        let file = movie();
        let rate = SampleRate::new(1000).unwrap();
        assert!(is_mp4(&file));
        assert_eq!(length_in(&file), Some((2500, rate)));
        for cut in [1, 49, 60, file.len() - 30] {
            assert_eq!(length_in(&file[..file.len() - cut]), None, "{cut}");
        }
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(at in 0_usize..200, byte: u8) {
            let mut file = movie();
            let at = at % file.len();
            file[at] = byte;
            _ = length_in(&file);
        }
    }
}
