//! What `piper-rs batch` promises: names, several voices, continuing, failures,
//! events, joining.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::scene::{Run, Scene, Wav, root, silence};

const JOURNAL: &str = ".piper-rs-journal.jsonl";

/// Writes files, with the folders they are in.
fn tree(scene: &Scene, files: &[(&str, &str)]) {
    for (name, text) in files {
        fs::create_dir_all(scene.path(name).parent().unwrap()).unwrap();
        scene.write(name, text);
    }
}

/// The files below a folder except the journal: names and contents.
fn outputs(scene: &Scene, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for name in scene
        .names(folder)
        .into_iter()
        .filter(|name| name != JOURNAL)
    {
        let path = format!("{folder}/{name}");
        if scene.path(&path).is_dir() {
            let below = outputs(scene, &path).into_iter();
            found.extend(below.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            found.insert(name, scene.read(&path));
        }
    }
    found
}

fn names(scene: &Scene, folder: &str) -> Vec<String> {
    outputs(scene, folder).into_keys().collect()
}

fn events(run: &Run) -> Vec<Value> {
    let lines = run.text().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The names of the events in order: `["start", …]`.
fn event_names(run: &Run) -> Vec<String> {
    let events = events(run);
    let name = |event: &Value| event["event"].as_str().unwrap().to_owned();
    events.iter().map(name).collect()
}

/// A manifest of `n` texts over the three voices.
fn manifest(scene: &Scene, n: usize) {
    let mut lines = String::new();
    for n in 0..n {
        // The built-in voice is the slowest, so it gets few texts.
        let voice = match n % 10 {
            0 => "",
            odd if odd % 2 == 1 => r#","voice":"tiny""#,
            _ => r#","voice":"tiny_multi","speaker":"bob""#,
        };
        _ = writeln!(lines, r#"{{"text":"Number {n}.","id":"{n}"{voice}}}"#);
    }
    scene.write("list.jsonl", lines);
}

// -- names

#[test]
fn outputs_keep_their_folders_and_sound_like_speak() {
    let scene = Scene::new();
    tree(
        &scene,
        &[
            ("in/a/one.txt", "One.\n\nMore of it."),
            ("in/two.txt", "Two."),
            ("in/notes.md", "Not this."),
        ],
    );
    scene.sh("piper-rs batch $TINY -d out in").ok();
    assert_eq!(names(&scene, "out"), ["a/one.wav", "two.wav"]);
    scene
        .sh("piper-rs speak $TINY -i in/a/one.txt -o one.wav")
        .ok();
    assert!(scene.read("out/a/one.wav") == scene.read("one.wav"));

    scene.sh("piper-rs batch $TINY -d md --glob '*.md' in").ok();
    assert_eq!(names(&scene, "md"), ["notes.wav"]);
    scene.sh("piper-rs batch $TINY -d typed in/a/one.txt").ok();
    assert_eq!(names(&scene, "typed"), ["in/a/one.wav"]);
}

#[test]
fn lines_get_numbers_or_the_names_of_a_template() {
    let scene = Scene::new();
    scene.write("list", "One, two.\n\nThree!\n");
    scene.sh("piper-rs batch $TINY -d a --lines list").ok();
    assert_eq!(names(&scene, "a"), ["0001.wav", "0002.wav"]);
    let template = "{voice}/{stem}-{n:02}-{slug}";
    let line = format!("piper-rs batch $TINY -d b --lines - --name '{template}' < list");
    scene.sh(&line).ok();
    let expected = ["tiny/stdin-01-one-two.wav", "tiny/stdin-02-three.wav"];
    assert_eq!(names(&scene, "b"), expected);
}

#[test]
fn invalid_names_are_refused_before_any_file_is_made() {
    let scene = Scene::new();
    tree(
        &scene,
        &[("in/a.txt", "One."), ("in/A.txt", "Two."), ("b.txt", "B.")],
    );
    let clash = "in/A.txt and in/a.txt would both become out/a.wav";
    scene.write("over.csv", "file,output_file\nb.txt,../b.txt\n");
    let needed = "would become out/../b.txt, which this batch itself reads or writes";
    let cases: [(&str, &[&str]); 7] = [
        ("--manifest over.csv --force", &[needed]),
        (
            "b.txt --join out/B.wav",
            &["out/b.wav, which this batch itself reads or writes"],
        ),
        ("in", &[clash, "--name"]),
        ("b.txt --name '{sten}'", &["{sten}", "{stem}"]),
        ("b.txt --name '{id}'", &["b.txt", "{id}"]),
        ("b.txt --name '../x'", &["../x"]),
        ("b.txt --glob 'a['", &["--glob"]),
    ];
    for (flags, words) in cases {
        let run = scene.sh(&format!("piper-rs batch $TINY -d out {flags}"));
        run.exits(2).says(words);
        let is_empty = !scene.path("out").exists() || names(&scene, "out").is_empty();
        assert!(is_empty, "{flags}");
    }
}

#[test]
fn a_batch_without_input_names_every_kind_of_input() {
    let scene = Scene::new();
    let run = scene.sh("piper-rs batch -d out").exits(2);
    run.says(&["PATH", "--lines <FILE>", "--manifest <FILE>"]);
}

// -- work

#[test]
fn the_number_of_jobs_does_not_change_the_files() {
    let scene = Scene::new();
    manifest(&scene, 40);
    for jobs in ["1", "4"] {
        let line = format!("piper-rs batch -d {jobs} --manifest list.jsonl --seed 7 --jobs {jobs}");
        scene.sh(&line).ok();
    }
    let (one, four) = (outputs(&scene, "1"), outputs(&scene, "4"));
    assert_eq!(one.len(), 40);
    assert!(one == four);
}

#[test]
fn each_voice_is_loaded_once_even_if_the_list_alternates() {
    let scene = Scene::new();
    manifest(&scene, 40);
    let line = "piper-rs batch -d out --manifest list.jsonl --cache-voices 1 --jobs 1 -q \
                --stats=json --events json";
    let run = scene.sh(line).ok();
    let end = events(&run).pop().unwrap();
    assert_eq!(
        (&end["done"], &end["cache"]["loads"]),
        (&40.into(), &3.into())
    );
    assert_eq!(end["cache"]["evictions"], 2);
    let pool = &end["pool"];
    assert!(pool["peak_in_flight"].as_u64().unwrap() <= 2, "{pool}");
    assert_eq!(pool["in_flight"], 0);
    // Standard error has the same statistics and nothing else.
    let stats: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(stats["cache"], end["cache"]);
}

#[test]
#[cfg(unix)]
fn a_voice_with_two_names_is_one_voice() {
    let scene = Scene::new();
    for ending in ["onnx", "onnx.json"] {
        let voice = root().join("tests/voices/tiny").with_extension(ending);
        let link = scene.path(&format!("link.{ending}"));
        std::os::unix::fs::symlink(voice, link).unwrap();
    }
    let voices = [
        "tiny",
        "tiny_multi",
        "link.onnx",
        "tiny_multi",
        "./link.onnx",
    ];
    let lines = voices.map(|voice| format!(r#"{{"text":"Hello.","voice":"{voice}"}}"#));
    scene.write("list.jsonl", lines.join("\n"));
    let line = "piper-rs batch -d out --manifest list.jsonl --cache-voices 1 -j 1 --events json";
    let end = events(&scene.sh(line).ok()).pop().unwrap();
    assert_eq!(
        (&end["done"], &end["cache"]["loads"]),
        (&5.into(), &2.into())
    );
}

#[test]
fn a_manifest_sets_what_flags_set_and_errors_name_the_field() {
    let scene = Scene::new();
    let heads = "id,text,sentence_silence,noise_scale,noise_w,volume,normalize,config";
    let tiny = root().join("tests/voices/tiny.onnx.json");
    let list = format!(
        "\u{feff}{heads}\r\n\
         a,\"One. \"\"Two.\"\"\",0.7,0.1,0.2,0.5,off,{}\r\n\
         b,One.,long,,,,,\r\n\
         c,One.,,,\"0,5\",,,\r\n",
        tiny.display()
    );
    scene.write("list.csv", list);
    let line = "piper-rs batch -m tiny -d out --seed 1 --manifest list.csv --events json";
    let run = scene.sh(line).exits(1);
    let run = run.says(&[
        "line 3 of list.csv: sentence_silence \"long\" is not a number",
        "line 4 of list.csv: noise_w \"0,5\" is not a number",
    ]);
    let flags = "--sentence-silence 0.7 --noise-scale 0.1 --noise-w 0.2 --volume 0.5 \
                 --normalize off --seed 1";
    let spoken = scene.spoken(&format!("-m tiny {flags}"), "One. \"Two.\"");
    assert!(scene.wav("out/a.wav").samples == spoken.samples);
    let failed: Vec<_> = events(&run)
        .into_iter()
        .filter(|event| event["event"] == "fail")
        .map(|event| event["id"].clone())
        .collect();
    assert_eq!(failed, ["b", "c"]);
}

#[test]
fn one_bad_text_does_not_stop_the_others() {
    let scene = Scene::new();
    let list = "text,voice,speaker,speed\n\
                One.,tiny,,\n\
                Two.,nobody,,\n\
                Three.,tiny_multi,dave,\n\
                Four.,tiny,,0\n\
                Five.,tiny_multi,carol,2\n";
    scene.write("list.csv", list);
    tree(&scene, &[("in/bad.txt", ""), ("in/good.txt", "Good.")]);
    scene.write("in/bad.txt", b"\xff\xfe\xfd");
    let run = scene
        .sh("piper-rs batch -d out --manifest list.csv")
        .exits(1);
    run.says(&[
        "line 3 of list.csv: no voice `nobody`",
        "line 4 of list.csv: no speaker `dave`",
        "line 5 of list.csv: speed 0",
        "2 texts spoken, 3 failed",
    ]);
    assert_eq!(names(&scene, "out"), ["0001.wav", "0005.wav"]);

    let run = scene
        .sh("piper-rs batch $TINY -d files in missing.txt")
        .exits(1);
    let run = run.says(&["in/bad.txt", "missing.txt", "1 text spoken, 2 failed"]);
    assert_eq!(
        run.stderr.matches("missing.txt").count(),
        1,
        "{}",
        run.stderr
    );
    assert_eq!(names(&scene, "files"), ["good.wav"]);
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let scene = Scene::new();
    let bad = r#"{"text":"Bad.","voice":"tiny","speaker":"9"}"#;
    let good = r#"{"text":"Good.","voice":"tiny"}"#;
    scene.write("list.jsonl", [bad, good, good, good].join("\n"));
    let line = "piper-rs batch -d out --manifest list.jsonl --jobs 1 --fail-fast";
    scene
        .sh(line)
        .exits(1)
        .says(&["line 1 of list.jsonl", "0 texts spoken, 1 failed"]);
    assert!(names(&scene, "out").is_empty());
}

#[test]
fn a_missing_voice_of_the_command_line_is_one_error() {
    let scene = Scene::new();
    scene.write("list", "One.\nTwo.\n");
    let run = scene
        .sh("piper-rs batch -m nobody -d out --lines list")
        .exits(3);
    assert_eq!(run.stderr.matches("no voice `nobody`").count(), 1);
}

#[test]
fn unknown_phonemes_are_reported_once_for_all_texts() {
    let scene = Scene::new();
    let config = fs::read(root().join("tests/voices/tiny.onnx.json")).unwrap();
    let mut config: Value = serde_json::from_slice(&config).unwrap();
    config["phoneme_id_map"]
        .as_object_mut()
        .unwrap()
        .remove("l")
        .unwrap();
    scene.write("no-l.json", config.to_string());
    scene.write("list", "Low.\nLily.\n");
    let line = "piper-rs batch $TINY -c no-l.json -d out --lines list";
    let run = scene
        .sh(line)
        .ok()
        .says(&["left out 3 phonemes", "`l` (3)"]);
    assert_eq!(run.stderr.matches("left out").count(), 1);
}

// -- continuing

#[test]
fn current_files_are_skipped() {
    let scene = Scene::new();
    tree(&scene, &[("in/a.txt", "One."), ("in/b.txt", "Two.")]);
    let batch = |flags: &str| {
        scene.sh(&format!(
            "piper-rs batch $TINY -d out in --events json {flags}"
        ))
    };
    let modified = |name: &str| fs::metadata(scene.path(name)).unwrap().modified().unwrap();
    let counts = |run: &Run| {
        let end = events(run).pop().unwrap();
        ["done", "skipped", "failed"].map(|count| end[count].as_u64().unwrap())
    };
    assert_eq!(counts(&batch("").ok()), [2, 0, 0]);
    let before = modified("out/b.wav");
    let again = batch("").ok();
    assert_eq!(event_names(&again), ["skip", "skip", "end"]);

    scene.write("in/a.txt", "One and a half.");
    let refused = batch("")
        .exits(1)
        .says(&["out/a.wav", "another text", "--overwrite"]);
    assert_eq!(counts(&refused), [0, 1, 1]);
    assert_eq!(counts(&batch("--overwrite").ok()), [1, 1, 0]);
    assert_eq!(modified("out/b.wav"), before);
    assert_eq!(counts(&batch("--speed 2").exits(1)), [0, 0, 2]);
    assert_eq!(counts(&batch("--force").ok()), [2, 0, 0]);
    assert!(modified("out/b.wav") > before);

    // Deleted, cut short, and changed.
    fs::remove_file(scene.path("out/a.wav")).unwrap();
    let whole = scene.read("out/b.wav");
    scene.write("out/b.wav", &whole[..whole.len() / 2]);
    assert_eq!(counts(&batch("").ok()), [2, 0, 0]);
    assert!(scene.read("out/b.wav") == whole);
    scene.write("out/b.wav", [&whole[..], b"LIST"].concat());
    batch("").exits(1).says(&["out/b.wav", "changed since"]);
}

#[test]
fn a_foreign_file_is_kept() {
    let scene = Scene::new();
    tree(
        &scene,
        &[
            ("in/a.txt", "One."),
            ("in/b.txt", "Two."),
            ("out/a.wav", "mine"),
        ],
    );
    let run = scene.sh("piper-rs batch $TINY -d out in").exits(1);
    run.says(&[
        "out/a.wav already exists and was not made by this batch",
        "1 text spoken, 1 failed",
    ]);
    assert_eq!(scene.read("out/a.wav"), b"mine");
    scene.sh("piper-rs batch $TINY -d out in --overwrite").ok();
    Wav::parse(&scene.read("out/a.wav"));
}

/// Pseudo-random numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % n
    }
}

#[test]
fn a_batch_killed_ten_times_makes_the_same_files() {
    let scene = Scene::new();
    manifest(&scene, 200);
    let line = |folder| {
        let fixed = "--manifest list.jsonl --seed 3 --speed 3 --events json";
        format!("exec piper-rs batch -d {folder} {fixed}")
    };
    scene.sh(&line("undisturbed")).ok();
    let mut dice = Dice(20);
    let mut finished = Vec::new();
    for _ in 0..10 {
        let mut child = scene
            .command("sh")
            .args(["-c", &line("killed")])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (mut left, yields) = (1 + dice.below(24), dice.below(2000));
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines {
            let event: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if event["event"] == "finish" {
                finished.push(event["item"].as_u64().unwrap());
            }
            left -= u64::from(event["event"] != "skip");
            if left == 0 {
                break;
            }
        }
        assert_eq!(left, 0, "it finished before it was killed");
        for _ in 0..yields {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // A file with its final name is complete.
        for (name, bytes) in outputs(&scene, "killed") {
            let hidden = name.starts_with('.');
            assert!(hidden || Wav::parse(&bytes).samples.len() > 1000, "{name}");
        }
    }
    let run = scene.sh(&line("killed")).ok();
    let last = events(&run);
    let last = last.iter().filter(|event| event["event"] == "finish");
    finished.extend(last.map(|event| event["item"].as_u64().unwrap()));
    let (undisturbed, killed) = (outputs(&scene, "undisturbed"), outputs(&scene, "killed"));
    assert_eq!(killed.len(), 200);
    assert!(undisturbed == killed, "names or bytes differ");
    let count = finished.len();
    finished.sort_unstable();
    finished.dedup();
    assert_eq!(finished.len(), count, "a text was spoken twice");
    assert_eq!(
        scene
            .sh(&line("killed"))
            .ok()
            .text()
            .matches("\"skip\"")
            .count(),
        200
    );
}

#[test]
fn ctrl_c_stops_at_once_and_leaves_complete_files() {
    let scene = Scene::new();
    tree(&scene, &[("in/a.txt", "Short.")]);
    scene.write(
        "in/b.txt",
        "This is one of very many sentences. ".repeat(2000),
    );
    let line = "piper-rs batch -d out in --jobs 1 --seed 1 --events json";
    let mut live = scene.start(line);
    let mut heard = String::new();
    while !heard.contains("\"item\":2") {
        heard.push_str(&String::from_utf8(live.hear(1)).unwrap());
    }
    live.signal("INT");
    let (code, said, _) = live.ends();
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("1 text spoken"), "{said}");
    assert_eq!(names(&scene, "out"), ["a.wav"]);
    scene.write("in/b.txt", "Now it is short.");
    let run = scene.sh(line).ok();
    assert_eq!(event_names(&run), ["skip", "start", "finish", "end"]);
}

// -- reporting

#[test]
fn a_dry_run_lists_the_plan_and_makes_nothing() {
    let scene = Scene::new();
    tree(
        &scene,
        &[("in/a.txt", "Hello there."), ("in/b.txt", "Two.")],
    );
    let run = scene.sh("piper-rs batch $TINY -d out in --dry-run").ok();
    assert!(
        run.text()
            .contains("make  out/a.wav  12 characters, about 0:0"),
        "{}",
        run.text()
    );
    run.says(&["would make 2 of 2: 16 characters", "a rough guess"]);
    assert!(!scene.path("out").exists());

    scene
        .sh("piper-rs batch $TINY -d out in/a.txt --name a")
        .ok();
    let run = scene
        .sh("piper-rs batch $TINY -d out in --dry-run --events json")
        .ok();
    let plan = events(&run);
    assert_eq!(
        (&plan[1]["event"], &plan[1]["chars"]),
        (&"plan".into(), &4.into())
    );
}

#[test]
fn events_report_every_start_and_end() {
    let scene = Scene::new();
    let list = "{\"text\":\"One.\",\"id\":\"first\"}\n\n{\"text\":\"Two.\",\"speaker\":\"9\"}\n";
    scene.write("list.jsonl", list);
    let line = "piper-rs batch $TINY -d out --manifest list.jsonl --jobs 1 --events json -q";
    let run = scene.sh(line).exits(1);
    assert_eq!(
        event_names(&run),
        ["start", "finish", "start", "fail", "end"]
    );
    let events = events(&run);
    let (finish, fail, end) = (&events[1], &events[3], &events[4]);
    assert_eq!((&finish["item"], &finish["line"]), (&1.into(), &1.into()));
    assert_eq!(
        (&finish["id"], &fail["id"]),
        (&"first".into(), &Value::Null)
    );
    assert_eq!(finish["output"], "out/first.wav");
    let wav = scene.wav("out/first.wav");
    let audio_seconds = finish["audio_seconds"].as_f64().unwrap();
    assert!((audio_seconds - wav.seconds()).abs() < 1e-6);
    assert_eq!(finish["bytes"], scene.read("out/first.wav").len());
    assert_eq!(
        (&fail["file"], &fail["line"]),
        (&"list.jsonl".into(), &3.into())
    );
    assert!(
        fail["error"]
            .as_str()
            .unwrap()
            .starts_with("no speaker `9`"),
        "{fail}"
    );
    assert_eq!(
        (&end["done"], &end["failed"], &end["interrupted"]),
        (&1.into(), &1.into(), &false.into())
    );
}

// -- joining

#[test]
fn parts_are_joined_in_the_order_of_the_list() {
    let scene = Scene::new();
    let list = "id,text,voice\nb,One.,tiny\na,Two.,tiny_multi\nc,Three.,tiny\n";
    scene.write("list.csv", list);
    let flags = "--manifest list.csv --seed 1 --paragraph-silence 0.5";
    let line = format!("piper-rs batch -d out {flags} --join book.wav");
    scene.sh(&line).ok();
    let part = |name: &str| scene.wav(&format!("out/{name}.wav")).samples;
    let pause = silence(11_025);
    let (b, a, c) = (part("b"), part("a"), part("c"));
    let expected = [&b[..], &pause, &a, &pause, &c].concat();
    let book = scene.wav("book.wav");
    assert!(
        book.samples == expected,
        "{} {}",
        book.samples.len(),
        expected.len()
    );

    let cue = String::from_utf8(scene.read("book.cue")).unwrap();
    assert!(cue.starts_with("FILE \"book.wav\" WAVE\n  TRACK 01 AUDIO\n    TITLE \"b\"\n"));
    let frame = (b.len() + pause.len()) * 75 / 22_050;
    let index = format!(
        "INDEX 01 {:02}:{:02}:{:02}",
        frame / 4500,
        frame / 75 % 60,
        frame % 75
    );
    assert!(cue.contains(&index), "{index}\n{cue}");

    let before = scene.read("book.wav");
    let run = scene.sh(&format!("{line} --events json")).ok();
    assert_eq!(event_names(&run), ["skip", "skip", "skip", "join", "end"]);
    assert!(scene.read("book.wav") == before);
}

#[test]
fn parts_are_resampled_to_the_rate_of_the_first() {
    let scene = Scene::new();
    scene.write("list.csv", "text,voice\nOne.,tiny\nTwo.,\n");
    let line = "piper-rs batch -d out --manifest list.csv --join book.wav --chapters ffmetadata";
    scene.sh(line).ok();
    let (one, two) = (scene.wav("out/0001.wav"), scene.wav("out/0002.wav"));
    assert_eq!((one.rate, two.rate), (22_050, 24_000));
    let book = scene.wav("book.wav");
    assert_eq!(book.rate, 22_050);
    let expected = one.seconds() + 0.5 + two.seconds();
    assert!(
        (book.seconds() - expected).abs() < 0.001,
        "{} {expected}",
        book.seconds()
    );
    let list = String::from_utf8(scene.read("book.ffmetadata")).unwrap();
    assert_eq!(list.matches("[CHAPTER]").count(), 2);
}

#[test]
fn nothing_is_joined_if_a_part_is_missing_or_the_name_is_taken() {
    let scene = Scene::new();
    scene.write("list.csv", "text,speaker\nOne.,\nTwo.,9\n");
    let line = "piper-rs batch $TINY -d out --manifest list.csv --join book.wav";
    scene
        .sh(line)
        .exits(1)
        .says(&["book.wav was not made because some of its parts are missing"]);
    assert!(!scene.path("book.wav").exists());
    scene.write("book.wav", "mine");
    scene.write("list.csv", "text\nOne.\nTwo.\n");
    scene.sh(line).exits(1).says(&["book.wav already exists"]);
    assert_eq!(scene.read("book.wav"), b"mine");
    assert_eq!(
        names(&scene, "out"),
        ["0001.wav"],
        "it is refused before work begins"
    );
}

#[test]
fn a_joined_file_over_4_gib_is_refused_before_work_begins() {
    let scene = Scene::new();
    tree(&scene, &[("in/a.txt", "One."), ("in/b.txt", "Two.")]);
    scene.write("in/long.txt", "So it goes on. ".repeat(7000));
    let line = "piper-rs batch $TINY -d out in --length-scale 20 --join book.wav";
    let message = [
        "book.wav would be over 4 GiB",
        "would last about 34:18:59 (h:mm:ss), and 27:03:11 is the most",
        "without `--join`",
    ];
    scene.sh(line).exits(1).says(&message);
    assert!(names(&scene, "out").is_empty());
    scene
        .sh(&format!("{line} --dry-run"))
        .exits(1)
        .says(&message);

    fs::remove_file(scene.path("in/long.txt")).unwrap();
    let run = scene.sh(&format!("{line} --dry-run")).ok();
    assert!(
        run.text().contains("join  book.wav  about 0:0"),
        "{}",
        run.text()
    );
    scene.sh(line).ok();
    // Existing parts are measured.
    let run = scene.sh(&format!("{line} --dry-run --events json")).ok();
    let plan = events(&run).pop().unwrap();
    let expected = plan["estimated_audio_seconds"].as_f64().unwrap();
    assert_eq!(plan["event"], "plan_join");
    assert!(
        (expected - scene.wav("book.wav").seconds()).abs() < 0.001,
        "{plan}"
    );
}

#[test]
#[cfg(unix)]
fn a_joined_file_and_its_chapters_have_the_permissions_of_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new();
    scene.write("list", "One.\n");
    for (umask, expected) in [("022", 0o644), ("027", 0o640)] {
        let line = format!("piper-rs batch $TINY -d {umask} --lines list --join {umask}.wav");
        scene.sh(&format!("umask {umask}; {line}")).ok();
        for name in [
            format!("{umask}.wav"),
            format!("{umask}.cue"),
            format!("{umask}/0001.wav"),
        ] {
            let permissions = fs::metadata(scene.path(&name)).unwrap().permissions();
            assert_eq!(permissions.mode() & 0o777, expected, "{name}");
        }
    }
    let names = scene.names(".");
    let left = names.iter().filter(|name| name.starts_with(".piper-rs"));
    assert_eq!(left.count(), 0, "{names:?}");
}

#[test]
fn a_join_needs_a_file() {
    let scene = Scene::new();
    scene.write("a.txt", "Hi.");
    for stream in ["-", "/dev/stdout"] {
        let line = format!("piper-rs batch $TINY -d out a.txt --join {stream}");
        scene.sh(&line).exits(2).says(&["is not a file"]);
    }
    assert_eq!(scene.names("."), ["a.txt", "asound.conf", "home"]);
}

#[test]
fn a_folder_without_a_matching_file_is_named_with_what_is_in_it() {
    let scene = Scene::new();
    scene
        .sh("mkdir -p texts/a empty; touch texts/a.md texts/a/b.md texts/c.epub")
        .ok();
    let run = scene.sh("piper-rs batch $TINY -d out texts").exits(1);
    run.says(&["texts: no file matches", "2 .md, 1 .epub", "--glob '*.md'"]);
    scene
        .sh("piper-rs batch $TINY -d out empty")
        .ok()
        .says(&["contains no texts"]);
}

#[test]
fn files_outside_of_the_folder_are_noted_and_their_paths_are_plain_in_the_results() {
    let scene = Scene::new();
    scene.write(
        "m.jsonl",
        "{\"text\":\"One.\",\"output_file\":\"../up.wav\"}\n{\"text\":\"Two.\"}\n",
    );
    let run = scene.sh("piper-rs batch $TINY -d out --manifest m.jsonl --results r.jsonl");
    run.ok()
        .says(&["1 file outside of out, such as out/../up.wav"]);
    assert!(scene.path("up.wav").is_file());
    let results = std::fs::read_to_string(scene.path("r.jsonl")).unwrap();
    assert!(
        !results.contains("..") && results.contains("up.wav"),
        "{results}"
    );
}

#[test]
fn a_list_of_chapters_that_cannot_be_read_is_not_replaced() {
    let scene = Scene::new();
    scene.write("a.txt", "One.");
    let line = "piper-rs batch $TINY -d out --join book.wav a.txt";
    scene.sh(line).ok();
    let lists: Vec<_> = scene
        .names(".")
        .into_iter()
        .filter(|name| name.starts_with("book") && name != "book.wav")
        .collect();
    let [list] = &lists[..] else {
        panic!("{lists:?}")
    };
    scene.sh(&format!("rm {list} book.wav; mkdir {list}")).ok();
    scene
        .sh(line)
        .exits(1)
        .says(&[&format!("cannot read {list}")]);
}
