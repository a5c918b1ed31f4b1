//! Words that a wrapped line cut in two: `extra-⏎ordinary`.

use super::edits::Edits;
use super::rule::Rule;

/// Written, typographic and soft.
const HYPHENS: [char; 3] = ['-', SOFT_HYPHEN, '\u{2010}'];
const SOFT_HYPHEN: char = '\u{AD}';

/// The words after a hyphen that stands for the rest of a compound: `short- and
/// long-term`. By language: `en` is one in Dutch, and a syllable in German.
const CONJUNCTIONS: [(&str, &[&str]); 27] = [
    ("af", &["en", "of"]),
    ("bs", &["i", "ili"]),
    ("ca", &["i", "o"]),
    ("cs", &["a", "i", "nebo"]),
    ("da", &["og", "eller"]),
    ("de", &["und", "oder", "bzw", "bis", "sowie"]),
    ("en", &["and", "or", "to"]),
    ("es", &["y", "e", "o", "u"]),
    ("et", &["ja", "või"]),
    ("fi", &["ja", "tai"]),
    ("fr", &["et", "ou"]),
    ("hr", &["i", "ili"]),
    ("hu", &["és", "vagy"]),
    ("is", &["og", "eða"]),
    ("it", &["e", "o"]),
    ("nb", &["og", "eller"]),
    ("nl", &["en", "of"]),
    ("no", &["og", "eller"]),
    ("pl", &["i", "lub", "oraz"]),
    ("pt", &["e", "ou"]),
    ("ro", &["și", "sau"]),
    ("ru", &["и", "или"]),
    ("sk", &["a", "i", "alebo"]),
    ("sl", &["in", "ali"]),
    ("sr", &["i", "ili", "и", "или"]),
    ("sv", &["och", "eller", "samt"]),
    ("uk", &["і", "й", "та", "або"]),
];

/// Joins a word that ends in a hyphen at the end of a line with the small
/// letters that begin the next line.
///
/// Lines that were not joined into one sentence never get here, so lists and
/// verse keep theirs. A compound that was cut at its own hyphen loses it,
/// which only a dictionary could tell; espeak-ng reads most of them alike.
pub(super) fn join_words(text: &str, offset: usize, language: &str, edits: &mut Edits) {
    for (newline, _) in text.match_indices('\n') {
        let before = text[..newline].trim_end_matches([' ', '\t', '\r']);
        let after = text[newline + 1..].trim_start_matches([' ', '\t', '\r']);
        let Some(word) = before.strip_suffix(HYPHENS) else {
            continue;
        };
        let is_word = word.ends_with(char::is_alphabetic);
        let goes_on = after.starts_with(char::is_lowercase);
        let next_line = text.len() - after.len();
        let is_soft = before.ends_with(SOFT_HYPHEN);
        if is_word && goes_on && (is_soft || !begins_with_conjunction(after, language)) {
            edits.remove(Rule::LineEnd, offset + word.len()..offset + next_line);
        }
    }
}

fn begins_with_conjunction(line: &str, language: &str) -> bool {
    let language = language.split('-').next().unwrap_or_default();
    let word = line.split(|c: char| !c.is_alphabetic()).next();
    CONJUNCTIONS
        .iter()
        .filter(|(code, _)| *code == language)
        .any(|(_, words)| word.is_some_and(|word| words.contains(&word)))
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
    fn a_hyphen_before_a_conjunction_stands_for_the_rest_of_a_compound() {
        for (language, text) in [
            ("de", "die Haupt-\nund Nebensätze"),
            ("de", "Haupt-\r\n  bzw. Nebensatz"),
            ("en-us", "short-\nand long-term"),
            ("en-gb", "two\u{2010}\nor three-year"),
            ("nl", "voor-\nen nadelen"),
            ("sv", "för-\noch nackdelar"),
            ("es", "anglo-\ny francoparlantes"),
            ("hr", "auto-\nili moto-klub"),
        ] {
            assert_eq!(clean(text, language), text);
        }
        for (language, written, read) in [
            ("de", "die Frau-\nen", "die Frauen"),
            ("de", "das Wun-\nder", "das Wunder"),
            ("en-us", "the sa-\nndy", "the sandy"),
            ("en-us", "thous\u{AD}\nand", "thousand"),
        ] {
            assert_eq!(clean(written, language), read);
        }
    }

    #[test]
    fn blank_lines_cost_no_more_than_their_length() {
        // A minute and more, if each line searched the lines after it.
        let text = format!("Vor-{}und", "\n".repeat(1_000_000));
        assert_eq!(clean(&text, "de"), text);
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
