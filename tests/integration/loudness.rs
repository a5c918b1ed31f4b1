//! How loud it is: `--normalize`, `--loudness`, `voices info`.

use std::fs;
use std::path::Path;

use piper_rs::audio::loudness::{LoudnessAccuracy, Lufs};
use piper_rs::voice::prepared::{DEFAULT_MAX_BYTES, PreparedVoices};
use piper_rs::voice::{BUILTIN_LOUDNESS, Kernels, LoadOptions, Precision, Voice, VoiceFiles};

use crate::scene::{Scene, Wav, natural_voice, root, runtime, trained_voice};

const PARAGRAPH: &str = "The birch canoe slid on the smooth planks. Glue the sheet to the dark \
    blue background. It's easy to tell the depth of a well. These days a chicken leg is a rare \
    dish. Rice is often served in round bowls. The juice of lemons makes fine punch.";

/// The loudness of what was written, pauses included.
fn lufs(wav: &Wav) -> f32 {
    let samples: Vec<f32> = wav
        .samples
        .iter()
        .map(|s| f32::from(*s) / 32768.0)
        .collect();
    let mut meter = ebur128::EbuR128::new(1, wav.rate, ebur128::Mode::I).unwrap();
    meter.add_frames_f32(&samples).unwrap();
    meter.loudness_global().unwrap() as f32
}

fn spoken(scene: &Scene, voice: Option<&Path>, flags: &str) -> f32 {
    let voice = voice.map_or(String::new(), |path| format!("-m {}", path.display()));
    lufs(&scene.spoken(&format!("{voice} --seed 3 {flags}"), PARAGRAPH))
}

#[test]
fn a_trained_voice_is_as_loud_as_in_piper_tts_and_never_quieter_than_it_is() {
    let Some(voice) = trained_voice() else {
        return;
    };
    let scene = Scene::new();
    let [run, own, piper] =
        ["", "--normalize off", "--strict-piper"].map(|flags| spoken(&scene, Some(&voice), flags));
    assert!((run - piper).abs() < 2.0, "{run}, piper-tts {piper}");
    assert!((-20.0..-18.0).contains(&run), "{run}");
    assert!(run > own + 5.0, "{run}, without normalization {own}");
}

#[test]
fn every_length_of_text_gets_the_same_gain() {
    let Some(voice) = trained_voice() else {
        return;
    };
    let scene = Scene::new();
    let flags = format!("-m {} --seed 3", voice.display());
    let gains = ["Good morning.", PARAGRAPH].map(|text| {
        let own = scene.spoken(&format!("{flags} --normalize off"), text);
        let run = scene.spoken(&flags, text);
        assert_eq!(own.samples.len(), run.samples.len());
        // Quiet samples are exact enough for a ratio only if they are many.
        let sum = |wav: &Wav| -> f64 {
            let quiet = |s: &&i16| (1000..8000).contains(&s.unsigned_abs());
            let pairs = own.samples.iter().zip(&wav.samples);
            pairs
                .filter(|(own, _)| quiet(own))
                .map(|(_, s)| f64::from(s.unsigned_abs()))
                .sum()
        };
        sum(&run) / sum(&own)
    });
    let [short, long] = gains;
    assert!((short / long - 1.0).abs() < 1e-3, "{short} {long}");
}

#[test]
fn a_loudness_is_reached_above_and_below_the_voices_own() {
    let trained = trained_voice();
    let scene = Scene::new();
    for voice in [None, trained.as_deref()] {
        for target in [-16, -23, -30] {
            let found = spoken(&scene, voice, &format!("--loudness {target}"));
            // Half of it is the text, and at -16 peaks are compressed.
            let distance = (found - target as f32).abs();
            assert!(distance < 1.5, "{voice:?}: {found} instead of {target}");
        }
    }
}

#[test]
fn a_loud_voice_keeps_its_level() {
    let scene = Scene::new();
    // Its random weights make noise, which is louder than any speech.
    let [run, own] =
        ["", "--normalize off"].map(|flags| scene.spoken(&format!("$TINY {flags}"), PARAGRAPH));
    let (run, own) = (lufs(&run), lufs(&own));
    assert!(run >= own - 0.1, "{run} {own}");
}

