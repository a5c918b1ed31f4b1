//! `speak --connect`: the models of a server, and all else as without it.

use std::os::unix::net::UnixStream;

use super::server::{Server, exchange, json_request};
use crate::scene::{Scene, trained_voice};

const TEXT: &str = "Hello there. This is the second sentence, and a longer one.\n\nA paragraph.";

/// How many sentences the server has made for `speak`.
fn sentences(server: &Server) -> f64 {
    server.metric("piper_inferences_total")
}

/// A text of many sentences, each of which needs the server.
fn long_text() -> String {
    (0..40)
        .map(|n| format!("This is sentence number {n} of a longer text. "))
        .collect()
}

#[test]
fn a_server_makes_the_same_sound_and_the_same_times() {
    let server = Server::start("");
    server.scene.write("t.txt", TEXT);
    let voices = ["builtin", "tiny", "tiny_multi --speaker 2"].map(str::to_owned);
    let trained = trained_voice().map(|path| path.display().to_string());
    let flags = [
        "--raw",
        "--raw --speed 1.7 --sentence-silence 0.1 --volume 0.5",
        "--raw --speed 0.7 --normalize sentence",
        "-o - --timings t.json",
    ];
    for voice in voices.into_iter().chain(trained) {
        for flags in flags {
            let spoken = |connect: &str| {
                let line = format!("piper-rs speak {connect} -m {voice} --seed 7 {flags} < t.txt");
                let run = server.scene.sh(&line).ok().silently();
                let times = server.scene.path("t.json");
                let times = times.exists().then(|| server.scene.read("t.json"));
                (run.stdout, times)
            };
            let before = sentences(&server);
            let alone = spoken("");
            assert_eq!(sentences(&server), before, "the server was not asked");
            let connected = spoken("--connect always --socket s.sock");
            assert!(connected == alone, "{voice} {flags}");
            assert!(sentences(&server) > before, "the server was asked");
        }
    }
}

#[test]
fn without_a_server_always_fails_and_auto_goes_on() {
    let scene = Scene::new();
    let alone = scene.sh("piper-rs speak $TINY --raw Hello.").ok();
    let always = "piper-rs speak --connect always --socket none.sock $TINY --raw Hello.";
    let failed = scene.sh(always).exits(1);
    assert!(failed.stdout.is_empty());
    failed.says(&["--connect always", "none.sock", "piper-rs serve"]);
    let auto = "piper-rs speak --connect auto --socket none.sock $TINY --raw Hello.";
    let spoken = scene.sh(auto).ok().silently();
    assert!(spoken.stdout == alone.stdout);
    scene.sh(&format!("{auto} -v")).ok().says(&["none.sock"]);
    scene
        .sh("piper-rs speak --connect always $TINY Hello.")
        .exits(1)
        .says(&["XDG_RUNTIME_DIR"]);
    // A socket on which nobody listens any more.
    let server = Server::start("");
    let Server { scene, mut live } = server;
    live.signal("KILL");
    live.ended_by();
    let auto = "piper-rs speak --connect auto --socket s.sock $TINY --raw Hello.";
    assert!(scene.sh(auto).ok().silently().stdout == alone.stdout);
}

#[test]
fn the_config_file_may_ask_for_the_server_of_the_user() {
    let server = Server::start("");
    let scene = &server.scene;
    scene.sh("mkdir -p run/piper-rs home/.config/piper-rs").ok();
    scene.sh("ln -s $PWD/s.sock run/piper-rs/serve.sock").ok();
    scene.write(
        "home/.config/piper-rs/config.toml",
        "connect = \"always\"\n",
    );
    let before = sentences(&server);
    scene
        .sh("XDG_RUNTIME_DIR=$PWD/run piper-rs speak $TINY --raw Hello.")
        .ok();
    assert!(sentences(&server) > before);
    scene.sh("piper-rs speak $TINY --raw Hello.").exits(1);
    scene
        .sh("piper-rs speak --connect never $TINY --raw Hello.")
        .ok();
}

