//! `speak --json-input`: texts as JSON lines, each with its own speaker, voice,
//! prosody and output file.

use crate::scene::{Scene, concat, silence};

const PLAIN: &str = "$MULTI --normalize off --sentence-silence 0.1";

/// Runs `--json-input` on lines, into x.wav unless a line has its own file.
fn speak(scene: &Scene, flags: &str, lines: &str) -> crate::scene::Run {
    scene.write("lines", lines);
    scene.sh(&format!(
        "piper-rs speak --json-input {flags} -o x.wav < lines"
    ))
}

#[test]
fn lines_name_their_speakers_and_share_one_file() {
    let scene = Scene::new();
    let lines = r#"
        {"text": "Hello.", "speaker": "carol"}
        {"text": "Hello.", "speaker_id": 1}
        {"text": "Hello.", "speaker": 2}

        {"text": "Hello."}"#;
    speak(&scene, &format!("{PLAIN} -s bob"), lines)
        .ok()
        .silently();
    let by = |name: &str| {
        scene
            .spoken(&format!("{PLAIN} -s {name}"), "Hello.")
            .samples
    };
    let (bob, carol, pause) = (by("bob"), by("carol"), silence(2205));
    let expected = [&carol, &pause, &bob, &pause, &carol, &pause, &bob];
    let expected = concat(&expected.map(|part| part.as_slice()));
    assert!(scene.wav("x.wav").samples == expected);
}

#[test]
fn overrides_of_a_line_apply_to_that_line_alone() {
    let scene = Scene::new();
    let lines = r#"{"text": "Hello.", "length_scale": 2}
        {"text": "Hello.", "speed": 2, "noise_scale": 0, "noise_w": 0}
        {"text": "Hello.", "voice": "tiny"}
        {"text": "Hello.", "volume": 0.5}
        {"text": "Hello."}"#;
    speak(&scene, PLAIN, lines).ok().silently();
    let parts = [
        "$MULTI --length-scale 2",
        "$MULTI --speed 2",
        "$TINY",
        "$MULTI --volume 0.5",
        "$MULTI",
    ];
    let parts = parts.map(|flags| {
        scene
            .spoken(&format!("{flags} --normalize off"), "Hello.")
            .samples
    });
    let mut expected = parts[0].clone();
    // The pause after the fast text is shorter, too.
    let pauses = [2205, 1102, 2205, 2205];
    for (part, pause) in parts[1..].iter().zip(pauses) {
        expected.extend(silence(pause));
        expected.extend(part);
    }
    assert!(scene.wav("x.wav").samples == expected);
}

#[test]
fn a_line_with_its_own_file_is_written_there_only() {
    let scene = Scene::new();
    let lines = r#"{"text": "Hello."}
        {"text": "Aside.", "output_file": "aside.wav"}
        {"text": "World."}"#;
    let run = speak(&scene, PLAIN, lines).ok();
    assert_eq!(run.text(), "aside.wav\n");
    let alone = |text: &str| scene.spoken(PLAIN, text).samples;
    assert!(scene.wav("aside.wav").samples == alone("Aside."));
    let shared = scene.wav("x.wav").samples;
    let (hello, world) = (alone("Hello."), alone("World."));
    assert!(shared.starts_with(&hello) && shared.ends_with(&world));
    assert!(shared.len() <= hello.len() + world.len() + 2205);
}

#[test]
fn a_bad_line_is_named_and_the_others_are_spoken() {
    let scene = Scene::new();
    let lines = "{\"text\": \"One.\"}\nnonsense\n{\"txt\": \"x\"}\n{\"text\": \"x\", \"speaker\": \"dave\"}\n\
        {\"text\": \"x\", \"voice\": \"nobody\"}\n{\"text\": \"x\", \"speed\": -1}\n{\"text\": \"Two.\"}\n";
    let run = speak(&scene, PLAIN, lines).exits(1);
    run.says(&[
        "line 2 of",
        "line 3 of",
        "`text`",
        "line 4 of",
        "`dave`",
        "line 5 of",
        "`nobody`",
        "line 6 of",
        "speed -1",
    ]);
    let alone = |text: &str| scene.spoken(PLAIN, text).samples;
    let expected = concat(&[&alone("One."), &silence(2205), &alone("Two.")]);
    assert!(scene.wav("x.wav").samples == expected);
}

