//! `--events`: each sentence and word when it is heard, or written.

use serde_json::Value;

use crate::scene::{Run, Scene, has};

const TEXT: &str = "Hello there, Dr. Smith. I paid $3.14 — at once!\nThen we left.\n";

fn events_of(lines: &str) -> Vec<Value> {
    let events = lines.lines().map(serde_json::from_str);
    events.map(|event| event.unwrap()).collect()
}

fn events_from(run: &Run) -> Vec<Value> {
    events_of(run.text())
}

fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    let is_named = |event: &&Value| event["event"] == name;
    events.iter().filter(is_named).collect()
}

fn texts(events: &[Value], name: &str) -> Vec<String> {
    let text = |event: &&Value| event["text"].as_str().unwrap().to_owned();
    named(events, name).iter().map(text).collect()
}

fn seconds(event: &Value, key: &str) -> f64 {
    event[key].as_f64().unwrap()
}

/// Checks that events are in order, that words are within their sentence, and that all
/// have the words of `text` that they name.
fn check(events: &[Value], text: &str) {
    let (mut sentence, mut last, mut shown) = (0.0, 0.0, "");
    for event in events {
        let name = event["event"].as_str().unwrap();
        match name {
            "sentence" => {
                sentence = seconds(event, "start");
                shown = event["text"].as_str().unwrap();
            }
            "word" => assert!(seconds(event, "start") >= sentence, "{event}"),
            "sentence_end" => assert_eq!(seconds(event, "start"), sentence),
            _ => continue,
        }
        let begin = match name {
            "sentence_end" => seconds(event, "end"),
            _ => seconds(event, "start"),
        };
        assert!(begin >= last, "{event} after {last}");
        last = begin;
        if name == "sentence_end" {
            continue;
        }
        if name == "word" {
            let chars = [0, 1].map(|n| event["chars"][n].as_u64().unwrap() as usize);
            let word: String = shown.chars().take(chars[1]).skip(chars[0]).collect();
            assert_eq!(word, *event["text"].as_str().unwrap());
            assert!(seconds(event, "end") > begin, "{event}");
        }
        let bytes = &event["source"]["bytes"];
        let [start, end] = [0, 1].map(|n| bytes[n].as_u64().unwrap() as usize);
        assert_eq!(text[start..end], *event["text"].as_str().unwrap());
        let line = 1 + text[..start].matches('\n').count() as u64;
        assert_eq!(event["source"]["line"], line, "{event}");
    }
}

#[test]
fn a_file_has_an_event_for_each_sentence_and_word_and_the_same_audio() {
    let scene = Scene::new();
    scene.write("a.txt", TEXT);
    let run = scene
        .sh("piper-rs speak $TINY -i a.txt -o x.wav --events json")
        .ok();
    let events = events_from(&run.silently());
    check(&events, TEXT);
    assert_eq!(
        texts(&events, "sentence"),
        [
            "Hello there, Dr. Smith.",
            "I paid $3.14 — at once!",
            "Then we left."
        ]
    );
    // The dash is not heard.
    let heard = "Hello there, Dr. Smith. I paid $3.14 at once! Then we left.";
    assert_eq!(texts(&events, "word").join(" "), heard);
    let start = &events[0];
    assert_eq!(
        (
            &start["event"],
            &start["output"],
            &start["sample_rate_hz"],
            &start["when"]
        ),
        (
            &"start".into(),
            &"x.wav".into(),
            &22050.into(),
            &"written".into()
        )
    );
    let [.., finish, end] = &events[..] else {
        panic!("{events:?}")
    };
    let wav = scene.wav("x.wav");
    assert_eq!(
        (&finish["event"], &finish["output"]),
        (&"finish".into(), &"x.wav".into())
    );
    assert!((seconds(finish, "audio_seconds") - wav.seconds()).abs() < 1e-5);
    let last = named(&events, "sentence_end");
    assert!((seconds(last[2], "end") - wav.seconds()).abs() < 1e-5);
    let expected = serde_json::json!({"event": "end", "interrupted": false, "failed": false});
    assert_eq!(*end, expected);
    assert_eq!(events[1]["source"]["file"], "a.txt");

    scene.sh("piper-rs speak $TINY -i a.txt -o y.wav").ok();
    assert!(
        scene.read("x.wav") == scene.read("y.wav"),
        "the audio differs"
    );
}