#[test]
fn a_prepared_voice_has_the_loudness_of_its_own_config() {
    let scene = Scene::new();
    let prepared = PreparedVoices::new(scene.path("prepared"), DEFAULT_MAX_BYTES);
    let json = fs::read(root().join("tests/voices/tiny.onnx.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let files = |noise_scale: f32| {
        let mut json = json.clone();
        json["inference"]["noise_scale"] = noise_scale.into();
        let config = scene.path(&format!("{noise_scale}.json"));
        fs::write(&config, json.to_string()).unwrap();
        VoiceFiles::on_disk(root().join("tests/voices/tiny.onnx"), Some(config))
    };
    let loudness = |files: &VoiceFiles, prepared: Option<PreparedVoices>| {
        let options = LoadOptions {
            prepared,
            ..LoadOptions::default()
        };
        let voice = Voice::load(files, &runtime(), &options).unwrap();
        voice.reference_loudness().unwrap().unwrap().own.0
    };
    let voices = [0.0, 9.0].map(files);
    let [quiet, loud] = voices.each_ref().map(|files| {
        let first = loudness(files, Some(prepared.clone()));
        let again = loudness(files, Some(prepared.clone()));
        let measured = loudness(files, None);
        assert_eq!(first, again);
        assert!((first - measured).abs() < 0.01, "{first} {measured}");
        assert_eq!(prepared.of(files).len(), 1);
        first
    });
    assert!((loud - quiet).abs() > 0.5, "{quiet} {loud}");
    assert_eq!(prepared.remove(&voices[0]).unwrap(), 2, "with any config");
}

#[test]
fn the_number_of_threads_that_prepare_a_voice_does_not_change_its_loudness() {
    let Some(model) = natural_voice() else {
        return;
    };
    let files = VoiceFiles::on_disk(model, None);
    let scene = Scene::new();
    let [one, two] = [1, 2].map(|threads| {
        let prepared = PreparedVoices::new(scene.path(&threads.to_string()), DEFAULT_MAX_BYTES);
        let prepared = Some(prepared);
        let voice = Voice::load(
            &files,
            &runtime(),
            &LoadOptions {
                threads,
                prepared,
                ..LoadOptions::default()
            },
        )
        .unwrap();
        voice.reference_loudness().unwrap().unwrap()
    });
    assert_eq!(one, two);
}

#[test]
fn a_voice_that_cannot_be_split_is_measured_only_once() {
    let scene = Scene::new();
    let files = VoiceFiles::on_disk(root().join("assets/voice/en_US-slt-low.onnx"), None);
    let prepared = PreparedVoices::new(scene.path("prepared"), DEFAULT_MAX_BYTES);
    let options = LoadOptions {
        prepared: Some(prepared.clone()),
        ..LoadOptions::default()
    };
    for _ in 0..2 {
        let voice = Voice::load(&files, &runtime(), &options).unwrap();
        assert!(voice.split_failure().is_some());
        let known = voice.model_info().reference_loudness.unwrap();
        assert!((known.own.0 - BUILTIN_LOUDNESS.own.0).abs() < 0.1);
    }
    assert!(prepared.of(&files)[0].reference_loudness.is_some());
}

#[test]
fn an_estimate_is_taken_only_until_the_voice_is_measured() {
    let Some(model) = trained_voice() else {
        return;
    };
    let files = VoiceFiles::on_disk(model, None);
    let scene = Scene::new();
    let prepared = PreparedVoices::new(scene.path("prepared"), DEFAULT_MAX_BYTES);
    let load = |loudness_accuracy| {
        let options = LoadOptions {
            prepared: Some(prepared.clone()),
            loudness_accuracy,
            ..LoadOptions::default()
        };
        Voice::load(&files, &runtime(), &options).unwrap()
    };
    let estimated = |voice: &Voice| voice.estimated_loudness().unwrap().unwrap();
    let first = load(LoudnessAccuracy::Estimated);
    let estimate = estimated(&first);
    if Kernels::of_this_machine(Precision::Fp32).is_some() {
        assert!(first.is_to_be_measured() && first.known_loudness().is_none());
    }
    let measured = load(LoudnessAccuracy::Measured);
    let exact = measured.reference_loudness().unwrap().unwrap();
    assert!(
        (exact.own.0 - estimate.own.0).abs() < 3.0,
        "{exact:?} {estimate:?}"
    );
    assert!(!measured.is_to_be_measured());
    assert_eq!(measured.known_loudness(), Some(exact));
    assert_eq!(estimated(&measured), exact);
    assert_eq!(estimated(&load(LoudnessAccuracy::Estimated)), exact);
    // It does not change as long as the voice is loaded.
    assert_eq!(estimated(&first), estimate);
    assert_eq!(first.reference_loudness().unwrap(), Some(exact));
    assert_eq!(estimated(&first), estimate);
}

#[test]
fn the_built_in_voice_is_about_as_loud_as_in_piper_tts() {
    let scene = Scene::new();
    let [run, own, piper] =
        ["", "--normalize off", "--strict-piper"].map(|flags| spoken(&scene, None, flags));
    assert!((run - piper).abs() < 2.0, "{run}, piper-tts {piper}");
    assert!(run > own + 4.0, "{run}, without normalization {own}");
}

#[test]
fn the_level_of_the_built_in_voice_is_the_measured_one() {
    let model = root().join("assets/voice/en_US-slt-low.onnx");
    let files = VoiceFiles::on_disk(model, None);
    let voice = Voice::load(&files, &runtime(), &LoadOptions::default()).unwrap();
    let measured = voice.reference_loudness().unwrap().unwrap();
    let distance = |a: Lufs, b: Lufs| (a.0 - b.0).abs();
    let known = BUILTIN_LOUDNESS;
    assert!(distance(measured.own, known.own) < 0.1, "{measured:?}");
    assert!(
        distance(measured.full_scale, known.full_scale) < 0.1,
        "{measured:?}"
    );
    assert!((measured.peak - known.peak).abs() < 0.002, "{measured:?}");
}

#[test]
fn a_loudness_replaces_normalization_and_the_stronger_layer_wins() {
    let scene = Scene::new();
    scene.write("loud.toml", "loudness = -20\n");
    scene.write("off.toml", "normalize = \"off\"\n");
    let speak = |flags: &str| scene.spoken(&format!("$TINY {flags}"), "Hello there.");
    let twenty = speak("--loudness -20");
    assert!(twenty != speak("--normalize off"));
    for flags in [
        "--loudness=-20",
        "--normalize run --loudness -20",
        "--config-file loud.toml",
        "--config-file off.toml --loudness -20",
    ] {
        assert!(speak(flags) == twenty, "{flags}");
    }
    let off = speak("--normalize off");
    assert!(speak("--config-file loud.toml --normalize off") == off);
    let strict = speak("--strict-piper");
    assert!(speak("--config-file loud.toml --strict-piper") == strict);
}

#[test]
fn a_loudness_and_another_normalization_exclude_each_other() {
    let scene = Scene::new();
    scene.write("both.toml", "loudness = -20\nnormalize = \"off\"\n");
    scene.write(
        "both.jsonl",
        r#"{"text": "a", "loudness": -20, "normalize": "off"}"#,
    );
    for (line, expected) in [
        (
            "speak --loudness -20 --normalize off hi",
            "loudness and normalize off exclude each other",
        ),
        (
            "speak --loudness -20 --normalize sentence hi",
            "loudness and normalize sentence exclude each other",
        ),
        (
            "speak --loudness -20 --no-normalize hi",
            "cannot be used with",
        ),
        (
            "speak --config-file both.toml hi",
            "both.toml:2: loudness and normalize off exclude each other",
        ),
        (
            "batch -d out --manifest both.jsonl",
            "loudness and normalize off exclude each other",
        ),
        (
            "speak --loudness -9 hi",
            "loudness -9 is out of range: it must be -40 to -10",
        ),
        ("speak --loudness loud hi", "invalid value 'loud'"),
    ] {
        let run = scene.sh(&format!("piper-rs {line} $TINY"));
        assert_ne!(run.code, Some(0), "{line}");
        assert!(run.stderr.contains(expected), "{line}: {}", run.stderr);
    }
}

#[test]
fn each_text_of_a_manifest_may_have_its_loudness() {
    let scene = Scene::new();
    scene.write(
        "list.csv",
        "id,text,loudness\na,Hello there.,-20\nb,Hello there.,-30\nc,Hello there.,\n",
    );
    scene
        .sh("piper-rs batch -d out --manifest list.csv --seed 1 $TINY")
        .ok();
    let [a, b, c] = ["a", "b", "c"].map(|id| lufs(&scene.wav(&format!("out/{id}.wav"))));
    assert!((a - b - 10.0).abs() < 0.2 && c > a, "{a} {b} {c}");
}

#[test]
fn voices_info_tells_the_loudness_and_the_gain() {
    let scene = Scene::new();
    let info = scene.sh("piper-rs voices info en_US-slt-low").ok();
    let expected = "loudness  -21.7 LUFS; --normalize run adds 6.2 dB\n";
    assert!(info.text().contains(expected), "{}", info.text());
    let json = scene.sh("piper-rs voices info --json tiny").ok();
    let json: serde_json::Value = serde_json::from_str(json.text()).unwrap();
    assert!(json["loudness_lufs"].as_f64().unwrap() < 0.0);
    assert!(json["gain_db"].as_f64().unwrap() >= 0.0);
    // The cache of this scene alone has no prepared voice.
    let unprepared = scene
        .sh("XDG_CACHE_HOME=$PWD/empty piper-rs voices info tiny")
        .ok();
    let expected = "loudness  not measured; `piper-rs voices prepare tiny` does it\n";
    assert!(
        unprepared.text().contains(expected),
        "{}",
        unprepared.text()
    );
}
