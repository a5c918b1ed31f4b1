//! The word that was probably meant by a mistyped one.

/// Returns which of `words` was probably meant by `typed`.
pub(super) fn nearest<'a>(
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