#[test]
fn times_are_those_of_the_output_whatever_its_rate_and_its_ends() {
    let scene = Scene::new();
    scene.write("a.txt", TEXT);
    let speak = |flags: &str| {
        let line = format!("piper-rs speak $TINY -i a.txt -o x.wav --events json {flags}");
        let events = events_from(&scene.sh(&line).ok());
        check(&events, TEXT);
        let wav = scene.wav("x.wav");
        let [.., finish, _] = &events[..] else {
            panic!("{events:?}")
        };
        let length = seconds(finish, "audio_seconds");
        assert!((length - wav.seconds()).abs() < 0.03, "{flags}: {length}");
        events
    };
    let plain = speak("");
    let others = [
        "--rate 8000",
        "--trim",
        "--trim --rate 48000 --speed 2",
        "--speed 0.5",
    ];
    for flags in others {
        let events = speak(flags);
        assert_eq!(texts(&events, "word"), texts(&plain, "word"), "{flags}");
        let at = |events: &[Value]| seconds(named(events, "word")[5], "start");
        let (now, before) = (at(&events), at(&plain));
        match flags {
            "--rate 8000" => assert!((now - before).abs() < 0.001, "{now} {before}"),
            "--speed 0.5" => assert!(now > 1.8 * before, "{now} {before}"),
            "--trim" => assert!(now <= before, "{now} {before}"),
            _ => assert!(now < 0.6 * before, "{now} {before}"),
        }
    }
}

#[test]
fn parts_and_lines_of_json_say_where_they_come_from() {
    let scene = Scene::new();
    let text = "One. [[pause 1s]] Two. {{speed=2}}Three four.\nFive.\n";
    scene.write("a.txt", text);
    let run = scene.sh("piper-rs speak $TINY --inline -i a.txt -o x.wav --events json");
    let inline = events_from(&run.ok());
    check(&inline, text);
    assert_eq!(
        texts(&inline, "word"),
        ["One.", "Two.", "Three", "four.", "Five."]
    );

    scene.write("a.jsonl", "{\"text\": \"One.\"}\n{\"text\": \"Two.\"}\n");
    let run = scene.sh("piper-rs speak $TINY --json-input -i a.jsonl -d out --events json");
    let files = events_from(&run.ok());
    let words = named(&files, "word");
    let source = serde_json::json!({"file": "a.jsonl", "line": 2, "bytes": null});
    assert_eq!(words[1]["source"], source);
    let outputs = named(&files, "finish");
    let outputs = outputs
        .iter()
        .map(|finish| finish["output"].as_str().unwrap());
    let mut outputs: Vec<_> = outputs
        .map(|path| path.trim_start_matches("out/"))
        .collect();
    outputs.sort_unstable();
    assert_eq!(scene.names("out"), outputs, "instead of their paths");
}

