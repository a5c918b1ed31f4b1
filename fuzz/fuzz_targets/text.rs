#![no_main]
//! Any bytes, decoded in several encodings and split into small passages.
use piper_rs::text::{Encoding, Input, Passages, ReadOptions};

libfuzzer_sys::fuzz_target!(|input: (u8, u8, &[u8])| {
    let label = ["utf-8", "utf-16", "gb18030"][usize::from(input.0 % 3)];
    let options = ReadOptions {
        encoding: Encoding::from_label(label).ok(),
        max_bytes: 4 + usize::from(input.1),
        ..ReadOptions::default()
    };
    let bytes = Input::reader(std::io::Cursor::new(input.2.to_vec()), "bytes");
    let longest = Passages::open(bytes, &options).unwrap().flatten();
    assert!(longest.map(|p| p.text.len()).max() <= Some(options.max_bytes));
});
