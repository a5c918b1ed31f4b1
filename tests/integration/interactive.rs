//! `interactive` with a script: lines and their replies.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::dialog::{Dialog, SESSION, events};
use crate::scene::{Scene, Wav, concat, silence, without_silence};

/// The pause between two lines, in samples of the test voice.
const PAUSE: usize = 22050 / 5;
/// Time after which a test gives up.
const TIMEOUT: Duration = Duration::from_secs(60);

#[test]
fn a_line_sounds_as_with_speak_and_save_writes_the_same_audio() {
    let scene = Scene::new();
    let expected = scene.spoken("$TINY --normalize off", "Hello there.\n");
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o all.wav"));
    dialog.types("Hello there.");
    dialog.types(":save saved.wav");
    let spoken = dialog.event("spoken");
    let saved = dialog.event("saved");
    assert_eq!(saved["extent"], "whole");
    assert_eq!(saved["audio_seconds"], spoken["audio_seconds"]);
    dialog.ends_well();
    assert_eq!(scene.wav("all.wav"), expected);
    assert_eq!(scene.read("saved.wav"), scene.read("all.wav"));
}

#[test]
fn save_writes_what_the_device_played() {
    let scene = Scene::with_device();
    let mut dialog = Dialog::start(&scene, "piper-rs i --json -m tiny --seed 3");
    for line in ["Hello there.", ":save saved.wav"] {
        dialog.types(line);
    }
    dialog.ends_well();
    let saved = scene.wav("saved.wav").samples;
    let played = scene.captured();
    assert!(saved.iter().any(|sample| *sample != 0));
    assert!(without_silence(&played) == without_silence(&saved));
}

#[test]
fn at_the_end_of_input_all_queued_lines_are_spoken() {
    const LINES: usize = 150; // more than the queue holds
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o all.wav"));
    for n in 0..LINES {
        dialog.types(&format!("a {n}"));
    }
    let messages = dialog.ends_well();
    let spoken = events(&messages, "spoken");
    let ids: Vec<_> = spoken.iter().map(|event| event["id"].as_u64()).collect();
    assert_eq!(ids, (1..=LINES as u64).map(Some).collect::<Vec<_>>());
    let seconds: f64 = spoken
        .iter()
        .map(|event| event["audio_seconds"].as_f64().unwrap())
        .sum();
    let pauses = (LINES - 1) as f64 * 0.2;
    assert!((scene.wav("all.wav").seconds() - seconds - pauses).abs() < 0.01);
}

#[test]
fn repeat_plays_the_same_audio() {
    let scene = Scene::new();
    // With noise, each synthesis gives different audio.
    let session = "piper-rs interactive --json -m tiny -o all.wav";
    let mut dialog = Dialog::start(&scene, session);
    for line in [
        "Hello.",
        ":save one.wav",
        ":repeat",
        "Hello.",
        ":save two.wav",
    ] {
        dialog.types(line);
    }
    dialog.ends_well();
    let [one, two, all] = ["one.wav", "two.wav", "all.wav"].map(|name| scene.wav(name).samples);
    assert_ne!(one, two);
    let pause = silence(PAUSE);
    assert!(all == concat(&[&one, &pause, &one, &pause, &two]));
}

#[test]
fn a_switch_reports_whether_the_voice_was_loaded_or_cached() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o all.wav"));
    let loaded = dialog.asks(":voice tiny_multi");
    assert_eq!(loaded["found"], "loaded");
    assert_eq!(loaded["speakers"], 3);
    for (argument, name) in [("-", "tiny"), ("tiny_multi", "tiny_multi"), ("-", "tiny")] {
        let cached = dialog.asks(&format!(":voice {argument}"));
        assert_eq!(
            (&cached["voice"], &cached["found"]),
            (&name.into(), &"cached".into())
        );
    }
    let voices = dialog.asks(":voices");
    let find = |name: &str| {
        let voices = voices["voices"].as_array().unwrap();
        voices.iter().find(|v| v["name"] == name).unwrap().clone()
    };
    assert_eq!(find("tiny")["current"], true);
    assert_eq!(find("tiny_multi")["loaded"]["uses"], 2);
    assert!(find("tiny_multi")["loaded"]["bytes"].as_u64().unwrap() > 0);
    assert!(
        find("en_US-slt-low")["loaded"].is_null(),
        "built in, not used"
    );
    dialog.ends_well();
}

#[test]
fn a_preloaded_voice_is_cached_before_it_is_used() {
    let scene = Scene::new();
    let session = format!("{SESSION} --preload tiny_multi --preload en_US-slt-low -o x.wav");
    let mut dialog = Dialog::start(&scene, &session);
    let start = Instant::now();
    loop {
        let voices = dialog.asks(":voices");
        let voices = voices["voices"].as_array().unwrap();
        if voices.iter().all(|voice| !voice["loaded"].is_null()) {
            break;
        }
        assert!(start.elapsed() < TIMEOUT, "{voices:?}");
    }
    assert_eq!(dialog.asks(":voice tiny_multi")["found"], "cached");
    dialog.ends_well();
}

