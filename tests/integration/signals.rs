//! Ctrl-C and SIGTERM: audio stops in the middle of a sentence, and finished files
//! are valid. How soon it stops is tested in `timing`.

use std::thread;
use std::time::Duration;

use crate::scene::{Live, Scene, concat, samples, skipped};

/// Keeps the built-in voice busy for many seconds, in one inference.
const LONG: &str = "--length-scale 20 --chunk-size 1000";

fn long_sentence() -> String {
    "word after word after word and ".repeat(25)
}

/// Sends a signal, and checks that it ends the program silently.
fn stop(live: &mut Live, signal: &str) -> Vec<u8> {
    live.signal(signal);
    let (code, stderr, rest) = live.ends();
    assert_eq!(
        (code, stderr.as_str()),
        (Some(130), ""),
        "a requested stop is no error"
    );
    rest
}

#[test]
fn a_signal_stops_inside_a_long_sentence() {
    let scene = Scene::new();
    for signal in ["INT", "TERM"] {
        let mut live = scene.start(&format!("piper-rs speak --seed 1 {LONG} --raw"));
        live.types("Hi.");
        live.hear(1000);
        live.types(&long_sentence());
        // The pause before the second line is written just before its inference.
        live.hear(9000);
        let rest = samples(&stop(&mut live, signal));
        assert!(
            rest.len() < 22050 * 60,
            "{signal}: the sentence was cut short"
        );
    }
}

