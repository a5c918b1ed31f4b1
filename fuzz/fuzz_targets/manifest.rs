#![no_main]
//! The list of a batch, as JSON lines and as CSV.

use piper_rs::manifest::{csv_lines, json_line};

libfuzzer_sys::fuzz_target!(|list: &str| {
    list.lines().for_each(|line| _ = json_line(line));
    if let Ok(lines) = csv_lines(list) {
        let last = 1 + list.matches(['\n', '\r']).count() as u64;
        assert!(lines.map(|(line, _)| line).all(|line| line <= last));
    }
});
