//! `<say-as>`: how numbers and letters are read.

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
}

impl SayAs {
    pub(super) fn named(interpret_as: &str) -> Option<Self> {
        Some(match interpret_as.trim() {
            "characters" | "spell-out" | "verbatim" => Self::Letters,
            "telephone" | "digits" => Self::Digits,
            "ordinal" => Self::Ordinal,
            "cardinal" | "number" | "date" | "time" | "currency" | "unit" | "fraction" => {
                Self::Text
            }
            _ => return None,
        })
    }

    /// Returns how a text is written so that it is read like this.
    pub(super) fn written(self, text: &str, language: &str) -> String {
        match self {
            Self::Text => text.to_owned(),
            // Capitals would be announced.
            Self::Letters => text.to_lowercase(),
            Self::Digits => digits(text),
            Self::Ordinal => ordinal(text, language).unwrap_or_else(|| text.to_owned()),
        }
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
    let number: u64 = text.trim().parse().ok()?;
    let ending = match language.split(['-', '_']).next()? {
        "en" => match (number % 100, number % 10) {
            (11..=13, _) => "th",
            (_, 1) => "st",
            (_, 2) => "nd",
            (_, 3) => "rd",
            _ => "th",
        },
        "de" => ".",
        "fr" if number == 1 => "er",
        "fr" => "e",
        "es" | "it" | "pt" => "º",
        _ => return None,
    };
    Some(format!("{number}{ending}"))
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
            (SayAs::Ordinal, " 21 ", "en-GB", "21st"),
            (SayAs::Ordinal, "12", "en", "12th"),
            (SayAs::Ordinal, "3", "de", "3."),
            (SayAs::Ordinal, "1", "fr-FR", "1er"),
            (SayAs::Ordinal, "3", "xx", "3"),
            (SayAs::Ordinal, "first", "en", "first"),
            (SayAs::Text, "1984", "en", "1984"),
        ];
        for (say_as, text, language, expected) in cases {
            assert_eq!(say_as.written(text, language), expected, "{text}");
        }
        assert_eq!(SayAs::named("expletive"), None);
    }
}
