//! espeak-ng's IPA → the symbols of a voice.

use unicode_normalization::UnicodeNormalization as _;

/// Returns the symbols of `ipa`: code points in NFD, without flags such as
/// `(en)`, which mark a change of language.
///
/// Everything in parentheses is a flag; espeak-ng writes no others.
pub(super) fn symbols(ipa: &str) -> String {
    let mut in_flag = false;
    ipa.nfd()
        .filter(|&c| {
            let kept = !in_flag && c != '(';
            in_flag = if in_flag { c != ')' } else { c == '(' };
            kept
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::symbols;

    #[test]
    fn symbols_are_single_code_points_without_language_flags() {
        let cases = [
            ("həlˈoʊ", "həlˈoʊ"),
            ("ɲˈɛço", "ɲˈɛc\u{327}o"),
            ("(en)hˈaʊs(de) ɪst", "hˈaʊs ɪst"),
            ("a(b(c)d)e", "ad)e"), // as the reference: the first `)` ends it
            ("a(b", "a"),
            ("", ""),
        ];
        for (ipa, expected) in cases {
            assert_eq!(symbols(ipa), expected, "{ipa}");
        }
    }
}
