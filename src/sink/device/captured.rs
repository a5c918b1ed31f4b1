//! Tests that play into an ALSA device which writes a file.
//!
//! ALSA takes its configuration from an environment variable once per
//! process, so each test runs a scenario in a process of its own: this test
//! binary, asked for the one ignored test below.

// Scenarios and their parents are tests, though not all are `#[test]`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use super::enabled::Playback;
use super::{DeviceOptions, DeviceSink, devices};
use crate::audio::resample::Resampler;
use crate::audio::{SampleRate, pcm};
use crate::sink::Sink;
use crate::sink::stream::{StreamFormat, StreamOptions, StreamSink};
use crate::{CancelToken, Error, Result};

const RATE: SampleRate = SampleRate::new(22050).unwrap();
const DEVICE_RATE: SampleRate = SampleRate::new(48000).unwrap();
const SCENARIO: &str = "PIPER_RS_TEST_SCENARIO";

/// A sound without a sample that is 0, so that silence between and after
/// cannot be taken for it.
fn sound(n_samples: usize) -> Vec<f32> {
    (0..n_samples)
        .map(|i| 0.5 + 0.4 * (i as f32 * 0.05).sin())
        .collect()
}

fn s16le(samples: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    pcm::extend_s16le(&mut bytes, samples);
    bytes
}

/// Configures ALSA to have one device, the default, that writes what it plays
/// to `file`. It plays as fast as it is fed.
fn alsa_config(file: &Path) -> String {
    format!(
        r#"
        pcm.nowhere {{ type null }}
        pcm.captured {{ type file slave.pcm nowhere file "{}" format raw }}
        pcm.!default {{
            type plug slave.pcm captured
            hint {{ show on description "Captured device" }}
        }}
        "#,
        file.display()
    )
}

/// Configures ALSA to have one device, the default, that plays in real time
/// and keeps in `file` what was heard: see `tests/alsa/clocked.c`.
fn clocked_config(file: &Path, settings: &str) -> String {
    let library = CLOCKED.as_ref().map_err(|error| error.as_str()).unwrap();
    format!(
        r#"
        pcm_type.clocked {{ lib "{}" }}
        pcm.!default {{ type clocked file "{}" {settings} }}
        "#,
        library.path().join("clocked.so").display(),
        file.display()
    )
}

static CLOCKED: LazyLock<Result<tempfile::TempDir, String>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-DPIC", "-O1", "-o"])
        .arg(folder.path().join("clocked.so"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/alsa/clocked.c"))
        .arg("-lasound")
        .output()
        .map_err(|error| format!("cannot run cc: {error}"))?;
    match compiled.status.success() {
        true => Ok(folder),
        false => Err(String::from_utf8_lossy(&compiled.stderr).into_owned()),
    }
});

struct Run {
    folder: tempfile::TempDir,
    output: Output,
}

