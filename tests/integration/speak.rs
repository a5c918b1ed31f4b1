//! `piper-rs speak`: inputs, voices, prosody, pauses, loudness, outputs.

use crate::scene::{Scene, Wav, concat, silence, trained_voice};

/// Without normalization, so that a sentence has the same samples alone and among others.
const PLAIN: &str = "$TINY --normalize off";

/// The samples of `text` spoken alone, without any pause.
fn alone(scene: &Scene, text: &str) -> Vec<i16> {
    scene.spoken(PLAIN, text).samples
}

// -- inputs

#[test]
fn every_kind_of_input_gives_the_same_audio() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "Hello there.");
    assert!(expected.seconds() > 0.3 && expected.rate == 22050);
    scene.write("text", "Hello there.");
    for line in [
        r#"piper-rs speak $TINY -o x.wav "Hello there.""#,
        "piper-rs speak $TINY -o x.wav Hello there.",
        "piper-rs speak $TINY -o x.wav -i text",
        "piper-rs speak $TINY -o x.wav --input-file text",
        "piper-rs speak $TINY -o x.wav -i - < text",
        "cat text | piper-rs speak $TINY -o x.wav",
        "piper-rs $TINY -o x.wav < text",
    ] {
        let run = scene.sh(line).ok().silently();
        assert_eq!(run.text(), "", "{line}");
        assert!(scene.wav("x.wav") == expected, "{line}");
    }
}

#[test]
fn several_files_are_read_as_one_text() {
    let scene = Scene::new();
    scene.write("one", "One.\n");
    scene.write("two", "Two.");
    let line = format!("piper-rs speak {PLAIN} -i one -i - -i two -o x.wav");
    scene.sh(&format!("echo Between. | {line}")).ok();
    let [one, between, two] = ["One.", "Between.", "Two."].map(|text| alone(&scene, text));
    let audio = scene.wav("x.wav").samples;
    let without_pauses = audio.len() - one.len() - between.len() - two.len();
    assert!(audio.starts_with(&one) && audio.ends_with(&two));
    assert!(without_pauses > 0, "the end of a file ends a line");
}

#[test]
fn a_line_is_spoken_when_its_newline_comes() {
    let scene = Scene::new();
    let first = alone(&scene, "One line.");
    let mut live = scene.start(&format!("piper-rs speak {PLAIN} --raw"));
    live.types("One line.");
    let heard = live.hear(first.len() * 2);
    assert_eq!(crate::scene::samples(&heard), first);
    live.types("And another.");
    live.hear(first.len());
    live.ends_input();
    assert_eq!(live.ends().0, Some(0));
}

#[test]
fn encodings_are_detected_or_set_by_a_flag() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "Café naïve.");
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = "\u{feff}Café naïve.".encode_utf16();
        units.flat_map(order).collect()
    };
    let latin1: Vec<u8> = "Café naïve.".chars().map(|c| c as u8).collect();
    for (name, bytes, input) in [
        ("UTF-8 with a mark", "\u{feff}Café naïve.".into(), "-i text"),
        ("UTF-16 LE", utf16(u16::to_le_bytes), "< text"),
        ("UTF-16 BE", utf16(u16::to_be_bytes), "-i text"),
        ("Latin-1", latin1, "--encoding latin1 < text"),
    ] {
        scene.write("text", bytes);
        let line = format!("piper-rs speak $TINY -o x.wav {input}");
        scene.sh(&line).ok().silently();
        assert!(scene.wav("x.wav") == expected, "{name}");
    }
}

