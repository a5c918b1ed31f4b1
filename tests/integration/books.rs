//! `batch --split chapters`: an audiobook from one text.

use crate::scene::Scene;

const BOOK: &str = "A book by nobody.\n\n\
                    CHAPTER I\nThe Sea\n\nIt was wide.\n\n\
                    Chapter 2 was far away.\n\n\
                    Chapter 2: The \"Land\"\n\nIt was dry.\n\n\
                    # The End #\nIt ended.\n";
const MAKE: &str = "piper-rs batch $TINY -d out --split chapters book.txt --join book.wav \
                    --chapters ffmetadata --title 'A = Book' --author Nobody --chapter-silence 1.5";

fn book() -> Scene {
    let scene = Scene::new();
    scene.write("book.txt", BOOK);
    scene
}

#[test]
fn chapters_get_files_titles_and_contiguous_marks() {
    let scene = book();
    scene.sh(MAKE).ok().says(&["4 texts spoken"]);
    let names = scene.names("out").into_iter();
    let names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
    let expected = [
        "001-front-matter.wav",
        "002-chapter-i-the-sea.wav",
        "003-chapter-2-the-land.wav",
        "004-the-end.wav",
    ];
    assert_eq!(names, expected);
    let seconds = expected.map(|name| scene.wav(&format!("out/{name}")).seconds());
    let book = scene.wav("book.wav").seconds();
    assert!((seconds.iter().sum::<f64>() + 3.0 * 1.5 - book).abs() < 0.01);

    let list = String::from_utf8(scene.read("book.ffmetadata")).unwrap();
    let tags = "title=A \\= Book\nalbum=A \\= Book\nartist=Nobody\nalbum_artist=Nobody\n";
    assert!(list.contains(tags), "{list}");
    let values = |field: &str| -> Vec<u64> {
        let values = list.lines().filter_map(|line| line.strip_prefix(field));
        values.map(|value| value.parse().unwrap()).collect()
    };
    let (starts, ends) = (values("START="), values("END="));
    assert_eq!(starts[1..], ends[..3], "each ends where the next begins");
    assert!(
        (ends[3] as f64 / 1000.0 - book).abs() < 0.01,
        "{ends:?} {book}"
    );

    // What is spoken of a chapter has its heading, without marks.
    scene
        .sh("printf 'The End\n\nIt ended.\n' > end.txt; piper-rs speak $TINY -i end.txt -o end.wav")
        .ok();
    assert!(scene.wav("end.wav").samples == scene.wav("out/004-the-end.wav").samples);
    scene.sh(MAKE).ok().says(&["0 texts spoken, 4 skipped"]);
}

#[test]
fn names_can_have_the_titles() {
    let scene = book();
    scene
        .sh("piper-rs batch $TINY -d out --split chapters book.txt --name '{n:02} {title}'")
        .ok();
    let names = scene.names("out");
    assert!(
        names.contains(&"02 CHAPTER I The Sea.wav".to_owned()),
        "{names:?}"
    );
}

#[test]
fn a_cue_sheet_has_the_book_and_its_author() {
    let scene = book();
    scene.sh(&MAKE.replace("--chapters ffmetadata", "")).ok();
    let sheet = String::from_utf8(scene.read("book.cue")).unwrap();
    let head = "PERFORMER \"Nobody\"\nTITLE \"A = Book\"\nFILE \"book.wav\" WAVE\n";
    assert!(sheet.starts_with(head), "{sheet}");
    assert!(sheet.contains("TITLE \"CHAPTER I: The Sea\""), "{sheet}");
}

#[test]
fn a_pipe_can_be_split() {
    let scene = book();
    let line = "cat book.txt | piper-rs batch $TINY -d out --split chapters /dev/stdin";
    scene.sh(line).ok().says(&["4 texts spoken"]);
}

#[test]
fn scene_breaks_pause_longer_than_paragraphs() {
    let scene = Scene::new();
    let seconds = |between: &str| {
        scene.write("in.txt", format!("One.{between}Two.\n"));
        scene.sh("piper-rs speak $TINY -i in.txt -o out.wav").ok();
        scene.wav("out.wav").seconds()
    };
    let paragraph = seconds("\n\n");
    for between in [
        "\n\n* * *\n\n",
        "\n\n---\n\n",
        "\n\n⁂\n\n",
        "\n\n\n\n",
        "\n\n*\n\n",
        "\n\n—\n\n",
        "\n\n•\n\n",
        "\n\n#\n\n",
        "\n*\n",
    ] {
        let longer = seconds(between) - paragraph;
        assert!((longer - 1.0).abs() < 0.01, "{between:?}: {longer}");
    }
}

#[test]
fn scene_breaks_do_not_pause_where_paragraphs_do_not() {
    let scene = Scene::new();
    let seconds = |flags: &str, between: &str| {
        scene.write("in.txt", format!("One.{between}Two.\n"));
        let line = format!("piper-rs speak $TINY {flags} -i in.txt -o out.wav");
        scene.sh(&line).ok();
        scene.wav("out.wav").seconds()
    };
    for flags in ["--no-paragraphs", "--paragraph-silence 0"] {
        let paragraph = seconds(flags, "\n\n");
        for between in ["\n\n* * *\n\n", "\n\n*\n\n", "\n\n\n\n"] {
            let longer = seconds(flags, between) - paragraph;
            assert!(longer.abs() < 0.01, "{flags} {between:?}: {longer}");
        }
    }
}

