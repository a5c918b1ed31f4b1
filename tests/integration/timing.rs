//! Promises about time: speech stops within 100 ms, and a prepared voice has the
//! faster layout.
//!
//! These tests need a machine that does nothing else, so `cargo test` ignores
//! them; `make test` runs them one after the other. The limit is one second,
//! because test machines are slower than the promise assumes. The measured times
//! are printed.

use std::io::Read as _;
use std::time::{Duration, Instant};

use piper_rs::voice::prepared::{DEFAULT_MAX_BYTES, PreparedVoices};
use piper_rs::voice::{ChannelLayout, Engine, EngineChoice};

use crate::dialog::{Dialog, SESSION, long_sentence};
use crate::ready::load;
use crate::scene::{Live, Scene, shared_voice, trained_voice};
use crate::serve::server::Server;
use crate::speechd::Module;

const LIMIT: Duration = Duration::from_secs(1);

/// Runs `act`, which must take less than the limit.
#[track_caller]
fn limited<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = act();
    let duration = start.elapsed();
    eprintln!("{what}: {duration:.1?}");
    assert!(duration < LIMIT, "{what} took {duration:?}");
    result
}

fn stop_with_signal(live: &mut Live, signal: &str) {
    let code = limited(&format!("SIG{signal} ends the program"), || {
        live.signal(signal);
        live.ends().0
    });
    assert_eq!(code, Some(130));
}

#[test]
#[ignore = "needs an idle machine: `make test` runs it"]
fn stop_and_skip_interrupt_an_inference() {
    let scene = Scene::new();
    let voices = ["tiny", "en_US-slt-low"].map(str::to_owned);
    let large = shared_voice("medium").map(|path| path.display().to_string());
    for voice in voices.into_iter().chain(large) {
        for command in [":stop", ":skip"] {
            let session = format!("piper-rs i --json -m {voice} --chunk-size 1000 -o x.wav");
            let mut dialog = Dialog::start(&scene, &session);
            dialog.starts_long_sentence();
            limited(&format!("{voice}: {command}"), || {
                dialog.types(command);
                dialog.event("interrupted");
            });
            dialog.ends_well();
        }
    }
}

#[test]
#[ignore = "needs an idle machine: `make test` runs it"]
fn stop_silences_a_device() {
    let scene = Scene::with_device();
    let mut dialog = Dialog::start(&scene, "piper-rs i --json -m tiny --chunk-size 1000");
    dialog.starts_long_sentence();
    limited("the device falls silent", || {
        dialog.types(":stop");
        dialog.event("interrupted");
    });
    dialog.ends_well();
}

#[test]
#[ignore = "needs an idle machine: `make test` runs it"]
fn speech_dispatcher_stops_a_message() {
    let scene = Scene::new();
    let mut module = Module::start(&scene, "-m tiny --chunk-size 1000");
    for events in [0, 1, 5] {
        module.begin("SPEAK", &long_sentence());
        for _ in 0..events {
            module.said();
        }
        limited("STOP", || {
            module.send("STOP\n");
            module.rest();
        });
    }
}

