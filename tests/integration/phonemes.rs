//! `piper-rs phonemes`: sentences, phonemes and ids, without a model.

use serde_json::{Value, json};

use crate::scene::{Run, Scene, root};

fn objects(run: &Run) -> Vec<Value> {
    let lines = run.text().lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn every_line_of_input_gives_one_object() {
    let scene = Scene::new();
    // Longer than the part that `speak` reads at once.
    let long = "The sea is wide. ".repeat(6_000);
    scene.write("text", format!("One. Two?\n\n{long}\nlast"));
    let run = scene.sh("piper-rs phonemes --json < text").ok().silently();
    let objects = objects(&run);
    assert_eq!(objects.len(), 4);
    assert_eq!(objects[0], json!({"sentences": ["wˈʌn.", "tˈuː?"]}));
    assert_eq!(objects[1], json!({"sentences": []}));
    assert_eq!(objects[2]["sentences"].as_array().unwrap().len(), 6_000);
    assert_eq!(objects[3], json!({"sentences": ["lˈæst."]}));

    let run = scene.sh("piper-rs phonemes 'One. Two?'").ok();
    assert_eq!(run.text(), "wˈʌn.\ntˈuː?\n");
}

#[test]
fn ids_come_from_the_config_and_the_model_is_not_read() {
    let scene = Scene::new();
    let config = std::fs::read(root().join("tests/voices/tiny.onnx.json")).unwrap();
    let map = serde_json::from_slice::<Value>(&config).unwrap()["phoneme_id_map"].clone();
    scene.write("mine.onnx", "no model");
    scene.write("mine.onnx.json", config);
    let run = scene.sh("piper-rs phonemes --json --ids -m mine 'Hi! [[☃a☃]]'");
    let run = run.ok().says(&["left out 2 phonemes", "`☃` (2)"]);
    let ids = |phonemes: &str| -> Vec<i64> {
        let id = |phoneme: char| map[phoneme.to_string()][0].as_i64().unwrap();
        phonemes.chars().map(id).collect()
    };
    let expected = json!({
        "sentences": ["hˈaɪ!", "☃a☃."],
        "ids": [ids("^_h_ˈ_a_ɪ_!_$"), ids("^_a_._$")],
    });
    assert_eq!(objects(&run), [expected]);
}

#[test]
fn a_language_is_named_as_for_espeak_ng_and_the_nearest_is_suggested() {
    let scene = Scene::new();
    let phonemes = |language: &str| {
        let run = scene.sh(&format!(
            "piper-rs phonemes --espeak-voice {language} 'Nation'"
        ));
        run.ok().silently().text().to_owned()
    };
    for (name, same) in [
        ("fr-fr", "fr"),
        ("en-gb", "en"),
        ("pt-pt", "pt"),
        ("zh", "cmn"),
    ] {
        assert_eq!(phonemes(name), phonemes(same));
    }
    let run = scene.sh("piper-rs phonemes --espeak-voice pt_BR Olá");
    run.exits(1)
        .says(&["espeak-ng has no voice `pt_BR`", "did you mean `pt-br`?"]);
}

#[test]
fn the_hint_names_the_flag_for_the_encoding() {
    let scene = Scene::new();
    scene.write("text", b"Gr\xFC\xDFe");
    let run = scene.sh("piper-rs phonemes --espeak-voice de < text");
    run.exits(1).says(&["offset 2", "--encoding NAME"]);
    let run = scene.sh("piper-rs phonemes --espeak-voice de --encoding latin1 < text");
    assert_eq!(run.ok().text(), "ɡɾˈyːsə.\n");
}
