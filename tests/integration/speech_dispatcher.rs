//! speech-dispatcher with the installed module: what `spd-say` plays is what piper-rs
//! plays.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::scene::{Scene, has, root, without_silence};

/// What speech-dispatcher makes of a sample for its device.
const VOLUME: f32 = (85.0 + 100.0) / 200.0;

/// A scene whose user has installed the module. speech-dispatcher starts with the first
/// `spd-say`, and ends when this is dropped.
struct Desktop {
    scene: Scene,
}

impl Desktop {
    /// Returns `None` if speech-dispatcher is not installed.
    fn new() -> Option<Self> {
        if !has("spd-say") || !has("speech-dispatcher") {
            return None;
        }
        let scene = Scene::with_device();
        let modules = "home/.local/libexec/speech-dispatcher-modules";
        scene
            .sh(&format!(
                "mkdir -p run {modules} home/.local/bin home/.local/share home/.config/piper-rs \
                 home/.config/speech-dispatcher; ln -s {} home/.local/bin/; \
                 cp {}/assets/integrations/sd_piper-rs {modules}/",
                env!("CARGO_BIN_EXE_piper-rs"),
                root().display()
            ))
            .ok();
        scene.write(
            "home/.config/speech-dispatcher/speechd.conf",
            "AudioOutputMethod \"alsa\"\nDefaultVolume 100\nDefaultModule piper-rs\n",
        );
        // The same samples every time.
        scene.write(
            "home/.config/piper-rs/config.toml",
            "noise_scale = 0\nnoise_w = 0\n",
        );
        Some(Self { scene })
    }

    /// Runs a line of shell that uses speech-dispatcher. Returns what it prints.
    fn sh(&self, line: &str) -> String {
        let run = self
            .scene
            .sh(&format!("export XDG_RUNTIME_DIR=$PWD/run; {line}"));
        run.ok().text().to_owned()
    }

    /// What the device plays during a line of shell.
    fn played_by(&self, line: &str) -> Vec<i16> {
        self.ends();
        _ = std::fs::remove_file(self.scene.path("captured"));
        self.sh(&line.replace("spd-say", "timeout -k 1 20 spd-say"));
        let played = without_silence(&self.scene.captured());
        assert!(!played.is_empty(), "{line}");
        played
    }

    /// Checks that `spd-say` with `options` plays what piper-rs plays with `flags`.
    #[track_caller]
    fn says_as(&self, options: &str, flags: &str) {
        let said = self.played_by(&format!("spd-say -w {options} 'Hello there.'"));
        let line = format!("piper-rs speak --raw --trim {flags} 'Hello there.'");
        let expected = self.scene.sh(&line).ok().samples();
        let expected: Vec<_> = expected
            .iter()
            .map(|sample| (f32::from(*sample) * VOLUME) as i16)
            .collect();
        let expected = without_silence(&expected);
        assert!(
            said == expected,
            "{options} gave {} samples, {flags} {}",
            said.len(),
            expected.len()
        );
    }

    /// Ends speech-dispatcher. The next one opens the device anew.
    fn ends(&self) {
        let pid = "run/speech-dispatcher/pid/speech-dispatcher.pid";
        self.scene.sh(&format!(
            "test ! -f {pid} || {{ kill $(cat {pid}); while test -f {pid}; do :; done; }}"
        ));
    }

    /// Connects a client, after speech-dispatcher was started.
    fn client(&self) -> Client {
        self.sh("timeout 20 spd-say -w -i -100 start");
        let socket = self.scene.path("run/speech-dispatcher/speechd.sock");
        let stream = UnixStream::connect(socket).unwrap();
        // A test that hangs fails.
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let mut client = Client {
            lines: BufReader::new(stream),
        };
        client.command("SET SELF CLIENT_NAME \"u:test:main\"");
        client.command("SET SELF NOTIFICATION ALL ON");
        client
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.ends();
    }
}

/// A client that speaks SSIP, as Orca does.
struct Client {
    lines: BufReader<UnixStream>,
}

impl Client {
    fn send(&mut self, text: &str) {
        let stream = self.lines.get_mut();
        stream.write_all(format!("{text}\r\n").as_bytes()).unwrap();
    }

