//! `--speed X` makes speech X times as fast, with every voice.

use crate::scene::{Scene, shared_voice, trained_voice};

const TEXT: &str = "The old miller carried two sacks of flour.\n\nA cold wind blew dust.";

/// Test voices, the built-in one, and those of real size on this machine.
fn voices() -> Vec<String> {
    let large = [
        trained_voice(),
        shared_voice("x_low"),
        shared_voice("medium_multi"),
    ];
    let large = large.into_iter().flatten();
    let small = ["$TINY", "$MULTI", ""].map(str::to_owned);
    let large = large.map(|path| format!("-m {}", path.display()));
    small.into_iter().chain(large).collect()
}

#[test]
fn the_duration_is_divided_by_the_speed_with_every_voice() {
    let scene = Scene::new();
    for voice in voices() {
        let seconds = |flags: &str| {
            let wav = scene.spoken(&format!("{voice} --seed 3 {flags}"), TEXT);
            wav.seconds()
        };
        let natural = seconds("");
        for speed in [0.5, 0.8, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0] {
            let ratio = natural / seconds(&format!("--speed {speed}")) / speed;
            assert!(
                (ratio - 1.0).abs() < 0.02,
                "{voice} at speed {speed}: {:.3}",
                ratio * speed
            );
        }
    }
}

#[test]
fn speed_1_changes_no_sample() {
    let scene = Scene::new();
    for voice in ["$TINY", "$MULTI", ""] {
        let with = |flags: &str| scene.spoken(&format!("{voice} --seed 3 {flags}"), TEXT);
        assert_eq!(with("--speed 1"), with(""), "{voice}");
    }
}

#[test]
fn pauses_become_shorter_with_the_speech() {
    let scene = Scene::new();
    let seconds = |flags: &str| {
        let text = "Hello, you. Hello.\n\nHello.";
        scene
            .spoken(&format!("$TINY --seed 3 {flags}"), text)
            .seconds()
    };
    let pauses = "--sentence-silence 2 --paragraph-silence 4 --phoneme-silence , 2";
    let without = "--sentence-silence 0 --paragraph-silence 0 --phoneme-silence , 0";
    for speed in [0.5, 1.0, 1.5, 4.0] {
        let [with, without] = [pauses, without].map(|p| seconds(&format!("--speed {speed} {p}")));
        assert!((with - without - 8.0 / speed).abs() < 1e-3, "{speed}");
    }
}

#[test]
fn the_length_scale_stays_pipers_and_combines_with_the_speed() {
    let scene = Scene::new();
    let seconds = |flags: &str| {
        scene
            .spoken(&format!("$TINY --seed 3 {flags}"), TEXT)
            .seconds()
    };
    let slow = seconds("--length-scale 2 --sentence-silence 0 --paragraph-silence 0");
    let both = seconds("--length-scale 2 --sentence-silence 0 --paragraph-silence 0 --speed 2");
    assert!((slow / both / 2.0 - 1.0).abs() < 0.02, "{slow} {both}");
}

#[test]
fn a_voice_that_is_not_prepared_has_the_same_length() {
    let scene = Scene::new();
    for speed in ["0.5", "1.2", "3"] {
        let seconds = |flags: &str| {
            let flags = format!("$MULTI --seed 3 --speed {speed} {flags}");
            scene.spoken(&flags, TEXT).seconds()
        };
        assert_eq!(seconds(""), seconds("--no-prepare"));
    }
}
