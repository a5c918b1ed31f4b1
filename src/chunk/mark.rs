//! Characters that end sentences, close quotes, or separate clauses.

/// Unicode's property `Sentence_Terminal` beyond ASCII, version 17, and the
/// variants of the full stop, without U+104A, the Burmese comma.
///
/// A test compares it with UAX #29 in `unicode-segmentation`. That crate's
/// sentence iterator is not used: it takes quadratic time on a full stop with
/// much white space after it (seconds for 10 000 spaces), and knows neither `…`
/// nor abbreviations.
#[rustfmt::skip]
const TERMINALS: &[(char, char)] = &[
    ('\u{0589}', '\u{0589}'), ('\u{061D}', '\u{061F}'), ('\u{06D4}', '\u{06D4}'),
    ('\u{0700}', '\u{0702}'), ('\u{07F9}', '\u{07F9}'), ('\u{0837}', '\u{0837}'),
    ('\u{0839}', '\u{0839}'), ('\u{083D}', '\u{083E}'), ('\u{0964}', '\u{0965}'),
    ('\u{104B}', '\u{104B}'), ('\u{1362}', '\u{1362}'), ('\u{1367}', '\u{1368}'),
    ('\u{166E}', '\u{166E}'), ('\u{1735}', '\u{1736}'), ('\u{17D4}', '\u{17D5}'),
    ('\u{1803}', '\u{1803}'), ('\u{1809}', '\u{1809}'), ('\u{1944}', '\u{1945}'),
    ('\u{1AA8}', '\u{1AAB}'), ('\u{1B4E}', '\u{1B4F}'), ('\u{1B5A}', '\u{1B5B}'),
    ('\u{1B5E}', '\u{1B5F}'), ('\u{1B7D}', '\u{1B7F}'), ('\u{1C3B}', '\u{1C3C}'),
    ('\u{1C7E}', '\u{1C7F}'), ('\u{2024}', '\u{2024}'), ('\u{203C}', '\u{203D}'),
    ('\u{2047}', '\u{2049}'), ('\u{2CF9}', '\u{2CFB}'), ('\u{2E2E}', '\u{2E2E}'),
    ('\u{2E3C}', '\u{2E3C}'), ('\u{2E53}', '\u{2E54}'), ('\u{3002}', '\u{3002}'),
    ('\u{A4FF}', '\u{A4FF}'), ('\u{A60E}', '\u{A60F}'), ('\u{A6F3}', '\u{A6F3}'),
    ('\u{A6F7}', '\u{A6F7}'), ('\u{A876}', '\u{A877}'), ('\u{A8CE}', '\u{A8CF}'),
    ('\u{A92F}', '\u{A92F}'), ('\u{A9C8}', '\u{A9C9}'), ('\u{AA5D}', '\u{AA5F}'),
    ('\u{AAF0}', '\u{AAF1}'), ('\u{ABEB}', '\u{ABEB}'), ('\u{FE12}', '\u{FE12}'),
    ('\u{FE15}', '\u{FE16}'), ('\u{FE52}', '\u{FE52}'), ('\u{FE56}', '\u{FE57}'),
    ('\u{FF01}', '\u{FF01}'), ('\u{FF0E}', '\u{FF0E}'), ('\u{FF1F}', '\u{FF1F}'),
    ('\u{FF61}', '\u{FF61}'), ('\u{10A56}', '\u{10A57}'), ('\u{10F55}', '\u{10F59}'),
    ('\u{10F86}', '\u{10F89}'), ('\u{11047}', '\u{11048}'), ('\u{110BE}', '\u{110C1}'),
    ('\u{11141}', '\u{11143}'), ('\u{111C5}', '\u{111C6}'), ('\u{111CD}', '\u{111CD}'),
    ('\u{111DE}', '\u{111DF}'), ('\u{11238}', '\u{11239}'), ('\u{1123B}', '\u{1123C}'),
    ('\u{112A9}', '\u{112A9}'), ('\u{113D4}', '\u{113D5}'), ('\u{1144B}', '\u{1144C}'),
    ('\u{115C2}', '\u{115C3}'), ('\u{115C9}', '\u{115D7}'), ('\u{11641}', '\u{11642}'),
    ('\u{1173C}', '\u{1173E}'), ('\u{11944}', '\u{11944}'), ('\u{11946}', '\u{11946}'),
    ('\u{11A42}', '\u{11A43}'), ('\u{11A9B}', '\u{11A9C}'), ('\u{11C41}', '\u{11C42}'),
    ('\u{11EF7}', '\u{11EF8}'), ('\u{11F43}', '\u{11F44}'), ('\u{16A6E}', '\u{16A6F}'),
    ('\u{16AF5}', '\u{16AF5}'), ('\u{16B37}', '\u{16B38}'), ('\u{16B44}', '\u{16B44}'),
    ('\u{16D6E}', '\u{16D6F}'), ('\u{16E98}', '\u{16E98}'), ('\u{1BC9F}', '\u{1BC9F}'),
    ('\u{1DA88}', '\u{1DA88}'),
];

