//! Parts of a text with voices and pauses of their own: `--inline` and `--cast`.

use crate::scene::{Scene, Wav, concat, samples, silence};

/// The rate of the voice `tiny`.
const RATE: usize = 22_050;
/// After a sentence.
const PAUSE: usize = RATE / 5;

const CAST: &str = "[Anna]\nvoice = \"tiny_multi\"\nspeaker = 1\nnoise_scale = 0\nnoise_w = 0\n\
                    [Bob]\nspeed = 2\n[narrator]\nvolume = 0.5\n";

/// Speaks `text` with `$TINY` and `flags`.
fn parts(scene: &Scene, flags: &str, text: &str) -> Wav {
    scene.spoken(&format!("$TINY {flags}"), text)
}

fn alone(scene: &Scene, flags: &str, text: &str) -> Vec<i16> {
    parts(scene, flags, text).samples
}

#[test]
fn a_pause_is_exact_and_replaces_the_others() {
    let scene = Scene::new();
    let (one, two) = (alone(&scene, "", "Hello."), alone(&scene, "", "World."));
    let cases = [
        ("Hello. [[pause 500ms]] World.", 0, RATE / 2, 0),
        ("Hello.[[pause 0.1s]]\n\nWorld.", 0, RATE / 10, 0),
        ("Hello.\n\n\n[[pause 0s]]\nWorld.", 0, 0, 0),
        (
            "Hello. [[pause 100ms]][[pause 0.4s]] World.",
            0,
            RATE / 2,
            0,
        ),
        (
            "[[pause 1s]]Hello. World.[[pause 2s]]",
            RATE,
            PAUSE,
            2 * RATE,
        ),
        (
            "[[pause 1s]]\nHello. World.\n\n[[pause 12s]]",
            RATE,
            PAUSE,
            12 * RATE,
        ),
    ];
    for (text, before, between, after) in cases {
        let spoken = alone(&scene, "--inline", text);
        let pauses = [before, between, after].map(silence);
        let expected = concat(&[&pauses[0], &one, &pauses[1], &two, &pauses[2]]);
        assert!(spoken == expected, "{text:?}: {}", spoken.len());
    }
    // Without the option they are text.
    let text = "Hello. {{speed=2}} World.";
    assert!(alone(&scene, "", text) != alone(&scene, "--inline", text));
}

#[test]
fn a_part_sounds_as_its_text_alone() {
    let scene = Scene::new();
    let multi = "-m tiny_multi --noise-scale 0 --noise-w 0";
    let (one, three) = (alone(&scene, "", "Hello."), alone(&scene, "", "Bye."));
    let two = scene.spoken(&format!("{multi} --speaker 2 --speed 1.5"), "This is it.");
    let text = "Hello. {{voice=tiny_multi speaker=2 speed=1.5}}This is it.{{/}} Bye.";
    let spoken = alone(&scene, "--inline", text);
    // The pause after a part follows its speed.
    let (before, after) = (silence(PAUSE), silence(PAUSE * 2 / 3));
    assert!(spoken == concat(&[&one, &before, &two.samples, &after, &three]));
    // The next braces start anew; across lines and paragraphs they stay.
    let text = "{{volume=0.5}}Hello.\n\nHello. {{speed=2}}Bye.";
    let quiet = alone(&scene, "--volume 0.5", "Hello.\n\nHello.");
    let fast = alone(&scene, "--speed 2", "Bye.");
    let spoken = alone(&scene, "--inline", text);
    assert!(spoken == concat(&[&quiet, &before, &fast]));
}

#[test]
fn no_pause_falls_within_a_sentence() {
    let scene = Scene::new();
    let spoken = alone(&scene, "--inline --no-normalize", "Hello {{speed=1}}there.");
    let (one, two) = (
        alone(&scene, "--no-normalize", "Hello"),
        alone(&scene, "--no-normalize", "there."),
    );
    assert!(spoken.ends_with(&two));
    // The voice does not fall at its end, which has no full stop.
    assert!(spoken.len() < one.len() + two.len());
}

