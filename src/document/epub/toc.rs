//! The table of contents of a book: `nav` of version 3, or `ncx` of version 2.

use super::resolve;
use crate::document::BadDocument;
use crate::document::xml::{XmlEvent, XmlReader};

/// A line of the table of contents.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) title: String,
    pub(super) path: String,
    /// The id of an element of the page.
    pub(super) fragment: Option<String>,
    /// Counted from 1.
    pub(super) depth: usize,
}

/// Parses the table of contents at `path`, of either version.
pub(super) fn parse(text: &str, path: &str) -> Result<Vec<Entry>, BadDocument> {
    let mut entries = Vec::new();
    let mut xml = XmlReader::new(text, 0, path);
    let (mut depth, mut is_toc, mut label) = (0usize, false, String::new());
    while let Some(event) = xml.next()? {
        match event {
            XmlEvent::Start(tag) => match tag.name() {
                "nav" => {
                    let kind = tag.attribute("type").unwrap_or_default();
                    is_toc = kind.split_whitespace().any(|word| word == "toc");
                    depth = 0;
                }
                "ol" => depth += 1,
                "navPoint" => depth += 1,
                "navMap" => (is_toc, depth) = (true, 0),
                "text" if is_toc => label = xml.text_until("text")?,
                // Its label comes before.
                "content" if is_toc => {
                    let address = tag.attribute("src").unwrap_or_default();
                    entries.extend(entry(std::mem::take(&mut label), &address, path, depth));
                }
                "a" if is_toc => {
                    let address = tag.attribute("href").unwrap_or_default();
                    let title = xml.text_until("a")?;
                    entries.extend(entry(title, &address, path, depth));
                }
                _ => {}
            },
            XmlEvent::End(tag) => match tag.name() {
                "nav" | "navMap" => is_toc = false,
                "ol" | "navPoint" => depth = depth.saturating_sub(1),
                _ => {}
            },
            XmlEvent::Text(_) => {}
        }
    }
    Ok(entries)
}

fn entry(title: String, address: &str, base: &str, depth: usize) -> Option<Entry> {
    let (path, fragment) = resolve(base, address);
    (!title.is_empty() && !address.is_empty()).then_some(Entry {
        title,
        path,
        fragment,
        depth,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_a_table_of_contents_give_the_same() {
        let nav = r##"<html><body><nav epub:type="landmarks"><ol><li><a href="x.xhtml">X</a></li></ol></nav>
            <nav epub:type="toc"><h1>Contents</h1><ol>
            <li><a href="1.xhtml">One &amp; <i>all</i></a><ol><li><a href="1.xhtml#s">Section</a></li></ol></li>
            <li><a href="2.xhtml">Two</a></li></ol></nav></body></html>"##;
        let ncx = r##"<ncx><navMap>
            <navPoint><navLabel><text>One &amp; all</text></navLabel><content src="1.xhtml"/>
            <navPoint><navLabel><text>Section</text></navLabel><content src="1.xhtml#s"/></navPoint></navPoint>
            <navPoint><navLabel><text>Two</text></navLabel><content src="2.xhtml"/></navPoint>
            </navMap><pageList><pageTarget><navLabel><text>1</text></navLabel><content src="1.xhtml#p"/></pageTarget></pageList></ncx>"##;
        let entry = |title: &str, path: &str, fragment: Option<&str>, depth| Entry {
            title: title.to_owned(),
            path: path.to_owned(),
            fragment: fragment.map(str::to_owned),
            depth,
        };
        let expected = [
            entry("One & all", "t/1.xhtml", None, 1),
            entry("Section", "t/1.xhtml", Some("s"), 2),
            entry("Two", "t/2.xhtml", None, 1),
        ];
        assert_eq!(parse(nav, "t/nav.xhtml").unwrap(), expected);
        assert_eq!(parse(ncx, "t/toc.ncx").unwrap(), expected);
    }
}
