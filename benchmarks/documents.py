#!/usr/bin/env python3
"""Counts the words that are read too many and too few of documents.

    benchmarks/documents.py target/release/piper-rs [--peers FOLDER] [--page]

Each document of tests/documents is compared with the text that a person would read of
it, both as the same program reads them: piper-rs and `espeak-ng -m` by their phonemes,
loudness-tts and kokoro-tts by what they give their voices. --page writes
benchmarks/DOCUMENTS.md. The peers are found in FOLDER:

    pip install --target FOLDER --no-deps loudness-tts kokoro-tts
    pip install --target FOLDER ebooklib beautifulsoup4 numpy
"""

import argparse
import difflib
import glob
import re
import subprocess
import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ROOT / "tests/documents"
PAGE = ROOT / "benchmarks/DOCUMENTS.md"

# Name, file, format, the text that a person would read.
TABLE = [
    ("README", "readme.md", "markdown", "readme.txt"),
    ("article", "article.html", "html", "article.txt"),
    ("EPUB, three chapters", "book.epub", "epub", "book.txt"),
    ("DOCX", "report.docx", "docx", "report.txt"),
    ("SRT", "film.srt", "srt", "film.txt"),
    ("VTT", "film.vtt", "vtt", "film.txt"),
    ("CSV", "table.csv", "csv", "table.txt"),
    ("text of a PDF", "paper.pdf.txt", "pdftext", "paper.txt"),
    ("SSML", "talk.ssml", "ssml", "talk.txt"),
]
# Documents of others, from where Cargo and Debian put them: name, file, format, and the
# text that a person would read, written by hand.
OTHERS = [
    ("README of strsim 0.11.1", ".cargo/registry/src/*/strsim-0.11.1/README.md", "markdown", "strsim.txt"),
    ("a page of libffi's manual", "/usr/share/doc/libffi8/html/Thread-Safety.html", "html", "libffi.txt"),
]
# What is asked of piper-rs, as shares of the words that a person would read.
MOST_EXTRA, MOST_MISSING = 0.03, 0.01

HEAD = """# Documents

How many words of a document a program reads by mistake (+) and leaves out by mistake
(−), compared with the text that a person would read. The documents and these texts are
in [tests/documents](../tests/documents). `benchmarks/documents.py` counted the words and
wrote this page. A dash means that the program refuses the document.

*piper-rs* gets each document on standard input, with its `--format`; of a file it finds
the format by itself, except for the text of a PDF. *espeak-ng -m* reads HTML and SSML.
*loudness-tts* and *kokoro-tts* were given the text of the file, except that kokoro-tts
reads EPUB. The documents were written for this table, and piper-rs was tested with them;
so the table says nothing about other documents. Only the last two are by others, and
are not in that folder.

| document | words | piper-rs | espeak-ng -m | loudness-tts | kokoro-tts |
|---|---:|---:|---:|---:|---:|
"""


def run(command, data):
    """The words that a program prints, or nothing if it fails."""
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    return done.stdout.decode(errors="replace").split() if done.returncode == 0 else None


def piper_rs(program):
    def words(path, form):
        flags = ["--format", form] if form else []
        return run([program, "phonemes", "--no-config", *flags], path.read_bytes())

    return words


def espeak(path, form):
    """Its words; only what is a document is marked up."""
    return run(["espeak-ng", "-q", "--ipa", *(["-m"] if form else [])], path.read_bytes())


def text_words(text):
    return re.findall(r"\w+(?:['’.,:]\w+)*", text)


def without(*names):
    """Replaces modules that a peer imports, but that reading a text does not need."""
    for name in names:
        module = sys.modules.setdefault(name, types.ModuleType(name))
        module.__getattr__ = lambda _: object


def loudness(path, _form):
    without("piper", "piper.config", "piper.voice", "onnxruntime")
    from loudness_tts import textprep

    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return None
    return text_words(" ".join(segment.text for segment in textprep.prepare(text, "en_US")))


def kokoro(path, form):
    without("kokoro_onnx", "pymupdf4llm", "pymupdf", "soundfile", "sounddevice")
    import kokoro_tts

    if form == "epub":
        chapters = kokoro_tts.extract_chapters_from_epub(str(path))
        return text_words("\n".join(chapter["content"] for chapter in chapters))
    try:
        return text_words(path.read_text())
    except UnicodeDecodeError:
        return None


def compared(words, path, form, text):
    """How many words are too many and too few, and how many there should be."""
    got, ideal = words(path, form), words(text, None)
    if got is None:
        return None
    extra = missing = 0
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, ideal, got, autojunk=False).get_opcodes():
        if kind != "equal":
            missing, extra = missing + i2 - i1, extra + j2 - j1
    return extra, missing, len(ideal)


def table():
    """The documents that are here, and whether the limits hold for them."""
    for name, document, form, text in TABLE:
        yield name, DOCUMENTS / document, form, DOCUMENTS / text, True
    for name, pattern, form, text in OTHERS:
        for path in sorted(glob.glob(str(Path.home() / pattern)))[:1]:
            yield name, Path(path), form, DOCUMENTS / text, False


def cell(counts):
    return "–" if counts is None else f"+{counts[0]} −{counts[1]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--peers", type=Path, help="where loudness-tts and kokoro-tts are installed")
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.name}")
    args = parser.parse_args()
    if args.peers:
        sys.path.insert(0, str(args.peers))
    systems = [piper_rs(args.program), espeak, *([loudness, kokoro] if args.peers else [])]
    rows, failed = [], False
    for name, document, form, text, is_limited in table():
        counts = [compared(words, document, form, text) for words in systems]
        extra, missing, ideal = counts[0] or (1, 1, 1)
        failed |= is_limited and (extra > MOST_EXTRA * ideal or missing > MOST_MISSING * ideal)
        cells = [cell(one) for one in counts] + ["not measured"] * (4 - len(counts))
        rows.append(f"| {name} | {ideal} | {' | '.join(cells)} |\n")
    print("".join(rows), end="")
    if args.page:
        PAGE.write_text(HEAD + "".join(rows))
    sys.exit("piper-rs reads too much or too little" if failed else 0)


if __name__ == "__main__":
    main()