#[test]
fn voices_of_several_rates_have_the_rate_of_the_first() {
    let scene = Scene::new();
    let builtin = scene.spoken("--noise-scale 0 --noise-w 0", "Hello there.");
    let tiny = parts(&scene, "", "Hello there.");
    assert_ne!(builtin.rate, tiny.rate);
    let text = "Hello there. {{voice=en_US-slt-low}}Hello there.";
    let cases = [
        ("", text, tiny.rate),
        (
            "",
            "{{voice=en_US-slt-low}}Hello there.{{/}} Hello there.",
            builtin.rate,
        ),
        ("--rate 16000", text, 16_000),
    ];
    for (flags, text, rate) in cases {
        let joined = parts(&scene, &format!("--inline {flags}"), text);
        assert_eq!(joined.rate, rate);
        let expected = tiny.seconds() + 0.2 + builtin.seconds();
        assert!((joined.seconds() - expected).abs() < 0.001, "{text}");
    }
    let first = parts(&scene, "--inline", text).samples;
    assert!(first.starts_with(&tiny.samples));
}

#[test]
fn a_cast_speaks_a_dialogue() {
    let scene = Scene::new();
    scene.write("cast.toml", CAST);
    let dialogue = "It was late.\nAnna: Hello.\nHow are you?\nBOB:  Fine.\n\nThey left.\n";
    let spoken = alone(&scene, "--cast cast.toml", dialogue);
    let multi = "-m tiny_multi --noise-scale 0 --noise-w 0 --speaker 1";
    let narrator = |text| alone(&scene, "--volume 0.5", text);
    let (pause, paragraph) = (silence(PAUSE), silence(RATE / 4));
    let expected = concat(&[
        &narrator("It was late."),
        &pause,
        &scene.spoken(multi, "Hello.\nHow are you?\n").samples,
        &pause,
        &alone(&scene, "--speed 2", "Fine."),
        &paragraph,
        &narrator("They left."),
    ]);
    assert!(spoken == expected);
    // An unknown name changes nothing, is spoken, and is told once.
    scene.write(
        "text",
        "Anna: Hello.\nCarol: Hello.\nNote 1: no.\nCarol: Hi.\n",
    );
    let line = "piper-rs speak $TINY --cast cast.toml -i text -o x.wav";
    let run = scene.sh(line).ok();
    let message = "`Carol` is not in cast.toml: whoever speaks before goes on";
    assert_eq!(run.stderr.matches(message).count(), 1, "{}", run.stderr);
    let text = "Hello.\nCarol: Hello.\nNote 1: no.\nCarol: Hi.\n";
    assert!(scene.wav("x.wav").samples == scene.spoken(multi, text).samples);
    // Only the first unknown names are named.
    let letters = || ('A'..='Z').map(|c| format!("X{c}: Hello.\n"));
    scene.write("text", letters().chain(letters()).collect::<String>());
    let run = scene
        .sh(line)
        .ok()
        .says(&["6 more names are not in cast.toml"]);
    assert_eq!(run.stderr.matches("goes on").count(), 20, "{}", run.stderr);
}

#[test]
fn people_with_the_same_settings_are_different_people() {
    let scene = Scene::new();
    scene.write("cast.toml", "[Anna]\n[Bob]\n");
    let spoken = |text| alone(&scene, "--cast cast.toml --inline", text);
    let quiet = alone(&scene, "--volume 0.3", "Hello.");
    let bye = alone(&scene, "", "Bye.");
    // Neither Bob nor the narrator has Anna's braces.
    let paragraph = silence(RATE / 2);
    let text = "Anna: {{volume=0.3}}Hello.\n\nBye.";
    assert!(spoken(text) == concat(&[&quiet, &paragraph, &bye]));
}

#[test]
fn a_language_keeps_the_voice_that_speaks_it() {
    let scene = Scene::new();
    scene.write("cast.toml", "[Anna]\nvoice = \"tiny_multi\"\nspeaker = 1\n");
    let multi = "-m tiny_multi --speaker 1";
    let expected = scene.spoken(&format!("{multi} --noise-scale 0 --noise-w 0"), "Hello.");
    for text in [
        "Anna: {{lang=en}}Hello.",
        "{{lang=en voice=tiny_multi speaker=1}}Hello.",
        "{{voice=tiny_multi lang=en speaker=1}}Hello.",
    ] {
        let spoken = alone(&scene, "--cast cast.toml --inline", text);
        assert!(spoken == expected.samples, "{text}");
    }
}

#[test]
fn escaped_braces_are_text() {
    let scene = Scene::new();
    let spoken = alone(&scene, "--inline", "Hello \\{{there}}. {{speed=2}}Bye.");
    let pause = silence(PAUSE);
    let (hello, bye) = (
        alone(&scene, "", "Hello {{there}}."),
        alone(&scene, "--speed 2", "Bye."),
    );
    assert!(spoken == concat(&[&hello, &pause, &bye]));
}

