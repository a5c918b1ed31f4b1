//! Which files `-m` means, and what their config may say.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::catalogue_server::{CatalogueServer, TINY, files, find_file, is_model};
use crate::scene::{Scene, root};
use crate::web::Response;

/// A scene with the model of a test voice as `v.onnx`, without a config.
fn with_model(from: &str) -> Scene {
    let scene = Scene::new();
    let model = root().join(format!("tests/voices/{from}.onnx"));
    symlink(model, scene.path("linked.onnx")).unwrap();
    fs::copy(scene.path("linked.onnx"), scene.path("v.onnx")).unwrap();
    fs::remove_file(scene.path("linked.onnx")).unwrap();
    scene
}

/// The config of a test voice, with other fields.
fn config(from: &str, fields: Value) -> String {
    let path = root().join(format!("tests/voices/{from}.onnx.json"));
    let mut config: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    for (name, value) in fields.as_object().unwrap() {
        config[name] = value.clone();
    }
    config.to_string()
}

#[test]
fn a_config_is_found_under_the_names_that_people_use() {
    for name in ["v.onnx.json", "v.json", "config.json", "мой голос.json"] {
        let scene = with_model("tiny");
        scene.write(name, config("tiny", json!({})));
        scene
            .sh("piper-rs speak --no-prepare -m v.onnx -o a.wav Hello.")
            .ok();
        assert!(scene.wav("a.wav").seconds() > 0.1, "{name}");
    }
    // Where several voices are, each has its own.
    let scene = with_model("tiny");
    fs::copy(scene.path("v.onnx"), scene.path("w.onnx")).unwrap();
    scene.write("v.json", config("tiny", json!({})));
    scene.sh("piper-rs speak -m v.onnx -o a.wav Hello.").ok();
    scene
        .sh("piper-rs speak -m w.onnx -o a.wav Hello.")
        .exits(3);
}

#[test]
fn the_config_of_a_linked_model_is_found_beside_its_target() {
    let scene = Scene::new();
    let target = root().join("tests/voices/tiny.onnx");
    symlink(target, scene.path("v.onnx")).unwrap();
    scene
        .sh("piper-rs speak --no-prepare -m v.onnx -o a.wav Hello.")
        .ok();
}