#[test]
fn audio_and_events_go_to_different_places() {
    let scene = Scene::new();
    let run = scene
        .sh("piper-rs speak $TINY Hello. -o - --events json")
        .exits(2);
    run.says(&["audio and --events", "standard output", "--events-file"]);

    scene.sh("piper-rs speak $TINY Hello. -o plain.wav").ok();
    // A pipe for each of the two programs.
    let run = scene.sh("mkfifo events; cat events > e.jsonl &
        piper-rs speak $TINY Hello. -o - --events-file events > x.wav && wait");
    run.ok().silently();
    let events = events_of(&String::from_utf8(scene.read("e.jsonl")).unwrap());
    assert_eq!(texts(&events, "word"), ["Hello."]);
    assert!(scene.read("x.wav") == scene.read("plain.wav"));
    scene.write("a.txt", "Hi.");
    for (line, why) in [
        (
            "-i a.txt -o x.wav --events-file a.txt",
            "a.txt is also an input file",
        ),
        (
            "Hi. -o x.wav --events-file x.wav",
            "output and --events-file cannot both write to x.wav",
        ),
        ("Hi. -o x.wav --events-file no/x", "cannot write no/x"),
    ] {
        let run = scene.sh(&format!("piper-rs speak $TINY {line}"));
        assert!(!run.stderr.is_empty() && run.code != Some(0));
        run.says(&[why]);
    }
    assert_eq!(scene.read("a.txt"), b"Hi.");
    // A reader that has enough ends the run, as in any pipe.
    let text = "Hello there. ".repeat(200);
    scene.write("long.txt", text);
    let run = scene.sh("piper-rs speak $TINY -i long.txt -o z.wav --events json | head -n 3");
    assert_eq!(run.ok().silently().text().lines().count(), 3);
}

#[test]
fn a_batch_reports_words_only_if_they_are_requested() {
    let scene = Scene::new();
    scene.write(
        "list.jsonl",
        "{\"text\": \"One two.\", \"id\": \"a\"}\n{\"text\": \"Three.\"}\n",
    );
    let batch = |folder: &str, format: &str| {
        let line =
            format!("piper-rs batch $TINY -d {folder} --manifest list.jsonl --events {format}");
        events_from(&scene.sh(&line).ok())
    };
    let json = batch("out", "json");
    assert!(named(&json, "word").is_empty() && named(&json, "sentence").is_empty());
    let words = batch("out2", "words");
    for name in ["start", "finish", "end"] {
        assert_eq!(named(&words, name).len(), named(&json, name).len());
    }
    let mut told: Vec<_> = named(&words, "word")
        .iter()
        .map(|word| {
            (
                word["item"].as_u64(),
                word["id"].as_str(),
                word["text"].as_str(),
            )
        })
        .collect();
    told.sort_unstable();
    let expected = [
        (1, Some("a"), "One"),
        (1, Some("a"), "two."),
        (2, None, "Three."),
    ];
    assert_eq!(
        told,
        expected.map(|(item, id, text)| (Some(item), id, Some(text)))
    );
    assert_eq!(named(&words, "sentence_end").len(), 2);
    for name in scene
        .names("out")
        .iter()
        .filter(|name| name.ends_with(".wav"))
    {
        let [one, two] = ["out", "out2"].map(|folder| scene.read(&format!("{folder}/{name}")));
        assert!(one == two, "{name}");
    }
}

#[test]
fn words_are_reported_when_they_are_heard_and_no_others() {
    if !has("cc") {
        return;
    }
    let scene = Scene::new();
    scene.add_real_time_device("rate 48000 latency_ms 200 vanish_ms 0");
    let words = "one two three four five six seven eight nine ten. ".repeat(20);
    scene.write("a.txt", &words);
    let mut live = scene.start("piper-rs speak $TINY --speed 0.7 -i a.txt --play --events json");
    let mut told = String::new();
    while told.matches(r#""event":"word""#).count() < 3 {
        told += std::str::from_utf8(&live.hear(1)).unwrap();
    }
    live.signal("INT");
    let (code, stderr, rest) = live.ends();
    assert_eq!(code, Some(130), "{stderr}");
    told += std::str::from_utf8(&rest).unwrap();
    let events = events_of(&told);
    assert_eq!(
        (&events[0]["when"], &events[0]["output"]),
        (&"heard".into(), &Value::Null)
    );
    let heard_seconds = scene.read("captured").len() as f64 / 2.0 / 48000.0;
    let reported = named(&events, "word");
    let last = seconds(reported[reported.len() - 1], "start");
    // The device got a second more than was heard.
    assert!(
        reported.len() >= 3 && last <= heard_seconds + 0.02,
        "{last} {heard_seconds}"
    );
    let [.., finish, end] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(end["interrupted"], true);
    let position = seconds(finish, "audio_seconds");
    // A gap, if the machine is busy, is heard but not counted.
    assert!(
        position >= last && position <= heard_seconds + 0.02,
        "{position} {heard_seconds}"
    );

    // To its end, every word is heard.
    scene.write("b.txt", TEXT);
    let run = scene.sh("piper-rs speak $TINY --speed 3 -i b.txt --play --events json");
    let events = events_from(&run.ok().silently());
    check(&events, TEXT);
    assert_eq!(texts(&events, "word").len(), 12);
    assert_eq!(named(&events, "sentence_end").len(), 3);
}

#[test]
fn the_end_of_a_line_is_reported_before_the_next_line_comes() {
    let scene = Scene::new();
    let mut live = scene.start("piper-rs speak $TINY -o x.wav --events json");
    let mut told = String::new();
    for n in 1..3 {
        live.types("Hello.");
        while told.matches("sentence_end").count() < n {
            told += std::str::from_utf8(&live.hear(1)).unwrap();
        }
    }
    live.ends_input();
    assert_eq!(live.ends().0, Some(0));
}
