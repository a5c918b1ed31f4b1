//! Wrapper scripts written for old piper (rhasspy/piper) and for piper-tts:
//! they work with `piper-rs speak`, or `piper-rs`, as the program's name.

use crate::scene::Scene;

/// Runs a script that uses `$PIPER`, under both names; returns x.wav of each.
fn scripts(scene: &Scene, script: &str) -> [Vec<u8>; 2] {
    ["piper-rs speak", "piper-rs"].map(|name| {
        _ = std::fs::remove_file(scene.path("x.wav"));
        scene.sh(&format!("PIPER='{name}'; {script}")).ok();
        scene.read("x.wav")
    })
}

#[test]
fn every_flag_of_old_piper_is_known_in_both_spellings() {
    let scene = Scene::new();
    let long = "echo 'Hi, you.' | $PIPER --model tiny --config $PIPER_VOICE_DIR/tiny.onnx.json \
        --noise_scale 0 --noise_w 0 --length_scale 1.5 --sentence_silence 0.1 \
        --phoneme_silence , 0.3 --espeak_data /usr/lib/x86_64-linux-gnu/espeak-ng-data \
        --tashkeel_model /nowhere.ort --use_cuda --output_file x.wav --quiet";
    let hyphens = long
        .replace(['_'], "-")
        .replace("PIPER-VOICE-DIR", "PIPER_VOICE_DIR")
        .replace("x86-64", "x86_64");
    let short = "echo 'Hi, you.' | $PIPER -m tiny -c $PIPER_VOICE_DIR/tiny.onnx.json --noise_scale=0 \
        --noise_w=0 --length_scale=1.5 --phoneme_silence , 0.3 -q -f x.wav";
    let [first, second] = scripts(&scene, long);
    assert!(first.len() > 10_000 && first == second);
    for script in [hyphens.as_str(), short] {
        assert!(
            scripts(&scene, script) == [first.clone(), first.clone()],
            "{script}"
        );
    }
}

#[test]
fn inputs_and_outputs_of_old_piper_work() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "Hi.").samples;
    for flag in ["--output_raw", "--output-raw"] {
        let run = scene
            .sh(&format!("echo Hi. | piper-rs speak $TINY {flag}"))
            .ok();
        assert!(run.samples() == expected, "{flag}");
    }
    let stream = scene
        .sh("echo Hi. | piper-rs speak $TINY --output_file -")
        .ok();
    assert!(crate::scene::samples(&stream.stdout[44..]) == expected);
    for flag in ["-d", "--output_dir", "--output-dir"] {
        let run = scene
            .sh(&format!("echo Hi. | piper-rs speak $TINY {flag} out"))
            .ok();
        assert!(scene.wav(run.text().trim()).samples == expected, "{flag}");
    }
    for flag in ["--json-input", "--json_input"] {
        scene.write(
            "line",
            r#"{"text": "Hi.", "speaker_id": 0, "output_file": "own.wav"}"#,
        );
        let run = scene
            .sh(&format!("piper-rs speak $TINY {flag} < line"))
            .ok();
        assert_eq!(run.text(), "own.wav\n");
        assert!(scene.wav("own.wav").samples == expected, "{flag}");
    }
    let by = |flag: &str| scene.spoken(&format!("$MULTI {flag}"), "Hi.").samples;
    assert!(by("-s 1") == by("--speaker 1") && by("-s 1") != by("-s 0"));
}

#[test]
fn version_help_and_debug_of_old_piper_work() {
    let scene = Scene::new();
    for line in [
        "piper-rs --version",
        "piper-rs speak --version",
        "piper-rs speak -m x --version",
    ] {
        assert!(
            scene.sh(line).ok().text().starts_with("piper-rs 0."),
            "{line}"
        );
    }
    for line in [
        "piper-rs -h",
        "piper-rs --help",
        "piper-rs speak -h",
        "piper-rs speak --help",
    ] {
        assert!(
            scene.sh(line).ok().text().contains("Usage: piper-rs"),
            "{line}"
        );
    }
    let run = scene
        .sh("echo Hi. | piper-rs speak $TINY --debug -f x.wav")
        .ok();
    run.says(&["loaded tiny"]);
}

