//! `--follow`: a file that is still being written. `--idle` and `--behind`, which streams
//! have too.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};

use crate::scene::{Live, Scene, samples};

impl Scene {
    fn append(&self, name: &str, text: impl AsRef<[u8]>) {
        let mut options = OpenOptions::new();
        let mut file = options.append(true).create(true).open(self.path(name));
        file.as_mut().unwrap().write_all(text.as_ref()).unwrap();
    }

    /// Follows the file `log`, from its start, into raw samples.
    fn follow(&self, flags: &str) -> Live {
        self.start(&format!(
            "piper-rs speak $TINY --raw --follow log --start-at 1 {flags}"
        ))
    }

    /// The raw samples of lines.
    fn lines(&self, text: &str) -> Vec<i16> {
        self.spoken("$TINY", text).samples
    }
}

/// What was heard of a program so far.
struct Listener(Vec<u8>);

impl Listener {
    /// Hears on until exactly this was heard.
    #[track_caller]
    fn expect(&mut self, live: &Live, expected: &[i16]) {
        let length = expected.len() * 2;
        self.0
            .extend(live.hear(length.saturating_sub(self.0.len())));
        assert!(samples(&self.0) == expected, "{} bytes", self.0.len());
    }
}

#[test]
fn lines_are_spoken_as_they_are_written_from_the_end_on() {
    let scene = Scene::new();
    scene.write("log", "An old line. It is long.\n");
    let new = scene.lines("New.\n");
    let mut live = scene.start("piper-rs speak $TINY --raw --follow log");
    // Until it is being followed.
    let mut heard = Vec::new();
    while heard.is_empty() {
        scene.append("log", "New.\n");
        heard = live.hear_for(std::time::Duration::from_millis(500));
    }
    if heard.len() < new.len() * 2 {
        heard.extend(live.hear(new.len() * 2 - heard.len()));
    }
    assert!(samples(&heard)[..new.len()] == new);
    live.signal("INT");
    assert_eq!(live.ends().0, Some(130));
}

#[test]
fn a_file_that_is_renamed_is_read_to_its_end_and_the_new_one_after_it() {
    let scene = Scene::new();
    scene.write("log", "One.\n");
    let (mut live, mut listener) = (scene.follow(""), Listener(Vec::new()));
    listener.expect(&live, &scene.lines("One.\n"));
    fs::rename(scene.path("log"), scene.path("log.1")).unwrap();
    live.until_says("log is gone: waiting for a new one");
    scene.append("log.1", "Two.\n");
    listener.expect(&live, &scene.lines("One.\nTwo.\n"));
    scene.append("log.1", "Thr");
    scene.append("log", "Four.\n");
    live.until_says("log is a new file: reading it from its start");
    listener.expect(&live, &scene.lines("One.\nTwo.\nThr\nFour.\n"));
    // Replaced at once, as editors do.
    scene.write("next", "Five.\n");
    fs::rename(scene.path("next"), scene.path("log")).unwrap();
    let all = scene.lines("One.\nTwo.\nThr\nFour.\nFive.\n");
    listener.expect(&live, &all);
    live.signal("TERM");
    assert_eq!(live.ends().0, Some(130));
}

#[test]
fn a_file_that_is_truncated_is_read_from_its_start() {
    let scene = Scene::new();
    scene.write("log", "The first line.\n");
    let (mut live, mut listener) = (scene.follow(""), Listener(Vec::new()));
    listener.expect(&live, &scene.lines("The first line.\n"));
    let mut writer = OpenOptions::new()
        .write(true)
        .open(scene.path("log"))
        .unwrap();
    writer.seek(SeekFrom::End(0)).unwrap();
    fs::write(scene.path("log"), "Two.\n").unwrap();
    live.until_says("log was truncated: reading it from its start");
    listener.expect(&live, &scene.lines("The first line.\nTwo.\n"));
    // A writer that keeps its place leaves a hole before what it writes.
    File::create(scene.path("log")).unwrap();
    writer.write_all(b"Three.\n").unwrap();
    let hole = scene.read("log");
    assert!(hole.starts_with(&[0; 16]) && hole.ends_with(b"Three.\n"));
    scene.append("log", "Four.\n");
    let heard = scene.lines("The first line.\nTwo.\nThree.\nFour.\n");
    // The size may have grown again before it was looked at: then there is no hole for
    // the reader.
    listener.expect(&live, &heard);
}

#[test]
fn a_file_may_be_missing_at_first_and_for_a_while() {
    let scene = Scene::new();
    let mut live = scene.start("piper-rs speak $TINY --raw --follow log");
    let mut listener = Listener(Vec::new());
    live.until_says("there is no log yet: waiting for it");
    // What is in a file that was not there is new.
    scene.write("log", "One.\nTwo.\n");
    listener.expect(&live, &scene.lines("One.\nTwo.\n"));
    fs::remove_file(scene.path("log")).unwrap();
    live.until_says("log is gone: waiting for a new one");
    scene.write("log", "Three.\n");
    listener.expect(&live, &scene.lines("One.\nTwo.\nThree.\n"));
}

#[test]
fn a_line_that_is_not_complete_is_spoken_after_a_while() {
    let scene = Scene::new();
    scene.write("log", "One");
    let (live, mut listener) = (scene.follow("--idle 0.3"), Listener(Vec::new()));
    listener.expect(&live, &scene.lines("One\n"));
    scene.append("log", ". Two.\n");
    listener.expect(&live, &scene.lines("One\nTwo.\n"));
    let mut live = scene.start("piper-rs speak $TINY --raw --idle 0.3");
    let mut listener = Listener(Vec::new());
    live.types_part("One");
    listener.expect(&live, &scene.lines("One\n"));
    live.types("Two.");
    live.ends_input();
    let (code, stderr, rest) = live.ends();
    listener.0.extend(rest);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(samples(&listener.0) == scene.lines("One\nTwo.\n"));
}

