//! `14:30 Uhr` → `14 Uhr 30`: a time whose word espeak-ng adds by itself.

use super::edits::Edits;
use super::rule::Rule;

/// Moves the word behind a German time to where it is spoken; espeak-ng would
/// say it twice.
pub(super) fn reorder(text: &str, offset: usize, language: &str, edits: &mut Edits) {
    if !language.starts_with("de") {
        return;
    }
    for (at, _) in text.match_indices("Uhr") {
        let before = text[..at].trim_end_matches([' ', '\u{A0}', '\u{202F}']);
        let is_word = before.len() < at && !text[at + 3..].starts_with(char::is_alphanumeric);
        let start = before
            .rfind(|c: char| !c.is_ascii_digit() && c != ':' && c != '.')
            .map_or(0, |space| {
                space + before[space..].chars().next().map_or(1, char::len_utf8)
            });
        let Some((hour, minute)) = before[start..].split_once([':', '.']) else {
            continue;
        };
        if is_word && is_in(hour, 24) && minute.len() == 2 && is_in(minute, 59) {
            let minute = match minute {
                "00" => String::new(),
                minute => format!(" {}", minute.trim_start_matches('0')),
            };
            edits.replace(
                Rule::Time,
                offset + start..offset + at + 3,
                format!("{hour} Uhr{minute}"),
            );
        }
    }
}

fn is_in(number: &str, most: u8) -> bool {
    number.len() <= 2 && number.parse::<u8>().is_ok_and(|number| number <= most)
}

#[cfg(test)]
mod tests {
    use crate::reading::clean;

    #[test]
    fn a_german_time_has_its_word_once() {
        for (written, read) in [
            ("Um 14:30 Uhr.", "Um 14 Uhr 30."),
            ("9.05 Uhr", "9 Uhr 5"),
            ("von 8:00 Uhr bis 20:15 Uhr", "von 8 Uhr bis 20 Uhr 15"),
        ] {
            assert_eq!(clean(written, "de"), read);
        }
        for text in [
            "14 Uhr",
            "25:30 Uhr",
            "14:5 Uhr",
            "die Uhr",
            "14:30 Uhrzeit",
            "1.14:30 Uhr",
        ] {
            assert_eq!(clean(text, "de"), text);
        }
        assert_eq!(clean("14:30 Uhr", "en-us"), "14:30 Uhr");
    }
}
