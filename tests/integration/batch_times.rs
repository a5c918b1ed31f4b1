//! `batch --timings`: the times beside each file, and those of the joined one.

use std::fs;

use serde_json::Value;

use crate::scene::{Scene, Wav, trained_voice};
use crate::times::{list, range};

const TEXTS: [&str; 3] = [
    "The ferry costs $5.50. It leaves at noon!\n\nNobody saw it again.\n",
    "For a while, Dr. Smith waited.",
    "The end.",
];

fn write_texts(scene: &Scene) {
    fs::create_dir(scene.path("book")).unwrap();
    for (n, text) in (1..).zip(TEXTS) {
        scene.write(&format!("book/{n}.txt"), text);
    }
}

fn json(scene: &Scene, name: &str) -> Value {
    serde_json::from_slice(&scene.read(name)).unwrap()
}

/// The sentences, words and phonemes of a file, in its order.
fn all(times: &Value) -> Vec<&Value> {
    let mut all = Vec::new();
    for sentence in list(times, "sentences") {
        all.push(sentence);
        for word in list(sentence, "words") {
            all.push(word);
            all.extend(list(word, "phonemes"));
        }
    }
    all
}

/// Checks that everything has its line and its bytes in its file.
#[track_caller]
fn check_sources(scene: &Scene, times: &Value) {
    for one in all(times)
        .into_iter()
        .filter(|one| one["source"].is_object())
    {
        let source = &one["source"];
        let file = String::from_utf8(scene.read(source["file"].as_str().unwrap())).unwrap();
        let [start, end] = [0, 1].map(|n| source["bytes"][n].as_u64().unwrap() as usize);
        assert_eq!(&file[start..end], one["text"].as_str().unwrap());
        let line = file[..start].matches('\n').count() as u64 + 1;
        assert_eq!(source["line"], line);
    }
}

#[track_caller]
fn assert_seconds(times: &Value) {
    let rate = times["sample_rate_hz"].as_f64().unwrap();
    for one in all(times) {
        let samples = range(one);
        for (name, sample) in [("start", samples.start), ("end", samples.end)] {
            let seconds = one[name].as_f64().unwrap();
            assert!((seconds - sample as f64 / rate).abs() < 1e-6, "{one}");
        }
    }
}

/// The sound of what has a time.
fn sound<'a>(wav: &'a Wav, of: &Value) -> &'a [i16] {
    &wav.samples[range(of)]
}

#[test]
fn the_times_of_a_joined_file_are_exact_to_the_sample() {
    let voices = ["-m tiny".to_owned(), "-m builtin --speed 1.3".to_owned()].into_iter();
    let trained = trained_voice().map(|path| format!("-m {} --rate 24000", path.display()));
    for voice in voices.chain(trained) {
        let scene = Scene::new();
        write_texts(&scene);
        let line = format!(
            "piper-rs batch {voice} --trim -d out book --timings json --join book.wav \
             --chapter-silence 0.7"
        );
        scene.sh(&line).ok().says(&["times in book.json"]);
        let (joined, book) = (json(&scene, "book.json"), scene.wav("book.wav"));
        assert_eq!(joined["samples"], book.samples.len());
        assert_eq!(joined["sample_rate_hz"], book.rate);
        assert_seconds(&joined);
        check_sources(&scene, &joined);
        let mut rest = list(&joined, "sentences").iter();
        for n in 1..=3 {
            let times = json(&scene, &format!("out/{n}.json"));
            let part = scene.wav(&format!("out/{n}.wav"));
            assert_eq!(times["samples"], part.samples.len());
            check_sources(&scene, &times);
            assert_seconds(&times);
            let sentences = list(&times, "sentences");
            let here: Vec<_> = rest.by_ref().take(sentences.len()).cloned().collect();
            let here = serde_json::json!({ "sentences": here });
            let (own, joined) = (all(&times), all(&here));
            assert!(own.len() > 3 && own.len() == joined.len(), "{voice}");
            for (own, joined) in own.into_iter().zip(joined) {
                assert_eq!(own["text"], joined["text"]);
                assert!(sound(&part, own) == sound(&book, joined), "{own} {joined}");
            }
        }
        assert!(rest.next().is_none());
    }
}

