//! `--format ssml`.

use crate::scene::{Scene, concat, silence};

const RATE: usize = 22_050;
const PAUSE: usize = RATE / 5;

/// Speaks a document with `$TINY`.
fn spoken(scene: &Scene, flags: &str, ssml: &str) -> Vec<i16> {
    let ssml = format!("<speak>{ssml}</speak>");
    scene
        .spoken(&format!("$TINY --format ssml {flags}"), &ssml)
        .samples
}

fn alone(scene: &Scene, flags: &str, text: &str) -> Vec<i16> {
    scene.spoken(&format!("$TINY {flags}"), text).samples
}

#[test]
fn a_document_sounds_as_its_parts_do() {
    let scene = Scene::new();
    let (hello, bye) = (alone(&scene, "", "Hello."), alone(&scene, "", "Bye."));
    let (fast, quiet) = (
        alone(&scene, "--speed 3", "Bye."),
        alone(&scene, "--volume 0.5", "Bye."),
    );
    let multi = scene
        .spoken("-m tiny_multi --noise-scale 0 --noise-w 0", "Bye.")
        .samples;
    let cases = [
        ("Hello. Bye.", PAUSE, &bye),
        ("<p>Hello.</p>\n\n\n<p>Bye.</p>", RATE / 2, &bye),
        ("Hello. <break time=\"750ms\"/> Bye.", RATE * 3 / 4, &bye),
        (
            "<p>Hello.</p><break strength=\"none\"/><p>Bye.</p>",
            0,
            &bye,
        ),
        (
            "Hello. <voice name=\"tiny_multi\">Bye.</voice>",
            PAUSE,
            &multi,
        ),
        (
            "Hello. <prosody rate=\"150%\"><prosody rate=\"200%\">Bye.</prosody></prosody>",
            PAUSE,
            &fast,
        ),
        (
            "Hello. <prosody volume=\"50\">Bye.</prosody>",
            PAUSE,
            &quiet,
        ),
        ("Hello. <sub alias=\"Bye.\">B.</sub>", PAUSE, &bye),
        (
            "<metadata>no</metadata>Hello. <mark name=\"m\"/><lang xml:lang=\"en\">Bye.</lang>",
            PAUSE,
            &bye,
        ),
    ];
    for (ssml, pause, last) in cases {
        let expected = concat(&[&hello, &silence(pause), last]);
        assert!(spoken(&scene, "", ssml) == expected, "{ssml}");
    }
    // Sentences without marks are sentences, however long.
    let long = "and on and on and on and on and on and on and on we go";
    let sentences = spoken(&scene, "", &format!("<s>{long}</s><s>{long}</s>"));
    let sentence = alone(&scene, "", long);
    assert!(sentences == concat(&[&sentence, &silence(PAUSE), &sentence]));
    let phonemes = "Hello. <phoneme alphabet=\"ipa\" ph=\"bˈaɪ\">B</phoneme>";
    assert!(spoken(&scene, "", phonemes) == alone(&scene, "", "Hello. [[bˈaɪ]]"));
    // The options are what rates are relative to.
    let twice = spoken(
        &scene,
        "--speed 1.5",
        "<prosody rate=\"200%\">Bye.</prosody>",
    );
    assert!(twice == fast);
}

#[test]
fn letters_and_digits_are_spelled() {
    let scene = Scene::new();
    let cases = [
        ("characters", "BBC", "--spell", "bbc"),
        ("telephone", "555-12", "", "5 5 5, 1 2"),
        ("digits", "42", "", "4 2"),
        ("cardinal", "42", "", "42"),
    ];
    for (kind, content, flags, text) in cases {
        let ssml = format!("<say-as interpret-as=\"{kind}\">{content}</say-as>");
        let expected = alone(&scene, flags, text);
        assert!(spoken(&scene, "", &ssml) == expected, "{kind}");
    }
    let ordinal = "<lang xml:lang=\"en-US\"><say-as interpret-as=\"ordinal\">2</say-as></lang>";
    assert!(spoken(&scene, "", ordinal) == alone(&scene, "", "2nd"));
    let cardinal =
        "<lang xml:lang=\"en-US\"><say-as interpret-as=\"cardinal\">1984</say-as></lang>";
    assert!(spoken(&scene, "", cardinal) == alone(&scene, "", "1,984"));
    // Not silently otherwise.
    let ssml = "<speak><say-as interpret-as='ordinal'>2</say-as>\
                <prosody rate='90'>a</prosody></speak>";
    scene.write("a.ssml", ssml);
    let run = scene.sh("piper-rs speak $TINY -i a.ssml -o x.wav").ok();
    run.says(&[
        "ordinal without a known xml:lang is ignored",
        "is out of range",
    ]);
    let run = scene.sh("piper-rs phonemes --format ssml < a.ssml").ok();
    run.says(&["of SSML, phonemes are those of its words"]);
}

