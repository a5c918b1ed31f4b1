//! The word that was probably meant by a mistyped one.

/// Returns which of `words` was probably meant by `typed`.
pub(crate) fn nearest<'a>(
    typed: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const LIKE_ENOUGH: f64 = 0.7;
    words
        .into_iter()
        .map(|word| (strsim::normalized_damerau_levenshtein(typed, word), word))
        .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_near_if_little_differs() {
        let near = |typed| nearest(typed, ["en_GB-alba-medium", "de_DE-thorsten-low"]);
        assert_eq!(near("en_GB-abla-medium"), Some("en_GB-alba-medium"));
        assert_eq!(near("something else"), None);
    }
}
