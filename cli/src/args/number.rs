//! Numbers as options take them: errors say what is expected.

use std::ops::RangeInclusive;

const SAMPLE_RATES_HZ: RangeInclusive<u32> = 4000..=192_000;
/// What people type who mean words per minute.
const WORDS_PER_MINUTE: RangeInclusive<u32> = 44..=700;

/// Parses a number.
pub(super) fn number(typed: &str) -> Result<f64, String> {
    let expected = || "one number is expected, with a point for decimals: 0.5".to_owned();
    typed.trim().parse().map_err(|_| expected())
}

/// Parses a sample rate, in Hz or kHz: `16000`, `16k`, `44.1kHz`.
pub(super) fn sample_rate(typed: &str) -> Result<u32, String> {
    let lower = typed.trim().to_ascii_lowercase();
    let unit = lower.strip_suffix("hz").unwrap_or(&lower).trim_end();
    let hz = match unit.strip_suffix('k') {
        Some(khz) => khz
            .trim_end()
            .parse()
            .ok()
            .map(|khz: f64| (khz * 1000.0).round()),
        None => unit.parse().ok().map(|hz: u32| f64::from(hz)),
    };
    // Negative and huge numbers end at the limits of the type.
    let rate = hz.map(|hz| hz as u32);
    match rate {
        Some(rate) if SAMPLE_RATES_HZ.contains(&rate) => Ok(rate),
        Some(words) if WORDS_PER_MINUTE.contains(&words) => Err(format!(
            "this is the sample rate, 4000 to 192000 Hz; for words per minute use `-r {words}`, or \
             `--speed`"
        )),
        _ => Err("a sample rate is expected, 4000 to 192000 Hz: 16000, or 16k".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_rate_may_have_a_unit() {
        for (typed, rate) in [
            ("16000", 16_000),
            ("16k", 16_000),
            ("44.1K", 44_100),
            ("22.05 kHz", 22_050),
            ("8000Hz", 8000),
            ("192k", 192_000),
        ] {
            assert_eq!(sample_rate(typed), Ok(rate), "{typed}");
        }
        for wrong in [
            "", "k", "16m", "3999", "-16k", "193k", "1e9k", "16.5", "NaNk", "16,000",
        ] {
            let error = sample_rate(wrong).unwrap_err();
            assert!(error.contains("16k"), "{wrong}: {error}");
        }
        assert!(sample_rate("200").unwrap_err().contains("`-r 200`"));
    }

    #[test]
    fn a_number_has_a_point() {
        assert_eq!(number(" 0.5"), Ok(0.5));
        for wrong in ["0,5", "0.5,1", "half", ""] {
            assert!(number(wrong).unwrap_err().contains("point"), "{wrong}");
        }
    }
}