#[test]
fn the_file_of_a_stopped_run_has_the_finished_sentences() {
    let scene = Scene::new();
    let first = scene.spoken("$TINY --normalize off", "One line.").samples;
    for signal in ["INT", "TERM", "HUP"] {
        let mut live = scene.start("piper-rs speak $TINY --normalize off --json-input -o x.wav");
        live.types(r#"{"text": "One line."}"#);
        live.types(r#"{"text": "Aside.", "output_file": "aside.wav"}"#);
        live.hear("aside.wav\n".len());
        live.types(&format!(
            r#"{{"text": "{}", "length_scale": 20}}"#,
            long_sentence()
        ));
        stop(&mut live, signal);
        let audio = scene.wav("x.wav").samples;
        assert!(audio.starts_with(&first), "{signal}");
        let names = scene.names(".");
        assert!(!names.iter().any(|name| name.starts_with('.')), "{names:?}");
    }
}

#[test]
fn a_run_stopped_before_the_first_block_leaves_no_file() {
    let scene = Scene::new();
    scene.write("text", long_sentence());
    let mut live = scene.start(&format!("piper-rs speak -v {LONG} -i text -o x.wav 2>&1"));
    live.hear("piper-rs: voice".len());
    live.signal("INT");
    assert_eq!(live.ends().0, Some(130));
    assert_eq!(scene.names("."), ["asound.conf", "home", "text"]);
}

#[test]
fn a_signal_interrupts_the_wait_for_input() {
    let scene = Scene::new();
    let first = scene.spoken("$TINY", "One line.").samples;
    let mut live = scene.start("piper-rs speak $TINY --raw");
    live.types("One line.");
    let heard = live.hear(first.len() * 2);
    let rest = stop(&mut live, "INT");
    assert!(concat(&[&samples(&heard), &samples(&rest)]) == first);
}

#[test]
fn a_second_signal_kills_what_the_first_cannot_stop() {
    let scene = Scene::new();
    scene.sh("mkfifo pipe").ok();
    // Several times: an exit while libraries are at work may crash only sometimes.
    for _ in 0..5 {
        // Nothing reads the pipe.
        let mut live = scene.start("piper-rs speak $TINY -v -o pipe Hello. 2>&1");
        live.hear("piper-rs: voice".len());
        insist(&mut live);
    }
}

/// Sends signals until the program has ended. Those that follow the first one
/// within half a second do not count.
fn insist(live: &mut Live) {
    while live.is_running() {
        live.signal("INT");
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(live.ends().0, Some(130));
}

/// Fails if a file is left that is not complete.
fn assert_nothing_unfinished(scene: &Scene, folder: &str) {
    let names = scene.names(folder);
    let is_unfinished = |name: &&String| {
        (name.starts_with(".piper-rs-") && !name.ends_with("journal.jsonl"))
            || name.starts_with(".preparing-")
    };
    assert_eq!(names.iter().find(is_unfinished), None);
}

#[test]
fn a_second_signal_leaves_no_temporary_file_either() {
    let scene = Scene::new();
    scene.sh("mkfifo pipe").ok();
    for _ in 0..3 {
        let mut live = scene.start("piper-rs speak $TINY --json-input -o x.wav");
        live.types(r#"{"text": "Into the common file."}"#);
        live.types(r#"{"text": "Aside.", "output_file": "aside.wav"}"#);
        live.hear("aside.wav\n".len());
        // Nothing reads the pipe, so that opening it never ends.
        live.types(r#"{"text": "Hi.", "output_file": "pipe"}"#);
        insist(&mut live);
        assert_nothing_unfinished(&scene, ".");
    }
}

#[test]
fn a_signal_that_ends_the_program_leaves_no_temporary_file() {
    let scene = Scene::new();
    // No core files.
    let limited = "prlimit --core=0 piper-rs";
    let signals = [
        ("QUIT", 3),
        ("XCPU", 24),
        ("USR1", 10),
        ("ALRM", 14),
        ("PROF", 27),
        ("STKFLT", 16),
        ("IO", 29),
        ("PWR", 30),
        ("real-time", 34),
        ("real-time", 64),
    ];
    for (signal, number) in signals {
        let mut live = scene.start(&format!("{limited} speak $TINY --json-input -o x.wav"));
        live.types(r#"{"text": "Into the common file."}"#);
        live.types(r#"{"text": "Aside.", "output_file": "aside.wav"}"#);
        live.hear("aside.wav\n".len());
        let names = scene.names(".");
        assert!(names.iter().any(|name| name.starts_with(".piper-rs-")));
        match signal {
            "real-time" => live.signal_number(number),
            _ => live.signal(signal),
        }
        assert_eq!(live.ended_by(), Some(number), "{signal}");
        assert_nothing_unfinished(&scene, ".");
    }
    // Shells start background jobs so: they go on.
    let ignoring = format!("sh -c \"trap '' QUIT; exec {limited} speak $TINY --raw\"");
    let mut live = scene.start(&ignoring);
    live.types("One line.");
    live.hear(1000);
    live.signal("QUIT");
    live.types("One line.");
    live.ends_input();
    assert_eq!(live.ends().0, Some(0));
}

#[test]
fn the_two_signals_of_timeout_are_one() {
    let scene = Scene::new();
    let first = scene.spoken("$TINY --normalize off", "One line.").samples;
    let long = format!(r#"{{"text": "{}", "length_scale": 20}}"#, long_sentence());
    for _ in 0..10 {
        let speak = "piper-rs speak $TINY --normalize off --json-input -o x.wav";
        let mut live = scene.start(&format!("timeout 600 {speak}"));
        live.types(r#"{"text": "One line."}"#);
        live.types(r#"{"text": "Aside.", "output_file": "aside.wav"}"#);
        live.hear("aside.wav\n".len());
        live.types(&long);
        // It signals the program, and then the whole group.
        live.signal("TERM");
        live.ends();
        assert!(scene.wav("x.wav").samples.starts_with(&first));
        assert_nothing_unfinished(&scene, ".");
        scene.sh("rm x.wav").ok();
    }
}

#[test]
fn timeout_leaves_no_temporary_file_of_other_commands() {
    let scene = Scene::new();
    scene.write(
        "long",
        format!("One line.\n{}\n", long_sentence().repeat(20)),
    );
    for _ in 0..5 {
        let batch = "piper-rs batch $TINY --length-scale 20 -d out --lines long --events json";
        let mut live = scene.start(&format!("timeout 600 {batch}"));
        live.hear(1);
        live.signal("TERM");
        live.ends();
        assert_nothing_unfinished(&scene, "out");

        let session = "piper-rs interactive $TINY --length-scale 20 --json -o y.wav";
        let mut live = scene.start(&format!("timeout 600 {session}"));
        live.types(&long_sentence());
        live.hear(1);
        live.signal("TERM");
        live.ends();
        assert_nothing_unfinished(&scene, ".");

        let mut live =
            scene.start("env XDG_CACHE_HOME=$PWD/cache timeout 600 piper-rs voices prepare tiny");
        let folder = "cache/piper-rs/prepared";
        let has_started = || {
            let names = std::fs::read_dir(scene.path(folder)).into_iter().flatten();
            names.count() > 0
        };
        live.until(has_started);
        live.signal("TERM");
        live.ends();
        assert_nothing_unfinished(&scene, folder);
        scene.sh("rm -rf cache out y.wav").ok();
    }
}

/// How to run the program with a limit on its threads, as a user who has no other
/// processes. A limit does not bind root.
fn with_thread_limit(scene: &Scene, threads: usize) -> String {
    scene.sh("chmod 777 . home").ok();
    let user = "setpriv --reuid=54321 --regid=54321 --clear-groups";
    format!("env XDG_CACHE_HOME=$PWD/home/cache {user} prlimit --nproc={threads}")
}

#[test]
fn a_refused_thread_does_not_remove_a_prepared_voice() {
    let scene = Scene::new();
    let limited = with_thread_limit(&scene, 64);
    if scene.sh(&format!("{limited} piper-rs --help")).code != Some(0) {
        return skipped("may not run as another user");
    }
    scene
        .sh(&format!("{limited} piper-rs voices prepare tiny"))
        .ok();
    let records = "ls -i home/cache/piper-rs/prepared/*/record.json";
    let before = scene.sh(records).ok().text().to_owned();
    for threads in 1..8 {
        let limited = with_thread_limit(&scene, threads);
        scene.sh(&format!("{limited} piper-rs speak $TINY -o x.wav Hello."));
        assert_eq!(scene.sh(records).ok().text(), before, "{threads}");
    }
}

#[test]
fn a_refused_thread_is_an_error_and_no_panic() {
    let scene = Scene::new();
    let limited = with_thread_limit(&scene, 1);
    if scene.sh(&format!("{limited} piper-rs --help")).code != Some(0) {
        return skipped("may not run as another user");
    }
    scene.write("lines", "Hello.\nYou.\n");
    let commands = [
        "speak $TINY -o x.wav Hello.",
        "speak --raw Hello.",
        "batch $TINY -d out --lines lines --jobs 2 --force",
        "interactive $TINY -o y.wav < lines",
        "voices prepare tiny",
    ];
    for command in commands {
        for threads in 1..8 {
            let limited = with_thread_limit(&scene, threads);
            let run = scene.sh(&format!("{limited} piper-rs {command}"));
            let (code, stderr) = (run.code, &run.stderr);
            assert!(
                matches!(code, Some(0 | 1)),
                "{command}, {threads}: {stderr}"
            );
            let is_crash = stderr.contains("panicked") || stderr.contains("Assertion");
            assert!(!is_crash, "{command}, {threads}: {stderr}");
            let blames_the_voice =
                stderr.contains("bad voice") || stderr.contains("cannot be split");
            assert!(!blames_the_voice, "{command}, {threads}: {stderr}");
            if threads == 1 {
                run.exits(1).says(&["cannot start a thread", "ulimit -u"]);
            }
        }
    }
    assert_nothing_unfinished(&scene, ".");
}

#[test]
fn under_nohup_a_closed_terminal_stops_nothing() {
    let scene = Scene::new();
    let first = scene.spoken("$TINY", "One line.").samples;
    let mut live = scene.start("nohup piper-rs speak $TINY --raw");
    live.types("One line.");
    live.hear(first.len() * 2);
    live.signal("HUP");
    live.types("One line.");
    live.ends_input();
    let (code, stderr, rest) = live.ends();
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(samples(&rest).ends_with(&first));
    let mut live = scene.start("nohup piper-rs speak $TINY --raw");
    live.types("One line.");
    live.hear(first.len() * 2);
    stop(&mut live, "TERM");
}

#[test]
fn playback_stops_at_a_signal() {
    let scene = Scene::with_device();
    let mut live = scene.start("piper-rs speak --play -o x.wav");
    live.types("Hello.");
    live.types(&long_sentence());
    live.until(|| scene.has_played());
    stop(&mut live, "INT");
    let (kept, played) = (scene.wav("x.wav").samples, scene.captured());
    assert!(!kept.is_empty() && !played.is_empty());
}