#[test]
fn a_failed_line_leaves_no_file_of_its_own() {
    let scene = Scene::new();
    let lines = r#"{"text": "x", "speaker": "dave", "output_file": "failed.wav"}
        {"text": "x", "output_file": "no/such/folder.wav"}
        {"text": "Hello.", "output_file": "good.wav"}"#;
    speak(&scene, PLAIN, lines)
        .exits(1)
        .says(&["line 1 of", "no/such"]);
    assert!(!scene.path("failed.wav").exists());
    assert!(scene.wav("good.wav") == scene.spoken(PLAIN, "Hello."));
}

#[test]
fn a_file_that_cannot_be_written_stops_no_other_line() {
    let scene = Scene::new();
    let lines = r#"{"text": "x", "output_file": "/dev/full"}
        {"text": "x", "output_file": "-"}
        {"text": "Hello."}"#;
    speak(&scene, PLAIN, lines).exits(1).says(&[
        "cannot write /dev/full: No space left",
        "line 2 of standard input: bad JSON input: output_file must name a file",
    ]);
    assert!(scene.wav("x.wav") == scene.spoken(PLAIN, "Hello."));
    assert!(!scene.path("-").exists());
}

#[test]
fn paths_are_not_printed_into_the_audio_stream() {
    let scene = Scene::new();
    scene.write(
        "lines",
        r#"{"text": "Aside.", "output_file": "aside.wav"}
        {"text": "Hello."}"#,
    );
    let expected = scene.spoken("$TINY", "Hello.").samples;
    let run = scene.sh("piper-rs speak $TINY --json-input --raw < lines");
    assert!(run.ok().samples() == expected);
    let run = scene.sh("piper-rs speak $TINY --json-input -o - < lines");
    assert!(crate::scene::samples(&run.ok().stdout[44..]) == expected);
    assert!(scene.wav("aside.wav").seconds() > 0.2);
}

#[test]
fn errors_in_a_line_are_readable() {
    let scene = Scene::new();
    speak(&scene, PLAIN, "\"hi\"\n{\"text\": \"hi\"\n")
        .exits(1)
        .says(&[
            "line 1 of standard input: bad JSON input: \"hi\" is not an object such as {\"text\": \
             \"Hello.\"}",
            "line 2 of standard input: bad JSON input: EOF while parsing an object at column 13",
        ]);
}

#[test]
fn voices_with_other_sample_rates_are_resampled_to_the_first_rate() {
    let scene = Scene::new();
    let built_in = scene.spoken("--seed 1", "Hello there.");
    let tiny = scene.spoken("$TINY", "Hello.");
    assert_ne!(built_in.rate, tiny.rate);
    scene.write(
        "lines",
        "{\"text\": \"Hello.\", \"voice\": \"tiny\"}\n{\"text\": \"Hello there.\"}\n",
    );
    let flags = "--seed 1 --noise-scale 0 --noise-w 0 --sentence-silence 0";
    scene
        .sh(&format!(
            "piper-rs speak --json-input {flags} -o x.wav < lines"
        ))
        .ok();
    let both = scene.wav("x.wav");
    assert_eq!(both.rate, tiny.rate);
    let rest = both.seconds() - tiny.seconds();
    // Without noise the built-in voice is a little shorter or longer.
    let alone = scene.spoken(flags, "Hello there.").seconds();
    assert!((rest - alone).abs() < 0.002, "{rest} {alone}");
}

#[test]
fn lines_are_spoken_as_they_arrive() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "Hello.").samples;
    let mut live = scene.start("piper-rs speak $TINY --json-input --raw");
    live.types(r#"{"text": "Hello."}"#);
    assert_eq!(
        crate::scene::samples(&live.hear(expected.len() * 2)),
        expected
    );
    live.ends_input();
    assert_eq!(live.ends().0, Some(0));
}
