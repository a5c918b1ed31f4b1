#![no_main]
//! The chunks of any text, concatenated, are the text.

use piper_rs::chunk::{ChunkOptions, split};

libfuzzer_sys::fuzz_target!(|input: (u8, &str)| {
    let options = ChunkOptions {
        max_chars: usize::from(input.0).max(1),
        ..ChunkOptions::default()
    };
    let chunks: Vec<_> = split(input.1, &options).collect();
    let text: String = chunks.iter().map(|chunk| chunk.text).collect();
    assert_eq!(text, input.1);
});
