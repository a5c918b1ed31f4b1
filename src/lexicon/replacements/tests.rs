use proptest::prelude::*;

use super::*;

const VOICE: LexiconVoice<'static> = LexiconVoice {
    name: "en_US-lessac-medium",
    languages: &["en-us", "en_US", "en"],
    ipa_entries: IpaEntries::Use,
};

fn replacements(files: &[&str], voice: &LexiconVoice<'_>) -> Replacements {
    let lexicons = files
        .iter()
        .map(|file| Lexicon::parse(file.as_bytes()).unwrap());
    Replacements::new(&lexicons.collect::<Vec<_>>(), voice)
}

fn check(file: &str, cases: &[(&str, &str)]) {
    let replacements = replacements(&[file], &VOICE);
    for (text, expected) in cases {
        assert_eq!(
            replacements.apply(text).text,
            *expected,
            "{file:?} {text:?}"
        );
    }
}

#[test]
fn whole_words_are_replaced_and_marks_are_kept() {
    check(
        "sql = sequel\nc = see\nC++ = see plus plus\ncafé = coffee house\ndon't = do not",
        &[
            ("", ""),
            ("SQL, (sql)? “Sql”!", "sequel, (sequel)? “sequel”!"),
            (
                "sqlite mysql sql2 sql's sql_x",
                "sqlite mysql sql2 sql's sql_x",
            ),
            ("SQL-based", "sequel-based"),
            ("I C C++.", "I see see plus plus."),
            ("c++", "see++"),
            ("Cafe\u{301} CAFÉ cafe", "coffee house coffee house cafe"),
            ("Don’t!", "do not!"),
        ],
    );
    // UAX #29 has a boundary between all of these characters.
    check("東京 = とうきょう", &[("私は東京に", "私はとうきょうに")]);
}

#[test]
fn the_longest_phrase_wins_and_nothing_is_replaced_twice() {
    check(
        "new = knew\nnew york = big apple\nnew york city hall = town hall\n\
         apple = pear\nyork = a new york",
        &[
            ("new york", "big apple"),
            ("New\n  York city", "big apple city"),
            ("new york city hall.", "town hall."),
            ("new, york", "knew, a new york"),
            ("new new york york", "knew big apple a new york"),
        ],
    );
}

#[test]
fn an_entry_with_capitals_matches_only_as_written() {
    check(
        "polish = shine\nPolish = Poles'\nus = them\nUS = you ess\nNew york = x",
        &[
            ("polish Polish POLISH", "shine Poles' shine"),
            ("us US Us", "them you ess them"),
            ("new york New york New York", "new york x New York"),
        ],
    );
}

#[test]
fn raw_phonemes_are_not_searched_and_ipa_entries_become_raw_phonemes() {
    check(
        "a = [[ˈeɪ]]\nb = bee\nx = [[ ks ]]",
        &[
            ("a b [[a b]] a", "[[ˈeɪ]] bee [[a b]] [[ˈeɪ]]"),
            ("[a] [b]", "[ [[ˈeɪ]]] [bee]"),
            // After an unclosed `[[`, a block would start too early.
            ("[[ a b\na b]]", "[[ a bee\n[[ˈeɪ]] bee]]"),
            ("[[a]][[b]] x", "[[a]][[b]] [[ ks ]]"),
        ],
    );
    let letters = LexiconVoice {
        ipa_entries: IpaEntries::Skip,
        ..VOICE
    };
    let file = "a = ay\nb = bee\n[en]\na = [[ˈeɪ]]";
    let replaced = |voice| replacements(&[file], voice).apply("a b").text.into_owned();
    assert_eq!(replaced(&VOICE), "[[ˈeɪ]] bee");
    assert_eq!(replaced(&letters), "ay bee");
}

