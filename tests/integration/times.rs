//! When sentences and words are heard.

use std::sync::{Arc, Mutex};

use piper_rs::audio::SampleRate;
use piper_rs::onnx::proto::ModelProto;
use piper_rs::sink::{RateConverter, Resampled, Sink, Trimmed};
use piper_rs::timing::{
    Precision, SourceSentence, SpokenPhoneme, SpokenPhrase, TimedSentence, Timeline,
};
use piper_rs::voice::{Inference, OptimizeFor};
use piper_rs::{CancelToken, LoadOptions, Result, Scales, Voice, VoiceFiles};
use proptest::prelude::*;
use prost::Message as _;
use serde_json::Value;

use crate::scene::{Scene, Wav, root, runtime, trained_voice};

fn rate(hz: u32) -> SampleRate {
    SampleRate::new(hz).unwrap()
}

/// Counts what it is given.
#[derive(Clone, Default)]
struct Count(Arc<Mutex<u64>>);

impl Sink for Count {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        *self.0.lock().unwrap() += samples.len() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// A phrase of `phonemes`, each of which lasts 10 samples and is a word of `sentence`.
fn phrase(sentence: &Arc<SourceSentence>, words: std::ops::Range<usize>) -> Arc<SpokenPhrase> {
    let phonemes = words.clone().map(|n| SpokenPhoneme {
        phoneme: "a".into(),
        word: Some(n),
        place: (n - words.start) as u64 * 10..(n - words.start + 1) as u64 * 10,
    });
    let is_last = words.end == sentence.words.len();
    let phonemes = phonemes.collect();
    let sentence = Arc::clone(sentence);
    Arc::new(SpokenPhrase::new(
        sentence,
        is_last,
        Precision::Measured,
        phonemes,
    ))
}

/// A sentence of the words `a`.
fn sentence(words: usize) -> Arc<SourceSentence> {
    Arc::new(SourceSentence {
        text: vec!["a"; words].join(" "),
        source: 0..words * 2 - 1,
        words: (0..words).map(|n| n * 2..n * 2 + 1).collect(),
    })
}

fn samples(sentence: &TimedSentence) -> Vec<(u64, u64)> {
    let words = sentence.words.iter().map(|word| &word.samples);
    let all = std::iter::once(&sentence.samples).chain(words);
    all.map(|samples| (samples.start, samples.end)).collect()
}

#[test]
fn phrases_of_a_sentence_are_one_and_pauses_lie_between() {
    let mut timeline = Timeline::new(rate(1000), rate(1000));
    let (first, second) = (sentence(3), sentence(1));
    let (a, b, c) = (
        phrase(&first, 0..2),
        phrase(&first, 2..3),
        phrase(&second, 0..1),
    );
    timeline.push(5, rate(1000), None);
    timeline.push(12, rate(1000), Some(&a));
    let known = timeline.current().unwrap();
    assert_eq!(samples(&known)[..3], [(5, 17), (5, 15), (15, 25)]);
    timeline.push(6, rate(1000), Some(&a));
    timeline.push(100, rate(1000), None);
    timeline.push(30, rate(1000), Some(&b));
    assert!(timeline.next().is_none());
    timeline.push(7, rate(1000), None);
    let found = timeline.next().unwrap();
    // The end of the phrase cuts its second word, and the sentence is longer than its words.
    assert_eq!(samples(&found), [(5, 153), (5, 15), (15, 23), (123, 133)]);
    timeline.push(30, rate(1000), Some(&c));
    timeline.finish();
    assert_eq!(samples(&timeline.next().unwrap()), [(160, 190), (160, 170)]);
    assert!(timeline.next().is_none() && timeline.samples() == 190);
}

#[test]
fn estimated_words_share_the_phrase() {
    let mut timeline = Timeline::new(rate(1000), rate(1000));
    let sentence = sentence(4);
    let phonemes = (0..3).map(|n| SpokenPhoneme {
        phoneme: "a".into(),
        word: Some([0, 1, 3][n]),
        place: n as u64..n as u64 + 1,
    });
    let phonemes = phonemes.collect();
    let phrase = SpokenPhrase::new(sentence, true, Precision::Estimated, phonemes);
    timeline.push(300, rate(1000), Some(&Arc::new(phrase)));
    timeline.finish();
    let found = timeline.next().unwrap();
    assert_eq!(found.precision, Precision::Estimated);
    let expected = [(0, 300), (0, 100), (100, 200), (200, 200), (200, 300)];
    assert_eq!(samples(&found), expected);
}

const RATES: [u32; 3] = [16_000, 22_050, 24_000];

proptest! {
    #[test]
    fn times_are_those_of_the_file(
        // A rate, the samples of a sentence and of the pause after it, and whether it is heard.
        spoken in proptest::collection::vec((0usize..3, 1usize..3000, 0usize..2000, any::<bool>()), 1..9),
        to in prop_oneof![Just(8000u32), Just(22_050), Just(48_000)],
        trims: bool,
    ) {
        let (joined, to) = (rate(RATES[spoken[0].0]), rate(to));
        let count = Count::default();
        let file: Box<dyn Sink> = Box::new(count.clone());
        let file = match to == joined {
            true => file,
            false => Box::new(RateConverter::new(file, to, joined)),
        };
        let (mut timeline, mut trim) = (Timeline::new(joined, to), None);
        let sink: Box<dyn Sink> = match trims {
            true => {
                let trimmed = Trimmed::new(file, joined, 0.1);
                trim = Some(trimmed.count());
                timeline = timeline.with_trim();
                Box::new(trimmed)
            }
            false => file,
        };
        let mut output = Resampled::new(sink, joined);
        let mut found = Vec::new();
        for (n, length, pause, is_heard) in &spoken {
            let (from, words) = (rate(RATES[*n]), phrase(&sentence(2), 0..2));
            let level = if *is_heard { 0.5 } else { 0.0 };
            for (samples, phrase) in [
                (vec![level; *length], Some(&words)),
                (vec![0.0; *pause], None),
            ] {
                output.write(&samples, from).unwrap();
                timeline.push(samples.len(), from, phrase);
                if let Some((cut, written)) = trim.as_ref().and_then(|trim| trim.get()) {
                    timeline.note_trim(cut, written);
                }
                found.extend(&mut timeline);
            }
        }
        output.finish().unwrap();
        if let Some((cut, written)) = trim.as_ref().and_then(|trim| trim.get()) {
            timeline.note_trim(cut, written);
        }
        timeline.finish();
        found.extend(&mut timeline);
        let total = *count.0.lock().unwrap();
        prop_assert_eq!(timeline.samples(), total);
        prop_assert_eq!(found.len(), spoken.len());
        let mut end = 0;
        for sentence in &found {
            prop_assert!(sentence.samples.start >= end);
            end = sentence.samples.end;
            let mut word_end = sentence.samples.start;
            for word in &sentence.words {
                prop_assert!(word.samples.start >= word_end && word.samples.end <= end);
                word_end = word.samples.end;
            }
        }
        prop_assert!(end <= total);
        // Each of the two conversions rounds.
        let tolerance = 2.0 + 2.0 * f64::from(to.get()) / f64::from(joined.get());
        let (last, _, pause, _) = spoken[spoken.len() - 1];
        if !trims {
            let pause = pause as f64 * f64::from(to.get()) / f64::from(RATES[last]);
            prop_assert!(((total - end) as f64 - pause).abs() <= tolerance);
        }
    }
}

const TEXT: &str = "Hello there, Dr. Smith: I waited for a while. It was $3.50 at once!\n\n\
                    [[həlˈoʊ]] and then, we left.\n";

/// Speaks a text into a file with these flags. Returns its times and its samples.
fn timed(scene: &Scene, flags: &str, text: &str) -> (Value, Wav) {
    scene.write("text.txt", text);
    let line = format!(
        "piper-rs speak {flags} --seed 3 -i text.txt -o a.wav --timings a.json --overwrite"
    );
    scene.sh(&line).ok();
    let json = serde_json::from_slice(&scene.read("a.json")).unwrap();
    (json, scene.wav("a.wav"))
}

/// The sentences, or the words of a sentence, or the phonemes of a word.
pub(crate) fn list<'a>(of: &'a Value, name: &str) -> &'a Vec<Value> {
    of[name].as_array().unwrap()
}

