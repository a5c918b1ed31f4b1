//! `interactive`: a script's lines and their replies, and a real terminal.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::scene::{Live, Scene, Wav, concat, has, shared_voice, silence, without_silence};

/// The promise is 100 ms. A test machine may be busy with ten other things, so
/// the limit here is a second; the time it took is printed.
const LIMIT: Duration = Duration::from_secs(1);
/// A session with the test voice without noise, for programs.
const SESSION: &str = "piper-rs interactive --json $TINY --normalize off";
/// The pause between two lines, in samples of the test voice.
const PAUSE: usize = 22050 / 5;

/// A session and what it has said.
struct Dialog {
    live: Live,
    partial: Vec<u8>,
    messages: VecDeque<Value>,
    /// Replies that nobody has asked for: every line gets one.
    unread: usize,
}

impl Dialog {
    fn start(scene: &Scene, line: &str) -> Self {
        let mut dialog = Self {
            live: scene.start(line),
            partial: Vec::new(),
            messages: VecDeque::new(),
            unread: 0,
        };
        dialog.event("ready");
        dialog
    }

    fn types(&mut self, line: &str) {
        self.live.types(line);
        self.unread += 1;
    }

    /// Types a line, and returns the reply to it.
    fn asks(&mut self, line: &str) -> Value {
        self.types(line);
        let mut reply = Value::Null;
        for _ in 0..std::mem::take(&mut self.unread) {
            reply = self.until(|message| message.get("reply").is_some());
        }
        reply
    }

    /// Waits for the next event of that name.
    fn event(&mut self, name: &str) -> Value {
        self.until(|message| message["event"] == name)
    }

    /// Takes the first message that is meant; others stay.
    fn until(&mut self, is_meant: impl Fn(&Value) -> bool) -> Value {
        loop {
            if let Some(at) = self.messages.iter().position(&is_meant) {
                return self.messages.remove(at).unwrap();
            }
            let heard = self.live.hear(1);
            self.understand(&heard);
        }
    }

    fn understand(&mut self, heard: &[u8]) {
        for byte in heard {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.partial);
                self.messages
                    .push_back(serde_json::from_slice(&line).unwrap());
            } else {
                self.partial.push(*byte);
            }
        }
    }

    /// Ends the input; returns the exit code, what is on standard error, and
    /// all messages that nobody has taken.
    fn ends(mut self) -> (Option<i32>, String, Vec<Value>) {
        self.live.ends_input();
        let (code, said, rest) = self.live.ends();
        self.understand(&rest);
        (code, said, self.messages.into())
    }

    #[track_caller]
    fn ends_well(self) -> Vec<Value> {
        let (code, said, messages) = self.ends();
        assert_eq!((code, said.as_str()), (Some(0), ""), "{messages:?}");
        messages
    }
}

fn events<'a>(messages: &'a [Value], name: &str) -> Vec<&'a Value> {
    let named = messages.iter().filter(|message| message["event"] == name);
    named.collect()
}

/// Words without an end: one long inference.
fn long_sentence() -> String {
    "word after word after word and ".repeat(15)
}

#[test]
fn text_is_spoken_as_speak_speaks_it_and_saved_as_it_was_heard() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY --normalize off", "Hello there.\n");
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o all.wav"));
    dialog.types("Hello there.");
    dialog.types(":save saved.wav");
    let spoken = dialog.event("spoken");
    let saved = dialog.event("saved");
    assert_eq!(saved["extent"], "whole");
    assert_eq!(saved["audio_seconds"], spoken["audio_seconds"]);
    dialog.ends_well();
    assert_eq!(scene.wav("all.wav"), expected);
    assert_eq!(scene.read("saved.wav"), scene.read("all.wav"));
}

#[test]
fn what_is_saved_is_what_the_device_played() {
    let scene = Scene::with_device();
    let mut dialog = Dialog::start(&scene, "piper-rs i --json -m tiny --seed 3");
    for line in ["Hello there.", ":save saved.wav"] {
        dialog.types(line);
    }
    dialog.ends_well();
    let saved = scene.wav("saved.wav").samples;
    let played = scene.captured();
    assert!(saved.iter().any(|sample| *sample != 0));
    assert!(without_silence(&played) == without_silence(&saved));
}

