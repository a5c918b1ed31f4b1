//! Dialogues: `NAME: words`, and lines below it that go on.

/// Longer ones are no names.
const MAX_NAME_CHARS: usize = 40;

/// Divides a line at its first colon, if white space or nothing follows that:
/// what may be a name, and the words after it.
///
/// ```
/// use piper_rs::parts::dialogue::name_and_words;
///
/// assert_eq!(name_and_words(" Anna: Good morning."), Some(("Anna", "Good morning.")));
/// assert_eq!(name_and_words("Meet me at 12:30."), None);
/// ```
pub fn name_and_words(line: &str) -> Option<(&str, &str)> {
    let (name, words) = line.split_once([':', '：'])?;
    let is_divided = line[name.len()..].starts_with('：')
        || words.is_empty()
        || words.starts_with(char::is_whitespace);
    let name = name.trim();
    let is_short = !name.is_empty() && name.chars().nth(MAX_NAME_CHARS).is_none();
    (is_divided && is_short).then(|| (name, words.trim_start_matches([' ', '\t', '\u{3000}'])))
}

/// Returns whether the words before a colon look like the name of a person: up to
/// three words with capitals.
pub fn looks_like_name(name: &str) -> bool {
    let words: Vec<_> = name.split_whitespace().collect();
    let is_of_name = |word: &str| {
        let mut chars = word.chars();
        let starts = chars
            .next()
            .is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
        starts && chars.all(|c| c.is_alphanumeric() || ".'’-".contains(c))
    };
    (1..=3).contains(&words.len()) && words.iter().all(|word| is_of_name(word))
}

/// Returns the form in which names are compared: neither case nor the number of
/// spaces matters.
pub fn name_key(name: &str) -> String {
    let words: Vec<_> = name.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_divides_name_and_words() {
        let cases = [
            ("Anna: Hi: you.\n", Some(("Anna", "Hi: you.\n"))),
            ("  Old  Man :\tHm.", Some(("Old  Man", "Hm."))),
            ("Anna:", Some(("Anna", ""))),
            ("Anna:\n", Some(("Anna", "\n"))),
            ("安娜：你好", Some(("安娜", "你好"))),
            ("https://a.b", None),
            (": x", None),
            ("At 12:30 she said: x", None),
            ("no colon", None),
        ];
        for (line, expected) in cases {
            assert_eq!(name_and_words(line), expected, "{line:?}");
        }
        assert_eq!(name_and_words(&format!("{}: x", "a".repeat(41))), None);
    }

    #[test]
    fn names_have_capitals() {
        for name in [
            "Anna",
            "ANNA",
            "Mr. O'Neill",
            "Jean-Luc",
            "安娜",
            "Robot 2".split(' ').next().unwrap(),
        ] {
            assert!(looks_like_name(name), "{name}");
        }
        for other in ["", "the end", "He said then", "A B C D", "12", "*Anna*"] {
            assert!(!looks_like_name(other), "{other}");
        }
        assert_eq!(name_key(" OLD  Män"), "old män");
    }
}
