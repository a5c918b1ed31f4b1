//! Native kernels and ONNX Runtime: the same voice, run by either.

use std::path::{Path, PathBuf};

use piper_rs::CancelToken;
use piper_rs::voice::{
    Engine, EngineChoice, Inference, Kernels, OptimizeFor, Part, Precision, PrecisionOption,
    Remaining, Scales, Voice,
};

use crate::ready::{load, prepared_voices};
use crate::scene::{Scene, root, shared_voice, skipped, trained_voice};

/// Test voices, and those of real size on this machine.
fn voices() -> Vec<PathBuf> {
    let small = ["tiny", "tiny_multi"].map(|name| root().join(format!("tests/voices/{name}.onnx")));
    small.into_iter().chain(large_voices()).collect()
}

fn load_with(model: &Path, engine: Engine) -> std::sync::Arc<Voice> {
    let prepared = prepared_voices().with_engine(EngineChoice {
        engine,
        precision: PrecisionOption::Fp32,
    });
    load(model, Some(prepared))
}

/// Voices of real size, with the text part of stock voices.
fn large_voices() -> Vec<PathBuf> {
    let voices = [
        trained_voice(),
        shared_voice("x_low"),
        shared_voice("medium_multi"),
    ];
    voices.into_iter().flatten().collect()
}

/// A voice whose flow and decoder are native; `None` if this processor has no kernels.
fn native(model: &Path) -> Option<std::sync::Arc<Voice>> {
    let Some(kernels) = Kernels::of_this_machine(Precision::Fp32) else {
        skipped("this processor has no kernels");
        return None;
    };
    let voice = load_with(model, Engine::Native);
    for part in [Part::Flow, Part::Decoder] {
        let parts = &voice.model_info().parts;
        let engine = parts.iter().find(|engine| engine.part == part).unwrap();
        assert_eq!(engine.native, Some(kernels), "{}", model.display());
    }
    Some(voice)
}

fn speak(voice: &Voice, n_ids: i64, optimize_for: OptimizeFor) -> Vec<f32> {
    let (cancel, mut samples) = (CancelToken::new(), Vec::new());
    let mut utterance = voice.begin(Inference {
        ids: (0..n_ids).map(|n| (n * 31 + 1) % 120).collect(),
        scales: Scales::default(),
        speed: 1.0,
        speaker: voice.model_info().takes_speaker.then_some(1),
        seed: 5,
        optimize_for,
    });
    let windows = loop {
        if let Remaining::Windows(windows) = utterance.step(&cancel, &mut samples).unwrap() {
            break windows;
        }
    };
    for n in 0..windows {
        utterance.window(n, &cancel, &mut samples).unwrap();
    }
    samples
}

#[test]
fn native_kernels_make_the_samples_of_onnx_runtime_with_every_voice() {
    for model in voices() {
        let Some(native) = native(&model) else {
            return;
        };
        let onnx_runtime = load_with(&model, Engine::OnnxRuntime);
        let mut engines = onnx_runtime.model_info().parts.iter();
        assert!(engines.all(|part| part.native.is_none()));
        for n_ids in [1, 41, 150] {
            let [samples, expected] =
                [&native, &onnx_runtime].map(|voice| speak(voice, n_ids, OptimizeFor::Latency));
            assert_eq!(samples.len(), expected.len());
            let differences = samples.iter().zip(&expected).map(|(a, b)| (a - b).abs());
            let worst = differences.fold(0.0, f32::max);
            // Four parts, each with sums in another order: less than a step of 16 bits.
            assert!(worst <= 2e-5, "{}: {worst}", model.display());
            let is_heard = expected.iter().any(|sample| sample.abs() > 0.01);
            assert!(is_heard || n_ids == 1, "{}", model.display());
        }
    }
}