#[test]
fn lines_queue_and_the_end_of_input_waits_until_all_is_said() {
    const LINES: usize = 150; // more than may wait
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o all.wav"));
    for n in 0..LINES {
        dialog.types(&format!("a {n}"));
    }
    let messages = dialog.ends_well();
    let spoken = events(&messages, "spoken");
    let ids: Vec<_> = spoken.iter().map(|event| event["id"].as_u64()).collect();
    assert_eq!(ids, (1..=LINES as u64).map(Some).collect::<Vec<_>>());
    let seconds: f64 = spoken
        .iter()
        .map(|event| event["audio_seconds"].as_f64().unwrap())
        .sum();
    let pauses = (LINES - 1) as f64 * 0.2;
    assert!((scene.wav("all.wav").seconds() - seconds - pauses).abs() < 0.01);
}

#[test]
fn repeat_says_the_same_again() {
    let scene = Scene::new();
    // With noise: every reading is another.
    let session = "piper-rs interactive --json -m tiny -o all.wav";
    let mut dialog = Dialog::start(&scene, session);
    for line in [
        "Hello.",
        ":save one.wav",
        ":repeat",
        "Hello.",
        ":save two.wav",
    ] {
        dialog.types(line);
    }
    dialog.ends_well();
    let [one, two, all] = ["one.wav", "two.wav", "all.wav"].map(|name| scene.wav(name).samples);
    assert_ne!(one, two);
    let pause = silence(PAUSE);
    assert!(all == concat(&[&one, &pause, &one, &pause, &two]));
}

#[test]
fn a_cached_voice_speaks_at_once_and_says_so() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o all.wav"));
    let loaded = dialog.asks(":voice tiny_multi");
    assert_eq!(loaded["found"], "loaded");
    assert_eq!(loaded["speakers"], 3);
    for (asked, name) in [("-", "tiny"), ("tiny_multi", "tiny_multi"), ("-", "tiny")] {
        let cached = dialog.asks(&format!(":voice {asked}"));
        assert_eq!(
            (&cached["voice"], &cached["found"]),
            (&name.into(), &"cached".into())
        );
        let ms = cached["ms"].as_f64().unwrap();
        eprintln!("{name}: loaded in {} ms, cached in {ms} ms", loaded["ms"]);
        assert!(ms < loaded["ms"].as_f64().unwrap() && ms < 20.0, "{ms} ms");
    }
    let voices = dialog.asks(":voices");
    let find = |name: &str| {
        let voices = voices["voices"].as_array().unwrap();
        voices.iter().find(|v| v["name"] == name).unwrap().clone()
    };
    assert_eq!(find("tiny")["current"], true);
    assert_eq!(find("tiny_multi")["loaded"]["uses"], 2);
    assert!(find("tiny_multi")["loaded"]["bytes"].as_u64().unwrap() > 0);
    assert!(
        find("en_US-slt-low")["loaded"].is_null(),
        "built in, unused"
    );
    dialog.ends_well();
}

#[test]
fn a_preloaded_voice_is_cached_before_it_is_asked_for() {
    let scene = Scene::new();
    let session = format!("{SESSION} --preload tiny_multi --preload en_US-slt-low -o x.wav");
    let mut dialog = Dialog::start(&scene, &session);
    let begun = Instant::now();
    loop {
        let voices = dialog.asks(":voices");
        let voices = voices["voices"].as_array().unwrap();
        if voices.iter().all(|voice| !voice["loaded"].is_null()) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{voices:?}");
    }
    assert_eq!(dialog.asks(":voice tiny_multi")["found"], "cached");
    dialog.ends_well();
}

