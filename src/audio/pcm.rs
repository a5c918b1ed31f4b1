//! Float samples to the integers of files and devices.

/// Converts one sample from −1..=1 to 16 bits.
///
/// Scales by 32767, clamps and truncates toward zero, exactly like piper-tts,
/// so that equal floats give equal files. NaN becomes 0.
#[inline]
pub fn to_i16(sample: f32) -> i16 {
    (sample * 32767.0).clamp(-32767.0, 32767.0) as i16
}

/// Converts one 16-bit sample to −1..=1, as the inverse of [`to_i16`]: the
/// middle of the floats that become this sample.
#[inline]
pub fn from_i16(sample: i16) -> f32 {
    let middle = f32::from(sample) + 0.5 * f32::from(sample.signum());
    (middle / 32767.0).clamp(-1.0, 1.0)
}

/// Appends `samples` to `bytes` as signed 16-bit little-endian PCM.
pub fn extend_s16le(bytes: &mut Vec<u8>, samples: &[f32]) {
    bytes.extend(
        samples
            .iter()
            .flat_map(|&sample| to_i16(sample).to_le_bytes()),
    );
}

/// Appends `samples` to `bytes` as 32-bit little-endian floats.
pub fn extend_f32le(bytes: &mut Vec<u8>, samples: &[f32]) {
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_16_bit_sample_survives_the_round_trip() {
        for sample in -i16::MAX..=i16::MAX {
            assert_eq!(to_i16(from_i16(sample)), sample);
        }
    }

    #[test]
    fn samples_are_scaled_truncated_and_saturated() {
        let cases = [
            (0.0, 0),
            (1.0, 32767),
            (-1.0, -32767),
            (1.5, 32767),
            (f32::NEG_INFINITY, -32767),
            (f32::NAN, 0),
            (0.5, 16383), // 16383.5 truncated
            (-0.5, -16383),
        ];
        for (sample, expected) in cases {
            assert_eq!(to_i16(sample), expected, "{sample}");
        }
    }

    proptest! {
        #[test]
        fn a_louder_sample_is_never_a_smaller_number(a in -2.0f32..2.0, b in -2.0f32..2.0) {
            prop_assert_eq!(a <= b, a <= b && to_i16(a) <= to_i16(b));
        }
    }

    #[test]
    fn bytes_are_little_endian() {
        let mut bytes = Vec::new();
        extend_s16le(&mut bytes, &[1.0]);
        assert_eq!(bytes, [0xff, 0x7f]);
        bytes.clear();
        extend_f32le(&mut bytes, &[1.0]);
        assert_eq!(bytes, [0, 0, 0x80, 0x3f]);
    }
}
