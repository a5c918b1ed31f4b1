//! `batch --shard` and `--verify`: a batch that is divided among many runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::scene::{Run, Scene, root};

/// The sound files in a folder and below it: names and contents.
fn sounds(scene: &Scene, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for name in scene.names(folder) {
        let path = format!("{folder}/{name}");
        if scene.path(&path).is_dir() {
            let below = sounds(scene, &path).into_iter();
            found.extend(below.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else if !name.starts_with('.') {
            found.insert(name, scene.read(&path));
        }
    }
    found
}

/// A list of `n` lines.
fn scene_with_lines(n: usize) -> Scene {
    let scene = Scene::new();
    let mut lines = String::new();
    for n in 1..=n {
        _ = writeln!(lines, "Number {n}.");
    }
    scene.write("list", lines);
    scene
}

fn batch(folder: &str, flags: &str) -> String {
    format!("piper-rs batch -m tiny --seed 1 -d {folder} --lines list {flags}")
}

fn made(run: &Run) -> usize {
    let spoken = run.stderr.split(" text").next().unwrap_or_default();
    let number = spoken.rsplit(' ').next().unwrap_or_default();
    number.parse().unwrap_or_else(|_| panic!("{}", run.stderr))
}

/// How often each output was spoken, as all journals in a folder say.
fn spoken(scene: &Scene, folder: &str) -> BTreeMap<String, usize> {
    let mut spoken = BTreeMap::new();
    for name in scene.names(folder) {
        if !name.starts_with(".piper-rs-journal") {
            continue;
        }
        let journal = String::from_utf8(scene.read(&format!("{folder}/{name}"))).unwrap();
        // The last line of a journal may be cut.
        let lines = journal
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        for line in lines.filter(|line: &Value| line["event"] == "done") {
            if !line["pace"].is_null() {
                *spoken
                    .entry(line["output"].as_str().unwrap().to_owned())
                    .or_default() += 1;
            }
        }
    }
    spoken
}

/// Checks that the union of `n` shards is one whole run.
fn check_union(scene: &Scene, whole: &BTreeMap<String, Vec<u8>>, n: usize) {
    let mut total = 0;
    for index in 1..=n {
        let line = batch(&format!("of{n}"), &format!("--shard {index}/{n}"));
        total += made(&scene.sh(&line).ok());
    }
    assert_eq!(
        total,
        whole.len(),
        "each of {n} shards makes its own files alone"
    );
    assert!(sounds(scene, &format!("of{n}")) == *whole, "of {n}");
    let verified = scene.sh(&batch(&format!("of{n}"), "--verify")).ok();
    verified.says(&[&format!("{total} of {total} files are complete")]);
}

#[test]
fn the_union_of_shards_is_one_whole_run() {
    let scene = scene_with_lines(23);
    scene.sh(&batch("whole", "")).ok();
    let whole = sounds(&scene, "whole");
    assert_eq!(whole.len(), 23);
    for n in [1, 2, 3, 7] {
        check_union(&scene, &whole, n);
    }
}

#[test]
#[ignore = "a hundred runs; see docs/scale.md"]
fn the_union_of_a_hundred_shards_is_one_whole_run() {
    let scene = scene_with_lines(250);
    scene.sh(&batch("whole", "")).ok();
    let whole = sounds(&scene, "whole");
    check_union(&scene, &whole, 100);
}

#[test]
fn what_is_done_stays_done_in_another_division() {
    let scene = scene_with_lines(20);
    scene.sh(&batch("out", "--shard 2/3")).ok();
    let first = sounds(&scene, "out").len();
    assert!((1..20).contains(&first), "{first}");
    let mut made_now = 0;
    for index in 1..=5 {
        made_now += made(&scene.sh(&batch("out", &format!("--shard {index}/5"))).ok());
    }
    assert_eq!(first + made_now, 20);
    scene
        .sh(&batch("out", ""))
        .ok()
        .says(&["0 texts spoken, 20 skipped"]);
    assert_eq!(made(&scene.sh(&batch("out", "--shard 1/2")).ok()), 0);
    assert!(spoken(&scene, "out").values().all(|times| *times == 1));
}

#[test]
fn a_text_keeps_its_shard_if_others_are_added() {
    let scene = scene_with_lines(12);
    scene.sh(&batch("out", "--shard 1/2")).ok();
    let before = sounds(&scene, "out");
    let list = String::from_utf8(scene.read("list")).unwrap();
    scene.write("list", list + "One.\nMore.\nAnd more.\nAnd one more.\n");
    // In a folder of its own, where nothing is done: what is in it is this shard's.
    scene.sh(&batch("longer", "--shard 1/2")).ok();
    let after = sounds(&scene, "longer");
    assert!(
        before
            .iter()
            .all(|(name, bytes)| after.get(name) == Some(bytes))
    );
    assert!(
        (before.len()..before.len() + 4).contains(&after.len()),
        "{after:?}"
    );
}

#[test]
fn names_are_decided_by_the_whole_list() {
    let scene = Scene::new();
    let list =
        "{\"text\":\"a\",\"output_file\":\"x.wav\"}\n{\"text\":\"b\",\"output_file\":\"X.wav\"}\n";
    scene.write("list.jsonl", list);
    for index in 1..=3 {
        let line = format!("piper-rs batch -m tiny -d out --manifest list.jsonl --shard {index}/3");
        scene.sh(&line).exits(2).says(&["would both become"]);
    }
    // A text that fails is reported by one shard.
    scene.write(
        "list.jsonl",
        "{\"text\":\"a\"}\nnonsense\n{\"text\":\"b\"}\n",
    );
    let runs = (1..=3).map(|index| {
        scene.sh(&format!(
            "piper-rs batch -m tiny -d failed --manifest list.jsonl --shard {index}/3"
        ))
    });
    let codes: Vec<_> = runs.map(|run| run.code.unwrap()).collect();
    assert_eq!(codes.iter().sum::<i32>(), 1, "{codes:?}");
    assert_eq!(
        scene
            .names("failed")
            .iter()
            .filter(|name| name.ends_with(".wav"))
            .count(),
        2
    );
}

#[test]
fn every_shard_reports_what_cannot_be_read_on_its_machine() {
    let scene = Scene::new();
    let line = |n| format!("{{\"text\":\"Number {n}.\",\"voice\":\"v\"}}\n");
    scene.write("list.jsonl", (0..8).map(line).collect::<String>());
    let tiny = root().join("tests/voices/tiny.onnx");
    scene
        .sh(&format!(
            "mkdir with without; cp {0} with/v.onnx; cp {0}.json with/v.onnx.json",
            tiny.display()
        ))
        .ok();
    let shard = |index: u32, voices: &str| {
        scene.sh(&format!(
            "PIPER_VOICE_DIR={voices} piper-rs batch -d out --manifest list.jsonl --shard {index}/2"
        ))
    };
    // Of a text that one machine can speak and the other cannot, both know the owner.
    shard(1, "with").ok();
    shard(2, "without").exits(1).says(&["8 failed"]);
    let missing = 8 - sounds(&scene, "out").len();
    assert!((1..8).contains(&missing), "{missing}");
    let run = shard(2, "with").ok();
    assert_eq!(made(&run), missing);
    assert_eq!(sounds(&scene, "out").len(), 8);
}

#[test]
fn the_list_of_files_is_not_made_by_a_part() {
    let scene = scene_with_lines(2);
    let run = scene.sh(&batch("out", "--shard 1/2 --report all.jsonl"));
    run.exits(2).says(&["shard 1 of 2", "`--verify`"]);
}

#[test]
fn names_with_their_shard_are_verified() {
    let scene = scene_with_lines(9);
    let named = |flags: &str| batch("out", &format!("--name '{{shard}}/{{n:04}}' {flags}"));
    for index in 1..=3 {
        scene.sh(&named(&format!("--shard {index}/3"))).ok();
    }
    scene
        .sh(&named("--verify"))
        .ok()
        .says(&["9 of 9 files are complete"]);
    let part = scene.sh(&named("--verify --shard 2/3")).ok();
    let files = scene.names("out/2").len();
    part.says(&[&format!("{files} of {files} files are complete")]);
    // In another division they have other names.
    scene.sh(&named("--shard 1/2")).ok();
    let unclear = scene.sh(&named("--verify")).exits(2);
    unclear.says(&["--shard is needed"]);
}

#[test]
fn auto_is_the_task_of_an_array_job() {
    let scene = scene_with_lines(9);
    let slurm = |id: u32| {
        format!(
            "SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=7 \
             SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_STEP=1 {}",
            batch("slurm", "--shard auto")
        )
    };
    (5..=7).for_each(|id| _ = scene.sh(&slurm(id)).ok());
    (0..=2).for_each(|index| {
        let variables = format!("JOB_COMPLETION_INDEX={index} JOB_COMPLETIONS=3");
        let line = format!("{variables} {}", batch("kubernetes", "--shard auto"));
        scene.sh(&line).ok();
    });
    let journals = |folder| {
        let names = scene.names(folder).into_iter();
        names
            .filter(|name| name.starts_with('.'))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        journals("slurm"),
        [
            ".piper-rs-journal.1-of-3.jsonl",
            ".piper-rs-journal.2-of-3.jsonl",
            ".piper-rs-journal.3-of-3.jsonl"
        ]
    );
    assert!(sounds(&scene, "slurm") == sounds(&scene, "kubernetes"));
    let none = scene.sh(&batch("none", "--shard auto")).exits(2);
    none.says(&[
        "--shard auto: this is no task of an array job",
        "--shard I/N",
    ]);
    let lonely = format!("JOB_COMPLETION_INDEX=0 {}", batch("none", "--shard auto"));
    scene
        .sh(&lonely)
        .exits(2)
        .says(&["but not JOB_COMPLETIONS"]);
    scene
        .sh(&batch("none", "--shard 4/3"))
        .exits(2)
        .says(&["no part 4 of 3"]);
    scene
        .sh(&batch("none", "--shard 1/2 --join a.wav"))
        .exits(2);
}

#[test]
fn two_divisions_do_not_work_at_the_same_time() {
    let scene = scene_with_lines(400);
    let mut first = scene.start(&batch("out", "--shard 1/2 --jobs 1 --events json"));
    first.hear(1);
    let other = scene.sh(&batch("out", "--shard 1/3")).exits(1);
    other.says(&["another piper-rs makes shard 1 of 2 in out"]);
    scene
        .sh(&batch("out", ""))
        .exits(1)
        .says(&["another piper-rs makes shard 1 of 2"]);
    scene
        .sh(&batch("out", "--shard 1/2"))
        .exits(1)
        .says(&["another piper-rs makes shard 1 of 2"]);
    assert!(first.is_running(), "the batch was too short for this test");
    first.signal("KILL");
    first.ended_by();
    scene.write("list", "Number 1.\n");
    scene.sh(&batch("out", "--shard 1/3")).ok();
}

#[test]
fn verify_names_what_is_wrong() {
    let scene = scene_with_lines(6);
    let run = scene.sh(&batch("out", "--verify")).exits(1);
    assert_eq!(run.text().lines().count(), 6);
    assert!(
        run.text()
            .lines()
            .all(|line| line.starts_with("missing   out/000"))
    );
    assert!(!scene.path("out").exists(), "it changes nothing");
    for index in 1..=2 {
        scene.sh(&batch("out", &format!("--shard {index}/2"))).ok();
    }
    scene
        .sh(&batch("out", "--verify"))
        .ok()
        .says(&["6 of 6 files are complete"]);

    fs::remove_file(scene.path("out/0002.wav")).unwrap();
    let wav = scene.read("out/0003.wav");
    scene.write("out/0003.wav", &wav[..wav.len() - 2]);
    scene.write("out/0004.wav", "");
    fs::copy(scene.path("out/0001.wav"), scene.path("out/0007.wav")).unwrap();
    let list = String::from_utf8(scene.read("list")).unwrap();
    scene.write(
        "list",
        list.replace("Number 5.", "Number five.") + "Number 7.\n",
    );
    let run = scene.sh(&batch("out", "--verify")).exits(1);
    let faults = [
        "missing   out/0002.wav",
        "damaged   out/0003.wav",
        "damaged   out/0004.wav",
        "outdated  out/0005.wav",
        "foreign   out/0007.wav",
    ];
    assert_eq!(run.text().lines().collect::<Vec<_>>(), faults);
    run.says(&["2 of 7 files are complete, 1 missing, 2 damaged, 1 outdated, 1 foreign"]);
    let events = scene.sh(&batch("out", "--verify --events json")).exits(1);
    let first: Value = serde_json::from_str(events.text().lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["fault"], &first["item"]),
        (&"missing".into(), &2.into())
    );
}

#[test]
fn verify_looks_at_subtitles_and_times() {
    let scene = scene_with_lines(5);
    let batch = |flags: &str| batch("out", &format!("--srt --timings json {flags}"));
    scene.sh(&batch("")).ok();
    let complete = scene.sh(&batch("--verify")).ok();
    complete.says(&["15 of 15 files are complete"]);

    fs::remove_file(scene.path("out/0001.srt")).unwrap();
    scene.write("out/0002.srt", "");
    scene.write("out/0003.json", "[]");
    let journal = String::from_utf8(scene.read("out/.piper-rs-journal.jsonl")).unwrap();
    let lines = journal.lines().filter(|line| !line.contains("0004.srt"));
    let lines: Vec<_> = lines.collect();
    scene.write("out/.piper-rs-journal.jsonl", lines.join("\n") + "\n");
    let list = String::from_utf8(scene.read("list")).unwrap();
    scene.write("list", list.replace("Number 5.", "Number five."));
    let run = scene.sh(&batch("--verify")).exits(1);
    let faults = [
        "missing   out/0001.srt",
        "damaged   out/0002.srt",
        "damaged   out/0003.json",
        "foreign   out/0004.srt",
        "outdated  out/0005.wav",
        "outdated  out/0005.srt",
        "outdated  out/0005.json",
    ];
    assert_eq!(run.text().lines().collect::<Vec<_>>(), faults);
    run.says(&["8 of 15 files are complete, 1 missing, 2 damaged, 3 outdated, 1 foreign"]);
    let events = scene.sh(&batch("--verify --events json")).exits(1);
    let first: Value = serde_json::from_str(events.text().lines().next().unwrap()).unwrap();
    assert_eq!(first["output"], "out/0001.srt");
}

#[test]
fn verify_waits_for_nothing_and_wants_texts() {
    let scene = scene_with_lines(2);
    scene.sh(&batch("out", "")).ok();
    scene.sh("rm out/0002.wav; mkfifo out/0002.wav").ok();
    let run = scene
        .sh(&batch("out", "--verify --report all.jsonl"))
        .exits(1);
    assert_eq!(run.text(), "damaged   out/0002.wav\n");
    scene.write("list", "");
    scene
        .sh(&batch("out", "--verify"))
        .exits(1)
        .says(&["0 of 0 files"]);
}

#[test]
fn verify_sees_what_two_runs_have_made_at_the_same_time() {
    let scene = scene_with_lines(3);
    scene.sh(&batch("out", "")).ok();
    let journal = String::from_utf8(scene.read("out/.piper-rs-journal.jsonl")).unwrap();
    let other = "out/.piper-rs-journal.1-of-2.jsonl";
    // As on a file system without locks.
    scene.write(other, &journal);
    let run = scene.sh(&batch("out", "--verify")).exits(1);
    assert_eq!(run.text().lines().next(), Some("twice     out/0001.wav"));
    run.says(&["0 of 3 files are complete, 3 twice"]);
    // A run alone makes it right.
    scene.sh(&batch("out", "--force")).ok();
    scene.sh(&batch("out", "--verify")).ok();
    // Made again after it was deleted: that is no fault.
    fs::remove_file(scene.path(other)).unwrap();
    fs::remove_file(scene.path("out/0002.wav")).unwrap();
    scene.sh(&batch("out", "--shard 1/2")).ok();
    scene.sh(&batch("out", "--shard 2/2")).ok();
    scene.sh(&batch("out", "--verify")).ok();
}

#[test]
fn damaged_lines_of_a_journal_are_named_and_cost_only_their_files() {
    let scene = scene_with_lines(3);
    scene.sh(&batch("out", "")).ok();
    let path = "out/.piper-rs-journal.jsonl";
    let journal = String::from_utf8(scene.read(path)).unwrap();
    let damaged = journal.lines().map(|line| match line.contains("0002.wav") {
        true => line.replace("fingerprint", "fingerpr\0nt"),
        false => line.to_owned(),
    });
    let damaged: Vec<_> = damaged.collect();
    scene.write(path, damaged.join("\n") + "\n");
    let note = "out/.piper-rs-journal.jsonl: ignored 2 damaged lines; ";
    let run = scene.sh(&batch("out", "--verify")).exits(1);
    assert_eq!(run.text(), "foreign   out/0002.wav\n");
    run.says(&[note, "2 of 3 files are complete, 1 foreign"]);
    scene.sh(&batch("out", "--dry-run")).exits(1).says(&[note]);
    let run = scene.sh(&batch("out", "")).exits(1);
    run.says(&[
        note,
        "out/0002.wav already exists and was not made by this batch",
    ]);
    let run = scene.sh(&batch("out", "--overwrite --quiet")).ok();
    assert_eq!(run.stderr, "");
    // The file is known again, and the lines stay.
    scene.sh(&batch("out", "--verify")).ok().says(&[note]);
    let journal = String::from_utf8(scene.read(path)).unwrap();
    let lines = journal.lines().filter(|line| !line.contains('\0'));
    let lines: Vec<_> = lines.collect();
    scene.write(path, lines.join("\n") + "\n");
    let run = scene.sh(&batch("out", "--verify")).ok();
    assert!(!run.stderr.contains("damaged"), "{}", run.stderr);
}

#[test]
fn the_list_of_all_shards_is_made_by_verify() {
    let scene = scene_with_lines(5);
    for index in 1..=2 {
        scene.sh(&batch("out", &format!("--shard {index}/2"))).ok();
    }
    scene.sh(&batch("out", "--verify --report all.jsonl")).ok();
    let list = String::from_utf8(scene.read("all.jsonl")).unwrap();
    let lines: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 5);
    for line in lines {
        let file = line["file"].as_str().unwrap();
        assert_eq!(line["bytes"], scene.read(file).len());
        assert!(line["cpu_seconds"].as_f64().unwrap() > 0.0, "{line}");
        assert!(
            line["machine"]
                .as_str()
                .unwrap()
                .starts_with(std::env::consts::ARCH)
        );
    }
}