#[test]
fn what_waits_keeps_its_voice() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o all.wav"));
    for line in ["One.", ":voice tiny_multi", "Two.", ":speaker 2", "Three."] {
        dialog.types(line);
    }
    let messages = dialog.ends_well();
    let started = events(&messages, "started");
    let voices: Vec<_> = started.iter().map(|event| &event["voice"]).collect();
    assert_eq!(voices, ["tiny", "tiny_multi", "tiny_multi"]);
    let flags = ["$TINY", "$MULTI", "$MULTI --speaker 2"];
    let parts: Vec<_> = flags
        .iter()
        .zip(["One.", "Two.", "Three."])
        .map(|(flags, text)| {
            let wav = scene.spoken(&format!("{flags} --normalize off"), text);
            wav.samples
        })
        .collect();
    let pause = silence(PAUSE);
    let expected = concat(&[&parts[0], &pause, &parts[1], &pause, &parts[2]]);
    assert!(scene.wav("all.wav").samples == expected);
}

/// Begins a sentence that takes seconds to make, whatever the machine.
fn begin_long(dialog: &mut Dialog) {
    dialog.asks(":set length_scale 100");
    dialog.types(&long_sentence());
    dialog.event("started");
    // A buffer is out: the voice is at work.
    while dialog.asks(":stats")["pool"]["in_flight"] == 0 {}
}

#[test]
fn stop_and_skip_end_a_sentence_that_is_being_made() {
    let scene = Scene::new();
    let voices = ["tiny", "en_US-slt-low"].map(str::to_owned);
    let large = shared_voice("medium").map(|path| path.display().to_string());
    for voice in voices.into_iter().chain(large) {
        for (command, place) in [(":stop", "-o x.wav"), (":skip", "-o x.wav")] {
            let session = format!("piper-rs i --json -m {voice} --chunk-size 1000 {place}");
            let mut dialog = Dialog::start(&scene, &session);
            begin_long(&mut dialog);
            let asked = Instant::now();
            dialog.types(command);
            let interrupted = dialog.event("interrupted");
            let took = asked.elapsed();
            eprintln!("{voice}: {command} took {took:.1?}");
            assert!(took < LIMIT, "{voice}: {command} took {took:?}");
            assert_eq!(interrupted["id"], 1);
            dialog.asks(":set length_scale default");
            dialog.types("And on.");
            assert_eq!(dialog.event("spoken")["id"], 2, "the session goes on");
            dialog.ends_well();
        }
    }
}

#[test]
fn stop_silences_a_device() {
    let scene = Scene::with_device();
    let mut dialog = Dialog::start(&scene, "piper-rs i --json -m tiny --chunk-size 1000");
    begin_long(&mut dialog);
    let asked = Instant::now();
    dialog.types(":stop");
    dialog.event("interrupted");
    eprintln!("the device fell silent after {:.1?}", asked.elapsed());
    assert!(asked.elapsed() < LIMIT);
    dialog.ends_well();
}

#[test]
fn the_queue_is_listed_skipped_and_dropped() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} --chunk-size 1000 -o x.wav"));
    begin_long(&mut dialog);
    for (ahead, line) in ["Two.", ":repeat", ":save a.wav"].iter().enumerate() {
        let queued = dialog.asks(line);
        assert_eq!(queued["ahead"], ahead + 1);
    }
    let listed = dialog.asks(":queue");
    assert_eq!(listed["speaking"]["id"], 1);
    let waiting: Vec<_> = listed["waiting"].as_array().unwrap().iter().collect();
    let what: Vec<_> = waiting.iter().map(|item| &item["what"]).collect();
    assert_eq!(what, ["Two.", ":repeat", ":save a.wav"]);
    let stopped = dialog.asks(":stop");
    assert_eq!(
        (&stopped["id"], &stopped["dropped"]),
        (&1.into(), &3.into())
    );
    dialog.asks(":wait");
    let empty = dialog.asks(":queue");
    assert!(empty["speaking"].is_null() && empty["waiting"] == Value::Array(Vec::new()));
    dialog.ends_well();
    assert!(!scene.path("a.wav").exists(), "it was dropped");
}

