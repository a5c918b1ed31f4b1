//! `piper-rs bench`: how fast a voice is on this machine.

mod cold;
mod figure;
mod load;
mod machine;
mod results;
mod speech;

use anyhow::Result;
use piper_rs::CancelToken;

use self::cold::Child;
use self::figure::Figure;
use self::load::Loading;
use self::machine::{Machine, Versions};
use self::results::Results;
use self::speech::Speaking;
use crate::args::{BenchArgs, CommonArgs};
use crate::environment::Environment;
use crate::speech::engine::{Libraries, cores, default_threads, find_voice};
use crate::terminal::report::{Outcome, Reporter};
use crate::terminal::signals;
use crate::terminal::stdout::print;

/// Two seconds and a half of speech.
const SHORT: &str = "This is a short sentence to begin with.";
/// One sentence, some twelve seconds of speech.
const LONG: &str = "When the last of the visitors had gone, and the lamps along the quay were lit \
                    one after another, the old man closed the shutters, sat down beside the \
                    window, and began to read.";

/// Measures, and prints what was measured.
pub(crate) fn bench(
    args: &BenchArgs,
    common: &CommonArgs,
    libraries: &Libraries,
    environment: &Environment,
    reporter: &Reporter,
) -> Result<Outcome> {
    // There is never anything to save.
    signals::cancel_on_signal(CancelToken::new(), || true);
    let results = measure(args, common, libraries, environment, reporter)?;
    let printed = match args.json {
        true => serde_json::to_string_pretty(&results)? + "\n",
        false => results.table(),
    };
    print(printed)?;
    Ok(Outcome::Done)
}

fn measure(
    args: &BenchArgs,
    common: &CommonArgs,
    libraries: &Libraries,
    environment: &Environment,
    reporter: &Reporter,
) -> Result<Results> {
    let (voice, rounds) = (&args.voice, args.rounds.get());
    let folders = environment.voice_folders(&voice.data_dir);
    let loading = Loading {
        files: find_voice(voice.voice.as_deref(), voice.config.clone(), &folders)?,
        runtime: libraries.runtime()?,
        prepared: environment.prepared_in(args.prepared_mb),
    };
    let child = Child::new(voice, common, args.prepared_mb)?;
    let long_text = [LONG, LONG].join(" ");

    reporter.note("measuring how fast the voice loads");
    let load = loading.measure(rounds)?;

    reporter.note("measuring how soon it speaks");
    let speaking = |threads| {
        let voice = loading.voice(threads)?;
        Speaking::new(voice, libraries, args.voice.speaker.clone(), threads)
    };
    let first = speaking(default_threads())?;
    let warm = first.delays(SHORT, LONG, rounds)?;
    drop(first);
    let mut cold = Vec::new();
    for _ in 0..rounds {
        cold.push(child.speak(SHORT)?.first_sound);
    }

    reporter.note("measuring how fast it speaks");
    let mut threads = vec![1, default_threads(), cores()];
    threads.dedup();
    let mut speech = Vec::new();
    let mut sample_rate_hz = 0;
    for threads in threads {
        let speaking = speaking(threads)?;
        sample_rate_hz = speaking.sample_rate_hz();
        speech.push(speaking.rate(&long_text, rounds)?);
    }

    reporter.note("measuring how much memory it takes");
    let peak_memory_bytes = child.speak(&long_text)?.peak_memory_bytes;
    Ok(Results {
        voice: loading.files.name(),
        sample_rate_hz,
        machine: Machine::this(),
        versions: Versions::of(libraries)?,
        rounds,
        load,
        cold_first_sound_ms: Figure::of_ms(&cold),
        warm,
        speech,
        peak_memory_bytes,
    })
}
