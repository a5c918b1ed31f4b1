//! The man page and the completion scripts in the repository are what the program
//! prints.
//!
//! `make man` updates them: it runs this test with `UPDATE=1`.

use std::collections::BTreeSet;
use std::fs;

use crate::scene::{Scene, has, root};

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
    for words in ["COMMAND SPEAK", "COMMAND VOICES GET", ":unload", "130"] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn the_man_page_has_each_section_once_and_in_the_usual_order() {
    let page = Scene::new().sh("piper-rs man").ok();
    let sections = page
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix(".SH "));
    let sections: Vec<_> = sections.map(|title| title.trim_matches('"')).collect();
    assert_eq!(
        sections[..4],
        ["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS"]
    );
    let last = [
        "EXAMPLES",
        "ENVIRONMENT",
        "FILES",
        "EXIT STATUS",
        "SEE ALSO",
    ];
    assert_eq!(sections[sections.len() - 5..], last);
    let unique: BTreeSet<_> = sections.iter().collect();
    assert_eq!(unique.len(), sections.len(), "{sections:?}");
}

#[test]
fn the_man_page_renders_without_a_warning() {
    if !has("man") || !has("groff") {
        return;
    }
    let scene = Scene::new();
    let page = root().join("man/piper-rs.1");
    // Without the output of a renderer: wide or narrow lines are no faults of the page.
    let line = "LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -E UTF-8 -l -Tutf8 -Z";
    let run = scene.sh(&format!("{line} {} > rendered", page.display()));
    run.ok().silently();
    assert!(scene.read("rendered").len() > 10_000);
}
