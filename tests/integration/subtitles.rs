//! `--srt` and `--vtt`: what they show, and when.

use std::path::Path;

use crate::scene::{Scene, Wav, has, root, trained_voice};

/// A cue of a file: milliseconds and lines.
#[derive(Debug, Clone, PartialEq)]
struct Cue {
    start: u64,
    end: u64,
    lines: Vec<String>,
}

/// Reads SRT or WebVTT as a player does.
#[track_caller]
fn cues(file: &[u8]) -> Vec<Cue> {
    let text = std::str::from_utf8(file).unwrap();
    let blocks = text.split("\n\n").filter(|block| block.contains(" --> "));
    let cue = |block: &str| {
        let mut lines = block.lines().skip_while(|line| !line.contains(" --> "));
        let (start, end) = lines.next().unwrap().split_once(" --> ").unwrap();
        Cue {
            start: millis(start),
            end: millis(end),
            lines: lines.map(str::to_owned).collect(),
        }
    };
    blocks.map(cue).collect()
}

fn millis(clock: &str) -> u64 {
    let parts: Vec<u64> = clock
        .split([':', ',', '.'])
        .map(|part| part.parse().unwrap())
        .collect();
    ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + parts[3]
}

fn text(cues: &[Cue]) -> String {
    let lines: Vec<_> = cues
        .iter()
        .flat_map(|cue| &cue.lines)
        .map(String::as_str)
        .collect();
    lines.join(" ")
}

/// Checks what holds for all subtitles of `audio`.
#[track_caller]
fn check(cues: &[Cue], audio: &Wav) {
    let mut last_end = 0;
    for cue in cues {
        assert!(cue.start >= last_end && cue.end > cue.start, "{cue:?}");
        last_end = cue.end;
        assert!((1..=2).contains(&cue.lines.len()), "{cue:?}");
        assert!(
            cue.lines.iter().all(|line| line.chars().count() <= 42),
            "{cue:?}"
        );
        assert!((cue.start as f64) < audio.seconds() * 1000.0, "{cue:?}");
    }
}

/// The loudest sample of a part of a sound, in milliseconds.
fn peak(audio: &Wav, from: u64, to: u64) -> u16 {
    let at = |millis: u64| (millis * u64::from(audio.rate) / 1000) as usize;
    let end = at(to).min(audio.samples.len());
    let part = audio.samples.get(at(from)..end).unwrap_or_default();
    part.iter()
        .map(|sample| sample.unsigned_abs())
        .max()
        .unwrap_or(0)
}

const TEXT: &str = "The ferry costs $5.50 & leaves at noon. When the wind dropped, the little boat, \
                    which had left the harbour at dawn, went out across the bay and nobody saw it \
                    again.";

#[test]
fn cues_show_the_text_as_it_is_written_when_it_is_spoken() {
    let scene = Scene::new();
    let line = format!("piper-rs speak -o a.wav --srt a.srt --vtt a.vtt '{TEXT}'");
    scene.sh(&line).ok().silently();
    let srt = cues(&scene.read("a.srt"));
    assert_eq!(text(&srt), TEXT);
    assert!(srt.len() >= 3);
    check(&srt, &scene.wav("a.wav"));
    let vtt = cues(&scene.read("a.vtt"));
    assert_eq!(text(&vtt), TEXT.replace('&', "&amp;"));
    let times = |cues: &[Cue]| -> Vec<_> { cues.iter().map(|cue| (cue.start, cue.end)).collect() };
    assert_eq!(times(&srt), times(&vtt));
}

#[test]
fn the_audio_is_the_same_with_subtitles() {
    let scene = Scene::new();
    for flags in [
        "$TINY",
        "--noise-scale 0 --noise-w 0",
        "--seed 1 --speed 2 --trim --rate 8000",
    ] {
        let plain = scene.spoken(flags, TEXT);
        let line = format!("piper-rs speak {flags} -o b.wav --vtt b.vtt --karaoke '{TEXT}'");
        scene.sh(&line).ok();
        assert!(scene.wav("b.wav") == plain, "{flags}");
    }
}

