//! `--rate` and `--trim`: what files and streams contain.

use crate::scene::{Scene, Wav, has, trained_voice};

const TEXT: &str = "Good morning. How are you?";
const FLAGS: &str = "--noise-scale 0 --noise-w 0";

/// Samples above these are not silence, 30 dB below the default loudness: of the built-in
/// voice, -15.5 LUFS, and of the trained one, -19 LUFS.
const SOUND_BUILTIN: u16 = 174;
const SOUND_TRAINED: u16 = 116;

/// Where a file begins within another one that has the same samples.
fn position(part: &Wav, whole: &Wav) -> Option<usize> {
    let mut windows = whole.samples.windows(part.samples.len().max(1));
    windows.position(|window| window == part.samples)
}

/// The seconds of silence before the first sound and after the last one.
fn silence_at_ends(wav: &Wav, sound: u16) -> [f64; 2] {
    let is_sound = |sample: &i16| sample.unsigned_abs() > sound;
    let first = wav.samples.iter().position(is_sound).unwrap();
    let last = wav.samples.iter().rposition(is_sound).unwrap();
    let seconds = |samples: usize| samples as f64 / f64::from(wav.rate);
    [seconds(first), seconds(wav.samples.len() - 1 - last)]
}

#[test]
fn a_file_has_the_requested_rate_and_the_same_duration() {
    let scene = Scene::new();
    let own = scene.spoken("$TINY", TEXT);
    for rate in [4000, 8000, 16000, 22050, 24000, 44100, 48000, 192_000] {
        let wav = scene.spoken(&format!("$TINY --rate {rate}"), TEXT);
        assert_eq!(wav.rate, rate);
        let distance = (wav.seconds() - own.seconds()).abs();
        assert!(distance < 2.0 / f64::from(rate.min(own.rate)), "{rate}");
        assert!(
            rate != own.rate || wav == own,
            "its own rate changes nothing"
        );
    }
}

#[test]
fn pipes_and_raw_samples_have_the_requested_rate() {
    let scene = Scene::new();
    let wav = scene.spoken(&format!("{FLAGS} --rate 8000"), TEXT);
    let line = format!("piper-rs speak {FLAGS} --rate 8000 '{TEXT}'");
    let raw = scene.sh(&format!("{line} --raw")).ok();
    assert!(raw.samples() == wav.samples);
    let pipe = scene.sh(&format!("{line} -o - | cat")).ok();
    assert_eq!(pipe.stdout[24..28], 8000u32.to_le_bytes());
    assert!(pipe.stdout.len() == 44 + 2 * wav.samples.len());
    scene.sh(&format!("{line} -o - > redirected.wav")).ok();
    assert!(scene.wav("redirected.wav") == wav);
}

#[test]
fn a_device_is_not_affected() {
    let plain = Scene::with_device();
    plain
        .sh(&format!("piper-rs speak {FLAGS} --play '{TEXT}'"))
        .ok();
    let both = Scene::with_device();
    let line = format!("piper-rs speak {FLAGS} --play -o x.wav --rate 8000 '{TEXT}'");
    both.sh(&line).ok();
    // The device may add silence before it closes.
    let played = |scene: &Scene| {
        let samples = scene.captured();
        let last = samples.iter().rposition(|sample| *sample != 0).unwrap();
        samples[..=last].to_vec()
    };
    assert!(played(&plain) == played(&both));
    assert_eq!(both.wav("x.wav").rate, 8000);
}

#[test]
fn sox_reads_the_rate_and_finds_nothing_above_half_of_it() {
    if !has("sox") {
        return;
    }
    let Some(voice) = trained_voice() else {
        return;
    };
    let scene = Scene::new();
    let flags = format!("-m {} {FLAGS} --rate 8000", voice.display());
    scene.spoken(&flags, "She sells sea shells.");
    let rate = scene.sh("soxi -r spoken.wav").ok();
    assert_eq!(rate.text(), "8000\n");
    // The hiss of an s is above 4 kHz. Folded down it would be near 3.9 kHz.
    let level = |effects: &str| -> f64 {
        let run = scene
            .sh(&format!("sox spoken.wav -n {effects} stat 2>&1"))
            .ok();
        let line = run
            .text()
            .lines()
            .find(|line| line.contains("RMS     amplitude"));
        line.unwrap()
            .split_whitespace()
            .last()
            .unwrap()
            .parse()
            .unwrap()
    };
    let (all, edge) = (level(""), level("sinc -t 50 3950"));
    assert!(edge < all * 1e-3, "{edge} of {all}");
}