#[test]
fn an_invalid_byte_is_reported_by_its_offset_after_the_text_before_it_is_spoken() {
    let scene = Scene::new();
    let first = alone(&scene, "Good line.");
    scene.write("text", b"Good line.\nbad \xff byte\n");
    let run = scene
        .sh(&format!("piper-rs speak {PLAIN} -o x.wav < text"))
        .exits(1);
    run.says(&[
        "standard input is not valid UTF-8",
        "offset 15",
        "--encoding",
    ]);
    assert_eq!(scene.wav("x.wav").samples, first);
    // The flag that the hint suggests exists in every command that gives the hint.
    scene.write("lines", b"Gr\xFC\xDFe\n");
    let line = format!("piper-rs interactive {PLAIN} -o x.wav");
    let run = scene.sh(&format!("{line} < lines"));
    run.exits(1).says(&["offset 2", "--encoding"]);
    scene.sh(&format!("{line} --encoding latin1 < lines")).ok();

    let run = scene.sh("piper-rs speak --encoding klingon -o x.wav < text");
    run.exits(2).says(&["unknown encoding `klingon`"]);
}

// -- prosody

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let scene = Scene::new();
    for voice in ["-m tiny", ""] {
        let with = |seed: u32| {
            scene
                .spoken(&format!("{voice} --seed {seed}"), "The same words. Twice.")
                .samples
        };
        let first = with(7);
        assert!(with(7) == first, "{voice}");
        assert!(with(8) != first, "{voice}");
    }
}

#[test]
fn without_a_seed_every_run_differs() {
    let scene = Scene::new();
    let say = || scene.spoken("-m tiny", "The same words.").samples;
    assert!(say() != say());
}

#[test]
fn a_speaker_is_chosen_by_name_or_by_id() {
    let scene = Scene::new();
    let by = |flag: &str| scene.spoken(&format!("$MULTI {flag}"), "Hello.").samples;
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| by(&format!("-s {name}")));
    assert!(by("--speaker 0") == alice && by("-s 1") == bob && by("-s 2") == carol);
    assert!(by("") == alice, "the first speaker is the default");
    assert!(alice.len() < bob.len() && carol.len() < alice.len());
    let run = scene
        .sh("piper-rs speak $MULTI -s dave -o x.wav Hello.")
        .exits(1);
    run.says(&["no speaker `dave`", "0 to 2 (alice, bob, carol)"]);
}

