//! Documents: what is read of each format, books, subtitles at their times, and what
//! is said of files that are no text.

use crate::scene::{Scene, root};

/// The documents, their formats, and the texts that a person would read.
const DOCUMENTS: [(&str, &str, &str); 9] = [
    ("readme.md", "markdown", "readme.txt"),
    ("article.html", "html", "article.txt"),
    ("book.epub", "epub", "book.txt"),
    ("report.docx", "docx", "report.txt"),
    ("film.srt", "srt", "film.txt"),
    ("film.vtt", "vtt", "film.txt"),
    ("table.csv", "csv", "table.txt"),
    ("paper.pdf.txt", "pdftext", "paper.txt"),
    ("talk.ssml", "ssml", "talk.txt"),
];

/// A scene with these documents.
fn scene_with(documents: &[&str]) -> Scene {
    let scene = Scene::new();
    for name in documents {
        let path = root().join("tests/documents").join(name);
        scene.write(name, std::fs::read(path).unwrap());
    }
    scene
}

#[test]
fn no_word_of_a_document_is_missing_and_none_is_too_many() {
    for (document, format, text) in DOCUMENTS {
        let scene = scene_with(&[document, text]);
        let read = |line: &str| {
            let printed = scene.sh(&format!("piper-rs phonemes -m tiny {line}")).ok();
            let lines = printed.text().lines().map(str::to_owned);
            let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
            assert!(lines.len() > 2, "{document}");
            lines
        };
        let spoken = read(&format!("--format {format} < {document}"));
        assert_eq!(spoken, read(&format!("< {text}")), "{document}");
    }
}

#[test]
fn a_file_is_read_by_its_name_and_standard_input_only_as_asked() {
    let scene = scene_with(&["readme.md", "book.epub"]);
    scene.write("plain.txt", "# A *b*");
    let samples = |line: &str| {
        scene
            .sh(&format!("piper-rs speak $TINY {line} --raw"))
            .ok()
            .samples()
    };
    let read = samples("--format markdown < readme.md");
    assert!(read == samples("-i readme.md"));
    assert!(read != samples("< readme.md"));
    assert!(samples("-i readme.md --format text") != read);
    assert!(samples("-i readme.md --code read") != read);
    scene.sh("cp book.epub book; cp plain.txt plain").ok();
    assert!(samples("-i book") == samples("--format epub < book.epub"));
    assert!(samples("-i plain") == samples("-i plain.txt"));
    // Piper knows only plain text.
    let strict = samples("--strict-piper -i readme.md");
    assert!(strict == samples("--strict-piper --format text -i readme.md"));
    assert!(samples("--format markdown 'Some **bold** words.'") == samples("'Some bold words.'"));
}

#[test]
fn code_is_read_if_the_config_file_says_so() {
    let scene = scene_with(&["readme.md"]);
    scene.write("config.toml", "code = \"read\"\n");
    let samples = |line: &str| {
        scene
            .sh(&format!("piper-rs speak $TINY {line} -i readme.md --raw"))
            .ok()
            .samples()
    };
    let configured = samples("--config-file config.toml");
    assert!(configured == samples("--code read"));
    assert!(configured != samples(""));
}

#[test]
fn a_heading_pauses_as_a_paragraph_does() {
    let scene = Scene::new();
    let seconds = |name: &str, text: &str| {
        scene.write(name, text);
        scene
            .sh(&format!("piper-rs speak $TINY -i {name} -o out.wav"))
            .ok();
        scene.wav("out.wav").seconds()
    };
    let expected = seconds("a.txt", "One\n\nTwo.\n");
    assert!((seconds("a.md", "# One\nTwo.") - expected).abs() < 0.001);
    assert!((seconds("a.html", "<h1>One</h1>Two.") - expected).abs() < 0.001);
    let lines = seconds("b.txt", "One\nTwo.\n");
    assert!((seconds("b.html", "<p>One<br>Two.</p>") - lines).abs() < 0.001);
    assert!(lines < expected);
}

