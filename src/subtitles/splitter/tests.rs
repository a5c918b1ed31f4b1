//! What holds for all cues, of any text.

use std::time::Duration;

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr as _;

use super::*;
use crate::subtitles::{MAX_COLUMNS, SubtitleFormat, SubtitleWriter, WordStamps, read_cues};
use crate::timing::{Precision, TimedWord};

/// 1000 Hz: a sample is a millisecond.
fn rate() -> SampleRate {
    SampleRate::new(1000).unwrap()
}

/// A sentence whose words last 300 ms each, from `start` on.
fn sentence(start: u64, text: &str) -> TimedSentence {
    let words: Vec<_> = text
        .split_whitespace()
        .map(|word| (word.to_owned(), 0, 300))
        .collect();
    timed(start, &words)
}

/// A sentence of words, each with the pause before it and its length.
fn timed(start: u64, words: &[(String, u64, u64)]) -> TimedSentence {
    let (mut at, mut byte) = (start, 0);
    let word = |(text, pause, length): &(String, u64, u64)| {
        let begin = at + pause;
        at = begin + length;
        let source = byte..byte + text.len();
        byte = source.end + 1;
        TimedWord {
            text: text.clone(),
            source,
            samples: begin..at,
            phonemes: 0..0,
        }
    };
    let words: Vec<_> = words.iter().map(word).collect();
    let texts: Vec<_> = words.iter().map(|word| word.text.as_str()).collect();
    TimedSentence {
        text: texts.join(" "),
        source: 0..0,
        samples: start..at,
        words,
        phonemes: vec![],
        precision: Precision::Measured,
    }
}

fn split(sentences: &[TimedSentence], language: &str) -> Vec<Cue> {
    let options = CueOptions {
        language: language.to_owned(),
    };
    let mut splitter = CueSplitter::new(rate(), &options);
    let mut cues = Vec::new();
    for sentence in sentences {
        cues.extend(splitter.push(sentence));
    }
    cues.extend(splitter.finish());
    cues
}

fn shown(cues: &[Cue]) -> Vec<String> {
    let text = |cue: &Cue| cue.text_lines().collect::<Vec<_>>().join("|");
    cues.iter().map(text).collect()
}

#[test]
fn sentences_are_divided_where_people_breathe() {
    let text = "However little known the feelings or views of such a man may be on his first \
                entering a neighbourhood, this truth is so well fixed in the minds of the \
                surrounding families, that he is considered the rightful property of some one.";
    assert_eq!(
        shown(&split(&[sentence(0, text)], "en-us")),
        [
            "However little known the feelings",
            "or views of such a man may be|on his first entering a neighbourhood,",
            "this truth is so well fixed|in the minds of the surrounding families,",
            "that he is considered|the rightful property of some one.",
        ]
    );
    let text = "今天天气很好，我们一起去公园散步，然后在湖边的小餐馆吃午饭，下午再去看电影。";
    let words = [(text.to_owned(), 0, 9000)];
    assert_eq!(
        shown(&split(&[timed(0, &words)], "cmn")),
        [
            "今天天气很好，我们一起去公园散步，",
            "然后在湖边的小餐馆吃午饭，下午再去看电影。"
        ]
    );
}

#[test]
fn a_sentence_that_flashes_by_shares_a_cue_with_the_next_one() {
    let yes = [("Yes.".to_owned(), 0, 200)];
    let follows = |start| {
        shown(&split(
            &[timed(0, &yes), sentence(start, "I was there.")],
            "en",
        ))
    };
    assert_eq!(follows(300), ["Yes. I was there."]);
    assert_eq!(follows(900), ["Yes.", "I was there."]);
}

#[test]
fn a_cue_comes_as_soon_as_the_next_one_is_known() {
    let mut splitter = CueSplitter::new(rate(), &CueOptions::default());
    assert_eq!(splitter.push(&sentence(0, "One two three four.")), []);
    let cues = splitter.push(&sentence(1300, "Five six seven eight."));
    assert_eq!(shown(&cues), ["One two three four."]);
    assert_eq!(cues[0].time, Duration::ZERO..Duration::from_millis(1216));
    assert_eq!(splitter.push(&timed(3000, &[("*".to_owned(), 0, 0)])), []);
    let last = splitter.finish().unwrap();
    assert_eq!(
        last.time,
        Duration::from_millis(1300)..Duration::from_millis(2500)
    );
    assert_eq!(split(&[], "en"), []);
}

