//! A start tag of HTML, and what its attributes mean.

use super::html_elements::{CODE_CLASSES, HIDDEN_CLASSES, Role, role};

/// Values of `epub:type` of what is not read.
const HIDDEN_TYPES: [&str; 5] = ["pagebreak", "toc", "landmarks", "page-list", "index"];
/// Values of `role` of what is not read.
const HIDDEN_ROLES: [&str; 7] = [
    "navigation",
    "search",
    "contentinfo",
    "doc-pagebreak",
    "doc-toc",
    "doc-index",
    "doc-pagelist",
];

/// A start tag.
pub(super) struct Element<'t> {
    pub(super) name: &'t str,
    pub(super) attributes: Vec<(&'t str, &'t str)>,
    pub(super) is_self_closing: bool,
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkKind {
    /// To a note: it says so.
    Note,
    /// To a place in a page.
    Place,
    Other,
}

impl Element<'_> {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    /// Returns whether an attribute has one of these words.
    fn has_word(&self, attribute: &str, words: &[&str]) -> bool {
        let value = self.attribute(attribute).unwrap_or_default();
        let mut found = value.split_ascii_whitespace();
        found.any(|word| words.contains(&word))
    }

    /// Returns whether the attributes say that it is not read.
    pub(super) fn is_hidden(&self) -> bool {
        let style = self.attribute("style").unwrap_or_default();
        let style = style.replace(' ', "");
        let is_hidden = self.attribute("hidden").is_some()
            || self.has_word("aria-hidden", &["true"])
            || style.contains("display:none")
            || style.contains("visibility:hidden")
            || self.has_word("epub:type", &HIDDEN_TYPES)
            || self.has_word("role", &HIDDEN_ROLES)
            || self.has_word("class", &HIDDEN_CLASSES);
        // Not the page itself, whatever a script would make of it.
        is_hidden && !matches!(self.name, "html" | "body")
    }

    /// Returns whether it is a block of code, or the code in a block.
    pub(super) fn is_code(&self, is_in_block: bool) -> bool {
        match self.name {
            "code" => is_in_block,
            name => role(name) == Role::Preformatted && self.has_word("class", &CODE_CLASSES),
        }
    }

    /// Returns the number of the first item, if this is a list with numbers.
    pub(super) fn first_number(&self) -> Option<u64> {
        let first = || self.attribute("start")?.trim().parse().ok();
        (self.name == "ol").then(|| first().unwrap_or(1))
    }

    pub(super) fn link_kind(&self) -> LinkKind {
        let kinds = ["epub:type", "role", "class", "rel"];
        let mut kinds = kinds.iter().filter_map(|name| self.attribute(name));
        let is_note = kinds.any(|kind| {
            kind.contains("noteref") || kind.contains("footnote") || kind.contains("backlink")
        });
        let address = self.attribute("href").unwrap_or_default();
        match is_note {
            true => LinkKind::Note,
            false if address.contains('#') => LinkKind::Place,
            false => LinkKind::Other,
        }
    }
}
