//! What goes to standard output and what to standard error.

use crate::scene::{Scene, has};

#[test]
fn standard_output_has_only_the_requested_data() {
    let scene = Scene::with_device();
    scene.write("text", "One.\n[[☃]] two.\n");
    let silent = [
        "-o x.wav",
        "--play",
        "--play -o x.wav",
        "-o x.wav -v --stats",
        "-o x.wav --cuda",
    ];
    for flags in silent {
        let run = scene
            .sh(&format!("piper-rs speak $TINY {flags} -i text"))
            .ok();
        assert_eq!(run.text(), "", "{flags}");
    }
    let expected = scene
        .spoken("$TINY --line-breaks auto", "One.\n[[☃]] two.\n")
        .samples;
    let run = scene
        .sh("piper-rs speak $TINY --raw -v --stats --cuda -i text")
        .ok();
    assert!(run.samples() == expected, "messages go to standard error");
}

#[test]
fn quiet_prints_nothing_on_success() {
    let scene = Scene::new();
    for flags in ["-q", "--quiet --cuda --tashkeel-model x"] {
        let line = format!("piper-rs speak $TINY {flags} -o x.wav 'Hello [[☃]].'");
        scene.sh(&line).ok().silently();
    }
    scene
        .sh("piper-rs speak -m nobody --quiet -o x.wav Hi.")
        .exits(3)
        .says(&["nobody"]);
}

#[test]
fn verbose_prints_the_voice_and_the_library() {
    let scene = Scene::new();
    let run = scene.sh("piper-rs speak -v $TINY -o x.wav Hi.").ok();
    run.says(&["tests/voices/tiny.onnx", "ONNX Runtime 1."]);
}

/// Runs a line in a terminal; returns all that it printed.
pub(crate) fn in_terminal(scene: &Scene, line: &str) -> Option<String> {
    has("script").then(|| {
        let run = scene
            .sh(&format!("TERM=xterm script -qefc '{line}' /dev/null"))
            .ok();
        String::from_utf8_lossy(&run.stdout).into_owned()
    })
}

const ESCAPE: char = '\u{1b}';

#[test]
fn colour_is_for_terminals_unless_no_color_is_set() {
    let scene = Scene::new();
    let help = "piper-rs speak --help";
    assert!(!scene.sh(help).ok().text().contains(ESCAPE));
    let Some(shown) = in_terminal(&scene, help) else {
        return;
    };
    assert!(shown.contains(ESCAPE));
    let shown = in_terminal(&scene, &format!("NO_COLOR=1 {help}")).unwrap();
    assert!(!shown.contains(ESCAPE) && shown.contains("Usage"));
}

/// Long enough for the progress bar to appear.
fn long_text() -> String {
    "Some words in a sentence, and some more. ".repeat(300)
}

#[test]
fn the_progress_bar_is_for_terminals_and_hidden_by_quiet() {
    let scene = Scene::new();
    scene.write("text", long_text());
    let line = "piper-rs speak $TINY -i text -o x.wav";
    scene.sh(line).ok().silently();
    let Some(shown) = in_terminal(&scene, &format!("NO_COLOR=1 {line}")) else {
        return;
    };
    assert!(!shown.contains(", , "), "{shown:?}");
    assert!(shown.contains('░') || shown.contains('█'), "{shown:?}");
    let is_bar = shown.contains("% ") && shown.contains(" audio, ");
    assert!(is_bar && !shown.contains("\u{1b}[36m"), "{shown:?}");
    let ascii = in_terminal(&scene, &format!("LC_ALL=C NO_COLOR=1 {line}")).unwrap();
    assert!(ascii.contains(" audio, ") && ascii.is_ascii(), "{ascii:?}");
    let quiet = in_terminal(&scene, &format!("{line} -q")).unwrap();
    assert!(!quiet.contains("chunks"), "{quiet:?}");
}
