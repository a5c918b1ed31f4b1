//! Voices whose phonemes this library cannot make.

use std::fmt;

/// A type of phonemes that piper-tts has and this library does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPhonemes {
    /// The type, as spelled in the config.
    pub name: String,
}

impl fmt::Display for MissingPhonemes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.trim_start_matches("PhonemeType.").to_lowercase();
        let needs = match name.as_str() {
            "japanese" => "Japanese phonemes, which piper-tts gets from OpenJTalk",
            "hebrew" => "Hebrew phonemes, which piper-tts gets from the Nakdimon network",
            "thai" => "Thai phonemes, which piper-tts gets from TLTK",
            _ => return write!(f, "it needs phonemes of the unknown type `{}`", self.name),
        };
        write!(f, "it needs {needs}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        for (name, expected) in [
            (
                "japanese",
                "Japanese phonemes, which piper-tts gets from OpenJTalk",
            ),
            ("PhonemeType.HEBREW", "Nakdimon"),
            ("thai", "TLTK"),
            ("klingon", "phonemes of the unknown type `klingon`"),
        ] {
            let missing = MissingPhonemes {
                name: name.to_owned(),
            };
            assert!(missing.to_string().contains(expected), "{missing}");
        }
    }
}
