//! Ctrl-C and SIGTERM: audio stops in the middle of a sentence, and finished files
//! are valid. How soon it stops is tested in `timing`.

use crate::scene::{Live, Scene, concat, samples};

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
        live.signal("INT");
        if live.is_running() {
            live.signal("INT");
        }
        assert_eq!(live.ends().0, Some(130));
    }
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