#[test]
fn a_queued_line_keeps_its_voice() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o all.wav"));
    for line in ["One.", ":voice tiny_multi", "Two.", ":speaker 2", "Three."] {
        dialog.types(line);
    }
    let messages = dialog.ends_well();
    let started = events(&messages, "started");
    let voices: Vec<_> = started.iter().map(|event| &event["voice"]).collect();
    assert_eq!(voices, ["tiny", "tiny_multi", "tiny_multi"]);
    let flags = ["$TINY", "$MULTI", "$MULTI --speaker 2"];
    let parts: Vec<_> = flags
        .iter()
        .zip(["One.", "Two.", "Three."])
        .map(|(flags, text)| {
            let wav = scene.spoken(&format!("{flags} --normalize off"), text);
            wav.samples
        })
        .collect();
    let pause = silence(PAUSE);
    let expected = concat(&[&parts[0], &pause, &parts[1], &pause, &parts[2]]);
    assert!(scene.wav("all.wav").samples == expected);
}

#[test]
fn stop_and_skip_interrupt_a_sentence() {
    let scene = Scene::new();
    for voice in ["tiny", "en_US-slt-low"] {
        for command in [":stop", ":skip"] {
            let session = format!("piper-rs i --json -m {voice} --chunk-size 1000 -o x.wav");
            let mut dialog = Dialog::start(&scene, &session);
            dialog.starts_long_sentence();
            dialog.types(command);
            assert_eq!(dialog.event("interrupted")["id"], 1, "{voice} {command}");
            dialog.asks(":set length_scale default");
            dialog.types("And on.");
            assert_eq!(dialog.event("spoken")["id"], 2, "the session goes on");
            dialog.ends_well();
        }
    }
}

#[test]
fn the_queue_is_listed_skipped_and_dropped() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} --chunk-size 1000 -o x.wav"));
    dialog.starts_long_sentence();
    for (ahead, line) in ["Two.", ":repeat", ":save a.wav"].iter().enumerate() {
        let queued = dialog.asks(line);
        assert_eq!(queued["ahead"], ahead + 1);
    }
    let listed = dialog.asks(":queue");
    assert_eq!(listed["speaking"]["id"], 1);
    let waiting: Vec<_> = listed["waiting"].as_array().unwrap().iter().collect();
    let what: Vec<_> = waiting.iter().map(|item| &item["what"]).collect();
    assert_eq!(what, ["Two.", ":repeat", ":save a.wav"]);
    let stopped = dialog.asks(":stop");
    assert_eq!(
        (&stopped["id"], &stopped["dropped"]),
        (&1.into(), &3.into())
    );
    dialog.asks(":wait");
    let empty = dialog.asks(":queue");
    assert!(empty["speaking"].is_null() && empty["waiting"] == Value::Array(Vec::new()));
    dialog.ends_well();
    assert!(!scene.path("a.wav").exists(), "it was dropped");
}

#[test]
fn settings_change_the_speech() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o x.wav"));
    let lines = [
        "Hello.",
        ":save plain.wav",
        ":speed 0.5",
        "Hello.",
        ":save slow.wav",
        ":speed default",
        ":volume 0.5",
        "Hello.",
        ":save soft.wav",
        ":volume default",
        ":set sentence_silence 1",
        "Hello. Hello.",
        ":save pause.wav",
        ":set noise_scale 1",
        ":set seed 7",
        "Hello.",
        ":save seven.wav",
        "Hello.",
        ":save again.wav",
        ":set seed 8",
        "Hello.",
        ":save eight.wav",
    ];
    for line in lines {
        dialog.types(line);
    }
    let messages = dialog.ends_well();
    assert_eq!(events(&messages, "saved").len(), 7);
    let wav = |name: &str| scene.wav(&format!("{name}.wav"));
    let plain = wav("plain");
    assert!(wav("slow").seconds() > 1.5 * plain.seconds());
    assert!(wav("soft").peak().abs_diff(plain.peak() / 2) <= 1);
    assert!(
        wav("pause")
            .samples
            .windows(22050)
            .any(|w| w.iter().all(|s| *s == 0))
    );
    assert_eq!(wav("seven"), wav("again"));
    assert_ne!(wav("seven"), wav("eight"));
}

#[test]
fn limits_of_the_cache_and_the_pool_change_immediately() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o x.wav"));
    dialog.asks(":voice tiny_multi");
    assert_eq!(dialog.asks(":stats")["cache"]["voices"], 2);
    let set = dialog.asks(":set cache_voices 1");
    assert_eq!(set["settings"]["cache_voices"], 1);
    let stats = dialog.asks(":stats");
    assert_eq!(
        (&stats["cache"]["voices"], &stats["cache"]["evictions"]),
        (&1.into(), &1.into())
    );
    dialog.asks("Hello.");
    dialog.asks(":wait");
    assert!(
        dialog.asks(":stats")["pool"]["bytes_held"]
            .as_u64()
            .unwrap()
            > 0
    );
    dialog.asks(":set pool_size 0");
    let stats = dialog.asks(":stats");
    assert_eq!(stats["pool"]["bytes_held"], 0);
    assert_eq!(stats["stream"]["sentences"], 1);
    dialog.ends_well();
}

