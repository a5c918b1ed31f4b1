//! Words that a wrapped line cut in two: `extra-⏎ordinary`.

use super::edits::Edits;

/// Written, typographic and soft.
const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{AD}'];

/// Joins a word that ends in a hyphen at the end of a line with the small
/// letters that begin the next line.
///
/// Lines that were not joined into one sentence never get here, so lists and
/// verse keep theirs. A compound that was cut at its own hyphen loses it,
/// which only a dictionary could tell; espeak-ng reads most of them alike.
pub(super) fn join_words(text: &str, offset: usize, _language: &str, edits: &mut Edits) {
    for (newline, _) in text.match_indices('\n') {
        let before = text[..newline].trim_end_matches([' ', '\t', '\r']);
        let after = text[newline..].trim_start_matches([' ', '\t', '\r', '\n']);
        let Some(word) = before.strip_suffix(HYPHENS) else {
            continue;
        };
        let is_word = word.ends_with(char::is_alphabetic);
        let goes_on = after.starts_with(char::is_lowercase);
        let next_line = text.len() - after.len();
        if is_word && goes_on && !text[newline + 1..next_line].contains('\n') {
            edits.replace(offset + word.len()..offset + next_line, "");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reading::clean;

    #[test]
    fn a_word_cut_by_a_line_end_is_one_word() {
        for (written, read) in [
            ("the extra-\nordinary case", "the extraordinary case"),
            (
                "the extra\u{2010}\n    ordinary case",
                "the extraordinary case",
            ),
            ("größ-\r\nte Not", "größte Not"),
            (
                "soft\u{AD}\nhyphen",
                "soft\nhyphen".replace('\n', "").as_str(),
            ),
        ] {
            assert_eq!(clean(written, "en-us"), read);
        }
    }

    #[test]
    fn other_hyphens_at_line_ends_stay() {
        for text in [
            "Jean-\nPaul",
            "1914-\n1918",
            "a dash -\nand more",
            "the end--\nand more",
            "Vor-\n\nund",
        ] {
            assert_eq!(clean(text, "de"), text);
        }
    }
}
