//! `<say-as>`: how numbers and letters are read.

use crate::language_tables;

/// What `interpret-as` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SayAs {
    /// The text is read as any other: numbers, dates and times are understood.
    Text,
    /// Letter by letter.
    Letters,
    /// Digit by digit.
    Digits,
    Ordinal,
    /// No year.
    Cardinal,
}

impl SayAs {
    pub(super) fn named(interpret_as: &str) -> Option<Self> {
        Some(match interpret_as.trim() {
            "characters" | "spell-out" | "verbatim" => Self::Letters,
            "telephone" | "digits" => Self::Digits,
            "ordinal" => Self::Ordinal,
            "cardinal" | "number" => Self::Cardinal,
            "date" | "time" | "currency" | "unit" | "fraction" => Self::Text,
            _ => return None,
        })
    }

    /// Returns how a text is written so that it is read like this, if the language says
    /// how.
    pub(super) fn written(self, text: &str, language: &str) -> Option<String> {
        Some(match self {
            Self::Text => text.to_owned(),
            // Capitals would be announced.
            Self::Letters => text.to_lowercase(),
            Self::Digits => digits(text),
            Self::Cardinal => return cardinal(text, language),
            Self::Ordinal => return ordinal(text, language),
        })
    }
}

/// Separates digits by spaces; other marks of a telephone number are short pauses.
fn digits(text: &str) -> String {
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            if digits.ends_with(|last: char| last.is_ascii_digit() || last == ',') {
                digits.push(' ');
            }
            digits.push(c);
        } else if c == '+' || c.is_alphabetic() {
            digits.push(c);
        } else if digits.ends_with(|last: char| last.is_ascii_digit()) {
            digits.push(',');
        }
    }
    digits.trim_end_matches(',').to_owned()
}

/// Returns a number as an ordinal of the language, if it is known.
fn ordinal(text: &str, language: &str) -> Option<String> {
    let Ok(number) = text.parse() else {
        return Some(text.to_owned());
    };
    let table = language_tables::of(&language.to_lowercase())?;
    table.ordinals.number(number, 0)
}

/// Returns a number in groups of digits, which is no year. Years have four digits.
fn cardinal(text: &str, language: &str) -> Option<String> {
    let is_year = text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit());
    if !is_year {
        return Some(text.to_owned());
    }
    let table = language_tables::of(&language.to_lowercase())?;
    let group = table.patterns.get("group")?;
    Some(format!("{}{group}{}", &text[..1], &text[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_asked() {
        let cases = [
            (SayAs::Digits, "(555) 123-45", "", "5 5 5, 1 2 3, 4 5"),
            (SayAs::Digits, "+49 30", "", "+4 9, 3 0"),
            (SayAs::Letters, "NaSa", "", "nasa"),
            (SayAs::Ordinal, "21", "en-GB", "21st"),
            (SayAs::Ordinal, "12", "en", "12th"),
            (SayAs::Ordinal, "3", "de", "dritte"),
            (SayAs::Ordinal, "1", "fr-FR", "premier"),
            (SayAs::Ordinal, "first", "en", "first"),
            (SayAs::Text, "1984", "en", "1984"),
            (SayAs::Cardinal, "1984", "en", "1,984"),
            (SayAs::Cardinal, "42", "en", "42"),
        ];
        for (say_as, text, language, expected) in cases {
            let written = say_as.written(text, language);
            assert_eq!(written.as_deref(), Some(expected), "{text}");
        }
        assert_eq!(SayAs::Ordinal.written("3", "xx"), None);
        assert_eq!(SayAs::Cardinal.written("1984", ""), None);
        assert_eq!(SayAs::named("expletive"), None);
    }
}
