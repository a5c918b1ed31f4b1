//! What may not be where in the sources: one door per outside crate, a library
//! that never prints, exits or reads the environment, files that can be read
//! in one sitting; and documents that name only flags there are.

use std::fs;
use std::path::Path;

use crate::scene::{Scene, root, skipped};

/// A source file: its path (`cli/…` for the program's), and its lines without comments.
struct Source {
    name: String,
    lines: Vec<String>,
    /// How many of them stand before the tests.
    before_tests: usize,
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join("src"), "", &mut found);
    collect(&root().join("cli/src"), "cli/", &mut found);
    assert!(found.len() > 50);
    found
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().display());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(Source::read(&path, name));
        }
    }
}

impl Source {
    fn read(path: &Path, name: String) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
        let lines: Vec<_> = text.lines().map(code).collect();
        let tests = text.lines().zip(text.lines().skip(1));
        let tests = tests.map(|(first, next)| first == "#[cfg(test)]" && next.contains("mod "));
        let is_test_file = ["/tests.rs", "/captured.rs"]
            .iter()
            .any(|tests| name.ends_with(tests));
        let before_tests = match is_test_file {
            true => 0,
            false => tests.clone().position(|is| is).unwrap_or(lines.len()),
        };
        Self {
            name,
            lines,
            before_tests,
        }
    }

    fn is_library(&self) -> bool {
        !self.name.starts_with("cli/")
    }

    fn code(&self) -> impl Iterator<Item = &str> {
        self.lines[..self.before_tests].iter().map(String::as_str)
    }
}

/// Whether `line` uses `path`, as a whole word.
fn uses(line: &str, path: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(is_word))
}

#[test]
fn every_outside_crate_has_its_door() {
    let doors: [(&str, &[&str]); 29] = [
        ("ort::", &["runtime/"]),
        ("hound::", &["sink/wav"]),
        ("cpal::", &["sink/device/enabled.rs"]),
        ("alsa::", &["sink/device/enabled.rs"]),
        ("rtrb::", &["sink/device/feed.rs"]),
        ("rubato::", &["audio/resample.rs"]),
        ("libloading::", &["runtime/raw.rs", "phoneme/espeak.rs"]),
        ("encoding_rs::", &["text/"]),
        (
            "unicode_segmentation::",
            &["chunk/", "lexicon/", "phoneme/"],
        ),
        (
            "unicode_normalization::",
            &[
                "lexicon/",
                "phoneme/",
                "phoneme_id.rs",
                "cli/commands/batch/name.rs",
            ],
        ),
        ("blake3::", &["voice/content_hash.rs"]),
        (
            "clap::",
            &[
                "cli/args/",
                "cli/app.rs",
                "cli/commands/generated.rs",
                "cli/config/",
                "cli/commands/complete.rs",
            ],
        ),
        ("toml::", &["cli/config/file.rs"]),
        ("anyhow::", &["cli/"]),
        (
            "indicatif::",
            &[
                "cli/terminal/progress.rs",
                "cli/terminal/report.rs",
                "cli/commands/batch/bars.rs",
            ],
        ),
        ("ctrlc::", &["cli/terminal/signals.rs"]),
        ("signal_hook::", &["cli/terminal/signals.rs"]),
        ("num_cpus::", &["cli/speech/engine.rs"]),
        ("etcetera::", &["cli/environment.rs"]),
        (
            "rustix::",
            &[
                "cli/commands/doctor/terminal.rs",
                "cli/speech/output.rs",
                "cli/environment.rs",
                "cli/system.rs",
                "cli/commands/interactive/signals.rs",
            ],
        ),
        (
            "rustyline::",
            &[
                "cli/commands/interactive/prompt.rs",
                "cli/commands/interactive/completion.rs",
            ],
        ),
        ("strsim::", &["cli/terminal/suggest.rs"]),
        ("ureq::", &["download/http.rs"]),
        ("md5::", &["download/"]),
        ("percent_encoding::", &["catalogue/address.rs"]),
        ("rustls_native_certs::", &["cli/environment.rs"]),
        ("csv::", &["manifest.rs"]),
        ("walkdir::", &["cli/commands/batch/inputs.rs"]),
        ("globset::", &["cli/commands/batch/inputs.rs"]),
    ];
    for source in sources() {
        for (path, allowed) in doors {
            let may = allowed.iter().any(|door| source.name.starts_with(door));
            let found = source.code().find(|line| uses(line, path));
            assert!(
                may || found.is_none(),
                "{path} in {}: {found:?}",
                source.name
            );
        }
    }
}

