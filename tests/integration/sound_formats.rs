//! FLAC, Opus and MP3: written by the program, read by other programs.

use serde_json::Value;

use crate::scene::{Run, Scene, has, samples};

const TEXT: &str = "The old lighthouse keeper had not spoken to anyone for eleven days.";

/// Decoders that say nothing about a faultless file, and write 16-bit samples to
/// standard output.
const DECODERS: [(&str, &str, &str); 6] = [
    (
        "flac",
        "flac",
        "flac --silent --decode --stdout --force-raw-format --endian=little --sign=signed a.flac",
    ),
    ("flac", "sox", "sox a.flac -t raw -"),
    (
        "flac",
        "ffmpeg",
        "ffmpeg -nostdin -v warning -guess_layout_max 0 -i a.flac -f s16le -",
    ),
    ("opus", "opusdec", "opusdec --quiet --rate 48000 a.opus -"),
    ("mp3", "mpg123", "mpg123 --quiet --stdout a.mp3"),
    (
        "mp3",
        "ffmpeg",
        "ffmpeg -nostdin -v warning -i a.mp3 -f s16le -",
    ),
];

fn speak(scene: &Scene, flags: &str) -> Run {
    scene
        .sh(&format!("piper-rs speak $TINY --seed 1 {flags} '{TEXT}'"))
        .ok()
}

/// What ffprobe says of a file.
fn probe(scene: &Scene, name: &str) -> Value {
    let line =
        format!("ffprobe -v error -show_chapters -show_format -show_streams -of json {name}");
    let run = scene.sh(&line).ok().silently();
    serde_json::from_slice(&run.stdout).unwrap()
}

/// The tags of a file, wherever ffprobe found them, by names in lower case.
fn tags(probed: &Value) -> Vec<(String, String)> {
    let places = [&probed["format"]["tags"], &probed["streams"][0]["tags"]];
    let maps = places.into_iter().filter_map(Value::as_object);
    maps.flatten()
        .map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().to_owned()))
        .collect()
}

fn assert_tags(scene: &Scene, name: &str, expected: &[(&str, &str)]) {
    let found = tags(&probe(scene, name));
    for (tag, value) in expected {
        let expected = ((*tag).to_owned(), (*value).to_owned());
        assert!(found.contains(&expected), "{name}: no {tag} in {found:?}");
    }
}

#[test]
fn decoders_read_every_sample_without_a_warning() {
    let scene = Scene::new();
    let wav = scene.spoken("$TINY --seed 1", TEXT);
    for format in ["flac", "opus", "mp3"] {
        speak(&scene, &format!("-o a.{format}")).silently();
    }
    for (format, program, line) in DECODERS {
        if !has(program) {
            continue;
        }
        let decoded = samples(&scene.sh(line).ok().silently().stdout);
        match format {
            "flac" => assert_eq!(decoded, wav.samples, "{program}"),
            "opus" => {
                let rate = u64::from(wav.rate);
                let expected = wav.samples.len() as u64 * 48_000 / rate;
                assert!(expected.abs_diff(decoded.len() as u64) <= 2, "{program}");
            }
            _ => assert_eq!(decoded.len(), wav.samples.len(), "{program}"),
        }
        let peak = decoded.iter().map(|sample| sample.unsigned_abs()).max();
        assert!(peak > Some(wav.peak() / 2), "{program}: {peak:?}");
    }
    for check in ["flac --silent --test a.flac", "opusinfo --quiet a.opus"] {
        if has(check.split(' ').next().unwrap()) {
            scene.sh(check).ok();
        }
    }
}