#[test]
fn a_book_becomes_a_file_for_each_chapter_with_its_titles() {
    let scene = scene_with(&["book.epub"]);
    let line = "piper-rs batch $TINY -d out book.epub --join book.wav --chapters ffmetadata";
    scene.sh(line).ok().says(&["4 texts spoken"]);
    let names = scene.names("out").into_iter();
    let names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
    let expected = [
        "001-front-matter.wav",
        "002-chapter-one-the-lamp.wav",
        "003-chapter-two-the-rope.wav",
        "004-chapter-three-the-tea.wav",
    ];
    assert_eq!(names, expected);
    let list = String::from_utf8(scene.read("book.ffmetadata")).unwrap();
    assert!(
        list.contains("title=The Keeper\nalbum=The Keeper\nartist=Ann Lee\n"),
        "{list}"
    );
    assert!(list.contains("title=Chapter Two: The Rope\n"), "{list}");
    // Chapters pause as those of `--split chapters`.
    let seconds: f64 = expected
        .iter()
        .map(|name| scene.wav(&format!("out/{name}")).seconds())
        .sum();
    assert!((scene.wav("book.wav").seconds() - seconds - 3.0 * 2.0).abs() < 0.01);
    // A chapter is what it is in the book.
    scene
        .sh("printf 'Chapter Three\nThe Tea\n\nThen there was tea.\n' > tea.txt")
        .ok();
    scene.sh("piper-rs speak $TINY -i tea.txt -o tea.wav").ok();
    let tea = scene.wav("tea.wav").samples;
    assert!(scene.wav("out/004-chapter-three-the-tea.wav").samples == tea);
    scene.sh(line).ok().says(&["0 texts spoken, 4 skipped"]);
    let line = line.replace("--join", "--title Mine --overwrite --join");
    scene.sh(&line).ok();
    let list = String::from_utf8(scene.read("book.ffmetadata")).unwrap();
    assert!(
        list.contains("title=Mine\n") && list.contains("artist=Ann Lee\n"),
        "{list}"
    );
}

#[test]
fn documents_are_split_at_their_headings() {
    let scene = scene_with(&["readme.md", "article.html"]);
    let line =
        "piper-rs batch $TINY -d out --split chapters readme.md article.html --name '{title}'";
    scene.sh(line).ok();
    let names = scene.names("out");
    for name in [
        "Tideline",
        "Installation",
        "Features",
        "Licence",
        "Two bulges",
    ] {
        assert!(names.contains(&format!("{name}.wav")), "{names:?}");
    }
}

#[test]
fn a_manifest_tells_the_format_of_its_files() {
    let scene = scene_with(&["readme.md", "readme.txt"]);
    scene.write(
        "list.csv",
        "file,format,output_file\nreadme.md,,a.wav\nreadme.md,text,b.wav\nreadme.txt,,c.wav\n",
    );
    scene
        .sh("piper-rs batch $TINY -d out --manifest list.csv")
        .ok();
    let samples = |name: &str| scene.wav(&format!("out/{name}.wav")).samples;
    assert!(samples("a") != samples("b"));
    let seconds = |name: &str| scene.wav(&format!("out/{name}.wav")).seconds();
    assert!(seconds("b") > seconds("a"));
    scene.write("bad.csv", "file,format\nreadme.md,pdf\n");
    let line = "piper-rs batch $TINY -d out --manifest bad.csv";
    scene.sh(line).exits(1).says(&["format `pdf` is not"]);
}

const CUES: &str = "1\n00:00:01,000 --> 00:00:02,000\nA sentence that lasts for longer than its time.\n\n\
    2\n00:00:02,500 --> 00:00:03,000\nShort.\n\n3\n00:00:20,000 --> 00:00:21,000\nThe end.\n";

#[test]
fn cues_begin_at_their_times() {
    let scene = Scene::new();
    scene.write("film.srt", CUES);
    let cues = "piper-rs speak $TINY -i film.srt --at-cue-times -o film.wav";
    scene
        .sh(cues)
        .ok()
        .says(&["the cue at 00:00:01.000 is", "s too long", "--cue-speedup"]);
    let wav = scene.wav("film.wav");
    let at = |seconds: f64| (seconds * f64::from(wav.rate)) as usize;
    let is_silent = |from: f64, to: f64| wav.samples[at(from)..at(to)].iter().all(|s| *s == 0);
    assert!(is_silent(0.0, 1.0) && !is_silent(1.0, 1.2));
    assert!(is_silent(19.0, 20.0) && !is_silent(20.0, 20.2));
    // What does not fit is spoken faster, as far as it is allowed.
    scene
        .sh(&format!("{cues} --cue-speedup 1.2"))
        .ok()
        .says(&["too long"]);
    let slow = scene
        .sh("piper-rs speak $TINY 'A sentence that lasts for longer than its time.' -o one.wav");
    slow.ok();
    let one = scene.wav("one.wav").seconds();
    scene.write(
        "film.srt",
        CUES.replace("00:00:02,500", &format!("00:00:0{:.3}", 1.0 + one / 1.4)),
    );
    scene
        .sh(&format!("{cues} --cue-speedup 1.5"))
        .ok()
        .silently();
}

#[test]
fn cues_out_of_order_are_named_and_spoken() {
    let scene = Scene::new();
    let cue = |from: &str, to: &str, text: &str| format!("00:{from},0 --> 00:{to},0\n{text}\n\n");
    let cues = [
        cue("05", "06", "One."),
        cue("02", "03", "Two."),
        cue("12", "13", "Three."),
        cue("12", "13", "Four."),
    ];
    scene.write("film.srt", cues.concat());
    let line = "piper-rs speak $TINY -i film.srt --at-cue-times --cue-speedup 2 -o film.wav";
    let ran = scene.sh(line).ok().says(&[
        "line 5: the cue at 00:00:02.000 comes after the one at 00:00:05.000, and is spoken after it",
    ]);
    assert!(!ran.stderr.contains("too long"), "{}", ran.stderr);
    let wav = scene.wav("film.wav");
    let at = |seconds: f64| (seconds * f64::from(wav.rate)) as usize;
    let is_silent = |from: f64, to: f64| wav.samples[at(from)..at(to)].iter().all(|s| *s == 0);
    assert!(is_silent(0.0, 5.0) && !is_silent(5.0, 5.2));
    assert!(is_silent(11.0, 12.0) && !is_silent(12.0, 12.2));
}

