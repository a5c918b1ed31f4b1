//! `piper-rs serve`: what clients get.

// A server and a raw client.
pub(crate) mod server;
// Requests that are wrong, slow, too many or not allowed.
mod abuse;
// PyPI's `openai` and `wyoming`, and curl.
mod clients;
// `speak --connect`.
mod connect;
// The page, in a browser.
mod page;
// Ends, and starts that fail.
mod ending;
// Wyoming's messages.
mod wyoming;

use std::io::{Read as _, Write as _};

use serde_json::Value;

use self::server::Server;
use crate::scene::{Scene, Wav, has, samples, trained_voice};

/// The path of speech whose samples are the voice's own.
const NATIVE: &str = "/v1/audio/speech?rate=native";

#[test]
fn samples_are_those_of_speak() {
    let text = "Hello there. This is the second sentence, and a longer one.\n\nA paragraph.";
    let voices = [
        Some("tiny".into()),
        Some("en_US-slt-low".into()),
        trained_voice(),
    ];
    for voice in voices.into_iter().flatten() {
        let voice = voice.display();
        let server = Server::start(&format!("-m {voice}"));
        server.scene.write("t.txt", text);
        let spoken = format!("piper-rs speak -m {voice} --raw --seed 7 --speed 1.2 < t.txt");
        let spoken = server.scene.sh(&spoken).ok().stdout;
        let body =
            serde_json::json!({"input": text, "response_format": "pcm", "seed": 7, "speed": 1.2});
        let sent = server.post(NATIVE, &body.to_string()).is(200);
        assert!(
            sent.body == spoken,
            "{voice}: {} and {} bytes",
            sent.body.len(),
            spoken.len()
        );
    }
}

