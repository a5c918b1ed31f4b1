//! Wyoming, message by message.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use piper_rs::protocol::wyoming::encode;
use serde_json::{Value, json};

use super::server::Server;
use crate::scene::Scene;

/// A message of the server.
struct Answer {
    kind: String,
    data: Value,
    payload: Vec<u8>,
}

fn connect(server: &Server) -> TcpStream {
    server.tcp("tcp")
}

fn send(stream: &mut TcpStream, kind: &str, data: &Value) {
    stream.write_all(&encode(kind, data, b"")).unwrap();
}

fn receive(stream: &mut TcpStream) -> Answer {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        line.extend(byte);
    }
    let line: Value = serde_json::from_slice(&line).unwrap();
    let mut take = |field: &str| {
        let mut bytes = vec![0; line[field].as_u64().unwrap() as usize];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    };
    let data = take("data_length");
    Answer {
        kind: line["type"].as_str().unwrap().to_owned(),
        data: serde_json::from_slice(&data).unwrap(),
        payload: take("payload_length"),
    }
}

/// The samples up to `last`, whose messages must be in order.
fn sound(stream: &mut TcpStream, last: &str) -> Vec<u8> {
    let start = receive(stream);
    assert_eq!(start.kind, "audio-start", "{}", start.data);
    assert_eq!(start.data["rate"], 22_050);
    let mut bytes = Vec::new();
    loop {
        let answer = receive(stream);
        match &*answer.kind {
            "audio-chunk" => {
                assert_eq!(
                    (&answer.data["width"], &answer.data["channels"]),
                    (&json!(2), &json!(1))
                );
                bytes.extend(answer.payload);
            }
            "audio-stop" => break,
            other => panic!("{other} {}", answer.data),
        }
    }
    if last != "audio-stop" {
        assert_eq!(receive(stream).kind, last);
    }
    bytes
}

const FLAGS: &str = "--wyoming 127.0.0.1:0 --seed 1";

#[test]
fn a_text_is_spoken_as_by_speak() {
    let server = Server::start(FLAGS);
    let mut stream = connect(&server);
    let speak = |flags: &str| {
        let line = format!("piper-rs speak {flags} --seed 1 --raw 'Hello there. Again.'");
        server.scene.sh(&line).ok().stdout
    };
    let text = "Hello there. Again.";
    // Two at once: one after the other.
    send(&mut stream, "synthesize", &json!({"text": text}));
    let voice = json!({"name": "tiny_multi", "speaker": "bob"});
    send(
        &mut stream,
        "synthesize",
        &json!({"text": text, "voice": voice}),
    );
    assert!(sound(&mut stream, "audio-stop") == speak("-m tiny"));
    assert!(sound(&mut stream, "audio-stop") == speak("-m tiny_multi --speaker bob"));
    send(&mut stream, "ping", &json!({"text": "x"}));
    let pong = receive(&mut stream);
    assert_eq!((&*pong.kind, &pong.data["text"]), ("pong", &json!("x")));
}

#[test]
fn a_language_that_is_described_can_be_chosen() {
    let scene = Scene::new();
    let tiny = crate::scene::root().join("tests/voices/tiny.onnx");
    let config = std::fs::read(tiny.with_extension("onnx.json")).unwrap();
    let mut config: Value = serde_json::from_slice(&config).unwrap();
    // Only espeak-ng's voice tells it.
    config.as_object_mut().unwrap().remove("language").unwrap();
    config["espeak"]["voice"] = json!("en-us");
    scene.write("v.onnx.json", config.to_string());
    scene.write("v.onnx", std::fs::read(tiny).unwrap());
    let server = Server::start_in(scene, &format!("-m ./v.onnx {FLAGS}"));
    let mut stream = connect(&server);
    send(&mut stream, "describe", &json!({}));
    let described = receive(&mut stream).data;
    let voice = &described["tts"][0]["voices"][0];
    assert_eq!(voice["name"], "v");
    let voice = json!({"language": voice["languages"][0]});
    let text = json!({"text": "Hello.", "voice": voice});
    send(&mut stream, "synthesize", &text);
    let line = "piper-rs speak -m ./v.onnx --seed 1 --raw Hello.";
    let spoken = server.scene.sh(line).ok().stdout;
    assert!(sound(&mut stream, "audio-stop") == spoken);
}

