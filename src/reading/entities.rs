//! `&amp;` → `&`: entities that stand in text copied from web pages and feeds.

use super::edits::Edits;
use super::rule::Rule;

/// The longest named entity has 33 characters; numbers are shorter.
const MAX_ENTITY_BYTES: usize = 34;

/// Replaces every entity that is complete and known. A bare `&` is text.
pub(super) fn decode(text: &str, offset: usize, _language: &str, edits: &mut Edits) {
    let mut start = 0;
    while let Some(at) = text[start..].find('&').map(|at| start + at) {
        start = at + 1;
        let candidate = &text.as_bytes()[at..text.len().min(at + MAX_ENTITY_BYTES)];
        let Some(length) = candidate.iter().position(|&byte| byte == b';') else {
            continue;
        };
        let entity = &text[at..=at + length];
        let decoded = htmlize::unescape(entity);
        if decoded != entity && !decoded.ends_with(';') {
            edits.replace(
                Rule::Entity,
                offset + at..offset + at + entity.len(),
                decoded,
            );
            start = at + entity.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reading::clean;

    #[test]
    fn complete_entities_are_decoded() {
        for (written, read) in [
            ("AT&amp;T said &quot;hi&quot;", "AT&T said \"hi\""),
            ("it&#39;s ok &#x1F600;", "it's ok 😀"),
            ("caf&eacute; &lt;b&gt;", "café <b>"),
            (
                "&amp;lt; is text about an entity",
                "&lt; is text about an entity",
            ),
        ] {
            assert_eq!(clean(written, "en-us"), read);
        }
    }

    #[test]
    fn other_ampersands_are_text() {
        for text in [
            "rock & roll; blues",
            "AT&T; Bell",
            "&unknown; &#; &#xZZ; &;",
            "a &copy of it; here",
            "&",
            "x &amp",
        ] {
            assert_eq!(clean(text, "en-us"), text);
        }
    }
}
