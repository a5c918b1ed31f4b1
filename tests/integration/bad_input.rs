//! Texts, voices and flags that are wrong.

use std::time::Instant;

use crate::scene::{Scene, has, skipped};

// -- texts

#[test]
fn a_megabyte_in_one_line_starts_at_once_within_bounded_memory() {
    let scene = Scene::new();
    for (name, pattern) in [("words", "word and word "), ("letters", "a"), ("han", "语")] {
        let text = pattern.repeat(1_000_000 / pattern.len());
        scene.write("line", text);
        let start = Instant::now();
        let mut live = scene.start("piper-rs speak $TINY --raw < line");
        live.hear(1);
        let first = start.elapsed();
        live.hear(1_000_000);
        let megabytes = live.peak_megabytes();
        eprintln!("{name}: first sound after {first:.1?}, {megabytes} MB at peak");
        // The runtime and the voice take about 100 MB. The ids, the audio or the
        // attention of the whole line would take gigabytes.
        assert!(megabytes < 400, "{name}: {megabytes} MB");
        live.signal("INT");
        assert_eq!(live.ends().0, Some(130), "{name}");
    }
}

#[test]
fn a_megabyte_of_punctuation_is_read_to_its_end() {
    let scene = Scene::new();
    let last = scene.spoken("$TINY --normalize off", "The end.").samples;
    let text = format!("Begin. {} The end.", "- ".repeat(500_000));
    let start = Instant::now();
    let audio = scene.spoken("$TINY --normalize off", &text).samples;
    eprintln!("a megabyte of dashes took {:.1?}", start.elapsed());
    assert!(audio.ends_with(&last));
}

#[test]
fn an_empty_text_is_a_valid_empty_wav() {
    let scene = Scene::new();
    scene.write("blank", "\n".repeat(10_000));
    scene.write("empty", "");
    scene.write("spaces", " \t \u{a0} \u{feff}\r\n\r\n");
    for line in [
        "piper-rs speak $TINY -o x.wav ''",
        "piper-rs speak $TINY -o x.wav < blank",
        "piper-rs speak $TINY -o x.wav -i blank",
        "piper-rs speak $TINY -o x.wav -i empty -i spaces",
        "piper-rs speak $TINY --strict-piper -o x.wav < blank",
    ] {
        scene.sh(line).ok().says(&["is empty or blank"]);
        let wav = scene.wav("x.wav");
        assert_eq!((wav.rate, wav.samples.len()), (22050, 0), "{line}");
    }
    for (line, bytes) in [("-o -", 44), ("--raw", 0)] {
        let run = scene.sh(&format!("piper-rs speak $TINY {line} ''")).ok();
        assert_eq!(run.stdout.len(), bytes, "{line}");
    }
    scene.sh("piper-rs speak $TINY -d out < blank").ok();
    assert!(!scene.path("out").exists(), "no file for an empty text");
}

#[test]
fn a_text_without_sound_is_named_with_its_origin() {
    let scene = Scene::new();
    scene.write("empty.txt", "");
    scene.write("marks.txt", "(…)\n\n¿?\n");
    scene.write("words.txt", "Hello.\n\n* * *\n");
    scene.write("many", "!!!\n".repeat(20));
    scene.write("lines.jsonl", "{\"text\": \"Hi.\"}\n{\"text\": \"「」\"}\n");
    let given = "the given text has no sound";
    let cases: [(&str, &[&str]); 9] = [
        ("'()'", &[given]),
        ("'[[☃]]'", &[given, "`☃` (1)"]),
        ("--strict-piper '[[☃]]'", &[given]),
        (
            "-i empty.txt -i words.txt",
            &["empty.txt is empty or blank"],
        ),
        ("-i marks.txt", &["marks.txt has no sound"]),
        (
            "- < marks.txt",
            &["line 1 of standard input has no sound: `(…)`", "line 3"],
        ),
        ("< /dev/null", &["standard input is empty"]),
        ("< many", &["line 5 of", "15 more lines have no sound"]),
        (
            "--json-input < lines.jsonl",
            &["line 2 of standard input has no sound: `「」`"],
        ),
    ];
    for (flags, messages) in cases {
        let line = format!("piper-rs speak $TINY -o x.wav {flags}");
        let run = scene.sh(&line).ok().says(messages);
        let lines = run.stderr.lines().count();
        assert!(lines <= 6, "{flags}: {}", run.stderr);
        scene.wav("x.wav");
        scene
            .sh(&format!("piper-rs speak -q $TINY -o x.wav {flags}"))
            .ok()
            .silently();
    }
    let spoken = "piper-rs speak $TINY -o x.wav -i words.txt";
    scene.sh(spoken).ok().silently();
    let batch = "piper-rs batch $TINY -d out words.txt marks.txt empty.txt";
    let run = scene
        .sh(batch)
        .ok()
        .says(&["marks.txt has no sound", "empty.txt has no sound"]);
    assert!(!run.stderr.contains("words.txt"));
    let session = "printf '!!\nHi.\n' | piper-rs interactive $TINY -o x.wav";
    scene.sh(session).ok().says(&["the text has no sound"]);
}

