//! The man page and the completion scripts in the repository are what the program
//! prints.
//!
//! `make man` updates them: it runs this test with `UPDATE=1`.

use std::fs;

use crate::scene::{Scene, root};

const FILES: [(&str, &str); 4] = [
    ("man", "man/piper-rs.1"),
    ("completions bash", "assets/completions/piper-rs.bash"),
    ("completions zsh", "assets/completions/_piper-rs"),
    ("completions fish", "assets/completions/piper-rs.fish"),
];

#[test]
fn man_page_and_completions_are_up_to_date() {
    let scene = Scene::new();
    for (command, name) in FILES {
        let printed = scene
            .sh(&format!("piper-rs {command}"))
            .ok()
            .silently()
            .stdout;
        let path = root().join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &printed).unwrap();
        }
        let file = fs::read(&path).unwrap_or_default();
        assert!(file == printed, "{name} is out of date: run `make man`");
    }
}

#[test]
fn the_man_page_lists_every_flag_and_exit_code() {
    let page = Scene::new().sh("piper-rs man").ok();
    let page = page.text().replace(r"\-", "-");
    for flag in crate::documents::flags() {
        assert!(page.contains(&flag), "{flag}");
    }
    for words in ["COMMAND SPEAK", "COMMAND PHONEMES", "130", "Exit codes"] {
        assert!(page.contains(words), "{words}");
    }
}
