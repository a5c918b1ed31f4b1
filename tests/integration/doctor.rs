//! `piper-rs doctor`, and what the shells are told at Tab.

use crate::scene::Scene;

/// The findings about something, each with its status.
fn findings(scene: &Scene, flags: &str, code: i32, about: &str) -> Vec<(String, String)> {
    let run = scene
        .sh(&format!("piper-rs doctor --json {flags}"))
        .exits(code);
    let json: serde_json::Value = serde_json::from_str(run.text()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let all = json["findings"].as_array().unwrap();
    let whole = [
        "ONNX Runtime",
        "espeak-ng",
        "sound",
        "voice",
        "prepared",
        "config file",
        "terminal",
    ];
    for about in whole {
        assert!(all.iter().any(|found| found["about"] == about), "{about}");
    }
    let found = all.iter().filter(|found| found["about"] == about);
    found
        .map(|found| (text(&found["status"]), text(&found["finding"])))
        .collect()
}

fn only(findings: Vec<(String, String)>, status: &str, words: &str) {
    let [(found, text)] = &findings[..] else {
        panic!("{findings:?}");
    };
    assert!(found == status && text.contains(words), "{findings:?}");
}

#[test]
fn a_healthy_machine_has_no_problem_and_nothing_is_written() {
    let scene = Scene::with_device();
    let run = scene.sh("piper-rs doctor").ok().silently();
    for words in [
        "ok        ONNX Runtime",
        "telemetry off",
        "en_US-slt-low",
        "tiny_multi",
        "UTF-8",
    ] {
        assert!(run.text().contains(words), "{words}\n{}", run.text());
    }
    only(findings(&scene, "", 0, "sound"), "ok", "1 device, default ");
    // No cache yet: the doctor does not make one.
    scene.sh("XDG_CACHE_HOME=$PWD/home/c piper-rs doctor").ok();
    assert!(scene.names("home").is_empty());
}

#[test]
fn what_is_missing_is_a_line_and_the_rest_is_still_checked() {
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
        "c.toml:2: no key `vioce`",
    );
    let run = scene.sh("piper-rs doctor --config-file c.toml").exits(1);
    assert!(run.text().contains("-> mend the file"), "{}", run.text());
}

#[test]
fn what_the_config_file_names_and_is_not_there_is_told() {
    let scene = Scene::with_device();
    scene.write(
        "c.toml",
        "device = \"nosuch\"\nvoice = \"en_XX-none-low\"\n",
    );
    let flags = "--config-file c.toml";
    let sound = findings(&scene, flags, 1, "sound");
    only(sound, "warning", "none of them `nosuch` of the config file");
    let config = findings(&scene, flags, 1, "config file");
    only(config, "problem", "there is no voice `en_XX-none-low`");
    let run = scene.sh("piper-rs doctor --config-file c.toml").exits(1);
    assert!(
        run.text()
            .contains("-> `piper-rs voices get en_XX-none-low`")
    );
    scene.write("c.toml", "device = \"CAPTURED\"\nvoice = \"tiny\"\n");
    only(
        findings(&scene, flags, 0, "sound"),
        "ok",
        "plays on CAPTURED",
    );
    only(findings(&scene, flags, 0, "config file"), "ok", "c.toml");
    // Devices, but none to play on unasked.
    scene.write(
        "asound.conf",
        "pcm.odd { type null hint { show on description \"Odd\" } }",
    );
    let sound = findings(&scene, "", 0, "sound");
    only(sound, "warning", "none of them the default");
}

#[test]
fn each_broken_voice_is_a_line_of_its_own() {
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
        ("warning", "lonely.onnx has no config"),
        ("ok", "tiny_multi"),
    ];
    for (status, words) in expected {
        let told = |(s, text): &(String, String)| s == status && text.contains(words);
        assert!(found.iter().any(told), "{words}: {found:?}");
    }
}

#[test]
fn a_word_is_completed_by_what_there_is() {
    let scene = Scene::with_device();
    let cases = [
        ("3 -- piper-rs speak -m tin", "tiny\ntiny_multi\n"),
        ("2 -- piper-rs -m tiny_m", "tiny_multi\n"),
        ("3 -- piper-rs speak --model tiny_m", "tiny_multi\n"),
        ("5 -- piper-rs speak -m tiny -s ''", "0\n"),
        ("1 -- piper-rs doc", "doctor\n"),
        ("2 -- piper-rs speak --para", "--paragraph-silence\n"),
    ];
    for (words, expected) in cases {
        // Neither library is needed for it.
        let run = scene.sh(&format!(
            "ORT_DYLIB_PATH=/nowhere piper-rs complete {words}"
        ));
        assert_eq!(run.ok().silently().text(), expected, "{words}");
    }
    let run = scene
        .sh("piper-rs complete 3 -- piper-rs speak --device ''")
        .ok();
    assert_eq!(
        run.text(),
        scene
            .sh("piper-rs devices | cut -c3- | sed 's/  (.*//'")
            .ok()
            .text()
    );
    let run = scene
        .sh("piper-rs complete 5 -- piper-rs speak -m tiny_multi -s ''")
        .ok();
    assert_eq!(run.text().lines().count(), 3);
}
