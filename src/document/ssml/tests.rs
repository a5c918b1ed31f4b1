use proptest::prelude::*;

use super::elements::MAX_IGNORED;
use super::*;
use crate::parts::ssml::Letters;
use crate::parts::ssml::{SsmlPart, SsmlSpeech};

/// Each paragraph on a line: speech in quotes with what differs, pauses in ms.
fn shown(text: &str) -> Vec<String> {
    let blocks = read(text).unwrap();
    let show = |part: &SsmlPart| match part {
        SsmlPart::Pause(pause) => format!("-{}", pause.as_millis()),
        SsmlPart::Ignored(what) => format!("!{what}"),
        SsmlPart::Speech(speech) => {
            let settings = &speech.settings;
            let mut shown = format!("{:?}", speech.text);
            for voice in settings.voices.iter() {
                match &**voice {
                    SsmlVoice::Named(names) => shown += &format!(" @{}", names.join("|")),
                    SsmlVoice::OfLanguage(language) => shown += &format!(" ~{language}"),
                }
            }
            if settings.rate != 1.0 {
                shown += &format!(" r{}", settings.rate);
            }
            if settings.volume != 1.0 {
                shown += &format!(" v{}", settings.volume);
            }
            if settings.letters == Letters::Spelled {
                shown += " spelled";
            }
            shown
        }
    };
    let line = |block: &Block| block.parts.iter().map(show).collect::<Vec<_>>().join(", ");
    blocks.iter().map(line).collect()
}

/// Each part's text with its marks in braces.
fn marked(text: &str) -> Vec<String> {
    let blocks = read(text).unwrap();
    let parts = blocks.iter().flat_map(|block| &block.parts);
    let speeches = parts.filter_map(|part| match part {
        SsmlPart::Speech(speech) => Some(speech),
        _ => None,
    });
    let show = |speech: &SsmlSpeech| {
        let mut shown = speech.text.clone();
        for mark in speech.marks.iter().rev() {
            shown.insert_str(mark.at, &format!("{{{}}}", mark.name));
        }
        shown
    };
    speeches.map(show).collect()
}

#[test]
fn marks_are_before_the_word_that_follows_and_divide_nothing() {
    let mark = |text: &str| {
        let mut text = text.to_owned();
        for name in ["a", "b", "c"] {
            text = text.replace(&format!("{{{name}}}"), &format!("<mark name='{name}'/>"));
        }
        marked(&format!("<speak>{text}</speak>"))
    };
    let cases: [(&str, &[&str]); 7] = [
        ("{a}One {b}two{c}", &["{a}One {b}two{c}\n\n"]),
        ("One.{a} Two.{b} {c}", &["One.{a} Two.{b}\n{c}\n"]),
        ("on{a}e", &["on{a}e\n\n"]),
        ("{a}<break/> {b}One<break/>{c}", &["{a}{b}One\n\n{c}"]),
        ("<p>One</p>{a}<p>two</p>{b}", &["One\n\n", "{a}two\n\n{b}"]),
        (
            "a {a}<prosody rate='2'>{b}é{c}</prosody>",
            &["a {a}{b}", "é{c}\n\n"],
        ),
        ("{a}{b}", &["{a}{b}"]),
    ];
    for (text, expected) in cases {
        assert_eq!(mark(text), expected, "{text}");
    }
}

fn error(text: &str) -> String {
    let error = read(text).unwrap_err();
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    format!("{error}: {}", cause.unwrap_or_default())
}