#[test]
fn every_flag_of_piper_tts_is_known() {
    let scene = Scene::new();
    scene.write("one", "Hi there.\n");
    scene.write("two", "And you.\n");
    let full = "$PIPER --model tiny --data-dir . --data-dir $PIPER_VOICE_DIR --input-file one --input-file two \
        --output-file x.wav --noise-scale 0 --noise-w-scale 0 --length-scale 1.2 --sentence-silence 0.3 \
        --volume 0.5 --no-normalize --cuda --debug --download-dir . --update-voices";
    let other = "cat one two | $PIPER -m tiny --data_dir $PIPER_VOICE_DIR --output_file x.wav --noise_scale 0 \
        --noise_w_scale 0 --length_scale 1.2 --sentence_silence 0.3 --volume 0.5 --no_normalize";
    let short = "$PIPER -m tiny -i one -i two -f x.wav --noise-scale 0 --noise-w 0 --length-scale 1.2 \
        --sentence-silence 0.3 --volume 0.5 --no-normalize";
    let [first, second] = scripts(&scene, full);
    assert!(first.len() > 10_000 && first == second);
    for script in [other, short] {
        assert!(scripts(&scene, script)[0].len() == first.len(), "{script}");
    }
}

#[test]
fn text_arguments_and_output_folders_of_piper_tts_work() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "Hi there.").samples;
    scene
        .sh("piper-rs speak $TINY -f x.wav -- 'Hi there.'")
        .ok();
    assert!(scene.wav("x.wav").samples == expected);
    let line = "piper-rs $TINY --output_dir out --output_dir_naming text -- 'Hi there.'";
    assert_eq!(scene.sh(line).ok().text(), "out/Hi there.wav\n");
    assert!(scene.wav("out/Hi there.wav").samples == expected);
}

#[test]
fn flags_may_be_repeated_and_shortened() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY --length-scale 2", "Hi there.");
    let cases = [
        "$TINY --length_scale 1 --length_scale 2 -f x.wav --output_file x.wav",
        "-m nobody $TINY --length-scale 2 -q -q -f x.wav",
        // As Python's argparse, which piper-tts uses, accepts them.
        "$TINY --length 2 --output-fi x.wav",
    ];
    for flags in cases {
        let run = scene.sh(&format!("echo 'Hi there.' | piper-rs speak {flags}"));
        run.ok().silently();
        assert!(scene.wav("x.wav") == expected, "{flags}");
        std::fs::remove_file(scene.path("x.wav")).unwrap();
    }
    let short = "$TINY --sent 0.5 --deb -q";
    scene
        .sh(&format!("piper-rs speak {short} -f x.wav Hi."))
        .ok()
        .silently();
    let run = scene.sh("piper-rs speak $TINY -q --debug -f x.wav Hi.");
    run.ok().says(&["loaded tiny"]);
    // Ambiguous: several flags start with it.
    let run = scene.sh("piper-rs speak $TINY --outp x.wav Hi.");
    run.exits(2).says(&["unexpected argument '--outp'"]);
}

#[test]
fn a_negative_number_is_text() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "-5 degrees");
    scene.sh("piper-rs speak $TINY -f x.wav -5 degrees").ok();
    assert!(scene.wav("x.wav") == expected);
}

#[test]
fn an_unknown_flag_is_an_error_with_a_suggestion() {
    let scene = Scene::new();
    let cases = [
        ("--sentance_silence 1", "--sentence-silence"),
        ("--lenght-scale 1", "--length-scale"),
        ("--output-files x", "--output-file"),
        ("--speeker 1", "--speaker"),
    ];
    for (flag, suggestion) in cases {
        let run = scene.sh(&format!("echo Hi. | piper-rs speak $TINY {flag} -f x.wav"));
        run.exits(2).says(&["unexpected argument", suggestion]);
    }
    assert!(!scene.path("x.wav").exists());
}

#[test]
fn stats_takes_its_format_after_a_space_or_an_equals_sign() {
    let scene = Scene::new();
    let bare = scene.spoken("$TINY", "Hi.");
    for (flag, starts) in [
        ("--stats json", '{'),
        ("--stats=json", '{'),
        ("--stats text", 's'),
        ("--stats", 's'),
    ] {
        let run = scene
            .sh(&format!("piper-rs speak $TINY {flag} Hi. -o x.wav"))
            .ok();
        assert!(run.stderr.starts_with(starts), "{flag}: {}", run.stderr);
        assert!(scene.wav("x.wav") == bare, "{flag}");
    }
}

