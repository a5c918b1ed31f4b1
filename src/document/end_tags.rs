//! The end tags of a text: what an element hides ends at one, or else nothing is hidden.

use std::collections::HashMap;
use std::ops::Range;

/// Where the end tags of a text are.
#[derive(Debug, Default)]
pub(super) struct EndTags {
    /// Their places, in ascending order, by the names of their elements.
    places: HashMap<Box<str>, Vec<u32>>,
}

impl EndTags {
    /// Adds the end tags of a piece of HTML that begins at this byte of the text.
    pub(super) fn add(&mut self, html: &str, start: usize) {
        for (at, _) in html.match_indices("</") {
            // No text is longer than 4 GiB.
            let place = u32::try_from(start + at).unwrap_or(u32::MAX);
            let name = name(&html[at + 2..]).to_ascii_lowercase();
            self.places.entry(name.into()).or_default().push(place);
        }
    }

    /// Returns those of a whole page, of which only the last ones are kept.
    pub(super) fn of_page(html: &str) -> Self {
        let mut tags = Self::default();
        for (at, _) in html.match_indices("</") {
            let place = u32::try_from(at).unwrap_or(u32::MAX);
            let name = name(&html[at + 2..]).to_ascii_lowercase();
            tags.places.insert(name.into(), vec![place]);
        }
        tags
    }

    /// Returns whether an element of this name, in lower case, ends in this part.
    pub(super) fn has(&self, name: &str, part: Range<usize>) -> bool {
        let places = self.places.get(name).map_or(&[][..], Vec::as_slice);
        let next = places.partition_point(|place| (*place as usize) < part.start);
        let next = places.get(next);
        next.is_some_and(|place| (*place as usize) < part.end)
    }
}

/// Returns the name with which a tag begins, after its `<` or `</`.
pub(super) fn name(tag: &str) -> &str {
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    &tag[..end.unwrap_or(tag.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_tag_is_found_only_in_its_part() {
        let mut tags = EndTags::default();
        tags.add("<b>x</b>", 10);
        tags.add("</NAV></ i></", 100);
        assert!(tags.has("b", 0..15));
        assert!(!tags.has("b", 15..1000));
        assert!(!tags.has("b", 0..14));
        assert!(tags.has("nav", 15..1000));
        assert!(!tags.has("i", 0..1000));
    }
}
