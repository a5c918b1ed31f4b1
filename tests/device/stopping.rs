//! How soon a cancel ends a blocked write to a pipe.

use std::io::{Read as _, pipe};
use std::thread;
use std::time::{Duration, Instant};

use piper_rs::audio::SampleRate;
use piper_rs::encode::SoundFormat;
use piper_rs::sink::stream::{StreamOptions, StreamSink};
use piper_rs::{CancelToken, Error, Sink as _};

#[test]
fn a_write_that_nobody_reads_ends_within_100_ms_of_a_cancel() {
    let (mut reader, writer) = pipe().unwrap();
    let cancel = CancelToken::new();
    let options = StreamOptions {
        encoding: SoundFormat::S16le.into(),
        target: "pipe".to_owned(),
        cancel: cancel.clone(),
    };
    let mut sink = StreamSink::new(writer, SampleRate::new(22050).unwrap(), options).unwrap();
    // More than a pipe holds: this write never returns by itself.
    let block = vec![0.5; 1 << 17];
    let blocked = thread::spawn(move || (sink.write(&block), Instant::now()));
    reader.read_exact(&mut [0]).unwrap(); // now it is writing
    let cancelled = Instant::now();
    cancel.cancel();
    let (written, returned) = blocked.join().unwrap();
    assert!(matches!(written, Err(Error::Cancelled)), "{written:?}");
    let late = returned.saturating_duration_since(cancelled);
    assert!(late < Duration::from_millis(100), "{late:?}");
}
