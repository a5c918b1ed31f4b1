//! A run leaves no files behind, opens no connection and sends no telemetry.

use crate::scene::{Scene, has, skipped};

const RUNS: [&str; 4] = [
    "piper-rs speak --play -o x.wav 'Hello, world.'",
    "piper-rs phonemes Hello.",
    "piper-rs version",
    "piper-rs voices list",
];

#[test]
fn a_run_creates_no_file_except_its_output() {
    let scene = Scene::with_device();
    let folders = ["home", "cache", "config", "data", "state", "run", "tmp"];
    scene.sh(&format!("mkdir -p {}", folders.join(" "))).ok();
    let environment = "export XDG_CACHE_HOME=$PWD/cache XDG_CONFIG_HOME=$PWD/config \
        XDG_DATA_HOME=$PWD/data XDG_STATE_HOME=$PWD/state XDG_RUNTIME_DIR=$PWD/run TMPDIR=$PWD/tmp";
    for run in RUNS {
        scene.sh(&format!("{environment}; {run}")).ok();
    }
    for folder in folders {
        assert!(
            scene.names(folder).is_empty(),
            "{folder}: {:?}",
            scene.names(folder)
        );
    }
    let mut expected = vec!["asound.conf", "captured", "x.wav"];
    expected.extend(folders);
    expected.sort_unstable();
    assert_eq!(scene.names("."), expected);
}

#[test]
fn a_run_opens_no_socket() {
    let scene = Scene::with_device();
    if !has("strace") {
        return;
    }
    let strace = "strace -f -qq -o calls -e trace=%network";
    if scene.sh(&format!("{strace} true")).code != Some(0) {
        return skipped("strace may not trace here");
    }
    for run in RUNS {
        scene.sh(&format!("{strace} {run}")).ok();
        let calls = String::from_utf8(scene.read("calls")).unwrap();
        let calls: Vec<_> = calls.lines().filter(|line| line.contains('(')).collect();
        assert!(calls.is_empty(), "{run}: {calls:#?}");
    }
}

/// A library that records, when it is loaded, whether the environment that C
/// code sees disables telemetry.
const WITNESS: &str = r#"
    #include <stdio.h>
    #include <stdlib.h>
    __attribute__((constructor)) static void loaded(void) {
        const char *value = getenv("ORT_DISABLE_TELEMETRY");
        FILE *file = fopen("witness", "w");
        fprintf(file, "%s", value ? value : "not set");
        fclose(file);
    }
"#;

#[test]
fn telemetry_is_disabled_before_the_library_is_loaded() {
    let scene = Scene::new();
    if !has("cc") {
        return;
    }
    scene.write("witness.c", WITNESS);
    scene.sh("cc -shared -fPIC -o libwitness.so witness.c").ok();
    for command in ["speak -o x.wav Hello.", "version"] {
        let run = scene.sh(&format!("piper-rs {command} --onnxruntime libwitness.so"));
        assert!(
            run.code == Some(3) || run.text().contains("not usable"),
            "{run:?}"
        );
        assert_eq!(
            String::from_utf8_lossy(&scene.read("witness")),
            "1",
            "{command}"
        );
    }
}
