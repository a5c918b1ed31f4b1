#![no_main]
//! A `voices.json`: no entry can choose where its files are written.

use piper_rs::catalogue::Catalogue;

libfuzzer_sys::fuzz_target!(|json: &[u8]| {
    for voice in Catalogue::from_json(json).unwrap_or_default().voices() {
        assert!(!voice.meta.name.contains(['/', '\\', '\0']));
        assert!(!voice.model.path.split('/').any(|part| part == ".."));
    }
});
