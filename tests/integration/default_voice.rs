//! Which voice speaks if none is named: that of the environment, of the config file,
//! of the installation, or the built-in one.

use serde_json::Value;

use crate::scene::{Run, Scene, Wav, natural_voice, root};

/// The voice that is installed with the program.
const NAME: &str = "en_US-heart-medium";
const MODEL: &str = "prefix/share/piper-rs/voices/en_US-heart-medium.onnx";
const CONFIG: &str = "prefix/share/piper-rs/voices/en_US-heart-medium.onnx.json";

/// A scene with a copy of the program in `prefix/bin`.
fn installed() -> Scene {
    let scene = Scene::new();
    scene
        .sh("mkdir -p prefix/bin prefix/share/piper-rs/voices")
        .ok();
    scene.copy_program("prefix/bin");
    scene
}

/// The same with a test voice in place of the natural one.
fn with_voice() -> Scene {
    let scene = installed();
    let voice = root().join("tests/voices/tiny.onnx");
    std::fs::copy(&voice, scene.path(MODEL)).unwrap();
    std::fs::copy(voice.with_extension("onnx.json"), scene.path(CONFIG)).unwrap();
    scene
}

fn run(scene: &Scene, environment: &str, words: &str) -> Run {
    scene.sh(&format!("{environment} prefix/bin/piper-rs {words}"))
}

/// The voice that speaks, by `--stats`.
#[track_caller]
fn speaker(scene: &Scene, environment: &str, flags: &str) -> String {
    let words = format!("speak {flags} --stats=json -o x.wav Hello.");
    let run = run(scene, environment, &words).ok();
    let stats: Value = serde_json::from_str(run.stderr.lines().last().unwrap()).unwrap();
    stats["voices"][0]["name"].as_str().unwrap().to_owned()
}

fn spoken(scene: &Scene, flags: &str) -> Wav {
    let words = format!("speak {flags} --seed 1 -o spoken.wav 'Hello there.'");
    run(scene, "", &words).ok().silently();
    scene.wav("spoken.wav")
}

#[test]
fn flag_environment_config_file_and_installation_choose_the_voice_in_this_order() {
    let scene = with_voice();
    assert_eq!(speaker(&scene, "", ""), NAME);
    assert_eq!(speaker(&scene, "PIPER_VOICE=tiny", ""), "tiny");
    scene.write("c.toml", "voice = \"tiny_multi\"\n");
    let file = "--config-file c.toml";
    assert_eq!(speaker(&scene, "", file), "tiny_multi");
    assert_eq!(speaker(&scene, "PIPER_VOICE=", file), "tiny_multi");
    assert_eq!(speaker(&scene, "PIPER_VOICE=tiny", file), "tiny");
    let flag = format!("{file} -m builtin");
    assert_eq!(speaker(&scene, "PIPER_VOICE=tiny", &flag), "en_US-slt-low");
    assert_eq!(speaker(&scene, "", &format!("{file} -m {NAME}")), NAME);
}

#[test]
fn without_the_installed_voice_the_program_speaks_as_with_builtin() {
    let (without, with) = (installed(), with_voice());
    let expected = Scene::new().spoken("--seed 1", "Hello there.");
    assert_eq!(spoken(&without, ""), expected);
    assert_eq!(spoken(&without, "-m builtin"), expected);
    assert_eq!(spoken(&with, "-m builtin"), expected);
    assert_eq!(spoken(&with, ""), spoken(&with, "-m tiny"));
    run(&without, "", &format!("speak -m {NAME} -o x.wav Hi."))
        .exits(3)
        .says(&["`make install` in the source of piper-rs", "-m builtin"]);
}

#[test]
fn a_moved_prefix_and_a_link_to_the_program_keep_the_voice() {
    let scene = with_voice();
    scene
        .sh("mv prefix moved; ln -s moved/bin/piper-rs linked")
        .ok();
    for program in ["moved/bin/piper-rs", "./linked"] {
        let version = scene.sh(&format!("{program} version")).ok();
        assert!(version.text().contains(NAME), "{}", version.text());
    }
    // All in one folder.
    scene
        .sh("mkdir -p flat; mv moved/bin/piper-rs moved/share flat")
        .ok();
    let version = scene.sh("flat/piper-rs version").ok();
    let place = "flat/share/piper-rs/voices/en_US-heart-medium.onnx";
    assert!(version.text().contains(place), "{}", version.text());
}

#[test]
fn every_command_that_tells_about_voices_names_the_default_one() {
    let scene = with_voice();
    let told = |environment: &str, command: &str| {
        let run = run(&scene, environment, command);
        run.text().to_owned()
    };
    let list = told("", "voices list");
    assert!(
        list.contains("installed with the program, default"),
        "{list}"
    );
    let json = told("PIPER_VOICE=tiny", "voices list --json");
    let rows = json
        .lines()
        .map(|row| serde_json::from_str::<Value>(row).unwrap());
    let default: Vec<_> = rows.filter(|row| !row["default"].is_null()).collect();
    let [row] = &default[..] else {
        panic!("{json}");
    };
    assert_eq!(
        (&row["name"], &row["default"]),
        (&"tiny".into(), &"environment".into())
    );
    let version = told("", "version");
    assert!(version.contains(&format!("voice {NAME} (installed with the program, /")));
    let version = told("PIPER_VOICE=builtin", "version");
    assert!(version.contains("voice en_US-slt-low (by PIPER_VOICE, built in)"));
    let doctor = told("", "doctor");
    assert!(
        doctor.contains(&format!("ok        default voice {NAME} (")),
        "{doctor}"
    );
    let show = told("", "config show");
    let line = show.lines().next().unwrap();
    assert!(
        line.contains(NAME) && line.ends_with("installed with the program"),
        "{line}"
    );
    let stats = run(&scene, "", "speak --stats -o x.wav Hi.").ok();
    stats.says(&[&format!("voices  {NAME} /")]);
}

