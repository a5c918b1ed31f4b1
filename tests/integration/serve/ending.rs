//! How a server ends, and what it refuses to begin.

use std::io::{ErrorKind, Read as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use super::server::{Server, read_rest};
use crate::scene::{Scene, has, trained_voice};

/// A request whose sound does not fit the buffers between server and client.
fn request(n_sentences: usize) -> String {
    let text = "This sentence is spoken again and again. ".repeat(n_sentences);
    format!(r#"{{"input": "{text}", "response_format": "wav"}}"#)
}

/// Begins a request, waits for its first sound, and asks the server to stop.
fn stop_while_speaking(server: &mut Server, n_sentences: usize) -> (UnixStream, Vec<u8>) {
    let mut stream = server.begin(&request(n_sentences));
    let mut start = vec![0; 12];
    stream.read_exact(&mut start).unwrap();
    server.live.signal("TERM");
    let socket = server.scene.path("s.sock");
    server.live.until(|| !socket.exists());
    (stream, start)
}

#[test]
fn a_signal_ends_the_server_when_its_requests_are_over() {
    let mut server = Server::start("");
    let (mut stream, start) = stop_while_speaking(&mut server, 30);
    assert!(server.live.is_running(), "most of the sound is not sent");
    let response = read_rest(&mut stream, start);
    assert!(response.is_complete && response.body.len() > 1_000_000);
    let (code, _, _) = server.live.ends();
    assert_eq!(code, Some(0));
}

#[test]
fn a_server_that_ends_refuses_new_clients_at_once() {
    let mut server = Server::start("--wyoming 127.0.0.1:0");
    let addresses = [server.address("http"), server.address("tcp")];
    let (mut stream, start) = stop_while_speaking(&mut server, 30);
    for address in addresses {
        let refused = || {
            let connected = TcpStream::connect(&address).map(drop);
            connected.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
        };
        server.live.until(refused);
    }
    // And meanwhile those that came before get what they asked for.
    assert!(read_rest(&mut stream, start).is_complete);
}

#[test]
fn a_second_signal_ends_the_server_at_once() {
    let mut server = Server::start("");
    let (stream, _) = stop_while_speaking(&mut server, 1500);
    // Signals within half a second are one.
    while server.live.is_running() {
        server.live.signal("TERM");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let (code, _, _) = server.live.ends();
    assert_eq!(code, Some(130));
    drop(stream);
}

#[test]
fn a_signal_does_not_wait_for_a_voice_that_is_loaded() {
    let Some(voice) = trained_voice() else {
        return;
    };
    let scene = Scene::new();
    let line = format!(
        "env XDG_CACHE_HOME=$PWD/cache piper-rs serve --socket s.sock -m {} --engine onnxruntime",
        voice.display()
    );
    let mut live = scene.start(&line);
    live.until_says("preparing");
    live.signal("TERM");
    let (code, said, _) = live.ends();
    assert_eq!(code, Some(0), "{said}");
    let listed = scene
        .sh("find cache -name record.json -o -name '*.tmp*'")
        .ok();
    assert_eq!(
        listed.text(),
        "",
        "nothing was prepared, nothing is left over"
    );
}

#[test]
fn an_idle_server_ends() {
    let mut server = Server::start("--idle-exit 0.2 --stats");
    let (code, said, _) = server.live.ends();
    assert_eq!(code, Some(0));
    assert!(said.contains("cache   "), "{said}");
    assert!(!server.scene.path("s.sock").exists());
}

#[test]
fn a_socket_of_another_program_is_left_alone() {
    if !has("systemd-socket-activate") {
        return;
    }
    let scene = Scene::new();
    let line = "systemd-socket-activate -E HOME -E ORT_DYLIB_PATH -E PIPER_VOICE_DIR -E \
                XDG_CACHE_HOME -l $PWD/s.sock piper-rs serve -m tiny";
    let mut live = scene.start(line);
    live.until_says("Listening on");
    let second = "piper-rs serve --socket s.sock -m tiny";
    scene
        .sh(second)
        .exits(1)
        .says(&["another program listens", "piper-rs.socket"]);
    let server = Server { scene, live };
    server.get("/healthz").is(200);
    let second = "piper-rs serve --socket s.sock -m tiny";
    server.scene.sh(second).exits(1);
    server.get("/healthz").is(200);
}

#[test]
fn what_can_never_speak_does_not_start() {
    let scene = Scene::new();
    scene.write("broken.onnx", [8; 1000]);
    scene
        .sh("cp $PIPER_VOICE_DIR/tiny.onnx.json broken.onnx.json")
        .ok();
    let serve = |flags: &str| scene.sh(&format!("piper-rs serve --socket s.sock {flags}"));
    serve("-m broken.onnx").exits(1).says(&["broken.onnx"]);
    serve("-m tiny --speaker bob").exits(1).says(&["bob"]);
    serve("-m tiny --preload /etc/passwd")
        .exits(2)
        .says(&["--preload", "/etc/passwd"]);
    serve("-m tiny --voices tiny --preload tiny_multi")
        .exits(2)
        .says(&["--preload", "tiny_multi", "--voices"]);
    assert!(!scene.path("s.sock").exists());
}

#[test]
fn options_without_an_effect_are_refused() {
    let scene = Scene::new();
    scene.write("token", "0123456789abcdef");
    let serve = |flags: &str| scene.sh(&format!("piper-rs serve --socket s.sock -m tiny {flags}"));
    serve("--token-file token")
        .exits(2)
        .says(&["--token-file", "--http"]);
    serve("--token-file token --wyoming 0")
        .exits(2)
        .says(&["--token-file", "--http"]);
    serve("--cors http://localhost:3000")
        .exits(2)
        .says(&["--cors", "--http"]);
    serve("--allow-remote")
        .exits(2)
        .says(&["--allow-remote", "--http"]);
    serve("--http 0 --token-file nosuch")
        .exits(2)
        .says(&["nosuch"]);
    let long = "x".repeat(120);
    let long = format!("piper-rs serve -m tiny --socket {long}");
    scene.sh(&long).exits(1).says(&["cannot listen on"]);
}