/// Kills runs of an array at random moments, `kills` times, and lets it end.
fn kill_an_array(kills: usize, seed: u64) {
    const SHARDS: u64 = 3;
    let scene = scene_with_lines(kills * 4 + 40);
    let mut state = seed;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let shard = |index| {
        batch(
            "out",
            &format!("--srt --events json --shard {index}/{SHARDS}"),
        )
    };
    for _ in 0..kills {
        let (victim, other) = (random(SHARDS) + 1, random(SHARDS) + 1);
        let mut live = scene.start(&shard(victim));
        let mut beside = (other != victim).then(|| scene.start(&shard(other)));
        // Anywhere between the start and a few finished texts.
        live.hear(random(2_000) as usize);
        live.signal("KILL");
        live.ended_by();
        if let Some(beside) = &mut beside {
            beside.hear(random(1_000) as usize);
            beside.signal("KILL");
            beside.ended_by();
        }
    }
    let before = spoken(&scene, "out").len();
    for index in 1..=SHARDS {
        scene.sh(&shard(index)).ok();
    }
    let spoken = spoken(&scene, "out");
    // A run that is killed between a file and its record is found to be complete.
    assert!(spoken.values().all(|times| *times == 1), "{spoken:?}");
    assert!(
        before > 0 && spoken.len() > before,
        "{before} of {}",
        spoken.len()
    );
    scene.sh(&batch("out", "--srt --verify")).ok();
    scene.sh(&batch("whole", "--srt")).ok();
    assert!(sounds(&scene, "out") == sounds(&scene, "whole"));
    let left = scene.names("out");
    assert!(
        left.iter()
            .all(|name| !name.starts_with(".piper-rs-") || name.ends_with("jsonl")),
        "{left:?}"
    );
}

