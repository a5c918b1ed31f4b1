//! What the documents name is there: flags, files, man pages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::scene::{Scene, root};

/// Flags of other programs that the documents name, with the program.
const FOREIGN: &[(&str, &str)] = &[
    ("--check", "tests/voices/make.py"),
    ("--era", "training/step3_train.py"),
    ("--example", "cargo"),
    ("--manifest-path", "cargo"),
    ("--minutes", "training/step3_train.py"),
    ("--no-default-features", "cargo"),
    ("--no-install-recommends", "apt-get"),
    ("--only", "benchmarks/peer.py"),
    ("--release", "cargo"),
    ("--smoke", "training/run.sh"),
    ("--use-cuda", "piper; accepted here, and hidden"),
];

/// Every Markdown file of the project: its path from the root, and its text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    collect(root(), &mut found);
    assert!(found.len() > 10, "{found:?}");
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_ours = !name.starts_with('.') && name != "target";
        if path.is_dir() && is_ours {
            collect(&path, found);
        } else if name.ends_with(".md") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.strip_prefix(root()).unwrap().to_owned(), text));
        }
    }
}

/// Every long flag of the program.
pub(crate) fn flags() -> BTreeSet<String> {
    let scene = Scene::new();
    let mut flags = BTreeSet::new();
    let mut commands = vec![String::new()];
    while let Some(command) = commands.pop() {
        let help = scene.sh(&format!("piper-rs {command} --help")).ok();
        flags.extend(flags_in(help.text()));
        commands.extend(subcommands(help.text()).map(|name| format!("{command} {name}")));
    }
    assert!(flags.len() > 30, "{flags:?}");
    flags
}

/// The names in the list of commands of a help text.
fn subcommands(help: &str) -> impl Iterator<Item = &str> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let list = list.take_while(|line| !line.is_empty());
    list.filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
}

/// The words that start with two hyphens and a letter.
fn flags_in(text: &str) -> Vec<String> {
    let is_flag = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words = text.split(|c| !is_flag(c));
    let words =
        words.filter(|word| word.starts_with("--") && word[2..].starts_with(char::is_alphabetic));
    words.map(str::to_owned).collect()
}

#[test]
fn documents_name_only_flags_that_exist() {
    let known = flags();
    let (mut foreign, mut unknown) = (BTreeSet::new(), Vec::new());
    for (document, text) in documents() {
        for flag in flags_in(&text) {
            if known.contains(&flag.replace('_', "-")) {
                continue;
            }
            let listed = FOREIGN.iter().find(|(other, _)| *other == flag);
            match listed {
                Some((flag, _)) => _ = foreign.insert(*flag),
                None => unknown.push(format!("{} names {flag}", document.display())),
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    let listed = FOREIGN.iter().map(|(flag, _)| *flag).collect();
    assert_eq!(foreign, listed, "FOREIGN has flags that no document names");
}

#[test]
fn documents_link_only_to_files_that_exist() {
    for (document, text) in documents() {
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next());
        for target in targets.filter(|target| !target.contains("://") && !target.is_empty()) {
            let file = root().join(&document).with_file_name("").join(target);
            assert!(file.exists(), "{} links to {target}", document.display());
        }
    }
}

#[test]
fn the_map_of_the_architecture_names_only_files_that_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let quoted = text.split('`').skip(1).step_by(2);
    let paths: Vec<_> = quoted
        .filter(|word| {
            word.ends_with('/')
                || [".rs", ".md", ".toml"]
                    .iter()
                    .any(|end| word.ends_with(end))
        })
        .collect();
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        let places = ["", "src", "cli/src"].map(|place| root().join(place).join(path));
        assert!(
            places.iter().any(|place| place.exists()),
            "ARCHITECTURE.md names {path}"
        );
    }
}

#[test]
fn the_man_page_refers_only_to_pages_that_exist() {
    let page = fs::read_to_string(root().join("man/piper-rs.1")).unwrap();
    let page = page.replace(r"\-", "-");
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    for (at, section) in page.match_indices("(1)") {
        let before = &page[..at];
        let name = &before[before.trim_end_matches(is_name).len()..];
        let file = root().join(format!("man/{name}{}", section.replace(['(', ')'], ".")));
        let file = PathBuf::from(file.to_string_lossy().trim_end_matches('.'));
        assert!(file.exists(), "the man page refers to {name}(1)");
    }
}
