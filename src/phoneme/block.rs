//! `[[…]]`: phonemes written out by the user, in the middle of a text.

/// A stretch of text, or of symbols that are taken as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// To be turned into phonemes.
    Text(&'t str),
    /// What stands between the brackets, without the white space around it.
    Symbols(&'t str),
}

/// Cuts a text at its blocks. Text and blocks alternate, text first and last,
/// so that some texts are empty. A block does not reach over a line's end, and
/// holds IPA.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(open) = rest[from..].find("[[").map(|at| from + at) {
        let inside = &rest[open + 2..];
        let line = &inside[..inside.find('\n').unwrap_or(inside.len())];
        match line.find("]]") {
            Some(len) if is_ipa(&line[..len]) => {
                parts.push(Part::Text(&rest[..open]));
                parts.push(Part::Symbols(inside[..len].trim()));
                rest = &inside[len + 2..];
                from = 0;
            }
            // Text like any other, as far as it reaches.
            Some(len) => from = open + 2 + len + 2,
            None => from = open + 2 + line.len(),
        }
    }
    parts.push(Part::Text(rest));
    parts
}

/// Returns whether these may be symbols of a voice. `t@m'A:toU` is spelled in
/// espeak-ng's own way, of which no voice knows the half.
pub(crate) fn is_ipa(symbols: &str) -> bool {
    !symbols.contains(|c: char| c == '@' || c.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::Part::{Symbols, Text};
    use super::*;

    #[test]
    fn blocks_are_cut_out_and_text_stays_between_them() {
        let cases: [(&str, &[Part<'_>]); 10] = [
            ("", &[Text("")]),
            ("no block", &[Text("no block")]),
            ("[[a]]", &[Text(""), Symbols("a"), Text("")]),
            ("x [[ a b ]] y", &[Text("x "), Symbols("a b"), Text(" y")]),
            (
                "[[a]][[b]]",
                &[Text(""), Symbols("a"), Text(""), Symbols("b"), Text("")],
            ),
            ("[[a]]]", &[Text(""), Symbols("a"), Text("]")]),
            ("[[[a]]", &[Text(""), Symbols("[a"), Text("")]),
            ("[[t@]] [[a]]", &[Text("[[t@]] "), Symbols("a"), Text("")]),
            ("open [[ only", &[Text("open [[ only")]),
            (
                "[[a\nb]] [[c]]",
                &[Text("[[a\nb]] "), Symbols("c"), Text("")],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(parts(text), expected, "{text:?}");
        }
    }
}
