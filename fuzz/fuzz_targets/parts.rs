#![no_main]
//! Marks within a text, and the names of dialogues.
use piper_rs::parts::dialogue::{looks_like_name, name_and_words};
use piper_rs::parts::{Place, inline};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (mut length, mut texts) = (0, String::new());
    for item in inline::items(text, Place::line(1)).map_while(Result::ok) {
        if let inline::Item::Text(part) = item {
            assert!(text[length..].contains(part));
            length += part.len();
            texts.push_str(part);
        }
    }
    assert!(texts.len() <= text.len());
    for line in text.split_inclusive('\n') {
        if let Some((name, words)) = name_and_words(line) {
            assert!(line.ends_with(words));
            _ = looks_like_name(name);
        }
    }
});
