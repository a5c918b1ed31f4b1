//! Voices with other decoders than most: framewise ones and those that cannot be
//! split. Prepared, they return the samples of the stock model.

use std::fs;
use std::path::{Path, PathBuf};

use piper_rs::CancelToken;
use piper_rs::onnx::{self, SplitError, proto::ModelProto};
use piper_rs::voice::prepared::{DEFAULT_MAX_BYTES, PreparedVoices};
use piper_rs::voice::{
    BUILTIN_LOUDNESS, Inference, LoadOptions, OptimizeFor, Remaining, Scales, Utterance, Voice,
    VoiceFiles,
};

use crate::scene::{Scene, natural_voice, root, runtime};

fn framewise() -> PathBuf {
    root().join("tests/voices/framewise/tiny_framewise.onnx")
}

/// The built-in voice as a file: it cannot be split.
fn built_in() -> PathBuf {
    root().join("assets/voice/en_US-slt-low.onnx")
}

fn prepared_in(scene: &Scene) -> PreparedVoices {
    PreparedVoices::new(scene.path("prepared"), DEFAULT_MAX_BYTES)
}

fn load(model: &Path, prepared: Option<PreparedVoices>) -> Voice {
    let files = VoiceFiles::on_disk(model.to_owned(), None);
    Voice::load(
        &files,
        &runtime(),
        &LoadOptions {
            threads: 1,
            prepared,
            ..LoadOptions::default()
        },
    )
    .unwrap()
}

fn inference(ids: &[i64], seed: u64) -> Inference {
    Inference {
        ids: ids.to_vec(),
        scales: Scales::default(),
        speed: 1.0,
        speaker: None,
        seed,
        optimize_for: OptimizeFor::Latency,
    }
}

/// Runs all steps; returns the number of windows.
fn run_steps(utterance: &mut dyn Utterance, samples: &mut Vec<f32>) -> usize {
    loop {
        let remaining = utterance.step(&CancelToken::new(), samples).unwrap();
        if let Remaining::Windows(windows) = remaining {
            return windows;
        }
    }
}

fn speak(voice: &Voice, inference: Inference) -> Vec<f32> {
    let (cancel, mut samples) = (CancelToken::new(), Vec::new());
    let mut utterance = voice.begin(inference);
    for n in 0..run_steps(&mut *utterance, &mut samples) {
        let mut window = Vec::new();
        utterance.window(n, &cancel, &mut window).unwrap();
        utterance.pass_on(n, &mut window);
        samples.append(&mut window);
    }
    samples
}

fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let distances = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    distances.fold(0.0, f32::max)
}

/// Sentences with silence (1 and 2) of any length at any place.
fn sentences() -> Vec<Vec<i64>> {
    let spoken = |n: i64| -> Vec<i64> { (0..n).map(|i| 3 + i * 31 % 160).collect() };
    let silence = |n: usize| vec![1; n];
    let mixed = |n: usize| {
        let lengths = (0..n % 5 + 2).map(|i| (n * 7 + i * i * 5) % 9);
        let pieces = lengths.enumerate().map(|(i, length)| match (n + i) % 2 {
            0 => spoken(length as i64 * 2),
            _ => silence(length),
        });
        [vec![0], pieces.collect::<Vec<_>>().concat()].concat()
    };
    let mut sentences = vec![
        vec![0], // a single frame
        vec![1, 2],
        silence(12),
        vec![10],
        vec![1, 10],
        vec![10, 2],
        [vec![1], spoken(5), vec![2]].concat(),
        [spoken(40), silence(9)].concat(),
        [silence(9), spoken(40)].concat(),
        [silence(4), spoken(9), silence(9), spoken(9), silence(9)].concat(),
        [vec![1], spoken(4), silence(2), spoken(2), silence(1)].concat(),
        [vec![1], spoken(300), vec![2]].concat(),
        [vec![1], spoken(3), silence(40), spoken(1), silence(40)].concat(),
    ];
    sentences.extend((0..40).map(mixed));
    sentences
}

