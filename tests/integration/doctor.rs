//! `piper-rs doctor`: what it finds and which remedies it suggests.

use crate::scene::{Scene, root};

/// Returns the findings about one subject, each with its status.
fn findings(scene: &Scene, flags: &str, code: i32, about: &str) -> Vec<(String, String)> {
    let run = scene
        .sh(&format!("piper-rs doctor --json {flags}"))
        .exits(code);
    let json: serde_json::Value = serde_json::from_str(run.text()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let all = json["findings"].as_array().unwrap();
    let subjects = [
        "ONNX Runtime",
        "espeak-ng",
        "sound",
        "voice",
        "prepared",
        "config file",
        "terminal",
    ];
    for about in subjects {
        assert!(all.iter().any(|found| found["about"] == about), "{about}");
    }
    let found = all.iter().filter(|found| found["about"] == about);
    found
        .map(|found| (text(&found["status"]), text(&found["finding"])))
        .collect()
}

/// Checks that there is one finding, with this status and these words.
#[track_caller]
fn only(findings: Vec<(String, String)>, status: &str, words: &str) {
    let [(found, text)] = &findings[..] else {
        panic!("{findings:?}");
    };
    assert!(found == status && text.contains(words), "{findings:?}");
}

#[test]
fn a_complete_installation_has_no_problem_and_nothing_is_written() {
    let scene = Scene::with_device();
    let run = scene.sh("piper-rs doctor").ok().silently();
    for words in [
        "ok        ONNX Runtime",
        "telemetry off",
        "en_US-slt-low",
        "tiny_multi",
        "; locale is UTF-8",
    ] {
        assert!(run.text().contains(words), "{words}\n{}", run.text());
    }
    only(findings(&scene, "", 0, "sound"), "ok", "1 device, default ");
    // The cache does not exist yet, and the doctor does not create it.
    scene.sh("XDG_CACHE_HOME=$PWD/home/c piper-rs doctor").ok();
    assert!(scene.names("home").is_empty());
}

#[test]
fn a_missing_part_has_a_line_and_the_rest_is_still_checked() {
    let scene = Scene::new();
    only(
        findings(&scene, "", 0, "sound"),
        "warning",
        "no sound device",
    );
    let missing = "--onnxruntime /nowhere/lib.so";
    only(
        findings(&scene, missing, 1, "ONNX Runtime"),
        "problem",
        "/nowhere/lib.so",
    );
    let missing = "--espeak /nowhere/lib.so";
    only(
        findings(&scene, missing, 1, "espeak-ng"),
        "problem",
        "/nowhere/lib.so",
    );
    let run = scene
        .sh("ESPEAK_DATA_PATH=/nowhere piper-rs doctor")
        .exits(1);
    let remedy =
        "no phontab in /nowhere\n                        -> install espeak-ng with its data";
    assert!(run.text().contains(remedy), "{}", run.text());
    scene.write("c.toml", "\nvioce = 1\n");
    let config = "--config-file c.toml";
    only(
        findings(&scene, config, 1, "config file"),
        "problem",
        "c.toml:2: unknown key `vioce`",
    );
    let run = scene.sh("piper-rs doctor --config-file c.toml").exits(1);
    assert!(run.text().contains("-> fix the file"), "{}", run.text());
}

#[test]
fn a_device_or_voice_of_the_config_file_that_is_missing_is_reported() {
    let scene = Scene::with_device();
    scene.write(
        "c.toml",
        "device = \"nosuch\"\nvoice = \"en_XX-none-low\"\n",
    );
    let flags = "--config-file c.toml";
    let sound = findings(&scene, flags, 1, "sound");
    only(sound, "warning", "but not `nosuch` of the config file");
    let config = findings(&scene, flags, 1, "config file");
    only(
        config,
        "problem",
        "the voice `en_XX-none-low` is not installed",
    );
    let run = scene.sh("piper-rs doctor --config-file c.toml").exits(1);
    assert!(
        run.text()
            .contains("-> run `piper-rs voices get en_XX-none-low`")
    );
    scene.write("c.toml", "device = \"CAPTURED\"\nvoice = \"tiny\"\n");
    only(
        findings(&scene, flags, 0, "sound"),
        "ok",
        "plays on CAPTURED",
    );
    only(findings(&scene, flags, 0, "config file"), "ok", "c.toml");
    // There are devices, but no default device.
    scene.write(
        "asound.conf",
        "pcm.odd { type null hint { show on description \"Odd\" } }",
    );
    let sound = findings(&scene, "", 0, "sound");
    only(sound, "warning", "no default device");
}

#[test]
fn each_broken_voice_has_its_own_line() {
    let scene = Scene::new();
    let voices = crate::scene::root().join("tests/voices");
    std::fs::create_dir(scene.path("v")).unwrap();
    let config = std::fs::read_to_string(voices.join("tiny.onnx.json")).unwrap();
    let graph = std::fs::read(voices.join("tiny.onnx")).unwrap();
    let mut misfit: serde_json::Value = serde_json::from_str(&config).unwrap();
    misfit["phoneme_id_map"]["a"] = serde_json::json!([9999]);
    scene.write("v/broken.onnx", "no graph");
    scene.write("v/broken.onnx.json", &config);
    scene.write("v/misfit.onnx", &graph);
    scene.write("v/misfit.onnx.json", misfit.to_string());
    scene.write("v/lonely.onnx", &graph);
    scene.write("v/odd.onnx", &graph);
    scene.write("v/odd.onnx.json", "{");
    scene.write("v/mute.onnx", &graph);
    scene.write("v/mute.onnx.json", config.replace("en-us", "gondolin"));
    let found = findings(&scene, "--data-dir v", 1, "voice");
    let expected = [
        ("problem", "mute: espeak-ng has no voice `gondolin`"),
        ("problem", "broken.onnx"),
        ("warning", "ids up to 9999"),
        ("problem", "odd.onnx.json"),
        ("warning", "lonely.onnx has no config file"),
        ("ok", "tiny_multi"),
    ];
    for (status, words) in expected {
        let is_expected = |(s, text): &(String, String)| s == status && text.contains(words);
        assert!(found.iter().any(is_expected), "{words}: {found:?}");
    }
}

#[test]
fn voices_that_another_version_prepared_are_counted_and_not_judged() {
    let (scene, cache) = (Scene::new(), "XDG_CACHE_HOME=$PWD/cache");
    let unsplit = root().join("assets/voice/en_US-slt-low.onnx");
    scene
        .sh(&format!(
            "{cache} piper-rs voices prepare {}",
            unsplit.display()
        ))
        .ok();
    let doctor = || {
        scene
            .sh(&format!("{cache} piper-rs doctor"))
            .text()
            .to_owned()
    };
    let current = doctor();
    assert_eq!(current.matches("cannot be split").count(), 1, "{current}");
    assert!(!current.contains("another version"), "{current}");
    scene
        .sh("cd cache/piper-rs/prepared; for f in *; do [ ! -d $f ] || cp -a $f old-$f; done")
        .ok();
    let with_old = doctor();
    assert_eq!(with_old.matches("cannot be split").count(), 1, "{with_old}");
    assert!(with_old.contains("2 voices"), "{with_old}");
    assert!(
        with_old.contains("of which 1,") && with_old.contains("--clear"),
        "{with_old}"
    );
}
