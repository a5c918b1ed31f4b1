//! `voices verify`, `remove`, `prepare` and `audition`.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::scene::{Live, Run, Scene, root};

/// A scene with its own cache, and voices in the folder `v`.
struct VoiceFolder(Scene);

impl VoiceFolder {
    fn new() -> Self {
        let voices = Self(Scene::new());
        fs::create_dir(voices.0.path("v")).unwrap();
        for (name, from) in [("one", "tiny"), ("many", "tiny_multi")] {
            for end in ["onnx", "onnx.json"] {
                let from = root().join(format!("tests/voices/{from}.{end}"));
                fs::copy(from, voices.0.path(&format!("v/{name}.{end}"))).unwrap();
            }
        }
        voices
    }

    fn line(&self, line: &str) -> String {
        // Without PIPER_VOICE_DIR the test voices are neither listed nor removed.
        format!("XDG_CACHE_HOME=$PWD/cache PIPER_VOICE_DIR= piper-rs voices {line} --data-dir v")
    }

    fn sh(&self, line: &str) -> Run {
        self.0.sh(&self.line(line))
    }

    /// Returns the folders of prepared voices.
    fn prepared(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(self.0.path("cache/piper-rs/prepared"));
        let paths = folders
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.join("record.json").exists())
            .collect()
    }
}

#[test]
fn intact_voices_are_verified_and_broken_ones_reported() {
    let voices = VoiceFolder::new();
    let run = voices.sh("verify").ok();
    run.says(&["no catalogue to compare with"]);
    let text = voices.sh("verify -q").ok().silently();
    for line in [
        "ok   en_US-slt-low: speaks",
        "ok   many: speaks",
        "ok   one: speaks",
    ] {
        assert!(text.text().contains(line), "{}", text.text());
    }
    // A model with one speaker whose config has three; a truncated model.
    fs::copy(
        voices.0.path("v/many.onnx.json"),
        voices.0.path("v/one.onnx.json"),
    )
    .unwrap();
    let graph = voices.0.read("v/many.onnx");
    voices.0.write("v/many.onnx", &graph[..graph.len() / 2]);
    let bad = voices.sh("verify -q one many").exits(1);
    assert!(
        bad.text()
            .contains("bad  one: the config has 3 speakers, the graph one")
    );
    assert!(
        bad.text().contains("bad  many: bad voice model"),
        "{}",
        bad.text()
    );
    let json = voices.sh("verify -q --json one").exits(1);
    let json: Value = serde_json::from_str(json.text()).unwrap();
    assert_eq!(json["problems"].as_array().unwrap().len(), 1);
    voices.sh("verify none").exits(3);
}