#[test]
fn global_options_may_come_before_a_command() {
    let scene = Scene::new();
    scene.write("c.toml", "volume = 0.5\n");
    let devices = scene.sh("piper-rs devices --json").stdout;
    let cases = [
        "piper-rs -q devices --json",
        "piper-rs -qv devices --json",
        "piper-rs --no_config devices --json",
        "piper-rs --config-file c.toml devices --json",
        "piper-rs --espeak-data=nowhere -v devices --json",
    ];
    for line in cases {
        assert_eq!(scene.sh(line).stdout, devices, "{line}");
    }
    let phonemes = scene.sh("piper-rs phonemes Hi").ok();
    let run = scene.sh("piper-rs --config-file c.toml phonemes Hi").ok();
    assert_eq!(run.text(), phonemes.text());
    let run = scene.sh("piper-rs --espeak-data nowhere phonemes Hi");
    run.exits(3).says(&["nowhere"]);
    scene.write("a.txt", "Hi.");
    let line = "piper-rs -q --config-file c.toml batch -m tiny -d out a.txt";
    scene.sh(line).ok().silently();
    assert!(!scene.wav("out/a.wav").samples.is_empty());
    scene.sh("piper-rs -q version").ok();
}

#[test]
fn options_of_speak_and_a_double_dash_still_imply_it() {
    let scene = Scene::new();
    let spoken = scene.spoken("-m tiny --seed 1", "doctor");
    let cases = [
        "piper-rs -q -m tiny --seed 1 -o x.wav doctor",
        "piper-rs -q --seed 1 -o x.wav -m tiny -- doctor",
    ];
    for line in cases {
        scene.sh(line).ok().silently();
        assert!(scene.wav("x.wav") == spoken, "{line}");
    }
}

#[test]
fn habits_of_espeak_ng_and_say_work() {
    let scene = Scene::new();
    let text = "Hello there, how are you?";
    let faster = scene.spoken("$TINY --speed 2", text);
    let quiet = scene.spoken("$TINY --volume 0.5", text);
    let cases = [("-r 350", &faster), ("-r350", &faster), ("-a 50", &quiet)];
    for (flags, expected) in cases {
        assert!(
            scene.spoken(&format!("$TINY {flags}"), text) == *expected,
            "{flags}"
        );
    }
    for line in [
        format!("piper-rs $TINY -w x.wav -a 50 '{text}'"),
        format!("piper-rs speak $TINY -r 175 -p 50 -q -w x.wav -a 50 '{text}'"),
    ] {
        scene.sh(&line).ok().silently();
        assert!(scene.wav("x.wav") == quiet, "{line}");
    }
    let phonemes = scene
        .sh("piper-rs phonemes -m tiny Hello.")
        .ok()
        .text()
        .to_owned();
    for line in [
        "-x -m tiny Hello.",
        "-q --ipa -m tiny Hello.",
        "speak -m tiny -x Hello.",
    ] {
        let run = scene.sh(&format!("piper-rs {line}")).ok();
        assert_eq!(run.text(), phonemes, "{line}");
    }
    let voices = scene.sh("piper-rs voices list").ok().text().to_owned();
    assert_eq!(scene.sh("piper-rs --voices").ok().text(), voices);
    for (line, same) in [("help", "--help"), ("help voices get", "voices get --help")] {
        let help = scene.sh(&format!("piper-rs {same}")).ok().text().to_owned();
        assert_eq!(scene.sh(&format!("piper-rs {line}")).ok().text(), help);
    }
}

