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
    assert_eq!(
        objects[0],
        json!({"sentences": ["wˈʌn.", "tˈuː?"], "spoken": "One. Two?", "changes": []})
    );
    assert_eq!(
        objects[1],
        json!({"sentences": [], "spoken": "", "changes": []})
    );
    assert_eq!(objects[2]["sentences"].as_array().unwrap().len(), 6_000);
    assert_eq!(objects[3]["sentences"], json!(["lˈæst."]));

    let run = scene.sh("piper-rs phonemes 'One. Two?'").ok();
    assert_eq!(run.text(), "wˈʌn.\ntˈuː?\n");
}

#[test]
fn what_is_read_otherwise_than_it_is_written_is_explained() {
    let scene = Scene::new();
    let text = "Yes. Henry&nbsp;VIII paid $3.14 &amp; left :-)";
    scene.write("text", text);
    let run = scene.sh("piper-rs phonemes --json < text").ok().silently();
    let object = &objects(&run)[0];
    let spoken = "Yes. Henry\u{a0}the 8th paid 3 dollars and 14 cents & left ";
    assert_eq!(object["spoken"], spoken);
    let changes = object["changes"].as_array().unwrap();
    let rules: Vec<_> = changes.iter().map(|change| &change["rule"]).collect();
    assert_eq!(rules, ["entity", "roman", "money", "entity", "phrase"]);
    for change in changes {
        let at = usize::try_from(change["at"].as_u64().unwrap()).unwrap();
        assert!(text[at..].starts_with(change["from"].as_str().unwrap()));
    }

    let run = scene
        .sh("piper-rs phonemes --explain 'In 1984. Now :-)'")
        .ok();
    assert_eq!(
        run.text(),
        "ɪn nˈaɪntiːn ˈeɪɾi fˈoːɹ.\nnˈaʊ.\n  1984 → 19 84  (year)\n  :-) → (not read)  (phrase)\n"
    );
}

#[test]
fn numbers_are_read_as_written_if_asked_and_in_strict_mode() {
    let scene = Scene::new();
    let read = |flags: &str| {
        let run = scene.sh(&format!("piper-rs phonemes {flags} 'In 1984, Henry VIII.'"));
        run.ok().silently().text().to_owned()
    };
    let (words, written) = (read(""), read("--read-as written"));
    assert_ne!(words, written);
    assert_eq!(read("--strict-piper"), written);
    assert_eq!(read("--read-as words"), words);
    // What a lexicon says is not read again.
    scene.write("my.lexicon", "1984 = 1066\nHenry VIII = Harry IV\n");
    let run = scene.sh("piper-rs phonemes --json --lexicon my.lexicon 'In 1984, Henry VIII.'");
    assert_eq!(objects(&run)[0]["spoken"], "In 1066, Harry IV.");
    scene.write("config.toml", "read_as = 'written'");
    let run = scene.sh("piper-rs phonemes --config-file config.toml 'In 1984, Henry VIII.'");
    assert_eq!(run.text(), written);
    scene
        .sh("piper-rs phonemes --strict-piper --read-as words x")
        .exits(2)
        .says(&["--strict-piper"]);
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
        "spoken": "Hi! [[☃a☃]]",
        "changes": [],
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

#[test]
fn a_document_is_read_by_its_name() {
    let scene = Scene::new();
    scene.write("a.md", "# One\n\n*Two*\n");
    let read = |flags: &str| {
        scene
            .sh(&format!("piper-rs phonemes {flags}"))
            .ok()
            .text()
            .to_owned()
    };
    assert_eq!(read("-i a.md"), read("--format markdown < a.md"));
    assert!(!read("-i a.md").contains('#'));
}
