//! Prepares the test voices once for all tests. Otherwise the first test that
//! uses a voice would prepare it, and which one that is depends on their order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use piper_rs::voice::prepared::{
    CheckOptions, DEFAULT_MAX_BYTES, PreparedVoices, StockCheck, WhenBusy,
};
use piper_rs::voice::{LoadOptions, Voice, VoiceFiles};

use crate::scene::{root, runtime};

/// The cache folder of every scene.
pub(crate) fn cache_folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The prepared voices in that folder, where the program looks for them.
pub(crate) fn prepared_voices() -> PreparedVoices {
    PreparedVoices::new(cache_folder().join("piper-rs/prepared"), DEFAULT_MAX_BYTES)
}

/// Loads a voice, as a prepared voice if `prepared` is given.
pub(crate) fn load(model: &Path, prepared: Option<PreparedVoices>) -> Arc<Voice> {
    let files = VoiceFiles::on_disk(PathBuf::from(model), None);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let options = LoadOptions {
        threads,
        prepared,
        ..LoadOptions::default()
    };
    let voice = Voice::load(&files, &runtime(), &options).unwrap();
    assert_eq!(voice.split_failure(), None, "{}", model.display());
    if let Some(prepared) = &options.prepared {
        let how = CheckOptions {
            threads,
            when_busy: WhenBusy::Wait,
        };
        let check = prepared.check(&files, &runtime(), how).unwrap();
        let is_right = matches!(check, StockCheck::Passed | StockCheck::NotDue);
        assert!(is_right, "{}: {check:?}", model.display());
    }
    Arc::new(voice)
}

/// Prepares the voices in `tests/voices`.
pub(crate) fn prepare_test_voices() {
    for name in ["tiny", "tiny_multi"] {
        prepare(&root().join(format!("tests/voices/{name}.onnx")));
    }
}

/// Prepares a voice once.
pub(crate) fn prepare(model: &Path) {
    static DONE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let mut done = DONE.lock().unwrap_or_else(PoisonError::into_inner);
    if done.insert(model.to_owned()) {
        load(model, Some(prepared_voices()));
    }
}