#[test]
fn each_rate_becomes_one_that_the_format_has() {
    if !has("ffprobe") {
        return;
    }
    let scene = Scene::new();
    let cases = [
        ("flac", 11_025, "11025"),
        ("mp3", 11_025, "11025"),
        ("mp3", 20_000, "22050"),
        ("opus", 8000, "48000"),
        ("opus", 44_100, "48000"),
        ("mp3", 48_000, "48000"),
    ];
    for (format, rate, coded) in cases {
        speak(&scene, &format!("--rate {rate} --overwrite -o a.{format}"));
        speak(&scene, &format!("--rate {rate} -o a.wav"));
        let probed = probe(&scene, &format!("a.{format}"));
        assert_eq!(
            probed["streams"][0]["sample_rate"], coded,
            "{format} {rate}"
        );
        let seconds: f64 = probed["format"]["duration"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        // The last frame, and what is left out at the start.
        assert!(
            (seconds - scene.wav("a.wav").seconds()).abs() < 0.15,
            "{format} {rate}"
        );
    }
}

#[test]
fn tags_are_read_by_another_program() {
    if !has("ffprobe") {
        return;
    }
    let scene = Scene::new();
    let flags = "--title 'Leuchtturm: \"Eins\"' --author 'Ägir' --album Meer --track 7";
    let expected = [
        ("title", "Leuchtturm: \"Eins\""),
        ("artist", "Ägir"),
        ("album", "Meer"),
        ("track", "7"),
    ];
    for format in ["flac", "opus", "mp3"] {
        speak(&scene, &format!("{flags} -o a.{format}"));
        assert_tags(&scene, &format!("a.{format}"), &expected);
    }
}

#[test]
fn a_pipe_gets_the_format_that_is_asked_for() {
    if !has("ffmpeg") {
        return;
    }
    let scene = Scene::new();
    let n_samples = scene.spoken("$TINY --seed 1", TEXT).samples.len();
    for format in ["flac", "opus", "mp3", "wav"] {
        let line = format!(
            "piper-rs speak $TINY --seed 1 --audio-format {format} -o - '{TEXT}' | ffmpeg -nostdin \
             -v error -i - -ar 22050 -f s16le -"
        );
        let decoded = samples(&scene.sh(&line).ok().silently().stdout).len();
        // A stream of MP3 does not say what is before and after the sound.
        let frames = if format == "mp3" { 3 * 576 } else { 1 };
        assert!(
            decoded.abs_diff(n_samples) <= frames,
            "{format}: {decoded} of {n_samples}"
        );
    }
    // A file that standard output is gets the same as a file with a name.
    for format in ["flac", "opus", "mp3"] {
        speak(&scene, &format!("--audio-format {format} -o - > b"));
        speak(&scene, &format!("-o a.{format}"));
        assert!(
            scene.read("b") == scene.read(&format!("a.{format}")),
            "{format}"
        );
    }
    let run = scene.sh("piper-rs speak $TINY --raw --audio-format opus Hi. | cat");
    assert!(
        run.stderr.contains("--raw writes samples without a format"),
        "{}",
        run.stderr
    );
}

#[test]
fn an_encoded_file_follows_the_rules_of_files() {
    let scene = Scene::new();
    // Music of another program is kept.
    scene.write("song.mp3", b"ID3\x03\0\0\0\0\0\x10 some music");
    let run = scene.sh("piper-rs speak $TINY -o song.mp3 Hi.");
    run.exits(2)
        .says(&["song.mp3 exists and is neither WAV nor made by this program"]);
    for format in ["flac", "opus", "mp3"] {
        let file = format!("a.{format}");
        // A file of this program is replaced, and equal text gives equal bytes.
        speak(&scene, &format!("-o {file}"));
        let first = scene.read(&file);
        speak(&scene, &format!("-o {file}"));
        assert!(scene.read(&file) == first, "{format}");
    }
    let run = scene.sh("piper-rs speak $TINY -o a.flac --audio-format mp3 Hi.");
    run.exits(2)
        .says(&["a.flac would be MP3", "or write a.mp3"]);
    for (command, file) in [
        (
            "speak $TINY -d out --audio-format opus --output-dir-naming text Hi.",
            "out/Hi.opus",
        ),
        ("speak $TINY --json-input < list.jsonl", "b.flac"),
        ("interactive $TINY -o x.opus < save.txt", "c.mp3"),
    ] {
        scene.write("list.jsonl", r#"{"text": "Hi.", "output_file": "b.flac"}"#);
        scene.write("save.txt", "Hi.\n:save c.mp3\n");
        scene.sh(&format!("piper-rs {command}")).ok();
        assert!(scene.read(file).len() > 500, "{file}");
    }
    let names = scene.names(".");
    assert!(
        !names.iter().any(|name| name.starts_with(".piper")),
        "{names:?}"
    );
}

#[test]
fn a_stopped_run_leaves_a_whole_file_and_nothing_else() {
    if !has("ffmpeg") {
        return;
    }
    let scene = Scene::new();
    for format in ["flac", "opus", "mp3"] {
        let mut live = scene.start(&format!("piper-rs speak $TINY --json-input -o x.{format}"));
        live.types(r#"{"text": "One line."}"#);
        live.types(r#"{"text": "Aside.", "output_file": "aside.wav"}"#);
        live.hear("aside.wav\n".len());
        live.signal("INT");
        assert_eq!(live.ends().0, Some(130), "{format}");
        let line =
            format!("ffmpeg -nostdin -v warning -guess_layout_max 0 -i x.{format} -f s16le -");
        let decoded = scene.sh(&line).ok().silently();
        assert!(decoded.stdout.len() > 5000, "{format}");
        let names = scene.names(".");
        assert!(!names.iter().any(|name| name.starts_with('.')), "{names:?}");
    }
}

#[test]
fn a_batch_has_tags_and_skips_what_is_done() {
    if !has("ffprobe") {
        return;
    }
    let scene = Scene::new();
    scene.write(
        "book.txt",
        "CHAPTER I\n\nThe sea.\n\nCHAPTER II\n\nThe land.\n",
    );
    let batch = "piper-rs batch $TINY --seed 1 -d out --split chapters book.txt --title Book \
                 --author Nobody --results list.jsonl --audio-format";
    for format in ["flac", "opus", "mp3"] {
        let line = format!("{batch} {format}");
        scene.sh(&line).ok().says(&["2 texts spoken"]);
        scene.sh(&line).ok().says(&["0 texts spoken", "2 skipped"]);
        let expected = [
            ("title", "CHAPTER II"),
            ("artist", "Nobody"),
            ("album", "Book"),
            ("track", "2"),
        ];
        assert_tags(&scene, &format!("out/002-chapter-ii.{format}"), &expected);
        let list = String::from_utf8(scene.read("list.jsonl")).unwrap();
        for line in list.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert!(line["seconds"].as_f64().unwrap() > 0.3, "{line}");
        }
        // Other tags make another file.
        let other = line.replace("Nobody", "Somebody");
        scene.sh(&other).exits(1).says(&["--overwrite"]);
    }
}

#[test]
fn a_joined_file_has_its_chapters() {
    if !has("ffprobe") {
        return;
    }
    let scene = Scene::new();
    scene.write(
        "book.txt",
        "CHAPTER I\n\nThe sea.\n\nCHAPTER II\n\nThe land.\n",
    );
    for format in ["flac", "opus", "mp3"] {
        let line = format!(
            "piper-rs batch $TINY --seed 1 -d out --split chapters book.txt --join all.{format} \
             --overwrite --title Book --author Nobody"
        );
        scene.sh(&line).ok();
        scene.sh(&line).ok().says(&["0 texts spoken"]);
        let name = format!("all.{format}");
        assert_tags(&scene, &name, &[("title", "Book"), ("artist", "Nobody")]);
        let probed = probe(&scene, &name);
        let chapters = probed["chapters"].as_array().unwrap();
        let titles: Vec<_> = chapters
            .iter()
            .map(|chapter| &chapter["tags"]["title"])
            .collect();
        assert_eq!(titles, ["CHAPTER I", "CHAPTER II"], "{format}");
        let first = scene.wav("out/001-chapter-i.wav").seconds() + 2.0;
        let second: f64 = chapters[1]["start_time"].as_str().unwrap().parse().unwrap();
        assert!(
            (second - first).abs() < 0.002,
            "{format}: {second}, {first}"
        );
    }
    let run = scene.sh("piper-rs batch $TINY -d o book.txt --audio-format opus --join b.wav");
    run.exits(2)
        .says(&["--join puts WAV files together", "would be Opus"]);
}

#[test]
fn a_bit_rate_or_tags_that_nothing_has_are_not_lost_without_a_word() {
    let scene = Scene::new();
    let speak = |flags: &str| scene.sh(&format!("piper-rs speak $TINY Hi. {flags}"));
    for flags in ["-o a.wav", "-o a.flac", "-o -", "-d out", "--raw"] {
        speak(&format!("--bitrate 32 {flags}"))
            .exits(2)
            .says(&["--bitrate is for Opus and MP3", "--audio-format"]);
    }
    assert!(!scene.path("a.wav").exists());
    speak("--bitrate 32 --title One -o a.opus").ok().silently();
    speak("--title One -o a.flac").ok().silently();
    for flags in ["-o a.wav", "-d out"] {
        let note = "the tags are left out";
        speak(&format!("--author Me {flags}")).ok().says(&[note]);
        speak(&format!("--author Me --quiet {flags}"))
            .ok()
            .silently();
    }
    scene.write(
        "lines.jsonl",
        "{\"text\":\"Hi.\",\"output_file\":\"b.opus\"}\n",
    );
    scene
        .sh("piper-rs speak $TINY --json-input --bitrate 32 --title One < lines.jsonl")
        .ok();
    let batch = |flags: &str| {
        let line = "piper-rs batch $TINY -d many --manifest list.jsonl --bitrate 32";
        scene.sh(&format!("{line} {flags}"))
    };
    scene.write("list.jsonl", "{\"text\":\"Hi.\"}\n");
    for flags in ["", "--join all.flac", "--dry-run", "--name '{n}.flac'"] {
        batch(flags)
            .exits(2)
            .says(&["--bitrate is for Opus and MP3"]);
    }
    assert!(!scene.path("many/0001.wav").exists());
    batch("--join all.mp3").ok();
    batch("--audio-format opus").ok();
    scene.write("list.jsonl", "");
    batch("").ok();
}
