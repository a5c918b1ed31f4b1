//! `interactive` in a real terminal: keys, the prompt, the history.

use std::time::{Duration, Instant};

use crate::dialog::{SESSION, long_sentence};
use crate::scene::{Scene, concat, has, silence};

/// The pause between two lines, in samples of the test voice.
const PAUSE: usize = 22050 / 5;
/// Time after which a test gives up.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs a dialogue in a terminal. `expect` fails if the session differs from it.
fn at_a_terminal(scene: &Scene, session: &str, dialogue: &str) {
    scene.write(
        "dialogue",
        format!(
            r#"set timeout 60
            proc must {{what}} {{
                expect {{
                    -ex $what {{}}
                    timeout {{ puts "NO: $what"; exit 9 }}
                    eof {{ puts "ENDED BEFORE: $what"; exit 9 }}
                }}
            }}
            proc ends {{code}} {{
                expect {{ eof {{}} timeout {{ puts "DOES NOT END"; exit 9 }} }}
                set status [lindex [wait] 3]
                if {{$status != $code}} {{ puts "EXIT CODE $status"; exit 9 }}
            }}
            # A new prompt, not one that is redrawn while a line is typed.
            proc prompt {{}} {{
                must "\033\[?2004h"
                must "tiny> "
            }}
            set stty_init "columns 2000"
            spawn -noecho sh -c {{{session}}}
            prompt
            {dialogue}"#
        ),
    );
    let run = scene.sh("expect -f dialogue");
    assert_eq!(run.code, Some(0), "{}\n{}", run.text(), run.stderr);
}

const AT_TERMINAL: &str = "piper-rs interactive $TINY --chunk-size 1000 -o x.wav";

#[test]
fn ctrl_c_stops_the_speech_and_a_second_one_leaves() {
    if !has("expect") {
        return;
    }
    let scene = Scene::new();
    let long = long_sentence();
    at_a_terminal(
        &scene,
        AT_TERMINAL,
        &format!(
            r#"
            send ":set length_scale 100\r"
            must "length_scale "
            prompt
            send "{long}\r"
            prompt
            send "\003"
            must "stopped"
            prompt
            send ":set length_scale default\r"
            must "length_scale "
            prompt
            send "Hello.\r"
            prompt
            send ":wait\r"
            prompt
            send "a line that is not\003"
            must "press Ctrl-C again to leave"
            prompt
            send "\003"
            ends 130"#
        ),
    );
    assert!(scene.wav("x.wav").seconds() > 0.1);
}

#[test]
fn ctrl_c_stops_a_wait() {
    if !has("expect") {
        return;
    }
    let scene = Scene::new();
    let long = long_sentence();
    at_a_terminal(
        &scene,
        AT_TERMINAL,
        &format!(
            r#"
            send ":set length_scale 100\r"
            must "length_scale "
            prompt
            send "{long}\r"
            prompt
            send ":wait\r"
            must ":wait"
            must "\r\n"
            send "\003"
            prompt
            send ":queue\r"
            must "the queue is empty"
            prompt
            send "\004"
            ends 0"#
        ),
    );
}

#[test]
fn ctrl_d_leaves_after_the_queue_and_tab_completes() {
    if !has("expect") {
        return;
    }
    let scene = Scene::new();
    at_a_terminal(
        &scene,
        AT_TERMINAL,
        r#"
        send ":voice tiny_\t\r"
        must "tiny_multi (loaded in "
        must "tiny_multi> "
        send ":voice -\r"
        must "tiny (cached, "
        prompt
        send "One.\r"
        prompt
        send "Two.\r"
        prompt
        send ":save two.wav\r"
        prompt
        send "\004"
        ends 0"#,
    );
    let [one, two] = ["One.", "Two."].map(|text| scene.spoken("$TINY", text).samples);
    assert!(scene.wav("two.wav").samples == two);
    assert!(scene.wav("x.wav").samples == concat(&[&one, &silence(PAUSE), &two]));
}

#[test]
fn the_history_is_saved_for_its_owner_only() {
    if !has("expect") {
        return;
    }
    let scene = Scene::new();
    let quit = r#"send " :voices\r"; prompt; send "Hello.\r"; prompt; send "\004"; ends 0"#;
    at_a_terminal(&scene, &format!("{AT_TERMINAL} --no-history"), quit);
    assert!(!scene.path("home/.local").exists());
    at_a_terminal(&scene, AT_TERMINAL, quit);
    let history = "home/.local/state/piper-rs/history";
    let remembered = String::from_utf8(scene.read(history)).unwrap();
    let lines: Vec<_> = remembered.lines().skip(1).collect();
    assert_eq!(
        lines,
        ["Hello."],
        "lines that start with a space are not saved"
    );
    let mode = scene.sh(&format!("stat -c %a {history}")).ok();
    assert_eq!(mode.text(), "600\n");
    at_a_terminal(
        &scene,
        AT_TERMINAL,
        r#"send "\033\[A"; must "Hello."; send "\r"; prompt; send "\004"; ends 0"#,
    );
}

#[test]
fn a_message_does_not_disturb_the_line_being_edited() {
    if !has("tmux") {
        return;
    }
    let scene = Scene::new();
    scene.sh("mkfifo pipe").ok();
    let tmux = format!("tmux -S {}", scene.path("tmux").display());
    let tmux = |rest: &str| scene.sh(&format!("{tmux} {rest}")).ok();
    let shown = |words: &str| {
        let start = Instant::now();
        loop {
            let screen = tmux("capture-pane -p").text().to_owned();
            if screen.contains(words) {
                return screen;
            }
            assert!(start.elapsed() < TIMEOUT, "{screen}");
        }
    };
    // The pipe has no reader yet, so the text and the message wait.
    tmux(&format!("new-session -d -x 80 -y 20 \"{SESSION} -o pipe\"").replace("--json", ""));
    shown("tiny>");
    tmux("send-keys 'Hello.' Enter ':save a.wav' Enter 'half a li'");
    shown("half a li");
    scene.sh("cat pipe > heard 2>&1 & echo").ok();
    let screen = shown("saved a.wav");
    let lines: Vec<_> = screen.trim_end().lines().rev().take(2).collect();
    assert_eq!(lines[0], "tiny> half a li", "{screen}");
    assert!(lines[1].starts_with("saved a.wav ("), "{screen}");
    tmux("send-keys 'ne' Enter");
    shown("tiny> half a line");
    tmux("kill-server");
}
