//! Documents of each format, and hostile ones.

use std::io::{Cursor, Write as _};
use std::time::Duration;

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::html_elements::Role;
use super::*;
use crate::text::FileKind;

type Lines = Vec<(String, BlockKind)>;

pub(super) fn open_bytes(
    bytes: &[u8],
    format: Format,
    options: &DocumentOptions,
) -> Result<Document> {
    let input = Input::reader(Cursor::new(bytes.to_vec()), "a file");
    Document::open(input, format, options)
}

fn lines_with(bytes: impl AsRef<[u8]>, format: Format, options: &DocumentOptions) -> Lines {
    let document = open_bytes(bytes.as_ref(), format, options).unwrap();
    let blocks: Vec<_> = document.map(|block| block.unwrap()).collect();
    let mut offset = 0;
    for block in &blocks {
        assert_eq!(block.offset, offset, "{}", block.text);
        offset += block.clone().into_passage("").text.len() as u64;
    }
    let lines = blocks.into_iter().map(|block| (block.text, block.kind));
    lines.collect()
}

fn lines(bytes: impl AsRef<[u8]>, format: Format) -> Lines {
    lines_with(bytes, format, &DocumentOptions::default())
}

/// The text that is read: a line per block, and a blank line after each paragraph.
fn read(bytes: impl AsRef<[u8]>, format: Format) -> String {
    let lines = lines(bytes, format).into_iter();
    let text: String = lines
        .map(|(text, kind)| match kind {
            BlockKind::Line => text + "\n",
            BlockKind::Paragraph | BlockKind::Heading(_) => text + "\n\n",
        })
        .collect();
    text.trim_end().to_owned()
}

/// The error of a document that is opened, or read to its end.
fn error(bytes: &[u8], format: Format) -> String {
    let failed = match open_bytes(bytes, format, &DocumentOptions::default()) {
        Ok(document) => document.filter_map(Result::err).next().unwrap(),
        Err(error) => error,
    };
    match failed {
        Error::Document { origin, source } => format!("{origin}: {source}"),
        other => panic!("{other}"),
    }
}

pub(super) fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const CONTAINER: &str =
    r#"<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"#;