#[test]
fn a_text_that_arrives_in_pieces_is_spoken_as_a_whole() {
    let server = Server::start(FLAGS);
    let mut stream = connect(&server);
    let text = "Hello there. How are you, Mr. Smith? This is the last one.";
    send(
        &mut stream,
        "synthesize-start",
        &json!({"voice": {"name": "tiny"}}),
    );
    let (first, rest) = text.split_at(16);
    send(&mut stream, "synthesize-chunk", &json!({"text": first}));
    // It is not complete, and the first sentence is heard.
    assert_eq!(receive(&mut stream).kind, "audio-start");
    let chunk = receive(&mut stream);
    assert_eq!(chunk.kind, "audio-chunk");
    let mut bytes = chunk.payload;
    for piece in rest.split_inclusive(' ') {
        send(&mut stream, "synthesize-chunk", &json!({"text": piece}));
    }
    // Home Assistant sends the whole text, too, for servers that cannot stream.
    send(&mut stream, "synthesize", &json!({"text": text}));
    send(&mut stream, "synthesize-stop", &json!({}));
    loop {
        let answer = receive(&mut stream);
        match &*answer.kind {
            "audio-chunk" => bytes.extend(answer.payload),
            "audio-stop" => break,
            other => panic!("{other}"),
        }
    }
    assert_eq!(receive(&mut stream).kind, "synthesize-stopped");
    let line = format!("piper-rs speak -m tiny --seed 1 --raw '{text}'");
    let whole = server.scene.sh(&line).ok().stdout;
    assert!(bytes == whole, "{} and {} bytes", bytes.len(), whole.len());
    // Nothing at all is an empty sound.
    send(&mut stream, "synthesize-start", &json!({}));
    send(&mut stream, "synthesize-stop", &json!({}));
    assert!(sound(&mut stream, "synthesize-stopped").is_empty());
}

#[test]
fn voices_are_described_while_others_speak() {
    let server = Server::start(FLAGS);
    let mut speaking = connect(&server);
    let text = "This sentence is spoken again and again. ".repeat(500);
    send(&mut speaking, "synthesize", &json!({"text": text}));
    assert_eq!(receive(&mut speaking).kind, "audio-start");
    // On the same connection, too.
    send(&mut speaking, "describe", &json!({}));
    let info = loop {
        let answer = receive(&mut speaking);
        if answer.kind == "info" {
            break answer.data;
        }
    };
    let program = &info["tts"][0];
    assert_eq!(program["supports_synthesize_streaming"], true);
    let voices = program["voices"].as_array().unwrap();
    let named = |name: &str| voices.iter().find(|voice| voice["name"] == name).unwrap();
    assert_eq!(voices[0]["name"], "tiny", "the default one first");
    assert_eq!(named("tiny_multi")["speakers"][2]["name"], "carol");
    assert!(named("tiny")["speakers"].is_null());
    assert_eq!(named("en_US-slt-low")["languages"], json!(["en_US"]));
    assert!(voices.iter().all(|voice| voice["installed"] == true));
    let mut other = connect(&server);
    send(&mut other, "describe", &json!({}));
    assert_eq!(receive(&mut other).data, info);
}

