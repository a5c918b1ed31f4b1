//! Voices that are here: checked, removed, prepared, heard.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::scene::{Live, Run, Scene, root};

/// A scene with a cache of its own and voices in the folder `v`.
struct Kept(Scene);

impl Kept {
    fn new() -> Self {
        let kept = Self(Scene::new());
        fs::create_dir(kept.0.path("v")).unwrap();
        for (name, from) in [("one", "tiny"), ("many", "tiny_multi")] {
            for end in ["onnx", "onnx.json"] {
                let from = root().join(format!("tests/voices/{from}.{end}"));
                fs::copy(from, kept.0.path(&format!("v/{name}.{end}"))).unwrap();
            }
        }
        kept
    }

    fn line(&self, line: &str) -> String {
        // The test voices are not to be listed, nor to be removed.
        format!("XDG_CACHE_HOME=$PWD/cache PIPER_VOICE_DIR= piper-rs voices {line} --data-dir v")
    }

    fn sh(&self, line: &str) -> Run {
        self.0.sh(&self.line(line))
    }

    /// The folders of prepared voices.
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
fn whole_voices_are_verified_and_broken_ones_named() {
    let kept = Kept::new();
    let run = kept.sh("verify").ok();
    run.says(&["no catalogue to compare with"]);
    let text = kept.sh("verify -q").ok().silently();
    for line in [
        "ok   en_US-slt-low: speaks",
        "ok   many: speaks",
        "ok   one: speaks",
    ] {
        assert!(text.text().contains(line), "{}", text.text());
    }
    // A single-speaker graph under a config of three; a damaged graph.
    fs::copy(
        kept.0.path("v/many.onnx.json"),
        kept.0.path("v/one.onnx.json"),
    )
    .unwrap();
    let graph = kept.0.read("v/many.onnx");
    kept.0.write("v/many.onnx", &graph[..graph.len() / 2]);
    let bad = kept.sh("verify -q one many").exits(1);
    assert!(
        bad.text()
            .contains("bad  one: the config has 3 speakers, the graph one")
    );
    assert!(
        bad.text().contains("bad  many: bad voice model"),
        "{}",
        bad.text()
    );
    let json = kept.sh("verify -q --json one").exits(1);
    let json: Value = serde_json::from_str(json.text()).unwrap();
    assert_eq!(json["problems"].as_array().unwrap().len(), 1);
    kept.sh("verify none").exits(3);
}

#[test]
fn a_voice_is_compared_with_the_catalogue() {
    let kept = Kept::new();
    let entry =
        |md5: &str| format!(r#"{{"one": {{"files": {{"one.onnx": {{"md5_digest": "{md5}"}}}}}}}}"#);
    let real = piper_rs::download::Md5::of_file(&kept.0.path("v/one.onnx")).unwrap();
    kept.0.write("voices.json", entry(&real));
    let run = kept.sh("verify one --catalogue voices.json").ok();
    assert_eq!(run.text(), "ok   one: as in the catalogue, and speaks\n");
    kept.0.write("voices.json", entry(&"0".repeat(32)));
    let run = kept.sh("verify one --catalogue voices.json").exits(1);
    assert!(
        run.text().contains("`piper-rs voices get --force one`"),
        "{}",
        run.text()
    );
}

#[test]
fn a_removed_voice_takes_its_prepared_copy_along() {
    let kept = Kept::new();
    kept.0.write("v/one.MODEL_CARD", "* License: MIT\n");
    kept.0.write("v/.one.onnx.12345678.part", "some of it");
    let info = kept.sh("info one").ok();
    assert!(info.text().contains("licence   MIT") && info.text().contains("not prepared"));
    kept.sh("prepare one many")
        .ok()
        .says(&["one is prepared", "many is prepared"]);
    assert_eq!(kept.prepared().len(), 2);
    assert!(
        kept.sh("info one")
            .ok()
            .text()
            .contains("installed, prepared (")
    );
    kept.sh("remove one").exits(2).says(&["confirm with --yes"]);
    kept.sh("remove en_US-slt-low --yes")
        .exits(1)
        .says(&["inside the program"]);
    kept.sh("remove none --yes").exits(3);
    kept.sh("remove one --yes")
        .ok()
        .says(&["removed v/one.onnx"]);
    assert_eq!(kept.0.names("v"), ["many.onnx", "many.onnx.json"]);
    assert_eq!(kept.prepared().len(), 1);
}

#[test]
fn only_what_is_in_a_folder_for_voices_is_removed() {
    let kept = Kept::new();
    fs::create_dir(kept.0.path("elsewhere")).unwrap();
    for name in [
        "x.onnx",
        "x.onnx.json",
        "elsewhere/x.onnx",
        "elsewhere/x.onnx.json",
    ] {
        kept.0.write(name, "");
    }
    for asked in ["x", "./x.onnx", "elsewhere/x.onnx", "v/../elsewhere/x"] {
        let run = kept.sh(&format!("remove --yes {asked}")).exits(1);
        run.says(&["in no folder for voices"]);
    }
    assert!(kept.0.path("x.onnx").exists() && kept.0.path("elsewhere/x.onnx").exists());
    kept.sh("remove --yes elsewhere/x.onnx --data-dir elsewhere")
        .ok();
    assert_eq!(kept.0.names("elsewhere"), [""; 0]);
}

#[test]
fn prepared_voices_are_listed_cleared_and_limited() {
    let kept = Kept::new();
    kept.sh("prepare --list")
        .ok()
        .says(&["no voice is prepared"]);
    kept.sh("prepare")
        .ok()
        .says(&["many is prepared", "one is prepared"]);
    kept.sh("prepare one")
        .ok()
        .says(&["one was prepared already"]);
    let listed = kept.sh("prepare --list").ok().silently();
    let names: Vec<_> = listed
        .text()
        .lines()
        .map(|line| line.split(' ').next())
        .collect();
    assert_eq!(names, [Some("many"), Some("one")]);
    let json = kept.sh("prepare --list --json").ok();
    let first: Value = serde_json::from_str(json.text().lines().next().unwrap()).unwrap();
    assert!(first["bytes"].as_u64().unwrap() > 10_000, "{first}");
    kept.sh("prepare --clear")
        .ok()
        .says(&["2 prepared voices were removed"]);
    assert_eq!(kept.prepared().len(), 0);

    let limited = kept.sh("prepare many one --prepared-mb 0").ok();
    limited.says(&["many had to go", "--prepared-mb"]);
    let listed = kept.sh("prepare --list").ok();
    assert!(listed.text().starts_with("one") && listed.text().lines().count() == 1);
}

#[test]
fn a_damaged_prepared_voice_is_prepared_again() {
    let kept = Kept::new();
    kept.sh("prepare one").ok();
    let folder = kept.prepared().remove(0);
    fs::write(folder.join("fine.onnx"), "damaged").unwrap();
    kept.sh("prepare one").ok().says(&["one is prepared"]);
    assert_eq!(kept.prepared(), std::slice::from_ref(&folder));
    assert!(fs::metadata(folder.join("fine.onnx")).unwrap().len() > 1000);
    let speak = "XDG_CACHE_HOME=$PWD/cache piper-rs speak -m v/one.onnx -o x.wav Hello.";
    kept.0.sh(speak).ok().silently();
}

#[test]
fn two_that_prepare_one_voice_end_with_one_copy() {
    let kept = Kept::new();
    let line = format!("env {}", kept.line("prepare one"));
    let mut both: Vec<Live> = (0..2).map(|_| kept.0.start(&line)).collect();
    for live in &mut both {
        let (code, said, _) = live.ends();
        assert_eq!(code, Some(0), "{said}");
    }
    assert_eq!(kept.prepared().len(), 1);
    let left = kept.0.names("cache/piper-rs/prepared");
    assert!(
        !left.iter().any(|name| name.starts_with(".preparing")),
        "{left:?}"
    );
    kept.sh("prepare one")
        .ok()
        .says(&["one was prepared already"]);
}

#[test]
fn many_speakers_are_auditioned_into_labelled_files() {
    let scene = Scene::new();
    let manner = "--noise-scale 0 --noise-w 0";
    let line =
        format!("piper-rs voices audition -m tiny_multi {manner} -d out --speakers 0-1,carol Hi.");
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
    limited.ok().says(&["3 speakers: the first 2"]);
    assert_eq!(scene.names("two").len(), 2);
    let voices = scene.sh("piper-rs voices audition -m tiny --with tiny_multi -s 1 -d three Hi.");
    // One has no such speaker, which the other need not suffer from.
    voices.exits(1).says(&["no speaker `1`"]);
    assert_eq!(scene.names("three"), ["tiny_multi.wav"]);
    let wrong = scene.sh("piper-rs voices audition -m tiny_multi --speakers 7 -d four");
    wrong.exits(1).says(&["no speakers `7`; it has 0 to 2"]);
    scene
        .sh("piper-rs voices audition -m none -d four")
        .exits(3);
}

#[test]
fn an_audition_is_heard_in_turn() {
    let scene = Scene::with_device();
    let run = scene
        .sh("piper-rs voices audition -m tiny_multi --with tiny --play Hi.")
        .ok();
    run.says(&["speaker 0 (alice)", "speaker 2 (carol)", "piper-rs: tiny\n"]);
    assert!(scene.has_played());
    // Into one stream, too, one after the other.
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
