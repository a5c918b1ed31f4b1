//! Inputs that can be read only once: pipes, named pipes, devices. Each is
//! opened once and read once, whatever flag names it.

use crate::quiet::in_terminal;
use crate::scene::{Scene, has};

const TEXT: &str = "Hello there. How are you?";

/// Runs a line of bash, which has `<(command)`.
fn bash(scene: &Scene, line: &str) -> crate::scene::Run {
    scene.write("line.sh", line);
    scene.sh("bash line.sh")
}

#[test]
fn a_pipe_named_as_a_file_is_spoken_whole() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", TEXT);
    let names = [
        "/dev/stdin",
        "/dev/fd/0",
        "/proc/self/fd/0",
        "-",
        "/dev/fd/3",
    ];
    for name in names {
        let line = format!("echo '{TEXT}' | piper-rs speak $TINY -i {name} -o x.wav 3<&0");
        scene.sh(&line).ok().silently();
        assert!(scene.wav("x.wav") == expected, "{name}");
    }
    for name in ["/dev/stdin", "/dev/fd/3"] {
        scene.write("text", TEXT);
        let line = format!("piper-rs speak $TINY -i {name} -o x.wav < text 3<text");
        scene.sh(&line).ok().silently();
        assert!(scene.wav("x.wav") == expected, "{name} is a file");
    }
}

#[test]
fn a_bar_does_not_take_text_from_a_pipe() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", TEXT);
    // The reader that counts for the bar would win some of the races.
    for _ in 0..5 {
        let line = format!("echo \"{TEXT}\" | piper-rs speak $TINY -i /dev/fd/3 -o x.wav 3<&0");
        if in_terminal(&scene, &line).is_none() {
            return;
        }
        assert!(scene.wav("x.wav") == expected);
    }
}

#[test]
fn a_named_pipe_is_spoken_line_by_line_until_its_writers_are_gone() {
    let scene = Scene::new();
    scene.sh("mkfifo pipe").ok();
    let first = scene.spoken("$TINY", "First line.").samples;
    let mut live = scene.start(
        "bash -c 'piper-rs speak $TINY -i pipe --raw & exec 9> pipe; \
                                while read -r line; do echo \"$line\" >&9; done; exec 9>&-; wait'",
    );
    live.types("First line.");
    let heard = live.hear(first.len() * 2);
    live.types("Second line.");
    live.ends_input();
    let (code, stderr, rest) = live.ends();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let spoken = scene.spoken("$TINY", "First line.\nSecond line.\n").samples;
    assert!(crate::scene::samples(&[heard, rest].concat()) == spoken);
}

#[test]
fn every_flag_that_takes_a_file_takes_a_pipe() {
    if !has("bash") {
        return;
    }
    let scene = Scene::new();
    let expected = scene.spoken("$TINY", TEXT);
    let config = "<(cat $PIPER_VOICE_DIR/tiny.onnx.json)";
    let speak = [
        format!("-i <(echo '{TEXT}')"),
        format!("-c {config} '{TEXT}'"),
        format!("--config-file <(echo 'voice = \"tiny\"') '{TEXT}'"),
        "--lexicon <(echo 'greeting = hello') 'Greeting there. How are you?'".to_owned(),
        format!("-m tiny -c /dev/stdin '{TEXT}' < $PIPER_VOICE_DIR/tiny.onnx.json"),
        format!("--json-input -i <(echo '{{\"text\": \"{TEXT}\"}}')"),
    ];
    for flags in speak {
        bash(&scene, &format!("piper-rs speak $TINY {flags} -o x.wav"))
            .ok()
            .silently();
        assert!(scene.wav("x.wav") == expected, "{flags}");
    }
    scene.write("text.txt", TEXT);
    let batch = [
        format!("<(echo '{TEXT}')"),
        "- < text.txt".to_owned(),
        format!("-c {config} text.txt"),
        format!("--lines <(echo '{TEXT}')"),
        format!("--manifest <(echo '{{\"text\": \"{TEXT}\"}}')"),
        format!("--manifest <(printf 'id,text\\n1,{TEXT}\\n')"),
        "--manifest <(echo '{\"file\": \"text.txt\"}')".to_owned(),
        "--manifest /dev/stdin <<< '{\"file\": \"text.txt\"}'".to_owned(),
    ];
    for flags in batch {
        let run = bash(
            &scene,
            &format!("rm -rf out; piper-rs batch $TINY -q -d out {flags}"),
        );
        run.ok().silently();
        let names = scene.names("out");
        let made = names.iter().find(|name| name.ends_with(".wav")).unwrap();
        assert!(scene.wav(&format!("out/{made}")) == expected, "{flags}");
    }
    let run = bash(
        &scene,
        "piper-rs phonemes -m tiny hello; piper-rs phonemes -m tiny - <<< hello",
    );
    let (given, piped) = run
        .ok()
        .text()
        .split_once('\n')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert_eq!(given, piped.trim_end());
    let line = format!("piper-rs phonemes -m tiny -c {config} hello");
    assert_eq!(bash(&scene, &line).ok().text().trim_end(), given);
}

#[test]
fn a_voice_in_a_pipe_is_refused_with_the_remedy() {
    if !has("bash") {
        return;
    }
    let scene = Scene::new();
    let voice = "<(cat $PIPER_VOICE_DIR/tiny.onnx)";
    for command in ["speak -o x.wav -m", "batch -d out text -m", "voices info"] {
        scene.write("text", TEXT);
        let run = bash(&scene, &format!("piper-rs {command} {voice}"));
        run.exits(1)
            .says(&["bad voice model /dev/fd/", "write it into one first"]);
    }
}

#[test]
fn a_damaged_config_in_a_pipe_is_an_error() {
    let scene = Scene::new();
    let run = scene.sh("echo '{' | piper-rs speak -m tiny -c /dev/stdin -o x.wav Hi.");
    run.exits(1)
        .says(&["bad voice config", "not a Piper config"]);
    assert!(!scene.path("x.wav").exists());
}
