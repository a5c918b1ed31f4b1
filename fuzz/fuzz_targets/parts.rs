#![no_main]
//! Marks within a text, and the names of dialogues.
use std::borrow::Cow;

use piper_rs::parts::dialogue::{looks_like_name, name_and_words};
use piper_rs::parts::{Place, inline};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut text_bytes = 0;
    for item in inline::items(text, Place::line(1)).map_while(Result::ok) {
        if let inline::Item::Text(part) = item {
            // An escape is written anew, so only borrowed parts are slices of the text.
            assert!(matches!(part, Cow::Owned(_)) || text.contains(&*part));
            text_bytes += part.len();
        }
    }
    assert!(text_bytes <= text.len());
    for line in text.split_inclusive('\n') {
        if let Some((name, words)) = name_and_words(line) {
            assert!(line.ends_with(words));
            _ = looks_like_name(name);
        }
    }
});
