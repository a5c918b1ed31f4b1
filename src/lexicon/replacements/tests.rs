use proptest::prelude::*;

use super::*;

const VOICE: ForVoice<'static> = ForVoice {
    name: "en_US-lessac-medium",
    languages: &["en-us", "en_US", "en"],
    blocks: Blocks::Read,
};

fn replacements(files: &[&str], voice: &ForVoice<'_>) -> Replacements {
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
fn whole_words_are_replaced_and_marks_stay() {
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
    // No boundary is seen between them: every sign is a word.
    check("東京 = とうきょう", &[("私は東京に", "私はとうきょうに")]);
}

#[test]
fn the_longest_phrase_counts_and_nothing_is_replaced_twice() {
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
fn capitals_in_an_entry_are_taken_literally() {
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
fn blocks_are_left_alone_and_entries_of_ipa_become_some() {
    check(
        "a = [[ˈeɪ]]\nb = bee\nx = [[ ks ]]",
        &[
            ("a b [[a b]] a", "[[ˈeɪ]] bee [[a b]] [[ˈeɪ]]"),
            ("[a] [b]", "[ [[ˈeɪ]]] [bee]"),
            // Behind an open `[[` a block would not begin where it should.
            ("[[ a b\na b]]", "[[ a bee\n[[ˈeɪ]] bee]]"),
            ("[[a]][[b]] x", "[[a]][[b]] [[ ks ]]"),
        ],
    );
    let letters = ForVoice {
        blocks: Blocks::LeftOut,
        ..VOICE
    };
    let file = "a = ay\nb = bee\n[en]\na = [[ˈeɪ]]";
    let replaced = |voice| replacements(&[file], voice).apply("a b").text.into_owned();
    assert_eq!(replaced(&VOICE), "[[ˈeɪ]] bee");
    assert_eq!(replaced(&letters), "ay bee");
}

#[test]
fn a_sentence_keeps_its_end() {
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
fn the_last_file_and_the_closest_section_win() {
    let general = "sql = a\n[en]\nsql = b\n[en_US-lessac-medium]\nsql = c\n[en_US]\nsql = d\n";
    let other = |name, languages| ForVoice {
        name,
        languages,
        blocks: Blocks::Read,
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
        assert_eq!(both.apply("SQL sql").count, 2);
        let kept = replacements(&["sql = earlier", "[xx]\nsql = no"], &voice);
        assert_eq!(kept.apply("sql").text, "earlier");
    }
}

#[test]
fn how_far_is_looked_ahead_does_not_grow_with_the_entries() {
    let many: String = (0..20_000).map(|n| format!("the w{n} = x\n")).collect();
    let many = replacements(&[&many], &VOICE);
    let few = replacements(&["the w7 = x"], &VOICE);
    let the = Key::of("the");
    let reach = |of: &Replacements| of.sections[0].reach(&the);
    assert_eq!((reach(&many), reach(&few)), (3, 3));
    assert_eq!(many.len(), 20_000);
    assert_eq!(
        many.apply("the w19999 of the w20000").text,
        "x of the w20000"
    );
}

proptest! {
    #[test]
    fn without_an_entry_text_is_as_it_was(text in ".*") {
        let same = Replaced { text: Cow::Borrowed(&*text), count: 0 };
        prop_assert_eq!(Replacements::default().apply(&text), same.clone());
        let empty = replacements(&["# nothing\n[de]\n"], &VOICE);
        prop_assert_eq!(empty.apply(&text), same);
    }

    #[test]
    fn text_without_the_words_is_as_it_was(text in "[a-wA-W0-9 ,.!?\\[\\]\n'’é\u{301}]*") {
        let entries = replacements(&["x = y\nxy z = [[a]]\nX! = q"], &VOICE);
        let replaced = entries.apply(&text);
        prop_assert_eq!(replaced.count, 0);
        prop_assert!(matches!(replaced.text, Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn what_is_between_the_words_stays(
        between in prop::collection::vec("( [a-w,.!?()é\n]{0,5})? ", 1..8),
    ) {
        let entries = replacements(&["xx = yyy\nxx xx = zz"], &VOICE);
        let text = between.join("xx");
        // Two in a row, with white space between them, are one phrase.
        prop_assume!(between[1..].iter().all(|between| !between.trim().is_empty()));
        let replaced = entries.apply(&text);
        prop_assert_eq!(replaced.count as usize, between.len() - 1);
        prop_assert_eq!(replaced.text, between.join("yyy"));
    }

    #[test]
    fn no_file_and_no_text_is_too_odd(file in "([a-cA \\[\\]=#.\n]|é){0,60}", text in "[a-cA \\[\\].\né]{0,60}") {
        if let Ok(lexicon) = Lexicon::parse(file.as_bytes()) {
            let replacements = Replacements::new([&lexicon], &VOICE);
            let replaced = replacements.apply(&text);
            prop_assert_eq!(replaced.count == 0, matches!(replaced.text, Cow::Borrowed(_)));
        }
    }
}