#[test]
fn a_sentence_keeps_its_final_mark() {
    check(
        "Dr. = doctor\netc. = et cetera.\nYahoo! = ya who",
        &[
            ("Dr. Who", "doctor Who"),
            ("Call the Dr.", "Call the doctor."),
            ("(Call the Dr.)", "(Call the doctor.)"),
            ("I, you, etc.", "I, you, et cetera."),
            ("Yahoo! or what?", "ya who or what?"),
            ("I use Yahoo!", "I use ya who!"),
        ],
    );
}

#[test]
fn the_last_file_and_the_most_specific_section_win() {
    let general = "sql = a\n[en]\nsql = b\n[en_US-lessac-medium]\nsql = c\n[en_US]\nsql = d\n";
    let other = |name, languages| LexiconVoice {
        name,
        languages,
        ipa_entries: IpaEntries::Use,
    };
    let cases = [
        (VOICE, "c"),
        (other("x", &["en-us", "en_US"]), "d"),
        (other("x", &["en-gb"]), "b"),
        (other("x", &["eng"]), "a"),
        (other("x", &[]), "a"),
    ];
    for (voice, expected) in cases {
        let replaced = replacements(&[general], &voice)
            .apply("sql")
            .text
            .into_owned();
        assert_eq!(replaced, expected, "{voice:?}");
        let both = replacements(&[general, "sql = later"], &voice);
        assert_eq!(both.apply("sql").text, "later");
        assert_eq!(both.apply("SQL sql").count(), 2);
        let kept = replacements(&["sql = earlier", "[xx]\nsql = no"], &voice);
        assert_eq!(kept.apply("sql").text, "earlier");
    }
}

#[test]
fn look_ahead_does_not_grow_with_the_number_of_entries() {
    let many: String = (0..20_000).map(|n| format!("the w{n} = x\n")).collect();
    let many = replacements(&[&many], &VOICE);
    let few = replacements(&["the w7 = x"], &VOICE);
    let the = Key::of("the");
    let max_tokens = |of: &Replacements| of.sections[0].max_tokens(&the);
    assert_eq!((max_tokens(&many), max_tokens(&few)), (3, 3));
    assert_eq!(many.len(), 20_000);
    assert_eq!(
        many.apply("the w19999 of the w20000").text,
        "x of the w20000"
    );
}

proptest! {
    #[test]
    fn without_entries_text_is_unchanged(text in ".*") {
        let same = Replaced { text: Cow::Borrowed(&*text), ranges: Vec::new() };
        prop_assert_eq!(Replacements::default().apply(&text), same.clone());
        let empty = replacements(&["# nothing\n[de]\n"], &VOICE);
        prop_assert_eq!(empty.apply(&text), same);
    }

    #[test]
    fn text_without_the_words_is_unchanged(text in "[a-wA-W0-9 ,.!?\\[\\]\n'’é\u{301}]*") {
        let entries = replacements(&["x = y\nxy z = [[a]]\nX! = q"], &VOICE);
        let replaced = entries.apply(&text);
        prop_assert_eq!(replaced.count(), 0);
        prop_assert!(matches!(replaced.text, Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn text_between_the_words_is_unchanged(
        between in prop::collection::vec("( [a-w,.!?()é\n]{0,5})? ", 1..8),
    ) {
        let entries = replacements(&["xx = yyy\nxx xx = zz"], &VOICE);
        let text = between.join("xx");
        // Two in a row, with white space between them, are one phrase.
        prop_assume!(between[1..].iter().all(|between| !between.trim().is_empty()));
        let replaced = entries.apply(&text);
        prop_assert_eq!(replaced.ranges.len(), between.len() - 1);
        prop_assert_eq!(replaced.text, between.join("yyy"));
    }

    #[test]
    fn no_file_and_no_text_causes_a_panic(file in "([a-cA \\[\\]=#.\n]|é){0,60}", text in "[a-cA \\[\\].\né]{0,60}") {
        if let Ok(lexicon) = Lexicon::parse(file.as_bytes()) {
            let replacements = Replacements::new([&lexicon], &VOICE);
            let replaced = replacements.apply(&text);
            prop_assert_eq!(replaced.ranges.is_empty(), matches!(replaced.text, Cow::Borrowed(_)));
        }
    }
}
