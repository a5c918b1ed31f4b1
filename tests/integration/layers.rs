//! What may not be where in the sources: each dependency has its door, the
//! library never prints, exits or reads the environment, and a file can be
//! read in one sitting.

use std::collections::BTreeSet;
use std::fs;

use toml::de::DeTable;

use crate::scene::root;
use crate::source::{Source, collect, sources, uses};

/// For each dependency of the library or the program, the files and folders
/// that may use it. `*` is all of them.
#[rustfmt::skip] // one line per dependency
const DOORS: &[(&str, &[&str])] = &[
    // Errors, serialization and temporary files, everywhere.
    ("serde", &["*"]),
    ("serde_json", &["*"]),
    ("tempfile", &["*"]),
    ("thiserror", &["*"]),
    // Text.
    ("csv", &["document/rows.rs", "manifest.rs"]),
    ("encoding_rs", &["text/"]),
    ("same-file", &["text/growing_file.rs"]),
    ("htmlize", &["document/xml.rs", "reading/entities.rs"]),
    ("unicode-normalization", &["lexicon/", "phoneme/", "reading/", "cli/commands/batch/template.rs"]),
    ("unicode-segmentation", &["chunk/", "lexicon/", "phoneme/", "reading/", "subtitles/atom.rs", "timing/words.rs"]),
    ("unicode-linebreak", &["subtitles/atom.rs"]),
    ("unicode-width", &["subtitles/atom.rs", "cli/commands/interactive/"]),
    // Documents.
    ("html5ever", &["document/html.rs"]),
    ("pulldown-cmark", &["document/markdown.rs"]),
    ("quick-xml", &["document/xml.rs"]),
    ("zip", &["document/archive.rs"]),
    // Phonemes and voices.
    ("blake3", &["voice/content_hash.rs"]),
    ("bytemuck", &["native/arithmetic.rs", "native/encoder/attention.rs", "native/packed.rs", "native/packer.rs", "native/test_numbers.rs"]),
    // prost passes it on.
    ("bytes", &["native/layer.rs", "onnx/", "voice/"]),
    ("half", &["native/scalar.rs"]),
    ("libloading", &["encode/mp3/lame.rs", "phoneme/espeak_api.rs", "runtime/raw.rs"]),
    ("memmap2", &["voice/prepared/mapped.rs"]),
    ("ort", &["runtime/"]),
    ("piper-rs-native", &["onnx/noise/squares_rng.rs", "onnx/recognize/", "onnx/weights.rs", "voice/"]),
    ("prost", &["onnx/", "voice/"]),
    // Audio.
    ("alsa", &["sink/device/"]),
    ("cpal", &["sink/device/"]),
    ("ebur128", &["audio/loudness.rs"]),
    ("flac-codec", &["encode/flac.rs"]),
    ("hound", &["audio/wav/"]),
    ("id3", &["encode/mp3/id3_tag.rs"]),
    ("opus-pure", &["encode/opus.rs"]),
    ("rtrb", &["sink/device/"]),
    ("rubato", &["audio/resample.rs"]),
    // Asynchronous callers.
    ("futures-core", &["synth/block_stream.rs", "cli/commands/serve/"]),
    // Getting voices.
    ("md-5", &["download/", "encode/flac.rs"]),
    ("percent-encoding", &["catalogue/address.rs", "document/epub/"]),
    ("ureq", &["download/http.rs"]),
    // The program.
    ("piper-rs", &["cli/"]),
    ("alphanumeric-sort", &["cli/commands/batch/inputs.rs"]),
    ("anyhow", &["cli/"]),
    ("clap", &["cli/main.rs", "cli/args/", "cli/commands/", "cli/config/"]),
    ("clap_complete", &["cli/args/", "cli/commands/"]),
    ("ctrlc", &["cli/terminal/signals.rs"]),
    ("etcetera", &["cli/environment.rs"]),
    ("globset", &["cli/commands/batch/inputs.rs"]),
    ("indicatif", &["cli/terminal/"]),
    ("nix", &["cli/terminal/signals.rs"]),
    ("num_cpus", &["cli/speech/cores.rs"]),
    ("rustix", &["cli/commands/", "cli/environment.rs", "cli/speech/", "cli/system.rs", "cli/terminal/"]),
    ("rustls-native-certs", &["cli/environment/connection.rs"]),
    ("rustyline", &["cli/commands/interactive/"]),
    ("signal-hook", &["cli/terminal/signals.rs"]),
    ("strsim", &["cli/terminal/suggest.rs"]),
    ("toml", &["cli/config/", "cli/speech/parts/cast.rs"]),
    // Only for `serve`: the async runtime and the HTTP server are nowhere else.
    ("axum", &["cli/commands/serve/"]),
    ("base64", &["cli/commands/serve/http/openai.rs"]),
    ("hyper", &["cli/commands/serve/http/mod.rs"]),
    ("hyper-util", &["cli/commands/serve/http/mod.rs"]),
    ("listenfd", &["cli/commands/serve/listener.rs"]),
    ("subtle", &["cli/commands/serve/http/access.rs"]),
    ("tokio", &["cli/commands/serve/"]),
    ("wsola", &["audio/stretch.rs"]),
    ("walkdir", &["cli/commands/batch/inputs.rs"]),
];

/// The names in `table` of a package's manifest, those of single systems included.
fn dependencies(manifest: &str, table: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(manifest)).unwrap();
    let manifest = DeTable::parse(&text).unwrap().into_inner();
    let systems = manifest
        .get("target")
        .and_then(|target| target.get_ref().as_table());
    let systems = systems.into_iter().flat_map(|systems| systems.values());
    let tables = systems.filter_map(|system| system.get_ref().as_table());
    tables
        .chain([&manifest])
        .filter_map(|place| place.get(table)?.get_ref().as_table())
        .flat_map(|names| names.keys().map(|name| name.get_ref().to_string()))
        .collect()
}

