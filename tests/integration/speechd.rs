//! `piper-rs speechd`: a session as speech-dispatcher has it, without speech-dispatcher.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use crate::scene::{Scene, samples};

/// What may come after a stop was read: what a pipe, the reader here and the event that is
/// being written hold, and again as much while the module is not scheduled. The text would
/// give more than 100 MB.
const MAX_BYTES_AFTER_STOP: usize = 2 * (8192 + 8192 + 4600);

/// A module that runs.
pub(crate) struct Module {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What a module writes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    Reply(String),
    Begin,
    Mark(String),
    Audio(Vec<i16>, u32),
    End,
    Stop,
    Pause,
}

/// A message that was spoken: its samples with their rate, the sample of each mark, and
/// how it ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Spoken {
    samples: Vec<i16>,
    rate: u32,
    marks: Vec<(String, usize)>,
    end: Said,
}

impl Module {
    /// Starts a module, past its first commands.
    pub(crate) fn start(scene: &Scene, flags: &str) -> Self {
        let mut module = Self::launch(scene, flags);
        module.send("INIT\nAUDIO\naudio_output_method=server\n.\nLOGLEVEL\nlog_level=3\n.\n");
        for code in ["299 ", "207 ", "203 ", "207 ", "203 "] {
            let reply = module.reply();
            assert!(
                reply.lines().last().unwrap().starts_with(code),
                "{code}: {reply}"
            );
        }
        module
    }

