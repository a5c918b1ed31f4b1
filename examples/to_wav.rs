//! Speaks two sentences into a WAV file.
//!
//! `cargo run --example to_wav`

use std::path::Path;
use std::sync::Arc;

use piper_rs::sink::file;
use piper_rs::*;

fn main() -> Result<()> {
    let library = std::env::var_os("ORT_DYLIB_PATH").unwrap_or("libonnxruntime.so".into());
    let runtime = Runtime::load(&[library.into()])?;
    let voice = Voice::load(&VoiceFiles::Builtin, &runtime, &LoadOptions::default())?;
    let synthesizer = Synthesizer::for_voice(Arc::new(voice), &EspeakOptions::default())?;

    let path = Path::new("hello.wav");
    let mut wav = file::create(path, synthesizer.sample_rate(), &FileOptions::default())?;
    let mut session = SpeechSession::default();
    for block in synthesizer.blocks(&mut session, "Hello. This is the second sentence.") {
        wav.write(&block?.samples)?;
    }
    wav.finish()
}
