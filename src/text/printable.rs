//! Text that is safe to print.

/// Returns `text` without control characters, which a terminal would execute.
pub fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