#[test]
fn no_cue_is_shown_before_its_sound() {
    let Some(voice) = trained_voice() else {
        return;
    };
    let scene = Scene::new();
    let voice = voice.display();
    let text = "Good morning. How are you today? It is five past nine, and the train has left.";
    for flags in [
        "",
        "--speed 2",
        "--speed 0.7 --trim",
        "--rate 8000 --sentence-silence 1.5",
    ] {
        let flags = format!("-m {voice} --seed 3 --sentence-silence 0.6 {flags}");
        let line = format!("piper-rs speak {flags} -o c.wav --srt c.srt '{text}'");
        scene.sh(&line).ok();
        let audio = scene.wav("c.wav");
        let cues = cues(&scene.read("c.srt"));
        check(&cues, &audio);
        assert!(cues.len() >= 2, "{flags}: {cues:?}");
        for cue in &cues {
            // A sound may begin softly; what is 30 dB below the loudness is silence.
            assert!(
                peak(&audio, cue.start, cue.start + 100) > 116,
                "{flags}: {cue:?}"
            );
        }
    }
}

#[test]
fn a_validator_finds_no_error_in_webvtt() {
    if !has("node") {
        return;
    }
    let scene = Scene::new();
    scene.write(
        "text",
        format!("{TEXT}\n\nSee <b>x --> y</b>, 1 < 2 && {{z}}.\n\n你好，世界。\n\nשלום.\n"),
    );
    let line = "piper-rs speak $TINY -i text -o a.wav --vtt";
    scene.sh(&format!("{line} plain.vtt")).ok();
    scene.sh(&format!("{line} words.vtt --karaoke")).ok();
    let validate = root().join("tests/webvtt/validate.js");
    let validate = |files: &str| scene.sh(&format!("node {} {files}", validate.display()));
    let run = validate("plain.vtt words.vtt").ok();
    assert_eq!(run.text(), "");
    let words = String::from_utf8(scene.read("words.vtt")).unwrap();
    assert!(words.matches("<00:00:").count() > 20, "{words}");
    // It does find errors.
    scene.write(
        "bad.vtt",
        words.replacen("&amp;", "&", 1).replacen("--&gt;", "-->", 1),
    );
    validate("bad.vtt").exits(1);
}

#[test]
fn ffmpeg_reads_every_cue_and_shows_it_over_a_video() {
    if !has("ffmpeg") {
        return;
    }
    let scene = Scene::new();
    scene.write(
        "text",
        "It costs $5.50.\n\nSee <b>x --> y</b>, {z}.\n\nGoodbye, all of you.\n",
    );
    scene
        .sh("piper-rs speak -i text --sentence-silence 1 --paragraph-silence 1 -o a.wav --srt a.srt")
        .ok();
    let own = cues(&scene.read("a.srt"));
    let ffmpeg = "ffmpeg -loglevel error -y";
    let run = scene
        .sh(&format!("{ffmpeg} -i a.srt again.srt"))
        .ok()
        .silently();
    assert_eq!(run.text(), "");
    assert_eq!(cues(&scene.read("again.srt")), own);
    // A frame of grey pixels, 40 ms long, 25 a second.
    let video = format!(
        "{ffmpeg} -f lavfi -i color=black:size=320x180:rate=25:duration=10 -vf subtitles=a.srt \
         -f rawvideo -pix_fmt gray - < /dev/null"
    );
    let frames = scene.sh(&video).ok().stdout;
    let is_lit = |millis: u64| {
        let at = millis as usize / 40 * 320 * 180;
        frames[at..at + 320 * 180].iter().any(|pixel| *pixel > 128)
    };
    for cue in &own {
        assert!(is_lit((cue.start + cue.end) / 2), "{cue:?}");
        assert!(!is_lit(cue.start.saturating_sub(80)), "{cue:?}");
    }
}

