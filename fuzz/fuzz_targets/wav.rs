#![no_main]
//! A WAV file that an interrupted batch has left.

use piper_rs::audio::wav::{WavReader, is_truncated};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    std::fs::write(&path, bytes).unwrap();
    is_truncated(&path).unwrap();
    if let Ok(mut wav) = WavReader::open(&path) {
        let mut block = Vec::with_capacity(4096);
        while wav.read(&mut block).is_ok() && !block.is_empty() {}
    }
});
