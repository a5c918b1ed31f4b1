#![no_main]
//! A lexicon, and a sentence in which it replaces words.

use piper_rs::lexicon::{IpaEntries, Lexicon, LexiconVoice, Replacements};

libfuzzer_sys::fuzz_target!(|input: (&str, &[u8])| {
    if let Ok(lexicon) = Lexicon::parse(input.1) {
        let (name, languages, ipa_entries) = ("v", &["de"][..], IpaEntries::Use);
        let voice = LexiconVoice {
            name,
            languages,
            ipa_entries,
        };
        _ = Replacements::new([&lexicon], &voice).apply(input.0);
    }
});
