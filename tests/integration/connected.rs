//! With `SPEAK_CONNECT` set, every `piper-rs speak` of the tests uses the models of one
//! server: `SPEAK_CONNECT=always cargo test --test integration`. The sound must be the
//! same. What cannot pass in this way are the tests of another ONNX Runtime, of other
//! `--threads`, `--no-prepare` and caches, of the lines of `--verbose`, of what opens sockets,
//! of another user, and of what the command line repeats.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs, thread};

use crate::ready;

/// The server of the suite. It ends with the tests: then its input ends.
struct SuiteServer {
    folder: tempfile::TempDir,
    _process: Child,
}

/// Lets a command use the server, if that is asked for.
pub(crate) fn connect(command: &mut Command, path: &str) {
    let Some(mode) = env::var_os("SPEAK_CONNECT") else {
        return;
    };
    static SERVER: OnceLock<SuiteServer> = OnceLock::new();
    let server = SERVER.get_or_init(|| SuiteServer::start(mode.to_str().unwrap()));
    // A program of this name before the real one.
    command.env("PATH", format!("{}:{path}", server.folder.path().display()));
}

impl SuiteServer {
    fn start(mode: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (program, socket) = (
            env!("CARGO_BIN_EXE_piper-rs"),
            folder.path().join("serve.sock"),
        );
        let connect = format!("--connect {mode} --socket {}", socket.display());
        let wrapper = format!(
            "#!/bin/sh\ncase $1 in\nspeak) shift; exec {program} speak {connect} \"$@\" ;;\n\
             *) exec {program} \"$@\" ;;\nesac\n"
        );
        let text = folder.path().join("text");
        fs::write(&text, wrapper).unwrap();
        // Not by this process: a child that starts meanwhile would inherit the open file,
        // and a file that is open for writing cannot be run.
        let copied = Command::new("install")
            .arg(text)
            .arg(folder.path().join("piper-rs"))
            .status();
        assert!(copied.unwrap().success());
        let serve = format!(
            "{program} serve -m builtin --socket {} --max-queue 1000 & read end; kill $!",
            socket.display()
        );
        let mut command = Command::new("sh");
        command
            .args(["-c", &serve])
            .env("XDG_CACHE_HOME", ready::cache_folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = command.spawn().unwrap();
        wait_for(&socket);
        Self {
            folder,
            _process: process,
        }
    }
}

fn wait_for(socket: &Path) {
    while !socket.exists() {
        thread::yield_now();
    }
}