#[test]
fn what_is_set_is_heard() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o x.wav"));
    let lines = [
        "Hello.",
        ":save plain.wav",
        ":speed 0.5",
        "Hello.",
        ":save slow.wav",
        ":speed default",
        ":volume 0.5",
        "Hello.",
        ":save soft.wav",
        ":volume default",
        ":set sentence_silence 1",
        "Hello. Hello.",
        ":save pause.wav",
        ":set noise_scale 1",
        ":set seed 7",
        "Hello.",
        ":save seven.wav",
        "Hello.",
        ":save again.wav",
        ":set seed 8",
        "Hello.",
        ":save eight.wav",
    ];
    for line in lines {
        dialog.types(line);
    }
    let messages = dialog.ends_well();
    assert_eq!(events(&messages, "saved").len(), 7);
    let wav = |name: &str| scene.wav(&format!("{name}.wav"));
    let plain = wav("plain");
    assert!(wav("slow").seconds() > 1.5 * plain.seconds());
    assert!(wav("soft").peak().abs_diff(plain.peak() / 2) <= 1);
    assert!(
        wav("pause")
            .samples
            .windows(22050)
            .any(|w| w.iter().all(|s| *s == 0))
    );
    assert_eq!(wav("seven"), wav("again"));
    assert_ne!(wav("seven"), wav("eight"));
}

#[test]
fn limits_of_the_cache_and_the_pool_change_at_once() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o x.wav"));
    dialog.asks(":voice tiny_multi");
    assert_eq!(dialog.asks(":stats")["cache"]["voices"], 2);
    let set = dialog.asks(":set cache_voices 1");
    assert_eq!(set["settings"]["cache_voices"], 1);
    let stats = dialog.asks(":stats");
    assert_eq!(
        (&stats["cache"]["voices"], &stats["cache"]["evictions"]),
        (&1.into(), &1.into())
    );
    dialog.asks("Hello.");
    dialog.asks(":wait");
    assert!(
        dialog.asks(":stats")["pool"]["bytes_held"]
            .as_u64()
            .unwrap()
            > 0
    );
    dialog.asks(":set pool_size 0");
    let stats = dialog.asks(":stats");
    assert_eq!(stats["pool"]["bytes_held"], 0);
    assert_eq!(stats["stream"]["sentences"], 1);
    dialog.ends_well();
}

#[test]
fn voices_are_let_go_of_and_numbers_counted_anew() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o x.wav"));
    dialog.types("Hello.");
    dialog.event("spoken");
    dialog.asks(":voice tiny_multi");
    for voices in [1, 0] {
        assert_eq!(dialog.asks(":unload tiny_multi")["voices"], voices);
    }
    assert_eq!(dialog.asks(":voice -")["found"], "cached");
    assert_eq!(dialog.asks(":stats reset")["stream"]["sentences"], 1);
    let stats = dialog.asks(":stats");
    let counts = ["/stream/sentences", "/cache/requests", "/pool/acquired"];
    for count in counts {
        assert_eq!(
            stats.pointer(count),
            Some(&Value::from(0)),
            "{count} {stats}"
        );
    }
    dialog.ends_well();
}

#[test]
fn errors_are_told_and_the_session_goes_on() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o x.wav"));
    let cases = [
        (":vioce x", "did you mean `:voice`"),
        (":voice nosuch", "no voice `nosuch`"),
        (":voice -", "no previous voice"),
        (":speaker bob", "no speaker `bob`"),
        (":speed 0", "not above 0"),
        (":volume loud", "not a number"),
        (":set sed 1", "did you mean `seed`"),
        (":save", "needs an argument"),
    ];
    for (line, words) in cases {
        let reply = dialog.asks(line);
        assert_eq!(reply["reply"], "error", "{line}");
        assert!(
            reply["message"].as_str().unwrap().contains(words),
            "{reply}"
        );
    }
    for (line, words) in [
        (":save a.wav", "nothing has been spoken"),
        (":repeat", "nothing"),
    ] {
        dialog.types(line);
        let failed = dialog.event("failed");
        assert!(
            failed["message"].as_str().unwrap().contains(words),
            "{failed}"
        );
    }
    assert_eq!(dialog.asks(":voice")["voice"], "tiny");
    dialog.types("Hello.");
    dialog.types(":save nowhere/a.wav");
    dialog.event("spoken");
    let failed = dialog.event("failed");
    assert!(
        failed["message"].as_str().unwrap().contains("nowhere"),
        "{failed}"
    );
    let (code, said, _) = dialog.ends();
    assert_eq!(
        (code, said.as_str()),
        (Some(1), ""),
        "a script with errors has failed"
    );
    assert!(scene.wav("x.wav").seconds() > 0.1);
}

