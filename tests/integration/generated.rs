//! The man page and the shell completions are what the program prints.
//!
//! `make man` writes them anew: it runs this test with `UPDATE=1`.

use std::fs;

use crate::scene::{Scene, root};

const FILES: [(&str, &str); 4] = [
    ("man", "man/piper-rs.1"),
    ("completions bash", "assets/completions/piper-rs.bash"),
    ("completions zsh", "assets/completions/_piper-rs"),
    ("completions fish", "assets/completions/piper-rs.fish"),
];

#[test]
fn man_page_and_completions_are_fresh() {
    let scene = Scene::new();
    for (command, name) in FILES {
        let fresh = scene
            .sh(&format!("piper-rs {command}"))
            .ok()
            .silently()
            .stdout;
        let path = root().join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &fresh).unwrap();
        }
        let kept = fs::read(&path).unwrap_or_default();
        assert!(kept == fresh, "{name} is out of date: run `make man`");
    }
}

#[test]
fn the_man_page_tells_every_flag_and_exit_code() {
    let page = Scene::new().sh("piper-rs man").ok();
    let page = page.text().replace(r"\-", "-");
    for flag in crate::documents::flags() {
        assert!(page.contains(&flag), "{flag}");
    }
    for words in ["COMMAND SPEAK", "COMMAND PHONEMES", "130", "Exit codes"] {
        assert!(page.contains(words), "{words}");
    }
}