#[test]
fn a_client_that_leaves_stops_its_speech_and_a_bad_one_is_told_why() {
    let mut server = Server::start(FLAGS);
    let text = "This sentence is spoken again and again. ".repeat(500);
    let mut leaving = connect(&server);
    send(&mut leaving, "synthesize", &json!({"text": text}));
    receive(&mut leaving);
    drop(leaving);
    server.until_idle();
    let cancelled = r#"piper_requests_total{route="wyoming",outcome="cancelled"}"#;
    assert_eq!(server.metric(cancelled), 1.0);
    for (bytes, code) in [
        (
            encode(
                "synthesize",
                &json!({"text": "a", "voice": {"name": "../tiny"}}),
                b"",
            ),
            "voice-not-found",
        ),
        (
            encode("synthesize", &json!({"text": "a".repeat(100_001)}), b""),
            "too-long",
        ),
        (
            encode(
                "synthesize",
                &json!({"text": "a", "voice": {"name": "tiny", "speaker": "x"}}),
                b"",
            ),
            "failed",
        ),
        (encode("synthesize", &json!({}), b""), "bad-message"),
        (
            encode("synthesize", &json!({"text": 5}), b""),
            "bad-message",
        ),
        (
            encode("synthesize", &json!({"text": "a", "voice": "tiny"}), b""),
            "bad-message",
        ),
        (
            encode(
                "synthesize",
                &json!({"text": "a", "voice": {"name": "x".repeat(300)}}),
                b"",
            ),
            "too-long",
        ),
        (encode("audio-chunk", &json!({}), b"x"), "bad-message"),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "bad-message"),
        (vec![b'x'; 70_000], "bad-message"),
        (
            b"{\"type\":\"describe\",\"data_length\":99999999}\n".to_vec(),
            "bad-message",
        ),
    ] {
        let mut stream = connect(&server);
        stream.write_all(&bytes).unwrap();
        let answer = receive(&mut stream);
        assert_eq!(
            (&*answer.kind, answer.data["code"].as_str()),
            ("error", Some(code))
        );
        let mut rest = Vec::new();
        // Unread bytes make it a reset.
        _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty());
    }
    let mut unknown = connect(&server);
    send(&mut unknown, "transcribe", &json!({}));
    send(&mut unknown, "ping", &json!({}));
    assert_eq!(receive(&mut unknown).kind, "pong");
}

#[test]
fn a_text_that_arrives_does_not_replace_another() {
    let server = Server::start(FLAGS);
    let start = encode("synthesize-start", &json!({}), b"");
    let whole = encode("synthesize", &json!({"text": "Hello there."}), b"");
    let chunk = encode("synthesize-chunk", &json!({"text": "One. Two"}), b"");
    for first in [&whole, &start] {
        let mut stream = connect(&server);
        stream
            .write_all(&[&**first, &start, &chunk].concat())
            .unwrap();
        // Sound of the first text may have been sent before.
        let refused = loop {
            let answer = receive(&mut stream);
            if answer.kind == "error" {
                break answer.data;
            }
            assert_ne!(answer.kind, "audio-start", "a second sound");
        };
        assert_eq!(refused["code"], "busy");
    }
}

#[test]
fn a_client_that_sends_its_text_slowly_keeps_nobody_out() {
    let mut server = Server::start(&format!("{FLAGS} --max-queue 1 --threads 1"));
    let mut slow = Vec::new();
    for n in 1..=5 {
        let mut stream = connect(&server);
        send(&mut stream, "synthesize-start", &json!({}));
        // The first sentence is silent.
        send(&mut stream, "synthesize-chunk", &json!({"text": "(…). A"}));
        slow.push(stream);
        server.until_metric(&format!("piper_requests_in_progress {n}"));
        server.until_metric("piper_requests_waiting 0");
    }
    server.post("/synthesize", r#"{"text": "Hi."}"#).is(200);
    drop(slow);
    server.until_idle();
    let failed = r#"piper_requests_total{route="wyoming",outcome="failed"}"#;
    assert_eq!(server.metric(failed), 0.0);
}

#[test]
fn those_for_whom_there_is_no_room_are_told() {
    let server = Server::start(&format!("{FLAGS} --max-queue 2 --threads 1"));
    let data = json!({"text": "word ".repeat(80)});
    let streams = (0..40).map(|_| {
        let mut stream = connect(&server);
        send(&mut stream, "synthesize", &data);
        stream
    });
    let streams: Vec<_> = streams.collect();
    let (mut served, mut refused) = (0, 0);
    for mut stream in streams {
        let answer = receive(&mut stream);
        match (&*answer.kind, answer.data["code"].as_str()) {
            ("audio-start", _) => served += 1,
            ("error", Some("busy")) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(
        served >= 3 && refused > 0,
        "{served} served, {refused} refused"
    );
}
