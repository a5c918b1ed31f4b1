#![no_main]
//! A voice's `.onnx.json`, and its table of ids.

use piper_rs::phoneme_id::PhonemeIds;
use piper_rs::voice::VoiceConfig;

libfuzzer_sys::fuzz_target!(|json: &[u8]| {
    if let Ok(config) = VoiceConfig::from_json(json) {
        let (ids, clusters) = (&config.phoneme_id_map, &config.vowel_clusters);
        _ = PhonemeIds::new(ids, clusters, config.num_symbols);
    }
});