    fn launch(scene: &Scene, flags: &str) -> Self {
        let mut command = scene.command("sh");
        // It ends even if a test waits for it for ever.
        let line = format!("exec timeout 120 piper-rs speechd {flags} 2> log");
        command.args(["-c", &line]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    pub(crate) fn send(&mut self, lines: &str) {
        self.input.write_all(lines.as_bytes()).unwrap();
    }

    /// Waits until the module has read what was sent.
    fn until_read(&self) {
        while rustix::io::ioctl_fionread(&self.input).unwrap() > 0 {
            std::thread::yield_now();
        }
    }

    /// Reads the next event or reply.
    pub(crate) fn said(&mut self) -> Said {
        let mut bytes = Vec::new();
        loop {
            let start = bytes.len();
            let n = self.output.read_until(b'\n', &mut bytes).unwrap();
            assert!(n > 0, "the module has ended");
            if bytes.get(start + 3) == Some(&b' ') {
                return parse(&bytes);
            }
        }
    }

    #[track_caller]
    fn reply(&mut self) -> String {
        match self.said() {
            Said::Reply(reply) => reply,
            event => panic!("{event:?} instead of a reply"),
        }
    }

    /// Sends a command with what belongs to it, and reads both replies.
    #[track_caller]
    fn command(&mut self, command: &str, content: &str) -> String {
        self.send(&format!("{command}\n"));
        let first = self.reply();
        assert!(first.starts_with("20"), "{command}: {first}");
        self.send(&format!("{content}\n.\n"));
        self.reply()
    }

    #[track_caller]
    fn set(&mut self, settings: &str) {
        assert_eq!(self.command("SET", settings), "203 OK SETTINGS RECEIVED");
    }

    /// Sends a message, which is accepted.
    #[track_caller]
    pub(crate) fn begin(&mut self, kind: &str, text: &str) {
        assert_eq!(self.command(kind, text), "200 OK SPEAKING", "{text}");
    }

    /// Reads the events of a message to its end.
    #[track_caller]
    pub(crate) fn rest(&mut self) -> Spoken {
        let mut spoken = Spoken {
            samples: Vec::new(),
            rate: 0,
            marks: Vec::new(),
            end: Said::End,
        };
        loop {
            match self.said() {
                Said::Begin => {}
                Said::Audio(samples, rate) => {
                    spoken.samples.extend(samples);
                    spoken.rate = rate;
                }
                Said::Mark(name) => spoken.marks.push((name, spoken.samples.len())),
                end @ (Said::End | Said::Stop | Said::Pause) => {
                    spoken.end = end;
                    return spoken;
                }
                Said::Reply(reply) => panic!("{reply}"),
            }
        }
    }

    /// Speaks a message to its end.
    #[track_caller]
    fn speak(&mut self, kind: &str, text: &str) -> Spoken {
        self.begin(kind, text);
        assert_eq!(self.said(), Said::Begin);
        let spoken = self.rest();
        assert_eq!(spoken.end, Said::End);
        spoken
    }

    /// Quits. Nothing comes before the reply.
    fn quit(mut self) -> Option<i32> {
        self.send("QUIT\n");
        assert_eq!(self.reply(), "210 OK QUIT");
        let mut rest = Vec::new();
        self.output.read_to_end(&mut rest).unwrap();
        assert_eq!(String::from_utf8_lossy(&rest), "");
        self.child.wait().unwrap().code()
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn parse(bytes: &[u8]) -> Said {
    if !bytes.starts_with(b"7") {
        return Said::Reply(String::from_utf8_lossy(bytes).trim_end().to_owned());
    }
    if bytes.starts_with(b"705") {
        return audio(bytes);
    }
    match std::str::from_utf8(bytes).unwrap() {
        "701 BEGIN\n" => Said::Begin,
        "702 END\n" => Said::End,
        "703 STOP\n" => Said::Stop,
        "704 PAUSE\n" => Said::Pause,
        other => {
            let name = other.strip_prefix("700-");
            let name = name.and_then(|name| name.strip_suffix("\n700 INDEX MARK\n"));
            Said::Mark(name.unwrap_or_else(|| panic!("{other}")).to_owned())
        }
    }
}

/// Reads an event of audio as strictly as the server does.
fn audio(bytes: &[u8]) -> Said {
    let start = 1 + bytes.iter().position(|byte| *byte == 0).unwrap();
    let head = std::str::from_utf8(&bytes[..start - 1]).unwrap();
    let number = |name: &str| {
        let mut lines = head.lines();
        let value = lines.find_map(|line| line.strip_prefix(&format!("705-{name}=")));
        value.unwrap().parse::<u32>().unwrap()
    };
    assert!(head.ends_with("\n705-AUDIO"), "{head}");
    assert_eq!(
        (number("bits"), number("num_channels"), number("big_endian")),
        (16, 1, 0)
    );
    let mut data = bytes[start..]
        .strip_suffix(b"\n705 AUDIO\n")
        .unwrap()
        .iter();
    let mut plain = Vec::new();
    while let Some(byte) = data.next() {
        plain.push(match byte {
            0x7D => data.next().unwrap() ^ 0x20,
            byte => *byte,
        });
    }
    let samples = samples(&plain);
    assert_eq!(samples.len(), number("num_samples") as usize);
    assert!(!samples.is_empty() && samples.len() <= 2000);
    Said::Audio(samples, number("sample_rate"))
}

/// The samples that `piper-rs speak` gives for a text.
fn speak(scene: &Scene, flags: &str, text: &str) -> Vec<i16> {
    scene.write("text", text);
    let line = format!("piper-rs speak $TINY --raw {flags} < text");
    scene.sh(&line).ok().samples()
}

#[test]
fn a_session_has_the_replies_of_the_protocol() {
    let scene = Scene::new();
    let mut module = Module::launch(&scene, "$TINY");
    module.send("INIT\n");
    let reply = module.reply();
    assert!(reply.starts_with("299-piper-rs ") && reply.contains("voice tiny"));
    assert!(reply.ends_with("\n299 OK LOADED SUCCESSFULLY"), "{reply}");
    let refused = "303 ERROR INVALID PARAMETER OR VALUE";
    let cases = [
        ("AUDIO", "audio_output_method=alsa", refused),
        (
            "AUDIO",
            "audio_output_method=server",
            "203 OK AUDIO INITIALIZED",
        ),
        ("LOGLEVEL", "log_level=5", "203 OK LOGLEVEL SET"),
        (
            "SET",
            "rate=20\npitch=-10\npunctuation_mode=all\nlanguage=NULL\nvoice=female1\nnew=x",
            "203 OK SETTINGS RECEIVED",
        ),
        ("SET", "rate=101", refused),
        ("SET", "rate", "302 ERROR BAD SYNTAX"),
        ("CHAR", "a\nb", "305 DATA MORE THAN ONE LINE"),
        ("SPEAK", "", "301 ERROR CANT SPEAK"),
    ];
    for (command, content, expected) in cases {
        assert_eq!(module.command(command, content), expected, "{content}");
    }
    let cases = [
        (
            "LIST VOICES",
            "200-en_US-slt-low\ten-US\tnone\n200-tiny\ten-US\tnone\n200-tiny_multi\ten-US\tnone\n\
             200-tiny_multi#alice\ten-US\tnone\n200-tiny_multi#bob\ten-US\tnone\n\
             200-tiny_multi#carol\ten-US\tnone\n200 OK VOICE LIST SENT",
        ),
        ("LIST VOICES de", "304 CANT LIST VOICES"),
        ("LIST VOICES en female1", "304 CANT LIST VOICES"),
        ("DEBUG OFF", "200 OK DEBUGGING OFF"),
        ("speak", "300 ERR UNKNOWN COMMAND"),
    ];
    for (command, expected) in cases {
        module.send(&format!("{command}\n"));
        assert_eq!(module.reply(), expected, "{command}");
    }
    module.send("LIST VOICES EN none\n");
    assert!(module.reply().contains("200-tiny\t"));
    // There is nothing to stop, so there is no reply.
    module.send("STOP\nPAUSE\n");
    assert_eq!(module.quit(), Some(0));
    assert_eq!(scene.read("log"), b"");
}

#[test]
fn a_message_is_spoken_as_speak_speaks_it() {
    let scene = Scene::new();
    let mut module = Module::start(&scene, "$TINY");
    let same = |module: &mut Module, kind: &str, text: &str, flags: &str, plain: &str| {
        let spoken = module.speak(kind, text);
        let expected = speak(&scene, &format!("--trim {flags}"), plain);
        assert!(spoken.samples == expected, "{kind} {text}");
    };
    let text = "<speak>Hello there. It&apos;s\n..5 &lt; 6.</speak>";
    same(
        &mut module,
        "SPEAK",
        text,
        "",
        "Hello there. It's .5 < 6.\n\n",
    );
    same(&mut module, "SPEAK", "No tags.", "", "No tags.");
    for (rate, speed) in [("100", "3"), ("-100", "0.33333334"), ("0", "1")] {
        module.set(&format!("rate={rate}\nvolume=100"));
        same(
            &mut module,
            "SPEAK",
            "Hello.",
            &format!("--speed {speed}"),
            "Hello.",
        );
    }
    module.set("volume=-50");
    same(&mut module, "SPEAK", "Hello.", "--volume 0.25", "Hello.");
    module.set("volume=100\npunctuation_mode=most");
    let text = "Well, (yes): ok.";
    same(&mut module, "SPEAK", text, "--punctuation most", text);
    module.set("punctuation_mode=none\nspelling_mode=on");
    same(&mut module, "SPEAK", "Ab", "--spell", "ab");
    module.set("cap_let_recogn=spell");
    same(&mut module, "SPEAK", "Ab", "--spell", "Ab");
    same(&mut module, "CHAR", "A", "--spell", "A");
    module.set("cap_let_recogn=none\nspelling_mode=off");
    same(&mut module, "CHAR", "A", "", "a");
    same(&mut module, "CHAR", "?", "", "question mark");
    same(&mut module, "CHAR", "space", "", "space");
    same(&mut module, "KEY", "shift_a", "", "shift A");
    same(&mut module, "KEY", "kp-enter", "", "keypad enter");
    same(&mut module, "KEY", "a", "", "a");
    same(&mut module, "SOUND_ICON", "new-mail", "", "new mail");
    module.set("synthesis_voice=tiny_multi\nlanguage=de");
    let multi = speak(&scene, "-m tiny_multi --trim", "Hello.");
    assert!(module.speak("SPEAK", "Hello.").samples == multi);
    module.set("synthesis_voice=NULL\nlanguage=C");
    same(&mut module, "SPEAK", "Hello.", "", "Hello.");
    // No file of this computer is a voice by its path.
    module.set("synthesis_voice=../tests/voices/tiny_multi.onnx");
    same(&mut module, "SPEAK", "Hello.", "", "Hello.");
    assert_eq!(module.quit(), Some(0));
}

#[test]
fn a_language_selects_a_voice_and_keys_have_its_names() {
    let scene = Scene::new();
    scene.sh("mkdir -p home/.local/share/piper-rs/voices").ok();
    let folder = "home/.local/share/piper-rs/voices";
    let tests = crate::scene::root().join("tests/voices");
    let config = std::fs::read_to_string(tests.join("tiny.onnx.json")).unwrap();
    let mut config: serde_json::Value = serde_json::from_str(&config).unwrap();
    config["language"] = serde_json::json!({ "code": "de_DE" });
    config["espeak"]["voice"] = "de".into();
    scene.write(
        &format!("{folder}/de_DE-x-low.onnx.json"),
        config.to_string(),
    );
    let model = tests.join("tiny.onnx");
    std::fs::copy(model, scene.path(&format!("{folder}/de_DE-x-low.onnx"))).unwrap();
    let mut module = Module::start(&scene, "$TINY");
    module.send("LIST VOICES de\n");
    assert_eq!(
        module.reply(),
        "200-de_DE-x-low\tde-DE\tnone\n200 OK VOICE LIST SENT"
    );
    module.set("language=de-AT");
    let german = "-m de_DE-x-low --trim";
    let key = module.speak("KEY", "shift_return");
    assert!(key.samples == speak(&scene, german, "Umschalt Eingabe"));
    let text = module.speak(
        "SPEAK",
        "<speak>Guten <lang xml:lang='en'>day</lang></speak>",
    );
    assert!(!text.samples.is_empty());
    module.set("language=en");
    let key = module.speak("KEY", "shift_return");
    assert!(key.samples == speak(&scene, "--trim", "shift return"));
}

#[test]
fn speakers_and_types_of_voices_can_be_chosen() {
    let scene = Scene::new();
    let types = "--voice-name female1=tiny_multi#bob,male1=nobody";
    let mut module = Module::start(&scene, &format!("$TINY {types}"));
    let mut spoken = |settings: &str| {
        module.set(settings);
        module.speak("SPEAK", "Hello there.").samples
    };
    let own = "-m tiny_multi --noise-scale 0 --noise-w 0 --trim";
    let expected = |speaker: &str| {
        speak(
            &scene,
            &format!("{own} --speaker {speaker}"),
            "Hello there.",
        )
    };
    let of =
        |voice: &str, kind: &str| format!("language=en\nsynthesis_voice={voice}\nvoice={kind}");
    assert!(spoken(&of("tiny_multi#alice", "male1")) == expected("alice"));
    assert!(spoken(&of("NULL", "female1")) == expected("bob"));
    assert!(spoken(&of("NULL", "FEMALE1")) == expected("bob"));
    let default = speak(&scene, "--trim", "Hello there.");
    // The type is another language's voice, or none; the speaker does not exist.
    for settings in [
        "language=de\nsynthesis_voice=NULL\nvoice=female1",
        &of("NULL", "male1"),
        &of("NULL", "female2"),
        &of("tiny#zoe", "female1"),
    ] {
        assert!(spoken(settings) == default, "{settings}");
    }
}

#[test]
fn marks_are_reached_with_their_words_and_change_no_sample() {
    let scene = Scene::new();
    let mut module = Module::start(&scene, "$TINY");
    let plain = "One two, three. Four five.";
    let text = "<speak><mark name=\"a\"/>One <mark name=\"b\"/>two, three.<mark name=\"__spd_0\"/> \
                <mark name=\"c\"/>Four <mark name=\"d\"/>five.<mark name=\"e\"/></speak>";
    let spoken = module.speak("SPEAK", text);
    scene.write("text", plain);
    let line = "piper-rs speak $TINY -i text -o a.wav --timings times.json";
    scene.sh(line).ok();
    assert!(spoken.samples == scene.wav("a.wav").samples);
    let times: serde_json::Value = serde_json::from_slice(&scene.read("times.json")).unwrap();
    let sentence = |n: usize| &times["sentences"][n];
    let start = |sentence: &serde_json::Value, word: usize| {
        sentence["words"][word]["samples"][0].as_u64().unwrap() as usize
    };
    let end = |n: usize| sentence(n)["samples"][1].as_u64().unwrap() as usize;
    let expected = [
        ("a", start(sentence(0), 0)),
        ("b", start(sentence(0), 1)),
        ("__spd_0", end(0)),
        ("c", start(sentence(1), 0)),
        ("d", start(sentence(1), 1)),
        ("e", end(1)),
    ];
    let marks: Vec<_> = spoken
        .marks
        .iter()
        .map(|(n, at)| (n.as_str(), *at))
        .collect();
    assert_eq!(marks, expected);
    assert!(end(0) < start(sentence(1), 0), "there is a pause");
    // Without words there is nothing to wait for.
    let spoken = module.speak("SPEAK", "<speak><mark name='x'/></speak>");
    assert_eq!(spoken.marks, [("x".to_owned(), 0)]);
}

#[test]
fn a_stop_is_followed_by_nothing_but_what_is_on_its_way() {
    let scene = Scene::new();
    let mut module = Module::start(&scene, "$TINY");
    let long = "This sentence is one of very many, and they go on. ".repeat(2000);
    for events in [0, 1, 2, 30] {
        module.begin("SPEAK", &long);
        for _ in 0..events {
            module.said();
        }
        module.send("STOP\n");
        module.until_read();
        let rest = module.rest();
        assert_eq!(rest.end, Said::Stop);
        let bytes = 2 * rest.samples.len();
        assert!(bytes <= MAX_BYTES_AFTER_STOP, "{events}: {bytes} bytes");
    }
    // A second message is refused, and the first one goes on.
    module.begin("SPEAK", &long);
    module.send("SPEAK\n");
    let mut reply = || loop {
        if let Said::Reply(reply) = module.said() {
            return reply;
        }
    };
    assert_eq!(reply(), "202 OK RECEIVING MESSAGE");
    module.send("Hello.\n.\n");
    let mut reply = || loop {
        if let Said::Reply(reply) = module.said() {
            return reply;
        }
    };
    assert_eq!(reply(), "301 ERROR CANT SPEAK");
    module.send("QUIT\n");
    assert_eq!(module.rest().end, Said::Stop);
    assert_eq!(module.reply(), "210 OK QUIT");
    assert_eq!(module.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_pause_ends_a_message_at_the_next_mark_of_the_server() {
    let scene = Scene::new();
    let mut module = Module::start(&scene, "$TINY");
    let sentences: String = (0..400)
        .map(|n| format!("This is <mark name=\"own{n}\"/>one of many.<mark name=\"__spd_{n}\"/> "))
        .collect();
    module.begin("SPEAK", &format!("<speak>{sentences}</speak>"));
    assert_eq!(module.said(), Said::Begin);
    module.send("PAUSE\n");
    let rest = module.rest();
    assert_eq!(rest.end, Said::Pause);
    let (last, at) = rest.marks.last().unwrap();
    assert!(
        last.starts_with("__spd_") && *at == rest.samples.len(),
        "{last}"
    );
    assert!(rest.marks.len() < 400, "{}", rest.marks.len());
    // Without such a mark it ends by itself.
    module.begin("SPEAK", "One sentence.");
    module.send("PAUSE\n");
    assert_eq!(module.rest().end, Said::End);
    assert_eq!(module.quit(), Some(0));
}

#[test]
fn each_message_of_any_script_ends_once() {
    const SCRIPTS: u64 = 500;
    const TEXTS: [(&str, &str); 6] = [
        (
            "SPEAK",
            "<speak>One.<mark name=\"__spd_0\"/> Two.<mark name=\"__spd_1\"/> Three.</speak>",
        ),
        (
            "SPEAK",
            "<speak>A long sentence, which goes on and on, but ends.</speak>",
        ),
        ("SPEAK", "..."),
        ("CHAR", "x"),
        ("KEY", "control_x"),
        ("SPEAK", "<speak>broken & <b"),
    ];
    let scene = Scene::new();
    let mut module = Module::start(&scene, "$TINY");
    // Numbers that are the same in each run.
    let mut state = 0x9E37_79B9_u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    let mut ends = [0; 3];
    for script in 0..SCRIPTS {
        let mut commands = 0;
        for _ in 0..=random(2) {
            if random(3) == 0 {
                let rate = random(201) as i64 - 100;
                module.set(&format!("rate={rate}\nspelling_mode=off"));
            }
            let (kind, text) = TEXTS[random(TEXTS.len() as u64) as usize];
            module.begin(kind, text);
            let mut has_begun = false;
            let mut next = random(4);
            let end = loop {
                if next == 0 {
                    // At most one of each message is needed, but more do no harm.
                    let command = ["STOP\n", "PAUSE\n", "STOP\nSTOP\n", ""][random(4) as usize];
                    module.send(command);
                    commands += 1;
                    next = if commands < 6 {
                        1 + random(5)
                    } else {
                        u64::MAX
                    };
                }
                next -= 1;
                match module.said() {
                    Said::Begin => assert!(!std::mem::replace(&mut has_begun, true)),
                    Said::Audio(..) | Said::Mark(_) => assert!(has_begun),
                    Said::End => break 0,
                    Said::Stop => break 1,
                    Said::Pause => break 2,
                    Said::Reply(reply) => panic!("script {script}: {reply}"),
                }
            };
            assert!(has_begun, "script {script}");
            ends[end] += 1;
            // What comes too late changes nothing.
            if random(3) == 0 {
                module.send("STOP\n");
            }
        }
    }
    assert!(ends.iter().all(|count| *count > 3), "{ends:?}");
    // No event is left.
    assert_eq!(module.quit(), Some(0));
}

#[test]
fn what_cannot_work_is_said_at_the_start() {
    let scene = Scene::new();
    let mut module = Module::launch(&scene, "-m nobody");
    module.send("INIT\n");
    let reply = module.reply();
    assert!(
        reply.starts_with("399-") && reply.contains("nobody"),
        "{reply}"
    );
    assert!(reply.ends_with("\n399 ERR CANT INIT MODULE"));
    assert_eq!(module.child.wait().unwrap().code(), Some(3));
    let log = String::from_utf8(scene.read("log")).unwrap();
    assert!(log.contains("nobody"), "{log}");
    let strict = scene.sh("piper-rs speechd --strict-piper < /dev/null");
    strict.exits(2).says(&["SSML", "--strict-piper"]);
    // The server may end at any time.
    for input in ["", "INIT", "INIT\\nSPEAK\\nHello.\\n", "SET\\nrate=1\\n"] {
        let line = format!("printf '{input}' | piper-rs speechd $TINY");
        scene.sh(&line).ok().silently();
    }
    let text = "x".repeat(5000);
    scene.write("input", format!("{text}\nQUIT\n"));
    let run = scene.sh("piper-rs speechd $TINY config < input").ok();
    assert_eq!(run.text(), "300 ERR UNKNOWN COMMAND\n210 OK QUIT\n");
    scene.write("input", "SPEAK\nHello.\n.\n");
    // A server that is gone is no error.
    scene
        .sh("piper-rs speechd $TINY < input | head -c 30")
        .ok()
        .silently();
}
