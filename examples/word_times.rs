//! When each word of a text is heard.
//!
//! `cargo run --example word_times -- "Hello, world." [VOICE.onnx]`

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;

use piper_rs::synth::WordTimes;
use piper_rs::timing::Timeline;
use piper_rs::*;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let text = arguments.next().unwrap_or("Hello, world.".to_owned());
    let files = match arguments.next() {
        Some(model) => VoiceFiles::on_disk(model.into(), None),
        None => VoiceFiles::Builtin,
    };
    let library = std::env::var_os("ORT_DYLIB_PATH").unwrap_or("libonnxruntime.so".into());
    let runtime = Runtime::load(&[library.into()])?;
    let voice = Voice::load(&files, &runtime, &LoadOptions::default())?;
    let synthesizer = Synthesizer::for_voice(Arc::new(voice), &EspeakOptions::default())?;

    let mut session = SpeechSession::new(SpeechSessionOptions {
        times: WordTimes::On,
        ..SpeechSessionOptions::default()
    });
    let rate = synthesizer.sample_rate();
    let mut timeline = Timeline::new(rate, rate);
    for block in synthesizer.blocks(&mut session, &text) {
        let block = block?;
        timeline.push(block.samples.len(), block.rate, block.phrase.as_ref());
    }
    timeline.finish();
    let seconds = |sample: u64| sample as f64 / f64::from(rate.get());
    let mut stdout = std::io::stdout().lock();
    for sentence in timeline {
        writeln!(stdout, "{} ({:?})", sentence.text, sentence.precision)?;
        for word in sentence.words {
            let phonemes = sentence.phonemes[word.phonemes.clone()].iter();
            let phonemes: String = phonemes.map(|own| own.phoneme.as_str()).collect();
            let [start, end] = [word.samples.start, word.samples.end].map(seconds);
            writeln!(stdout, "{start:7.3} {end:7.3}  {} {phonemes}", word.text)?;
        }
    }
    Ok(())
}