#[test]
fn another_engine_is_not_used() {
    let server = Server::start("");
    let scene = &server.scene;
    let own = "piper-rs speak $TINY --raw --threads 7 Hello.";
    let alone = scene.sh(own).ok();
    let before = sentences(&server);
    for (flags, difference) in [("--threads 7", "--threads"), ("--no-prepare", "prepared")] {
        let line = |mode: &str| {
            format!("piper-rs speak --connect {mode} --socket s.sock $TINY --raw {flags} Hello.")
        };
        scene
            .sh(&line("always"))
            .exits(1)
            .says(&["s.sock", difference]);
        scene.sh(&line("auto")).ok().silently();
    }
    let auto = scene.sh(&own.replace("speak", "speak --connect auto --socket s.sock"));
    assert!(auto.ok().stdout == alone.stdout);
    scene.copy_program("other-piper-rs");
    let other = "./other-piper-rs speak --connect always --socket s.sock $TINY --raw Hello.";
    scene.sh(other).exits(1).says(&["another build"]);
    assert_eq!(sentences(&server), before);
}

#[test]
fn a_voice_that_changes_is_loaded_again() {
    let server = Server::start("");
    let scene = &server.scene;
    let voices = crate::scene::root().join("tests/voices");
    let copy = |name: &str| {
        let voices = voices.display();
        scene
            .sh(&format!(
                "cp {voices}/{name}.onnx v.onnx; cp {voices}/{name}.onnx.json v.onnx.json"
            ))
            .ok();
    };
    let spoken = |connect: &str| {
        let line = format!("piper-rs speak {connect} -m ./v.onnx --seed 1 --raw Hello.");
        scene.sh(&line).ok().stdout
    };
    copy("tiny");
    let first = spoken("--connect always --socket s.sock");
    assert!(first == spoken(""));
    copy("tiny_multi");
    let second = spoken("--connect always --socket s.sock");
    assert!(second == spoken("") && second != first);
    scene.write("v.onnx", "no graph");
    let line = "piper-rs speak --connect always --socket s.sock -m ./v.onnx --raw Hello.";
    let alone = scene.sh(&line.replace("always", "never")).exits(1);
    let connected = scene.sh(line).exits(1);
    assert_eq!(connected.stderr, alone.stderr);
}

#[test]
fn if_the_server_ends_auto_goes_on_at_the_same_sample() {
    let mut server = Server::start("");
    server.scene.write("t.txt", long_text());
    let line = "piper-rs speak -m en_US-slt-low --seed 5 --raw < t.txt";
    let alone = server.scene.sh(line).ok();
    for mode in ["auto", "always"] {
        let connected = line.replace("speak", &format!("speak --connect {mode} --socket s.sock"));
        let mut live = server.scene.start(&connected);
        let mut heard = live.hear(50_000);
        server.live.signal("KILL");
        server.live.ended_by();
        let (code, said, rest) = live.ends();
        heard.extend(rest);
        if mode == "auto" {
            assert_eq!((code, said.as_str()), (Some(0), ""));
            assert!(
                heard == alone.stdout,
                "{} of {}",
                heard.len(),
                alone.stdout.len()
            );
        } else {
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains("s.sock"), "{said}");
            assert!(alone.stdout.starts_with(&heard));
        }
        let Server { scene, .. } = server;
        server = Server::start_in(scene, "");
    }
}

/// A server that has room for two requests without sound: one that is computed and one
/// that waits. Its own voice is `v.onnx`.
fn server_with_a_short_queue() -> Server {
    let scene = Scene::new();
    let tiny = crate::scene::root().join("tests/voices/tiny.onnx");
    let tiny = tiny.display();
    let copies = format!("cp {tiny} v.onnx; cp {tiny}.json v.onnx.json");
    scene.sh(&copies).ok();
    Server::start_in(scene, "-m ./v.onnx --threads 1 --max-queue 1")
}

