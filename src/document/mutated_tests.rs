//! Documents of each format with parts cut out, repeated, moved and replaced: they are
//! read or refused, and give no more than they have.

use proptest::prelude::*;
use proptest::sample::Index;

use super::tests::{archive, book, docx, open_bytes};
use super::*;

const HTML: &str = include_str!("../../tests/documents/article.html");
const NAV: &str = r#"<li><a href="1.xhtml#a">One</a></li><li><a href="2.xhtml">Two</a></li>"#;
const WORDS: &str = r#"<w:p><w:pPr><w:pStyle w:val="Heading1"/><w:numPr/></w:pPr><w:r><w:t>One</w:t><w:tab/></w:r>
    <w:footnoteReference w:id="2"/></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>two</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"#;
const NOTES: &str = r#"<w:footnote w:id="2"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote>"#;

/// A change of a text.
#[derive(Debug, Clone)]
enum Change {
    Cut(Index, usize),
    Repeat(Index, usize, usize),
    Move(Index, usize, Index),
    Insert(Index, String),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let marks = r#"[<>/&"'=!-]{1,3}|[*_`#|\[\](){}~>+.:;,0-9\n\t\x0C -]{1,4}|<!--|]]>|<script>|</|é|世|\u{0}"#;
    let change = prop_oneof![
        (any::<Index>(), 0usize..40).prop_map(|(at, length)| Change::Cut(at, length)),
        (any::<Index>(), 1usize..60, 1usize..30)
            .prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        (any::<Index>(), 0usize..60, any::<Index>())
            .prop_map(|(at, length, to)| Change::Move(at, length, to)),
        (any::<Index>(), marks).prop_map(|(at, text)| Change::Insert(at, text)),
    ];
    prop::collection::vec(change, 0..8)
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for change in changes {
        let place = |at: &Index, chars: &[char]| at.index(chars.len() + 1);
        match change {
            Change::Cut(at, length) => {
                let at = place(at, &chars);
                chars.drain(at..(at + length).min(chars.len()));
            }
            Change::Repeat(at, length, times) => {
                let at = place(at, &chars);
                let piece = chars[at..(at + length).min(chars.len())].repeat(*times);
                chars.splice(at..at, piece);
            }
            Change::Move(at, length, to) => {
                let at = place(at, &chars);
                let end = (at + length).min(chars.len());
                let piece: Vec<_> = chars.drain(at..end).collect();
                let to = place(to, &chars);
                chars.splice(to..to, piece);
            }
            Change::Insert(at, text) => {
                let at = place(at, &chars);
                chars.splice(at..at, text.chars());
            }
        }
    }
    chars.into_iter().collect()
}

/// Reads a document. `source` is what it may take words from.
fn check(bytes: &[u8], format: Format, source: usize) -> Result<(), TestCaseError> {
    for (code, cues) in [(Code::Skip, Cues::Join), (Code::Read, Cues::Single)] {
        let options = DocumentOptions {
            code,
            cues,
            ..DocumentOptions::default()
        };
        let Ok(document) = open_bytes(bytes, format, &options) else {
            continue;
        };
        let mut count = 0;
        for block in document.map_while(Result::ok) {
            count += 1;
            prop_assert!(!block.text.contains('\n') || format == Format::Ssml);
            prop_assert!(block.line > 0);
        }
        prop_assert!(count <= source, "{count} blocks of {source} bytes");
    }
    Ok(())
}

proptest! {
    #[test]
    fn changed_texts_are_read_or_refused(changes in changes()) {
        let seeds = [
            (Format::Markdown, include_str!("../../tests/documents/readme.md")),
            (Format::Html, HTML),
            (Format::Srt, include_str!("../../tests/documents/film.srt")),
            (Format::Vtt, include_str!("../../tests/documents/film.vtt")),
            (Format::Csv, include_str!("../../tests/documents/table.csv")),
            (Format::PdfText, include_str!("../../tests/documents/paper.pdf.txt")),
            (Format::Ssml, include_str!("../../fuzz/seeds/ssml/marks.ssml")),
        ];
        for (format, seed) in seeds {
            let text = changed(seed, &changes);
            check(text.as_bytes(), format, text.len())?;
        }
    }

    #[test]
    fn changed_books_are_read_or_refused(page in changes(), nav in changes()) {
        let (page, nav) = (changed(HTML, &page), changed(NAV, &nav));
        let second = "<html><body><p id='a'>Two</p></body></html>";
        let bytes = book(&[("1.xhtml", &page), ("2.xhtml", second)], &nav);
        check(&bytes, Format::Epub, page.len() + second.len())?;
    }

    #[test]
    fn changed_packages_are_read_or_refused(package in changes(), container in changes()) {
        let container = changed("<container><rootfile full-path='b.opf'/></container>", &container);
        let package = changed(
            "<package><metadata><dc:title>T</dc:title></metadata><manifest><item id='a' \
             href='1.xhtml' media-type='application/xhtml+xml'/></manifest><spine>\
             <itemref idref='a'/></spine></package>",
            &package,
        );
        let parts = [
            ("META-INF/container.xml", &*container),
            ("b.opf", &package),
            ("1.xhtml", HTML),
        ];
        check(&archive(&parts), Format::Epub, HTML.len())?;
    }

    #[test]
    fn changed_word_documents_are_read_or_refused(body in changes(), notes in changes()) {
        let (body, notes) = (changed(WORDS, &body), changed(NOTES, &notes));
        let source = body.len() * (1 + notes.len());
        check(&docx(&body, &notes), Format::Docx, source)?;
    }
}
