//! The server and the clients that people have.

use super::server::Server;
use crate::scene::{Wav, has, root, skipped};

/// The folder of PyPI's `openai` and `wyoming`, if `setup/clients.sh` has run.
fn packages() -> Option<String> {
    let folder = root().join(".deps/clients");
    if !folder.is_dir() {
        skipped("there is no .deps/clients: run setup/clients.sh");
        return None;
    }
    Some(folder.display().to_string())
}

/// Runs a script of this folder against the server.
fn runs(server: &Server, script: &str, arguments: &str) {
    let Some(packages) = packages() else {
        return;
    };
    let script = root().join("tests/clients").join(script);
    let line = format!(
        "PYTHONPATH={packages} python3 {} {arguments}",
        script.display()
    );
    server.scene.sh(&line).ok();
}

#[test]
fn openais_client_gets_every_format_whole_and_streamed() {
    let server = Server::start("");
    let address = server.address("http");
    runs(&server, "openai_client.py", &format!("http://{address}/v1"));
}

#[test]
fn wyomings_client_speaks_as_home_assistant_does() {
    let server = Server::start("--wyoming 127.0.0.1:0 --seed 1");
    let address = server.address("tcp");
    runs(&server, "wyoming_client.py", &address.replace(':', " "));
}

#[test]
fn curl_speaks_over_both_sockets() {
    if !has("curl") {
        return;
    }
    let server = Server::start("--seed 1");
    let address = server.address("http");
    let json = r#"--json '{"text": "Hello."}'"#;
    let line = format!("curl -sSf http://{address}/synthesize {json} -o tcp.wav");
    server.scene.sh(&line).ok();
    let line =
        format!("curl -sSf --unix-socket s.sock http://localhost/synthesize {json} -o unix.wav");
    server.scene.sh(&line).ok();
    let spoken = server.scene.spoken("-m tiny --seed 1", "Hello.");
    assert_eq!(Wav::parse(&server.scene.read("tcp.wav")), spoken);
    assert_eq!(Wav::parse(&server.scene.read("unix.wav")), spoken);
}
