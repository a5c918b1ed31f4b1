//! Numbers as options take them: errors say what is expected.

use std::ops::RangeInclusive;
use std::time::Duration;

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

/// Parses how long something is played: seconds, or numbers with units, `1h30m`.
pub(super) fn play_time(typed: &str) -> Result<Duration, String> {
    let lower = typed.trim().to_ascii_lowercase();
    match in_seconds(&lower).map(Duration::try_from_secs_f64) {
        Some(Ok(time)) if !time.is_zero() => Ok(time),
        _ => Err("a time is expected: 90 (seconds), 90s, 5m, or 1h30m".to_owned()),
    }
}

/// Adds up numbers with units, from the largest unit to the smallest, each once.
fn in_seconds(typed: &str) -> Option<f64> {
    if let Ok(seconds) = typed.parse() {
        return Some(seconds);
    }
    let (mut rest, mut sum) = (typed, None);
    for (unit, seconds) in [('h', 3600.0), ('m', 60.0), ('s', 1.0)] {
        if let Some((number, after)) = rest.split_once(unit) {
            let number: f64 = number.trim().parse().ok()?;
            sum = Some(sum.unwrap_or(0.0) + number * seconds);
            rest = after;
        }
    }
    sum.filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_seconds_or_has_units() {
        for (typed, seconds) in [
            ("90", 90.0),
            (" 0.5 ", 0.5),
            ("90s", 90.0),
            ("5m", 300.0),
            ("1H30M", 5400.0),
            ("1h 0.5m 3s", 3633.0),
            ("2h5s", 7205.0),
        ] {
            assert_eq!(play_time(typed), Ok(Duration::from_secs_f64(seconds)));
        }
        for wrong in [
            "", "0", "0s", "-5", "5x", "m", "1m30", "30s1m", "nan", "inf", "1e300", "5,5",
        ] {
            assert!(play_time(wrong).unwrap_err().contains("1h30m"), "{wrong}");
        }
    }

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