pub(crate) fn range(of: &Value) -> std::ops::Range<usize> {
    let [start, end] = [0, 1].map(|n| of["samples"][n].as_u64().unwrap() as usize);
    start..end
}

/// Test voices, the built-in one, and a trained one on this machine.
fn voices() -> Vec<String> {
    let framewise = root().join("tests/voices/framewise/tiny_framewise.onnx");
    let files = [Some(framewise), trained_voice()].into_iter().flatten();
    let files = files.map(|path| format!("-m {}", path.display()));
    let small = [
        "-m tiny",
        "-m tiny_multi",
        "-m builtin",
        "-m builtin --strict-piper",
    ];
    small.map(str::to_owned).into_iter().chain(files).collect()
}

/// Checks that everything is in order, within its parent and the file, and has the words
/// of the text that it names.
fn check(times: &Value, wav: &Wav, text: &str) {
    assert_eq!(times["samples"], wav.samples.len());
    assert_eq!(times["sample_rate_hz"], wav.rate);
    let named = |of: &Value| {
        let [start, end] = [0, 1].map(|n| of["source"]["bytes"][n].as_u64().unwrap() as usize);
        assert_eq!(&text[start..end], of["text"].as_str().unwrap());
    };
    let mut end = 0;
    for sentence in list(times, "sentences") {
        let own = range(sentence);
        assert!(own.start >= end && !own.is_empty(), "{sentence}");
        end = own.end;
        named(sentence);
        let mut word_end = own.start;
        for word in list(sentence, "words") {
            let own = range(word);
            assert!(own.start >= word_end && own.end <= end, "{word}");
            word_end = own.end;
            named(word);
            let mut phoneme_end = 0;
            for phoneme in list(word, "phonemes") {
                let part = range(phoneme);
                assert!(
                    part.start >= phoneme_end && part.end <= own.end,
                    "{phoneme}"
                );
                phoneme_end = part.end;
            }
        }
    }
    assert!(end <= wav.samples.len());
}

