//! Passes audio to a callback while the rest is still being made.
//!
//! `cargo run --example stream_to_callback`
#![allow(clippy::print_stdout)]

use std::ops::ControlFlow;
use std::sync::Arc;

use piper_rs::audio::{BlockKind, duration_of, pcm};
use piper_rs::*;

fn main() -> Result<()> {
    let library = std::env::var_os("ORT_DYLIB_PATH").unwrap_or("libonnxruntime.so".into());
    let runtime = Runtime::load(&[library.into()])?;
    let voice = Voice::load(&VoiceFiles::Builtin, &runtime, &LoadOptions::default())?;
    let synthesizer = Synthesizer::for_voice(Arc::new(voice), &EspeakOptions::default())?;

    let mut session = SpeechSession::default();
    let mut bytes = Vec::new();
    synthesizer.speak(&mut session, "One. Two. Three.", |block| {
        match block.kind {
            BlockKind::Speech => print!("speech"),
            BlockKind::Pause => print!("pause"),
        }
        println!(
            " of {:?}",
            duration_of(block.samples.len() as u64, block.rate)
        );
        // What a sound card, an encoder or a network connection would get.
        pcm::extend_s16le(&mut bytes, &block.samples);
        ControlFlow::Continue(()) // `Break` would end the speech here
    })?;
    println!("{} bytes, {:?}", bytes.len(), session.stats());
    Ok(())
}
