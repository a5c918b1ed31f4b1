//! Switches between voices that a cache keeps loaded.
//!
//! `cargo run --example voice_cache -- VOICE.onnx …`
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use piper_rs::voice::cache::Limits;
use piper_rs::*;

fn main() -> Result<(), Box<dyn Error>> {
    let library = std::env::var_os("ORT_DYLIB_PATH").unwrap_or("libonnxruntime.so".into());
    let runtime = Runtime::load(&[library.into()])?;
    let cache = VoiceCache::new(Limits::default(), move |files| {
        Voice::load(files, &runtime, &LoadOptions::default())
    });

    let paths = std::env::args_os().skip(1);
    let given = paths.map(|path| VoiceFiles::on_disk(path.into(), None));
    let voices: Vec<_> = [VoiceFiles::Builtin].into_iter().chain(given).collect();
    let mut session = SpeechSession::default();
    // The first round loads the voices, the second finds them in the cache.
    for _ in 0..2 {
        for files in &voices {
            let started = Instant::now();
            let voice = cache.get_or_load(files)?;
            println!("{} after {:?}", voice.name(), started.elapsed());
            let synthesizer = Synthesizer::for_voice(voice, &EspeakOptions::default())?;
            for block in synthesizer.blocks(&mut session, "Hello.") {
                block?;
            }
        }
    }
    println!("{:?}", cache.stats());
    Ok(())
}