#[test]
fn times_are_in_order_and_the_sound_stays_the_same_with_every_voice() {
    let scene = Scene::new();
    for voice in voices() {
        for flags in [
            "",
            "--speed 0.7",
            "--speed 2 --rate 44100",
            "--trim --rate 8000",
        ] {
            let flags = format!("{voice} {flags}");
            let (times, wav) = timed(&scene, &flags, TEXT);
            check(&times, &wav, TEXT);
            // With --strict-piper a sentence is a line.
            assert!(list(&times, "sentences").len() >= 2, "{flags}");
            let line = format!("piper-rs speak {flags} --seed 3 -i text.txt -o without.wav");
            scene.sh(&line).ok();
            assert!(scene.read("a.wav") == scene.read("without.wav"), "{flags}");
        }
    }
}

#[test]
fn between_sentences_is_exactly_their_pause() {
    let scene = Scene::new();
    for speed in ["0.7", "1", "2"] {
        for voice in ["-m builtin", "-m tiny"] {
            let pauses = "--sentence-silence 0.5 --paragraph-silence 1.5";
            let flags = format!("{voice} {pauses} --speed {speed}");
            let (times, wav) = timed(&scene, &flags, TEXT);
            let sentences: Vec<_> = list(&times, "sentences").iter().map(range).collect();
            assert_eq!(
                (sentences[0].start, sentences[2].end),
                (0, wav.samples.len())
            );
            for (n, pause) in [(0, 0.5), (1, 1.5)] {
                let gap = sentences[n].end..sentences[n + 1].start;
                let expected = pause / speed.parse::<f64>().unwrap() * f64::from(wav.rate);
                assert!(
                    (gap.len() as f64 - expected).abs() <= 1.0,
                    "{flags}: {gap:?}"
                );
                assert!(wav.samples[gap].iter().all(|sample| *sample == 0));
            }
        }
    }
}

#[test]
fn a_cast_of_two_rates_has_the_times_of_the_file() {
    let scene = Scene::new();
    scene.write(
        "cast.toml",
        "[Anna]\nvoice = \"tiny\"\n[Bob]\nvoice = \"builtin\"\n",
    );
    let text = "Anna: Hello there.\nBob: And you?\nAnna: I left. At once.\nBob: Bye.\n";
    for flags in ["", "--rate 44100 --trim", "--speed 1.5"] {
        let (times, wav) = timed(&scene, &format!("-m tiny --cast cast.toml {flags}"), text);
        check(&times, &wav, text);
        assert_eq!(list(&times, "sentences").len(), 5);
    }
}

#[test]
fn words_that_the_phonemizer_joins_have_times_of_their_own() {
    let scene = Scene::new();
    let (times, _) = timed(&scene, "-m builtin", TEXT);
    let words: Vec<_> = list(&times, "sentences")
        .iter()
        .flat_map(|sentence| list(sentence, "words"))
        .map(|word| {
            let phonemes = list(word, "phonemes").iter();
            let phonemes: String = phonemes.map(|one| one["text"].as_str().unwrap()).collect();
            (word["text"].as_str().unwrap(), phonemes)
        })
        .collect();
    let found = |word: &str| {
        let found = words.iter().find(|(text, _)| *text == word);
        found
            .unwrap_or_else(|| panic!("{word}: {words:?}"))
            .1
            .as_str()
    };
    assert_eq!((found("for"), found("a")), ("fɚɹ", "ə"));
    assert_eq!(found("[[həlˈoʊ]]"), "həlˈoʊ");
    assert!(found("$3.50").contains("dˈɑːlɚz"));
    assert!(
        words.iter().all(|(_, phonemes)| !phonemes.is_empty()),
        "{words:?}"
    );
}