/// Fills the queue with requests whose voice cannot be loaded: its config is a named pipe
/// without a writer.
fn fill_queue(server: &mut Server) -> [UnixStream; 2] {
    let pipe = "mv v.onnx.json config; mkfifo pipe; ln pipe link; mv link v.onnx.json";
    server.scene.sh(pipe).ok();
    // Nothing that is heard, so that no sentence is counted.
    let requests = [(); 2].map(|()| server.begin(r#"{"input": "(…)"}"#));
    server.until_metric("piper_requests_waiting 2");
    requests
}

/// Lets the requests in the queue end.
fn empty_queue(server: &Server) {
    server
        .scene
        .sh("mv config v.onnx.json; : > pipe; rm pipe")
        .ok();
}

/// Waits until a client has been told that the queue is full.
fn until_refused(server: &mut Server) {
    server.until_metrics_have("\npiper_requests_total{route=\"engine\",outcome=\"busy\"}");
}

#[test]
fn while_the_server_is_busy_a_client_waits_for_it() {
    let text = "printf 'One line.\\nAnd another.\\n'";
    for mode in ["always", "auto"] {
        let speak =
            format!("piper-rs speak --connect {mode} --socket s.sock $TINY --threads 1 --raw");
        // With the voice.
        let mut server = server_with_a_short_queue();
        let alone = server
            .scene
            .sh(&format!("{text} | piper-rs speak $TINY --threads 1 --raw"));
        let alone = alone.ok().stdout;
        let _requests = fill_queue(&mut server);
        let mut live = server.scene.start(&speak);
        live.types("One line.");
        until_refused(&mut server);
        empty_queue(&server);
        live.types("And another.");
        live.ends_input();
        let (code, said, heard) = live.ends();
        assert_eq!((code, said.as_str()), (Some(0), ""), "{mode}");
        assert!(heard == alone, "{mode}");
        assert_eq!(sentences(&server), 2.0, "{mode}: the server made all");
        // In the middle of a text.
        let mut server = server_with_a_short_queue();
        let mut live = server.scene.start(&speak);
        live.types("One line.");
        let mut heard = live.hear(1000);
        let _requests = fill_queue(&mut server);
        live.types("And another.");
        until_refused(&mut server);
        empty_queue(&server);
        live.ends_input();
        let (code, said, rest) = live.ends();
        heard.extend(rest);
        assert_eq!((code, said.as_str()), (Some(0), ""), "{mode}");
        assert!(heard == alone, "{mode}");
        assert_eq!(sentences(&server), 2.0, "{mode}: the server made all");
    }
}

#[test]
fn ctrl_c_ends_the_wait_for_a_busy_server() {
    let line =
        "piper-rs speak --connect always --socket s.sock $TINY --threads 1 --json-input --raw";
    // For a sentence, and for another voice.
    for second in [
        r#"{"text": "And another."}"#,
        r#"{"text": "And another.", "voice": "tiny_multi"}"#,
    ] {
        let mut server = server_with_a_short_queue();
        let mut live = server.scene.start(line);
        live.types(r#"{"text": "One line."}"#);
        live.hear(1000);
        let _requests = fill_queue(&mut server);
        live.types(second);
        until_refused(&mut server);
        live.signal("INT");
        let (code, said, _) = live.ends();
        assert_eq!((code, said.as_str()), (Some(130), ""), "{second}");
        empty_queue(&server);
    }
}

#[test]
fn ctrl_c_ends_both_sides() {
    let mut server = Server::start("");
    server.scene.write("t.txt", long_text().repeat(50));
    let line = "piper-rs speak --connect always --socket s.sock $TINY --raw < t.txt";
    let mut live = server.scene.start(line);
    live.hear(10_000);
    live.signal("INT");
    assert_eq!(live.ends().0, Some(130));
    server.until_idle();
    assert_eq!(server.metric("piper_pool_in_flight"), 0.0);
}

#[test]
fn the_models_are_only_on_the_socket_of_the_user() {
    let server = Server::start("");
    for path in ["/engine", "/engine/voice", "/engine/sentence"] {
        let request = json_request(path, "{}");
        assert_eq!(exchange(server.tcp("http"), &request).status, 404, "{path}");
        assert_eq!(exchange(server.unix(), &request).status, 400, "{path}");
    }
}