#[test]
fn a_book_without_one_of_its_pages_is_read_and_the_page_is_named() {
    let scene = scene_with(&["book.epub"]);
    // Its name in the archive; that in the list of pages is packed.
    let mut book = scene.read("book.epub");
    let name = b"OPS/text/two.xhtml";
    while let Some(at) = book.windows(name.len()).position(|part| part == name) {
        book[at] = b'X';
    }
    scene.write("book.epub", book);
    let missing = "book.epub: the page OPS/text/two.xhtml is missing and is not read";
    scene
        .sh("piper-rs speak $TINY -i book.epub -o book.wav")
        .ok()
        .says(&[missing]);
    scene
        .sh("piper-rs batch $TINY -d out book.epub")
        .ok()
        .says(&[missing]);
}

#[test]
fn cue_times_need_subtitles() {
    let scene = scene_with(&["readme.md"]);
    for line in ["-i readme.md", "< readme.md", "-i readme.md -i readme.md"] {
        let line = format!("piper-rs speak $TINY --at-cue-times {line} -o out.wav");
        scene
            .sh(&line)
            .exits(2)
            .says(&["needs one file of subtitles"]);
    }
    scene.write("late.srt", "99:00:00,000 --> 99:00:01,000\nLate.\n");
    let line = "piper-rs speak $TINY --at-cue-times -i late.srt -o out.wav";
    scene.sh(line).exits(2).says(&[
        "line 2: a cue begins at 99:00:00.000",
        "correct its time, or speak without `--at-cue-times`",
    ]);
    scene
        .sh("piper-rs speak $TINY --at-cue-times --cue-speedup 9 -i late.srt")
        .exits(2)
        .says(&["it must be 1 to 4"]);
}

#[test]
fn files_that_are_no_text_are_named_with_what_to_do() {
    let scene = scene_with(&["book.epub"]);
    scene.write("a.pdf", b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    scene.write("a.mp3", b"\xFF\xFB\x90\x64\0\0\0");
    scene.write("a.mp4", b"\0\0\0\x20ftypisom\0\0");
    scene.write("a.heic", b"\0\0\0\x20ftypheic\0\0");
    scene.write("deep.html", "<div>".repeat(600));
    scene.write("tag.html", format!("<p {}>", "a ".repeat(2000)));
    scene.write("pages", "a\x0C".repeat(100_001));
    scene.write("a.doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0");
    scene.write(
        "empty.zip",
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    );
    let cases = [
        (
            "-i a.pdf",
            "a.pdf: it is a PDF, not text",
            "pdftotext FILE -",
        ),
        (
            "< a.pdf",
            "standard input: it is a PDF, not text",
            "pdftotext FILE -",
        ),
        (
            "-i a.doc",
            "a file of an old office program",
            "soffice --headless",
        ),
        ("-i empty.zip", "a zip archive, not text", "unpack it"),
        ("< book.epub", "a zip archive, not text", "--format epub"),
        (
            "-i a.pdf --format epub",
            "it is not an EPUB",
            "if `--format` is left out",
        ),
        (
            "-i book.epub --format docx",
            "the part word/document.xml is missing",
            "if `--format` is left out",
        ),
        ("-i a.mp3", "it is a sound file, not text", "a transcript"),
        ("-i a.mp4", "it is a film, not text", "subtitles"),
        ("-i a.heic", "it is a picture, not text", "tesseract FILE"),
        (
            "-i deep.html",
            "nested more than 512 deep",
            "`--format text`",
        ),
        (
            "-i tag.html",
            "a tag has more than 1000 attributes",
            "`--format text`",
        ),
        (
            "-i pages --format pdftext",
            "it has more than 100000 pages",
            "split it",
        ),
    ];
    for (line, message, hint) in cases {
        let run = scene
            .sh(&format!("piper-rs speak $TINY {line} -o out.wav"))
            .exits(1);
        run.says(&["cannot read", message, hint]);
        assert!(!scene.path("out.wav").exists(), "{line}");
    }
}

#[test]
fn the_documents_are_what_their_script_writes() {
    let scene = Scene::new();
    scene
        .sh(&format!(
            "python3 {}/tests/documents/make.py --out .",
            root().display()
        ))
        .ok();
    for name in ["book.epub", "report.docx"] {
        let kept = std::fs::read(root().join("tests/documents").join(name)).unwrap();
        assert!(scene.read(name) == kept, "{name}");
    }
}