#[test]
fn a_voice_without_durations_has_exact_sentences_and_estimated_words() {
    let scene = Scene::new();
    let tiny = root().join("tests/voices/tiny.onnx");
    let mut graph = ModelProto::decode(std::fs::read(&tiny).unwrap().as_slice()).unwrap();
    // What is positive stays as it is, and nobody can tell that it is whole.
    for node in &mut graph.graph.as_mut().unwrap().node {
        if node.op_type == "Ceil" {
            node.op_type = "Relu".to_owned();
        }
    }
    scene.write("a.onnx", graph.encode_to_vec());
    scene.write(
        "a.onnx.json",
        std::fs::read(tiny.with_extension("onnx.json")).unwrap(),
    );
    let (times, wav) = timed(&scene, "-m ./a.onnx --no-prepare", TEXT);
    check(&times, &wav, TEXT);
    for sentence in list(&times, "sentences") {
        assert_eq!(sentence["estimated"], true);
        assert!(
            list(sentence, "words")
                .iter()
                .all(|word| !range(word).is_empty())
        );
    }
    let (times, _) = timed(&scene, "-m tiny", TEXT);
    assert_eq!(times["sentences"][0]["estimated"], false);
}

#[test]
fn a_table_has_the_same_times() {
    let scene = Scene::new();
    let (json, _) = timed(&scene, "-m builtin", TEXT);
    let line = "piper-rs speak -m builtin --seed 3 -i text.txt -o a.wav --timings a.tsv";
    scene.sh(line).ok();
    let table = String::from_utf8(scene.read("a.tsv")).unwrap();
    let words = table.lines().filter(|line| line.starts_with("word\t"));
    let found: Vec<Vec<&str>> = words.map(|line| line.split('\t').collect()).collect();
    let words = list(&json, "sentences")
        .iter()
        .flat_map(|one| list(one, "words"));
    let expected: Vec<&Value> = words.collect();
    assert_eq!(found.len(), expected.len());
    for (row, word) in found.iter().zip(expected) {
        let samples = [row[3], row[4]].map(|sample| sample.parse::<usize>().unwrap());
        assert_eq!(samples[0]..samples[1], range(word));
        assert_eq!(row[10], word["text"].as_str().unwrap());
    }
}

#[test]
fn times_go_to_standard_output_or_to_a_file_that_may_be_replaced() {
    let scene = Scene::new();
    let speak = |flags: &str| scene.sh(&format!("piper-rs speak -m builtin Hi. {flags}"));
    let run = speak("-o a.wav --timings -").ok();
    let json: Value = serde_json::from_str(run.text()).unwrap();
    assert_eq!(json["sentences"][0]["text"], "Hi.");
    scene.write("a.json", "{}");
    let cases = [
        ("-o a.wav --timings a.json", "add `--overwrite`"),
        ("-o a.wav --timings a.xml", "FILE.json or FILE.tsv"),
        ("--raw --timings - | cat", "audio and --timings cannot both"),
        (
            "-o a.wav --timings - --srt -",
            "--srt and --timings cannot both",
        ),
        ("-d out --timings b.json", "cannot be used with"),
    ];
    for (flags, message) in cases {
        speak(flags).says(&[message]);
    }
    assert_eq!(scene.read("a.json"), b"{}");
    speak("-o a.wav --timings a.json --overwrite").ok();
    speak("-o a.wav --timings a.json").ok();
    scene.write("empty.txt", "");
    scene.sh("piper-rs speak -m builtin -i empty.txt -o a.wav --timings a.json");
    let json: Value = serde_json::from_slice(&scene.read("a.json")).unwrap();
    assert_eq!(
        (&json["samples"], list(&json, "sentences").len()),
        (&0.into(), 0)
    );
}

#[test]
fn the_frames_of_the_built_in_voice_have_120_samples() {
    let voice = Voice::load(&VoiceFiles::Builtin, &runtime(), &LoadOptions::default()).unwrap();
    for n_ids in [5, 21, 100] {
        let mut ids = vec![0; 2 * n_ids];
        for (n, id) in ids.iter_mut().step_by(2).enumerate() {
            *id = 14 + (n as i64 * 7) % 40;
        }
        let mut utterance = voice.begin(Inference {
            ids,
            scales: Scales::default(),
            speed: 1.0,
            speaker: None,
            seed: 1,
            optimize_for: OptimizeFor::Latency,
        });
        let mut samples = Vec::new();
        utterance.step(&CancelToken::new(), &mut samples).unwrap();
        let ends = utterance.take_id_ends().unwrap();
        assert_eq!(ends.len(), n_ids, "pads have none");
        assert!(ends.iter().all(|end| end % 120 == 0));
        // The vocoder appends 480 samples, and fills up a frame.
        let tail = samples.len() as u64 - ends.last().unwrap();
        assert!((480..=600).contains(&tail), "{tail}");
    }
}
