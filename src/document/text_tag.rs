//! Tags of Markdown that are meant as text: a tag that nothing ends is often no tag, as
//! in `List<Object>`, `<your name>` and `the <title> of it`.

use std::ops::Range;

use super::end_tags::{self, EndTags};
use super::html_elements::{Role, is_known, is_void, may_be_left_open, role};

/// Returns whether what looks like a tag is meant as text: it has no values of
/// attributes, and nothing ends its element in the rest of its block.
pub(super) fn is_text(tag: &str, rest: Range<usize>, tags: &EndTags) -> bool {
    let name = name(tag);
    let is_sure = name.is_empty() || tag.contains('=') || tag.ends_with("/>");
    if is_sure || may_be_left_open(&name) {
        return false;
    }
    // What is seen may go on in the next paragraph, as a line of bold text does.
    let is_seen = is_known(&name) && role(&name) != Role::Hidden;
    let limit = if is_seen { usize::MAX } else { rest.end };
    is_void(&name) || !tags.has(&name, rest.start..limit)
}

/// Returns whether the first line of a block of HTML is a tag that may be text, such as
/// `<T>` and `<Object>`. One such as `<div>` is not.
pub(super) fn is_doubtful(line: &str) -> bool {
    let line = line.trim();
    let tag = line.strip_prefix('<').and_then(|tag| tag.strip_suffix('>'));
    let name = name(line);
    tag.is_some_and(|tag| !tag.contains(['<', '>']))
        && matches!(role(&name), Role::Inline | Role::Hidden)
        && !matches!(name.as_str(), "script" | "style")
}

/// Returns the name in a start tag; an empty one for other tags.
fn name(tag: &str) -> String {
    let tag = tag.strip_prefix('<').unwrap_or_default();
    end_tags::name(tag).to_ascii_lowercase()
}
