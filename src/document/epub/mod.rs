//! EPUB, versions 2 and 3: the pages of a book, in the order of its spine.

mod package;
mod toc;

use std::collections::{HashMap, VecDeque};

use super::archive::Archive;
use super::block_builder::BlockBuilder;
use super::html::{HtmlPage, HtmlReader};
use super::html_text::Syntax;
use super::{BadDocument, Code, DocumentOptions, Format, Metadata, Progress, ReadError, Reader};
use crate::text::Input;
use package::Package;
use toc::Entry;

/// Reads a book page by page.
pub(super) struct EpubReader {
    archive: Archive,
    code: Code,
    pages: VecDeque<Page>,
    /// The page that is being read.
    open: Option<OpenPage>,
    /// Makes the blocks, while no page is open.
    /// Whether a page was found.
    has_pages: bool,
    /// The first page that was not.
    missing: Option<String>,
    builder: BlockBuilder,
}

struct OpenPage {
    path: String,
    reader: HtmlReader,
}

/// A page of the spine.
struct Page {
    path: String,
    /// The chapter that begins with it.
    title: Option<String>,
    /// The chapters that begin within it, by the ids of their elements.
    chapters: HashMap<String, String>,
}

impl EpubReader {
    pub(super) fn open(
        input: Input,
        options: &DocumentOptions,
    ) -> Result<(Metadata, Self), ReadError> {
        let mut archive = Archive::open(input, Format::Epub, options.encoding)?;
        let container = archive.needed_part("META-INF/container.xml")?;
        let path = package::path(&container)?.ok_or(BadDocument::Incomplete {
            format: Format::Epub.name(),
            missing: "the path of the package".to_owned(),
        })?;
        let text = archive.needed_part(&path)?;
        let package = Package::parse(&text, &path)?;
        if let Some(encryption) = archive.part("META-INF/encryption.xml")?
            && package::encrypts(&encryption, &package.spine)?
        {
            return Err(BadDocument::Encrypted.into());
        }
        if package.spine.is_empty() {
            return Err(BadDocument::Incomplete {
                format: Format::Epub.name(),
                missing: "a list of its pages".to_owned(),
            }
            .into());
        }
        let entries = match &package.toc {
            Some(path) => match archive.part(path)? {
                Some(toc) => toc::parse(&toc, path)?,
                None => Vec::new(),
            },
            None => Vec::new(),
        };
        let reader = Self {
            archive,
            code: options.code,
            pages: pages(package.spine, entries),
            open: None,
            has_pages: false,
            missing: None,
            builder: BlockBuilder::of_blocks(),
        };
        Ok((package.metadata, reader))
    }

    /// Opens a page; `None` if it is missing.
    fn open_page(&mut self, page: Page) -> Result<Option<OpenPage>, ReadError> {
        let Some(text) = self.archive.part(&page.path)? else {
            let note = format!("the page {} is missing and is not read", page.path);
            self.builder.note(note);
            self.missing.get_or_insert(page.path);
            return Ok(None);
        };
        self.has_pages = true;
        let mut html = HtmlPage::new(Syntax::Xhtml, self.code);
        if let Some(title) = &page.title {
            self.builder.start_chapter(title);
        }
        html.set_builder(std::mem::take(&mut self.builder));
        html.set_chapters(page.chapters);
        Ok(Some(OpenPage {
            path: page.path,
            reader: HtmlReader::new(text, html),
        }))
    }

    /// Ends the book, unless it had no page.
    fn end(&mut self) -> Result<Progress, ReadError> {
        match self.missing.take() {
            Some(page) if !self.has_pages => Err(BadDocument::Incomplete {
                format: Format::Epub.name(),
                missing: format!("the page {page}, like every other page,"),
            }
            .into()),
            _ => Ok(Progress::Ended),
        }
    }
}

impl OpenPage {
    /// Reads on. Errors name the page.
    fn step(&mut self) -> Result<Progress, BadDocument> {
        self.reader.step().map_err(|bad| match bad {
            BadDocument::TooDeep { place, limit } => BadDocument::TooDeep {
                place: format!("{place} of {}", self.path),
                limit,
            },
            BadDocument::TooManyAttributes { place, limit } => BadDocument::TooManyAttributes {
                place: format!("{place} of {}", self.path),
                limit,
            },
            other => other,
        })
    }
}

impl Reader for EpubReader {
    fn advance(&mut self) -> Result<Progress, ReadError> {
        if self.open.is_none() {
            let Some(page) = self.pages.pop_front() else {
                return self.end();
            };
            self.open = self.open_page(page)?;
        }
        let Some(mut page) = self.open.take() else {
            return Ok(Progress::More);
        };
        match page.step()? {
            Progress::More => self.open = Some(page),
            Progress::Ended => self.builder = std::mem::take(&mut *page.reader.builder()),
        }
        Ok(Progress::More)
    }

    fn with_builder(&mut self, take: &mut dyn FnMut(&mut BlockBuilder)) {
        match &mut self.open {
            Some(page) => take(&mut page.reader.builder()),
            None => take(&mut self.builder),
        }
    }
}

/// Finds the chapters that begin with or within each page of the spine.
fn pages(spine: Vec<String>, entries: Vec<Entry>) -> VecDeque<Page> {
    let mut by_path: HashMap<String, Vec<Entry>> = HashMap::new();
    for entry in entries {
        by_path.entry(entry.path.clone()).or_default().push(entry);
    }
    let pages = spine.into_iter().map(|path| {
        let mut page = Page {
            title: None,
            chapters: HashMap::new(),
            path,
        };
        for entry in by_path.remove(&page.path).unwrap_or_default() {
            match entry.fragment {
                None => _ = page.title.get_or_insert(entry.title),
                // Deeper ones are sections.
                Some(fragment) if entry.depth == 1 => {
                    page.chapters.entry(fragment).or_insert(entry.title);
                }
                Some(_) => {}
            }
        }
        page
    });
    pages.collect()
}

/// Resolves the address of a part in the part at `base`. Returns its path, and the
/// id of the element after `#`.
fn resolve(base: &str, address: &str) -> (String, Option<String>) {
    let (path, fragment) = match address.split_once('#') {
        Some((path, fragment)) => (path, Some(decoded(fragment))),
        None => (address, None),
    };
    if path.is_empty() {
        return (base.to_owned(), fragment);
    }
    let path = decoded(path);
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = match path.starts_with('/') {
        true => Vec::new(),
        false => folder.split('/').filter(|part| !part.is_empty()).collect(),
    };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    (parts.join("/"), fragment)
}

fn decoded(address: &str) -> String {
    percent_encoding::percent_decode_str(address)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_resolved_in_the_folder_of_their_part() {
        let cases = [
            ("a/b.opf", "c.xhtml", "a/c.xhtml", None),
            ("a/b.opf", "../c%20d.xhtml#x", "c d.xhtml", Some("x")),
            ("b.opf", "t/./c.xhtml", "t/c.xhtml", None),
            ("a/b.opf", "/c.xhtml", "c.xhtml", None),
            ("b.opf", "../../c.xhtml", "c.xhtml", None),
            ("a/b.xhtml", "#x", "a/b.xhtml", Some("x")),
        ];
        for (base, address, path, fragment) in cases {
            let resolved = resolve(base, address);
            assert_eq!(resolved, (path.to_owned(), fragment.map(str::to_owned)));
        }
    }
}