impl Run {
    /// Runs a scenario of [`scenario`] in its own process.
    fn new(scenario: &str, config: impl Fn(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config_path = folder.path().join("asound.conf");
        fs::write(&config_path, config(&folder.path().join("captured"))).unwrap();
        let (_, module) = module_path!().split_once("::").unwrap();
        let output = Command::new(env::current_exe().unwrap())
            .args([
                &format!("{module}::scenario"),
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env("ALSA_CONFIG_PATH", config_path)
            .env(SCENARIO, scenario)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{scenario}: {said}");
        assert!(!said.contains("ALSA lib"), "{scenario}: {said}");
        Self { folder, output }
    }

    fn captured(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("captured")).unwrap()
    }

    /// What a scenario printed in a line after `key`.
    fn said(&self, key: &str) -> String {
        let printed = String::from_utf8_lossy(&self.output.stdout).into_owned();
        let line = printed.lines().find_map(|line| line.split_once(key));
        line.unwrap_or_else(|| panic!("no {key} in {printed}"))
            .1
            .to_owned()
    }
}

#[test]
#[ignore = "run by the other tests, in a process with its own ALSA"]
fn scenario() {
    match env::var(SCENARIO).as_deref() {
        Ok("fitting") => play_what_fits_the_buffer().unwrap(),
        Ok("long") => play_more_than_the_buffer().unwrap(),
        Ok("nothing") => open(&DeviceOptions::default()).unwrap().finish().unwrap(),
        Ok("resampled") => play_resampled().unwrap(),
        Ok("cancelled") => cancel_while_playing().unwrap(),
        Ok("no such device") => open_a_device_that_is_not_there(),
        Ok("no device at all") => open_where_there_is_none(),
        Ok("listed") => list_devices(),
        Ok("in real time") => play_in_real_time().unwrap(),
        Ok("cancelled at the end") => cancel_while_finishing().unwrap(),
        Ok("vanishing") => play_until_the_device_vanishes().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn open(options: &DeviceOptions) -> Result<Box<DeviceSink>> {
    DeviceSink::open(options, RATE).map(Box::new)
}

fn buffered(buffer: Duration) -> DeviceOptions {
    DeviceOptions {
        buffer,
        ..DeviceOptions::default()
    }
}

fn play_what_fits_the_buffer() -> Result<()> {
    let mut sink = open(&buffered(Duration::from_secs(3)))?;
    sink.write(&sound(2 * 22050 + 1))?;
    sink.finish()
}

#[test]
fn the_device_plays_the_integers_that_a_file_holds_from_first_to_last() {
    let captured = Run::new("fitting", alsa_config).captured();
    let expected = s16le(&sound(2 * 22050 + 1));
    assert!(captured.len() >= expected.len(), "{}", captured.len());
    let (played, after) = captured.split_at(expected.len());
    assert!(played == expected);
    assert!(after.iter().all(|byte| *byte == 0));
}

fn play_more_than_the_buffer() -> Result<()> {
    let mut sink = open(&buffered(Duration::from_millis(100)))?;
    for block in sound(4 * 22050).chunks(3001) {
        sink.write(block)?;
    }
    sink.finish()
}

#[test]
fn a_sound_longer_than_the_buffer_is_played_whole_and_in_order() {
    let captured = Run::new("long", alsa_config).captured();
    // This device does not wait for the writer: there may be silence between.
    let played: Vec<u8> = captured
        .chunks_exact(2)
        .filter(|sample| *sample != [0, 0])
        .flatten()
        .copied()
        .collect();
    assert!(played == s16le(&sound(4 * 22050)), "{}", played.len());
}

#[test]
fn nothing_written_is_nothing_played() {
    assert!(Run::new("nothing", alsa_config).captured().is_empty());
}

fn play_resampled() -> Result<()> {
    let options = buffered(Duration::from_secs(3));
    let mut playback = Playback::open_stereo_floats(&options, RATE, DEVICE_RATE)?;
    for block in sound(22050).chunks(1000) {
        playback.write(block)?;
    }
    playback.finish()
}

#[test]
fn a_device_of_another_rate_and_kind_gets_resampled_samples_in_every_channel() {
    let captured = Run::new("resampled", alsa_config).captured();
    let mut resampled = Vec::new();
    let mut resampler = Resampler::new(RATE, DEVICE_RATE).unwrap();
    resampler.process(&sound(22050), &mut resampled).unwrap();
    resampler.finish(&mut resampled).unwrap();
    assert_eq!(resampled.len(), 48000);

    let frames = captured
        .chunks_exact(8)
        .map(|frame| frame.split_at(4))
        .inspect(|(left, right)| assert_eq!(left, right))
        .map(|(left, _)| f32::from_le_bytes(left.try_into().unwrap()))
        .filter(|sample| *sample != 0.0);
    let played: Vec<f32> = frames.collect();
    assert!(played == resampled, "{}", played.len());
}

fn cancel_while_playing() -> Result<()> {
    let cancel = CancelToken::new();
    let options = DeviceOptions {
        cancel: cancel.clone(),
        ..buffered(Duration::from_millis(50))
    };
    let mut sink = open(&options)?;
    let (started, starting) = std::sync::mpsc::channel();
    let player = thread::spawn(move || {
        let block = sound(2205);
        loop {
            if let Err(error) = sink.write(&block) {
                let finished = sink.finish();
                return (error, finished, Instant::now());
            }
            let _ = started.send(());
        }
    });
    for _ in 0..20 {
        starting.recv().unwrap();
    }
    let cancelled = Instant::now();
    cancel.cancel();
    let (error, finished, returned) = player.join().unwrap();
    assert!(matches!(error, Error::Cancelled), "{error:?}");
    assert!(matches!(finished, Err(Error::Cancelled)), "{finished:?}");
    println!("stopped after {}", (returned - cancelled).as_millis());
    Ok(())
}

#[test]
fn a_cancelled_device_is_closed_within_100_ms() {
    let run = Run::new("cancelled", alsa_config);
    let stopped_ms: u64 = run.said("stopped after ").parse().unwrap();
    assert!(stopped_ms < 100, "{stopped_ms} ms");
}

fn open_a_device_that_is_not_there() {
    let options = DeviceOptions {
        device: Some("gramophone".to_owned()),
        ..DeviceOptions::default()
    };
    println!("error: {}", open(&options).err().unwrap());
    let options = DeviceOptions {
        device: Some("captured DEVICE".to_owned()),
        ..DeviceOptions::default()
    };
    open(&options).unwrap();
}

#[test]
fn an_unknown_device_is_named_with_those_there_are_and_case_does_not_matter() {
    let error = Run::new("no such device", alsa_config).said("error: ");
    assert_eq!(error, "no sound device `gramophone`; there are: default");
}

fn open_where_there_is_none() {
    println!("error: {}", open(&DeviceOptions::default()).err().unwrap());
}

#[test]
fn without_any_device_the_error_says_so_and_alsa_says_nothing() {
    for config in ["", "defaults.pcm.card 0\n", "pcm.!default {"] {
        let run = Run::new("no device at all", |_| config.to_owned());
        assert_eq!(run.said("error: "), "there is no sound device", "{config}");
    }
}

fn list_devices() {
    println!("devices: {:?}", devices().unwrap());
}

#[test]
fn the_default_device_is_listed_as_such() {
    let listed = Run::new("listed", alsa_config).said("devices: ");
    assert_eq!(
        listed,
        r#"[DeviceInfo { id: "default", name: "Captured device", is_default: true }]"#
    );
}

/// Plays blocks that are longer than what the device takes at its start, which
/// would otherwise put silence between the first and the second.
fn play_in_real_time() -> Result<()> {
    let started = Instant::now();
    let mut sink = open(&buffered(Duration::from_millis(500)))?;
    for block in sound(2 * 22050).chunks(9000) {
        sink.write(block)?;
    }
    println!("written after {}", started.elapsed().as_millis());
    sink.finish()
}

#[test]
fn the_last_sample_is_heard_whatever_the_latency_and_the_writer_is_held_back() {
    let run = Run::new("in real time", |file| {
        clocked_config(file, "rate 22050 latency_ms 300 vanish_ms 0")
    });
    // Two seconds, less what the buffer and the device hold.
    let written_ms: u64 = run.said("written after ").parse().unwrap();
    assert!(written_ms > 700, "{written_ms} ms");
    let heard = run.captured();
    let expected = s16le(&sound(2 * 22050));
    assert!(heard.len() >= expected.len(), "{}", heard.len());
    assert!(heard.starts_with(&expected));
}

#[test]
fn a_card_with_one_rate_gets_resampled_integers_to_the_last() {
    let run = Run::new("in real time", |file| {
        clocked_config(file, "rate 48000 latency_ms 300 vanish_ms 0")
    });
    let mut resampled = Vec::new();
    let mut resampler = Resampler::new(RATE, DEVICE_RATE).unwrap();
    resampler
        .process(&sound(2 * 22050), &mut resampled)
        .unwrap();
    resampler.finish(&mut resampled).unwrap();
    assert!(run.captured().starts_with(&s16le(&resampled)));
}

#[test]
fn a_cancelled_writer_stops_a_real_time_device_within_100_ms() {
    let run = Run::new("cancelled", |file| {
        clocked_config(file, "rate 22050 latency_ms 0 vanish_ms 0")
    });
    let stopped_ms: u64 = run.said("stopped after ").parse().unwrap();
    assert!(stopped_ms < 100, "{stopped_ms} ms");
}

fn cancel_while_finishing() -> Result<()> {
    let options = buffered(Duration::from_secs(30));
    let mut sink = open(&options)?;
    sink.write(&sound(20 * 22050))?;
    let finishing = thread::spawn(move || (sink.finish(), Instant::now()));
    thread::sleep(Duration::from_millis(100)); // let it play; either order is right
    let cancelled = Instant::now();
    options.cancel.cancel();
    let (finished, returned) = finishing.join().unwrap();
    assert!(matches!(finished, Err(Error::Cancelled)), "{finished:?}");
    println!("stopped after {}", (returned - cancelled).as_millis());
    Ok(())
}

#[test]
fn a_cancel_ends_the_wait_for_the_last_sample() {
    let run = Run::new("cancelled at the end", |file| {
        clocked_config(file, "rate 22050 latency_ms 0 vanish_ms 0")
    });
    let stopped_ms: u64 = run.said("stopped after ").parse().unwrap();
    assert!(stopped_ms < 100, "{stopped_ms} ms");
    let heard = run.captured().len() / 2;
    assert!(heard < 22050, "{heard} samples were heard");
}

fn play_until_the_device_vanishes() -> Result<()> {
    let mut sink = open(&buffered(Duration::from_millis(100)))?;
    let started = Instant::now();
    let written = sink.write(&sound(20 * 22050));
    println!("failed after {}", started.elapsed().as_millis());
    let error = written.unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    println!("error: {error}: {source}");
    assert!(matches!(sink.finish(), Err(Error::Device { .. })));
    Ok(())
}

#[test]
fn a_device_that_vanishes_is_named_at_once() {
    let run = Run::new("vanishing", |file| {
        clocked_config(file, "rate 22050 latency_ms 0 vanish_ms 300")
    });
    assert_eq!(
        run.said("error: "),
        "sound device `Default Audio Device` failed: Device disconnected"
    );
    let failed_ms: u64 = run.said("failed after ").parse().unwrap();
    assert!((250..1000).contains(&failed_ms), "{failed_ms} ms");
}

#[test]
fn aplay_plays_every_sample_of_a_wav_stream() {
    let folder = tempfile::tempdir().unwrap();
    let (config, captured) = (folder.path().join("conf"), folder.path().join("captured"));
    fs::write(&config, alsa_config(&captured)).unwrap();
    let spawned = Command::new("aplay")
        .args(["-q", "-"])
        .env("ALSA_CONFIG_PATH", &config)
        .stdin(Stdio::piped())
        .spawn();
    let mut aplay = match spawned {
        Ok(aplay) => aplay,
        Err(error) => return eprintln!("SKIPPED: cannot run aplay: {error}"),
    };
    let stream = StreamOptions {
        format: StreamFormat::Wav,
        target: "aplay".to_owned(),
        cancel: CancelToken::new(),
    };
    let mut sink = StreamSink::new(aplay.stdin.take().unwrap(), RATE, stream).unwrap();
    for block in sound(3 * 22050).chunks(5000) {
        sink.write(block).unwrap();
    }
    Box::new(sink).finish().unwrap();
    assert!(aplay.wait().unwrap().success());
    assert!(
        fs::read(captured)
            .unwrap()
            .starts_with(&s16le(&sound(3 * 22050)))
    );
}
