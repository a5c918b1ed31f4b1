//! What becomes of a text before it is pronounced: Unicode, numbers, wrapped
//! lines, terminal sequences, titles.

use crate::scene::Scene;

/// Returns the phonemes of each line of text, all in one run.
fn phonemes<'t>(
    scene: &Scene,
    flags: &str,
    lines: impl IntoIterator<Item = &'t str>,
) -> Vec<String> {
    let lines: Vec<_> = lines.into_iter().collect();
    scene.write("lines", lines.join("\n"));
    let run = scene.sh(&format!("piper-rs phonemes --json {flags} < lines"));
    let phonemes: Vec<_> = run.ok().text().lines().map(str::to_owned).collect();
    assert_eq!(phonemes.len(), lines.len());
    phonemes
}

/// Returns the phonemes in a line of `phonemes --json`.
fn sentences(line: &str) -> Vec<serde_json::Value> {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["sentences"].as_array().unwrap().clone()
}

/// Checks that what is written sounds like what is read.
fn sounds_alike(language: &str, pairs: &[(&str, &str)]) {
    let scene = Scene::new();
    let flags = format!("--espeak-voice {language}");
    let lines = pairs.iter().flat_map(|(written, read)| [*written, read]);
    let phonemes = phonemes(&scene, &flags, lines);
    for (pair, (written, read)) in phonemes.chunks(2).zip(pairs) {
        let [found, expected] = [0, 1].map(|at| sentences(&pair[at]));
        assert!(!read.is_empty() && !found.is_empty());
        assert_eq!(found, expected, "{language}: {written}, {read}");
    }
}

#[test]
fn letters_are_read_however_they_are_encoded() {
    sounds_alike(
        "de",
        &[(
            "U\u{308}ber die Bru\u{308}cke gro\u{308}ßer",
            "Über die Brücke größer",
        )],
    );
    sounds_alike(
        "fr",
        &[("e\u{301}te\u{301} a\u{300} Noe\u{308}l", "été à Noël")],
    );
    sounds_alike(
        "vi",
        &[("Tie\u{302}\u{301}ng Vie\u{323}\u{302}t", "Tiếng Việt")],
    );
    sounds_alike(
        "ko",
        &[("\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}", "한글")],
    );
    sounds_alike(
        "en-us",
        &[
            ("𝐛𝐨𝐥𝐝 𝑖𝑡𝑎𝑙𝑖𝑐 ｆｕｌｌ ｗｉｄｅ", "bold italic full wide"),
            ("the ﬁrst oﬃce ﬂoor", "the first office floor"),
            ("Ⓣⓗⓔ 𝟙𝟚 𝕎ays", "The 12 Ways"),
            ("Henry Ⅷ, chapter ⅳ", "Henry VIII, chapter iv"),
            (
                "extra\u{AD}ordinary zero\u{200B}width",
                "extraordinary zerowidth",
            ),
            ("\u{2067}left\u{2069} and \u{FEFF}right", "left and right"),
        ],
    );
    sounds_alike("uk", &[("п\u{2BC}ять ім\u{2BC}я", "п'ять ім'я")]);
    sounds_alike("uz", &[("o\u{2BB}zbek, o\u{2018}zbek", "o'zbek, o'zbek")]);
    sounds_alike("ar", &[("ﻣﺮﺣﺒﺎ", "مرحبا")]);
}

#[test]
fn emoji_keep_the_words_of_their_names() {
    for language in ["en-us", "de", "fr", "es", "it", "pl", "ru", "hi", "vi"] {
        sounds_alike(
            language,
            &[
                ("❤\u{FE0F}", "❤"),
                ("☎\u{FE0F} 5", "☎ 5"),
                ("👍🏽 👍🏿", "👍 👍"),
                ("👨\u{200D}👩\u{200D}👧", "👨 👩 👧"),
                ("👩🏽\u{200D}🚀", "👩 🚀"),
                ("1\u{FE0F}\u{20E3} 2\u{FE0F}\u{20E3}", "1 2"),
                ("🇩🇪🇫🇷", "🇩🇪 🇫🇷"),
                ("😀😀", "😀 😀"),
            ],
        );
    }
    let scene = Scene::new();
    let english = phonemes(&scene, "--espeak-voice en-us", ["I ❤\u{FE0F} it", "🇩🇪"]);
    assert!(english[0].contains("hˈɑːɹt"), "{english:?}");
    assert!(english[1].contains("dʒˈɜːməni"), "{english:?}");
    let hindi = phonemes(&scene, "--espeak-voice hi", ["🇩🇪"]);
    assert!(hindi[0].contains("ɟˈʌrmənˌi"), "{hindi:?}");
}

