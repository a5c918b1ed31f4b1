//! `--lexicon`: pronunciations from a file, in every command that speaks.

use crate::scene::Scene;

const WORDS: &str = "\
# How we say it
nginx = engine x
SQL = sequel
new york city = big apple

[en]
Caernarfon = [[kɑːnˈɑːvən]]

[de]
SQL = Ess Ku Ell

[tiny_multi]
nginx = another server
";

const TEXT: &str = "NGINX likes SQL, not sql. Is Caernarfon in New York\ncity? [[nginx]] \
    (It is not!)";
const REPLACED: &str = "engine x likes sequel, not sql. Is [[kɑːnˈɑːvən]] in big apple? [[nginx]] \
    (It is not!)";

fn scene() -> Scene {
    let scene = Scene::new();
    scene.write("words.txt", WORDS);
    scene.write("text.txt", TEXT);
    scene.write("replaced.txt", REPLACED);
    scene
}

fn phonemes(scene: &Scene, flags: &str, text: &str) -> String {
    let run = scene.sh(&format!("piper-rs phonemes {flags} -- '{text}'"));
    run.ok().silently().text().to_owned()
}

#[test]
fn phonemes_are_those_of_the_replaced_text() {
    let scene = scene();
    let with = "--lexicon words.txt";
    let cases = [
        ("", "nginx SQL sql", "engine x sequel sql"),
        (
            "--strict-piper",
            "An NGINX... SQL?",
            "An engine x... sequel?",
        ),
        ("--espeak-voice de", "SQL, bitte.", "Ess Ku Ell, bitte."),
        ("--espeak-voice fr", "SQL Caernarfon", "sequel Caernarfon"),
        ("--espeak-voice en", "Caernarfon!", "[[kɑːnˈɑːvən]]!"),
        ("-m tiny_multi", "nginx, SQL", "another server, sequel"),
        ("-m tiny", "nginx, SQL", "engine x, sequel"),
    ];
    for (flags, text, equal) in cases {
        let replaced = phonemes(&scene, &format!("{flags} {with}"), text);
        assert_eq!(replaced, phonemes(&scene, flags, equal), "{flags} {text}");
        assert_ne!(replaced, phonemes(&scene, flags, text), "{flags} {text}");
    }
    scene.write("later.txt", "\u{feff}nginx = web server\r\n");
    let both = phonemes(&scene, &format!("{with} --lexicon later.txt"), "nginx SQL");
    assert_eq!(both, phonemes(&scene, "", "web server sequel"));
    let untouched = "Nothing of it is here: sequels, nginx’s.";
    let same = phonemes(&scene, with, untouched);
    assert_eq!(same, phonemes(&scene, "", untouched));
}

#[test]
fn a_voice_without_phonemes_ignores_phonemes_in_a_lexicon() {
    let scene = scene();
    let config =
        r#"{"audio":{},"phoneme_type":"text","espeak":{"voice":"uk"},"phoneme_id_map":{}}"#;
    scene.write("letters.onnx.json", config);
    scene.write("letters.onnx", "never looked at");
    scene.write("both.txt", "ab = cd\nef = gh\n[uk]\nab = [[x]]\nef = ij");
    let replaced = phonemes(&scene, "-m letters.onnx --lexicon both.txt", "ab ef");
    assert_eq!(replaced, phonemes(&scene, "-m letters.onnx", "cd ij"));
}

#[test]
fn the_audio_is_that_of_the_replaced_text() {
    let scene = scene();
    for flags in ["", "--strict-piper"] {
        if !flags.is_empty() {
            // Piper phonemizes line by line.
            scene.write("text.txt", TEXT.replace('\n', " "));
        }
        let speak = format!("piper-rs speak $TINY --seed 3 {flags} --line-breaks join");
        scene
            .sh(&format!("{speak} --lexicon words.txt -i text.txt -o a.wav"))
            .ok();
        scene.sh(&format!("{speak} -i replaced.txt -o b.wav")).ok();
        scene.sh(&format!("{speak} -i text.txt -o c.wav")).ok();
        assert!(scene.read("a.wav") == scene.read("b.wav"), "{flags}");
        assert!(scene.read("a.wav") != scene.read("c.wav"), "{flags}");
    }
}

#[test]
fn replaced_words_are_counted() {
    let scene = scene();
    let speak = "piper-rs speak $TINY --lexicon words.txt -i text.txt -o a.wav";
    let run = scene.sh(&format!("{speak} --stats json -q")).ok();
    let stats: serde_json::Value = serde_json::from_str(run.stderr.trim()).unwrap();
    assert_eq!(stats["stream"]["replaced_words"], 4);
    let run = scene.sh(&format!("{speak} -v")).ok();
    run.says(&[
        "4 entries of the lexicon apply to tiny",
        "4 words were pronounced by a lexicon",
    ]);
    let run = scene
        .sh("piper-rs phonemes -v --lexicon words.txt nginx SQL")
        .ok();
    run.says(&["2 words were pronounced by a lexicon"]);
}

