//! The README's seven pipelines: word for word, and one by one with a voice
//! that always gives the same samples.

use crate::scene::{Scene, Wav, has, root, samples, without_silence};

const TEXT: &str = "Hello there. How are you?";

/// The audio that the pipelines must give.
fn expected(scene: &Scene) -> Wav {
    scene.spoken("$TINY", TEXT)
}

/// The lines of the README's first example of `piper-rs`.
fn readme_lines() -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme.split_once("## Speak").unwrap();
    let (_, example) = section.split_once("```sh\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    example.lines().map(str::to_owned).collect()
}

#[test]
fn the_pipelines_of_the_readme_work_word_for_word() {
    let lines = readme_lines();
    assert_eq!(lines.len(), 8);
    for line in &lines {
        let scene = Scene::with_device();
        scene.write("story.txt", "Once upon a time.\n\nThe end.\n");
        scene.write("lines.jsonl", "{\"text\": \"One.\", \"speaker\": 0}\n");
        scene.write("log.txt", "A line of the log.\n");
        if line.starts_with("tail") {
            let mut live = scene.start(&format!("sh -c '{line}'"));
            live.until(|| scene.has_played());
        } else {
            let run = scene.sh(line).ok();
            // aplay says what it plays.
            let messages = run.stderr.lines();
            let mut others = messages.filter(|line| !line.starts_with("Playing "));
            assert_eq!(others.next(), None, "{line}");
            let sounds = scene.names(".").into_iter();
            let endings = [".wav", ".opus", ".aiff"];
            let made = sounds.filter(|name| endings.iter().any(|ending| name.ends_with(ending)));
            assert!(made.count() == 1 || scene.has_played(), "{line}");
        }
    }
}

#[test]
fn pipeline_1_argument_to_file() {
    let scene = Scene::new();
    let run = scene
        .sh("piper-rs speak -o hello.wav 'Hello, world.'")
        .ok()
        .silently();
    assert_eq!(run.text(), "");
    let hello = scene.wav("hello.wav");
    assert!(hello.seconds() > 0.4 && hello.peak() > 10_000);
}

#[test]
fn pipeline_2_standard_input_to_file() {
    let scene = Scene::new();
    scene.write("text", TEXT);
    scene
        .sh("cat text | piper-rs speak $TINY -o x.wav")
        .ok()
        .silently();
    assert!(scene.wav("x.wav") == expected(&scene));
}

#[test]
fn pipeline_3_raw_samples_to_aplay() {
    if !has("aplay") {
        return;
    }
    let scene = Scene::with_device();
    let line =
        format!("piper-rs speak $TINY --raw '{TEXT}' | aplay -q -r 22050 -f S16_LE -t raw -");
    scene.sh(&line).ok();
    let (played, expected) = (scene.captured(), expected(&scene).samples);
    let (sound, after) = played.split_at(expected.len());
    assert!(sound == expected, "every sample, from the first");
    assert!(after.iter().all(|sample| *sample == 0));
}

#[test]
fn pipeline_4_wav_to_sox_and_ffmpeg() {
    let scene = Scene::new();
    let speak = format!("piper-rs speak $TINY -o - '{TEXT}'");
    let readers = [
        ("sox", "sox -t wav - sox.wav"),
        ("sox", "sox -V2 - sox.wav"),
        ("ffmpeg", "ffmpeg -y -loglevel error -i - ffmpeg.wav"),
    ];
    for (program, reader) in readers.iter().filter(|(program, _)| has(program)) {
        scene.sh(&format!("{speak} | {reader}")).ok().silently();
        assert!(
            scene.wav(&format!("{program}.wav")) == expected(&scene),
            "{program}"
        );
    }
}

#[test]
fn players_take_a_wav_stream_without_a_warning() {
    let scene = Scene::with_device();
    let readers = [
        ("aplay", "aplay -q -"),
        (
            "ffplay",
            "env SDL_AUDIODRIVER=dummy ffplay -loglevel error -nodisp -autoexit -",
        ),
        ("mpv", "mpv --really-quiet --ao=null -"),
    ];
    for (program, reader) in readers {
        // These are not installed everywhere; sox and ffmpeg are.
        if scene.sh(&format!("command -v {program}")).code == Some(0) {
            let run = scene.sh(&format!("piper-rs speak $TINY -o - 'Hi.' | {reader}"));
            run.ok().silently();
        }
    }
}