#[test]
fn what_is_not_done_is_told_once() {
    let scene = Scene::new();
    let ssml = "<speak><emphasis>Hello.</emphasis> <emphasis>Bye.</emphasis>\n\
                <voice name=\"nobody\">Hello.</voice> <lang xml:lang=\"de\">Bye.</lang></speak>";
    scene.write("a.ssml", ssml);
    let run = scene
        .sh("piper-rs speak $TINY -i a.ssml -o x.wav")
        .ok()
        .says(&[
            "a.ssml: line 1, column 8: <emphasis> is ignored",
            "there is no voice `nobody`: the voice stays the same; `piper-rs voices list`",
            "no installed voice speaks `de`",
        ]);
    assert_eq!(run.stderr.matches("emphasis").count(), 1);
    let expected = alone(&scene, "", "Hello. Bye. Hello. Bye.");
    assert!(scene.wav("x.wav").samples == expected);
    // In a batch too, where the tags count for what is current.
    let batch = "piper-rs batch $TINY -d out a.ssml";
    scene.sh(batch).ok();
    assert!(scene.wav("out/a.wav").samples == expected);
    scene.sh(batch).ok().says(&["1 skipped"]);
    scene.write("a.ssml", ssml.replace("emphasis", "s"));
    scene.sh(batch).exits(1).says(&["--overwrite"]);
}

#[test]
fn a_document_names_no_files() {
    let scene = Scene::new();
    scene
        .sh("mkdir v && cp $PIPER_VOICE_DIR/tiny_multi.onnx v/copy.onnx")
        .ok();
    scene
        .sh("cp $PIPER_VOICE_DIR/tiny_multi.onnx.json v/copy.onnx.json")
        .ok();
    let (here, hello) = (scene.path("v/copy.onnx"), alone(&scene, "", "Hello."));
    for name in ["v/copy", "v/copy.onnx", "v", &here.to_string_lossy()] {
        scene.write(
            "a.ssml",
            format!("<speak><voice name='{name}'>Hello.</voice></speak>"),
        );
        let run = scene.sh("piper-rs speak $TINY -i a.ssml -o x.wav").ok();
        run.says(&["there is no voice"]);
        assert!(scene.wav("x.wav").samples == hello, "{name}");
    }
    scene.write("a.ssml", "<speak><voice name='COPY'>Hello.</voice></speak>");
    let run = scene.sh("piper-rs speak $TINY --data-dir v -i a.ssml -o x.wav");
    assert_eq!(run.ok().stderr.matches("no voice").count(), 0);
}

#[test]
fn faults_are_named_before_anything_is_spoken() {
    let scene = Scene::new();
    let deep = format!("<speak>{}", "<p>".repeat(200_000));
    let large = format!("<speak>{}</speak>", "a ".repeat(3 << 20));
    let bomb = "<!DOCTYPE speak [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>\n\
                <speak>&b;</p></speak>";
    let cases = [
        (
            "<speak>Hello.\n<p>Bye.</speak>",
            "line 2, column 8 is damaged: </speak> ends nothing",
        ),
        (
            "Hello.",
            "line 1, column 1 is damaged: this text is outside of <speak>",
        ),
        (
            &deep,
            "line 1, column 305: elements are nested more than 100 deep",
        ),
        (&large, "the document is larger than 4 MiB"),
        (
            bomb,
            "line 2, column 11 is damaged: </p> ends nothing; <speak> of line 2, column 1",
        ),
    ];
    for (ssml, message) in cases {
        scene.write("a.ssml", ssml);
        let run = scene.sh("piper-rs speak $TINY -i a.ssml -o x.wav");
        assert_ne!(run.code, Some(0), "{message}");
        run.says(&["cannot read a.ssml", message]);
        assert!(!scene.path("x.wav").exists(), "{message}");
    }
    scene.write("a.ssml", "<speak>Hello.</speak>");
    let run = scene.sh("piper-rs speak $TINY --strict-piper --format ssml -i a.ssml -o x.wav");
    run.exits(2).says(&["knows no SSML"]);
    let run = scene.sh("piper-rs speak $TINY --inline -i a.ssml -o x.wav");
    run.ok()
        .says(&["a.ssml is SSML, which has marks of its own"]);
    scene.write("a.ssml", "Hello.");
    let run = scene.sh("piper-rs speak $TINY -i a.ssml -o x.wav");
    assert_ne!(run.code, Some(0));
    run.says(&["as it is with `--format text`"]);
    let run = scene.sh("piper-rs speak $TINY '<speak>a</speak>' -o x.wav");
    run.ok().says(&["add `--format ssml`"]);
}
