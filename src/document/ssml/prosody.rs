//! The values of `<prosody>` and `<break>`.

use std::time::Duration;

/// Factors on the speed and the volume beyond these are mistakes.
const FACTORS: std::ops::RangeInclusive<f32> = 0.01..=100.0;

/// Returns the rate within a `<prosody>` whose attribute is `value`, if `current` is
/// that around it.
pub(super) fn rate(value: &str, current: f32) -> Option<f32> {
    let rate = match value.trim() {
        "x-slow" => 0.5,
        "slow" => 0.75,
        "medium" | "default" => 1.0,
        "fast" => 1.5,
        "x-fast" => 2.0,
        value => current * factor(value)?,
    };
    FACTORS.contains(&rate).then_some(rate)
}

/// The same for the volume.
pub(super) fn volume(value: &str, current: f32) -> Option<f32> {
    let decibels = |number: f32| 10_f32.powf(number / 20.0);
    let volume = match value.trim() {
        "silent" => return Some(0.0),
        "x-soft" => decibels(-12.0),
        "soft" => decibels(-6.0),
        "medium" | "default" => 1.0,
        "loud" => decibels(3.0),
        "x-loud" => decibels(6.0),
        value => match value.strip_suffix("dB") {
            Some(number) => current * decibels(decimal(number)?),
            // A number of SSML 1.0: 100 is the default.
            None if !value.ends_with('%') => match value.starts_with(['+', '-']) {
                true => current + decimal(value)? / 100.0,
                false => decimal(value)? / 100.0,
            },
            None => current * factor(value)?,
        },
    };
    (volume == 0.0 || FACTORS.contains(&volume)).then_some(volume)
}

/// Returns the silence of a `<break>` without a time.
pub(super) fn strength(value: &str) -> Option<Duration> {
    Some(Duration::from_millis(match value.trim() {
        "none" => 0,
        "x-weak" => 100,
        "weak" => 200,
        "medium" => 400,
        "strong" => 700,
        "x-strong" => 1200,
        _ => return None,
    }))
}

/// Parses `150%`, `+20%`, `-20%` and `1.5`.
fn factor(value: &str) -> Option<f32> {
    let Some(percent) = value.strip_suffix('%') else {
        return decimal(value);
    };
    let number = decimal(percent)? / 100.0;
    Some(match percent.starts_with(['+', '-']) {
        true => 1.0 + number,
        false => number,
    })
}

/// Parses a number without an exponent.
fn decimal(value: &str) -> Option<f32> {
    let is_decimal = |c: char| c.is_ascii_digit() || ".+-".contains(c);
    let value = value.trim();
    value.chars().all(is_decimal).then(|| value.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_words_percentages_and_factors() {
        let cases = [
            ("slow", Some(0.75)),
            ("default", Some(1.0)),
            ("150%", Some(3.0)),
            ("+50%", Some(3.0)),
            ("-50%", Some(1.0)),
            ("0.5", Some(1.0)),
            ("quick", None),
            ("-100%", None),
            ("1e9", None),
            ("nan", None),
            ("", None),
        ];
        for (value, expected) in cases {
            assert_eq!(rate(value, 2.0), expected, "{value}");
        }
    }

    #[test]
    fn volumes_are_words_decibels_and_percentages() {
        let cases = [
            ("silent", Some(0.0)),
            ("medium", Some(1.0)),
            ("+6dB", Some(3.9905)),
            ("-20dB", Some(0.2)),
            ("50", Some(0.5)),
            ("+50", Some(2.5)),
            ("+50%", Some(3.0)),
            ("0", Some(0.0)),
            ("+999dB", None),
            ("loud!", None),
        ];
        for (value, expected) in cases {
            match (volume(value, 2.0), expected) {
                (Some(volume), Some(expected)) => {
                    assert!((volume - expected).abs() < 1e-3, "{value}: {volume}");
                }
                (volume, expected) => assert_eq!(volume, expected, "{value}"),
            }
        }
    }
}