#[test]
fn marks_without_a_name_are_reported_by_every_command() {
    let scene = Scene::new();
    for text in ["...", "★ ✓ █", ", ,", "?!", "--", "* * *", "-----", "¿?"] {
        let given = scene.sh(&format!("piper-rs speak $TINY -o x.wav -- '{text}'"));
        given.ok().says(&["the given text has no sound"]);
        let piped = scene.sh(&format!("echo '{text}' | piper-rs speak $TINY -o x.wav"));
        piped.ok().says(&["standard input has no sound"]);
        let phonemes = scene.sh(&format!("piper-rs phonemes -m tiny -- '{text}'"));
        phonemes.ok().says(&["the given text has no sound"]);
        let quiet = scene.sh(&format!("piper-rs phonemes -q -m tiny -- '{text}'"));
        quiet.ok().silently();
    }
    // One mark is spoken by its name.
    for text in ["…", "€", "★ star"] {
        let run = scene.sh(&format!("piper-rs speak $TINY -o x.wav -- '{text}'"));
        run.ok().silently();
        assert!(!scene.wav("x.wav").samples.is_empty(), "{text}");
        scene
            .sh(&format!("piper-rs phonemes -m tiny -- '{text}'"))
            .ok()
            .silently();
    }
    // Among others, a line that separates scenes is no loss.
    let book = "printf 'One.\n\n* * *\n\nTwo.\n' | piper-rs speak $TINY -o x.wav";
    scene.sh(book).ok().silently();
}

#[test]
fn markup_of_other_programs_is_noted_once() {
    let scene = Scene::new();
    scene.write("say", "One [[slnc 500]] two.\n\nThree [[rate 200]] four.\n");
    scene.write("ssml", "<speak>One <break time=\"1s\"/> two.</speak>\n");
    for (file, note) in [
        ("say", "not as a command of `say`"),
        ("ssml", "looks like SSML"),
    ] {
        for command in [
            "speak $TINY -o x.wav --format text -i",
            "phonemes -m tiny <",
            "batch $TINY --format text --force -d out",
            "interactive $TINY -o x.wav <",
        ] {
            let run = scene.sh(&format!("piper-rs {command} {file}")).ok();
            assert_eq!(
                run.stderr.matches(note).count(),
                1,
                "{command}: {}",
                run.stderr
            );
        }
        let quiet = scene.sh(&format!(
            "piper-rs speak -q $TINY -o x.wav --format text -i {file}"
        ));
        quiet.ok().silently();
    }
}

#[test]
fn a_voice_that_cannot_spell_says_so() {
    let scene = Scene::new();
    scene.sh("cp $PIPER_VOICE_DIR/tiny.onnx.json .").ok();
    let config = String::from_utf8(scene.read("tiny.onnx.json")).unwrap();
    let letters = config.replace("\"espeak\"", "\"text\"");
    scene.write("letters.json", letters);
    for flag in ["--spell", "--punctuation all"] {
        for command in ["speak -o x.wav", "phonemes"] {
            let line = format!("piper-rs {command} -m tiny -c letters.json {flag} 'Ab. Cd.'");
            let run = scene.sh(&line).ok();
            let notes = run.stderr.matches("have no effect").count();
            assert_eq!(notes, 1, "{line}: {}", run.stderr);
        }
    }
    let run = scene
        .sh("piper-rs phonemes -m tiny -c letters.json 'Ab.'")
        .ok();
    assert!(!run.stderr.contains("no effect"), "{}", run.stderr);
}