#[test]
fn each_format_is_what_its_reader_expects() {
    let server = Server::start("");
    let speech = |format: &str| {
        let body =
            format!(r#"{{"input": "Hello there.", "response_format": "{format}", "seed": 1}}"#);
        server.post("/v1/audio/speech", &body).is(200)
    };
    let spoken = server
        .scene
        .sh("piper-rs speak -m tiny --raw --seed 1 'Hello there.'")
        .ok();
    let wav = speech("wav");
    assert_eq!(wav.header("content-type"), Some("audio/wav"));
    assert_eq!(wav.header("x-sample-rate"), Some("22050"));
    assert_eq!(samples(&wav.body[44..]), spoken.samples());
    let pcm = speech("pcm");
    assert_eq!(pcm.header("x-sample-rate"), Some("24000"));
    let seconds = |bytes: usize, rate: usize| bytes as f64 / 2.0 / rate as f64;
    let (resampled, own) = (
        seconds(pcm.body.len(), 24_000),
        seconds(spoken.stdout.len(), 22_050),
    );
    assert!((resampled - own).abs() < 0.001, "{resampled} {own}");
    for (format, kind, start) in [
        ("flac", "audio/flac", &b"fLaC"[..]),
        ("opus", "audio/ogg", b"OggS"),
        ("mp3", "audio/mpeg", b"ID3"),
    ] {
        let sent = speech(format);
        assert_eq!(sent.header("content-type"), Some(kind));
        assert!(sent.body.starts_with(start), "{format}");
    }
    if has("flac") {
        server.scene.write("a.flac", speech("flac").body);
        let decode = "flac -ds --force-raw-format --endian=little --sign=signed -c a.flac";
        let decoded = server.scene.sh(decode);
        assert_eq!(decoded.samples(), spoken.samples());
    }
    let unnamed = server
        .post("/v1/audio/speech", r#"{"input": "Hi."}"#)
        .is(200);
    assert_eq!(
        unnamed.header("content-type"),
        Some("audio/mpeg"),
        "LAME is installed"
    );
}

#[test]
fn events_carry_the_same_bytes() {
    let server = Server::start("");
    let body = r#"{"input": "Hello. Again.", "seed": 1, "response_format": "pcm"}"#;
    let plain = server.post(NATIVE, body).is(200).body;
    let events = body.replace('{', r#"{"stream_format": "sse", "#);
    let sent = server.post(NATIVE, &events).is(200);
    assert_eq!(sent.header("content-type"), Some("text/event-stream"));
    let text = sent.text();
    let events = text.split_terminator("\n\n").map(|event| {
        let data = event.strip_prefix("data: ").unwrap();
        serde_json::from_str::<Value>(data).unwrap()
    });
    let events: Vec<_> = events.collect();
    let (last, deltas) = events.split_last().unwrap();
    assert_eq!(last["type"], "speech.audio.done");
    assert!(
        deltas
            .iter()
            .all(|delta| delta["type"] == "speech.audio.delta")
    );
    assert!(deltas.len() > 1, "streamed");
    let decoded: Vec<u8> = deltas
        .iter()
        .flat_map(|delta| from_base64(delta["audio"].as_str().unwrap()))
        .collect();
    assert!(decoded == plain);
}

fn from_base64(text: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => u32::from(c - b'A'),
        b'a'..=b'z' => u32::from(c - b'a') + 26,
        b'0'..=b'9' => u32::from(c - b'0') + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<_> = text.bytes().filter(|c| *c != b'=').collect();
    let mut bytes = Vec::new();
    for four in digits.chunks(4) {
        let bits = four.iter().fold(0, |bits, c| bits << 6 | value(*c));
        let bits = bits << (6 * (4 - four.len()));
        bytes.extend(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
}

#[test]
fn pipers_route_gives_a_wav_with_its_length() {
    let server = Server::start("");
    let body = r#"{"text": "Hello there.", "seed": 3, "length_scale": 1.5, "noise_w_scale": 0.1}"#;
    let sent = server.post("/synthesize", body).is(200);
    assert!(sent.header("content-length").is_some());
    let flags = "-m tiny --seed 3 --length-scale 1.5 --noise-w 0.1";
    let spoken = server.scene.spoken(flags, "Hello there.");
    assert_eq!(Wav::parse(&sent.body), spoken);
    let multi = r#"{"text": "Hi.", "voice": "tiny_multi", "speaker_id": 2, "seed": 1}"#;
    let multi = server.post("/synthesize", multi).is(200);
    let spoken = server
        .scene
        .spoken("-m tiny_multi --speaker 2 --seed 1", "Hi.");
    assert_eq!(Wav::parse(&multi.body), spoken);
    let both =
        r#"{"text": "Hi.", "voice": "tiny_multi", "speaker": "alice", "speaker_id": 2, "seed": 1}"#;
    let both = server.post("/synthesize", both).is(200);
    assert_eq!(Wav::parse(&both.body), spoken, "Piper's order");
    let missing = r#"{"text": "Hi.", "voice": "nobody"}"#;
    server.post("/synthesize", missing).is(404);
}

#[test]
fn a_text_without_sound_is_an_empty_wav_and_one_without_text_is_refused() {
    let server = Server::start("");
    let silent = server.post("/synthesize", r#"{"text": "(…)"}"#).is(200);
    assert_eq!(Wav::parse(&silent.body).samples.len(), 0);
    let pcm = r#"{"input": "(…)", "response_format": "pcm"}"#;
    let silent = server.post(NATIVE, pcm).is(200);
    assert_eq!(
        (silent.body.len(), silent.header("x-sample-rate")),
        (0, Some("22050"))
    );
    server.post("/synthesize", r#"{"text": " \n"}"#).is(400);
}

#[test]
fn the_installed_voices_are_listed_and_offered_by_name() {
    let server = Server::start("--voices tiny_multi");
    let voices = server.get("/v1/audio/voices").is(200).json();
    let names: Vec<_> = voices["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["id"].clone())
        .collect();
    assert_eq!(names, ["tiny", "tiny_multi"], "the default one first");
    assert_eq!(voices["data"][1]["speakers"][1], "bob");
    let piper = server.get("/voices").is(200).json();
    assert_eq!(piper["tiny_multi"]["num_speakers"], 3);
    assert_eq!(piper["tiny"]["audio"]["sample_rate"], 22_050);
    let models = server.get("/v1/models").is(200).json();
    assert!(
        models["data"]
            .as_array()
            .unwrap()
            .iter()
            .any(|model| model["id"] == "tts-1")
    );
    let body = |voice: &str| format!(r#"{{"input": "Hi.", "voice": "{voice}"}}"#);
    for voice in ["tiny", "tiny_multi", "alloy"] {
        server.post(NATIVE, &body(voice)).is(200);
    }
    let own = server.scene.path("home/v.onnx").display().to_string();
    let tiny = crate::scene::root()
        .join("tests/voices/tiny.onnx")
        .display()
        .to_string();
    for voice in [
        "en_US-slt-low",
        "builtin",
        "nobody",
        "../tiny",
        "tests/voices/tiny",
        &own,
        &tiny,
        "",
    ] {
        let refused = server.post(NATIVE, &body(voice)).is(400).json();
        assert_eq!(refused["error"]["param"], "voice", "{voice}");
    }
}

#[test]
fn other_names_mean_the_voices_that_an_option_says() {
    let server = Server::start("--voice-name alloy=tiny_multi#bob --voice-name nova=tiny_multi");
    let scene = &server.scene;
    let spoken = |voice: &str, fields: &str| {
        let body = format!(r#"{{"text": "Hello.", "seed": 1, "voice": "{voice}"{fields}}}"#);
        Wav::parse(&server.post("/synthesize", &body).is(200).body)
    };
    let expected = |flags: &str| scene.spoken(&format!("--seed 1 {flags}"), "Hello.");
    assert_eq!(spoken("alloy", ""), expected("-m tiny_multi --speaker bob"));
    let speaker = r#", "speaker": 2"#;
    assert_eq!(
        spoken("alloy", speaker),
        expected("-m tiny_multi --speaker 2")
    );
    assert_eq!(spoken("nova", ""), expected("-m tiny_multi"));
    assert_eq!(spoken("echo", ""), expected("-m tiny"), "the default voice");
    for (flags, says) in [
        ("--voice-name alloy=nobody", "`nobody`"),
        ("--voice-name tiny=tiny_multi", "a voice has this name"),
        ("--voice-name alloy=tiny_multi#zoe", "no speaker `zoe`"),
        (
            "--voice-name alloy=tiny_multi --voices tiny",
            "not on offer",
        ),
        ("--voice-name alloy", "NAME=VOICE"),
        ("--voices alloy", "no voice `alloy` is installed"),
    ] {
        let line = format!("piper-rs serve --socket x.sock -m tiny {flags}");
        scene.sh(&line).exits(2).says(&[says]);
    }
    scene.write(
        "c.toml",
        "voice_name = [\"alloy=tiny_multi\", \"echo=nobody\"]\n",
    );
    let line = "piper-rs --config-file c.toml serve --socket x.sock -m tiny";
    scene
        .sh(line)
        .exits(2)
        .says(&["--voice-name echo", "`nobody`"]);
    scene.write("c.toml", "voice_name = \"alloy\"\n");
    scene.sh(line).exits(2).says(&["c.toml:1", "voice_name"]);
}

#[test]
fn a_voice_that_is_not_there_ends_the_start() {
    let scene = Scene::new();
    scene
        .sh("piper-rs serve --socket s.sock -m nobody")
        .exits(3)
        .says(&["nobody"]);
    let line = "piper-rs serve --socket s.sock -m tiny --voices nobody";
    scene.sh(line).exits(2).says(&["--voices", "nobody"]);
    scene
        .sh("piper-rs serve")
        .exits(2)
        .says(&["XDG_RUNTIME_DIR", "--socket"]);
    scene
        .sh("piper-rs serve --http 0.0.0.0:0")
        .exits(2)
        .says(&["--allow-remote", "--token-file"]);
    scene
        .sh("piper-rs serve --wyoming 0.0.0.0:0")
        .exits(2)
        .says(&["--allow-remote"]);
    scene.write("token", "short");
    let short = "piper-rs serve --http 0 --token-file token";
    scene.sh(short).exits(2).says(&["token", "16"]);
    assert!(!scene.path("s.sock").exists());
}

#[test]
fn a_second_server_does_not_take_the_socket_over_and_a_dead_ones_is_replaced() {
    let mut server = Server::start("");
    let second = "piper-rs serve --socket s.sock -m tiny";
    server.scene.sh(second).exits(1).says(&["another piper-rs"]);
    server.get("/healthz").is(200);
    server.live.signal("KILL");
    server.live.ended_by();
    assert!(server.scene.path("s.sock").exists());
    let Server { scene, .. } = server;
    let third = Server::start_in(scene, "");
    third.get("/healthz").is(200);
}

#[test]
fn sockets_of_systemd_are_used() {
    if !has("systemd-socket-activate") {
        return;
    }
    let scene = Scene::new();
    scene.write("token", "0123456789abcdef");
    // A port of its own choice is not known to the program that connects.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let kept = [
        "HOME",
        "ORT_DYLIB_PATH",
        "PIPER_VOICE_DIR",
        "XDG_CACHE_HOME",
    ];
    let kept = kept.map(|name| format!("-E {name}")).join(" ");
    let line = format!(
        "sh -c 'umask 0; exec systemd-socket-activate {kept} --fdname=http:wyoming \
         -l $PWD/s.sock -l 127.0.0.1:{port} piper-rs serve -m tiny --token-file token'"
    );
    let mut live = scene.start(&line);
    live.until_says("Listening on");
    let server = Server { scene, live };
    // Others may connect, so that the token is needed.
    server.get("/healthz").is(200);
    server.get("/voices").is(401);
    let headers = [("Authorization", "Bearer 0123456789abcdef")];
    let allowed = server::request("GET", "/voices", &headers, b"");
    server::exchange(server.unix(), &allowed).is(200);
    let mut wyoming = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    wyoming.write_all(b"{\"type\": \"ping\"}\n").unwrap();
    let mut answer = [0; 14];
    wyoming.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, br#"{"type":"pong""#);
}

#[test]
fn systemd_accepts_the_unit_files() {
    if !has("systemd-analyze") {
        return;
    }
    let scene = Scene::new();
    let folder = crate::scene::root().join("assets/integrations");
    let folder = folder.display();
    let installed = "s|%h/.local/bin/piper-rs|'$(command -v piper-rs)'|; /^Documentation/d";
    scene
        .sh(&format!(
            "mkdir run && cp {folder}/piper-rs.socket . && \
             sed '{installed}' {folder}/piper-rs.service > piper-rs.service && \
             XDG_RUNTIME_DIR=$PWD/run systemd-analyze verify --user ./piper-rs.socket ./piper-rs.service"
        ))
        .ok();
}

#[test]
fn metrics_show_requests_pool_cache_and_stream() {
    let mut server = Server::start("");
    server.post("/synthesize", r#"{"text": "Hi."}"#).is(200);
    server.post("/v1/audio/speech", "{").is(400);
    server.until_idle();
    for (name, expected) in [
        (r#"piper_requests_total{route="piper",outcome="done"}"#, 1.0),
        (
            r#"piper_requests_total{route="openai",outcome="refused"}"#,
            1.0,
        ),
        ("piper_first_sound_seconds_count", 1.0),
        (r#"piper_first_sound_seconds_bucket{le="+Inf"}"#, 1.0),
        ("piper_inferences_total", 1.0),
        ("piper_cache_voices", 1.0),
        ("piper_pool_in_flight", 0.0),
        ("piper_requests_waiting", 0.0),
    ] {
        assert_eq!(server.metric(name), expected, "{name}");
    }
    assert!(server.metric("piper_audio_seconds_total") > 0.1);
    assert!(server.metric("process_cpu_seconds_total") > 0.0);
}

#[test]
fn voices_stay_loaded_while_there_is_memory_for_them() {
    for (flags, kept) in [("", 4.0), ("--cache-voices 2", 2.0)] {
        let server = Server::start(flags);
        let tiny = crate::scene::root()
            .join("tests/voices/tiny.onnx")
            .display()
            .to_string();
        let copies = format!(
            "mkdir -p home/.local/share/piper-rs/voices; cd home/.local/share/piper-rs/voices; \
             cp {tiny} a.onnx; cp {tiny}.json a.onnx.json"
        );
        server.scene.sh(&copies).ok();
        for voice in ["tiny", "tiny_multi", "en_US-slt-low", "a"] {
            let body = format!(r#"{{"text": "Hi.", "voice": "{voice}"}}"#);
            server.post("/synthesize", &body).is(200);
        }
        assert_eq!(server.metric("piper_cache_voices"), kept, "{flags}");
    }
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let server = Server::start("");
    let page = server.get("/").is(200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    let script = server.get("/page.js").is(200);
    let style = server.get("/page.css").is(200);
    for text in [page.text(), script.text(), style.text()] {
        // A comment has a space there.
        let mut after = text.match_indices("//").map(|(at, _)| &text[at + 2..]);
        assert!(after.all(|rest| rest.starts_with(' ')), "{text}");
    }
    assert!(!page.text().contains("<script>") && !page.text().contains("style="));
}
