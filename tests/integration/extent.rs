//! `--start-at` and `--max-duration`: how much of a text is spoken.

use crate::scene::{Scene, concat, silence};

const TEXT: &str = "One. Two,\ntwo. Three.\n\nFour.\nCall me\nIshmael. Five.\n";

#[test]
fn speech_begins_at_a_line_or_at_a_sentence_of_a_file() {
    let scene = Scene::new();
    scene.write("a.txt", TEXT);
    scene.write("b.txt", "Six. Seven.\n");
    let rest = |from: &str| &TEXT[TEXT.find(from).unwrap()..];
    let cases = [
        ("1", rest("One.")),
        ("2", rest("two. Three")),
        ("5", rest("Call me")),
        ("'two.  THREE'", rest("Two,\ntwo")),
        ("ishmael", rest("Call me")),
    ];
    for (at, expected) in cases {
        scene.write("rest.txt", expected);
        let speak = "piper-rs speak $TINY --line-breaks join -o x.wav -i";
        scene.sh(&format!("{speak} rest.txt")).ok();
        let expected = scene.wav("x.wav");
        let run = scene.sh(&format!("{speak} a.txt --start-at {at}"));
        run.ok().silently();
        assert!(scene.wav("x.wav") == expected, "{at}");
    }
    // In the second file.
    let expected = scene.spoken("$TINY", "Seven.");
    let line = "piper-rs speak $TINY -i a.txt -i b.txt --start-at seven -o x.wav";
    scene.sh(line).ok().silently();
    assert!(scene.wav("x.wav") == expected);
}

#[test]
fn streams_words_objects_and_documents_have_a_start_too() {
    let scene = Scene::new();
    scene.write("a.md", "# Title\n\nOne *and*\ntwo. Three.\n\n- Four.\n");
    scene.write(
        "a.jsonl",
        "{\"text\": \"One.\"}\n{\"text\": \"Two. Three.\"}\n",
    );
    let cases = [
        ("--start-at 2 < text", "Two.\nThree.\n"),
        ("--start-at three < text", "Three.\n"),
        ("--start-at three 'One. Two. Three.'", "Three."),
        ("--start-at 4 -i a.md", "One and two. Three.\n\nFour.\n"),
        (
            "--start-at 'AND TWO' -i a.md",
            "One and two. Three.\n\nFour.\n",
        ),
        ("--start-at three -i a.md", "Three.\n\nFour.\n"),
        ("--start-at 2 --json-input < a.jsonl", "Two. Three."),
        ("--start-at three --json-input < a.jsonl", "Two. Three."),
    ];
    scene.write("text", "One.\nTwo.\nThree.\n");
    for (flags, expected) in cases {
        let expected = scene.spoken("$TINY", expected);
        let line = format!("piper-rs speak $TINY -o x.wav {flags}");
        scene.sh(&line).ok().silently();
        assert!(scene.wav("x.wav") == expected, "{flags}");
    }
}

#[test]
fn a_place_that_is_not_there_is_an_error_with_the_nearest() {
    let scene = Scene::new();
    scene.write("a.txt", TEXT);
    for (flags, words) in [
        (
            "-i a.txt --start-at 'call me ishmal'",
            "cannot read a.txt: no sentence has `call me ishmal`, as `--start-at` says; the \
             nearest is `Call me` in line 5 of a.txt",
        ),
        (
            "-i a.txt --start-at 7",
            "`--start-at 7` is after its end, which is line 6",
        ),
        (
            "--start-at 2 < /dev/null",
            "is after its end, which is empty",
        ),
        (
            "-i a.txt -i a.txt --start-at nine",
            "cannot read 2 files: no sentence has `nine`",
        ),
    ] {
        let run = scene.sh(&format!("piper-rs speak $TINY -o x.wav {flags}"));
        run.exits(1).says(&[words]);
        assert!(!scene.path("x.wav").exists());
    }
    let run = scene.sh("piper-rs speak $TINY -o x.wav -i a.txt --start-at 0");
    run.exits(2).says(&["lines are counted from 1"]);
}

#[test]
fn a_run_ends_after_the_sentence_that_crosses_the_limit() {
    let scene = Scene::new();
    let (one, two) = (scene.spoken("$TINY", "One."), scene.spoken("$TINY", "Two."));
    let pause = silence(one.rate as usize / 5);
    let both = concat(&[&one.samples, &pause, &two.samples]);
    let seconds = |samples: usize| samples as f64 / f64::from(one.rate);
    scene.write("a.txt", "One. Two. Three. Four.\n\nFive.\n");
    let speak = |limit: f64, flags: &str| {
        let limit = format!("--max-duration {limit}");
        let run = scene.sh(&format!("piper-rs speak $TINY -i a.txt {limit} {flags}"));
        run.ok().says(&["as --max-duration says"])
    };
    let just_over_one = seconds(one.samples.len() + pause.len()) + 0.01;
    for limit in [just_over_one, seconds(both.len()) - 0.01] {
        assert!(speak(limit, "--raw").samples() == both, "{limit}");
        speak(limit, "-o x.wav");
        assert!(scene.wav("x.wav").samples == both, "{limit}");
    }
    assert!(speak(0.001, "--raw").samples() == one.samples);
    // Without pauses, too.
    let joined = concat(&[&one.samples, &two.samples]);
    let just_over_one = seconds(one.samples.len()) + 0.01;
    let flags = "--raw --sentence-silence 0";
    assert!(speak(just_over_one, flags).samples() == joined);
    // A sentence goes on after a pause at a comma.
    scene.write("a.txt", "One, two, three. Four.\n");
    let pauses = "--phoneme-silence , 0.4 --raw";
    let whole = scene.sh(&format!("piper-rs speak $TINY {pauses} 'One, two, three.'"));
    assert!(speak(0.001, pauses).samples() == whole.ok().samples());
    scene.write("a.txt", "One. Two. Three. Four.\n\nFive.\n");
    // A limit that is not reached changes nothing.
    let run = scene.sh("piper-rs speak $TINY -i a.txt --max-duration 1h --raw");
    let whole = run.ok().silently().samples();
    assert!(
        whole
            == scene
                .spoken("$TINY", "One. Two. Three. Four.\n\nFive.\n")
                .samples
    );
}

#[test]
fn a_limit_ends_a_stream_that_stays_open() {
    let scene = Scene::new();
    let one = scene.spoken("$TINY", "One.").samples;
    let mut live = scene.start("piper-rs speak $TINY --raw --max-duration 0.01");
    live.types("One.");
    let (code, stderr, heard) = live.ends();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(crate::scene::samples(&heard) == one);
    let run = scene.sh("piper-rs speak $TINY -d out --max-duration 0.01 'One.' 2>&1 | wc -l");
    assert_eq!(run.ok().text().trim(), "2", "the file, and the note");
}
