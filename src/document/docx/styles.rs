//! The styles of paragraphs: which are headings, which belong to a table of contents.

use std::collections::HashMap;

use crate::document::BadDocument;
use crate::document::xml::{StartTag, XmlEvent, XmlReader};

/// What a paragraph is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ParagraphStyle {
    Text,
    /// 1 to 6.
    Heading(u8),
    /// Of a list.
    Item,
    /// A line of a table of contents.
    Contents,
}

/// The styles that a document defines, by their ids.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, ParagraphStyle>);

impl Styles {
    pub(super) fn parse(text: &str) -> Result<Self, BadDocument> {
        let mut styles = HashMap::new();
        let mut current = String::new();
        let mut xml = XmlReader::new(text, 0, "word/styles.xml");
        while let Some(event) = xml.next()? {
            let XmlEvent::Start(tag) = event else {
                continue;
            };
            match tag.name() {
                "style" => current = tag.attribute("styleId").unwrap_or_default(),
                // The names of Word's own styles are English in every language.
                "name" => {
                    let style = of_name(&tag.attribute("val").unwrap_or_default());
                    if style != ParagraphStyle::Text {
                        styles.insert(current.clone(), style);
                    }
                }
                "outlineLvl" => {
                    if let Some(style) = of_outline(&tag) {
                        styles.entry(current.clone()).or_insert(style);
                    }
                }
                _ => {}
            }
        }
        Ok(Self(styles))
    }

    /// Returns the style of this id. Documents of other programs may not define it.
    pub(super) fn of(&self, id: &str) -> ParagraphStyle {
        let known = self.0.get(id).copied();
        known.unwrap_or_else(|| of_name(id))
    }
}

fn of_name(name: &str) -> ParagraphStyle {
    let name = name.to_ascii_lowercase().replace(' ', "");
    let level = |prefix: &str| name.strip_prefix(prefix)?.parse().ok();
    match name.as_str() {
        "title" => ParagraphStyle::Heading(1),
        "subtitle" => ParagraphStyle::Heading(2),
        "tocheading" => ParagraphStyle::Contents,
        _ => match (level("heading"), level("toc")) {
            (Some(level @ 1..=9), _) => ParagraphStyle::Heading(u8::min(level, 6)),
            (_, Some(1..=9u8)) => ParagraphStyle::Contents,
            _ if name.starts_with("listbullet") || name.starts_with("listnumber") => {
                ParagraphStyle::Item
            }
            _ => ParagraphStyle::Text,
        },
    }
}

/// Returns the heading of an outline level; 9 is text.
pub(super) fn of_outline(tag: &StartTag<'_>) -> Option<ParagraphStyle> {
    let level: u8 = tag.attribute("val")?.parse().ok()?;
    (level < 9).then_some(ParagraphStyle::Heading((level + 1).min(6)))
}

/// Returns whether a switch such as `vanish` is on.
pub(super) fn is_on(tag: &StartTag<'_>) -> bool {
    let value = tag.attribute("val");
    !matches!(value.as_deref(), Some("0" | "false" | "off"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_in_every_language() {
        let text = r#"<w:styles><w:style w:styleId="berschrift2"><w:name w:val="heading 2"/>
            <w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
            <w:style w:styleId="Mine"><w:name w:val="My style"/><w:outlineLvl w:val="0"/></w:style>
            <w:style w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style></w:styles>"#;
        let styles = Styles::parse(text).unwrap();
        let cases = [
            ("berschrift2", ParagraphStyle::Heading(2)),
            ("Mine", ParagraphStyle::Heading(1)),
            ("Verzeichnis1", ParagraphStyle::Contents),
            ("Heading3", ParagraphStyle::Heading(3)),
            ("ListBullet2", ParagraphStyle::Item),
            ("Normal", ParagraphStyle::Text),
        ];
        for (id, style) in cases {
            assert_eq!(styles.of(id), style, "{id}");
        }
    }
}