#[test]
fn voices_are_unloaded_and_statistics_are_reset() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o x.wav"));
    dialog.types("Hello.");
    dialog.event("spoken");
    dialog.asks(":voice tiny_multi");
    for voices in [1, 0] {
        assert_eq!(dialog.asks(":unload tiny_multi")["voices"], voices);
    }
    assert_eq!(dialog.asks(":voice -")["found"], "cached");
    assert_eq!(dialog.asks(":stats reset")["stream"]["sentences"], 1);
    let stats = dialog.asks(":stats");
    let counts = ["/stream/sentences", "/cache/requests", "/pool/acquired"];
    for count in counts {
        assert_eq!(
            stats.pointer(count),
            Some(&Value::from(0)),
            "{count} {stats}"
        );
    }
    dialog.ends_well();
}

#[test]
fn errors_are_reported_and_the_session_continues() {
    let scene = Scene::new();
    let mut dialog = Dialog::start(&scene, &format!("{SESSION} -o x.wav"));
    let cases = [
        (":vioce x", "did you mean `:voice`"),
        (":voice nosuch", "no voice `nosuch`"),
        (":voice -", "no previous voice"),
        (":speaker bob", "no speaker `bob`"),
        (":speed 0", "out of range"),
        (":volume loud", "not a number"),
        (":set sed 1", "did you mean `seed`"),
        (":save", "needs an argument"),
    ];
    for (line, words) in cases {
        let reply = dialog.asks(line);
        assert_eq!(reply["reply"], "error", "{line}");
        assert!(
            reply["message"].as_str().unwrap().contains(words),
            "{reply}"
        );
    }
    for (line, words) in [
        (":save a.wav", "nothing has been spoken"),
        (":repeat", "nothing"),
    ] {
        dialog.types(line);
        let failed = dialog.event("failed");
        assert!(
            failed["message"].as_str().unwrap().contains(words),
            "{failed}"
        );
    }
    assert_eq!(dialog.asks(":voice")["voice"], "tiny");
    dialog.types("Hello.");
    dialog.types(":save nowhere/a.wav");
    dialog.event("spoken");
    let failed = dialog.event("failed");
    assert!(
        failed["message"].as_str().unwrap().contains("nowhere"),
        "{failed}"
    );
    let (code, stderr, _) = dialog.ends();
    assert_eq!(
        (code, stderr.as_str()),
        (Some(1), ""),
        "a script with errors has failed"
    );
    assert!(scene.wav("x.wav").seconds() > 0.1);
}

#[test]
fn quit_interrupts_the_speech_and_completes_the_file() {
    let scene = Scene::new();
    let session = format!("{SESSION} --chunk-size 1000 -o x.wav");
    let mut dialog = Dialog::start(&scene, &session);
    dialog.starts_long_sentence();
    dialog.types(":quit");
    let messages = dialog.ends_well();
    assert_eq!(events(&messages, "interrupted").len(), 1);
    Wav::parse(&scene.read("x.wav"));
}

#[test]
fn a_signal_ends_a_script_and_completes_its_file() {
    for signal in ["INT", "TERM"] {
        let scene = Scene::new();
        let session = format!("{SESSION} --chunk-size 1000 -o x.wav");
        let mut dialog = Dialog::start(&scene, &session);
        dialog.types("Hello.");
        dialog.event("spoken");
        dialog.starts_long_sentence();
        dialog.live.signal(signal);
        assert_eq!(dialog.live.ends().0, Some(130), "{signal}");
        assert!(scene.wav("x.wav").seconds() > 0.1);
    }
}

#[test]
fn raw_audio_is_alone_on_stdout() {
    let scene = Scene::new();
    let spoken = scene.spoken("$TINY", "Hello.").samples;
    let run = scene
        .sh("printf 'Hello.\\n:voices\\n' | piper-rs interactive $TINY --raw")
        .ok();
    assert!(run.samples() == spoken);
    run.says(&["`:help`", "tiny_multi"]);
    scene
        .sh("printf 'Hello.\\nHello.\\n' | piper-rs interactive -q $TINY --raw 2>said | head -c 9")
        .ok();
    scene.sh("echo | piper-rs interactive --json -o -").exits(2);
    scene
        .sh("echo | piper-rs interactive --json --raw")
        .exits(2);
}

#[test]
fn a_missing_voice_is_reported_at_the_start() {
    let scene = Scene::new();
    scene
        .sh("echo Hello. | piper-rs interactive -m nosuch -o x.wav")
        .exits(3)
        .says(&["no voice `nosuch`"]);
    scene
        .sh("echo Hello. | piper-rs interactive $TINY --preload nosuch -o x.wav")
        .exits(3);
}
