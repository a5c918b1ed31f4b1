#![no_main]
//! Any text is cleaned, named and spelled; `[[…]]` blocks are kept.

use piper_rs::reading::{Punctuation, Reader, ReadingOptions, Spelling};

const LANGUAGES: [&str; 8] = ["en-us", "de", "fr", "ru", "hi", "th", "cmn", "xx"];
const PUNCTUATION: [Punctuation; 3] = [Punctuation::None, Punctuation::Some, Punctuation::All];

libfuzzer_sys::fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = (usize::from(input.0), input.1);
    let reader = Reader::new(LANGUAGES[choice % LANGUAGES.len()]).with_options(ReadingOptions {
        punctuation: PUNCTUATION[choice / LANGUAGES.len() % PUNCTUATION.len()],
        spelling: match choice < 192 {
            true => Spelling::Words,
            false => Spelling::Letters,
        },
    });
    let cleaned = reader.clean(text);
    let read = reader.write_out(&cleaned);
    // A mark has a name of a few words; an entity is at most two characters.
    assert!(read.len() <= 64 * text.len());
    assert_eq!(Reader::verbatim().clean(text), text);
});