#[test]
fn a_full_disk_is_no_fault_of_a_voice() {
    let (scene, cache) = (Scene::new(), "XDG_CACHE_HOME=$PWD/cache");
    let prepare = format!("{cache} piper-rs voices prepare {}", framewise().display());
    // In blocks of 512 bytes: the graphs are larger, the record is not.
    for blocks in [4, 8, 16, 24] {
        scene.sh(&format!("ulimit -f {blocks}; {prepare}"));
        let listed = scene
            .sh(&format!("{cache} piper-rs voices prepare --list"))
            .ok();
        assert!(
            !listed.text().contains("cannot be split"),
            "{blocks}: {}",
            listed.text()
        );
    }
    scene.sh(&prepare).ok().says(&["is prepared"]);
}

#[test]
fn a_framewise_voice_returns_the_samples_of_its_graph_in_windows() {
    let scene = Scene::new();
    let stock = load(&framewise(), None);
    let split = load(&framewise(), Some(prepared_in(&scene)));
    assert_eq!(split.split_failure(), None);
    for (ids, seed) in sentences().iter().zip(0..) {
        for noise_scale in [0.0, 0.667] {
            for optimize_for in [OptimizeFor::Latency, OptimizeFor::Throughput] {
                let mut inference = inference(ids, seed);
                inference.scales.noise_scale = noise_scale;
                inference.optimize_for = optimize_for;
                let expected = speak(&stock, inference.clone());
                let samples = speak(&split, inference);
                assert!(difference(&samples, &expected) < 1e-6, "{ids:?}");
            }
        }
    }
}

#[test]
fn the_natural_voice_is_framewise() {
    let Some(natural) = natural_voice() else {
        return;
    };
    let scene = Scene::new();
    let stock = load(&natural, None);
    let split = load(&natural, Some(prepared_in(&scene)));
    assert_eq!(split.split_failure(), None);
    let ids: Vec<i64> = (0..40).map(|n| 3 + n % 90).collect();
    let expected = speak(&stock, inference(&ids, 1));
    let samples = speak(&split, inference(&ids, 1));
    assert!(difference(&samples, &expected) < 1e-5);
}

#[test]
fn the_first_samples_of_a_framewise_voice_come_before_the_sentence_is_complete() {
    let scene = Scene::new();
    let split = load(&framewise(), Some(prepared_in(&scene)));
    let ids: Vec<i64> = (0..900).map(|n| 3 + n % 90).collect();
    let mut utterance = split.begin(inference(&ids, 1));
    let (cancel, mut samples) = (CancelToken::new(), Vec::new());
    let remaining = utterance.step(&cancel, &mut samples).unwrap();
    // The pitch of the others is not computed yet.
    assert_eq!(remaining, Remaining::Steps);
    let all = speak(&split, inference(&ids, 1));
    assert!(samples.len() < all.len() / 20 && samples[..] == all[..samples.len()]);
    assert!(!samples.is_empty());
    let first = samples.len();
    assert!(run_steps(&mut *utterance, &mut samples) >= 2 && samples.len() == first);
}

#[test]
fn windows_of_a_framewise_voice_are_decoded_in_any_order() {
    let scene = Scene::new();
    let split = load(&framewise(), Some(prepared_in(&scene)));
    let ids: Vec<i64> = (0..400).map(|n| 3 + n % 90).collect();
    let expected = speak(&split, inference(&ids, 1));
    let mut utterance = split.begin(inference(&ids, 1));
    let (cancel, mut samples) = (CancelToken::new(), Vec::new());
    let count = run_steps(&mut *utterance, &mut samples);
    assert!(count >= 2);
    let mut windows = vec![Vec::new(); count];
    for n in (0..count).rev() {
        utterance.window(n, &cancel, &mut windows[n]).unwrap();
    }
    for (n, window) in windows.iter_mut().enumerate() {
        utterance.pass_on(n, window);
        samples.append(window);
    }
    assert!(samples == expected);
}

#[test]
fn the_noise_of_a_framewise_voice_follows_the_seed() {
    let scene = Scene::new();
    let split = load(&framewise(), Some(prepared_in(&scene)));
    let speak = |seed| speak(&split, inference(&[1, 10, 20, 30, 2], seed));
    assert_eq!(speak(1), speak(1));
    assert_ne!(speak(1), speak(2));
}