#[test]
fn a_damaged_voice_is_named_and_the_built_in_one_suggested() {
    let scene = with_voice();
    let fails = |code: i32, file: &str| {
        run(&scene, "", "speak -o x.wav Hello.")
            .exits(code)
            .says(&[file, "-m builtin"]);
        let doctor = run(&scene, "", "doctor").exits(1);
        let text = doctor.text();
        assert!(text.contains("problem   default voice"), "{text}");
        run(&scene, "", "version").ok();
        assert_eq!(speaker(&scene, "", "-m builtin"), "en_US-slt-low");
    };
    scene.write(MODEL, "half a gra");
    fails(1, "en_US-heart-medium.onnx");
    std::fs::remove_file(scene.path(MODEL)).unwrap();
    fails(1, "en_US-heart-medium.onnx");
    scene.write(MODEL, "half a gra");
    std::fs::remove_file(scene.path(CONFIG)).unwrap();
    fails(3, "en_US-heart-medium.onnx.json");
}

#[test]
fn the_installed_voice_is_not_read_for_another_one() {
    let scene = installed();
    // Reading these would wait forever.
    scene.sh(&format!("mkfifo {MODEL} {CONFIG}")).ok();
    assert_eq!(speaker(&scene, "", "-m tiny"), "tiny");
    assert_eq!(speaker(&scene, "", "-m builtin"), "en_US-slt-low");
    assert_eq!(speaker(&scene, "PIPER_VOICE=tiny", ""), "tiny");
    scene.write("list.txt", "Hello.\n");
    run(&scene, "", "batch -m tiny -d out --lines list.txt").ok();
    run(&scene, "", "version").ok();
}

#[test]
fn the_installed_voice_is_neither_downloaded_nor_removed() {
    let scene = with_voice();
    let get = run(&scene, "", &format!("voices get {NAME}")).ok();
    get.says(&["is installed with the program"]);
    let remove = run(&scene, "", &format!("voices remove --yes {NAME}")).exits(1);
    remove.says(&["is installed with the program"]);
    // Where the program's folder is the user's, too.
    let own = format!("voices remove --yes {NAME} --data-dir prefix/share/piper-rs/voices");
    run(&scene, "", &own)
        .exits(1)
        .says(&["is installed with the program"]);
    assert!(scene.path(MODEL).exists());
    run(&scene, "", "voices remove --yes builtin").exits(1);
}

#[test]
fn the_natural_voice_speaks() {
    let Some(model) = natural_voice() else {
        return;
    };
    let scene = installed();
    for (ending, to) in [("onnx", MODEL), ("onnx.json", CONFIG)] {
        std::fs::copy(model.with_extension(ending), scene.path(to)).unwrap();
    }
    let text = "The little boat went out across the bay.";
    let line = format!("speak -q --seed 1 -o x.wav '{text}'");
    run(&scene, "", &line).ok().silently();
    let audio = scene.wav("x.wav");
    assert!((1.5..4.0).contains(&audio.seconds()), "{}", audio.seconds());
    assert!(audio.peak() > 5_000, "{}", audio.peak());
}

#[test]
fn a_default_voice_that_cannot_speak_is_reported_with_what_chose_it() {
    let scene = Scene::new();
    scene.sh("mkdir other").ok();
    scene.write("other/joe.onnx", "cut off");
    let config = root().join("tests/voices/tiny.onnx.json");
    scene
        .sh(&format!("cp {} other/joe.onnx.json", config.display()))
        .ok();
    let named = "PIPER_VOICE=$PWD/other/joe.onnx";
    let list = scene.sh(&format!("{named} piper-rs voices list")).exits(1);
    list.says(&["the default voice, by PIPER_VOICE, cannot speak"]);
    let version = scene.sh(&format!("{named} piper-rs version")).ok();
    assert!(
        version.text().contains("voice not usable"),
        "{}",
        version.text()
    );
    let speak = scene.sh(&format!("{named} piper-rs speak -o x.wav Hello."));
    assert!(!speak.stderr.contains("preparing"), "{}", speak.stderr);
    scene
        .sh("PIPER_VOICE=nope piper-rs voices list")
        .ok()
        .says(&["by PIPER_VOICE", "no voice `nope`"]);
    let missing = scene
        .sh("PIPER_VOICE=/nope/x.onnx piper-rs speak -o x.wav Hello.")
        .exits(3);
    let missing = missing.says(&["the name is from PIPER_VOICE"]);
    assert_eq!(
        missing.stderr.matches("  /nope/x.onnx").count(),
        1,
        "{}",
        missing.stderr
    );
    let model = root().join("tests/voices/tiny.onnx");
    scene
        .sh(&format!("cp {} other/joe.onnx", model.display()))
        .ok();
    let list = scene.sh(&format!("{named} piper-rs voices list")).ok();
    assert!(
        list.text()
            .lines()
            .any(|line| line.starts_with("joe") && line.ends_with("default by PIPER_VOICE")),
        "{}",
        list.text()
    );
}