#[test]
fn an_error_names_file_and_line_before_any_output() {
    let scene = scene();
    scene.write("bad.txt", "nginx = engine x\n\nSQL\tsequel\n");
    scene.write("lines.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n");
    for command in [
        "speak $TINY -o a.wav Hi",
        "speak $TINY --json-input -o a.wav < lines.jsonl",
        "batch $TINY -d out text.txt",
        "batch $TINY -d out --dry-run text.txt",
        "phonemes Hi",
        "interactive $TINY -o a.wav < text.txt",
        "voices audition $TINY -d out",
    ] {
        let (command, input) = command.split_once(" <").unwrap_or((command, " /dev/null"));
        let run = scene.sh(&format!("piper-rs {command} --lexicon bad.txt < {input}"));
        run.exits(2)
            .says(&["bad.txt:3: no `=`", "in place of the tab"]);
        let run = scene.sh(&format!("piper-rs {command} --lexicon none.txt < {input}"));
        run.exits(2)
            .says(&["cannot read the lexicon none.txt: No such file"]);
        assert!(!scene.path("a.wav").exists(), "{command}");
        assert!(!scene.path("out/text.wav").exists(), "{command}");
    }
}

#[test]
fn a_batch_remakes_the_texts_that_a_changed_lexicon_affects() {
    let scene = scene();
    let batch = "piper-rs batch $TINY --seed 1 -d out --overwrite text.txt --lexicon words.txt";
    scene.sh(batch).ok().says(&["1 text spoken"]);
    let first = scene.read("out/text.wav");
    scene.sh(batch).ok().says(&["0 texts spoken, 1 skipped"]);
    scene.write(
        "words.txt",
        format!("{WORDS}\nlikes = hates\n").replace("[tiny_multi]", ""),
    );
    scene.sh(batch).ok().says(&["1 text spoken"]);
    scene.sh(batch).ok().says(&["0 texts spoken, 1 skipped"]);
    scene.write("words.txt", WORDS);
    scene.sh(batch).ok().says(&["1 text spoken"]);
    assert!(scene.read("out/text.wav") == first);
    scene.sh("mv words.txt moved.txt").ok();
    let moved = batch.replace("words.txt", "moved.txt");
    scene.sh(&moved).ok().says(&["0 texts spoken, 1 skipped"]);
}

#[test]
fn the_config_file_names_lexicons_for_all_voices_or_for_one() {
    let scene = scene();
    let folder = "home/.config/piper-rs";
    std::fs::create_dir_all(scene.path(folder)).unwrap();
    scene.write(&format!("{folder}/all.txt"), "word = first\nother = second");
    scene.write(&format!("{folder}/more.txt"), "word = third");
    let config = format!("{folder}/config.toml");
    // Relative to the config file.
    scene.write(
        &config,
        "lexicon = [\"all.txt\", \"more.txt\"]\n[voices.tiny_multi]\nlexicon = \"all.txt\"\n\
         [voices.tiny]\nlexicon = []\n",
    );
    let cases = [
        ("", "third second"),
        ("-m tiny_multi", "first second"),
        ("-m tiny", "word other"),
        ("--lexicon flag.txt", "word flagged"),
        ("-m tiny --lexicon flag.txt", "word flagged"),
        ("--no-config", "word other"),
        // Strict mode changes no words.
        ("--strict-piper", "word other"),
        ("--strict-piper --lexicon flag.txt", "word flagged"),
    ];
    scene.write("flag.txt", "other = flagged");
    for (flags, equal) in cases {
        let plain = format!("--no-config {}", flags.replace("--lexicon flag.txt", ""));
        let plain = plain.replace("--no-config --no-config", "--no-config");
        let expected = phonemes(&scene, &plain, equal);
        assert_eq!(phonemes(&scene, flags, "word other"), expected, "{flags}");
    }
    let speak = "piper-rs speak $MULTI --seed 1 --paragraph-silence 0";
    scene.sh(&format!("{speak} -o a.wav 'Word, other.'")).ok();
    scene
        .sh(&format!("{speak} -o b.wav --no-config 'First, second.'"))
        .ok();
    assert!(scene.read("a.wav") == scene.read("b.wav"));
    let shown = scene.sh("piper-rs config show").ok().text().to_owned();
    let line = |key: &str| shown.lines().find(|line| line.starts_with(key)).unwrap();
    assert!(line("lexicon").contains("all.txt, more.txt"), "{shown}");
    assert!(
        line("voices.\"tiny_multi\".lexicon").contains("all.txt"),
        "{shown}"
    );
    scene.write(&config, "lexicon = 3\n");
    let run = scene.sh("piper-rs phonemes x");
    run.exits(2)
        .says(&["config.toml:1: `lexicon` is an integer, not a string"]);
}

#[test]
fn a_session_switches_lexicons_and_reloads_a_changed_one() {
    let scene = scene();
    scene.write("other.txt", "word = replaced");
    let sounds = |text: &str| scene.spoken("$TINY --seed 1", text).samples;
    let (word, replaced) = (sounds("A word."), sounds("A replaced."));
    let typed = "A word.\\n:save 1.wav\\n:set lexicon other.txt\\nA word.\\n:save 2.wav\\n\
        :set lexicon none.txt\\nA word.\\n:save 3.wav\\n:set lexicon default\\nA word.\\n:save 4.wav\\n";
    let line = format!("printf '{typed}' | piper-rs i $TINY --seed 1 -o all.wav");
    let run = scene.sh(&line);
    run.exits(1).says(&["cannot read the lexicon none.txt"]);
    let expected = [&word, &replaced, &replaced, &word];
    for (n, expected) in (1..).zip(expected) {
        assert!(scene.wav(&format!("{n}.wav")).samples == *expected, "{n}");
    }
}

#[test]
fn shells_complete_the_path_of_a_lexicon() {
    let scene = scene();
    let run = scene
        .sh("piper-rs complete 3 -- piper-rs speak --lexicon wor")
        .ok();
    assert_eq!(run.text(), "words.txt\n");
}