#[test]
fn digits_in_groups_are_one_number() {
    sounds_alike(
        "fr",
        &[
            ("Il coûte 10\u{202F}000 €.", "Il coûte 10000 €."),
            ("1\u{A0}234\u{A0}567", "1234567"),
            (
                "le 01 23 45 67 89",
                "le 01, 23 45 67 89".replace(',', "").as_str(),
            ),
        ],
    );
    sounds_alike(
        "de",
        &[
            ("10\u{A0}000 Euro", "10.000 Euro"),
            ("12'500 Franken", "12.500 Franken"),
            ("1’234’567 Franken", "1.234.567 Franken"),
        ],
    );
    sounds_alike("en-us", &[("10\u{2009}000 people", "10000 people")]);
    sounds_alike("pl", &[("1\u{A0}234 zł", "1234 zł")]);
    let scene = Scene::new();
    let french = phonemes(
        &scene,
        "--espeak-voice fr",
        ["01 23 45 67 89", "0123456789", "123456789"],
    );
    assert!(french[1..].iter().all(|joined| *joined != french[0]));
}

#[test]
fn words_cut_at_line_ends_are_found_by_a_lexicon_in_wrapped_prose_alone() {
    let scene = Scene::new();
    scene.write("words", "extraordinary = x\narchitect = x\nnothing = x\n");
    let replaced = |name: &str, text: &str| -> u64 {
        scene.write(name, text);
        let run = scene.sh(&format!(
            "piper-rs speak -q --lexicon words -i {name} -o {name}.wav --stats=json 2>&1"
        ));
        let stats: serde_json::Value = serde_json::from_str(run.ok().text()).unwrap();
        stats["stream"]["replaced_words"].as_u64().unwrap()
    };
    let prose = "The committee had met on Tuesday evening to discuss the extra-\n\
        ordinary proposals which they received from the famous archi\u{2010}\n\
        tect, and after some debate the members agreed that noth\u{AD}\n\
        ing should be changed.\n";
    assert_eq!(replaced("prose", prose), 3);
    let list = "- extra-\n- ordinary\n- archi-\n- tect\nnoth-\ning\n";
    assert_eq!(replaced("list", list), 0);
}

