//! `piper-rs serve`: keeps voices loaded, and speaks for other programs.
//!
//! One thread has all connections: tokio, hyper and axum are in this folder alone. Each
//! request has a thread of its own (`request`) that makes its sound, and hands it over
//! through a short queue (`sound`). What a thread may compute, and when, is decided by
//! [`Turns`](piper_rs::synth::Turns).
//!
//! `http/` and `wyoming/` are the protocols; `speech` is what both of them use.

mod arriving_text;
mod connections;
mod engine_work;
mod http;
mod job;
mod listener;
mod metrics;
mod metrics_page;
mod output;
#[cfg(test)]
mod paused_time;
mod request;
mod server;
mod sound;
mod speech;
#[cfg(unix)]
mod unix_socket;
mod voices;
mod write_limit;
mod wyoming;

use std::sync::Arc;
use std::time::Instant;

use piper_rs::audio::BufferPool;
use piper_rs::chunk::LineBreaks;
use tokio::sync::watch;

use self::http::access::Access;
use self::listener::Listeners;
use self::server::Server;
use self::speech::{Speech, SpeechLimits};
use self::voices::Voices;
use crate::args::ServeArgs;
use crate::commands::Context;
use crate::speech::cores::default_threads;
use crate::speech::engine::Engine;
use crate::speech::engine_options::EngineOptions;
use crate::speech::settings::Settings;
use crate::speech::stats::Stats;
use crate::speech::voice_checks::CheckTime;
use crate::terminal::report::Outcome;
use crate::terminal::signals;

pub(crate) fn serve(args: &ServeArgs, context: &Context) -> anyhow::Result<Outcome> {
    let access = Access::from_args(&args.listen)?;
    let stop = Arc::new(watch::Sender::new(false));
    stop_on_signal(Arc::clone(&stop))?;
    // Before anything is loaded: a client that connects early waits for its answer.
    let listeners = Listeners::open(&args.listen, &context.environment)?;
    let speech = Arc::new(speech(args, context)?);
    let preloads = speech.check(&args.preload)?;
    speech.preload(&preloads);
    for description in listeners.descriptions() {
        context
            .reporter
            .note(&format!("listening on {description}"));
    }
    let started = Instant::now();
    let server = Server {
        speech: Arc::clone(&speech),
        access: Arc::new(access),
        idle_exit: args.limits.idle_exit,
        stop,
    };
    server.run(listeners)?;
    speech.wait_for_jobs();
    if let Some(format) = args.engine.stats {
        let stream = speech.metrics().stream();
        let (pool, cache) = (speech.pool().stats(), speech.engine().cache());
        let stats = Stats::new(pool, cache, stream, started.elapsed());
        context.reporter.raw_line(&stats.render(format));
    }
    // A voice may still be loading, which takes seconds, and nobody needs it.
    signals::leave(0)
}

/// Stops the server at the first request of the user, and the program at the second.
fn stop_on_signal(stop: Arc<watch::Sender<bool>>) -> piper_rs::Result<()> {
    let (mut requests, mut has_stopped) = (signals::Requests::default(), false);
    signals::on_signal(move || {
        if !requests.is_new(Instant::now()) {
            return;
        }
        if std::mem::replace(&mut has_stopped, true) {
            signals::exit();
        }
        stop.send_replace(true);
    })
}

fn speech(args: &ServeArgs, context: &Context) -> anyhow::Result<Speech> {
    let mut settings = Settings::from_args(&args.speech, &context.config.overrides)?;
    settings.set_line_breaks(None, LineBreaks::Auto);
    let options = EngineOptions::from_args(&args.engine, settings.mode, &context.environment);
    let options = options
        .with_room_for_voices(true)
        .with_check(CheckTime::Beside);
    let identity = options.identity(&context.environment, &context.libraries);
    let engine = Engine::new(
        context.libraries.clone(),
        context
            .environment
            .voice_folders(&args.speech.voice.data_dir),
        options,
        Arc::clone(&context.reporter),
    );
    let default = engine.files(settings.voice.as_deref(), settings.config.clone())?;
    let voices = Voices::new(
        engine.voice_folders().clone(),
        default,
        &args.voices,
        &args.names.voice_name,
    )?;
    let threads = args
        .engine
        .threads
        .map_or_else(default_threads, usize::from);
    Ok(Speech::new(
        (engine, identity),
        settings,
        voices,
        BufferPool::new(args.engine.pool_size),
        SpeechLimits {
            threads,
            max_waiting: args.limits.max_queue.get().saturating_add(threads),
            max_chars: args.limits.max_chars.get(),
        },
        Arc::clone(&context.reporter),
    ))
}
