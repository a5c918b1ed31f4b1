//! Suggestions for mistyped words.

/// Returns the one of `words` that is most similar to `typed`, if one is similar
/// enough.
pub(crate) fn nearest<'a>(
    typed: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const MIN_SIMILARITY: f64 = 0.7;
    words
        .into_iter()
        .map(|word| (strsim::normalized_damerau_levenshtein(typed, word), word))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        // Of equal ones, the first: unlike `max_by`, `min_by` returns it.
        .min_by(|(a, _), (b, _)| b.total_cmp(a))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_few_differences_is_suggested() {
        let near = |typed| nearest(typed, ["en_GB-alba-medium", "de_DE-thorsten-low"]);
        assert_eq!(near("en_GB-abla-medium"), Some("en_GB-alba-medium"));
        assert_eq!(near("something else"), None);
        assert_eq!(nearest("voicee", ["voice", "voices"]), Some("voice"));
    }
}