/// The path by which Rust code names a dependency.
fn crate_path(dependency: &str) -> String {
    match dependency {
        "md-5" => "md5::".to_owned(), // its library has a name of its own
        _ => format!("{}::", dependency.replace('-', "_")),
    }
}

#[test]
fn every_dependency_has_a_door_and_is_used_behind_it_alone() {
    let packages = ["", "cli/", "native/"].map(|package| {
        let manifest = format!("{package}Cargo.toml");
        (package, dependencies(&manifest, "dependencies"))
    });
    let listed: BTreeSet<_> = DOORS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let needed = packages.iter().flat_map(|(_, names)| names.clone());
    assert_eq!(
        listed,
        needed.collect::<BTreeSet<_>>(),
        "DOORS and the Cargo.toml files differ"
    );
    let sources = sources();
    for (name, doors) in DOORS {
        let path = crate_path(name);
        let users: Vec<_> = sources
            .iter()
            .filter(|source| source.code().any(|line| uses(line, &path)))
            .collect();
        let is_at = |source: &&Source, door: &str| door == "*" || source.name.starts_with(door);
        for user in &users {
            let may = doors.iter().any(|door| is_at(user, door));
            assert!(may, "{name} is used in {}", user.name);
        }
        for door in *doors {
            let is_used = users.iter().any(|user| is_at(user, door));
            assert!(is_used, "{name} is no longer used in {door}");
        }
        for (package, needs) in &packages {
            let is_used = users.iter().any(|user| user.package() == *package);
            assert!(
                !needs.contains(*name) || is_used,
                "{name} is not used: remove it from {package}Cargo.toml"
            );
        }
    }
}

/// Every source file in the folders, which are relative to the root.
fn sources_in(folders: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    for folder in folders {
        collect(&root().join(folder), &format!("{folder}/"), &mut found);
    }
    found
}

#[test]
fn a_test_that_can_be_skipped_fails_in_continuous_integration() {
    let word = concat!("SKIP", "PED:"); // not in this file
    for source in sources_in(&["src", "cli/src", "native/src", "tests"]) {
        let has = |word: &str| source.lines.iter().any(|line| line.contains(word));
        assert!(!has(word) || has(r#"var_os("CI")"#), "{}", source.name);
    }
}

#[test]
fn every_dependency_of_the_tests_is_used() {
    for (manifest, folders) in [
        ("Cargo.toml", &["src", "tests", "benches", "tools"][..]),
        ("cli/Cargo.toml", &["cli/src", "tests"]),
        ("native/Cargo.toml", &["native/src"]),
    ] {
        let sources = sources_in(folders);
        for name in dependencies(manifest, "dev-dependencies") {
            let path = crate_path(&name);
            let mut lines = sources.iter().flat_map(|source| &source.lines);
            assert!(
                lines.any(|line| uses(line, &path)),
                "{manifest}: {name} is not used"
            );
        }
    }
}

#[test]
fn unsafe_code_is_in_few_files() {
    for source in sources() {
        let may = [
            "encode/mp3/lame.rs",
            "native/avx2.rs",
            "native/avx512.rs",
            "native/neon.rs",
            "native/prefetch.rs",
            "phoneme/espeak_api.rs",
            "runtime/raw.rs",
            "voice/prepared/mapped.rs",
        ]
        .contains(&source.name.as_str());
        let found = source
            .lines
            .iter()
            .find(|line| uses(line, "unsafe ") || uses(line, "unsafe_code"));
        assert!(may || found.is_none(), "{}: {found:?}", source.name);
    }
}

#[test]
fn threads_are_started_in_one_place() {
    let forbidden = [
        "thread::spawn",
        "thread::Builder",
        "Builder::new().name",
        "scope.spawn",
    ];
    for source in sources() {
        let may = source.name == "threads.rs";
        let mut lines = source.code();
        let found = lines.find(|line| forbidden.iter().any(|word| line.contains(word)));
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
        for line in source.code() {
            if line.contains("env::var") {
                assert!(
                    source.name.starts_with("cli/environment"),
                    "{}: {line}",
                    source.name
                );
            }
            // The default of an option, which clap reads.
            if uses(line, "env = ") {
                assert!(
                    source.name.starts_with("cli/args/"),
                    "{}: {line}",
                    source.name
                );
            }
        }
    }
}

#[test]
fn files_are_read_in_one_sitting() {
    // About 300, with some room: a function is not split for one line.
    const LIMIT: usize = 340;
    // Longer for a reason, and not to grow much: name, lines, why.
    let exceptions: [(&str, usize, &str); 3] = [
        (
            "chunk/sentence_rules.rs",
            1200,
            "the table of abbreviations",
        ),
        (
            "reading/mark_names.rs",
            700,
            "the names of marks per language",
        ),
        ("onnx/proto.rs", 400, "the table of ONNX's messages"),
    ];
    let sources = sources();
    for source in &sources {
        let exception = exceptions.iter().find(|(name, ..)| *name == source.name);
        let limit = exception.map_or(LIMIT, |(_, lines, _)| *lines);
        let lines = source.code().count();
        assert!(
            lines <= limit,
            "{}: {lines} lines without its tests",
            source.name
        );
    }
    for (name, ..) in exceptions {
        let mut long = sources
            .iter()
            .filter(|source| source.code().count() > LIMIT);
        assert!(
            long.any(|source| source.name == name),
            "{name} is no exception"
        );
    }
}