#[test]
fn pipeline_5_json_lines_to_files() {
    let scene = Scene::new();
    let lines = r#"{"text": "Hello there. How are you?", "output_file": "one.wav"}
        {"text": "Hello there. How are you?", "output_file": "two.wav"}"#;
    scene.write("lines.jsonl", lines);
    let run = scene
        .sh("piper-rs speak $TINY --json-input -d out < lines.jsonl")
        .ok();
    assert_eq!(run.text(), "one.wav\ntwo.wav\n");
    // Each file is like a run of its own, except that the gain is that of the whole run.
    for name in ["one.wav", "two.wav"] {
        assert!(scene.wav(name) == expected(&scene), "{name}");
    }
}

#[test]
fn pipeline_6_lines_appended_to_a_file() {
    let scene = Scene::new();
    let expected = expected(&scene).samples;
    scene.write("log", "");
    let live = scene.start("sh -c 'tail -f log | piper-rs speak $TINY --raw'");
    let append = |line: &str| {
        let mut log = std::fs::OpenOptions::new()
            .append(true)
            .open(scene.path("log"))
            .unwrap();
        std::io::Write::write_all(&mut log, line.as_bytes()).unwrap();
    };
    append(&format!("{TEXT}\n"));
    let heard = samples(&live.hear(expected.len() * 2));
    assert!(
        heard == expected,
        "the whole line, before the next one or the end of the file"
    );
    append("And more.\n");
    live.hear(10_000);
}

#[test]
fn pipeline_7_play_and_save() {
    let scene = Scene::with_device();
    let run = scene
        .sh(&format!("piper-rs speak $TINY --play -o save.wav '{TEXT}'"))
        .ok();
    run.silently();
    let saved = scene.wav("save.wav");
    assert!(saved == expected(&scene));
    assert_eq!(
        without_silence(&scene.captured()),
        without_silence(&saved.samples)
    );
}

#[test]
fn a_long_text_is_played_completely_and_in_order() {
    let scene = Scene::with_device();
    let text = "One sentence after the other. ".repeat(4);
    scene
        .sh(&format!("piper-rs speak $TINY '{text}'"))
        .ok()
        .silently();
    let expected = scene.spoken("$TINY", &text);
    assert!(expected.seconds() > 5.0);
    assert!(without_silence(&scene.captured()) == without_silence(&expected.samples));
}

#[test]
fn the_built_in_voice_plays_at_its_own_rate() {
    let scene = Scene::with_device();
    scene
        .sh("piper-rs speak --seed 1 --play -o save.wav Hello.")
        .ok();
    let saved = scene.wav("save.wav").samples;
    assert!(without_silence(&scene.captured()) == without_silence(&saved));
}

#[test]
fn devices_are_listed_and_chosen_by_name() {
    let scene = Scene::with_device();
    let listed = scene.sh("piper-rs devices").ok();
    assert!(listed.text().contains("Captured"), "{}", listed.text());
    let json = scene.sh("piper-rs devices --json").ok();
    let device: serde_json::Value = serde_json::from_str(json.text()).unwrap();
    assert_eq!(device["id"], "default");
    scene
        .sh("piper-rs speak $TINY --device captured -o x.wav Hello.")
        .ok();
    assert!(without_silence(&scene.captured()) == without_silence(&scene.wav("x.wav").samples));
    let run = scene
        .sh("piper-rs speak $TINY --device gramophone Hello.")
        .exits(1);
    run.says(&["gramophone", "piper-rs devices", "`aplay -L`"]);
    for name in ["nowhere", "plug:nowhere", "plug:'nowhere'"] {
        let line = format!("piper-rs speak -q $TINY --device \"{name}\" Hello.");
        scene.sh(&line).ok().silently();
    }
}
