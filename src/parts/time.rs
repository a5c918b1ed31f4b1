//! Lengths of pauses: `500ms`, `1.5s`.

use std::time::Duration;

/// The longest pause.
const MAX: Duration = Duration::from_secs(3600);

/// Parses a time in seconds or milliseconds; `None` if it is none, or over an hour.
pub(crate) fn parse_time(typed: &str) -> Option<Duration> {
    let typed = typed.trim().to_ascii_lowercase();
    let (number, unit) = match typed.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (typed.strip_suffix('s')?, 1.0),
    };
    let number = number.trim_end();
    let is_decimal = |c: char| c.is_ascii_digit() || c == '.';
    let unsigned = number.strip_prefix('+').unwrap_or(number);
    if !unsigned.chars().all(is_decimal) {
        return None;
    }
    let seconds = unsigned.parse::<f64>().ok()? * unit;
    let time = Duration::try_from_secs_f64(seconds).ok()?;
    (time <= MAX).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_decimal_number_and_a_unit() {
        let cases = [
            ("500ms", Some(500)),
            (" 1.5 s ", Some(1500)),
            ("+.25S", Some(250)),
            ("0s", Some(0)),
            ("3600s", Some(3_600_000)),
            ("3601s", None),
            ("5", None),
            ("s", None),
            ("-1s", None),
            ("1e3ms", None),
            ("nans", None),
            ("infs", None),
            ("1,5s", None),
        ];
        for (typed, milliseconds) in cases {
            let expected = milliseconds.map(Duration::from_millis);
            assert_eq!(parse_time(typed), expected, "{typed}");
        }
    }
}