#[test]
fn unsafe_code_is_in_one_file_per_foreign_library() {
    for source in sources() {
        let may = ["runtime/raw.rs", "phoneme/espeak.rs"].contains(&source.name.as_str());
        let found = source
            .lines
            .iter()
            .find(|line| uses(line, "unsafe ") || uses(line, "unsafe_code"));
        assert!(may || found.is_none(), "{}: {found:?}", source.name);
    }
}

#[test]
fn the_library_never_prints_exits_or_reads_the_environment() {
    let forbidden = [
        "println!",
        "eprintln!",
        "print!",
        "eprint!",
        "dbg!",
        "process::exit",
        "env::var",
        "env::set_var",
        "env::args",
        "env::current_dir",
        "io::stdout",
        "io::stderr",
        "stdout()",
        "stderr()",
        "home_dir",
    ];
    for source in sources().iter().filter(|source| source.is_library()) {
        for line in source.code() {
            let found = forbidden.iter().find(|word| uses(line, word));
            // The switch of ONNX Runtime's telemetry.
            let allowed = source.name == "runtime/raw.rs"
                && line.contains(r#"set_var("ORT_DISABLE_TELEMETRY""#);
            assert!(allowed || found.is_none(), "{}: {line}", source.name);
        }
    }
}

#[test]
fn the_program_reads_the_environment_in_one_place() {
    for source in sources().iter().filter(|source| !source.is_library()) {
        for line in source.code().filter(|line| line.contains("env::var")) {
            assert_eq!(source.name, "cli/environment.rs", "{line}");
        }
    }
}

#[test]
fn files_are_read_in_one_sitting() {
    // About 300: nobody should cut a function in two for a line.
    const LIMIT: usize = 340;
    // Longer for a reason, and not to grow much: name, lines, why.
    let exceptions: [(&str, usize, &str); 5] = [
        ("cli/args/mod.rs", 480, "the table of flags"),
        ("chunk/abbreviation.rs", 1200, "the table of abbreviations"),
        ("onnx/proto.rs", 400, "the table of ONNX's messages"),
        (
            "phoneme/clause.rs",
            440,
            "espeak-ng's clause rules, which belong together",
        ),
        (
            "phoneme/espeak.rs",
            440,
            "the one file with espeak-ng's unsafe calls",
        ),
    ];
    for source in sources() {
        let exception = exceptions.iter().find(|(name, ..)| *name == source.name);
        let limit = exception.map_or(LIMIT, |(_, lines, _)| *lines);
        let lines = source.before_tests;
        assert!(
            lines <= limit,
            "{}: {lines} lines before its tests",
            source.name
        );
    }
}

/// Every long flag of the program.
pub(crate) fn flags() -> Vec<String> {
    let scene = Scene::new();
    let mut flags = Vec::new();
    for command in [
        "",
        "speak",
        "batch",
        "interactive",
        "phonemes",
        "bench",
        "devices",
        "doctor",
        "config",
        "config show",
        "voices",
        "voices list",
        "voices search",
        "voices info",
        "voices get",
        "voices verify",
        "voices remove",
        "voices path",
        "voices prepare",
        "voices audition",
    ] {
        let help = scene.sh(&format!("piper-rs {command} --help")).ok();
        flags.extend(flags_in(help.text()));
    }
    flags.sort();
    flags.dedup();
    assert!(flags.len() > 30, "{flags:?}");
    flags
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
fn documents_name_only_flags_there_are() {
    let known = flags();
    // Of other programs, where documents speak of them.
    const FOREIGN: [&str; 0] = [];
    for name in ["README.md"] {
        let Ok(text) = fs::read_to_string(root().join(name)) else {
            skipped(&format!("there is no {name}"));
            continue;
        };
        let ours = text.lines().filter(|line| line.contains("piper-rs"));
        for flag in ours.flat_map(flags_in) {
            let is_known =
                known.contains(&flag.replace('_', "-")) || FOREIGN.contains(&flag.as_str());
            assert!(is_known, "{name} names {flag}");
        }
    }
}