    /// Reads a reply or an event: its lines.
    fn read(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            self.lines.read_line(&mut line).unwrap();
            let line = line.trim_end().to_owned();
            assert!(line.len() > 3, "{lines:?}");
            let is_last = line.as_bytes()[3] == b' ';
            lines.push(line);
            if is_last {
                return lines;
            }
        }
    }

    #[track_caller]
    fn command(&mut self, command: &str) {
        self.send(command);
        let reply = self.read();
        assert!(
            reply.last().unwrap().starts_with('2'),
            "{command}: {reply:?}"
        );
    }

    #[track_caller]
    fn speak(&mut self, text: &str) {
        self.command("SPEAK");
        self.command(&format!("{text}\r\n."));
    }

    /// Reads events up to the end of the message, in short.
    fn events(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        loop {
            let event = self.read();
            let last = event.last().unwrap();
            let short = match last.as_str() {
                "700 INDEX MARK" => event[event.len() - 2].replacen("700-", "mark ", 1),
                last => last.to_owned(),
            };
            let is_end = ["702 END", "703 CANCELED", "704 PAUSED"].contains(&short.as_str());
            events.push(short);
            if is_end {
                return events;
            }
        }
    }
}

#[test]
fn spd_say_selects_voices_rate_and_volume() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    desktop.says_as("", "");
    desktop.says_as("-y tiny_multi", "-m tiny_multi");
    desktop.says_as("-l en-US -t female1", "");
    // There is no voice for Basque.
    desktop.says_as("-l eu", "");
    desktop.says_as("-y tiny -r 100", "-m tiny --speed 3");
    desktop.says_as("-y tiny -i -50", "-m tiny --volume 0.25");
    desktop.says_as("-y tiny -p 80", "-m tiny");
    let voices = desktop.sh("timeout 20 spd-say -L");
    assert!(
        voices.contains("tiny_multi") && voices.contains("en-US"),
        "{voices}"
    );
}

#[test]
fn any_text_is_spoken_and_none_is_taken_for_something_else() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    for text in [
        "It's \"quoted\" <b>not markup</b> &amp; neither",
        ".\n..\nQUIT\nSTOP",
        "--version and -o pwned $(touch pwned)",
        "Eins.\nZwei, große Bögen, большой.\nDrei",
    ] {
        desktop.scene.write("text", text);
        desktop.played_by("spd-say -w -- \"$(cat text)\"");
    }
    assert!(!desktop.scene.path("pwned").exists());
}

#[test]
fn a_client_gets_marks_characters_keys_and_each_end_once() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let mut client = desktop.client();
    client.command("CHAR a");
    assert_eq!(client.events(), ["701 BEGIN", "702 END"]);
    client.command("CHAR space");
    assert_eq!(client.events(), ["701 BEGIN", "702 END"]);
    client.command("KEY shift_a");
    assert_eq!(client.events(), ["701 BEGIN", "702 END"]);
    client.command("SET SELF PUNCTUATION all");
    client.command("SET SELF SPELLING on");
    client.speak("a(b)");
    assert_eq!(client.events(), ["701 BEGIN", "702 END"]);
    client.command("SET SELF PUNCTUATION none");
    client.command("SET SELF SPELLING off");
    client.command("SET SELF SSML_MODE on");
    client.speak(
        "<speak><mark name=\"0:3\"/>One <mark name=\"4:8\"/>two. <mark name=\"9:14\"/>Three.</speak>",
    );
    assert_eq!(
        client.events(),
        ["701 BEGIN", "mark 0:3", "mark 4:8", "mark 9:14", "702 END"]
    );
}

#[test]
fn a_long_text_stops_and_pauses_while_it_is_played() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    if !has("cc") {
        return;
    }
    desktop
        .scene
        .add_real_time_device("rate 22050 latency_ms 20 vanish_ms 0");
    let mut client = desktop.client();
    // It would be played for half an hour.
    let long = "This is a sentence without an end, ".repeat(12) + "but it ends. ";
    client.speak(&long.repeat(100));
    assert_eq!(client.read().last().unwrap(), "701 BEGIN");
    client.command("STOP SELF");
    assert_eq!(client.events(), ["703 CANCELED"]);
    // The next text is not lost.
    client.command("CHAR a");
    assert_eq!(client.events(), ["701 BEGIN", "702 END"]);
    client.speak("One sentence. And another one. And a third. And so on.");
    assert_eq!(client.read().last().unwrap(), "701 BEGIN");
    client.command("PAUSE SELF");
    assert_eq!(client.events(), ["704 PAUSED"]);
    client.command("RESUME SELF");
    assert_eq!(client.events(), ["705 RESUMED", "702 END"]);
}