#[test]
fn parts_of_other_rates_are_where_they_are_heard() {
    let scene = Scene::new();
    scene.write(
        "list.jsonl",
        "{\"text\":\"Hello there.\",\"voice\":\"tiny\"}\n\
         {\"text\":\"And you? Fine.\",\"voice\":\"builtin\"}\n\
         {\"text\":\"Bye.\",\"voice\":\"tiny\"}\n",
    );
    let line = "piper-rs batch -m builtin -d out --manifest list.jsonl --timings json --join a.wav \
                --chapter-silence 0.25";
    scene.sh(line).ok();
    let (joined, wav) = (json(&scene, "a.json"), scene.wav("a.wav"));
    let parts = [1, 2, 3].map(|n| scene.wav(&format!("out/000{n}.wav")));
    assert_ne!(parts[0].rate, parts[1].rate);
    assert_eq!(
        (&joined["samples"], &joined["sample_rate_hz"]),
        (&wav.samples.len().into(), &wav.rate.into())
    );
    let sentences: Vec<_> = list(&joined, "sentences").iter().map(range).collect();
    let pause = wav.rate as usize / 4;
    let second = parts[0].samples.len() + pause;
    assert_eq!(sentences[0].start, 0);
    assert_eq!(sentences[1].start, second);
    let ratio = f64::from(wav.rate) / f64::from(parts[1].rate);
    let length = (parts[1].samples.len() as f64 * ratio).round() as usize;
    assert_eq!(sentences[3].start, second + length + pause);
    assert_eq!(
        sound(&wav, &joined["sentences"][3]),
        &parts[2].samples[..sentences[3].len()]
    );
    assert!(
        wav.samples[second - pause..second]
            .iter()
            .all(|sample| *sample == 0)
    );
}

#[test]
fn a_table_is_joined_as_a_document_is() {
    let scene = Scene::new();
    write_texts(&scene);
    let run = |format: &str, out: &str| {
        let line = format!(
            "piper-rs batch $TINY --seed 1 -d {out} book --timings {format} --join {out}.opus"
        );
        scene.sh(&line).ok();
    };
    run("json", "a");
    run("tsv", "b");
    let (times, table) = (json(&scene, "a.json"), scene.read("b.tsv"));
    let table = String::from_utf8(table).unwrap();
    let rows = table.lines().skip(1).map(|row| row.split('\t').collect());
    let rows: Vec<Vec<&str>> = rows.collect();
    let expected = all(&times);
    assert_eq!(rows.len(), expected.len());
    for (row, one) in rows.iter().zip(expected) {
        let samples = [row[3], row[4]].map(|sample| sample.parse::<usize>().unwrap());
        assert_eq!(samples[0]..samples[1], range(one));
        assert_eq!(
            row[1].parse::<f64>().unwrap(),
            one["start"].as_f64().unwrap()
        );
        assert_eq!(row[10], one["text"].as_str().unwrap());
        if let Some(file) = one["source"]["file"].as_str() {
            assert_eq!(
                (row[6], row[7]),
                (file, &*one["source"]["line"].to_string())
            );
        }
    }
}

