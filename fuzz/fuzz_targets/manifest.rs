#![no_main]
//! The list of a batch, as JSON lines and as CSV.

use piper_rs::manifest::{Fields, csv_lines, json_line};

/// Takes out what a batch takes out.
fn take(mut fields: Fields) {
    _ = (fields.name("id"), fields.text("file"), fields.overrides());
    fields.unused().for_each(drop);
}

libfuzzer_sys::fuzz_target!(|list: &str| {
    let lines = list.lines().filter_map(|line| json_line(line).ok());
    lines.for_each(take);
    if let Ok(lines) = csv_lines(list) {
        let last = 1 + list.matches(['\n', '\r']).count() as u64;
        for (line, fields) in lines {
            assert!(line <= last);
            fields.into_iter().for_each(take);
        }
    }
});
