//! The package of a book: its metadata, and the order of its pages.

use std::collections::{HashMap, HashSet};

use super::resolve;
use crate::document::xml::{XmlEvent, XmlReader};
use crate::document::{BadDocument, Metadata};

/// Encrypts nothing but fonts: the fonts of a book may not be used elsewhere.
const FONT_ALGORITHMS: [&str; 2] = [
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
];

#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) metadata: Metadata,
    /// The paths of the pages.
    pub(super) spine: Vec<String>,
    /// The path of the table of contents.
    pub(super) toc: Option<String>,
}

/// Returns the path of the package.
pub(super) fn path(container: &str) -> Result<Option<String>, BadDocument> {
    let mut xml = XmlReader::new(container, 0, "META-INF/container.xml");
    while let Some(event) = xml.next()? {
        if let XmlEvent::Start(tag) = event
            && tag.name() == "rootfile"
            && let Some(path) = tag.attribute("full-path")
        {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Returns whether a page is encrypted.
pub(super) fn encrypts(encryption: &str, spine: &[String]) -> Result<bool, BadDocument> {
    let mut xml = XmlReader::new(encryption, 0, "META-INF/encryption.xml");
    let mut is_font = false;
    while let Some(event) = xml.next()? {
        let XmlEvent::Start(tag) = event else {
            continue;
        };
        match tag.name() {
            "EncryptionMethod" => {
                let algorithm = tag.attribute("Algorithm").unwrap_or_default();
                is_font = FONT_ALGORITHMS.contains(&algorithm.as_str());
            }
            "CipherReference" => {
                let address = tag.attribute("URI").unwrap_or_default();
                let (path, _) = resolve("", &address);
                if !is_font && spine.contains(&path) {
                    return Ok(true);
                }
            }
            _ => {}
        }
    }
    Ok(false)
}

impl Package {
    /// Parses the package at `path`.
    pub(super) fn parse(text: &str, path: &str) -> Result<Self, BadDocument> {
        let mut package = Self::default();
        let mut authors = Vec::new();
        let mut items: HashMap<String, String> = HashMap::new();
        let (mut nav, mut ncx) = (None, None);
        let mut ncx_id = None;
        let mut xml = XmlReader::new(text, 0, path);
        while let Some(event) = xml.next()? {
            let XmlEvent::Start(tag) = event else {
                continue;
            };
            match tag.name() {
                "title" if package.metadata.title.is_none() => {
                    let title = xml.text_until("title")?;
                    package.metadata.title = Some(title).filter(|title| !title.is_empty());
                }
                "creator" => {
                    let author = xml.text_until("creator")?;
                    if !author.is_empty() && !authors.contains(&author) {
                        authors.push(author);
                    }
                }
                "item" => {
                    let address = tag.attribute("href").unwrap_or_default();
                    let (item, _) = resolve(path, &address);
                    let properties = tag.attribute("properties").unwrap_or_default();
                    if properties.split_whitespace().any(|word| word == "nav") {
                        nav = Some(item.clone());
                    }
                    let kind = tag.attribute("media-type").unwrap_or_default();
                    if kind == "application/x-dtbncx+xml" {
                        ncx = Some(item.clone());
                    }
                    if let Some(id) = tag.attribute("id") {
                        items.insert(id, item);
                    }
                }
                "spine" => ncx_id = tag.attribute("toc"),
                "itemref" => {
                    let is_aside = tag.attribute("linear").is_some_and(|value| value == "no");
                    let page = tag.attribute("idref").and_then(|id| items.get(&id));
                    if let Some(page) = page
                        && !is_aside
                    {
                        package.spine.push(page.clone());
                    }
                }
                _ => {}
            }
        }
        let named = ncx_id.and_then(|id| items.get(&id).cloned());
        package.toc = nav.or(named).or(ncx);
        let mut seen = HashSet::new();
        package.spine.retain(|page| seen.insert(page.clone()));
        // The table of contents is for eyes.
        if let Some(toc) = &package.toc
            && package.spine.len() > 1
        {
            package.spine.retain(|page| page != toc);
        }
        package.metadata.author = (!authors.is_empty()).then(|| authors.join(", "));
        Ok(package)
    }
}
