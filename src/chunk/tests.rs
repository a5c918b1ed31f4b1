//! Tests of [`split`] as a whole.

use super::*;
use proptest::prelude::*;

fn chunks<'t>(text: &'t str, options: &ChunkOptions) -> Vec<Chunk<'t>> {
    split(text, options).collect()
}

fn english(max_chars: usize) -> ChunkOptions {
    ChunkOptions {
        max_chars,
        ..ChunkOptions::default()
    }
}

/// Shows chunks as `[sentence/boundary sentence/boundary]`.
fn shown(text: &str, options: &ChunkOptions) -> String {
    let mut shown = String::new();
    for chunk in split(text, options) {
        let sentences: Vec<_> = chunk
            .sentences
            .iter()
            .map(|sentence| {
                let initial = match sentence.boundary {
                    Boundary::Clause => 'c',
                    Boundary::Sentence => 's',
                    Boundary::Line => 'l',
                    Boundary::Paragraph => 'p',
                };
                format!("{}/{initial}", sentence.text.trim())
            })
            .collect();
        shown += &format!("[{}]", sentences.join(" "));
    }
    shown
}

#[test]
fn the_first_chunk_is_one_sentence_and_later_ones_fill_up_within_a_paragraph() {
    let text = "One. Two. Three.\nFour.\n\nFive. Six.\n";
    assert_eq!(
        shown(text, &english(500)),
        "[One./s][Two./s Three./l Four./p][Five./s Six./l]"
    );
    assert_eq!(
        shown(text, &english(11)),
        "[One./s][Two./s][Three./l][Four./p][Five./s Six./l]"
    );
}

#[test]
fn a_long_sentence_is_split_at_clauses() {
    assert_eq!(
        shown("One two, three four. Five.", &english(12)),
        "[One two,/c][three four./s][Five./l]"
    );
}

#[test]
fn without_sentence_splitting_chunks_still_end_at_sentences() {
    let options = ChunkOptions {
        sentences: Splitting::Off,
        ..english(18)
    };
    let text = "One. Two. Three. Four five six seven eight.\nNine.\n\nTen.";
    assert_eq!(
        shown(text, &options),
        "[One. Two. Three./s][Four five six/c][seven eight./l][Nine./p][Ten./l]"
    );
    let all = ChunkOptions {
        sentences: Splitting::Off,
        ..english(500)
    };
    assert_eq!(shown("One. Two. Three.", &all), "[One. Two. Three./l]");
}

#[test]
fn without_paragraph_splitting_blank_lines_are_line_breaks() {
    let keep = ChunkOptions {
        paragraphs: Splitting::Off,
        ..english(500)
    };
    assert_eq!(shown("One\n\ntwo.\n\n", &keep), "[One/l][two./l]");
    let join = ChunkOptions {
        line_breaks: LineBreaks::Join,
        ..keep
    };
    assert_eq!(
        shown("One\n\ntwo. Three\n\n", &join),
        "[One\n\ntwo./s][Three/l]"
    );
}

#[test]
fn white_space_alone_is_a_chunk_without_sentences() {
    assert!(chunks("", &english(500)).is_empty());
    for text in [" ", "\n", "\n\n\n", "\u{3000}"] {
        let chunks = chunks(text, &english(500));
        assert_eq!(chunks.len(), 1);
        assert_eq!((chunks[0].text, chunks[0].sentences.len()), (text, 0));
    }
    let blank_lines = "\n".repeat(10_000);
    let chunks = chunks(&blank_lines, &english(500));
    assert_eq!(chunks.len(), 20);
    assert!(chunks.iter().all(|chunk| chunk.sentences.is_empty()));
}

#[test]
fn false_sentence_ends_of_piper_are_not_repeated() {
    // Texts that piper and piper-tts split, join or flatten wrongly.
    let cases = [
        ("en-us", "Hello world", "[Hello world/l]"),
        ("en-us", "Wait... what?", "[Wait... what?/l]"),
        ("en-us", "Well… ok", "[Well… ok/l]"),
        (
            "en-us",
            "First sentence.\n\nSecond sentence?\n\nHeading",
            "[First sentence./p][Second sentence?/p][Heading/l]",
        ),
        ("en-us", "Line one\nline two", "[Line one/l][line two/l]"),
        (
            "en-us",
            "Dr. Smith and James T. Kirk paid $3.14",
            "[Dr. Smith and James T. Kirk paid $3.14/l]",
        ),
        ("de", "am 3. Mai", "[am 3. Mai/l]"),
        (
            "en-us",
            "one - two -- three — four (five)",
            "[one - two -- three — four (five)/l]",
        ),
        ("cmn", "你好。世界？", "[你好。/s][世界？/l]"),
    ];
    for (voice, text, wanted) in cases {
        let options = ChunkOptions {
            language: voice.to_owned(),
            ..ChunkOptions::default()
        };
        assert_eq!(shown(text, &options), wanted, "{voice}: {text}");
    }
}

