//! What the documents name is there: flags, files, man pages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::scene::{Scene, root};
use crate::source::{Source, sources};

/// Flags of other programs that the documents name, with the program.
const FOREIGN: &[(&str, &str)] = &[
    ("--array", "sbatch"),
    ("--check", "tests/voices/make.py"),
    ("--era", "training/step3_train.py"),
    ("--example", "cargo"),
    ("--ipa", "espeak-ng"),
    ("--lib", "cargo"),
    ("--manifest-path", "cargo"),
    ("--minutes", "training/step3_train.py"),
    ("--no-default-features", "cargo"),
    ("--no-install-recommends", "apt-get"),
    ("--now", "systemctl"),
    ("--only", "benchmarks/peer.py"),
    ("--release", "cargo"),
    ("--smoke", "training/run.sh"),
    ("--stdout", "espeak-ng"),
    ("--target", "cargo"),
    ("--user", "systemctl"),
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
        let places =
            ["", "src", "cli/src", "native/src"].map(|place| root().join(place).join(path));
        assert!(
            places.iter().any(|place| place.exists()),
            "ARCHITECTURE.md names {path}"
        );
    }
}

#[test]
fn the_man_page_refers_only_to_pages_that_exist() {
    // The tests run three of these programs, and the library of the fourth.
    let others = ["aplay", "espeak-ng", "ffmpeg", "sox"];
    let page = plain(&fs::read_to_string(root().join("man/piper-rs.1")).unwrap());
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut found = Vec::new();
    for (at, _) in page.match_indices("(1)") {
        let before = &page[..at];
        found.push(&before[before.trim_end_matches(is_name).len()..]);
    }
    assert_eq!(found, others);
}

/// Roff or Markdown without its marks.
fn plain(text: &str) -> String {
    let marks = [
        ("\\-", "-"),
        ("\\fB", ""),
        ("\\fI", ""),
        ("\\fR", ""),
        ("\\(aq", "'"),
        ("\\(ti", "~"),
        ("`", ""),
    ];
    let mut text = text.to_owned();
    for (mark, character) in marks {
        text = text.replace(mark, character);
    }
    text
}

/// The names and meanings in a section of the man page.
fn entries_of_the_man_page(section: &str) -> Vec<(String, String)> {
    let page = plain(&fs::read_to_string(root().join("man/piper-rs.1")).unwrap());
    let (_, rest) = page.split_once(&format!(".SH \"{section}\"\n")).unwrap();
    let section = rest.split(".SH").next().unwrap();
    let entries = section
        .split(".TP\n")
        .filter_map(|entry| entry.trim().split_once('\n'));
    entries
        .map(|(name, meaning)| (name.to_owned(), meaning.to_owned()))
        .collect()
}

/// The rows of the README's table whose header begins with `header`.
fn rows_of_the_readme(header: &str) -> Vec<(String, String)> {
    let readme = plain(&fs::read_to_string(root().join("README.md")).unwrap());
    let table = readme
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {header} |")));
    let rows = table.skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        (cells.next().unwrap().into(), cells.next().unwrap().into())
    })
    .collect()
}

#[test]
fn the_readme_has_the_variables_and_exit_codes_of_the_man_page() {
    for (section, header) in [("ENVIRONMENT", "variable"), ("EXIT STATUS", "exit code")] {
        let entries = entries_of_the_man_page(section);
        assert!(entries.len() >= 5, "{entries:?}");
        assert_eq!(rows_of_the_readme(header), entries);
    }
}

#[test]
fn every_variable_that_the_program_reads_is_documented_or_another_programs() {
    let others = [
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "ORT_DISABLE_TELEMETRY",
        "TERM",
        "VIRTUAL_ENV",
    ];
    let documented: Vec<_> = entries_of_the_man_page("ENVIRONMENT")
        .into_iter()
        .flat_map(|(names, _)| names.split(", ").map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let readers = [
        "cli/environment.rs",
        "cli/environment/connection.rs",
        "cli/environment/display.rs",
    ];
    let sources = sources();
    let readers = sources
        .iter()
        .filter(|source| readers.contains(&source.name.as_str()));
    let code: String = readers.flat_map(Source::code).collect();
    let quoted = code.split('"').skip(1).step_by(2);
    let is_variable = |word: &&str| {
        word.contains(|c: char| c.is_ascii_uppercase())
            && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    let read: Vec<_> = quoted.filter(is_variable).collect();
    assert!(read.contains(&"PIPER_VOICE_DIR"), "{read:?}");
    for name in read {
        let known = others.contains(&name) || documented.iter().any(|own| own == name);
        assert!(known, "{name}");
    }
}
