#![no_main]
//! Any text is cleaned, written out, named and spelled; each part of what is
//! spoken was written somewhere.

use piper_rs::reading::{Punctuation, ReadAs, Reader, ReadingOptions, Spelling};

const LANGUAGES: [&str; 10] = [
    "en-us", "en-gb", "de", "fr", "es", "ru", "hi", "th", "cmn", "xx",
];
const PUNCTUATION: [Punctuation; 3] = [Punctuation::None, Punctuation::Some, Punctuation::All];

libfuzzer_sys::fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = (usize::from(input.0), input.1);
    let reader = Reader::new(LANGUAGES[choice % LANGUAGES.len()]).with_options(ReadingOptions {
        punctuation: PUNCTUATION[choice / LANGUAGES.len() % PUNCTUATION.len()],
        spelling: match choice < 192 {
            true => Spelling::Words,
            false => Spelling::Letters,
        },
        read_as: ReadAs::Words,
    });
    let read = reader.write_out(reader.clean(text));
    let spoken = read.as_str();
    // A mark has a name of a few words; an entity is at most two characters.
    assert!(spoken.len() <= 64 * text.len());
    let (mut written_end, mut spoken_end) = (0, 0);
    for change in read.changes() {
        // Between two changes, the text is as it was written.
        assert_eq!(
            text[written_end..change.written.start],
            spoken[spoken_end..change.spoken.start]
        );
        assert!(text.is_char_boundary(change.written.end));
        (written_end, spoken_end) = (change.written.end, change.spoken.end);
    }
    assert_eq!(text[written_end..], spoken[spoken_end..]);
    assert!(Reader::verbatim().clean(text).is_as_written());
});