#[test]
fn braces_change_what_a_member_of_the_cast_says() {
    let scene = Scene::new();
    scene.write("cast.toml", CAST);
    let text = "Bob: Hello. {{volume=0.3}}Fine.\nBob: Hello.\n";
    let spoken = alone(&scene, "--cast cast.toml --inline", text);
    let bob = |flags: &str, text| alone(&scene, &format!("--speed 2 {flags}"), text);
    let pause = silence(PAUSE / 2);
    let hello = bob("", "Hello.");
    let expected = [
        &*hello,
        &pause,
        &bob("--volume 0.3", "Fine."),
        &pause,
        &hello,
    ];
    assert!(spoken == concat(&expected));
}

#[test]
fn voices_come_from_the_cache() {
    let scene = Scene::new();
    let cast = "[A]\nvoice = \"tiny_multi\"\n[B]\nvoice = \"tiny\"\n[C]\nvoice = \"en_US-slt-low\"\n\
                [D]\nvoice = \"copy\"\n";
    scene.write("cast.toml", cast);
    scene
        .sh("mkdir v && cp $PIPER_VOICE_DIR/tiny.onnx v/copy.onnx")
        .ok();
    scene
        .sh("cp $PIPER_VOICE_DIR/tiny.onnx.json v/copy.onnx.json")
        .ok();
    let names = ["tiny_multi", "tiny", "en_US-slt-low", "copy"];
    let braces: String = names
        .map(|name| format!("{{{{voice={name}}}}}a. "))
        .concat();
    let tags = names
        .map(|name| format!("<voice name='{name}'>a.</voice> "))
        .concat();
    scene.write("text", "A: a\nB: b\nC: c\nD: d\n".repeat(5));
    scene.write("braces", braces.repeat(5));
    scene.write("a.ssml", format!("<speak>{}</speak>", tags.repeat(5)));
    for flags in [
        "--cast cast.toml -i text",
        "--inline -i braces",
        "-i a.ssml",
    ] {
        let line = format!("piper-rs speak -q --data-dir v {flags} -o x.wav --stats=json");
        let run = scene.sh(&line).ok();
        let stats: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
        assert_eq!(stats["cache"]["loads"], 4, "{flags}: {stats}");
        assert_eq!(stats["cache"]["hits"], 16, "{flags}: {stats}");
    }
}

#[test]
fn lines_of_a_pipe_are_spoken_when_they_arrive() {
    let scene = Scene::new();
    scene.write("cast.toml", CAST);
    let mut live = scene.start("piper-rs speak $TINY --cast cast.toml --inline --raw");
    let first = alone(&scene, "--speed 2", "Hello.");
    live.types("Bob: Hello.");
    let heard = live.hear(first.len() * 2);
    live.types("{{volume=0.3}}Fine.");
    let second = alone(&scene, "--speed 2 --volume 0.3", "Fine.");
    let more = live.hear((PAUSE / 2 + second.len()) * 2);
    live.ends_input();
    assert_eq!(live.ends(), (Some(0), String::new(), Vec::new()));
    let expected = concat(&[&first, &silence(PAUSE / 2), &second]);
    assert!(samples(&[heard, more].concat()) == expected);
}

#[test]
fn json_lines_are_texts_of_their_own() {
    let scene = Scene::new();
    let line = r#"{"text": "Hello. {{volume=0.3}}Fine.", "speed": 2}"#;
    scene.write("lines", format!("{line}\n{line}\n"));
    scene
        .sh("piper-rs speak $TINY --inline --json-input -i lines -o x.wav")
        .ok();
    let (hello, fine) = (
        alone(&scene, "--speed 2", "Hello."),
        alone(&scene, "--speed 2 --volume 0.3", "Fine."),
    );
    let pause = silence(PAUSE / 2);
    let once = concat(&[&hello, &pause, &fine]);
    assert!(scene.wav("x.wav").samples == concat(&[&once, &pause, &once]));
}

