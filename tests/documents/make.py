#!/usr/bin/env python3
"""Writes the documents that are zip archives: book.epub and report.docx.

    make.py --out FOLDER

The bytes are the same every time.
"""

import argparse
import io
import pathlib
import zipfile

PAGE = """<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>{title}</title><link rel="stylesheet" href="style.css"/><script src="x.js"/></head>
<body epub:type="bodymatter">{body}</body></html>
"""

CHAPTERS = [
    ("one", "Chapter One: The Lamp", """<h2>Chapter One<br/>The Lamp</h2>
<p>The lamp went out at midnight.<a epub:type="noteref" href="notes.xhtml#n1">1</a> Nobody noticed.</p>
<hr/><p>At dawn a ship lay on the rocks.<span epub:type="pagebreak" title="9">9</span></p>"""),
    ("two", "Chapter Two: The Rope", """<h2>Chapter Two<br/>The Rope</h2>
<p>&#8220;Hold on!&#8221; cried the keeper.</p><p>They held on, all nine of them.</p>"""),
    ("three", "Chapter Three: The Tea", """<h2>Chapter Three<br/>The Tea</h2>
<p>Then there was tea.</p>"""),
]

NAV = """<nav epub:type="toc"><h1>Contents</h1><ol>{items}</ol></nav>"""

PACKAGE = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">x</dc:identifier>
<dc:title>The Keeper</dc:title><dc:creator>Ann Lee</dc:creator><dc:language>en</dc:language></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="notes" href="notes.xhtml" media-type="application/xhtml+xml"/>
{items}</manifest>
<spine><itemref idref="title"/><itemref idref="nav"/>{spine}<itemref idref="notes" linear="no"/></spine>
</package>
"""

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"""

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# A page's head and foot are parts of their own.
DOCUMENT = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="{WORD}"><w:body>
<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>Report on the Harbour</w:t></w:r></w:p>
<w:p><w:pPr><w:pStyle w:val="Verzeichnis1"/></w:pPr><w:r><w:t>Summary</w:t></w:r><w:r><w:tab/><w:t>1</w:t></w:r></w:p>
<w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>Summary</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">The harbour wall is in </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>good</w:t></w:r>
<w:r><w:t xml:space="preserve"> condi</w:t></w:r><w:r><w:t>tion, except for two stones.</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r>
<w:del w:id="7"><w:r><w:delText>It is old.</w:delText></w:r></w:del></w:p>
<w:p><w:r><w:t>We recommend:</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>a yearly inspection</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>a new ladder</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Part</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>State</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>Wall</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>good</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>Ladder</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>poor</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Internal remark.</w:t></w:r><w:r><w:t>Signed for the council.</w:t></w:r></w:p>
</w:body></w:document>
"""
FOOTNOTES = f"""<w:footnotes xmlns:w="{WORD}"><w:footnote w:id="0" w:type="separator"><w:p/></w:footnote>
<w:footnote w:id="1"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>Both were replaced in 1987.</w:t></w:r></w:p></w:footnote></w:footnotes>
"""
STYLES = f"""<w:styles xmlns:w="{WORD}"><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style></w:styles>
"""
HEADER = f"""<w:hdr xmlns:w="{WORD}"><w:p><w:r><w:t>Confidential</w:t></w:r></w:p></w:hdr>"""


def archive(parts: list[tuple[str, str]]) -> bytes:
    """A zip archive without compression, whose bytes would depend on the version of zlib,
    and with the first time that the format knows."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, text in parts:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED
            target.writestr(info, text.encode())
    return buffer.getvalue()


def book() -> bytes:
    """A book of three chapters, with a title page and notes that are not in its order."""
    title = ("title", "The Keeper", "<h1>The Keeper</h1><p>by Ann Lee</p>")
    pages = [title, *CHAPTERS]
    items = "".join(
        f'<item id="{name}" href="text/{name}.xhtml" media-type="application/xhtml+xml"/>' for name, _, _ in pages
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name, _, _ in CHAPTERS)
    lines = "".join(f'<li><a href="text/{name}.xhtml">{label}</a></li>' for name, label, _ in CHAPTERS)
    notes = '<aside id="n1"><p>It was an oil lamp.</p></aside>'
    return archive(
        [
            ("mimetype", "application/epub+zip"),
            ("META-INF/container.xml", CONTAINER),
            ("OPS/book.opf", PACKAGE.format(items=items, spine=spine)),
            ("OPS/nav.xhtml", PAGE.format(title="Contents", body=NAV.format(items=lines))),
            ("OPS/notes.xhtml", PAGE.format(title="Notes", body=notes)),
            *((f"OPS/text/{name}.xhtml", PAGE.format(title=label, body=body)) for name, label, body in pages),
        ]
    )


def report() -> bytes:
    """A document of Word, with styles as a German Word names them."""
    return archive(
        [
            ("word/document.xml", DOCUMENT),
            ("word/footnotes.xml", FOOTNOTES),
            ("word/styles.xml", STYLES),
            ("word/header1.xml", HEADER),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    out = parser.parse_args().out
    (out / "book.epub").write_bytes(book())
    (out / "report.docx").write_bytes(report())


if __name__ == "__main__":
    main()