#[test]
fn after_random_kills_nothing_is_missing_or_made_twice() {
    kill_an_array(6, 1);
}

#[test]
#[ignore = "a hundred kills; see docs/scale.md"]
fn after_a_hundred_random_kills_nothing_is_missing_or_made_twice() {
    kill_an_array(100, 2);
}

/// The folders in the cache of prepared voices, hidden ones included.
fn prepared(scene: &Scene) -> Vec<String> {
    let names = scene.names("cache/piper-rs/prepared").into_iter();
    names
        .filter(|name| name != "locks" && name != "seen")
        .collect()
}

#[test]
fn many_tasks_that_start_with_an_empty_cache_prepare_a_voice_once() {
    let scene = scene_with_lines(1);
    let speak = |n: u32| {
        let line = format!("env XDG_CACHE_HOME=$PWD/cache piper-rs speak $TINY -o {n}.wav Hello.");
        scene.start(&line)
    };
    let mut tasks: Vec<_> = (0..8).map(speak).collect();
    for task in &mut tasks {
        let (code, said, _) = task.ends();
        assert_eq!(code, Some(0), "{said}");
    }
    assert_eq!(prepared(&scene).len(), 1, "{:?}", prepared(&scene));
    let first = scene.read("0.wav");
    (1..8).for_each(|n| assert!(scene.read(&format!("{n}.wav")) == first, "{n}"));
}