#[test]
fn text_without_marks_is_split_at_white_space_within_the_limit() {
    let text = "word ".repeat(220);
    let chunks = chunks(&text, &english(500));
    assert_eq!(chunks.len(), 3);
    for chunk in &chunks {
        assert!(chunk.text.chars().count() <= 500);
        assert!(chunk.text.ends_with("word "));
    }
}

#[test]
fn raw_phonemes_are_never_split() {
    let block = format!("[[{}]]", "ə. b, ".repeat(20));
    let text = format!("Say {block} and {block}. Then stop.");
    for max_chars in 1..200 {
        let chunks = chunks(&text, &english(max_chars));
        let n_whole = chunks
            .iter()
            .flat_map(|chunk| &chunk.sentences)
            .map(|sentence| sentence.text.matches(&block).count())
            .sum::<usize>();
        assert_eq!(n_whole, 2, "{max_chars}");
    }
}

fn any_options() -> impl Strategy<Value = ChunkOptions> {
    let splitting = || prop_oneof![Just(Splitting::On), Just(Splitting::Off)];
    let line_breaks = prop_oneof![
        Just(LineBreaks::Keep),
        Just(LineBreaks::Join),
        Just(LineBreaks::Auto)
    ];
    let language = prop_oneof![
        Just("en-us"),
        Just("de"),
        Just("el"),
        Just("cmn"),
        Just("fr")
    ];
    (1usize..60, splitting(), splitting(), line_breaks, language).prop_map(
        |(max_chars, paragraphs, sentences, line_breaks, language)| ChunkOptions {
            max_chars,
            paragraphs,
            sentences,
            line_breaks,
            language: language.to_owned(),
        },
    )
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        r#"(?:Dr\.|z\.B\.|U\.S\.|3\.|etc\.|A\.|The|word|Wort|…|\.\.\.|[.?!,;"»«“(){}—]|\[\[|\]\]|你好|。|é|🇩🇪|[ \n\t]|\n\n){0,60}"#,
    ]
}

proptest! {
    #[test]
    fn concatenated_chunks_and_sentences_are_the_text(text in any_text(), options in any_options()) {
        let chunks = chunks(&text, &options);
        let joined: String = chunks.iter().map(|chunk| chunk.text).collect();
        prop_assert_eq!(&joined, &text);
        for chunk in &chunks {
            prop_assert!(!chunk.text.is_empty());
            let joined: String = chunk.sentences.iter().map(|sentence| sentence.text).collect();
            if chunk.sentences.is_empty() {
                prop_assert!(chunk.text.trim().is_empty());
            } else {
                prop_assert_eq!(&joined, chunk.text);
                prop_assert!(chunk.sentences.iter().all(|s| !s.text.trim().is_empty()));
            }
        }
    }

    #[test]
    fn only_raw_phonemes_may_exceed_the_limit(
        text in any_text(),
        options in any_options(),
    ) {
        for chunk in split(&text, &options) {
            let whole_block = chunk.text.starts_with("[[")
                && chunk.text.ends_with("]]")
                && chunk.sentences.len() == 1;
            prop_assert!(chunk.text.chars().count() <= options.max_chars || whole_block);
        }
    }

    #[test]
    fn the_first_chunk_with_words_is_one_sentence(text in any_text(), options in any_options()) {
        let first = split(&text, &options).find(|chunk| !chunk.sentences.is_empty());
        if let Some(first) = first {
            prop_assert_eq!(first.sentences.len(), 1);
        }
    }

    #[test]
    fn paragraph_boundaries_are_only_at_blank_lines(text in any_text(), options in any_options()) {
        let mut end = 0;
        for chunk in split(&text, &options) {
            end += chunk.text.len();
            let Some(last) = chunk.sentences.last() else { continue };
            if last.boundary == Boundary::Paragraph {
                prop_assert_eq!(options.paragraphs, Splitting::On);
                let words_end = text[..end].trim_end().len();
                let rest = &text[words_end..];
                let gap = &rest[..rest.len() - rest.trim_start().len()];
                prop_assert!(gap.matches('\n').count() >= 2, "{gap:?}");
            }
        }
    }
}