#[test]
fn batch_writes_and_joins_at_the_requested_rate() {
    let scene = Scene::new();
    scene.write(
        "list.csv",
        "id,text,voice\na,Hello there.,tiny\nb,And you?,en_US-slt-low\n",
    );
    let line = "piper-rs batch -d out --manifest list.csv --seed 1 --join all.wav";
    scene.sh(&format!("{line} --rate 8000")).ok();
    let files = ["out/a.wav", "out/b.wav", "all.wav"].map(|name| scene.wav(name));
    assert!(files.iter().all(|file| file.rate == 8000));
    let [a, b, all] = files;
    assert!(all.samples.starts_with(&a.samples) && all.samples.ends_with(&b.samples));
    // Another rate is another file.
    let again = scene.sh(&format!("{line} --rate 16000"));
    assert!(
        again.stderr.contains("was made from another"),
        "{}",
        again.stderr
    );
}

#[test]
fn a_rate_is_a_key_of_the_config_file_and_must_be_possible() {
    let scene = Scene::new();
    scene.write("c.toml", "rate = 8000\n");
    assert_eq!(scene.spoken("$TINY --config-file c.toml", TEXT).rate, 8000);
    let wav = scene.spoken("$TINY --config-file c.toml --rate 16000", TEXT);
    assert_eq!(wav.rate, 16000);
    for rate in ["0", "3999", "192001", "3.9k", "8m", "-8000"] {
        let run = scene.sh(&format!("piper-rs speak $TINY -o x.wav --rate={rate} hi"));
        assert_eq!(run.code, Some(2), "{rate}");
        assert!(run.stderr.contains("--rate"), "{}", run.stderr);
    }
}

#[test]
fn only_the_silence_at_both_ends_is_trimmed() {
    let trained = trained_voice().map(|path| (format!("-m {}", path.display()), SOUND_TRAINED));
    let scene = Scene::new();
    let builtin = Some((String::new(), SOUND_BUILTIN));
    // Without preparing: another test may prepare the voice between two runs.
    let flags = format!("--no-prepare {FLAGS}");
    for (voice, sound) in [builtin, trained].into_iter().flatten() {
        let whole = scene.spoken(&format!("{voice} {flags}"), TEXT);
        let trimmed = scene.spoken(&format!("{voice} {flags} --trim"), TEXT);
        assert!(position(&trimmed, &whole).is_some(), "{voice}");
        let [before, after] = silence_at_ends(&trimmed, sound);
        assert!(before < 0.03 && after < 0.03, "{voice}: {before} {after}");
        let [_, untrimmed] = silence_at_ends(&whole, sound);
        assert!(untrimmed > 0.1, "{voice}: there is something to trim");
        let raw = format!("piper-rs speak {voice} {flags} --trim --raw '{TEXT}'");
        assert!(scene.sh(&raw).ok().samples() == trimmed.samples);
    }
}

#[test]
fn the_threshold_follows_the_level() {
    let scene = Scene::new();
    let length = |flags: &str| {
        let wav = scene.spoken(&format!("{FLAGS} --trim {flags}"), TEXT);
        wav.samples.len().cast_signed()
    };
    let usual = length("");
    for flags in ["--loudness -30", "--volume 0.25", "--normalize off"] {
        let distance = (length(flags) - usual).abs();
        assert!(distance < 160, "{flags}: {distance} samples");
    }
    let silent = scene.spoken("--trim --volume 0", TEXT);
    assert!(silent.samples.is_empty());
}

#[test]
fn each_file_of_several_is_trimmed() {
    let scene = Scene::new();
    scene.write("lines", "Good morning.\nHow are you?\n");
    scene
        .sh(&format!(
            "piper-rs speak {FLAGS} --trim -d spoken --output-dir-naming text < lines"
        ))
        .ok();
    scene
        .sh(&format!(
            "piper-rs batch {FLAGS} --trim -d made --lines lines --name '{{n}}'"
        ))
        .ok();
    for (name, text) in [
        ("made/1.wav", "Good morning."),
        ("made/2.wav", "How are you?"),
    ] {
        let expected = scene.spoken(&format!("{FLAGS} --trim"), text);
        // The number of threads may change the last bit.
        assert_eq!(
            scene.wav(name).samples.len(),
            expected.samples.len(),
            "{name}"
        );
        let [before, after] = silence_at_ends(&scene.wav(name), SOUND_BUILTIN);
        assert!(before < 0.03 && after < 0.03, "{name}: {before} {after}");
    }
    let [spoken, made] = ["spoken/Good morning.wav", "made/1.wav"].map(|name| scene.wav(name));
    assert_eq!(spoken.samples.len(), made.samples.len());
}

#[test]
fn a_trimmed_file_may_have_another_rate() {
    let scene = Scene::new();
    let trimmed = scene.spoken(&format!("{FLAGS} --trim"), TEXT);
    let both = scene.spoken(&format!("{FLAGS} --trim --rate 8000"), TEXT);
    assert!((trimmed.seconds() - both.seconds()).abs() < 0.001);
}
