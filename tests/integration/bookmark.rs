//! `--bookmark`: where the listener stopped.

use crate::scene::{Scene, samples, without_silence};

/// Sentences, each of which sounds different.
const SENTENCES: [&str; 8] = [
    "One.",
    "Here are two\nor more.",
    "Three of them.",
    "Four!",
    "Five is a number.",
    "Six.",
    "And seven?",
    "The end.",
];

impl Scene {
    /// Writes the text, in paragraphs of two sentences.
    fn write_text(&self) {
        let paragraphs = SENTENCES.chunks(2).map(|pair| pair.join(" ") + "\n\n");
        self.write("a.txt", paragraphs.collect::<String>());
    }

    /// The sound of each sentence.
    fn sounds(&self) -> Vec<Vec<i16>> {
        let sound = |text: &&str| {
            self.write("one.txt", text);
            let run = self.sh("piper-rs speak $TINY --line-breaks join --raw -i one.txt");
            without_silence(&run.ok().samples())
        };
        SENTENCES.iter().map(sound).collect()
    }
}

const SPEAK: &str = "piper-rs speak $TINY --line-breaks join -i a.txt --bookmark mark";

/// Which sentences are in some sound: the first, and the one after the last that is
/// complete.
fn heard(sound: &[i16], sentences: &[Vec<i16>]) -> (usize, usize) {
    let sound = without_silence(sound);
    for first in 0..sentences.len() {
        let (mut at, mut next) = (0, first);
        while let Some(sentence) = sentences.get(next) {
            if !sound[at..].starts_with(sentence) {
                break;
            }
            at += sentence.len();
            next += 1;
        }
        let rest = sentences.get(next).map_or(&[][..], |sentence| sentence);
        if rest.starts_with(&sound[at..]) && (next > first || !sound.is_empty()) {
            return (first, next);
        }
    }
    panic!("{} samples of no sentence", sound.len());
}

#[test]
fn a_killed_run_loses_nothing_and_repeats_one_sentence_at_most() {
    let scene = Scene::new();
    scene.write_text();
    let sentences = scene.sounds();
    let (mut next, mut runs) = (0, 0);
    // The longest sentence has some 50 000 bytes.
    for bytes in [
        2,
        60_000,
        9,
        33_333,
        100_000,
        20_000,
        50_000,
        70_001,
        1 << 30,
    ] {
        let mut live = scene.start(&format!("{SPEAK} --raw"));
        let mut sound = live.hear_at_most(bytes);
        live.signal("KILL");
        let (code, _, rest) = live.ends();
        sound.extend(rest);
        runs += 1;
        if sound.is_empty() {
            assert_eq!(code, Some(0), "the last sentence was heard before");
            break;
        }
        let (first, end) = heard(&samples(&sound), &sentences);
        assert!(first <= next && first + 1 >= next, "{first} after {next}");
        next = end;
        if next == sentences.len() {
            break;
        }
    }
    assert_eq!(next, sentences.len(), "{runs} runs");
}

#[test]
fn a_stopped_run_goes_on_and_a_finished_one_begins_anew() {
    let scene = Scene::new();
    scene.write_text();
    let sentences = scene.sounds();
    let limit = format!("{SPEAK} --raw --max-duration 0.001");
    let run = scene.sh(&limit).ok().says(&["as --max-duration says"]);
    assert_eq!(heard(&run.samples(), &sentences), (0, 1));
    let run = scene
        .sh(&limit)
        .ok()
        .says(&["going on after `One.` in line 1 of a.txt"]);
    assert_eq!(heard(&run.samples(), &sentences), (1, 2));
    let run = scene.sh(&format!("{SPEAK} --raw")).ok();
    let run = run.says(&["going on after `Here are two\\nor more.`"]);
    assert_eq!(heard(&run.samples(), &sentences), (2, 8));
    let run = scene.sh(&limit).ok();
    let run = run.says(&["a.txt was read to its end: beginning anew"]);
    assert_eq!(heard(&run.samples(), &sentences), (0, 1));
    let run = scene.sh(&format!("{SPEAK} --raw --start-at five"));
    assert_eq!(heard(&run.ok().samples(), &sentences), (4, 8));
}

#[test]
fn a_file_has_what_the_bookmark_says() {
    let scene = Scene::new();
    scene.write_text();
    let sentences = scene.sounds();
    let line = format!("{SPEAK} -o x.wav --max-duration 0.001");
    for n in 0..2 {
        scene.sh(&line).ok();
        assert_eq!(heard(&scene.wav("x.wav").samples, &sentences), (n, n + 1));
    }
}

#[test]
fn a_device_counts_what_was_heard() {
    let scene = Scene::with_device();
    scene.write_text();
    let mut live = scene.start(&format!("{SPEAK} --play"));
    let mark = scene.path("mark");
    live.until(|| mark.exists());
    live.signal("INT");
    assert_eq!(live.ends().0, Some(130));
    let mark = String::from_utf8(scene.read("mark")).unwrap();
    assert!(mark.contains("\"finished\": false"), "{mark}");
    scene
        .sh(&format!("{SPEAK} --play"))
        .ok()
        .says(&["going on"]);
    let mark = String::from_utf8(scene.read("mark")).unwrap();
    assert!(mark.contains("\"finished\": true"), "{mark}");
}

#[test]
fn the_place_is_found_in_a_text_that_has_changed() {
    let scene = Scene::new();
    scene.write_text();
    let sentences = scene.sounds();
    let limit = format!("{SPEAK} --raw --max-duration 0.001");
    scene.sh(&limit).ok();
    scene.sh(&limit).ok();
    let text = String::from_utf8(scene.read("a.txt")).unwrap();
    scene.write(
        "a.txt",
        format!("A new beginning.\n\n{}", text.replace("two\nor", "two  or")),
    );
    let run = scene.sh(&limit).ok().says(&["going on after"]);
    assert_eq!(heard(&run.samples(), &sentences), (2, 3));
    scene.write("a.txt", "One.\n\nAnother text.\n");
    let run = scene.sh(&limit).ok();
    let run = run.says(&["a.txt has changed, and `Three of them.` is not in it: beginning anew"]);
    assert_eq!(heard(&run.samples(), &sentences), (0, 1));
}

#[test]
fn a_file_that_is_no_bookmark_of_this_text_is_left_alone() {
    let scene = Scene::new();
    scene.write_text();
    scene.write("b.txt", "Another.\n");
    scene.sh(&format!("{SPEAK} --raw")).ok();
    let before = scene.read("mark");
    for (line, words) in [
        (
            "piper-rs speak $TINY --raw -i a.txt --bookmark b.txt",
            "is no bookmark",
        ),
        (
            "piper-rs speak $TINY --raw -i b.txt --bookmark mark",
            "a.txt, which is not read here",
        ),
        (
            "piper-rs speak $TINY --raw --follow b.txt --bookmark mark",
            "cannot be used with",
        ),
    ] {
        scene.sh(line).exits(2).says(&[words]);
    }
    let run = scene.sh("piper-rs speak $TINY -o x.wav -i a.txt --bookmark nowhere/mark");
    run.exits(1).says(&["cannot write nowhere/mark"]);
    assert!(!scene.path("x.wav").exists());
    assert_eq!(scene.read("b.txt"), b"Another.\n");
    assert_eq!(scene.read("mark"), before);
}
