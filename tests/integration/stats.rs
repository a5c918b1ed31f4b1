//! `--stats`, and the allocations of audio buffers: none after the warm-up.
#![allow(unsafe_code)] // an allocator is unsafe by its trait

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use piper_rs::lexicon::Pronouncer;
use piper_rs::phoneme::{Espeak, EspeakOptions, EspeakPhonemizer, PiperMode};
use piper_rs::synth::{SpeakOptions, SpeechSession, Synthesizer};
use piper_rs::voice::{LoadOptions, Scales, Voice, VoiceFiles};
use serde_json::Value;

use crate::scene::{Scene, root, runtime};

/// The statistics of `speak` with `flags` for `text`.
fn stats(scene: &Scene, flags: &str, text: &str) -> Value {
    scene.write("text", text);
    let run = scene
        .sh(&format!(
            "piper-rs speak $TINY {flags} --stats json -o x.wav < text"
        ))
        .ok();
    serde_json::from_str(run.stderr.lines().last().unwrap()).unwrap()
}

#[test]
fn json_statistics_have_the_documented_fields() {
    let scene = Scene::new();
    let stats = stats(&scene, "", "One. Two.\nThree [[☃]].\n");
    let stream = &stats["stream"];
    let seconds = scene.wav("x.wav").seconds();
    assert!((stream["audio_seconds"].as_f64().unwrap() - seconds).abs() < 1e-6);
    assert_eq!(
        (&stream["sentences"], &stream["unknown_phonemes"]),
        (&3.into(), &1.into())
    );
    // The first sentence is a chunk alone, so that it need not wait for a second one.
    assert_eq!(stream["chunks"], 3);
    let number = |name: &str| {
        stream[name]
            .as_f64()
            .unwrap_or_else(|| panic!("{name}: {stream}"))
    };
    let (wall, cpu) = (number("wall_seconds"), number("cpu_seconds"));
    assert!(wall > 0.0 && cpu > 0.0);
    assert!((number("real_time_factor") - wall / seconds).abs() < 1e-6);
    if cfg!(target_os = "linux") {
        assert!(number("peak_memory_bytes") > 1e6);
    }
    assert!((0.1..wall * 1000.0).contains(&number("first_audio_ms")));
    for name in [
        "acquired",
        "allocated",
        "reused",
        "returned",
        "discarded",
        "in_flight",
        "peak_in_flight",
        "bytes_held",
    ] {
        assert!(stats["pool"][name].is_u64(), "{name}: {}", stats["pool"]);
    }
    assert_eq!(stats["pool"]["acquired"], stats["pool"]["returned"]);
    for (name, count) in [
        ("hits", 1),
        ("misses", 1),
        ("loads", 1),
        ("failed_loads", 0),
        ("evictions", 0),
    ] {
        assert_eq!(stats["cache"][name], count, "{name}: {}", stats["cache"]);
    }
}

#[test]
fn text_statistics_are_readable() {
    let scene = Scene::new();
    let run = scene
        .sh("piper-rs speak $TINY --stats -o x.wav 'One. Two.'")
        .ok();
    run.says(&[
        "stream ",
        "s of audio in ",
        "of real time",
        "2 inferences",
        "pool ",
        "cache ",
    ]);
}

#[test]
fn a_run_that_fails_has_statistics_too() {
    let scene = Scene::new();
    scene.write("text", b"One.\n\xff\n");
    let run = scene
        .sh("piper-rs speak $TINY --stats=json -o x.wav < text")
        .exits(1);
    let last = run
        .stderr
        .lines()
        .find(|line| line.starts_with('{'))
        .unwrap();
    let stats: Value = serde_json::from_str(last).unwrap();
    assert_eq!(stats["stream"]["sentences"], 1);
}

#[test]
fn a_long_run_allocates_no_more_buffers_than_a_short_one() {
    let scene = Scene::new();
    let line = "A few words to say, then more. And a question?\n";
    let run = |lines: usize| {
        let stats = stats(&scene, "--ahead 4", &line.repeat(lines));
        let number = |name: &str| stats["pool"][name].as_u64().unwrap();
        let discarded = number("discarded");
        assert_eq!(discarded, 0);
        (
            number("acquired"),
            number("allocated"),
            number("grown"),
            number("peak_in_flight"),
        )
    };
    let (acquired, allocated, grown, peak) = run(60);
    assert!(acquired > 200, "{acquired}");
    // Four ahead, one at either end of the queue, and those that grew to the longest sentence.
    assert!(
        peak <= 8 && allocated <= 2 * peak && grown <= 2 * peak,
        "{allocated} {grown} {peak}"
    );
}

/// Counts the large allocations of this thread.
struct CountingAllocator;

const LARGE_BYTES: usize = 16 * 1024;

thread_local! {
    static LARGE: Cell<u64> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    if bytes >= LARGE_BYTES {
        LARGE.set(LARGE.get() + 1);
    }
}

// SAFETY: every call is passed on unchanged to the system's allocator. The
// counter is a plain number: it allocates nothing and has no destructor.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller guarantees what `System` requires.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above; `memory` came from `System`.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        count(bytes);
        // SAFETY: as above; `memory` came from `System`.
        unsafe { System.realloc(memory, layout, bytes) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

#[test]
fn steady_synthesis_allocates_no_audio_buffers() {
    let before = LARGE.get();
    drop(Vec::<f32>::with_capacity(LARGE_BYTES / 4));
    assert_eq!(LARGE.get(), before + 1, "the counter works");

    let synthesizer = synthesizer();
    let mut session = SpeechSession::default();
    let text = "The same sentence, every time. ".repeat(60);
    let (mut sentences, mut warm, mut audio_bytes) = (0, 0, 0);
    for block in synthesizer.blocks(&mut session, &text) {
        let block = block.unwrap();
        if block.kind == piper_rs::audio::BlockKind::Speech {
            sentences += 1;
            audio_bytes = block.samples.len() * 4;
        }
        if sentences == 20 {
            warm = LARGE.get();
        }
    }
    assert_eq!(sentences, 60);
    assert!(
        audio_bytes > LARGE_BYTES,
        "an audio buffer would be counted: {audio_bytes}"
    );
    assert_eq!(LARGE.get() - warm, 0);
}

fn synthesizer() -> Synthesizer {
    let files = VoiceFiles::on_disk(root().join("tests/voices/tiny.onnx"), None);
    let options = LoadOptions {
        threads: 1,
        ..LoadOptions::default()
    };
    let voice = Arc::new(Voice::load(&files, &runtime(), &options).unwrap());
    let espeak = Espeak::open(&EspeakOptions::default()).unwrap();
    let phonemizer = EspeakPhonemizer::new(espeak, "en-us", PiperMode::Improved).unwrap();
    let speak = SpeakOptions {
        // The same length every time.
        scales: Scales {
            noise_w: 0.0,
            ..voice.config().scales
        },
        ..SpeakOptions::default()
    };
    Synthesizer::new(voice, Pronouncer::new(Arc::new(phonemizer)), speak).unwrap()
}
