//! What real voices take in memory, beside what they are reckoned to take, and
//! how long a cached one takes to get.
//!
//! A test binary of its own: memory is measured by the process, and other
//! tests would be in it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use piper_rs::Result;
use piper_rs::runtime::Runtime;
use piper_rs::voice::cache::{Limits, VoiceCache};
use piper_rs::voice::prepared::{DEFAULT_MAX_BYTES, PreparedVoices};
use piper_rs::voice::{LoadOptions, Voice, VoiceFiles};

const VOICES: [&str; 3] = ["x_low", "medium", "medium_multi"];

#[test]
fn the_estimate_is_above_what_is_measured_and_a_hit_is_instant() {
    let folder = Path::new("../shared/voices");
    let Some(library) = std::env::var_os("ORT_DYLIB_PATH").filter(|_| folder.is_dir()) else {
        let reason = "needs ../shared/voices, and ORT_DYLIB_PATH to name ONNX Runtime";
        assert!(
            std::env::var_os("CI").is_none(),
            "skipped with CI set: {reason}"
        );
        return eprintln!("SKIPPED: {reason}");
    };
    let runtime = Runtime::load(&[library.into()]).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let kept = PreparedVoices::new(kept.path().to_owned(), DEFAULT_MAX_BYTES);
    let loader = |prepared: Option<PreparedVoices>| {
        let (runtime, threads) = (Arc::clone(&runtime), 1);
        let options = LoadOptions { threads, prepared };
        move |files: &VoiceFiles| Voice::load(files, &runtime, &options)
    };
    measure("as it came", folder, loader(None));
    let prepared = loader(Some(kept));
    for name in VOICES {
        // Preparing takes memory of its own.
        prepared(&files(folder, name)).unwrap();
    }
    measure("prepared", folder, prepared);
}

fn files(folder: &Path, name: &str) -> VoiceFiles {
    VoiceFiles::on_disk(folder.join(name).with_extension("onnx"), None)
}

fn measure(
    how: &str,
    folder: &Path,
    load: impl Fn(&VoiceFiles) -> Result<Voice> + Send + Sync + 'static,
) {
    let cache = VoiceCache::new(Limits::default(), load);
    for name in VOICES {
        let files = files(folder, name);
        let file_bytes = files.model_path().metadata().unwrap().len();
        let begun = Instant::now();
        cache.get_or_load(&files).unwrap();
        let load = begun.elapsed();
        let hit = fastest_of_100(|| drop(cache.get_or_load(&files).unwrap()));

        let measured = cache.list()[0].bytes;
        let estimate = file_bytes * 2 + 50_000_000;
        let mb = |bytes: u64| bytes as f64 / 1e6;
        eprintln!(
            "{name}, {how}: file {:.1} MB, estimate {:.1} MB, measured {:.1} MB, load {load:.1?}, hit {hit:.1?}",
            mb(file_bytes),
            mb(estimate),
            mb(measured),
        );
        assert_ne!(measured, estimate, "{name}, {how}, was not measured");
        assert!((file_bytes..estimate).contains(&measured), "{name}, {how}");
        assert!(hit < Duration::from_millis(1), "{name}, {how}: {hit:?}");
    }
    assert_eq!(cache.stats().loads, 3);
}

fn fastest_of_100(act: impl Fn()) -> Duration {
    let time = |_| {
        let begun = Instant::now();
        act();
        begun.elapsed()
    };
    (0..100).map(time).min().unwrap()
}