#[test]
fn rows_of_marks_are_named_if_marks_or_letters_are() {
    let scene = Scene::new();
    for (flags, text) in [
        ("--punctuation all", "***"),
        ("--punctuation some", "###"),
        ("--spell", "---"),
        ("", "*"),
    ] {
        let line = format!("piper-rs speak $TINY {flags} -o out.wav -- '{text}'");
        scene.sh(&line).ok();
        let samples = scene.wav("out.wav").samples;
        assert!(samples.iter().any(|sample| *sample != 0), "{flags} {text}");
    }
}

#[test]
fn titles_and_the_format_of_the_list_change_without_the_audio() {
    let scene = book();
    scene.sh(MAKE).ok();
    let audio = scene.read("book.wav");
    let list = || String::from_utf8(scene.read("book.ffmetadata")).unwrap();
    scene.sh(&MAKE.replace("A = Book", "Another")).ok();
    assert!(list().contains("title=Another\n"), "{}", list());
    let cue = MAKE.replace("ffmetadata", "cue");
    scene.sh(&cue).ok();
    let sheet = String::from_utf8(scene.read("book.cue")).unwrap();
    assert!(sheet.contains("TITLE \"A = Book\""), "{sheet}");

    // What the user has written is kept.
    scene.write("book.cue", "mine");
    let changed = cue.replace("A = Book", "Another");
    scene.sh(&changed).exits(1).says(&["book.cue was changed"]);
    assert_eq!(scene.read("book.cue"), b"mine");
    scene.sh(&format!("{changed} --overwrite")).ok();
    assert!(scene.read("book.cue") != b"mine");
    scene.write("other.ffmetadata", "mine");
    let other = MAKE.replace("book.wav", "other.wav");
    scene
        .sh(&other)
        .exits(1)
        .says(&["other.ffmetadata already exists"]);
    assert!(scene.read("book.wav") == audio);
}

#[test]
fn a_table_of_contents_is_named_and_not_spoken() {
    let scene = Scene::new();
    let chapters = "CHAPTER I\n\nIt was wide.\n\nCHAPTER II\n\nIt was dry.\n";
    scene.write("book.txt", chapters);
    let line = "piper-rs batch $TINY --split chapters book.txt --seed 1 -d";
    let run = scene.sh(&format!("{line} without")).ok();
    assert!(!run.stderr.contains("contents"), "{}", run.stderr);
    scene.write(
        "book.txt",
        format!("Contents\n\nCHAPTER I\n\nCHAPTER II\n\n{chapters}"),
    );
    let note = "book.txt: lines 1 to 5 are a table of contents and are not spoken";
    scene
        .sh(&format!("{line} with"))
        .ok()
        .says(&[note, "2 texts spoken"]);
    for name in ["001-chapter-i.wav", "002-chapter-ii.wav"] {
        let read = |folder: &str| scene.read(&format!("{folder}/{name}"));
        assert!(read("with") == read("without"), "{name}");
    }
}

#[test]
fn a_dry_run_counts_the_pauses_between_chapters() {
    let scene = book();
    let line = format!("{MAKE} --dry-run").replace("silence 1.5", "silence 600");
    scene
        .sh(&line)
        .ok()
        .says(&["30:", "joined with its pauses"]);
}

#[test]
fn a_mark_that_ends_a_text_is_not_named() {
    let scene = Scene::new();
    let samples = |text: &str, line: &str| {
        scene.write("in.txt", text);
        scene.sh(line).ok();
        scene.wav("out.wav").samples
    };
    for line in [
        "piper-rs speak $TINY --seed 1 -i in.txt -o out.wav",
        "cat in.txt | piper-rs speak $TINY --seed 1 -o out.wav",
    ] {
        let expected = samples("One.\n\n", line);
        for end in ["*", "*\n", "\n*", "—\n"] {
            let text = format!("One.\n\n{end}");
            assert!(samples(&text, line) == expected, "{line} {text:?}");
        }
        assert!(samples("*\n", line).iter().any(|sample| *sample != 0));
    }
}

#[test]
fn the_pause_at_scene_breaks_can_be_set() {
    let scene = Scene::new();
    scene.write("plain.txt", "One.\n\nTwo.\n");
    scene.write("scenes.txt", "One.\n\n* * *\n\nTwo.\n");
    let seconds = |name: &str, flags: &str| {
        let line = format!("piper-rs speak $TINY {flags} -i {name}.txt -o out.wav");
        scene.sh(&line).ok();
        scene.wav("out.wav").seconds()
    };
    for (flags, longer) in [
        ("--scene-silence 3", 2.5),
        ("--scene-silence 3 --paragraph-silence 0", 3.0),
        ("--scene-silence 3 --no-paragraphs", 2.8),
        ("--scene-silence 0", 0.0),
    ] {
        let actual = seconds("scenes", flags) - seconds("plain", flags);
        assert!((actual - longer).abs() < 0.01, "{flags}: {actual}");
    }
}