#[test]
fn habits_that_mean_something_else_get_a_tip() {
    let scene = Scene::new();
    scene.write("notes.txt", "My notes.");
    let cases = [
        (
            "speak $TINY -s 150 Hello.",
            1,
            "for words per minute use `-r 150`",
        ),
        ("speak $TINY -p 50 -o x.wav Hello.", 0, "-p has no effect"),
        ("speak -v en-us Hello.", 2, "choose a voice with `-m en-us`"),
        (
            "-v en_US-joe-medium Hello.",
            2,
            "choose a voice with `-m en_US-joe-medium`",
        ),
        ("speak -v '?'", 2, "voices list"),
        (
            "speak $TINY -f notes.txt",
            2,
            "to read it aloud, use `-i notes.txt`",
        ),
        ("speak $TINY -r 22050 -o x.wav Hello.", 2, "44..=700"),
        (
            "speak $TINY -r 100 --speed 2 -o x.wav Hello.",
            2,
            "cannot be used with",
        ),
        ("notes.txt", 2, "piper-rs speak -i notes.txt"),
        (
            "phonemes notes.txt",
            0,
            "for what is in that file: `-i notes.txt`",
        ),
        (
            "speak -m BUILTIN -o x.wav --volume 9 Hello.",
            0,
            "samples were clipped",
        ),
        (
            "speak -i https://a.org/b -o x.wav",
            1,
            "curl -L https://a.org/b |",
        ),
        (
            "batch $TINY -d out --at-cue-times notes.txt",
            2,
            "is an option of `piper-rs speak`",
        ),
        (
            "voices prepare builtin",
            0,
            "the built-in voice needs no preparation",
        ),
        ("hello", 2, "piper-rs speak \"hello\""),
        ("hello there", 2, "piper-rs speak \"hello there\""),
        ("help nonsense", 2, "unrecognized subcommand"),
        (
            "'Hello there' -o 'a b.wav'",
            2,
            "piper-rs speak \"Hello there\" -o \"a b.wav\"",
        ),
        (
            "speak -v Alex 'Hello there.'",
            2,
            "choose a voice with `-m Alex`",
        ),
        ("speak $TINY -o x.wav -v Alex Hello.", 0, "`-v -- Alex …`"),
        (
            "speak $TINY -o x.wav -v Bells 'Hello there.'",
            0,
            "choose a voice with `-m Bells`",
        ),
        (
            "speak -f notes.txt -w x.wav",
            2,
            "to read notes.txt aloud, use `-i notes.txt`",
        ),
        (
            "speak $TINY -o a.wav -o b.wav Hello.",
            2,
            "two output files, a.wav and b.wav",
        ),
        ("'- item one'", 2, "piper-rs speak -- \"- item one\""),
        (
            "speak -o x.wav '-- Yes'",
            2,
            "piper-rs speak -o x.wav -- \"-- Yes\"",
        ),
        (
            "phonemes '-1 degree'",
            2,
            "piper-rs phonemes -- \"-1 degree\"",
        ),
        ("speak --stdout Hello.", 2, "`-o -` writes a WAV stream"),
        ("speak -g 10 Hello.", 2, "words have no gap"),
        ("-k20 Hello.", 2, "`--spell` spells the text"),
        (
            "$TINY batch notes.txt -d out",
            2,
            "piper-rs batch -m tiny --noise-scale 0 --noise-w 0 notes.txt -d out",
        ),
        ("speak --volume 0,5 Hello.", 2, "with a point for decimals"),
        (
            "speak --rate 200 Hello.",
            2,
            "for words per minute use `-r 200`",
        ),
    ];
    for (line, code, tip) in cases {
        scene
            .sh(&format!("piper-rs {line} < /dev/null"))
            .exits(code)
            .says(&[tip]);
    }
    assert_eq!(
        scene.names("."),
        ["asound.conf", "home", "notes.txt", "x.wav"]
    );
    let run = scene.sh("piper-rs voices list --stdout").exits(2);
    assert!(!run.stderr.contains("`-o -`"), "{}", run.stderr);
    let run = scene.sh("piper-rs voices hello").exits(2);
    assert!(!run.stderr.contains("piper-rs speak"), "{}", run.stderr);
    assert_eq!(scene.read("notes.txt"), b"My notes.");
}

#[test]
fn a_text_after_a_tip_is_spoken() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "- item one");
    let line = "piper-rs speak $TINY -o x.wav -- '- item one'";
    scene.sh(line).ok().silently();
    assert!(scene.wav("x.wav") == expected);
    scene
        .sh("piper-rs speak $TINY --rate 16k -o y.wav Hi.")
        .ok();
    assert_eq!(scene.wav("y.wav").rate, 16_000);
}

#[test]
fn a_voice_after_v_gets_a_tip_only_where_text_is_expected() {
    let scene = Scene::new();
    let run = scene.sh("piper-rs speak -v en_US-slt-low hello").exits(2);
    run.says(&["-m en_US-slt-low"]);
    scene.sh("piper-rs voices info -v en_US-slt-low").ok();
}