/// Words of many scripts, marks, markup, and what is no word at all.
fn any_word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-zA-Z]{1,12}[,.;:!?]?",
        1 => "(the|of|and|Mr\\.|5|\\$5\\.50|—|-->|<b>|\\{x\\}|&amp;|42)",
        1 => "[\u{4e00}-\u{9fff}]{1,60}[，。、？]?",
        1 => "[\u{5d0}-\u{5ea}]{1,12}",
        1 => "[\u{e01}-\u{e3a}\u{900}-\u{97f}]{1,60}",
        1 => "(😀|👩‍👩‍👧‍👦|🇩🇪|e\u{301}|\u{200b}|❤️){1,40}",
        1 => "[a-z/.-]{30,200}",
        1 => "\\PC{1,20}",
    ]
}

prop_compose! {
    fn any_sentences()(sentences in prop::collection::vec(
        (0u64..3000, prop::collection::vec((any_word(), 0u64..400, 0u64..1500), 1..40)), 1..6,
    )) -> Vec<TimedSentence> {
        let mut at = 0;
        let sentence = |(pause, words): (u64, Vec<(String, u64, u64)>)| {
            let sentence = timed(at + pause, &words);
            at = sentence.samples.end;
            sentence
        };
        sentences.into_iter().map(sentence).collect()
    }
}

/// Returns the text without white space and what no subtitle can show.
fn bare(text: &str) -> String {
    let shown = |c: &char| !c.is_whitespace() && !c.is_control() && *c != '\u{FEFF}';
    text.chars().filter(shown).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_limits_hold_for_any_text(sentences in any_sentences(), language in "(en|de|xx)") {
        let cues = split(&sentences, &language);
        let mut last_end = Duration::ZERO;
        for cue in &cues {
            prop_assert!(cue.time.start < cue.time.end, "{cue:?}");
            prop_assert!(cue.time.start >= last_end, "{cue:?}");
            last_end = cue.time.end;
            prop_assert!((1..=2).contains(&cue.lines.len()));
            for line in cue.text_lines() {
                prop_assert!(line.width() <= MAX_COLUMNS, "{} {line:?}", line.width());
                prop_assert_eq!(line.trim(), &line);
                prop_assert!(!line.is_empty());
            }
        }

        // No word is lost, none is early, and each stays until it was heard.
        let is_heard = |sentence: &&TimedSentence| {
            sentence.words.iter().any(|word| !word.samples.is_empty())
        };
        let heard: Vec<_> = sentences.iter().filter(is_heard).flat_map(|sentence| &sentence.words).collect();
        let expected: String = heard.iter().map(|word| bare(&word.text)).collect();
        let mut is: String = String::new();
        let mut words = heard.iter().filter(|word| !bare(&word.text).is_empty());
        let mut rest = String::new();
        for cue in &cues {
            for line in &cue.lines {
                for part in line {
                    if rest.is_empty() {
                        let word = words.next().unwrap();
                        rest = bare(&word.text);
                        if let Some(start) = part.start {
                            prop_assert_eq!(start, Duration::from_millis(word.samples.start));
                        }
                        let is_first = std::ptr::eq(part, &cue.lines[0][0]);
                        if is_first && !word.samples.is_empty() {
                            prop_assert!(cue.time.start >= Duration::from_millis(word.samples.start));
                        }
                        let is_whole = bare(&part.text) == rest;
                        if is_whole && !word.samples.is_empty() {
                            prop_assert!(cue.time.end >= Duration::from_millis(word.samples.end));
                        }
                    }
                    let text = bare(&part.text);
                    prop_assert!(rest.starts_with(&text), "{rest:?} {text:?}");
                    rest.drain(..text.len());
                    is.push_str(&text);
                }
            }
        }
        prop_assert_eq!(is, expected);

        // What could stay longer was long enough to read, or stays 1.5 s.
        for pair in cues.windows(2) {
            let gap = pair[1].time.start - pair[0].time.end;
            prop_assert!(gap <= Duration::from_millis(84) || gap > Duration::from_millis(500));
            let columns: usize = pair[0].text_lines().map(|line| line.width()).sum();
            let length = pair[0].time.end - pair[0].time.start;
            let reading = Duration::from_millis(columns as u64 * 50);
            let is_read = length >= reading || length >= Duration::from_millis(1500);
            prop_assert!(gap <= Duration::from_millis(84) || is_read, "{pair:?}");
            prop_assert!(gap <= Duration::from_millis(84) || length >= MIN_TIME);
        }
    }

    #[test]
    fn files_have_the_same_cues_when_they_are_read_back(sentences in any_sentences()) {
        let cues = split(&sentences, "en");
        let vtt = SubtitleFormat::Vtt;
        for format in [SubtitleFormat::Srt, vtt(WordStamps::Omit), vtt(WordStamps::Write)] {
            let mut file = SubtitleWriter::new(format, Vec::new()).unwrap();
            cues.iter().for_each(|cue| file.write(cue).unwrap());
            let file = String::from_utf8(file.finish().unwrap()).unwrap();
            let read = read_cues(&file).unwrap();
            let times: Vec<_> = read.iter().map(|cue| cue.time.clone()).collect();
            let expected: Vec<_> = cues.iter().map(|cue| cue.time.clone()).collect();
            prop_assert_eq!(times, expected);
            for (cue, read) in cues.iter().zip(read) {
                prop_assert_eq!(cue.lines.len(), read.text.lines().count(), "{:?}", read.text);
            }
        }
    }
}