#[test]
fn quit_leaves_at_once() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} --chunk-size 1000 -o x.wav"));
    begin_long(&mut dialog);
    dialog.types(":quit");
    let asked = Instant::now();
    assert_eq!(dialog.live.ends().0, Some(0));
    assert!(asked.elapsed() < LIMIT);
    Wav::parse(&scene.read("x.wav"));
}

#[test]
fn a_signal_ends_a_script_and_its_file_is_whole() {
    for signal in ["INT", "TERM"] {
        let scene = Scene::new();
        let session = format!("{SESSION} --chunk-size 1000 -o x.wav");
        let mut dialog = Dialog::start(&scene, &session);
        dialog.types("Hello.");
        dialog.event("spoken");
        begin_long(&mut dialog);
        dialog.live.signal(signal);
        assert_eq!(dialog.live.ends().0, Some(130), "{signal}");
        assert!(scene.wav("x.wav").seconds() > 0.1);
    }
}

#[test]
fn raw_sound_has_standard_output_to_itself() {
    let scene = Scene::new();
    let spoken = scene.spoken("$TINY", "Hello.").samples;
    let run = scene
        .sh("printf 'Hello.\\n:voices\\n' | piper-rs interactive $TINY --raw")
        .ok();
    assert!(run.samples() == spoken);
    run.says(&["`:help`", "tiny_multi"]);
    scene
        .sh("printf 'Hello.\\nHello.\\n' | piper-rs interactive -q $TINY --raw 2>said | head -c 9")
        .ok();
    scene.sh("echo | piper-rs interactive --json -o -").exits(2);
    scene
        .sh("echo | piper-rs interactive --json --raw")
        .exits(2);
}

#[test]
fn a_missing_voice_is_missed_at_the_start() {
    let scene = Scene::new();
    scene
        .sh("echo Hello. | piper-rs interactive -m nosuch -o x.wav")
        .exits(3)
        .says(&["no voice `nosuch`"]);
    scene
        .sh("echo Hello. | piper-rs interactive $TINY --preload nosuch -o x.wav")
        .exits(3);
}

/// Runs a dialogue in a terminal; `expect` fails where it does not go so.
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
            # A new prompt, not one drawn again while a line is typed.
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
fn ctrl_c_stops_the_speech_and_twice_leaves() {
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
fn ctrl_d_leaves_when_all_is_said_and_tab_completes() {
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
fn typed_lines_are_remembered_for_their_typist_only() {
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
    assert_eq!(lines, ["Hello."], "not what begins with a space");
    let mode = scene.sh(&format!("stat -c %a {history}")).ok();
    assert_eq!(mode.text(), "600\n");
    at_a_terminal(
        &scene,
        AT_TERMINAL,
        r#"send "\033\[A"; must "Hello."; send "\r"; prompt; send "\004"; ends 0"#,
    );
}

#[test]
fn a_message_does_not_break_the_line_that_is_typed() {
    if !has("tmux") {
        return;
    }
    let scene = Scene::new();
    scene.sh("mkfifo pipe").ok();
    let tmux = format!("tmux -S {}", scene.path("tmux").display());
    let tmux = |rest: &str| scene.sh(&format!("{tmux} {rest}")).ok();
    let shown = |words: &str| {
        let begun = Instant::now();
        loop {
            let screen = tmux("capture-pane -p").text().to_owned();
            if screen.contains(words) {
                return screen;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{screen}");
        }
    };
    // Nobody reads the pipe yet: the text waits in it, and the message.
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