#[test]
fn only_a_framewise_voice_is_split_as_one() {
    let read = |path: &Path| ModelProto::read(fs::read(path).unwrap().into()).unwrap();
    let others = [built_in(), root().join("tests/voices/tiny.onnx")];
    for other in others {
        let error = onnx::split_framewise(&read(&other)).unwrap_err();
        assert_eq!(error, SplitError::NoDecoder);
    }
    let mut renamed = read(&framewise());
    let named = onnx::split_framewise(&renamed).unwrap().interface;
    for node in &mut renamed.graph.as_mut().unwrap().node {
        node.name.clear();
        let values = node.input.iter_mut().chain(&mut node.output);
        let inner = values.filter(|name| name.contains("_output_"));
        inner.for_each(|name| *name = name.replace("_output_", "/"));
    }
    let numbered = onnx::split_framewise(&renamed).unwrap().interface;
    assert_ne!(numbered.latent, named.latent);
    assert_eq!(numbered.kept_silence, named.kept_silence);
    let per_frame = |interface: onnx::FramewiseInterface| -> Vec<bool> {
        let inputs = interface.side_inputs.iter();
        inputs.map(|input| input.is_per_frame).collect()
    };
    assert_eq!(per_frame(numbered), per_frame(named));
}

#[test]
fn a_voice_that_cannot_be_split_is_optimized_once() {
    let scene = Scene::new();
    let prepared = prepared_in(&scene);
    let stock = load(&built_in(), None);
    let whole = load(&built_in(), Some(prepared.clone()));
    assert!(whole.split_failure().is_some());
    let speak = |voice: &Voice| speak(voice, inference(&[1, 10, 20, 30, 2], 4));
    let expected = speak(&stock);
    assert!(difference(&speak(&whole), &expected) <= 1e-5);

    let files = VoiceFiles::on_disk(built_in(), None);
    let forms = prepared.of(&files);
    let [form] = forms.as_slice() else {
        panic!("{forms:?}");
    };
    assert!(form.bytes > 0 && form.split_failure.is_some());
    let loudness = form.reference_loudness.unwrap().own.0;
    let expected_loudness = BUILTIN_LOUDNESS.own.0;
    assert!((loudness - expected_loudness).abs() < 1.0, "{loudness}");

    // It is not prepared again, unless it is damaged.
    let record = form.path.join("record.json");
    let modified = || fs::metadata(&record).unwrap().modified().unwrap();
    let first = modified();
    load(&built_in(), Some(prepared.clone()));
    assert_eq!(modified(), first);
    fs::write(form.path.join("whole.onnx"), "damaged").unwrap();
    let again = load(&built_in(), Some(prepared.clone()));
    assert_eq!(speak(&again), speak(&whole));
    assert_ne!(modified(), first);
    assert_eq!(prepared.remove(&files).unwrap(), 1);
}

#[test]
fn the_program_shows_how_such_voices_are_prepared() {
    let scene = Scene::new();
    for (name, voice, failure) in [
        ("tiny_framewise", framewise(), ""),
        ("en_US-slt-low", built_in(), "cannot be split"),
    ] {
        let voice = voice.display();
        let cache = "XDG_CACHE_HOME=$PWD";
        let run = scene
            .sh(&format!("{cache} piper-rs voices prepare {voice}"))
            .ok();
        let word = if failure.is_empty() {
            "is prepared"
        } else {
            failure
        };
        run.says(&[name, word]);
        let list = scene
            .sh(&format!("{cache} piper-rs voices prepare --list --json"))
            .ok();
        let prepared: Vec<serde_json::Value> = list
            .text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let own = prepared.iter().find(|voice| voice["name"] == name).unwrap();
        assert!(own["bytes"].as_u64() > Some(1000), "{own}");
        assert!(own["loudness_lufs"].is_number(), "{own}");
        assert_eq!(own["whole_because"].is_null(), failure.is_empty(), "{own}");
    }
    let cleared = scene
        .sh("XDG_CACHE_HOME=$PWD piper-rs voices prepare --clear")
        .ok();
    cleared.says(&["removed 2 prepared voices"]);
}
