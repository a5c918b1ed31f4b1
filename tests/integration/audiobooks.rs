//! `batch --join book.m4b`: ffmpeg encodes it.

use serde_json::Value;

use crate::scene::{Scene, has};

const BOOK: &str = "A book by nobody.\n\n\
                    CHAPTER I\nThe Sea\n\nIt was wide.\n\n\
                    Chapter 2: The \"Land\"\n\nIt was dry.\n";
const MAKE: &str = "piper-rs batch $TINY --seed 1 -d out --split chapters book.txt \
                    --join book.m4b --title 'A = Book' --author Nobody --chapter-silence 1.5";
const TITLES: [&str; 3] = [
    "Front matter",
    "CHAPTER I: The Sea",
    "Chapter 2: The \"Land\"",
];

fn book() -> Scene {
    let scene = Scene::new();
    scene.write("book.txt", BOOK);
    scene
}

/// A scene in whose folder `bin` is a program `ffmpeg` that does this.
fn with_ffmpeg(script: &str) -> (Scene, String) {
    let scene = book();
    scene.write(
        "ffmpeg",
        format!("#!/bin/sh\n[ \"$1\" = -version ] && exit 0\n{script}\n"),
    );
    scene.sh("mkdir bin; chmod +x ffmpeg; mv ffmpeg bin/").ok();
    (scene, format!("PATH=\"$PWD/bin:$PATH\" {MAKE}"))
}

fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

/// Nothing unfinished may be left, not even hidden.
fn assert_nothing_left(scene: &Scene) {
    let left = scene.sh("ls -A | grep -e '^.piper' -e m4b");
    assert!(left.stdout.is_empty(), "{left:?}");
}

/// Checks what ffprobe says of `book.m4b`, and that it decodes without a warning.
fn assert_is_the_book(scene: &Scene) {
    let probe = "ffprobe -v error -show_chapters -show_format -of json book.m4b";
    let probed = scene.sh(probe).ok().silently();
    let probed: Value = serde_json::from_slice(&probed.stdout).unwrap();
    let parts = scene.sh("ls out/*.wav").ok();
    let parts = String::from_utf8(parts.stdout).unwrap();
    let mut start = 0.0;
    let chapters = probed["chapters"].as_array().unwrap();
    assert_eq!(chapters.len(), TITLES.len());
    for ((chapter, part), title) in chapters.iter().zip(parts.lines()).zip(TITLES) {
        assert_eq!(chapter["tags"]["title"], title);
        let found = number(&chapter["start_time"]);
        assert!((found - start).abs() < 0.002, "{found} {start}");
        start += scene.wav(part).seconds() + 1.5;
    }
    let seconds = number(&probed["format"]["duration"]);
    // Frames of AAC have 1024 samples.
    assert!((seconds - (start - 1.5)).abs() < 0.1, "{seconds} {start}");
    let tags = &probed["format"]["tags"];
    for (tag, value) in [
        ("title", "A = Book"),
        ("album", "A = Book"),
        ("artist", "Nobody"),
    ] {
        assert_eq!(tags[tag], value);
    }
    let decode = "ffmpeg -nostdin -v warning -i book.m4b -f null -";
    scene.sh(decode).ok().silently();
}

#[test]
fn an_audiobook_has_chapters_tags_and_all_its_sound() {
    if !has("ffmpeg") || !has("ffprobe") {
        return;
    }
    let scene = book();
    let quiet = format!("{MAKE} --quiet");
    scene.sh(&quiet).ok().silently();
    assert_is_the_book(&scene);
    let first = scene.read("book.m4b");
    scene.sh(MAKE).ok().says(&["0 texts spoken, 3 skipped"]);
    assert!(scene.read("book.m4b") == first);
    // What changes the file makes it outdated, and so does a file of somebody else.
    for other in [MAKE.replace("Nobody", "Me"), format!("{MAKE} --bitrate 32")] {
        scene.sh(&other).exits(1).says(&["book.m4b", "--overwrite"]);
    }
    let smaller = format!("{MAKE} --bitrate 32 --overwrite");
    scene.sh(&smaller).ok();
    assert!(scene.read("book.m4b").len() < first.len());
    assert_is_the_book(&scene);
    scene.write("book.m4b", &first[..first.len() / 2]);
    scene.sh(MAKE).exits(1).says(&["book.m4b was changed"]);
}

#[test]
fn without_ffmpeg_the_message_has_the_commands() {
    let scene = book();
    let program = "PATH=\"$(dirname \"$(command -v piper-rs)\")\"";
    let run = scene.sh(&format!("{program} {MAKE}"));
    let run = run.exits(3).says(&["cannot write book.m4b: ffmpeg"]);
    assert!(!scene.path("out").exists());
    if !has("ffmpeg") || !has("ffprobe") {
        return;
    }
    // They do make the same file.
    let flags = run.stderr.split('`').find(|part| part.contains("--join"));
    let ffmpeg = run
        .stderr
        .split('`')
        .find(|part| part.starts_with("ffmpeg "));
    scene
        .sh(&MAKE.replace("--join book.m4b", flags.unwrap()))
        .ok();
    let line = format!("{} -loglevel error < /dev/null", ffmpeg.unwrap());
    scene.sh(&line).ok().silently();
    assert_is_the_book(&scene);
}

#[test]
fn a_failure_of_ffmpeg_is_reported_and_leaves_nothing() {
    let scripts = [
        "echo 'no such encoder' >&2; exit 1",
        "cat > /dev/null; echo 'no such encoder' >&2; exit 1",
    ];
    for script in scripts {
        let (scene, make) = with_ffmpeg(script);
        let run = scene.sh(&make);
        run.exits(1)
            .says(&["cannot write book.m4b", "ffmpeg: no such encoder"]);
        assert_nothing_left(&scene);
    }
}

#[test]
fn a_signal_ends_ffmpeg_too() {
    let (scene, make) = with_ffmpeg("echo $$ > pid; kill -INT $PPID; exec sleep 1000");
    scene.sh(&make).exits(130);
    assert_nothing_left(&scene);
    let is_alive = scene.sh("kill -0 $(cat pid)");
    assert_ne!(is_alive.code, Some(0));
}

#[test]
fn what_an_audiobook_cannot_be_is_refused() {
    let scene = book();
    scene.sh("mkfifo pipe.m4b").ok();
    let batch = "piper-rs batch $TINY -d out book.txt --overwrite";
    for (flags, message) in [
        ("--join a.m4b --chapters cue", "leave out `--chapters cue`"),
        ("--join pipe.m4b", "cannot be written to a pipe"),
    ] {
        scene
            .sh(&format!("{batch} {flags}"))
            .exits(2)
            .says(&[message]);
    }
    let run = scene.sh("piper-rs speak $TINY -o a.m4b Hi.");
    run.exits(2).says(&["`-o - | ffmpeg -i - a.m4b`"]);
}