#[test]
fn an_empty_text_on_a_device_is_named_too() {
    let scene = Scene::with_device();
    let run = scene.sh("piper-rs speak $TINY --play -o x.wav ''").ok();
    run.says(&["the given text is empty or blank"]);
    assert!(scene.wav("x.wav").samples.is_empty());
    let run = scene.sh("piper-rs speak $TINY --play ''").ok();
    run.says(&["the given text is empty or blank"]);
    assert!(!scene.has_played());
}

#[test]
fn a_missing_voice_is_an_error_even_if_no_text_comes() {
    let scene = Scene::with_device();
    for command in [
        "speak",
        "speak --raw",
        "speak -o x.wav",
        "speak --json-input",
        "batch -d out --lines -",
        "phonemes",
        "interactive",
    ] {
        let run = scene.sh(&format!("piper-rs {command} -m nowhere < /dev/null"));
        run.exits(3).says(&["no voice `nowhere`"]);
    }
    assert!(!scene.path("x.wav").exists());
}

#[test]
fn a_word_of_one_hyphen_means_standard_input() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "Hello.");
    for words in ["speak -", "speak -- -", "-"] {
        let line = format!("echo Hello. | piper-rs {words} $TINY -o x.wav");
        let line = line.replace("-- - $TINY -o x.wav", "$TINY -o x.wav -- -");
        scene.sh(&line).ok().silently();
        assert!(scene.wav("x.wav") == expected, "{line}");
    }
}

#[test]
fn at_a_terminal_a_run_without_text_says_that_it_waits() {
    let scene = Scene::new();
    for command in [
        "speak $TINY -o x.wav",
        "phonemes -m tiny",
        "batch $TINY -d out --lines -",
    ] {
        let line = format!(
            "(echo Hello.; printf \"\\004\") | script -qefc \"piper-rs {command}\" /dev/null"
        );
        if !crate::scene::has("script") {
            return;
        }
        let run = scene.sh(&line);
        let waits = run.text().matches("waiting for text").count();
        assert_eq!(waits, 1, "{command}: {}", run.text());
    }
    let run = scene.sh("echo Hello. | piper-rs speak $TINY -o x.wav");
    run.ok().silently();
}

#[test]
fn odd_characters_are_spoken_or_ignored() {
    let scene = Scene::new();
    let cases = [
        ("control characters", "a\x01\x1b[31mred\x07\x0b \0 b\x7f"),
        ("emoji", "🙂🙂 👨‍👩‍👧‍👦 yes 🇩🇪"),
        ("right to left", "مرحبا بالعالم. שלום עולם?"),
        ("mixed directions", "abc \u{202e}def\u{202c} مرحبا ghi"),
        (
            "combining marks",
            "e\u{301}\u{302}\u{303}\u{304}\u{305} a\u{30a}",
        ),
        ("the last code points", "\u{10ffff}\u{fffd}\u{ffff} end"),
        ("marks alone", "... !!! ??? --- ;;; ()"),
        ("an open block", "Hello [[hɛ world."),
        ("empty blocks", "[[]] [[ ]] Hello [[]]."),
        ("nested blocks", "[[a [[b]] c]]"),
        ("SSML", "<speak>Hello <break/> &amp; you</speak>"),
    ];
    let line = |(name, text): &(&str, &str)| {
        format!(
            "{}\n",
            serde_json::json!({ "text": text, "output_file": format!("{name}.wav") })
        )
    };
    scene.write("lines", cases.iter().map(line).collect::<String>());
    for flags in ["", "--strict-piper"] {
        scene
            .sh(&format!(
                "piper-rs speak $TINY --speed 2 {flags} --json-input -d . < lines"
            ))
            .ok();
        for (name, _) in &cases {
            let audio = scene.wav(&format!("{name}.wav"));
            assert!(audio.seconds() < 60.0, "{name}: {}", audio.seconds());
        }
    }
    let red = scene.spoken("$TINY --normalize off", "a\x01b").samples;
    assert!(red == scene.spoken("$TINY --normalize off", "a b").samples);
}