#[test]
fn a_signal_ends_a_task_that_waits_for_another_to_prepare_its_voice() {
    let scene = scene_with_lines(1);
    let run = format!("env XDG_CACHE_HOME=$PWD/cache {}", batch("out", ""));
    scene.sh(&run).ok();
    let name = prepared(&scene).remove(0);
    fs::remove_dir_all(scene.path(&format!("cache/piper-rs/prepared/{name}"))).unwrap();
    fs::remove_dir_all(scene.path("out")).unwrap();
    let lock = scene.path(&format!("cache/piper-rs/prepared/locks/{name}"));
    let lock = fs::File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let mut task = scene.start(&run);
    task.until_says("preparing tiny");
    task.signal("TERM");
    assert_eq!(task.ends().0, Some(130));
    assert!(prepared(&scene).is_empty());
    drop(lock);
    scene.sh(&run).ok();
}

#[test]
fn a_damaged_prepared_voice_is_replaced_and_stays_for_those_who_use_it() {
    let scene = scene_with_lines(1);
    let speak = "XDG_CACHE_HOME=$PWD/cache piper-rs speak $TINY -o";
    scene.sh(&format!("{speak} a.wav Hello.")).ok();
    let name = prepared(&scene).remove(0);
    let mut parts = scene.names(&format!("cache/piper-rs/prepared/{name}"));
    parts.retain(|name| name != "record.json");
    let part = parts.pop().unwrap();
    let file = format!("cache/piper-rs/prepared/{name}/{part}");
    // A user of the voice has it open.
    let mut user = std::fs::File::open(scene.path(&file)).unwrap();
    let before = scene.read(&file);
    scene.sh(&format!("touch -d 2001-01-01 {file}")).ok();
    scene.sh(&format!("{speak} b.wav Hello.")).ok();
    assert!(scene.read("a.wav") == scene.read("b.wav"));
    let names = prepared(&scene);
    assert_eq!((names.len(), names.contains(&name)), (2, true), "{names:?}");
    let aside = names
        .iter()
        .find(|name| name.starts_with(".damaged-"))
        .unwrap();
    let kept = scene.read(&format!("cache/piper-rs/prepared/{aside}/{part}"));
    assert!(
        kept == before,
        "on a network drive a removed file is gone for all"
    );
    let mut read = Vec::new();
    std::io::Read::read_to_end(&mut user, &mut read).unwrap();
    assert!(read == before);
    let list = scene
        .sh("XDG_CACHE_HOME=$PWD/cache piper-rs voices prepare --list")
        .text()
        .to_owned();
    assert!(!list.contains(".damaged"), "{list}");
}

#[test]
fn slurm_limits_the_cores() {
    let scene = scene_with_lines(40);
    let line = format!("SLURM_CPUS_PER_TASK=1 {}", batch("out", "--dry-run"));
    scene.sh(&line).ok().says(&["with 1 job ("]);
    let line = format!(
        "SLURM_CPUS_PER_TASK=x SLURM_CPUS_ON_NODE=1 {}",
        batch("out", "--dry-run")
    );
    scene.sh(&line).ok().says(&["with 1 job ("]);
    // Two jobs, on a machine with more than one core.
    let free = scene.sh(&batch("out", "--dry-run")).ok().stderr;
    let cores = std::thread::available_parallelism().unwrap().get();
    assert_eq!(free.contains("with 1 job ("), cores == 1, "{free}");
}
