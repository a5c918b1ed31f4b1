//! `[[…]]`: phonemes that the user wrote into the text.

/// Text, or phonemes that the user wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextOrPhonemes<'t> {
    /// Text, still to be converted to phonemes.
    Text(&'t str),
    /// The content of the brackets, trimmed.
    Phonemes(&'t str),
}

/// Splits a text at its `[[…]]` blocks. Text and blocks alternate, with text
/// first and last, which may be empty. A block is on one line and contains IPA.
///
/// Unlike [`RawPhonemes`](crate::chunk::RawPhonemes), which keeps chunks bounded,
/// it takes blocks of any length, as piper-tts does.
pub(super) fn split_raw_phonemes(text: &str) -> Vec<TextOrPhonemes<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(open) = rest[from..].find("[[").map(|at| from + at) {
        let inside = &rest[open + 2..];
        let line = &inside[..inside.find('\n').unwrap_or(inside.len())];
        match line.find("]]") {
            Some(len) if is_ipa(&line[..len]) => {
                parts.push(TextOrPhonemes::Text(&rest[..open]));
                parts.push(TextOrPhonemes::Phonemes(inside[..len].trim()));
                rest = &inside[len + 2..];
                from = 0;
            }
            // Ordinary text.
            Some(len) => from = open + 2 + len + 2,
            None => from = open + 2 + line.len(),
        }
    }
    parts.push(TextOrPhonemes::Text(rest));
    parts
}

/// Returns whether these can be phonemes of a voice. `t@m'A:toU` is espeak-ng's
/// own notation, which voices do not know.
pub(crate) fn is_ipa(symbols: &str) -> bool {
    !symbols.contains(|c: char| c == '@' || c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::TextOrPhonemes::{Phonemes, Text};
    use super::*;

    #[test]
    fn text_is_split_at_blocks_of_ipa() {
        let cases: [(&str, &[TextOrPhonemes<'_>]); 10] = [
            ("", &[Text("")]),
            ("no block", &[Text("no block")]),
            ("[[a]]", &[Text(""), Phonemes("a"), Text("")]),
            ("x [[ a b ]] y", &[Text("x "), Phonemes("a b"), Text(" y")]),
            (
                "[[a]][[b]]",
                &[Text(""), Phonemes("a"), Text(""), Phonemes("b"), Text("")],
            ),
            ("[[a]]]", &[Text(""), Phonemes("a"), Text("]")]),
            ("[[[a]]", &[Text(""), Phonemes("[a"), Text("")]),
            ("[[t@]] [[a]]", &[Text("[[t@]] "), Phonemes("a"), Text("")]),
            ("open [[ only", &[Text("open [[ only")]),
            (
                "[[a\nb]] [[c]]",
                &[Text("[[a\nb]] "), Phonemes("c"), Text("")],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(split_raw_phonemes(text), expected, "{text:?}");
        }
    }
}