#[test]
fn unknown_phonemes_are_reported_once_for_the_run() {
    let scene = Scene::new();
    scene.write("text", "[[☃a☃]]\n[[a☃🙂]]\n");
    let run = scene.sh("piper-rs speak $TINY -o x.wav < text").ok();
    assert_eq!(
        run.stderr,
        "piper-rs: left out 4 phonemes that the voice does not know: `☃` (3), `🙂` (1)\n"
    );
}

// -- inputs

#[test]
fn an_input_that_cannot_be_read_is_named() {
    let scene = Scene::new();
    let cases = ["nofile", "home", "no/such/file"];
    for input in cases {
        let run = scene.sh(&format!("piper-rs speak $TINY -o x.wav -i {input}"));
        run.exits(1).says(&[&format!("cannot read {input}: ")]);
    }
    assert!(!scene.path("x.wav").exists());
}

// -- voices

#[test]
fn a_missing_voice_names_every_path_that_was_tried() {
    let scene = Scene::new();
    let run = scene
        .sh("piper-rs speak -m nobody --data-dir here -o x.wav Hello.")
        .exits(3);
    run.says(&[
        "no voice `nobody`",
        "here/nobody.onnx",
        "tests/voices/nobody.onnx",
        "home/.local/share/piper-rs/voices/nobody.onnx",
        "./nobody.onnx",
        "hint: ",
    ]);
    assert_eq!(scene.names("."), ["asound.conf", "home"]);
}

#[test]
fn a_damaged_voice_is_named_with_its_fault() {
    let scene = Scene::new();
    let setup =
        "cp $PIPER_VOICE_DIR/tiny.onnx v.onnx; cp $PIPER_VOICE_DIR/tiny.onnx.json v.onnx.json";
    let cases = [
        (
            "head -c 30000 v.onnx > t; mv t v.onnx",
            1,
            "bad voice model v.onnx",
        ),
        ("echo hello > v.onnx", 1, "not an ONNX file"),
        (": > v.onnx", 1, "bad voice model v.onnx"),
        (
            "echo '{\"audio\": ' > v.onnx.json",
            1,
            "bad voice config v.onnx.json: not a Piper config",
        ),
        ("echo '[]' > v.onnx.json", 1, "bad voice config v.onnx.json"),
        ("echo '{}' > v.onnx.json", 1, "bad voice config v.onnx.json"),
        ("rm v.onnx.json", 3, "v.onnx has no config; looked for:"),
        (
            "sed -i s/en-us/gondolin/ v.onnx.json",
            1,
            "espeak-ng has no voice `gondolin`",
        ),
        (
            "sed -i 's/\"phoneme_type\": *\"espeak\"/\"phoneme_type\": \"runes\"/' v.onnx.json",
            3,
            "`runes`",
        ),
        (
            "dd if=/dev/urandom of=v.onnx bs=1000 seek=20 count=9 conv=notrunc 2>/dev/null",
            1,
            "v.onnx",
        ),
    ];
    for (damage, code, message) in cases {
        let run = scene.sh(&format!(
            "{setup}; {damage}; piper-rs speak -m v.onnx -o x.wav Hello."
        ));
        // Random bytes may change only weights; then the voice sounds odd.
        if damage.starts_with("dd") && run.code == Some(0) {
            std::fs::remove_file(scene.path("x.wav")).unwrap();
            continue;
        }
        run.exits(code).says(&["piper-rs: ", message]);
        assert!(!scene.path("x.wav").exists(), "{damage}");
    }
    assert_eq!(
        scene.names("."),
        ["asound.conf", "home", "v.onnx", "v.onnx.json"]
    );
}

// -- libraries

#[test]
fn a_missing_library_is_named_with_the_remedy() {
    let scene = Scene::new();
    let cases = [
        (
            "--onnxruntime /nowhere/lib.so",
            [
                "ONNX Runtime was not found",
                "/nowhere/lib.so",
                "--onnxruntime FILE",
            ],
        ),
        (
            "--onnxruntime asound.conf",
            ["cannot use ONNX Runtime at", "asound.conf", ""],
        ),
        (
            "--espeak /nowhere/lib.so",
            [
                "espeak-ng was not found",
                "/nowhere/lib.so",
                "apt-get install",
            ],
        ),
        (
            "--espeak-data /nowhere",
            ["espeak-ng", "/nowhere", "--espeak-data DIR"],
        ),
    ];
    for (flag, words) in cases {
        scene
            .sh(&format!("piper-rs speak {flag} -o x.wav Hello."))
            .exits(3)
            .says(&words);
        assert!(!scene.path("x.wav").exists(), "{flag}");
    }
}