#[test]
fn faults_are_named_with_line_column_and_what_to_do() {
    let scene = Scene::new();
    let cases = [
        (
            "One.\nTwo. {{spede=2}}",
            "spoken.txt: line 2, column 8: unknown key `spede`; did you mean `speed`?",
        ),
        ("{{speed=9}}", "line 1, column 3: speed 9 is out of range"),
        ("{{speed}}", "line 1, column 3: `speed` is not NAME=VALUE"),
        (
            "a {{speed=2",
            "line 1, column 3: `{{` has no `}}` on its line; `\\{{` makes text of it",
        ),
        (
            "[[pause 2]]",
            "line 1, column 1: `[[pause 2]]` needs a time such as 500ms",
        ),
        ("é {{voice=nobody}}a", "line 1, column 5: no voice `nobody`"),
        ("{{normalize=off}}a", "unknown key `normalize`"),
    ];
    for (text, message) in cases {
        scene.write("spoken.txt", text);
        let line = "piper-rs speak $TINY --inline -i spoken.txt -o x.wav";
        let run = scene.sh(line);
        assert_ne!(run.code, Some(0), "{text}");
        run.says(&[message]);
    }
    scene.write("cast.toml", "[Anna]\nvoice = \"nobody\"\n");
    let run = scene.sh("piper-rs speak $TINY --cast cast.toml Hi -o x.wav");
    run.exits(3).says(&["cast.toml: no voice `nobody`"]);
    scene.write("cast.toml", "speed = 2\n");
    let run = scene.sh("piper-rs speak $TINY --cast cast.toml Hi -o x.wav");
    run.exits(2)
        .says(&["cast.toml:1: `speed` is outside of a table"]);
    for flag in ["--inline", "--cast cast.toml"] {
        let run = scene.sh(&format!(
            "piper-rs speak $TINY {flag} --strict-piper Hi -o x.wav"
        ));
        run.exits(2).says(&["--strict-piper"]);
    }
}

#[test]
fn a_language_without_a_voice_keeps_the_voice() {
    let scene = Scene::new();
    scene.write("text", "{{lang=de}}Hello. {{lang=en}}Hello.");
    let run = scene
        .sh("piper-rs speak $TINY --inline -i text -o x.wav")
        .ok();
    let run = run.says(&["no installed voice speaks `de`"]);
    assert!(!run.stderr.contains("`en`"));
    let spoken = scene.wav("x.wav").samples;
    assert!(spoken == alone(&scene, "", "Hello. Hello."));
}

#[test]
fn a_batch_has_parts_too() {
    let scene = Scene::new();
    scene.write("cast.toml", CAST);
    let dialogue = "[[pause 300ms]]It was late.\nAnna: Hello.\nHow are you?\nBOB:  Fine.\n";
    scene.write("a.txt", dialogue);
    scene.write(
        "b.txt",
        "{{voice=en_US-slt-low noise_scale=0 noise_w=0}}Hello.[[pause 1s]]",
    );
    let line = "piper-rs batch $TINY --cast cast.toml --inline -d out a.txt b.txt --join all.wav";
    scene.sh(line).ok().says(&["2 texts spoken"]);
    let expected = parts(&scene, "--cast cast.toml --inline", dialogue);
    let (a, b) = (scene.wav("out/a.wav"), scene.wav("out/b.wav"));
    assert!(a == expected);
    assert_eq!((a.rate, b.rate), (22_050, 24_000));
    assert!(b.samples.ends_with(&silence(24_000)));
    let joined = scene.wav("all.wav");
    assert_eq!(joined.rate, 22_050);
    assert!((joined.seconds() - a.seconds() - b.seconds() - 0.5).abs() < 0.001);
    // Nothing has changed; then the cast; then nobody is heard with it.
    scene.sh(line).ok().says(&["2 skipped"]);
    scene.write("cast.toml", CAST.replace("0.5", "0.6"));
    scene.sh(line).exits(1).says(&["--overwrite"]);
    // `--inline` counts, even if no mark has a voice.
    scene.write("c.txt", "Hello. {{volume=0.5}}Bye.");
    let line = "piper-rs batch $TINY --cast cast.toml -d two c.txt";
    scene.sh(line).ok();
    scene
        .sh(&format!("{line} --inline"))
        .exits(1)
        .says(&["--overwrite"]);
    // A fault is found before anything is spoken.
    scene.write("b.txt", "Hello. {{spede=1}}");
    let run = scene.sh("piper-rs batch $TINY --inline -d other b.txt");
    run.exits(2)
        .says(&["line 1, column 10: unknown key `spede`"]);
}