/// The reader of documents is not the one that belongs to the writer.
#[cfg(feature = "documents")]
mod as_documents {
    use super::*;
    use crate::document::{Cues, Document, DocumentOptions, Format};
    use crate::text::Input;

    fn read(file: String, format: Format) -> Vec<(std::ops::Range<Duration>, String)> {
        let options = DocumentOptions {
            cues: Cues::Single,
            ..DocumentOptions::default()
        };
        let blocks = Document::open(Input::Text(file.into()), format, &options).unwrap();
        let block = |block: crate::Result<crate::document::Block>| {
            let block = block.unwrap();
            (block.cue.unwrap(), block.text)
        };
        blocks.map(block).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_reader_of_documents_finds_every_cue(sentences in prop::collection::vec(
            (0u64..3000, prop::collection::vec(
                ("([a-z]{1,12}[,.!?]?|[0-9]{1,5}|a>b|1<2)", 0u64..400, 1u64..900), 1..30,
            )), 1..6,
        )) {
            let (mut at, mut count) = (0, 0);
            let sentence = |(pause, mut words): (u64, Vec<(String, u64, u64)>)| {
                // No two cues are equal: the reader leaves out a line that is repeated.
                for (word, ..) in &mut words {
                    count += 1;
                    *word = format!("{count}{word}");
                }
                let sentence = timed(at + pause, &words);
                at = sentence.samples.end;
                sentence
            };
            let sentences: Vec<_> = sentences.into_iter().map(sentence).collect();
            let cues = split(&sentences, "en");
            let expected: Vec<_> = cues
                .iter()
                .map(|cue| (cue.time.clone(), cue.text_lines().collect::<Vec<_>>().join(" ")))
                .collect();
            for (format, as_read) in [
                (SubtitleFormat::Srt, Format::Srt),
                (SubtitleFormat::Vtt(WordStamps::Omit), Format::Vtt),
                (SubtitleFormat::Vtt(WordStamps::Write), Format::Vtt),
            ] {
                let mut file = SubtitleWriter::new(format, Vec::new()).unwrap();
                cues.iter().for_each(|cue| file.write(cue).unwrap());
                let file = String::from_utf8(file.finish().unwrap()).unwrap();
                let read: Vec<_> = read(file, as_read)
                    .into_iter()
                    .map(|(time, text)| {
                        let text = text.replace('\u{2060}', "").replace("&lt;", "<");
                        (time, text.replace("&gt;", ">").replace("&amp;", "&"))
                    })
                    .collect();
                prop_assert_eq!(&read, &expected);
            }
        }
    }
}