#[test]
fn subtitles_go_to_standard_output_or_a_pipe_while_it_is_spoken() {
    let scene = Scene::new();
    let run = scene
        .sh(&format!("piper-rs speak $TINY -o a.wav --srt - '{TEXT}'"))
        .ok();
    assert_eq!(text(&cues(run.text().as_bytes())), TEXT);
    let line = format!("piper-rs speak $TINY -o - --srt /dev/stderr '{TEXT}' > b.wav");
    let run = scene.sh(&line).ok();
    assert_eq!(text(&cues(run.stderr.as_bytes())), TEXT);
    assert!(scene.wav("b.wav") == scene.wav("a.wav"));
}

#[test]
fn what_cannot_be_done_is_refused_before_anything_is_spoken() {
    let scene = Scene::new();
    scene.write(
        "film.srt",
        "1\r\n00:00:01,000 --> 00:00:02,000\r\nBy hand.\r\n",
    );
    scene.write("notes.txt", "Notes.\n");
    for (flags, words) in [
        (
            "-o - --srt -",
            &["audio and --srt", "standard output", "`--srt FILE`"][..],
        ),
        (
            "-o a.wav --srt - --events json",
            &["--srt and --events", "`--events-file FILE`"],
        ),
        ("-o a.wav --srt ./a.wav", &["output and --srt", "a.wav"]),
        ("-o a.wav --srt x --vtt x", &["--srt and --vtt", "x"]),
        (
            "-o a.wav --srt x --bookmark ../${PWD##*/}/x",
            &["--srt and --bookmark", "x"],
        ),
        (
            "-o a.wav --srt film.srt",
            &["film.srt exists", "--overwrite"],
        ),
        (
            "-o a.wav --vtt notes.txt",
            &["notes.txt exists", "--overwrite"],
        ),
        ("-o a.wav --karaoke", &["--vtt"]),
        ("-d out --srt a.srt", &["--output-dir", "--srt"]),
    ] {
        let run = scene
            .sh(&format!("piper-rs speak $TINY {flags} Hello."))
            .exits(2);
        run.says(words);
        assert!(!scene.path("a.wav").exists(), "{flags}");
    }
    scene
        .sh("piper-rs speak $TINY -i film.srt -o a.wav --srt film.srt")
        .exits(2)
        .says(&["film.srt", "input"]);
    scene
        .sh("piper-rs speak $TINY -o a.wav --srt no/a.srt Hello.")
        .exits(1)
        .says(&["no/a.srt", "no folder no"]);
    scene
        .sh("piper-rs speak $TINY -o a.wav --overwrite --srt film.srt Hello.")
        .ok();
    assert_eq!(text(&cues(&scene.read("film.srt"))), "Hello.");
    // Its own are replaced, as its own audio is.
    scene
        .sh("piper-rs speak $TINY -o a.wav --srt film.srt Goodbye.")
        .ok();
    assert_eq!(text(&cues(&scene.read("film.srt"))), "Goodbye.");
}

#[test]
fn a_text_without_words_has_subtitles_without_cues() {
    let scene = Scene::new();
    scene
        .sh("printf '' | piper-rs speak $TINY -o a.wav --srt a.srt --vtt a.vtt")
        .ok();
    assert_eq!(scene.read("a.srt"), b"");
    assert_eq!(scene.read("a.vtt"), b"WEBVTT\n\n");
}

// -- `batch`

fn chapters(scene: &Scene) {
    std::fs::create_dir(scene.path("book")).unwrap();
    for (n, text) in ["The first chapter. It is short.", TEXT, "The end."]
        .iter()
        .enumerate()
    {
        scene.write(&format!("book/{}.txt", n + 1), text);
    }
}

fn modified(path: &Path) -> std::time::SystemTime {
    path.metadata().unwrap().modified().unwrap()
}