pub(super) fn book(pages: &[(&str, &str)], toc: &str) -> Vec<u8> {
    let items: String = pages
        .iter()
        .map(|(name, _)| {
            format!(r#"<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>"#)
        })
        .collect();
    let spine: String = pages
        .iter()
        .map(|(name, _)| format!(r#"<itemref idref="{name}"/>"#))
        .collect();
    let package = format!(
        r#"<package><metadata><dc:title>A &amp; B</dc:title><dc:creator>Ann</dc:creator>
        <dc:creator>Bob</dc:creator></metadata><manifest>{items}
        <item id="nav" href="nav.xhtml" properties="nav"/></manifest><spine>{spine}</spine></package>"#
    );
    let nav = format!(r#"<html><nav epub:type="toc"><ol>{toc}</ol></nav></html>"#);
    let names: Vec<_> = pages
        .iter()
        .map(|(name, _)| format!("OEBPS/{name}"))
        .collect();
    let mut parts = vec![
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/book.opf", &package),
        ("OEBPS/nav.xhtml", &nav),
    ];
    parts.extend(
        names
            .iter()
            .map(String::as_str)
            .zip(pages.iter().map(|(_, page)| *page)),
    );
    archive(&parts)
}

#[test]
fn markdown_is_read_without_its_marks() {
    let text = "---\ntitle: Hidden\n---\n\n# A *title* #\n\nSome **bold** [link](http://x.example/y),\n\
        `code` and ![a picture](p.png).[^1] A<br>line. <!-- no -->\n\n\
        [![Build](https://ci.example/badge.svg)](https://ci.example)\n\n\
        - one\n- [x] two\n\n3. three\n4. four\n\n    par\n\n\
        | H | I |\n|---|:-:|\n| 1 | two. |\n| x | |\n\n\
        ```sh\nls -l\n```\n\n[^1]: A note.\n\n[ref]: http://no.example\n\n> Quoted\n> text.\n\n***\n\nEnd\\* &amp; \u{2026}\n";
    let expected = "A title\n\nSome bold link, code and, a picture. A\nline.\n\none\ntwo\n\n3. three\n\n4. four\n\npar\n\n\
        H, I\n1, two.\nx\n\nA note.\n\nQuoted text.\n\n* * *\n\nEnd* & …";
    assert_eq!(read(text, Format::Markdown), expected);
}

#[test]
fn markdown_code_is_read_if_asked() {
    let options = DocumentOptions {
        code: Code::Read,
        ..DocumentOptions::default()
    };
    let text = "Run:\n\n```\na  b\n\nc\n```\n\n    indented\n";
    let read = lines_with(text, Format::Markdown, &options);
    let read: Vec<_> = read.into_iter().map(|(text, _)| text).collect();
    assert_eq!(read, ["Run:", "a b", "c", "indented"]);
    assert_eq!(super::tests::read(text, Format::Markdown), "Run:");
}

#[test]
fn html_within_markdown_is_read_as_html() {
    let text = "<div align=\"center\">\n  <h1>Name</h1>\n  <img src=\"https://img.shields.io/x\" alt=\"v1\">\n\
        <p hidden>No</p></div>\n\nText with <kbd>Ctrl</kbd> and <sub>low</sub>.\n\n\
        <!-- a\ncomment -->\n\n<details><summary>More</summary>\n\nInside.\n\n</details>\n";
    let expected = "Name\n\nText with Ctrl and low.\n\nMore\n\nInside.";
    assert_eq!(read(text, Format::Markdown), expected);
}

#[test]
fn a_tag_without_an_end_hides_nothing() {
    for (text, expected) in [
        ("A List<Object> of things.", "A List<Object> of things."),
        ("A Box<dyn Error> is here.", "A Box<dyn Error> is here."),
        ("Press <button> to go.", "Press <button> to go."),
        ("Set the <title> of it.", "Set the <title> of it."),
        (
            "Copy <source> to <your place>.",
            "Copy <source> to <your place>.",
        ),
        ("<Object>\n\nText.", "<Object>\n\nText."),
        ("- Use <nav>\n- two", "- Use <nav>\n- two"),
        ("| <object> | b |\n|---|---|\n| c | d |", "<object> b\nc, d"),
        // It ends in another paragraph: no one would hide so much.
        ("A <button>.\n\nB</button> c.", "A <button>.\n\nB c."),
        // Not of its paragraph.
        ("A <span style='display:none'>b.\n\nC.", "A\n\nC."),
        ("<nav id=x>\n\nText.", "Text."),
        ("<title>\n\nText.", "<title>\n\nText."),
        // Tags that are tags.
        ("A <button>no</button> c.", "A c."),
        (
            "<a name=\"x\">A <b>b.\n\nC</b><br>d<p>e <Icon/>",
            "A b.\n\nC\nd\n\ne",
        ),
        ("A <Tabs>b</Tabs>.", "A b."),
        ("<nav>\n\nNo.\n\n</nav>\n\nText.", "Text."),
        ("<style>\np { }\n</style>\n\nText.", "Text."),
    ] {
        let expected = expected.replace("- ", "");
        assert_eq!(read(text, Format::Markdown), expected, "{text}");
    }
    let html = "<p>Press <button> to go.</p><p><object data=x>Text.</p><title>More.";
    let expected = "Press to go.\n\nText.\n\nMore.";
    assert_eq!(
        read(html, Format::Html).replace("Text.More", "Text.\n\nMore"),
        expected
    );
}

#[test]
fn elements_of_markdown_that_stay_open_do_not_add_up() {
    let text = "Some <i id=x>words.\n\n".repeat(600);
    assert_eq!(lines(&text, Format::Markdown).len(), 600);
    let deep = "Text.\n\n".to_owned() + &"<div>\n\n".repeat(600);
    assert_eq!(
        error(deep.as_bytes(), Format::Markdown),
        "a file: line 1027: elements are nested more than 512 deep"
    );
}

#[test]
fn front_matter_is_only_at_the_start_and_only_with_keys() {
    for (text, expected) in [
        ("+++\na = 1\n+++\nText.", "Text."),
        (
            "---\n\nText.\n\n***\n\nMore.",
            "* * *\n\nText.\n\n* * *\n\nMore.",
        ),
        (
            "Text.\n\n---\nkey: value\n\n---\n",
            "Text.\n\n* * *\n\nkey: value\n\n* * *",
        ),
        (
            "---\nTitle: kept, for there is no end",
            "* * *\n\nTitle: kept, for there is no end",
        ),
    ] {
        assert_eq!(read(text, Format::Markdown), expected, "{text}");
    }
}

#[test]
fn html_is_read_without_what_is_not_text() {
    let text = r##"<!DOCTYPE html><html><head><title>No</title><style>p {}</style><script>if (a<b) "</p>"</script></head>
        <body><nav><ul><li>Home</li></ul></nav><header><h1>The <em>Tides</em></h1></header>
        <p>First   line<br>second &eacute; &lt;x&gt;<script>no()</script>
        <p>Open<sup><a href="#n1">1</a></sup> paragraph<a href="#cite">[2]</a>, <a href="/x">linked</a>, 10<sup>3</sup>.
        <p style="display: none">No</p><p aria-hidden="true">No</p><span hidden>No</span>
        <img src="a.png" alt="A boat"><img src="b.png" alt="">
        <ul><li>One<li>Two<ul><li>Deep</ul></ul><ol start="3"><li>Three</ol>
        <table><tr><th>Port<th>Height</tr><tr><td>Dover</td><td><p>6.7 m</p></td></tr></table>
        <pre><code>x = 1</code></pre><pre>verse
        two</pre><h2>End<a class="headerlink" href="#end">¶</a></h2><footer>© me</footer></body></html>"##;
    let expected = "The Tides\n\nFirst line\nsecond é <x>\n\nOpen paragraph, linked, 103.\n\nA boat\n\n\
        One\nTwo\nDeep\n\n3. Three\n\nPort, Height\nDover, 6.7 m\n\nverse\ntwo\n\nEnd";
    assert_eq!(read(text, Format::Html), expected);
}

#[test]
fn a_web_page_tells_its_encoding() {
    let page = b"<html><meta charset='latin1'><p>Gr\xFC\xDFe".to_vec();
    assert_eq!(read(&page, Format::Html), "Grüße");
    let page = "<meta charset=utf-16><p>Grüße".as_bytes();
    assert_eq!(read(page, Format::Html), "Grüße");
}

#[test]
fn a_book_is_read_in_the_order_of_its_spine_with_its_chapters() {
    let pages = [
        (
            "title.xhtml",
            "<html><body><h1>A &amp; B</h1></body></html>",
        ),
        (
            "2.xhtml",
            "<html><head><title/><script/></head><body><h2>One</h2><p>First<a epub:type=\"noteref\" href=\"x#1\">1</a>.</p></body></html>",
        ),
        (
            "1.xhtml",
            "<html><body><h2 id='a'>Two</h2><p>Second.<span epub:type='pagebreak'>12</span></p><div id='b'>Three</div></body></html>",
        ),
    ];
    let toc = "<li><a href='2.xhtml'>Chapter 1</a></li><li><a href='1.xhtml#a'>Chapter 2</a></li>\
               <li><a href='1.xhtml#b'>Chapter 3</a><ol><li><a href='1.xhtml#c'>Section</a></li></ol></li>";
    let document = open_bytes(
        &book(&pages, toc),
        Format::Epub,
        &DocumentOptions::default(),
    )
    .unwrap();
    let metadata = Metadata {
        title: Some("A & B".to_owned()),
        author: Some("Ann, Bob".to_owned()),
    };
    assert_eq!(*document.metadata(), metadata);
    let blocks: Vec<_> = document
        .map(|block| block.unwrap())
        .map(|block| (block.line, block.chapter, block.text))
        .collect();
    let block = |line, chapter: Option<&str>, text: &str| {
        (line, chapter.map(str::to_owned), text.to_owned())
    };
    let expected = [
        block(1, None, "A & B"),
        block(2, Some("Chapter 1"), "One"),
        block(3, None, "First."),
        block(4, Some("Chapter 2"), "Two"),
        block(5, None, "Second."),
        block(6, Some("Chapter 3"), "Three"),
    ];
    assert_eq!(blocks, expected);
}

#[test]
fn a_protected_book_and_one_without_pages_are_errors() {
    let encryption = r#"<encryption><EncryptedData><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/>
        <CipherData><CipherReference URI="1.xhtml"/></CipherData></EncryptedData></encryption>"#;
    let package = r#"<package><manifest><item id="a" href="1.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>"#;
    let container = CONTAINER.replace("OEBPS/", "");
    let mut parts = vec![
        ("META-INF/container.xml", container.as_str()),
        ("book.opf", package),
    ];
    assert_eq!(
        error(&archive(&parts), Format::Epub),
        "a file: it is not an EPUB: the page 1.xhtml, like every other page, is missing"
    );
    parts.push(("META-INF/encryption.xml", encryption));
    assert_eq!(
        error(&archive(&parts), Format::Epub),
        "a file: it is encrypted"
    );
    assert_eq!(
        error(b"Plain text", Format::Epub),
        "a file: it is not an EPUB: the list of parts of a zip archive is missing"
    );
}

#[test]
fn a_missing_page_is_noted_and_the_others_are_read() {
    let pages = [
        ("1.xhtml", "<p>One.</p>"),
        ("2.xhtml", "<p>Two.</p>"),
        ("3.xhtml", "<p>Three.</p>"),
    ];
    for (missing, texts, noted) in [
        ("1", ["Two.", "Three."], 0),
        ("2", ["One.", "Three."], 0),
        ("3", ["One.", "Two."], 1),
    ] {
        let mut bytes = book(&pages, "");
        let name = format!("OEBPS/{missing}.xhtml");
        // The names in the archive, but not those in the package, which is packed.
        let at = |bytes: &[u8]| bytes.windows(name.len()).position(|w| w == name.as_bytes());
        while let Some(at) = at(&bytes) {
            bytes[at] = b'X';
        }
        let document = open_bytes(&bytes, Format::Epub, &DocumentOptions::default()).unwrap();
        let blocks: Vec<_> = document.map(|block| block.unwrap()).collect();
        let read: Vec<_> = blocks.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(read, texts);
        let notes: Vec<_> = blocks.iter().map(|block| block.notes.clone()).collect();
        let mut expected = [vec![], vec![]];
        expected[noted].push(format!("the page {name} is missing and is not read"));
        assert_eq!(notes, expected);
    }
}

#[test]
fn what_a_page_leaves_open_ends_with_it() {
    let pages = [
        ("1.xhtml", "<body><img src='cover.png'/></body>"),
        ("2.xhtml", "<body><h1>Title<p>Under it."),
        ("3.xhtml", "<body><p>Text."),
    ];
    let toc = "<li><a href='1.xhtml'>Cover</a></li><li><a href='3.xhtml'>One</a></li>";
    let bytes = book(&pages, toc);
    let document = open_bytes(&bytes, Format::Epub, &DocumentOptions::default()).unwrap();
    let blocks = document.map(|block| block.unwrap());
    let blocks: Vec<_> = blocks.map(|b| (b.text, b.kind, b.chapter)).collect();
    let block = |text: &str, kind, chapter: Option<&str>| {
        (text.to_owned(), kind, chapter.map(str::to_owned))
    };
    let expected = [
        block("Title", BlockKind::Heading(1), None),
        block("Under it.", BlockKind::Heading(1), None),
        block("Text.", BlockKind::Paragraph, Some("One")),
    ];
    assert_eq!(blocks, expected);
}

pub(super) fn docx(body: &str, notes: &str) -> Vec<u8> {
    archive(&[
        (
            "word/document.xml",
            &format!("<w:document><w:body>{body}</w:body></w:document>"),
        ),
        (
            "word/footnotes.xml",
            &format!("<w:footnotes>{notes}</w:footnotes>"),
        ),
        (
            "docProps/core.xml",
            "<cp><dc:title>T</dc:title><dc:creator></dc:creator></cp>",
        ),
    ])
}

#[test]
fn a_word_document_is_read_with_its_notes_and_tables() {
    let body = r#"<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Title</w:t></w:r></w:p><w:p/>
        <w:p><w:r><w:t xml:space="preserve">One </w:t></w:r><w:r><w:t>wo</w:t></w:r><w:r><w:t>rd &amp; &#233;</w:t></w:r>
        <w:r><w:footnoteReference w:id="2"/></w:r><w:del><w:r><w:delText>no</w:delText><w:t>no</w:t></w:r></w:del>
        <w:r><w:rPr><w:vanish/></w:rPr><w:t>no</w:t></w:r><w:r><w:instrText>PAGE</w:instrText><w:br/><w:t>line.</w:t></w:r></w:p>
        <w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>item</w:t></w:r></w:p><w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>item two</w:t></w:r></w:p><w:p><w:r><w:t>Text.</w:t></w:r></w:p>
        <w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr><w:r><w:t>Title 1</w:t></w:r></w:p>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr>
        <w:tr><w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
        <mc:AlternateContent><mc:Choice><w:p><w:r><w:t>Box</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>Box</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>"#;
    let notes = r#"<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>
        <w:footnote w:id="2"><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote>"#;
    let bytes = docx(body, notes);
    let expected =
        "Title\n\nOne word & é\nline.\nA note.\n\nitem\nitem two\n\nText.\n\na, b\nc\n\nBox";
    assert_eq!(read(&bytes, Format::Docx), expected);
    let document = open_bytes(&bytes, Format::Docx, &DocumentOptions::default()).unwrap();
    assert_eq!(document.metadata().title.as_deref(), Some("T"));
    assert_eq!(document.metadata().author, None);
    // Read in several steps.
    let long = "<w:p><w:r><w:t>x &lt; y</w:t><w:tab/></w:r><w:del/></w:p>".repeat(1000);
    let lines = lines(docx(&long, ""), Format::Docx);
    assert_eq!(lines.len(), 1000);
    assert!(lines.iter().all(|(text, _)| text == "x < y"));
}

const SRT: &str = "1\n00:00:01,000 --> 00:00:02,500\n<i>The tide</i>\ncomes in {\\an8}\n\n\
    2\n00:00:02,600 --> 00:00:04,000\nat noon. ♪\n\n3\n00:00:09,000 --> 00:00:10,000 X1:5\n- Really?\n- Yes: 3 < 4.\n\n\
    4\n00:00:11,000 --> 00:00:12,000\n♪ ♪\n\n5\n00:01:00,000 --> 00:01:02,000\n1984\n";

#[test]
fn subtitles_are_read_as_sentences() {
    let expected = "The tide comes in at noon.\n\nReally?\nYes: 3 < 4.\n\n1984";
    assert_eq!(read(SRT, Format::Srt), expected);
    let vtt = format!(
        "WEBVTT - Title\nKind: captions\n\nNOTE no\n\n{}",
        SRT.replace(',', ".")
            .replace("\n\n2\n", "\n\nNOTE\nno words\n\nname two\n")
            .replace("<i>", "<v Ann><c.big>")
            .replace("</i>", "</c>")
    );
    assert_eq!(read(&vtt, Format::Vtt), expected);
}

#[test]
fn a_number_is_words_unless_a_cue_follows_it_at_once() {
    let cues = "01:00.000 --> 01:01.000\n42\n\n01:01.000 --> 01:02.000\nwas 1984\n\n\
                01:02.000 --> 01:03.000\n1984\n\n";
    assert_eq!(read(cues, Format::Srt), "42 was 1984 1984");
    assert_eq!(
        read(format!("WEBVTT\n\n{cues}"), Format::Vtt),
        "42 was 1984 1984"
    );
    // Numbers of cues, one of which is empty, and of cues between blank lines.
    let numbered =
        "1\n00:01,0 --> 00:02,0\n\n2\n00:02,0 --> 00:03,0\n3\n\n3\n00:03,0 --> 00:04,0\nyes";
    assert_eq!(read(numbered, Format::Srt), "3 yes");
    assert_eq!(read(numbered.replace('\n', "\n\n"), Format::Srt), "2 3 yes");
}

#[test]
fn all_blocks_of_a_long_cue_have_its_time() {
    let options = DocumentOptions {
        cues: Cues::Single,
        ..DocumentOptions::default()
    };
    let line = "word ".repeat(2000) + "\n";
    let cue = "00:01,000 --> 00:02,000\n".to_owned() + &line.repeat(20);
    let document = open_bytes(cue.as_bytes(), Format::Srt, &options).unwrap();
    let starts: Vec<_> = document
        .map(|block| block.unwrap().cue.unwrap().start)
        .collect();
    assert_eq!(starts, [Duration::from_secs(1); 4]);
}

#[test]
fn rolling_cues_are_read_once() {
    let vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n \nso<00:01.500><c> today</c>\n\n\
        00:02.000 --> 00:02.010\nso today\n \n\n00:02.010 --> 00:04.000\nso today\nwe<00:03.000><c> sail</c>\n";
    assert_eq!(read(vtt, Format::Vtt), "so today we sail");
}

#[test]
fn single_cues_have_their_times() {
    let options = DocumentOptions {
        cues: Cues::Single,
        ..DocumentOptions::default()
    };
    let document = open_bytes(SRT.as_bytes(), Format::Srt, &options).unwrap();
    let cues: Vec<_> = document
        .map(|block| block.unwrap())
        .map(|block| (block.text, block.cue.unwrap().start, block.line))
        .collect();
    let cue = |text: &str, millis, line| (text.to_owned(), Duration::from_millis(millis), line);
    let expected = [
        cue("The tide comes in", 1000, 3),
        cue("at noon.", 2600, 8),
        cue("Really? Yes: 3 < 4.", 9000, 12),
        cue("1984", 60_000, 21),
    ];
    assert_eq!(cues, expected);
}

#[test]
fn a_table_is_read_row_by_row() {
    let csv = "Port,High tide,Note\nDover,06:40,\"wide, and\ndeep\"\nHull,,\"\"\n,,\nYork,1,2,3\n";
    let expected = "Port: Dover, High tide: 06:40, Note: wide, and deep\nPort: Hull\n\
                    Port: York, High tide: 1, Note: 2, 3";
    assert_eq!(read(csv, Format::Csv), expected);
    let told = "sep=\t\nA;B\tC\n1;2\t3\n";
    assert_eq!(read(told, Format::Csv), "A;B: 1;2, C: 3");
    for told in ["sep=é", "sep=", "sep=;;", "sep=\""] {
        let text = format!("{told}\nA;B\n1;2\n");
        assert_eq!(read(text, Format::Csv), "A: 1, B: 2", "{told}");
    }
    let quoted = "\"a;b;c\",d\n1,2\n";
    assert_eq!(read(quoted, Format::Csv), "a;b;c: 1, d: 2");
    let excel = "sep=;\nA;B?\n1,5;2\n";
    assert_eq!(read(excel, Format::Csv), "A: 1,5, B? 2");
    assert_eq!(read("a\tb\n1\t2\n", Format::Csv), "a: 1, b: 2");
    assert_eq!(read("", Format::Csv), "");
    assert_eq!(read("only,a,row", Format::Csv), "only, a, row");
    assert_eq!(read("a,b\n,\n", Format::Csv), "");
    for (csv, expected) in [
        ("Dover,6.7\nHull,5\n", "Dover, 6.7\nHull, 5"),
        ("Ann,2024-05-01\nBob,\n", "Ann, 2024-05-01\nBob"),
        ("yes,yes,no\nno,yes,no\n", "yes, yes, no\nno, yes, no"),
        ("Port,2019,2020\nHull,5,6\n", "Port: Hull, 2019: 5, 2020: 6"),
        (",1st,2nd\nHull,5,6\n", "Hull, 1st: 5, 2nd: 6"),
        ("1,5\n", "1, 5"),
    ] {
        assert_eq!(read(csv, Format::Csv), expected, "{csv}");
    }
    let document = open_bytes(csv.as_bytes(), Format::Csv, &DocumentOptions::default()).unwrap();
    let lines: Vec<_> = document.map(|block| block.unwrap().line).collect();
    assert_eq!(lines, [2, 4, 6]);
}

#[test]
fn the_text_of_a_pdf_loses_what_belongs_to_pages() {
    let text = "The Tides\n\nContents\n\nThe Moon ............ 2\nThe Sun . . . . . . xii\n\n\
        The tides are rises and falls of the sea, which the ex-\ntraordinary pull of the moon and the sun makes. They go\n\
        on in every\n\n                1\n\x0CThe Tides\n\nport, twice a day, at short- and long-\nterm heights.\n\n\
        A second paragraph begins here and is as long as a line\nand ends.\nA third one.\n\nPage 2 of 3\n\x0CThe Tides\n\nThe end.\n\n3\n";
    let expected = "The Tides\n\nContents\n\nThe Moon\nThe Sun\n\n\
        The tides are rises and falls of the sea, which the extraordinary pull of the moon and the sun makes. They go \
        on in every port, twice a day, at short- and longterm heights.\n\n\
        A second paragraph begins here and is as long as a line and ends.\n\nA third one.\n\nThe end.";
    assert_eq!(read(text, Format::PdfText), expected);
    let pasted = "Some text that is as long as a line of the page\nand\n\n12\n\nAnnual Report\n\ngoes on in the next one\n\n\
        13\n\nAnnual Report\n\nuntil the end of it, with 3 apples.\n";
    let expected = "Some text that is as long as a line of the page and goes on in the next one until the end of it, with 3 apples.";
    assert_eq!(read(pasted, Format::PdfText), expected);
}

#[test]
fn the_text_of_a_pdf_has_pages_in_any_encoding() {
    let text = "Head 1\n\nSome words of the first page that are long enough to\n\x0CHead 2\n\ngo on here: \u{0C0C}\u{2029}x.\n";
    let expected =
        "Some words of the first page that are long enough to go on here: \u{0C0C}\u{2029}x.";
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark = [b"\xFF\xFE", &utf_16[..]].concat();
    assert_eq!(read(text, Format::PdfText), expected);
    assert_eq!(read(with_mark, Format::PdfText), expected);
    let options = DocumentOptions {
        encoding: Some(Encoding::from_label("utf-16le").unwrap()),
        ..DocumentOptions::default()
    };
    let lines = lines_with(utf_16, Format::PdfText, &options);
    assert_eq!(lines, [(expected.to_owned(), BlockKind::Paragraph)]);
    // Lines are counted across pages, blank or not.
    let text = "\x0C\n\n\n\n\n\nOne.\n\x0C\x0C\nTwo.";
    let document = open_bytes(
        text.as_bytes(),
        Format::PdfText,
        &DocumentOptions::default(),
    );
    let lines: Vec<_> = document.unwrap().map(|block| block.unwrap().line).collect();
    assert_eq!(lines, [7, 9]);
}

#[test]
fn very_many_pages_and_lines_are_refused() {
    let pages = "a\x0C".repeat(100_001);
    assert_eq!(
        error(pages.as_bytes(), Format::PdfText),
        "a file: it has more than 100000 pages, the limit for documents"
    );
    let lines = "a\n".repeat(1_000_001);
    assert_eq!(
        error(lines.as_bytes(), Format::PdfText),
        "a file: it has more than 1000000 lines, the limit for documents"
    );
    assert_eq!(read("\x0C\n".repeat(200_000), Format::PdfText), "");
}

#[test]
fn parts_of_archives_may_be_in_another_encoding() {
    let book = |page: &[u8]| {
        let package = r#"<package><manifest><item id="a" href="c.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>"#;
        let container = CONTAINER.replace("OEBPS/", "");
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in [
            ("META-INF/container.xml", container.as_bytes()),
            ("book.opf", package.as_bytes()),
            ("c.xhtml", page),
        ] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let koi8 = "<?xml version='1.0' encoding='koi8-r'?><p>".to_owned();
    let koi8 = [koi8.as_bytes(), b"\xF0\xF2\xE9"].concat();
    assert_eq!(read(book(&koi8), Format::Epub), "ПРИ");
    assert_eq!(read(book(b"<p>Gr\xFC\xDFe"), Format::Epub), "Grüße");
    assert_eq!(read(book("<p>Grüße".as_bytes()), Format::Epub), "Grüße");
    let with = |label: &str| DocumentOptions {
        encoding: Some(Encoding::from_label(label).unwrap()),
        ..DocumentOptions::default()
    };
    let lines = lines_with(book(b"<p>\xF0\xF2\xE9"), Format::Epub, &with("koi8-r"));
    assert_eq!(lines[0].0, "ПРИ");
    let lines = lines_with(book("<p>Grüße".as_bytes()), Format::Epub, &with("koi8-r"));
    assert_eq!(lines[0].0, "Grüße");
    let failed = open_bytes(&book(b"<p>\x81"), Format::Epub, &with("shift_jis")).unwrap();
    let failed = failed.filter_map(Result::err).next().unwrap();
    assert_eq!(
        failed.to_string(),
        "a file: c.xhtml is not valid Shift_JIS: invalid byte at offset 3"
    );
}

#[test]
fn a_file_tells_its_format() {
    let folder = tempfile::tempdir().unwrap();
    let format = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Format::of_file(&path).map_err(|error| match error {
            Error::Document {
                source: BadDocument::WrongKind(kind),
                ..
            } => kind,
            other => panic!("{other}"),
        })
    };
    let odt = archive(&[("mimetype", "application/vnd.oasis.opendocument.text")]);
    let xlsx = archive(&[("xl/workbook.xml", "")]);
    type Case<'a> = (&'a str, &'a [u8], Result<Option<Format>, FileKind>);
    let cases: [Case<'_>; 12] = [
        ("a.txt", b"# Text", Ok(None)),
        ("a.MD", b"Text", Ok(Some(Format::Markdown))),
        ("README", b"# Text", Ok(None)),
        (
            "page",
            b"\xEF\xBB\xBF\n<!doctype HTML><p>",
            Ok(Some(Format::Html)),
        ),
        ("a.txt", b"WEBVTT\n\n", Ok(Some(Format::Vtt))),
        ("a.srt", b"", Ok(Some(Format::Srt))),
        ("a.tsv", b"a\tb", Ok(Some(Format::Csv))),
        ("book.zip", &book(&[], ""), Ok(Some(Format::Epub))),
        ("a.txt", &docx("", ""), Ok(Some(Format::Docx))),
        ("a.odt", &odt, Err(FileKind::OpenDocument)),
        ("a.docx", &xlsx, Err(FileKind::OfficeTable)),
        ("a.txt", b"%PDF-1.4\n", Err(FileKind::Pdf)),
    ];
    for (name, bytes, expected) in cases {
        assert_eq!(format(name, bytes), expected, "{name}");
    }
}

#[test]
fn a_zip_bomb_is_refused() {
    let bomb = "<p>".to_owned() + &" ".repeat(65 << 20);
    let error = error(&book(&[("1.xhtml", &bomb)], ""), Format::Epub);
    assert_eq!(
        error,
        "a file: the part OEBPS/1.xhtml is larger than 64 MiB, the limit for documents"
    );
}

#[test]
fn deep_nesting_is_refused_or_flat() {
    let deep = "\n<div>".repeat(600);
    assert_eq!(
        error(deep.as_bytes(), Format::Html),
        "a file: line 514: elements are nested more than 512 deep"
    );
    // Old pages do not close their elements.
    let open = "<p><font>word</p>".repeat(5000) + &"<li>item".repeat(5000);
    assert_eq!(lines(open, Format::Html).len(), 10_000);
    let quotes = ">".repeat(100_000) + " x";
    assert_eq!(read(quotes, Format::Markdown).matches('x').count(), 1);
    let deep = "<w:p>".repeat(100_000) + "<w:r><w:t>x</w:t></w:r>";
    assert_eq!(read(docx(&deep, ""), Format::Docx), "x");
}

#[test]
fn tags_with_very_many_attributes_are_refused() {
    let tag = "text <p ".to_owned() + &"a ".repeat(2000) + ">";
    assert_eq!(
        error(tag.as_bytes(), Format::Html),
        "a file: line 1: a tag has more than 1000 attributes"
    );
    assert!(error(tag.as_bytes(), Format::Markdown).contains("more than 1000 attributes"));
    assert!(error(&book(&[("1.xhtml", &tag)], ""), Format::Epub).contains("of OEBPS/1.xhtml"));
}

#[test]
fn entities_are_not_expanded() {
    let bomb =
        r#"<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>"#;
    let document = format!("{bomb}<w:p><w:r><w:t>x&b;y</w:t></w:r></w:p>");
    let bytes = archive(&[("word/document.xml", &document)]);
    assert_eq!(read(bytes, Format::Docx), "x y");
}

#[test]
fn a_row_without_end_is_refused() {
    let row = "a,b\n1,\"".to_owned() + &"x ".repeat(2 << 20);
    let error = error(row.as_bytes(), Format::Csv);
    assert!(
        error.ends_with("is larger than 1 MiB, the limit for documents"),
        "{error}"
    );
}

#[test]
fn an_endless_line_is_refused_or_divided() {
    let line = |mib: u64| std::io::Read::take(std::io::repeat(b'x'), mib << 20);
    let endless = |mib| Input::reader(line(mib), "a file");
    let options = DocumentOptions::default();
    for format in [Format::Markdown, Format::Html, Format::PdfText] {
        let error = Document::open(endless(1000), format, &options)
            .err()
            .unwrap();
        let too_large = matches!(
            &error,
            Error::Document {
                source: BadDocument::TooLarge { .. },
                ..
            }
        );
        assert!(too_large, "{error}");
    }
    let document = Document::open(endless(2), Format::Srt, &options).unwrap();
    assert_eq!(document.count(), 0);
}

proptest! {
    #[test]
    fn words_of_markdown_are_neither_lost_nor_added(
        text in "([a-z]{1,5}[ ,.\n]{1,2}|\n\n|[*`_#>-]|[#>-] |\\[|\\]|\\||<(b|i|[a-z]{2,6})>|&#38;){0,40}",
    ) {
        let letters = |text: &str| text.chars().filter(char::is_ascii_lowercase).collect::<String>();
        // Code has a language; what begins with these tags may be HTML.
        let is_text = |name: &str| {
            let is_seen = !matches!(html_elements::role(name), Role::Inline | Role::Hidden);
            !is_seen && !html_elements::may_be_left_open(name) && name != "style" && name != "script"
        };
        let mut names = text.split('<').skip(1).map(end_tags::name);
        prop_assume!(!text.contains("```") && names.all(is_text));
        let options = DocumentOptions { code: Code::Read, ..DocumentOptions::default() };
        let blocks = lines_with(&text, Format::Markdown, &options);
        prop_assert!(blocks.iter().all(|(line, _)| !line.contains('\n')));
        let read: String = blocks.iter().map(|(line, _)| letters(line)).collect();
        prop_assert_eq!(read, letters(&text));
    }

    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        html in "(<[/a-z!]{0,6}[ =\"a-z]{0,6}/?>|[a-z &;#]|\n){0,40}",
    ) {
        let formats = [
            Format::Markdown, Format::Html, Format::Epub, Format::Docx, Format::Srt,
            Format::Vtt, Format::Csv, Format::PdfText,
        ];
        for format in formats {
            for bytes in [&bytes[..], html.as_bytes()] {
                if let Ok(document) = open_bytes(bytes, format, &DocumentOptions::default()) {
                    _ = document.count();
                }
            }
        }
    }
}