#[test]
fn a_slow_writer_is_waited_for() {
    let scene = Scene::new();
    let text = "Grüße, “hello”\u{1b}[1m there\u{1b}[0m.\nA sec\u{8}cond.\n";
    let expected = scene.lines(text);
    scene.write("log", "");
    let (live, mut listener) = (scene.follow("--idle 60"), Listener(Vec::new()));
    for byte in text.as_bytes() {
        scene.append("log", [*byte]);
    }
    listener.expect(&live, &expected);
}

#[test]
fn ten_megabytes_at_once_take_no_memory() {
    let scene = Scene::new();
    scene.write("log", "One.\n");
    let small = scene.follow("");
    small.hear(2);
    let at_rest = small.peak_megabytes();
    drop(small);
    let lines = "All work and no play makes Jack a dull boy.\n".repeat(250_000);
    assert!(lines.len() > 10_000_000);
    let endless = lines.replace('\n', " ");
    let end: Vec<u8> = scene
        .lines("The end.\n")
        .into_iter()
        .flat_map(i16::to_le_bytes)
        .collect();
    for (text, behind) in [
        (&lines, "queue"),
        (&lines, "skip"),
        (&lines, "latest"),
        (&endless, "queue"),
        (&endless, "latest"),
    ] {
        scene.write("log", "One.\n");
        let mut live = scene.follow(&format!("--behind {behind}"));
        let mut heard = live.hear(2);
        scene.append("log", text);
        scene.append("log", "\nThe end.\n");
        if behind == "queue" {
            heard.extend(live.hear(1 << 20));
        } else {
            live.until_says("left out: speech is behind");
            while !heard.ends_with(&end) {
                heard.extend(live.hear(1));
            }
        }
        let peak = live.peak_megabytes();
        let limit = at_rest + 30;
        assert!(peak < limit, "{behind}: {peak} MB, limit {limit} MB");
    }
}

#[test]
fn the_newest_lines_of_a_stream_are_kept_too() {
    let scene = Scene::new();
    let numbers: String = (1..=500).map(|n| format!("Number {n}.\n")).collect();
    scene.write("text", &numbers);
    let newest = scene.lines(numbers.lines().last().unwrap());
    let line = "cat text | piper-rs speak $TINY --raw --behind";
    let run = scene.sh(&format!("{line} latest")).ok();
    let run = run.says(&["left out: speech is behind"]);
    assert!(run.samples().ends_with(&newest));
    let twenty: Vec<_> = numbers.lines().skip(480).collect();
    let run = scene.sh(&format!("{line} skip")).ok();
    assert!(run.samples().ends_with(&scene.lines(&twenty.join("\n"))));
    let all = scene.sh(&format!("{line} queue")).ok().silently();
    assert!(all.samples() == scene.lines(&numbers));
}

#[test]
fn a_file_in_another_encoding_and_single_bad_bytes_are_read() {
    let scene = Scene::new();
    let utf16 =
        |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    scene.write("log", [b"\xFF\xFE".to_vec(), utf16("Alt.\n")].concat());
    let line = "piper-rs speak $TINY --raw --follow log";
    let live = scene.start(line);
    let new = scene.lines("Grüße.\n");
    let mut heard = Vec::new();
    while heard.is_empty() {
        scene.append("log", utf16("Grüße.\n"));
        heard = live.hear_for(std::time::Duration::from_millis(500));
    }
    if heard.len() < new.len() * 2 {
        heard.extend(live.hear(new.len() * 2 - heard.len()));
    }
    assert!(samples(&heard)[..new.len()] == new);
    drop(live);
    scene.write("log", b"A bad \xFF byte.\n");
    let (mut live, mut listener) = (scene.follow(""), Listener(Vec::new()));
    listener.expect(&live, &scene.lines("A bad byte.\n"));
    live.until_says("log: some bytes are not valid UTF-8, and are left out");
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let scene = Scene::new();
    scene
        .sh("mkdir folder; mkfifo pipe; echo text | gzip > log.gz")
        .ok();
    scene.write("binary", [b'\xFF', 7].repeat(500));
    for (flags, code, words) in [
        ("--follow folder", 1, "cannot read folder"),
        ("--follow pipe", 1, "cannot read pipe: it is a stream"),
        ("--follow log.gz", 1, "log.gz"),
        (
            "--follow binary --start-at 1",
            1,
            "binary is not valid UTF-8",
        ),
        ("--follow log.gz text", 2, "cannot be used with"),
        ("--follow log.gz --format csv", 2, "cannot be used with"),
        ("--idle 2 text", 2, "--idle is for text that arrives"),
        (
            "--behind skip -i binary",
            2,
            "--behind is for text that arrives",
        ),
    ] {
        let run = scene.sh(&format!("piper-rs speak $TINY --raw {flags}"));
        run.exits(code).says(&[words]);
    }
}

#[test]
fn objects_that_are_appended_are_spoken_when_they_are_complete() {
    let scene = Scene::new();
    scene.write("log", "{\"text\": \"One.\"}\n{\"text\":");
    let (live, mut listener) = (scene.follow("--json-input"), Listener(Vec::new()));
    listener.expect(&live, &scene.lines("One.\n"));
    scene.append("log", " \"Two.\"}\n");
    listener.expect(&live, &scene.lines("One.\nTwo.\n"));
}