#[test]
fn a_batch_writes_subtitles_beside_each_file_and_beside_the_joined_one() {
    let scene = Scene::new();
    chapters(&scene);
    let line = "piper-rs batch $TINY -d out book --srt --vtt --karaoke --join book.wav --chapter-silence 1.5";
    scene.sh(line).ok();
    let names = [
        "1.srt", "1.vtt", "1.wav", "2.srt", "2.vtt", "2.wav", "3.srt", "3.vtt", "3.wav",
    ];
    let made = scene.names("out").into_iter();
    let made: Vec<_> = made.filter(|name| !name.starts_with('.')).collect();
    assert_eq!(made, names);
    for format in ["srt", "vtt"] {
        let joined = cues(&scene.read(&format!("book.{format}")));
        check_joined(&scene, format, &joined);
    }
    if has("node") {
        let validate = root().join("tests/webvtt/validate.js");
        scene
            .sh(&format!("node {} book.vtt out/*.vtt", validate.display()))
            .ok();
    }
}

/// Checks that the joined cues are those of the parts, later by the parts before.
#[track_caller]
fn check_joined(scene: &Scene, format: &str, joined: &[Cue]) {
    let mut start = 0.0;
    let mut rest = joined.iter();
    for n in 1..=3 {
        let audio = scene.wav(&format!("out/{n}.wav"));
        for cue in cues(&scene.read(&format!("out/{n}.{format}"))) {
            let found = rest.next().unwrap();
            let expected = start * 1000.0 + cue.start as f64;
            let late = found.start as f64 - expected;
            assert!((0.0..1.001).contains(&late), "{found:?} {expected}");
            assert_eq!(found.lines.len(), cue.lines.len());
            if format == "srt" {
                assert_eq!(found.lines, cue.lines);
            }
        }
        start += audio.seconds() + 1.5;
    }
    assert_eq!(rest.next(), None);
}

#[test]
fn a_text_without_its_subtitles_is_not_done() {
    let scene = Scene::new();
    chapters(&scene);
    let run = |flags: &str| scene.sh(&format!("piper-rs batch $TINY -d out book {flags}"));
    run("").ok();
    let audio = scene.path("out/1.wav");
    let first = modified(&audio);
    run("--srt").ok();
    assert!(
        modified(&audio) > first,
        "it was made again, with subtitles"
    );
    let second = modified(&audio);
    run("--srt").ok().says(&["3 skipped"]);
    std::fs::remove_file(scene.path("out/2.srt")).unwrap();
    run("--srt").ok().says(&["2 skipped"]);
    assert!(scene.path("out/2.srt").exists());
    assert_eq!(modified(&audio), second);
    // What the user corrects stays, and what is not ours is not replaced.
    scene.write(
        "out/1.srt",
        "1\n00:00:00,000 --> 00:00:01,000\nCorrected.\n\n",
    );
    run("--srt").ok().says(&["3 skipped"]);
    scene.write("out/3.vtt", "WEBVTT\n\nNOTE mine\n");
    run("--srt --vtt").exits(1).says(&[
        "out/1.srt was changed",
        "out/3.vtt already exists",
        "--overwrite",
    ]);
    run("--srt --vtt --overwrite").ok();
    assert_eq!(
        text(&cues(&scene.read("out/1.srt"))),
        "The first chapter. It is short."
    );
    // With the words it is another file.
    run("--srt --vtt --karaoke")
        .exits(1)
        .says(&["out/1.vtt", "--overwrite"]);
}

#[test]
fn subtitles_never_replace_an_input() {
    let scene = Scene::new();
    scene.write("film.srt", "1\n00:00:01,000 --> 00:00:02,000\nHello.\n");
    scene
        .sh("piper-rs batch $TINY -d . film.srt --srt")
        .exits(2)
        .says(&["film.srt", "reads or writes"]);
    scene
        .sh("piper-rs batch $TINY -d out film.srt --karaoke")
        .exits(2)
        .says(&["--vtt"]);
}