#[test]
fn a_finished_batch_gets_times_and_sounds_the_same() {
    let voices = ["-m builtin".to_owned()].into_iter();
    let trained = trained_voice().map(|path| format!("-m {}", path.display()));
    for voice in voices.chain(trained) {
        let scene = Scene::new();
        write_texts(&scene);
        // Without a seed. One job each time: the number of threads changes the last bits.
        let line = format!("piper-rs batch {voice} --jobs 1 -d out book --join book.wav");
        scene.sh(&line).ok();
        let files = ["book.wav", "out/1.wav", "out/2.wav", "out/3.wav"];
        let before = files.map(|name| scene.read(name));
        let run = scene.sh(&format!("{line} --timings json --srt")).ok();
        run.says(&["3 texts spoken"]);
        assert!(files.map(|name| scene.read(name)) == before, "{voice}");
        assert_eq!(
            json(&scene, "book.json")["samples"],
            scene.wav("book.wav").samples.len()
        );
        scene
            .sh(&format!("{line} --timings json --srt"))
            .ok()
            .says(&["3 skipped"]);
        // The other format is another file, and a part without its times is made again.
        fs::remove_file(scene.path("out/2.json")).unwrap();
        scene
            .sh(&format!("{line} --timings json"))
            .ok()
            .says(&["2 skipped"]);
        assert!(scene.path("out/2.json").exists());
        assert!(files.map(|name| scene.read(name)) == before, "{voice}");
    }
}

#[test]
fn times_are_those_of_the_audio_and_the_text_or_not_current() {
    let scene = Scene::new();
    write_texts(&scene);
    let run = |flags: &str| {
        scene.sh(&format!(
            "piper-rs batch $TINY -d out book --timings json {flags}"
        ))
    };
    run("--join book.wav").ok();
    let current = scene.read("out/1.json");
    // What is in the way is not replaced.
    fs::remove_file(scene.path("out/1.wav")).unwrap();
    scene.write("out/1.json", "{\"mine\":1}");
    run("")
        .exits(1)
        .says(&["out/1.json was changed", "--overwrite"]);
    assert_eq!(scene.read("out/1.json"), b"{\"mine\":1}");
    run("--overwrite").ok();
    assert_ne!(scene.read("out/1.json"), b"{\"mine\":1}");
    // What was changed stays, but is not joined if it is of another sound.
    scene.write("out/1.json", &current[..current.len() - 9]);
    run("").ok().says(&["3 skipped"]);
    run("--join other.wav")
        .exits(1)
        .says(&["out/1.json cannot be joined", "delete it"]);
    assert!(!scene.path("other.wav").exists());
    run("--speed 2").exits(1).says(&["another text"]);
    run("--speed 2 --overwrite").ok();
    assert_ne!(
        json(&scene, "out/2.json")["samples"],
        serde_json::from_slice::<Value>(&current).unwrap()["samples"]
    );
}

#[test]
fn times_follow_the_lines_of_a_book() {
    let scene = Scene::new();
    let book = |first: &str| {
        format!(
            "#  One\n\n{first}\n\n Two\n===\n\nHello again, you.\n\nCHAPTER IV\nBy sea\n\nEnd.\n"
        )
    };
    scene.write("book.txt", book("Hello."));
    let line = "piper-rs batch $TINY -d out --split chapters book.txt --timings json";
    let run = |flags: &str| scene.sh(&format!("{line} {flags}"));
    run("").ok();
    for name in ["001-one", "002-two", "003-chapter-iv-by-sea"] {
        check_sources(&scene, &json(&scene, &format!("out/{name}.json")));
    }
    scene.write("book.txt", book("Hello.\nHello."));
    // The second chapter sounds as before, but stands elsewhere.
    run("").exits(1).says(&["out/002-two.json", "--overwrite"]);
    run("--overwrite").ok();
    check_sources(&scene, &json(&scene, "out/002-two.json"));
}

#[test]
fn the_format_is_one_of_two_and_outputs_do_not_collide() {
    let scene = Scene::new();
    write_texts(&scene);
    let batch = |flags: &str| scene.sh(&format!("piper-rs batch $TINY -d out {flags}"));
    batch("book --timings xml").exits(2).says(&["json, tsv"]);
    batch("book --timings a.json").exits(2).says(&["json, tsv"]);
    scene.write("texts.tsv", "id\ttext\n1\tHello.\n");
    scene
        .sh("piper-rs batch $TINY -d . --manifest texts.tsv --name texts --timings tsv")
        .exits(2)
        .says(&["texts.tsv", "reads or writes"]);
    batch("book --timings json --join out/1.wav").exits(2);
    assert_eq!(scene.read("texts.tsv"), b"id\ttext\n1\tHello.\n");
}
