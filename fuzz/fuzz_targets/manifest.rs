#![no_main]
//! A list of texts, as JSON lines and as CSV.

use piper_rs::manifest::{Record, csv_records, json_record};

/// Takes out the fields that a batch uses.
fn take(mut record: Record) {
    _ = (record.name("id"), record.text("file"), record.take("speed"));
    record.unused().for_each(drop);
}

libfuzzer_sys::fuzz_target!(|list: &str| {
    let lines = list.lines().filter_map(|line| json_record(line).ok());
    lines.for_each(take);
    if let Ok(lines) = csv_records(list.as_bytes()) {
        let last = 1 + list.matches(['\n', '\r']).count() as u64;
        for (line, record) in lines {
            assert!(line <= last);
            record.into_iter().for_each(take);
        }
    }
});
