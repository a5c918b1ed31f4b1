//! How much memory real voices take, compared with the cache's estimate, and
//! how long a cached voice takes to get.
//!
//! This is a test binary of its own, because it measures the memory of its
//! process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use piper_rs::runtime::Runtime;
use piper_rs::voice::cache::{Limits, VoiceCache};
use piper_rs::voice::prepared::{DEFAULT_MAX_BYTES, PreparedVoices};
use piper_rs::voice::{Inference, LoadOptions, OptimizeFor, Remaining, Scales, Voice, VoiceFiles};
use piper_rs::{CancelToken, Result};

const VOICES: [&str; 3] = ["x_low", "medium", "medium_multi"];

#[test]
fn the_estimate_is_an_upper_bound_and_a_hit_is_instant() {
    let folder = Path::new("../shared/voices");
    let Some(library) = std::env::var_os("ORT_DYLIB_PATH").filter(|_| folder.is_dir()) else {
        let reason = "needs ../shared/voices, and ORT_DYLIB_PATH to name ONNX Runtime";
        assert!(std::env::var_os("CI").is_none(), "{reason}");
        return eprintln!("SKIPPED: {reason}");
    };
    let runtime = Runtime::load(&[library.into()]).unwrap();
    let prepared = tempfile::tempdir().unwrap();
    let prepared = PreparedVoices::new(prepared.path().to_owned(), DEFAULT_MAX_BYTES);
    let loader = |prepared: Option<PreparedVoices>| {
        let (runtime, threads) = (Arc::clone(&runtime), 1);
        let options = LoadOptions {
            threads,
            prepared,
            ..LoadOptions::default()
        };
        move |files: &VoiceFiles| Voice::load(files, &runtime, &options)
    };
    // The memory of ONNX Runtime itself does not belong to a voice.
    speak(&loader(None)(&VoiceFiles::Builtin).unwrap());
    measure("stock", folder, loader(None));
    let prepare = loader(Some(prepared));
    for name in VOICES {
        prepare(&files(folder, name)).unwrap();
    }
    measure("prepared", folder, prepare);
}

fn files(folder: &Path, name: &str) -> VoiceFiles {
    VoiceFiles::on_disk(folder.join(name).with_extension("onnx"), None)
}

fn measure(
    form: &str,
    folder: &Path,
    load: impl Fn(&VoiceFiles) -> Result<Voice> + Send + Sync + 'static,
) {
    let cache = VoiceCache::new(Limits::default(), load);
    for name in VOICES {
        let files = files(folder, name);
        let file_bytes = files.model_path().metadata().unwrap().len();
        let before = resident_bytes();
        let start = Instant::now();
        let voice = cache.get_or_load(&files).unwrap();
        let load = start.elapsed();
        speak(&voice);
        let growth = resident_bytes().saturating_sub(before);
        let hit = fastest_of_100(|| drop(cache.get_or_load(&files).unwrap()));

        let estimate = cache.list()[0].bytes;
        let mb = |bytes: u64| bytes as f64 / 1e6;
        eprintln!(
            "{name}, {form}: file {:.1} MB, estimate {:.1} MB, growth {:.1} MB, load {load:.1?}, hit {hit:.1?}",
            mb(file_bytes),
            mb(estimate),
            mb(growth),
        );
        assert!(growth <= estimate, "{name}, {form}");
        let stock_estimate = file_bytes * 2 + 50_000_000;
        assert_eq!(estimate < stock_estimate, form == "prepared", "{name}");
        assert!(hit < Duration::from_millis(1), "{name}, {form}: {hit:?}");
    }
    assert_eq!(cache.stats().loads, 3);
}

/// Speaks a sentence, so that mapped weights are read and buffers allocated.
fn speak(voice: &Voice) {
    let mut utterance = voice.begin(Inference {
        ids: (0..40).map(|n| n % 30).collect(),
        scales: Scales::default(),
        speed: 1.0,
        speaker: None,
        seed: 0,
        optimize_for: OptimizeFor::Throughput,
    });
    let (cancel, mut samples) = (CancelToken::new(), Vec::new());
    let windows = loop {
        if let Remaining::Windows(windows) = utterance.step(&cancel, &mut samples).unwrap() {
            break windows;
        }
    };
    for n in 0..windows {
        utterance.window(n, &cancel, &mut samples).unwrap();
    }
}

/// Returns how much memory of the process is resident, mapped files included.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().strip_suffix("kB").unwrap().trim();
    kib.parse::<u64>().unwrap() * 1024
}

fn fastest_of_100(act: impl Fn()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        act();
        start.elapsed()
    };
    (0..100).map(time).min().unwrap()
}