/// Where the ids of a sentence end. Runs its text part alone.
fn id_ends(voice: &Voice, n: i64, speed: f32, scales: Scales) -> Vec<u64> {
    let (cancel, mut samples) = (CancelToken::new(), Vec::new());
    let n_ids = 1 + n * n * 7 % 180;
    let mut utterance = voice.begin(Inference {
        ids: (0..n_ids).map(|id| (id * (n + 3) * 31 + n) % 150).collect(),
        scales,
        speed,
        speaker: voice.model_info().takes_speaker.then_some(n % 3),
        seed: n as u64,
        optimize_for: OptimizeFor::Latency,
    });
    utterance.step(&cancel, &mut samples).unwrap();
    let ends = utterance.take_id_ends().unwrap();
    assert_eq!(ends.len(), n_ids as usize);
    ends
}

#[test]
fn native_text_parts_keep_every_duration() {
    let varied = Scales {
        noise_scale: 1.0,
        length_scale: 1.3,
        noise_w: 1.0,
    };
    for model in large_voices() {
        let Some(native) = native(&model) else {
            return;
        };
        let mut parts = native.model_info().parts.iter();
        assert!(
            parts.all(|part| part.native.is_some()),
            "{}",
            model.display()
        );
        let onnx_runtime = load_with(&model, Engine::OnnxRuntime);
        for n in 0..30 {
            for (speed, scales) in [(1.0, Scales::default()), (0.7, varied)] {
                let [ends, expected] =
                    [&native, &onnx_runtime].map(|voice| id_ends(voice, n, speed, scales));
                assert_eq!(ends, expected, "{}, sentence {n}", model.display());
            }
        }
    }
}

#[test]
fn native_windows_of_any_size_make_the_same_samples() {
    for model in voices() {
        let Some(voice) = native(&model) else {
            return;
        };
        let [small, large] = [OptimizeFor::Latency, OptimizeFor::Throughput];
        let [small, large] = [small, large].map(|windows| speak(&voice, 150, windows));
        assert!(small == large, "{}", model.display());
    }
}

#[test]
fn the_engine_is_chosen_and_shown() {
    let scene = Scene::new();
    let parts = |flags: &str| {
        let line = format!("piper-rs speak $TINY --raw {flags} --verbose Hello > out.raw");
        let run = scene.sh(&line).ok();
        let mut lines = run.stderr.lines().filter(|line| line.contains("in parts"));
        lines.next().unwrap_or_default().to_owned()
    };
    let onnx_runtime = parts("--engine onnxruntime");
    assert!(
        onnx_runtime.contains("decoder ONNX Runtime"),
        "{onnx_runtime}"
    );
    assert_eq!(parts("--engine native --strict-piper"), onnx_runtime);
    if native(&root().join("tests/voices/tiny.onnx")).is_none() {
        return;
    }
    let native = parts("--engine native --precision fp32");
    assert!(
        native.contains("flow native (") && native.contains("decoder native ("),
        "{native}"
    );
    let stats = scene
        .sh("piper-rs speak $TINY --raw --engine native --precision fp32 --stats Hi > out.raw");
    stats.ok().says(&["decoder native (", "fp32"]);
    scene.write("config.toml", "engine = \"native\"\nprecision = \"fp32\"\n");
    assert_eq!(parts("--config-file config.toml"), native);
    let wrong = scene.sh("piper-rs speak $TINY --raw --precision fp64 Hello > out.raw");
    wrong.exits(2).says(&["fp64", "bf16"]);
}

#[test]
fn a_voice_whose_parts_are_all_native_speaks_without_onnx_runtime() {
    let Some(model) = trained_voice() else {
        return;
    };
    if native(&model).is_none() {
        return;
    }
    load(&model, Some(prepared_voices()));
    let scene = Scene::new();
    let speak = |flags: &str, output: &str| {
        let model = model.display();
        scene.sh(&format!(
            "piper-rs speak -m {model} --raw --seed 1 {flags} Hello > {output}"
        ))
    };
    speak("--verbose", "with.raw")
        .ok()
        .says(&["without ONNX Runtime"]);
    speak("--onnxruntime nowhere.so", "without.raw").ok();
    assert_eq!(scene.read("with.raw"), scene.read("without.raw"));
    let graphs = speak("--onnxruntime nowhere.so --engine onnxruntime", "none.raw");
    graphs.exits(3).says(&["ONNX Runtime", "nowhere.so"]);
}