#[test]
fn elements_become_parts() {
    let cases: [(&str, &[&str]); 16] = [
        ("Hello.", &[r#""Hello.\n\n""#]),
        (" a\n  b <!-- c -->d ", &[r#""a b d\n\n""#]),
        (
            "<p>One.</p> <p><s>Two</s><s>three</s></p>",
            &[r#""One.\n\n""#, r#""Two\nthree\n\n""#],
        ),
        (
            "a <break time='500ms'/> b<break strength='none'/>c",
            &[r#""a ", -500, "b", -0, "c\n\n""#],
        ),
        ("a<break/><break time='1s'/>", &[r#""a\n\n", -1400"#]),
        (
            "<p>a</p><break time='2s'/><p>b</p>",
            &[r#""a\n\n""#, r#"-2000, "b\n\n""#],
        ),
        (
            "<sub alias='World Wide'>W<b>W</b></sub> Web",
            &[r#""World Wide Web\n\n""#],
        ),
        (
            "a <phoneme alphabet='ipa' ph='təˈmɑːtoʊ'>tomato</phoneme>.",
            &[r#""a [[təˈmɑːtoʊ]].\n\n""#],
        ),
        (
            "a <say-as interpret-as='characters'>BBC</say-as> b",
            &[r#""a ", "bbc " spelled, "b\n\n""#],
        ),
        (
            "<say-as interpret-as='telephone'>12-3</say-as>",
            &[r#""1 2, 3\n\n""#],
        ),
        (
            "<prosody rate='50%'>a <prosody rate='200%' volume='50'>b</prosody></prosody> c",
            &[r#""a " r0.5, "b " v0.5, "c\n\n""#],
        ),
        (
            "<voice name='Joe Doe'>a</voice> b",
            &[r#""a " @Joe Doe|Joe|Doe, "b\n\n""#],
        ),
        (
            "<lang xml:lang='de'>a <voice name='x'>b</voice></lang>",
            &[r#""a " ~de, "b\n\n" ~de @x"#],
        ),
        (
            "<p xml:lang='fr'>a</p><mark name='m'/>b",
            &[r#""a\n\n" ~fr"#, r#""b\n\n""#],
        ),
        (
            "&lt;a&gt; &amp; &#228;<![CDATA[ <b> ]]>",
            &[r#""<a> & ä <b>\n\n""#],
        ),
        ("<metadata>x</metadata><desc>y</desc>", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(&format!("<speak>{text}</speak>")), expected, "{text}");
    }
    let whole = "<?xml version='1.0'?>\n<!DOCTYPE speak>\n<x:speak xmlns:x='y' xml:lang='en-US'>a</x:speak>\n";
    assert_eq!(shown(whole), [r#""a\n\n" ~en-US"#]);
}

#[test]
fn what_is_not_done_is_told_once_and_its_text_is_spoken() {
    let text = "<speak>\n<emphasis>a</emphasis> <emphasis>b</emphasis>\
                <prosody pitch='high' rate='odd'>c</prosody><break time='x'/>\
                <phoneme alphabet='x-sampa' ph='A'>d</phoneme><say-as>e</say-as></speak>";
    let expected = "!line 2, column 1: <emphasis> is ignored, \
                    !line 2, column 46: <prosody rate=\"odd\"> is ignored, \
                    !line 2, column 46: pitch of <prosody> is ignored, \
                    !line 2, column 90: <break time=\"x\"> is ignored, \
                    !line 2, column 107: <phoneme alphabet=\"x-sampa\" ph=\"A\"> is ignored, \
                    !line 2, column 153: <say-as interpret-as=\"\"> is ignored, \"a bcde\\n\\n\"";
    assert_eq!(shown(text), [expected]);
    let many: String = (0..1000).map(|n| format!("<a{n}/>")).collect();
    let shown = shown(&format!("<speak>{many}x</speak>"));
    assert_eq!(shown[0].matches('!').count(), MAX_IGNORED);
}

#[test]
fn faults_have_a_line_and_a_column() {
    let cases = [
        ("", "line 1, column 1 is damaged: <speak> is missing"),
        (
            "Hi.",
            "line 1, column 1 is damaged: this text is outside of <speak>",
        ),
        (
            "<p>a</p>",
            "line 1, column 1 is damaged: <p> is not where it may be: a document is one <speak>",
        ),
        (
            "<speak>\n a<voice name='x'></speak>",
            "line 2, column 19 is damaged: </speak> ends nothing; <voice> of line 2, column 3 is open",
        ),
        (
            "<speak>\n<s>",
            "line 2, column 1 is damaged: <s> is not closed",
        ),
        (
            "<speak></speak> x",
            "line 1, column 16 is damaged: this text is outside of <speak>",
        ),
        (
            "<speak></speak><speak/>",
            "line 1, column 16 is damaged: <speak> is not where",
        ),
        (
            "<speak>a<speak/></speak>",
            "line 1, column 9 is damaged: <speak> is not where",
        ),
        ("<speak>ä<s", "line 1, column 9 is damaged: "),
        (
            "<speak></p></speak>",
            "line 1, column 8 is damaged: </p> ends nothing; <speak> of line 1, column 1 is open",
        ),
    ];
    for (text, expected) in cases {
        let error = error(text);
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}

#[test]
fn hostile_documents_are_refused_or_read_in_linear_time() {
    let deep = format!("<speak>{}", "<s>".repeat(1_000_000));
    assert!(error(&deep).starts_with("line 1, column 305: elements are nested more than 100 deep"));
    let large = format!("<speak>{}</speak>", "a ".repeat(3 << 20));
    assert!(error(&large).starts_with("the document is larger than 4 MiB"));
    // Entities are not expanded.
    let bomb = "<!DOCTYPE speak [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><speak>x&b;y</speak>";
    assert_eq!(
        shown(bomb),
        [r#"!line 1, column 69: &b; is ignored, "x y\n\n""#]
    );
    // What takes quadratic time here would not end.
    for part in [
        "a<break/>",
        "<s>a</s>",
        "<voice name='x'>a</voice>",
        "&a;",
        "<p/>",
        "<break/>\n",
    ] {
        let text = part.repeat((1 << 18) / part.len());
        read(&format!("<speak>{text}</speak>")).unwrap();
    }
    let many = "a<break/>".repeat(60_000);
    let many = error(&format!("<speak>{many}</speak>"));
    assert!(many.contains("more than 100000 parts"), "{many}");
}

#[test]
fn entities_spaces_and_long_names_are_kept() {
    let cases = [
        (
            "caf&eacute; &nope;x",
            "!line 1, column 20: &nope; is ignored, \"café x\\n\\n\"",
        ),
        (
            "a<say-as interpret-as='digits'> 12 </say-as>b",
            "\"a 1 2 b\\n\\n\"",
        ),
        (
            "<paragraph xml:lang='fr'>a <token xml:lang='de'>b</token></paragraph>",
            "\"a \" ~fr, \"b\\n\\n\" ~fr ~de",
        ),
        (
            "<say-as interpret-as='date' format='dmy'>1.2.03</say-as>",
            "!line 1, column 8: format of <say-as> is ignored, \"1.2.03\\n\\n\"",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(
            shown(&format!("<speak>{text}</speak>")),
            [expected],
            "{text}"
        );
    }
}

#[test]
fn parts_share_the_names_of_voices() {
    let names = |n: usize| format!("<voice name='{n}{}'>", " long".repeat(40));
    let open: String = (0..4).map(names).collect();
    let inner = "<prosody rate='2'>a</prosody><prosody rate='3'>b</prosody>".repeat(20_000);
    let close = "</voice>".repeat(4);
    let blocks = read(&format!("<speak>{open}{inner}{close}</speak>")).unwrap();
    let parts = blocks.iter().flat_map(|block| &block.parts);
    let choices = parts.filter_map(|part| match part {
        SsmlPart::Speech(speech) => Some(Arc::as_ptr(&speech.settings.voices)),
        SsmlPart::Pause(_) | SsmlPart::Ignored(_) => None,
    });
    let mut choices: Vec<_> = choices.map(<*const _>::cast::<u8>).collect();
    assert_eq!(choices.len(), 40_000);
    choices.dedup();
    assert_eq!(choices.len(), 1);
}

proptest! {
    #[test]
    fn any_tags_give_blocks_or_an_error(
        pieces in prop::collection::vec(prop_oneof![
            Just("<p>"), Just("</p>"), Just("<s>"), Just("</s>"), Just("<voice name='a b'>"),
            Just("</voice>"), Just("<break/>"), Just("<prosody rate='2' volume='x'>"),
            Just("</prosody>"), Just("<sub alias='c'>"), Just("</sub>"), Just("a"), Just(" \n"),
            Just("ä."), Just("&lt;"), Just("<say-as interpret-as='digits'>12</say-as>"),
            Just("<phoneme ph='ə'/>"), Just("<"), Just("<emphasis/>"),
        ], 0..20)
    ) {
        if let Ok(blocks) = read(&format!("<speak>{}</speak>", pieces.concat())) {
            for block in blocks {
                prop_assert!(!block.text.contains('\n') && !block.parts.is_empty());
                let texts = block.parts.iter().filter_map(|part| match part {
                    SsmlPart::Speech(speech) => Some(speech.text.as_str()),
                    SsmlPart::Pause(_) | SsmlPart::Ignored(_) => None,
                });
                let texts: String = texts.collect();
                prop_assert_eq!(texts.trim_end().replace('\n', " "), block.text);
            }
        }
    }
}
