#![no_main]
//! A lexicon, and a sentence that its words are replaced in.

use piper_rs::lexicon::{Blocks, ForVoice, Lexicon, Replacements};

libfuzzer_sys::fuzz_target!(|input: (&str, &[u8])| {
    if let Ok(lexicon) = Lexicon::parse(input.1) {
        let (name, languages, blocks) = ("v", &["de"][..], Blocks::Read);
        let voice = ForVoice {
            name,
            languages,
            blocks,
        };
        _ = Replacements::new([&lexicon], &voice).apply(input.0);
    }
});