/// Returns whether `c` ends sentences in any language.
pub(crate) fn is_terminal(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, '.' | '!' | '?');
    }
    c == '…'
        || TERMINALS
            .binary_search_by(|&(first, last)| {
                if last < c {
                    std::cmp::Ordering::Less
                } else if first > c {
                    std::cmp::Ordering::Greater
                } else {
                    std::cmp::Ordering::Equal
                }
            })
            .is_ok()
}

/// Returns whether `c` is a full stop, which may also mark an abbreviation.
pub(super) fn is_full_stop(c: char) -> bool {
    matches!(c, '.' | '․' | '﹒' | '．')
}

/// Returns whether `c`, directly after the final mark, still belongs to the
/// sentence: closing quotes and brackets, emphasis, zero-width characters.
pub(crate) fn is_closer(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | ')'
            | ']'
            | '}'
            | '*'
            | '_'
            | '’'
            | '‘'
            | '”'
            | '“'
            | '»'
            | '«'
            | '›'
            | '‹'
            | '」'
            | '』'
            | '】'
            | '〕'
            | '〉'
            | '》'
            | '〗'
            | '〙'
            | '〛'
            | '）'
            | '］'
            | '｝'
            | '｠'
            | '｣'
            | '＂'
            | '＇'
            | '\u{FE0E}'
            | '\u{FE0F}'
            | '\u{200B}'..='\u{200F}' | '\u{FEFF}'
    )
}

/// Returns whether `c` closes a quote even after a space, as in French.
pub(super) fn is_detached_closer(c: char) -> bool {
    matches!(c, '»' | '›' | '”' | ')' | ']' | '}')
}

/// Returns whether `c` opens a quote or bracket before a word.
pub(super) fn is_opener(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '('
            | '['
            | '{'
            | '*'
            | '_'
            | '¿'
            | '¡'
            | '“'
            | '„'
            | '‟'
            | '‘'
            | '‚'
            | '’'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '「'
            | '『'
            | '（'
            | '［'
    )
}

/// Returns whether `c` is a dash, as between direct speech and its speaker.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '―')
}

/// Returns whether `c` shows that the sentence continues.
pub(super) fn continues(c: char) -> bool {
    is_terminal(c) || matches!(c, ',' | ';' | ':' | '،' | '؛' | '，' | '、' | '；' | '：')
}

/// Returns whether `c` separates clauses if white space follows.
pub(crate) fn is_clause_mark(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '–' | '-' | '·') || is_terminal(c) || is_tight_clause_mark(c)
}

/// Returns whether `c` separates clauses even without white space after it.
pub(super) fn is_tight_clause_mark(c: char) -> bool {
    matches!(
        c,
        '—' | '―'
            | '，'
            | '、'
            | '；'
            | '：'
            | '､'
            | '،'
            | '؛'
            | '၊'
            | '။'
            | '፣'
            | '፤'
            | '፥'
    ) || (is_terminal(c) && is_unspaced(c))
}

/// Returns whether `c` belongs to a script without spaces between words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{0E00}'..='\u{0EFF}' // Thai, Lao
            | '\u{1000}'..='\u{109F}' // Burmese
            | '\u{1780}'..='\u{17FF}' // Khmer
            | '\u{2E80}'..='\u{A4CF}' // Chinese and Japanese; Yi
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FE30}'..='\u{FE4F}'
            | '\u{FF01}'..='\u{FFDC}'
            | '\u{20000}'..='\u{3FFFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_segmentation::UnicodeSegmentation;

    #[test]
    fn terminals_are_those_of_uax_29() {
        for c in '\0'..=char::MAX {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '…' | '၊') {
                continue;
            }
            let unicode = format!("a{c} B").split_sentence_bounds().count() == 2;
            assert_eq!(is_terminal(c), unicode, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn no_mark_is_a_letter_or_digit() {
        for c in ('\0'..=char::MAX).filter(|c| c.is_alphanumeric()) {
            assert!(!is_terminal(c) && !is_closer(c) && !is_opener(c) && !continues(c));
        }
    }
}
