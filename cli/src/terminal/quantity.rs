//! Sizes and durations for people. A megabyte is a million bytes everywhere.

use std::time::Duration;

/// Renders a size in megabytes: `63.2 MB`.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
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