#[test]
fn the_onnx_runtime_of_python_is_found() {
    let scene = Scene::new();
    let folder = scene.path("home/.local/lib/python3.9/site-packages");
    std::fs::create_dir_all(&folder).unwrap();
    // A copy of the program with no library next to it.
    scene.copy_program(".");
    let line = "env -u ORT_DYLIB_PATH ./piper-rs speak $TINY -o x.wav Hi.";
    let run = scene.sh(line);
    if run.code == Some(0) {
        return skipped("ONNX Runtime is installed in this system");
    }
    let place = folder.join("onnxruntime/capi");
    run.exits(3)
        .says(&[&place.join("libonnxruntime.so").display().to_string()]);
    std::fs::create_dir_all(&place).unwrap();
    let library = std::env::var_os("ORT_DYLIB_PATH").expect("`make` puts ONNX Runtime in place");
    std::os::unix::fs::symlink(library, place.join("libonnxruntime.so.1.32.0")).unwrap();
    scene.sh(line).ok();
}

// -- numbers

#[test]
fn a_number_out_of_range_is_a_usage_error() {
    let scene = Scene::new();
    for flags in [
        "--speed 0",
        "--speed -1",
        "--speed nan",
        "--speed inf",
        "--speed x",
        "--length-scale 0",
        "--length-scale -1",
        "--noise-scale nan",
        "--noise-w -1",
        "--volume -1",
        "--volume nan",
        "--volume inf",
        "--sentence-silence -1",
        "--sentence-silence nan",
        "--line-silence 1e9",
        "--paragraph-silence x",
        "--phoneme-silence ab 1",
        "--phoneme-silence a x",
        "--chunk-size 0",
        "--chunk-size -1",
        "--seed -1",
        "--seed 1.5",
        "--threads x",
        "--threads 0",
        "--ahead x",
        "--normalize loud",
        "--raw-format mp3",
        "--stats=xml",
        "--output-dir-naming random",
        "--speed 0.2",
        "--speed 4.1",
        "--raw -o y.wav",
        "-i x text",
    ] {
        let run = scene.sh(&format!(
            "piper-rs speak $TINY -o x.wav {flags} < /dev/null"
        ));
        assert_eq!(run.code, Some(2), "{flags}: {}", run.stderr);
        assert!(!run.stderr.is_empty(), "{flags}");
    }
    assert_eq!(scene.names("."), ["asound.conf", "home"]);
}

#[test]
fn extreme_numbers_within_range_work() {
    let scene = Scene::new();
    for flags in [
        "--speed 0.25 --length-scale 0.01",
        "--speed 4 --length-scale 0.01",
        "--volume 1e30",
        "--sentence-silence 60",
        "--chunk-size 1",
        "--ahead 1",
        "--pool-size 0",
        "--threads 1",
        "--cache-voices 0",
        "--seed 18446744073709551615",
    ] {
        scene.spoken(&format!("$TINY {flags}"), "Hello. You.");
    }
}

#[test]
fn a_terminal_gets_no_audio() {
    if !has("script") {
        return;
    }
    let scene = Scene::new();
    for flags in ["--raw", "-o -", "--raw -o -", "-o /dev/stdout"] {
        let line = format!("script -qec 'piper-rs speak $TINY {flags} Hello.' /dev/null");
        let run = scene.sh(&line).exits(2);
        assert!(run.text().contains("cannot show audio"), "{}", run.text());
        let line = format!("script -qec 'piper-rs speak $TINY {flags} Hello. | wc -c' /dev/null");
        scene.sh(&line).ok();
    }
}

#[test]
fn a_text_that_is_the_name_of_a_file_is_spoken_with_a_note() {
    let scene = Scene::new();
    scene.write("story.txt", "A story.");
    let run = scene.sh("piper-rs speak $TINY -o x.wav story.txt").ok();
    run.says(&["speaking the words `story.txt`", "-i story.txt"]);
    assert!(scene.wav("x.wav") == scene.spoken("$TINY", "story.txt"));
    let quiet = scene.sh("piper-rs speak -q $TINY -o x.wav story.txt").ok();
    assert_eq!(quiet.stderr, "");
}