#[test]
#[ignore = "needs an idle machine: `make test` runs it"]
fn a_client_that_leaves_ends_its_work_whatever_it_waits_for() {
    let voice = trained_voice().map_or("tiny".to_owned(), |path| path.display().to_string());
    let flags = format!("-m {voice} --threads 1 --chunk-size 1000");
    let mut server = Server::start(&flags);
    server.post("/synthesize", r#"{"text": "Hi."}"#).is(200);
    let request = |text: &str| {
        format!(
            r#"{{"input": "{}", "response_format": "pcm"}}"#,
            text.trim()
        )
    };
    let long = request(&long_sentence());
    let endless = request(&"This sentence is spoken again and again. ".repeat(1000));

    let client = server.begin(&long);
    server.until_metric("piper_requests_in_progress 1");
    limited("before the first sound", || {
        drop(client);
        server.until_idle();
    });

    let mut client = server.begin(&endless);
    client.read_exact(&mut [0; 1000]).unwrap();
    limited("while its sound is made or waits for it", || {
        drop(client);
        server.until_idle();
    });

    let clients: Vec<_> = (0..4).map(|_| server.begin(&long)).collect();
    server.until_metric("piper_requests_waiting 4");
    limited("in the queue", || {
        drop(clients);
        server.until_idle();
    });
}

#[test]
#[ignore = "needs an idle machine: `make test` runs it"]
fn readers_that_stall_do_not_slow_a_live_one() {
    let mut server = Server::start("--max-queue 64");
    let time = |server: &Server| {
        let mut times: Vec<_> = (0..9)
            .map(|n| {
                let started = Instant::now();
                let body = format!(r#"{{"text": "Hello there. This is live, number {n}."}}"#);
                server.post("/synthesize", &body).is(200);
                started.elapsed()
            })
            .collect();
        times.sort();
        times[4]
    };
    time(&server);
    let alone = time(&server);
    let text = "This sentence is spoken again and again. ".repeat(1500);
    let body = format!(r#"{{"input": "{text}", "response_format": "pcm"}}"#);
    let stalled: Vec<_> = (0..64).map(|_| server.begin(&body)).collect();
    server.until_metric("piper_requests_in_progress 64");
    server.until_metric("piper_requests_waiting 0");
    // They stall when the buffers of their connections are full: then nothing is computed.
    let cpu_seconds = |server: &Server| server.metric("process_cpu_seconds_total");
    let mut before = 0.0;
    while cpu_seconds(&server) > before + 0.1 {
        before = cpu_seconds(&server);
        // Nothing is said meanwhile.
        server.live.hear_for(Duration::from_millis(500));
    }
    let among_them = time(&server);
    drop(stalled);
    eprintln!("alone {alone:.1?}, with 64 readers that stall {among_them:.1?}");
    assert!(among_them < 2 * alone + Duration::from_millis(20));
}

#[test]
#[ignore = "needs an idle machine: `make test` runs it"]
fn quit_ends_the_session() {
    let scene = Scene::new();
    let session = format!("{SESSION} --chunk-size 1000 -o x.wav");
    let mut dialog = Dialog::start(&scene, &session);
    dialog.starts_long_sentence();
    dialog.types(":quit");
    let code = limited(":quit ends the session", || dialog.live.ends().0);
    assert_eq!(code, Some(0));
}

#[test]
#[ignore = "needs an idle machine: `make test` runs it"]
fn a_signal_interrupts_an_inference() {
    let scene = Scene::new();
    for signal in ["INT", "TERM"] {
        let flags = "--length-scale 20 --chunk-size 1000 --raw";
        let mut live = scene.start(&format!("piper-rs speak {flags}"));
        live.types("Hi.");
        live.hear(1000);
        live.types(&long_sentence());
        // The pause before the second line is written just before its inference.
        live.hear(9000);
        stop_with_signal(&mut live, signal);
    }
}

#[test]
#[ignore = "needs an idle machine: `make test` runs it"]
fn a_signal_silences_a_device() {
    let scene = Scene::with_device();
    let mut live = scene.start("piper-rs speak --play -o x.wav");
    live.types("Hello.");
    live.types(&long_sentence());
    live.until(|| scene.has_played());
    stop_with_signal(&mut live, "INT");
}

#[cfg(target_arch = "x86_64")]
#[test]
#[ignore = "needs an idle machine: `make test` runs it"]
fn voices_of_real_size_are_prepared_in_the_faster_layout() {
    // Preparing measures which layout is faster.
    for name in ["x_low", "medium"] {
        let Some(model) = shared_voice(name) else {
            continue;
        };
        let folder = tempfile::tempdir().unwrap();
        let prepared = PreparedVoices::new(folder.path().to_owned(), DEFAULT_MAX_BYTES);
        let prepared = prepared.with_engine(EngineChoice {
            engine: Engine::OnnxRuntime,
            ..EngineChoice::default()
        });
        let voice = load(&model, Some(prepared));
        let decoder = voice.model_info().parts.last().copied();
        let layout = decoder.and_then(|decoder| decoder.layout);
        let is_blocked = matches!(layout, Some(ChannelLayout::Blocks { .. }));
        assert!(is_blocked, "{name}: {layout:?}");
    }
}
