//! Properties of languages that matter for espeak-ng.

/// How espeak-ng treats a language, and how the language is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LanguageRules {
    /// The first and last letter of its script, if not Latin.
    letters: Option<(char, char)>,
    /// A full stop after a number makes it an ordinal: `am 3. Mai`.
    pub(super) dotted_ordinals: bool,
    /// A comma after such an ordinal is not a pause: `december 2., szerda`.
    pub(super) comma_after_ordinal: bool,
    /// The script has no capitals: a lowercase letter may start a sentence.
    pub(super) uncased: bool,
    /// The tatweel is ignored, and the zero-width non-joiner is a hyphen.
    pub(super) persian: bool,
    /// Nouns are capitalised: the sentence continues in `am 3. Mai`.
    pub(super) capital_nouns: bool,
    /// Chinese characters are read. Other voices describe them.
    pub(super) reads_ideographs: bool,
    /// Two symbols in a row may crash espeak-ng.
    pub(super) separates_symbols: bool,
}

impl LanguageRules {
    /// Returns the rules for a language by its espeak-ng name.
    pub(super) fn of(language: &str) -> Self {
        let family = language.split(['-', '+']).next().unwrap_or_default();
        Self {
            dotted_ordinals: matches!(
                family,
                "da" | "de"
                    | "et"
                    | "fi"
                    | "hu"
                    | "kl"
                    | "lt"
                    | "ltg"
                    | "lv"
                    | "nb"
                    | "nl"
                    | "no"
                    | "sl"
                    | "smj"
            ),
            comma_after_ordinal: family == "hu",
            uncased: family == "ka",
            persian: family == "fa",
            letters: script(family),
            separates_symbols: matches!(family, "hi" | "vi"),
            capital_nouns: family == "de",
            reads_ideographs: matches!(family, "cmn" | "hak" | "ja" | "ko" | "yue" | "zh"),
        }
    }

    /// Returns whether words with `c` are read; others are spelled.
    pub(super) fn reads(self, c: char) -> bool {
        // Every voice reads Latin words, if necessary in English.
        c < '\u{370}'
            || matches!(c, '\u{1E00}'..='\u{1EFF}')
            || self
                .letters
                .is_some_and(|(first, last)| (first..=last).contains(&c))
    }

    /// Returns the character that espeak-ng reads for `c`; `None` if it skips
    /// `c`.
    pub(super) fn read_as(self, c: char) -> Option<char> {
        match c {
            '\u{AD}' => None,
            '\u{200C}' if self.persian => Some('-'),
            '\u{200C}' => None,
            '\u{640}' if self.persian => None,
            '\u{F0B}' => Some(' '),
            other => Some(other),
        }
    }
}

/// Returns the first and last letter of a language's script.
fn script(family: &str) -> Option<(char, char)> {
    Some(match family {
        "el" | "grc" => ('\u{370}', '\u{3FF}'),
        "ba" | "be" | "bg" | "cv" | "kk" | "ky" | "mk" | "nog" | "ru" | "sr" | "tt" | "uk" => {
            ('\u{400}', '\u{52F}')
        }
        "hy" | "hyw" => ('\u{530}', '\u{58F}'),
        "he" => ('\u{590}', '\u{5FF}'),
        "ar" | "fa" | "sd" | "ug" | "ur" => ('\u{600}', '\u{77F}'),
        "hi" | "kok" | "mr" | "ne" => ('\u{900}', '\u{97F}'),
        "as" | "bn" | "bpy" => ('\u{980}', '\u{9FF}'),
        "pa" => ('\u{A00}', '\u{A7F}'),
        "gu" => ('\u{A80}', '\u{AFF}'),
        "or" => ('\u{B00}', '\u{B7F}'),
        "ta" => ('\u{B80}', '\u{BFF}'),
        "te" => ('\u{C00}', '\u{C7F}'),
        "kn" => ('\u{C80}', '\u{CFF}'),
        "ml" => ('\u{D00}', '\u{D7F}'),
        "si" => ('\u{D80}', '\u{DFF}'),
        "th" => ('\u{E00}', '\u{E7F}'),
        "my" | "shn" => ('\u{1000}', '\u{109F}'),
        "ka" => ('\u{10A0}', '\u{10FF}'),
        "am" => ('\u{1200}', '\u{139F}'),
        "ja" | "cmn" | "hak" | "yue" | "zh" => ('\u{2E80}', '\u{9FFF}'),
        "ko" => ('\u{AC00}', '\u{D7A3}'),
        _ => return None,
    })
}
