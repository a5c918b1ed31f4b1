//! Numbers, sizes and durations for people. A megabyte is a million bytes everywhere.

use std::time::Duration;

/// Renders a size in megabytes: `63.2 MB`.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// Renders a number of things: `1 speaker`, `2 speakers`. `what` is the singular.
pub(crate) fn count(number: impl Into<u64>, what: &str) -> String {
    match number.into() {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

/// Renders a duration as a player does: `m:ss`, from an hour on `h:mm:ss`.
pub(crate) fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        let counts = [0_u64, 1, 2].map(|number| count(number, "text"));
        assert_eq!(counts, ["0 texts", "1 text", "2 texts"]);
    }

    #[test]
    fn hours_appear_from_an_hour_on() {
        let cases = [
            (125, "2:05"),
            (3599, "59:59"),
            (3600, "1:00:00"),
            (102_012, "28:20:12"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(clock(Duration::from_secs(seconds)), expected);
        }
    }
}
