//! `interactive` in a real terminal: keys, the prompt, the history.

use std::time::{Duration, Instant};

use crate::dialog::{SESSION, long_sentence};
use crate::scene::{Scene, concat, has, silence};

/// The pause between two lines, in samples of the test voice.
const PAUSE: usize = 22050 / 5;
/// Time after which a test gives up.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs a dialogue in a terminal. `expect` fails if the session differs from it. Returns
/// what the terminal got.
fn at_a_terminal(scene: &Scene, session: &str, dialogue: &str) -> String {
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
    run.text().to_owned()
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

/// A session in a terminal of 60 columns, whose words are heard in real time.
struct HeardSession<'a> {
    scene: &'a Scene,
    tmux: String,
}

impl<'a> HeardSession<'a> {
    fn start(scene: &'a Scene, line: &str) -> Self {
        scene.add_real_time_device("rate 22050 latency_ms 100 vanish_ms 0");
        let tmux = format!("tmux -S {}", scene.path("tmux").display());
        let session = Self { scene, tmux };
        session.tmux(&format!("new-session -d -x 60 -y 20 \"{line}\""));
        session.until("a prompt", |screen| screen.contains("tiny>"));
        session
    }

    fn tmux(&self, rest: &str) -> String {
        let run = self.scene.sh(&format!("{} {rest}", self.tmux)).ok();
        run.text().to_owned()
    }

    fn types(&self, keys: &str) {
        self.tmux(&format!("send-keys {keys}"));
    }

    /// Waits until the screen is as `is_so` says. Returns it with its attributes.
    fn until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.tmux("capture-pane -p -e");
            if is_so(&screen) {
                return screen;
            }
            assert!(start.elapsed() < TIMEOUT, "no {what}: {screen}");
        }
    }
}

/// The last line of a screen without its attributes, and what of it is underlined.
fn prompt_line(screen: &str) -> (String, Option<String>) {
    let line = screen.trim_end().lines().last().unwrap_or_default();
    let (mut plain, mut word, mut is_underlined) = (String::new(), String::new(), false);
    for part in line.split('\x1b') {
        let found = part.strip_prefix('[').and_then(|part| part.split_once('m'));
        let (code, text) = found.unwrap_or(("", part));
        is_underlined = match code.split(';').collect::<Vec<_>>()[..] {
            [.., "4"] => true,
            ["0", ..] => false,
            _ => is_underlined,
        };
        plain += text;
        if is_underlined {
            word += text;
        }
    }
    let word = Some(word).filter(|word| !word.is_empty());
    (plain.trim_end().to_owned(), word)
}

#[test]
fn the_word_that_is_heard_is_highlighted_after_an_empty_prompt() {
    if !has("tmux") || !has("cc") {
        return;
    }
    let scene = Scene::new();
    let session = HeardSession::start(
        &scene,
        "piper-rs interactive $TINY --speed 0.3 -o x.wav --play",
    );
    let text = "One two three four five six seven eight nine ten eleven twelve thirteen.";
    session.types(&format!("'{text}' Enter"));
    for word in ["One", "two", "three"] {
        let is_word = |screen: &str| prompt_line(screen).1.as_deref() == Some(word);
        let screen = session.until(word, is_word);
        // As many words of it as there is room for.
        let expected = "tiny> One two three four five six seven eight nine ten";
        assert_eq!(prompt_line(&screen).0, expected);
        let lines: Vec<_> = screen.trim_end().lines().rev().collect();
        assert!(lines[1].ends_with("thirteen."), "nothing moves: {screen}");
    }
    // What is typed replaces it, until the line is empty again.
    session.types("':sa'");
    let is_typed = |screen: &str| prompt_line(screen) == ("tiny> :sa".to_owned(), None);
    session.until("letters", is_typed);
    session.types("BSpace BSpace BSpace");
    session.until("word again", |screen| prompt_line(screen).1.is_some());
    session.types("':save a.wav' Enter");
    let screen = session.until("message", |screen| screen.contains("saved a.wav"));
    assert!(screen.contains("tiny> :save a.wav\n"), "{screen}");
    session.until("empty prompt", |screen| {
        prompt_line(screen) == ("tiny>".to_owned(), None)
    });
    session.types("C-d");
    let ended = Instant::now();
    while scene.sh(&format!("{} has-session", session.tmux)).code == Some(0) {
        assert!(ended.elapsed() < TIMEOUT);
    }
    assert!(scene.wav("x.wav").samples == scene.wav("a.wav").samples);
}

#[test]
fn nothing_is_highlighted_without_colour_or_a_listener_and_nothing_if_quiet() {
    if !has("expect") || !has("cc") {
        return;
    }
    let scene = Scene::new();
    scene.add_real_time_device("rate 22050 latency_ms 0 vanish_ms 0");
    let session = "piper-rs interactive $TINY";
    // It is heard before the session ends.
    let speak = |session: &str, sees: &str| {
        let speak = format!(r#"send "Hello there.\r"; {sees}; send "\004"; ends 0"#);
        at_a_terminal(&scene, session, &speak)
    };
    let sees = r#"must "\033\[0;1;4mthere.""#;
    let shown = speak(&format!("TERM=xterm {session}"), sees);
    assert!(shown.contains("\x1b[0;1;4mthere."), "{shown}");
    for session in [
        format!("TERM=xterm NO_COLOR=1 {session}"),
        format!("TERM=xterm {session} --quiet"),
        format!("TERM=xterm {session} -o x.wav"),
    ] {
        let shown = speak(&session, "prompt");
        assert!(!shown.contains("\x1b[0;1;4m"), "{session}");
    }
}
