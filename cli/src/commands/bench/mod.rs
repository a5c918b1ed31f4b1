//! `piper-rs bench`: measures how fast a voice is on this machine.
//!
//! Hidden in `--help`: it is for people who compare machines, and for
//! `benchmarks/peer.py`.

mod bench_voice;
mod cold_start;
mod load_times;
mod machine;
mod measurement;
mod results;

use anyhow::Result;
use piper_rs::CancelToken;

use self::bench_voice::BenchVoice;
use self::cold_start::ColdStart;
use self::load_times::VoiceLoader;
use self::machine::{Machine, Versions};
use self::measurement::Measurement;
use self::results::Results;
use super::Context;
use crate::args::{BenchArgs, GlobalArgs};
use crate::speech::cores::{cores, default_threads};
use crate::terminal::report::Outcome;
use crate::terminal::signals;
use crate::terminal::stdout::print;

/// Two and a half seconds of speech.
const SHORT: &str = "This is a short sentence to begin with.";
/// One sentence, about twelve seconds of speech.
const LONG: &str = "When the last of the visitors had gone, and the lamps along the quay were lit \
                    one after another, the old man closed the shutters, sat down beside the \
                    window, and began to read.";

/// Measures a voice and prints the results.
pub(crate) fn bench(args: &BenchArgs, global: &GlobalArgs, context: &Context) -> Result<Outcome> {
    // Nothing has to be saved, so a signal ends the program at once.
    signals::cancel_on_signal(CancelToken::new(), || true)?;
    let results = measure(args, global, context)?;
    let output = match args.json {
        true => serde_json::to_string_pretty(&results)? + "\n",
        false => results.table(),
    };
    print(output)?;
    Ok(Outcome::Done)
}

fn measure(args: &BenchArgs, global: &GlobalArgs, context: &Context) -> Result<Results> {
    let (libraries, reporter) = (&context.libraries, &context.reporter);
    let (voice, rounds) = (&args.voice, args.rounds.get());
    let folders = context.environment.voice_folders(&voice.data_dir);
    let prepared_mb = args.prepared.prepared_mb;
    let loader = VoiceLoader {
        files: folders.find(voice.voice.as_deref(), voice.config.clone())?,
        runtime: libraries.runtime()?,
        prepared: context.environment.prepared_voices(prepared_mb),
    };
    let cold_start = ColdStart::new(voice, global, prepared_mb)?;
    let long_text = [LONG, LONG].join(" ");

    reporter.note("measuring the time to load the voice");
    let load = loader.measure(rounds)?;

    reporter.note("measuring the time to the first audio");
    let bench_voice = |threads| {
        let voice = loader.voice(threads)?;
        BenchVoice::new(voice, libraries, args.voice.speaker.clone(), threads)
    };
    let warm = bench_voice(default_threads())?.latencies(SHORT, LONG, rounds)?;
    let mut cold = Vec::new();
    for _ in 0..rounds {
        cold.push(cold_start.speak(SHORT)?.first_audio);
    }

    reporter.note("measuring the speed of synthesis");
    let mut threads = vec![1, default_threads(), cores()];
    threads.dedup();
    let mut speech = Vec::new();
    let mut sample_rate_hz = 0;
    for threads in threads {
        let voice = bench_voice(threads)?;
        sample_rate_hz = voice.sample_rate_hz();
        speech.push(voice.synthesis_cost(&long_text, rounds)?);
    }

    reporter.note("measuring memory");
    let peak_memory_bytes = cold_start.speak(&long_text)?.peak_memory_bytes;
    Ok(Results {
        voice: loader.files.name(),
        sample_rate_hz,
        machine: Machine::this(),
        versions: Versions::of(libraries)?,
        rounds,
        load,
        cold_first_audio_ms: Measurement::of_ms(&cold),
        warm,
        speech,
        peak_memory_bytes,
    })
}
