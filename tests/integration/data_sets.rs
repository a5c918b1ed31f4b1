//! `batch` for data sets: several readings of each text, and the list of results.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::scene::{Scene, Wav};

const GRID: &str = "piper-rs batch -m tiny_multi -d out --lines words --speakers 0-1,carol \
                    --length-scale 0.8,1.2 --takes 2 --seed 5 --results results.jsonl";

fn scene_with_words() -> Scene {
    let scene = Scene::new();
    scene.write("words", "Hey Jarvis.\nStop.\n");
    scene
}

/// The lines of a list of results.
fn results(scene: &Scene) -> Vec<Value> {
    let list = String::from_utf8(scene.read("results.jsonl")).unwrap();
    list.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn wavs(scene: &Scene, folder: &str) -> BTreeSet<String> {
    let names = scene.names(folder).into_iter();
    names.filter(|name| name.ends_with(".wav")).collect()
}

#[test]
fn a_sample_of_nothing_is_refused() {
    let scene = Scene::new();
    scene.write("list", "Hi.\n");
    let run = scene.sh("piper-rs batch -m tiny -d out --lines list --sample 3");
    run.exits(2).says(&["--sample chooses among"]);
}

#[test]
fn a_grid_makes_every_combination_and_lists_it() {
    let scene = scene_with_words();
    let run = scene.sh(GRID).ok();
    run.says(&["2 texts × 3 speakers × 2 length_scale × 2 takes"]);
    let lines = results(&scene);
    assert_eq!((lines.len(), wavs(&scene, "out").len()), (24, 24));
    let mut combinations = BTreeSet::new();
    for line in &lines {
        let wav = Wav::parse(&scene.read(line["file"].as_str().unwrap()));
        let seconds = wav.samples.len() as f64 / line["rate"].as_f64().unwrap();
        assert!((seconds - line["seconds"].as_f64().unwrap()).abs() < 1e-6);
        assert_eq!(line["voice"], "tiny_multi");
        let fields = [
            "text",
            "speaker",
            "speaker_id",
            "length_scale",
            "seed",
            "take",
        ];
        combinations.insert(fields.map(|field| line[field].to_string()));
    }
    assert_eq!(combinations.len(), 24);
    let last = ["\"Stop.\"", "\"carol\"", "2", "1.2", "6", "2"].map(str::to_owned);
    assert!(combinations.contains(&last), "{combinations:#?}");
    assert_eq!(lines[23]["file"], "out/0002-carol-length1.2-take2.wav");

    // A file of the grid is what its settings give alone.
    let alone = "piper-rs speak -m tiny_multi -s carol --length-scale 1.2 --seed 6 -o a.wav Stop.";
    scene.sh(alone).ok();
    let name = "out/0002-carol-length1.2-take2.wav";
    assert!(scene.wav(name).samples == scene.wav("a.wav").samples);
}

#[test]
fn the_list_is_complete_after_a_run_that_was_continued() {
    let scene = scene_with_words();
    // The time differs.
    let timeless = |scene: &Scene| {
        let mut lines = results(scene);
        for line in &mut lines {
            line.as_object_mut().unwrap().remove("cpu_seconds");
        }
        lines
    };
    scene.sh(GRID).ok();
    let complete = timeless(&scene);
    for name in [
        "0001-alice-length0.8-take1.wav",
        "0002-bob-length1.2-take2.wav",
    ] {
        std::fs::remove_file(scene.path(&format!("out/{name}"))).unwrap();
    }
    std::fs::remove_file(scene.path("results.jsonl")).unwrap();
    scene.sh(GRID).ok().says(&["2 texts spoken, 22 skipped"]);
    assert_eq!(timeless(&scene), complete);
    // More speakers: what exists is kept.
    let more = GRID.replace("--length-scale 0.8,1.2", "--length-scale 0.8,1.2,2");
    scene.sh(&more).ok().says(&["12 texts spoken, 24 skipped"]);
    assert_eq!(results(&scene).len(), 36);
}

#[test]
fn a_seed_that_was_not_chosen_is_listed_and_gives_the_same_audio() {
    let scene = scene_with_words();
    let line = "piper-rs batch -m tiny -d out --lines words --results results.jsonl";
    scene.sh(line).ok();
    let first = results(&scene);
    assert!(first[0]["seed"] != first[1]["seed"]);
    scene.sh(line).ok();
    assert_eq!(results(&scene), first, "the journal knows the seeds");
    let seed = &first[0]["seed"];
    let again = format!("piper-rs speak -m tiny --seed {seed} -o again.wav 'Hey Jarvis.'");
    scene.sh(&again).ok();
    assert!(scene.wav("again.wav").samples == scene.wav("out/0001.wav").samples);
}

#[test]
fn what_a_manifest_sets_does_not_vary() {
    let scene = Scene::new();
    let list = "id,text,speaker,length_scale,output_file\n\
                a,One.,bob,,\n\
                b,Two.,,2,x/b.wav\n";
    scene.write("list.csv", list);
    let line = "piper-rs batch -m tiny_multi -d out --manifest list.csv --speakers all \
                --length-scale 1,1.5 --name '{id}-{speaker}-{length_scale}' --results results.jsonl";
    scene.sh(line).ok();
    let files: Vec<_> = results(&scene)
        .iter()
        .map(|line| line["file"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "out/a-bob-1.wav",
        "out/a-bob-1.5.wav",
        "out/x/b-alice-length2.wav",
        "out/x/b-bob-length2.wav",
        "out/x/b-carol-length2.wav",
    ];
    assert_eq!(files, expected);
}

#[test]
fn a_grid_of_ten_thousand_is_planned_at_once() {
    let scene = Scene::new();
    let words: String = (0..1000).map(|n| format!("Word {n}.\n")).collect();
    scene.write("words", words);
    let line =
        "piper-rs batch -m tiny_multi -d out --lines words --speakers 0-1 --takes 5 --dry-run";
    let run = scene.sh(line).ok().says(&["would make 10000 of 10000"]);
    assert_eq!(run.text().lines().count(), 10_000);
}

#[test]
fn the_list_of_results_replaces_nothing_that_the_batch_reads_or_writes() {
    let scene = scene_with_words();
    scene.write("a.txt", "Hi.\n");
    scene.write("list.csv", "text\nHi.\n");
    let batch = "piper-rs batch -m tiny -d out --overwrite";
    let taken = "this batch itself reads or writes";
    let cases = [
        ("--lines words --results words", taken),
        ("--lines words --results ./WORDS", taken),
        ("--manifest list.csv --results list.csv", taken),
        ("a.txt --results a.txt", taken),
        ("a.txt --results out/a.wav", taken),
        ("a.txt --join b.wav --results b.wav", taken),
        ("a.txt --join b.wav --results b.cue", taken),
        ("a.txt --results out/.piper-rs-journal.jsonl", taken),
        ("a.txt --results /dev/stdout", "not to a stream"),
        ("a.txt --results /dev/stdout > shown", "not to a stream"),
        ("a.txt --results -", "not to a stream"),
        ("a.txt --results out", "is a folder"),
        ("a.txt --results none/r.jsonl", "there is no folder none"),
    ];
    for (flags, message) in cases {
        scene
            .sh(&format!("{batch} {flags}"))
            .exits(2)
            .says(&[message]);
        assert!(wavs(&scene, "out").is_empty(), "{flags}");
        assert!(!scene.path("b.wav").exists() && !scene.path("none").exists());
    }
    assert_eq!(scene.read("words"), b"Hey Jarvis.\nStop.\n");
    scene
        .sh("piper-rs batch -m tiny -d new a.txt --results ./new/r.jsonl --dry-run")
        .ok();
    scene
        .sh("piper-rs batch -m tiny -d new a.txt --results ./new/r.jsonl")
        .ok();
    assert!(scene.path("new/r.jsonl").exists());
}

#[test]
fn a_bad_grid_is_refused_before_any_file_is_made() {
    let scene = scene_with_words();
    scene.write("notes.jsonl", "{\"file\": 1}\n");
    let cases: [(&str, i32, &str); 9] = [
        ("--speakers 0-9", 2, "--speakers: no speakers `0-9`"),
        ("--speakers 0 --speaker 1", 2, "cannot be used with"),
        ("--length-scale 1,0", 2, "length_scale 0 is out of range"),
        ("--noise-w 0.5,x", 2, "not a number"),
        ("--takes 0", 2, "--takes"),
        ("--takes 4294967295", 2, "100000"),
        (
            "--takes 100000 --speed 1,2 --noise-w 0.1,0.2 --speakers all --noise-scale 0,0.1,0.2,0.3,0.4",
            2,
            "2 texts × 3 speakers × 2 speed × 5 noise_scale × 2 noise_w × 100000 takes are more",
        ),
        (
            "--takes 2 --name '{n}'",
            2,
            "`--name` needs what varies, such as -take{take}",
        ),
        ("--results notes.jsonl", 1, "is not a list of results"),
    ];
    for (flags, code, message) in cases {
        let line = format!("piper-rs batch -m tiny_multi -d out --lines words {flags}");
        scene.sh(&line).exits(code).says(&[message]);
        let is_empty = !scene.path("out").exists() || wavs(&scene, "out").is_empty();
        assert!(is_empty, "{flags}");
    }
    let one = scene.sh("piper-rs speak -m tiny --speed 1,2 -o a.wav Hello");
    one.exits(2).says(&["--speed takes one number"]);
}

#[test]
fn takes_without_noise_are_warned_of_once() {
    let scene = scene_with_words();
    let line = "piper-rs batch -m tiny_multi --lines words --takes 2 --dry-run -d";
    let warning = "all takes of a text will be the same";
    let run = scene
        .sh(&format!("{line} a --noise-scale 0 --noise-w 0"))
        .ok();
    assert_eq!(run.stderr.matches(warning).count(), 1, "{}", run.stderr);
    let run = scene.sh(&format!("{line} b --noise-w 0.8")).ok();
    assert!(!run.stderr.contains(warning), "{}", run.stderr);
}

#[test]
fn seeds_that_readers_of_json_round_are_not_listed() {
    let scene = scene_with_words();
    let line = "piper-rs batch $TINY -d out --lines words --results results.jsonl";
    let large = format!("{line} --seed 9007199254740992");
    scene
        .sh(&large)
        .exits(2)
        .says(&["seed 9007199254740992", "round"]);
    assert!(!scene.path("results.jsonl").exists());
    scene.sh(line).ok();
    for result in results(&scene) {
        assert!(result["seed"].as_u64().unwrap() < 1 << 53, "{result}");
    }
}

#[test]
fn a_speaker_that_the_voice_lacks_is_one_error() {
    let scene = scene_with_words();
    let line = "piper-rs batch $TINY -d out --lines words -s 5";
    let run = scene.sh(line).exits(1);
    assert_eq!(
        run.stderr.matches("no speaker `5`").count(),
        1,
        "{}",
        run.stderr
    );
    assert!(wavs(&scene, "out").is_empty());
}

#[test]
fn an_id_that_comes_twice_fails_alone_and_names_both_lines() {
    let scene = Scene::new();
    scene.write("list.csv", "id,text\na,One.\nb,Two.\na,Three.\n");
    let line = "piper-rs batch $TINY -d out --manifest list.csv";
    let error = "the id `a` is also that of line 2 of list.csv";
    scene.sh(line).exits(1).says(&["line 4 of list.csv", error]);
    assert_eq!(wavs(&scene, "out").len(), 2);
    // Other names do not clash.
    scene.sh(&format!("{line} --name '{{n}}-{{id}}'")).ok();
    assert_eq!(wavs(&scene, "out").len(), 5);
}

#[test]
fn manifests_of_spreadsheets_are_read() {
    for (name, content) in [
        ("list.tsv", "id\ttext\na\tOne, two; three.\n"),
        ("list.csv", "id;text\na;One, two.\n"),
    ] {
        let scene = Scene::new();
        scene.write(name, content);
        scene
            .sh(&format!("piper-rs batch $TINY -d out --manifest {name}"))
            .ok();
        assert!(scene.path("out/a.wav").exists(), "{name}");
    }
}
