//! The settings at the start of a text of Markdown.

/// Returns where the text begins after a block of settings, as static sites have it:
/// between lines of `---`, or `+++`.
pub(super) fn front_matter(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next() else { return 0 };
    let ends: &[&str] = match first.trim_end() {
        "---" => &["---", "..."],
        "+++" => &["+++"],
        _ => return 0,
    };
    let mut end = first.len();
    let mut has_key = false;
    for line in lines {
        end += line.len();
        if ends.contains(&line.trim_end()) {
            return if has_key { end } else { 0 };
        }
        has_key |= line.contains([':', '=']);
        // A rule before a paragraph.
        if !has_key && line.trim().is_empty() {
            return 0;
        }
    }
    0
}