#[test]
fn a_missing_config_is_named_before_anything_is_prepared() {
    let scene = with_model("tiny");
    scene.write("config.json", r#"{"model_type": "vits"}"#);
    let run = scene.sh("piper-rs speak -m v.onnx -o a.wav Hello.");
    let run = run.exits(3).says(&[
        "v.onnx has no config; looked for:",
        "v.onnx.json",
        "v.json",
        "config.json",
        "`--config FILE`",
    ]);
    assert!(!run.stderr.contains("preparing"), "{}", run.stderr);
}

#[test]
fn a_config_or_a_folder_given_as_the_voice_means_its_voice() {
    let scene = with_model("tiny");
    scene.write("v.onnx.json", config("tiny", json!({})));
    for voice in ["v.onnx.json", "\"$PWD\"", ".", "V"] {
        let line = format!("piper-rs speak -m {voice} --data-dir . -o a.wav Hello.");
        scene.sh(&line).ok();
    }
    let run = scene.sh("piper-rs speak -m w.onnx.json -o a.wav Hello.");
    let run = run.exits(3).says(&["no voice `w.onnx.json`"]);
    assert!(!run.stderr.contains(".json.json"), "{}", run.stderr);
}

#[test]
fn a_part_of_a_name_or_another_spelling_is_suggested() {
    let scene = Scene::new();
    scene
        .sh("piper-rs speak -m TINY_Multi -o a.wav Hello.")
        .ok();
    for name in ["tiny-multi", "multi", "multi_tiny"] {
        scene
            .sh(&format!("piper-rs speak -m {name} -o a.wav Hello."))
            .exits(3)
            .says(&["did you mean `tiny_multi`?"]);
    }
}

#[test]
fn a_speaker_that_the_model_does_not_have_is_refused_before_it_runs() {
    let unnamed = json!({"num_speakers": 904, "speaker_id_map": {}});
    let few = json!({"num_speakers": 1});
    for (fields, speaker, known) in [
        (
            unnamed,
            900,
            "no speaker `900`; the voice has speakers 0 to 2",
        ),
        (
            few,
            3,
            "no speaker `3`; the voice has speakers 0 to 2 (alice",
        ),
    ] {
        let scene = with_model("tiny_multi");
        scene.write("v.onnx.json", config("tiny_multi", fields));
        for flag in ["--no-prepare", ""] {
            let speak = format!("piper-rs speak {flag} -m v.onnx -o a.wav Hello. -s");
            scene
                .sh(&format!("{speak} {speaker}"))
                .exits(1)
                .says(&[known]);
            scene.sh(&format!("{speak} 2")).ok();
        }
    }
}

/// A voice of syllables: a test voice with the ids of piper-tts.
fn with_pinyin() -> Scene {
    let scene = with_model("tiny");
    let map = fs::read(root().join("tests/corpus/pinyin_id_map.json")).unwrap();
    let map: Value = serde_json::from_slice(&map).unwrap();
    let fields =
        json!({"phoneme_type": "pinyin", "phoneme_id_map": map, "espeak": {"voice": "cmn"}});
    scene.write("v.onnx.json", config("tiny", fields));
    scene
}

#[test]
fn chinese_is_spoken_by_syllables() {
    let scene = with_pinyin();
    let speak = "piper-rs speak -q -m v.onnx --espeak /nowhere -o a.wav";
    scene
        .sh(&format!("{speak} '你好，世界！今天是2026年。'"))
        .ok()
        .silently();
    assert!(scene.wav("a.wav").seconds() > 0.3);
    let run = scene
        .sh("piper-rs phonemes --ids -m v.onnx '你好。我爱你'")
        .ok();
    assert_eq!(
        run.text(),
        "ni3hao3。\n1 10 39 66 0 14 32 66 0 69 0 2\nwo3Øai4ni3。\n1 26 28 66 0 3 30 67 0 10 39 66 0 69 0 2\n"
    );
}

#[test]
fn phonemes_that_cannot_be_made_are_named_before_anything_is_loaded() {
    for (kind, needs) in [
        (
            "japanese",
            "Japanese phonemes, which piper-tts gets from OpenJTalk",
        ),
        (
            "hebrew",
            "Hebrew phonemes, which piper-tts gets from the Nakdimon network",
        ),
        ("thai", "Thai phonemes, which piper-tts gets from TLTK"),
        ("klingon", "unknown type `klingon`"),
    ] {
        let scene = with_model("tiny");
        scene.write("v.onnx.json", config("tiny", json!({"phoneme_type": kind})));
        let run = scene.sh("piper-rs speak -m v.onnx -o a.wav Hello.");
        let run = run.exits(3).says(&[needs]);
        assert!(!run.stderr.contains("preparing"), "{}", run.stderr);
        scene
            .sh("piper-rs voices info v --data-dir .")
            .exits(3)
            .says(&[needs]);
    }
}

#[test]
fn a_voice_that_cannot_speak_is_refused_before_its_model_is_downloaded() {
    let japanese = config("tiny", json!({"phoneme_type": "japanese"})).into_bytes();
    let server =
        CatalogueServer::answering(move |files, request| match find_file(files, request) {
            Some(_) if request.path.ends_with(".onnx.json") => Response::part(request, &japanese),
            Some(bytes) => Response::part(request, bytes),
            None => Response::status(404),
        });
    assert!(files().keys().any(|path| path.contains(TINY)));
    server
        .sh(&format!("piper-rs voices get --update {TINY}"))
        .exits(3)
        .says(&[
            "it needs Japanese phonemes",
            "piper-tts 1.8 can speak with it",
        ]);
    let requests = server.web.requests();
    assert!(!requests.iter().any(is_model));
}
