//! Text of the user in messages.

/// How much of a text is quoted.
const QUOTED_CHARS: usize = 40;

/// Returns the start of a text on one line, in quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut chars = text.trim().chars();
    let start: String = chars.by_ref().take(QUOTED_CHARS).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    format!("`{}{more}`", start.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_quoted_up_to_a_limit() {
        assert_eq!(quoted(" ?!\n"), "`?!`");
        let long = quoted(&"-".repeat(100));
        assert_eq!(long.chars().count(), QUOTED_CHARS + "`…`".chars().count());
    }
}
