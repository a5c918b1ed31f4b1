//! Cancels speech from another thread; the file is valid up to there.
//!
//! `cargo run --example cancel`
#![allow(clippy::print_stdout)]

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use piper_rs::sink::file;
use piper_rs::*;

fn main() -> Result<()> {
    let library = std::env::var_os("ORT_DYLIB_PATH").unwrap_or("libonnxruntime.so".into());
    let runtime = Runtime::load(&[library.into()])?;
    let voice = Voice::load(&VoiceFiles::Builtin, &runtime, &LoadOptions::default())?;
    let synthesizer = Synthesizer::for_voice(Arc::new(voice), &EspeakOptions::default())?;

    let cancel = CancelToken::new();
    let mut session = SpeechSession::new(SpeechSessionOptions {
        cancel: cancel.clone(),
        ..SpeechSessionOptions::default()
    });
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        cancel.cancel();
        Instant::now()
    });

    let path = Path::new("cancelled.wav");
    let mut wav = file::create(path, synthesizer.sample_rate(), &FileOptions::default())?;
    let text = "A sentence that is repeated very often. ".repeat(1000);
    for block in synthesizer.blocks(&mut session, &text) {
        match block {
            Ok(block) => wav.write(&block.samples)?,
            Err(Error::Cancelled) => break,
            Err(error) => return Err(error),
        }
    }
    if let Ok(cancelled) = canceller.join() {
        println!("stopped {:?} after the cancel", cancelled.elapsed());
    }
    wav.finish()
}