#[test]
fn a_voice_is_compared_with_the_catalogue() {
    let voices = VoiceFolder::new();
    let entry =
        |md5: &str| format!(r#"{{"one": {{"files": {{"one.onnx": {{"md5_digest": "{md5}"}}}}}}}}"#);
    let real = piper_rs::download::Md5::of_file(&voices.0.path("v/one.onnx")).unwrap();
    voices.0.write("voices.json", entry(&real));
    let run = voices.sh("verify one --catalogue voices.json").ok();
    assert_eq!(run.text(), "ok   one: same as in the catalogue, speaks\n");
    voices.0.write("voices.json", entry(&"0".repeat(32)));
    let run = voices.sh("verify one --catalogue voices.json").exits(1);
    assert!(
        run.text().contains("`piper-rs voices get --force one`"),
        "{}",
        run.text()
    );
}

#[test]
fn removing_a_voice_removes_its_prepared_copy() {
    let voices = VoiceFolder::new();
    voices.0.write("v/one.MODEL_CARD", "* License: MIT\n");
    voices.0.write("v/.one.onnx.12345678.part", "some of it");
    let info = voices.sh("info one").ok();
    assert!(info.text().contains("licence   MIT") && info.text().contains("not prepared"));
    voices
        .sh("prepare one many")
        .ok()
        .says(&["one is prepared", "many is prepared"]);
    assert_eq!(voices.prepared().len(), 2);
    assert!(
        voices
            .sh("info one")
            .ok()
            .text()
            .contains("installed, prepared (")
    );
    voices.sh("remove one").exits(2).says(&["use --yes"]);
    voices
        .sh("remove en_US-slt-low --yes")
        .exits(1)
        .says(&["built in"]);
    voices.sh("remove none --yes").exits(3);
    voices
        .sh("remove one --yes")
        .ok()
        .says(&["removed v/one.onnx"]);
    assert_eq!(voices.0.names("v"), ["many.onnx", "many.onnx.json"]);
    assert_eq!(voices.prepared().len(), 1);
}

#[test]
fn only_voices_in_voice_folders_are_removed() {
    let voices = VoiceFolder::new();
    fs::create_dir(voices.0.path("elsewhere")).unwrap();
    for name in [
        "x.onnx",
        "x.onnx.json",
        "elsewhere/x.onnx",
        "elsewhere/x.onnx.json",
    ] {
        voices.0.write(name, "");
    }
    for name in ["x", "./x.onnx", "elsewhere/x.onnx", "v/../elsewhere/x"] {
        let run = voices.sh(&format!("remove --yes {name}")).exits(1);
        run.says(&["not in a voice folder"]);
    }
    assert!(voices.0.path("x.onnx").exists() && voices.0.path("elsewhere/x.onnx").exists());
    voices
        .sh("remove --yes elsewhere/x.onnx --data-dir elsewhere")
        .ok();
    assert_eq!(voices.0.names("elsewhere"), [""; 0]);
}

#[test]
fn prepared_voices_are_listed_cleared_and_limited() {
    let voices = VoiceFolder::new();
    voices
        .sh("prepare --list")
        .ok()
        .says(&["no voice is prepared"]);
    voices
        .sh("prepare")
        .ok()
        .says(&["many is prepared", "one is prepared"]);
    voices
        .sh("prepare one")
        .ok()
        .says(&["one was already prepared"]);
    let listed = voices.sh("prepare --list").ok().silently();
    let names: Vec<_> = listed
        .text()
        .lines()
        .map(|line| line.split(' ').next())
        .collect();
    assert_eq!(names, [Some("many"), Some("one")]);
    let json = voices.sh("prepare --list --json").ok();
    let first: Value = serde_json::from_str(json.text().lines().next().unwrap()).unwrap();
    assert!(first["bytes"].as_u64().unwrap() > 10_000, "{first}");
    voices
        .sh("prepare --clear")
        .ok()
        .says(&["removed 2 prepared voices"]);
    assert_eq!(voices.prepared().len(), 0);

    let limited = voices.sh("prepare many one --prepared-mb 0").ok();
    limited.says(&["many was removed again", "--prepared-mb"]);
    let listed = voices.sh("prepare --list").ok();
    assert!(listed.text().starts_with("one") && listed.text().lines().count() == 1);
}

#[test]
fn a_damaged_prepared_voice_is_prepared_again() {
    let voices = VoiceFolder::new();
    voices.sh("prepare one").ok();
    let folder = voices.prepared().remove(0);
    let files = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let largest = files.max_by_key(|file| fs::metadata(file).unwrap().len());
    let largest = largest.unwrap();
    fs::write(&largest, "damaged").unwrap();
    voices.sh("prepare one").ok().says(&["one is prepared"]);
    // The damaged one is put aside for those that use it: see `shards`.
    let mut prepared = voices.prepared();
    prepared.retain(|folder| !folder.to_string_lossy().contains("/.damaged-"));
    assert_eq!(prepared, std::slice::from_ref(&folder));
    assert!(fs::metadata(largest).unwrap().len() > 1000);
    let speak = "XDG_CACHE_HOME=$PWD/cache piper-rs speak -m v/one.onnx -o x.wav Hello.";
    voices.0.sh(speak).ok().silently();
}

#[test]
fn two_processes_that_prepare_one_voice_make_one_copy() {
    let voices = VoiceFolder::new();
    let line = format!("env {}", voices.line("prepare one"));
    let mut both: Vec<Live> = (0..2).map(|_| voices.0.start(&line)).collect();
    for live in &mut both {
        let (code, stderr, _) = live.ends();
        assert_eq!(code, Some(0), "{stderr}");
    }
    assert_eq!(voices.prepared().len(), 1);
    let left = voices.0.names("cache/piper-rs/prepared");
    assert!(
        !left.iter().any(|name| name.starts_with(".preparing")),
        "{left:?}"
    );
    voices
        .sh("prepare one")
        .ok()
        .says(&["one was already prepared"]);
}

#[test]
fn an_audition_writes_one_file_per_speaker() {
    let scene = Scene::new();
    let flags = "--noise-scale 0 --noise-w 0";
    let line =
        format!("piper-rs voices audition -m tiny_multi {flags} -d out --speakers 0-1,carol Hi.");
    let run = scene
        .sh(&line)
        .ok()
        .says(&["tiny_multi, speaker 2 (carol)"]);
    let names = [
        "tiny_multi-000-alice.wav",
        "tiny_multi-001-bob.wav",
        "tiny_multi-002-carol.wav",
    ];
    assert_eq!(scene.names("out"), names);
    assert_eq!(
        run.text(),
        names.map(|name| format!("out/{name}\n")).concat()
    );
    for (name, speaker) in names.iter().zip(["alice", "bob", "carol"]) {
        let alone = scene.spoken(&format!("$MULTI -s {speaker}"), "Hi.");
        assert_eq!(scene.wav(&format!("out/{name}")), alone, "{name}");
    }
    let limited = scene.sh("piper-rs voices audition -m tiny_multi --limit 2 -d two");
    limited.ok().says(&["3 speakers; playing the first 2"]);
    assert_eq!(scene.names("two").len(), 2);
    let voices = scene.sh("piper-rs voices audition -m tiny --with tiny_multi -s 1 -d three Hi.");
    // One voice has no such speaker; the other one is still spoken.
    voices.exits(1).says(&["no speaker `1`"]);
    assert_eq!(scene.names("three"), ["tiny_multi.wav"]);
    let wrong = scene.sh("piper-rs voices audition -m tiny_multi --speakers 7 -d four");
    wrong
        .exits(1)
        .says(&["no speakers `7`; the speakers are 0 to 2"]);
    scene
        .sh("piper-rs voices audition -m none -d four")
        .exits(3);
}

#[test]
fn an_audition_plays_the_speakers_in_turn() {
    let scene = Scene::with_device();
    let run = scene
        .sh("piper-rs voices audition -m tiny_multi --with tiny --play Hi.")
        .ok();
    run.says(&["speaker 0 (alice)", "speaker 2 (carol)", "piper-rs: tiny\n"]);
    assert!(scene.has_played());
    // Also into one stream.
    let raw =
        scene.sh("piper-rs voices audition -m tiny_multi --noise-scale 0 --noise-w 0 --raw Hi.");
    let one = scene
        .sh("piper-rs speak $MULTI -s 0 --raw Hi.")
        .ok()
        .samples();
    let all = raw.ok().samples();
    assert_eq!(all[..one.len()], one);
    assert!(all.len() > 2 * one.len());
}