#[test]
fn a_voice_is_found_by_path_by_name_and_by_folder() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "Hello.");
    std::fs::create_dir_all(scene.path("home/.local/share/piper-rs/voices")).unwrap();
    let setup = r#"
        mkdir here; cp $PIPER_VOICE_DIR/tiny.onnx here/other.onnx
        cp $PIPER_VOICE_DIR/tiny.onnx.json here/other.onnx.json
        cp here/* home/.local/share/piper-rs/voices
        cp here/other.onnx.json away.json; cp here/other.onnx away.onnx"#;
    scene.sh(setup).ok();
    let scales = "--noise-scale 0 --noise-w 0";
    for voice in [
        "-m here/other.onnx",
        "--model here/other.onnx",
        "--voice ./here/other",
        "-m other",
        "--data-dir here -m other",
        "--data-dir here -m other.onnx",
        "-m away.onnx -c away.json",
        "-m away.onnx --config here/other.onnx.json",
    ] {
        assert!(
            scene.spoken(&format!("{voice} {scales}"), "Hello.") == expected,
            "{voice}"
        );
    }
}

#[test]
fn without_a_voice_the_built_in_one_speaks() {
    let audio = Scene::new().spoken("", "Hello, world.");
    assert!((0.4..3.0).contains(&audio.seconds()), "{}", audio.seconds());
    assert!(audio.peak() > 10_000);
}

#[test]
fn a_trained_voice_gives_the_same_samples_split_and_unsplit() {
    let Some(voice) = trained_voice() else {
        return;
    };
    let scene = Scene::new();
    let flags = format!(
        "-m {} --noise-scale 0 --noise-w 0 --precision fp32",
        voice.display()
    );
    let text = "The little boat went out across the bay.";
    let split = scene.spoken(&flags, text);
    let unsplit = scene.spoken(&format!("{flags} --no-prepare"), text);
    assert!((1.5..4.0).contains(&split.seconds()), "{}", split.seconds());
    assert_eq!(split.samples.len(), unsplit.samples.len());
    let pairs = split.samples.iter().zip(&unsplit.samples);
    let difference = pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(difference <= 2, "{difference} steps of 16 bits");
}

// -- pauses

#[test]
fn pauses_have_the_requested_length_and_there_is_none_at_the_end() {
    let scene = Scene::new();
    // The engine of --strict-piper in all cases: another one rounds differently.
    let plain = format!("{PLAIN} --engine onnxruntime");
    let [one, two, three] =
        ["One.", "Two.", "Three."].map(|text| scene.spoken(&plain, text).samples);
    // 22 050 samples per second.
    let cases = [
        ("", "One. Two. Three.\n", 4410, 4410),
        ("--sentence-silence 0.5", "One. Two. Three.", 11025, 11025),
        ("--sentence-silence 0", "One. Two. Three.", 0, 0),
        (
            "--sentence-silence 0.1 --line-silence 0.3",
            "One. Two.\nThree.\n",
            2205,
            6615,
        ),
        ("", "One.\nTwo.\n\nThree.\n\n\n", 4410, 11025),
        (
            "--sentence-silence 0.8",
            "One. Two.\n\n\n\nThree.\n",
            17640,
            17640,
        ),
        (
            "--paragraph-silence 2",
            "One.\nTwo.\n \nThree.",
            4410,
            44100,
        ),
        (
            "--strict-piper --normalize off",
            "One.\nTwo.\n\nThree.",
            0,
            0,
        ),
        (
            "--strict-piper --sentence-silence 1 --normalize off",
            "One. Two.\nThree.",
            22050,
            0,
        ),
    ];
    for (flags, text, first, second) in cases {
        let expected = concat(&[&one, &silence(first), &two, &silence(second), &three]);
        let flags = if flags.contains("normalize") {
            format!("$TINY {flags}")
        } else {
            format!("{plain} {flags}")
        };
        let audio = scene.spoken(&flags, text).samples;
        assert!(
            audio == expected,
            "{flags} {text:?}: {} for {}",
            audio.len(),
            expected.len()
        );
    }
}

#[test]
fn a_phoneme_silence_cuts_the_sentence_there() {
    let scene = Scene::new();
    // No punctuation is added at the end, so that each half can be spoken alone.
    let say = |flags: &str, text: &str| {
        let flags = format!("$TINY --strict-piper --normalize off {flags}");
        scene.spoken(&flags, text).samples
    };
    let halves = [say("", "[[ha,]]"), say("", "[[hi]]")];
    let expected = concat(&[&halves[0], &silence(11025), &halves[1]]);
    assert!(say("--phoneme-silence , 0.5", "[[ha,hi]]") == expected);
}

#[test]
fn splitting_into_paragraphs_and_sentences_can_be_disabled() {
    let scene = Scene::new();
    let pause = "--sentence-silence 1 --line-silence 1 --paragraph-silence 2";
    let with = |flags: &str, text: &str| {
        scene
            .spoken(&format!("{PLAIN} {pause} {flags}"), text)
            .seconds()
    };
    let saved = with("", "One. Two.") - with("--no-sentences", "One. Two.");
    assert!(
        (0.8..1.2).contains(&saved),
        "one inference, no pause: {saved}"
    );
    scene.write("text", "One.\n\nTwo.");
    let from_file = |flags: &str| {
        scene
            .sh(&format!(
                "piper-rs speak {PLAIN} {pause} {flags} -i text -o x.wav"
            ))
            .ok();
        scene.wav("x.wav").seconds()
    };
    let saved = from_file("") - from_file("--no-paragraphs");
    assert!(
        (saved - 1.0).abs() < 0.001,
        "a sentence's pause, not a paragraph's: {saved}"
    );
}

#[test]
fn a_small_chunk_size_loses_no_word() {
    let scene = Scene::new();
    let text = "Many words, and more words; none of them is to be lost by cutting";
    let chunks = |size: usize| {
        let line = format!("piper-rs speak $TINY --chunk-size {size} --stats=json --raw '{text}'");
        let run = scene.sh(&line).ok();
        let stats: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
        (
            stats["stream"]["chunks"].as_u64().unwrap(),
            run.samples().len(),
        )
    };
    let (one, whole) = chunks(500);
    let (many, cut) = chunks(20);
    assert!(one == 1 && many >= 4, "{one} {many}");
    assert!(cut > whole * 9 / 10, "{cut} of {whole}");
}

// -- loudness

const LOUD_AND_QUIET: &str = "Hello there. [[ə]]. Some more, then? And on it goes! [[ʒʒʒ]]";

#[test]
fn one_gain_per_run_keeps_the_loudness_ratio_of_sentences() {
    let scene = Scene::new();
    let run = scene.spoken("$TINY", LOUD_AND_QUIET);
    let off = scene.spoken(PLAIN, LOUD_AND_QUIET);
    assert_eq!(run.samples.len(), off.samples.len());
    assert!(run.peak() < i16::MAX as u16, "never clips: {}", run.peak());
    // Below the knee, 0.891 of full scale, the gain is exactly one number.
    let plain = |sample: i16| (2000..29_000).contains(&sample.unsigned_abs());
    let pairs = run
        .samples
        .iter()
        .zip(&off.samples)
        .filter(|(run, off)| plain(**run) && plain(**off));
    let ratios: Vec<f64> = pairs
        .map(|(run, off)| f64::from(*run) / f64::from(*off))
        .collect();
    let (low, high) = ratios
        .iter()
        .fold((f64::MAX, 0.0_f64), |(l, h), r| (l.min(*r), h.max(*r)));
    assert!(
        ratios.len() > 5000 && high / low < 1.002,
        "{} {low} {high}",
        ratios.len()
    );
}

#[test]
fn normalize_run_spans_lines_and_normalize_sentence_does_not() {
    let scene = Scene::new();
    let lines = LOUD_AND_QUIET.replace(". ", ".\n");
    let peaks = |flags: &str| -> Vec<u16> {
        let audio = scene.spoken(&format!("$TINY {flags}"), &lines);
        let pauses: Vec<Vec<i16>> = split_at_pauses(&audio);
        pauses
            .iter()
            .map(|p| p.iter().map(|s| s.unsigned_abs()).max().unwrap())
            .collect()
    };
    let full = |peak: &u16| *peak >= 32_766;
    assert!(peaks("--normalize sentence").iter().all(full));
    assert!(!peaks("--normalize run").iter().any(full));
    assert!(!peaks("--normalize off").iter().any(full));
    assert_eq!(peaks("--no-normalize"), peaks("--normalize off"));
}

/// Splits at every run of more than 1000 zeros.
fn split_at_pauses(audio: &Wav) -> Vec<Vec<i16>> {
    let mut parts = vec![Vec::new()];
    for group in audio.samples.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
        if group[0] == 0 && group.len() > 1000 {
            parts.push(Vec::new());
        } else {
            parts.last_mut().unwrap().extend(group);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[test]
fn volume_is_a_factor_that_saturates() {
    let scene = Scene::new();
    let with = |flags: &str| scene.spoken(&format!("$TINY {flags}"), "Hello.");
    let plain = with("");
    let half = with("--volume 0.5");
    let pairs = plain.samples.iter().zip(&half.samples);
    assert!(pairs.clone().all(|(a, b)| (a / 2 - b).abs() <= 1));
    assert_eq!(with("--volume 0").peak(), 0);
    let loud = with("--volume 20");
    let same_sign = plain
        .samples
        .iter()
        .zip(&loud.samples)
        .all(|(a, b)| i32::from(*a) * i32::from(*b) >= 0);
    assert!(same_sign && loud.peak() > 30_000);
}

// -- outputs

#[test]
fn an_output_folder_gets_a_file_per_line_and_their_paths_are_printed() {
    let scene = Scene::new();
    scene.write("text", "One.\n\nTwo? Yes.\nOne.\n");
    for (naming, expected) in [
        ("text", Some(["One-2", "One", "Two Yes"])),
        ("timestamp", None),
    ] {
        let line =
            format!("piper-rs speak {PLAIN} -d {naming}-named --output-dir-naming {naming} < text");
        let run = scene.sh(&line).ok().silently();
        let paths: Vec<&str> = run.text().lines().collect();
        let names = scene.names(&format!("{naming}-named"));
        assert_eq!((paths.len(), names.len()), (3, 3), "{paths:?} {names:?}");
        match expected {
            Some(expected) => assert_eq!(names, expected.map(|name| format!("{name}.wav"))),
            None => assert!(paths.is_sorted(), "{paths:?}"),
        }
        let one = alone(&scene, "One.");
        assert_eq!(scene.wav(paths[0]).samples, one, "no pause at either end");
        assert_eq!(scene.wav(paths[2]).samples, one);
    }
}

#[test]
fn a_line_of_any_length_is_one_file() {
    let scene = Scene::new();
    // Longer than the read buffer, and quickly spoken.
    scene.write("text", format!("One{}two.\n", " ".repeat(100_000)));
    scene
        .sh(&format!("piper-rs speak {PLAIN} -d out < text"))
        .ok();
    assert_eq!(scene.names("out").len(), 1);
}

#[test]
fn the_same_text_gets_the_same_file_name_in_every_run() {
    let scene = Scene::new();
    scene.write("lines", "Hi?\nHi.\n");
    for volume in ["0.5", "1"] {
        let flags = format!("-d out --output-dir-naming text --volume {volume}");
        let run = scene.sh(&format!("piper-rs speak $TINY {flags} < lines"));
        assert_eq!(run.ok().text(), "out/Hi.wav\nout/Hi-2.wav\n");
    }
    assert_eq!(scene.names("out"), ["Hi-2.wav", "Hi.wav"]);
    assert!(scene.wav("out/Hi-2.wav") == scene.spoken("$TINY", "Hi."));
}

#[test]
fn raw_output_and_streams_have_the_samples_of_a_file() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "Hello. World.").samples;
    let run = |flags: &str| {
        scene
            .sh(&format!("piper-rs speak $TINY {flags} 'Hello. World.'"))
            .ok()
    };
    assert!(run("--raw").samples() == expected);
    let stream = run("-o -").stdout;
    assert_eq!(&stream[..4], b"RIFF");
    let declared = u32::from_le_bytes(stream[40..44].try_into().unwrap());
    assert_eq!(declared, 0x7fff_f000, "the length is not known yet");
    assert!(crate::scene::samples(&stream[44..]) == expected);
    let floats = run("--raw --raw-format f32le").stdout;
    let as_integers = floats
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().unwrap()));
    let integers: Vec<i16> = as_integers
        .map(|sample| (sample * 32767.0) as i16)
        .collect();
    let close = integers
        .iter()
        .zip(&expected)
        .all(|(a, b)| (a - b).abs() <= 1);
    assert!(close && integers.len() == expected.len());
}

#[test]
fn a_stream_redirected_to_a_file_gets_its_length_in_the_header() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", "Hello. World.");
    let speak = |rest: &str| {
        let line = format!("piper-rs speak $TINY -o {rest}");
        scene.sh(&line.replace("REST", "'Hello. World.'")).ok();
    };
    speak("- REST > x.wav");
    assert!(scene.wav("x.wav") == expected);
    speak("/dev/stdout REST > y.wav");
    assert!(scene.wav("y.wav") == expected);
    // Bytes before it stay.
    scene.write("z.wav", "abc");
    speak("- REST >> z.wav");
    let both = scene.read("z.wav");
    assert_eq!(&both[..7], b"abcRIFF");
    assert!(crate::scene::samples(&both[47..]) == expected.samples);
}

#[test]
fn an_old_file_is_replaced_only_by_a_complete_one() {
    let scene = Scene::new();
    scene.sh("piper-rs speak $TINY -o x.wav Old.").ok();
    let old = scene.read("x.wav");
    scene
        .sh("piper-rs speak -m nobody -o x.wav Hello.")
        .exits(3);
    assert!(scene.read("x.wav") == old);
    scene.sh("piper-rs speak $TINY -o x.wav Hello.").ok();
    assert!(scene.wav("x.wav") == Scene::new().spoken("$TINY", "Hello."));
    assert_eq!(scene.names("."), ["asound.conf", "home", "x.wav"]);
}