#[test]
fn terminal_sequences_are_left_out_wherever_text_comes_from() {
    sounds_alike(
        "en-us",
        &[
            ("\x1b[31mError\x1b[0m: disk full", "Error: disk full"),
            ("\x1b]0;title\x07Hello", "Hello"),
            (
                "Done \x1b[2K\x1b[1Gnow \x1b[38;5;196mred\x1b[m",
                "Done now red",
            ),
            (
                "\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\ text",
                "link text",
            ),
            ("N\x08NA\x08AM\x08ME\x08E", "NAME"),
        ],
    );
    let spoken = |line: &str, red: &str, red_in_json: &str| {
        let scene = Scene::new();
        scene.write("red.txt", format!("{red}\n"));
        scene.write("red.jsonl", format!(r#"{{"text": "{red_in_json}"}}"#));
        scene.sh(line).ok();
        scene.wav("out.wav").samples
    };
    for line in [
        "piper-rs speak -q --seed 1 -o out.wav \"$(cat red.txt)\"",
        "piper-rs speak -q --seed 1 -o out.wav < red.txt",
        "piper-rs speak -q --seed 1 -o out.wav -i red.txt",
        "piper-rs speak -q --seed 1 -o out.wav --json-input < red.jsonl",
        "piper-rs batch -q --seed 1 -d . red.txt && mv red.wav out.wav",
        "piper-rs batch -q --seed 1 -d . --manifest red.jsonl && mv *.wav out.wav",
        "piper-rs interactive -q --seed 1 -o out.wav < red.txt",
    ] {
        let plain = spoken(line, "red", "red");
        let coloured = spoken(line, "\x1b[31mred\x1b[0m", r"\u001b[31mred\u001b[0m");
        assert!(!plain.is_empty() && coloured == plain, "{line}");
    }
}

#[test]
fn utf_32_is_known_by_its_byte_order_mark() {
    let scene = Scene::new();
    let text = "\u{FEFF}Grüße 👍";
    let little: Vec<u8> = text
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let big: Vec<u8> = text
        .chars()
        .flat_map(|c| u32::from(c).to_be_bytes())
        .collect();
    let utf8 = phonemes(&scene, "--espeak-voice de", ["Grüße 👍"]);
    for bytes in [little, big] {
        scene.write("text", bytes);
        let run = scene
            .sh("piper-rs phonemes --json --espeak-voice de < text")
            .ok();
        assert_eq!(run.text().trim_end(), utf8[0]);
    }
}

#[test]
fn entities_are_what_they_stand_for() {
    sounds_alike(
        "en-us",
        &[
            (
                "AT&amp;T said &quot;hi&quot; and it&#39;s ok",
                "AT&T said \"hi\" and it's ok",
            ),
            ("caf&eacute;", "café"),
        ],
    );
    sounds_alike("fr", &[("10&nbsp;000&nbsp;&euro;", "10000 €")]);
}

#[test]
fn titles_are_read_as_words_and_end_no_sentence() {
    sounds_alike(
        "en-us",
        &[("Ms. Lee met Sgt. Doe.", "Miz Lee met Sergeant Doe.")],
    );
    sounds_alike(
        "fr",
        &[("M. Hulot et MM. Roy.", "Monsieur Hulot et messieurs Roy.")],
    );
    sounds_alike(
        "de",
        &[("Hr. Maier und Fr. Voß.", "Herr Maier und Frau Voß.")],
    );
    sounds_alike(
        "it",
        &[("Sig.ra Bo e on. Po.", "Signora Bo e onorevole Po.")],
    );
    sounds_alike(
        "nl",
        &[("Mevr. Bos en dr. Vos.", "Mevrouw Bos en doctor Vos.")],
    );
    sounds_alike("el", &[("Ο κ. Παπάς ήρθε.", "Ο κύριος Παπάς ήρθε.")]);
    sounds_alike("sv", &[("Frk. Ek", "Fröken Ek")]);
}

#[test]
fn a_lexicon_wins_over_titles_and_names_of_marks() {
    let scene = Scene::new();
    scene.write("words", "Ms. = Miss\nC++ = see plus plus\n");
    let phonemes = |flags: &str, text: &str| {
        let run = scene.sh(&format!("piper-rs phonemes {flags} -- '{text}'"));
        run.ok().text().to_owned()
    };
    let lexicon = "--lexicon words";
    assert_eq!(
        phonemes(lexicon, "Ms. Lee likes C++"),
        phonemes("", "Miss Lee likes see plus plus"),
    );
    assert_eq!(
        phonemes("--lexicon words --punctuation some", "C++ @ home"),
        phonemes("", "see plus plus at home"),
    );
}

#[test]
fn a_time_zone_or_a_day_after_a_time_continues_the_sentence() {
    let scene = Scene::new();
    let sentences = |text: &str| {
        let run = scene.sh(&format!("piper-rs phonemes '{text}'"));
        run.ok().text().lines().count()
    };
    assert_eq!(sentences("We meet at 5 p.m. EST on Monday."), 1);
    assert_eq!(sentences("We meet at 9 a.m. Pacific. Be there."), 2);
    assert_eq!(sentences("We meet at 5 p.m. Friday."), 1);
    assert_eq!(sentences("We met at 5 p.m. They left at six."), 2);
}

#[test]
fn a_german_time_has_its_word_once() {
    sounds_alike(
        "de",
        &[
            ("Um 14:30 Uhr.", "Um 14 Uhr 30."),
            ("14.30 Uhr", "14 Uhr 30"),
            ("14:00 Uhr", "14 Uhr"),
        ],
    );
    let scene = Scene::new();
    let times = ["Um 14:30 Uhr.", "Um 8 Uhr.", "Um 9:00 Uhr."];
    for time in phonemes(&scene, "--espeak-voice de", times) {
        assert_eq!(
            time.matches("uːɾ").count() + time.matches("ˈuːɾ").count(),
            2,
            "{time}"
        );
    }
}

#[test]
fn a_text_of_one_character_is_spoken_by_its_name() {
    sounds_alike(
        "en-us",
        &[
            ("?", "question mark"),
            (".", "dot"),
            ("(", "left paren"),
            ("A", "a"),
        ],
    );
    sounds_alike(
        "de",
        &[
            ("?", "Fragezeichen"),
            ("(", "Klammer auf"),
            (" , ", "Komma"),
        ],
    );
    sounds_alike(
        "fr",
        &[("«", "guillemet ouvrant"), ("…", "points de suspension")],
    );
    sounds_alike("ru", &[("-", "дефис")]);
    sounds_alike("pl", &[("z", "zet"), ("W", "wu")]);
    let scene = Scene::new();
    // No language is left without a sound.
    let languages = [
        "af", "ar", "bn", "eu", "fa", "hi", "hy", "ka", "ko", "lt", "sw", "vi",
    ];
    for language in languages {
        for line in phonemes(
            &scene,
            &format!("--espeak-voice {language}"),
            ["?", ".", "("],
        ) {
            let sentences = sentences(&line);
            let is_heard = |sentence: &serde_json::Value| sentence.as_str() != Some(".");
            assert!(sentences.iter().any(is_heard), "{language}: {line}");
        }
    }
    // Separators are silent.
    for line in phonemes(&scene, "--espeak-voice en-us", ["* * *", "---", "..."]) {
        assert!(sentences(&line).is_empty(), "{line}");
    }
}

#[test]
fn marks_and_letters_are_spoken_if_options_fields_or_settings_say_so() {
    let scene = Scene::new();
    let phonemes = |flags: &str, text: &str| {
        let run = scene.sh(&format!("piper-rs phonemes {flags} -- '{text}'"));
        run.ok().silently().text().to_owned()
    };
    assert_eq!(
        phonemes("--punctuation all", "Well, ok!"),
        phonemes("", "Well comma, ok exclamation mark!"),
    );
    assert_eq!(
        phonemes("--punctuation some", "Mail me_too @ five, ok."),
        phonemes("", "Mail me underscore too at five, ok."),
    );
    assert_eq!(
        phonemes("--spell", "Cat."),
        phonemes("", "capital C, a, t, dot")
    );
    scene.write("config.toml", "punctuation = \"all\"");
    assert_eq!(
        phonemes("--config-file config.toml", "Well, ok!"),
        phonemes("--punctuation all", "Well, ok!"),
    );
    assert_eq!(
        phonemes("--config-file config.toml --strict-piper", "Well, ok!"),
        phonemes("--strict-piper", "Well, ok!"),
    );
    scene
        .sh("piper-rs phonemes --spell --strict-piper a")
        .exits(2);

    let spelled = scene.spoken("-q --seed 1 --spell", "Cat");
    let line = r#"{"text": "Cat", "spell": true}"#;
    assert!(scene.spoken("-q --seed 1 --json-input", line).samples == spelled.samples);
    assert!(scene.spoken("-q --seed 1", "Cat").samples != spelled.samples);
    scene.write("script", ":set spell true\nCat\n");
    scene
        .sh("piper-rs interactive -q --seed 1 -o script.wav < script")
        .ok();
    scene.write("script", "Cat\n");
    scene
        .sh("piper-rs interactive -q --seed 1 --spell -o flag.wav < script")
        .ok();
    assert!(scene.wav("script.wav").samples == scene.wav("flag.wav").samples);
}

#[test]
fn a_long_text_is_spelled_to_its_end() {
    let scene = Scene::new();
    let text = "abcdefghij ".repeat(45);
    let run = scene.sh(&format!("piper-rs phonemes --spell '{text}'"));
    assert_eq!(run.ok().text().matches("dʒˈeɪ").count(), 45);
    let seconds = scene.spoken("-q --spell", &text).seconds();
    assert!(
        seconds > 2.0 * scene.spoken("-q", &text).seconds(),
        "{seconds}"
    );
}

#[test]
fn strict_mode_and_voices_of_letters_read_verbatim() {
    let scene = Scene::new();
    let texts = ["Ms. Lee", "cafe\u{301}", "10\u{A0}000", "AT&amp;T", "𝐛old"];
    let read = ["Miz Lee", "café", "10000", "AT&T", "bold"];
    let flags = "--strict-piper --espeak-voice en-us";
    let (texts, read) = (
        phonemes(&scene, flags, texts),
        phonemes(&scene, flags, read),
    );
    for (text, read) in texts.iter().zip(&read) {
        assert_ne!(text, read);
    }
}
