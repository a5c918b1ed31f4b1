//! What a device gets, and when.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use piper_rs::audio::resample::Resampler;
use piper_rs::audio::{SampleRate, pcm};
use piper_rs::encode::SoundFormat;
use piper_rs::sink::device::{DeviceOptions, DeviceSink, PlaybackPosition, devices};
use piper_rs::sink::stream::{StreamOptions, StreamSink};
use piper_rs::{CancelToken, Error, Result, Sink as _};

use crate::alsa::{Played, SCENARIO, clocked, instant};

const RATE: SampleRate = SampleRate::new(22050).unwrap();
const DEVICE_RATE: SampleRate = SampleRate::new(48000).unwrap();

#[test]
#[ignore = "run by the other tests, in a process with its own ALSA"]
fn scenario() {
    match env::var(SCENARIO).as_deref() {
        Ok("shorter than the buffer") => play_less_than_the_buffer().unwrap(),
        Ok("longer than the buffer") => play_more_than_the_buffer().unwrap(),
        Ok("nothing") => open(&DeviceOptions::default()).unwrap().finish().unwrap(),
        Ok("cancelled") => cancel_while_playing(None).unwrap(),
        Ok("unlisted") => play_on("captured").unwrap(),
        Ok("plug string") => play_on("plug:captured").unwrap(),
        Ok("plug string with quotes") => play_on("plug:'captured'").unwrap(),
        Ok("null") => play_on("null").unwrap(),
        Ok("unlisted nothing") => open(&named("captured")).unwrap().finish().unwrap(),
        Ok("unlisted cancelled") => cancel_while_playing(Some("slow")).unwrap(),
        Ok("broken entry") => print_error(&named("broken")),
        Ok("no such device") => open_an_unknown_device(),
        Ok("no device at all") => print_error(&DeviceOptions::default()),
        Ok("listed") => println!("devices: {:?}", devices().unwrap()),
        Ok("in real time") => play_in_real_time().unwrap(),
        Ok("cancelled at the end") => cancel_while_finishing().unwrap(),
        Ok("position") => follow_until_a_cancel(None).unwrap(),
        Ok("unlisted position") => follow_until_a_cancel(Some("slow")).unwrap(),
        Ok("position at the end") => follow_to_the_end(None).unwrap(),
        Ok("unlisted position at the end") => follow_to_the_end(Some("slow")).unwrap(),
        Ok("vanishing") => play_until_the_device_vanishes().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// A sound in which no sample is 0, so that it differs from silence.
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

/// The sound at the device's rate.
fn resampled(samples: &[f32]) -> Vec<f32> {
    let mut resampler = Resampler::new(RATE, DEVICE_RATE).unwrap();
    let mut resampled = Vec::new();
    resampler.process(samples, &mut resampled).unwrap();
    resampler.finish(&mut resampled).unwrap();
    resampled
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

fn print_error(options: &DeviceOptions) {
    println!("error: {}", open(options).err().unwrap());
}

fn play_less_than_the_buffer() -> Result<()> {
    let mut sink = open(&buffered(Duration::from_secs(3)))?;
    sink.write(&sound(2 * 22050 + 1))?;
    sink.finish()
}

#[test]
fn the_device_gets_the_integers_that_a_file_gets() {
    let captured = Played::new("shorter than the buffer", instant).captured();
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
fn a_sound_longer_than_the_buffer_is_played_completely_and_in_order() {
    let captured = Played::new("longer than the buffer", instant).captured();
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
fn a_sink_without_samples_plays_no_sound() {
    // A period of silence may be heard: cpal starts the thread of a stream that
    // is dropped before it tells it to end.
    let captured = Played::new("nothing", instant).captured();
    assert!(captured.iter().all(|byte| *byte == 0));
}

fn play_on(name: &str) -> Result<()> {
    let mut sink = open(&named(name))?;
    for block in sound(22050).chunks(3001) {
        sink.write(block)?;
    }
    sink.finish()
}

#[test]
fn a_device_that_is_not_listed_is_opened_by_any_name_that_alsa_knows() {
    for scenario in ["unlisted", "plug string", "plug string with quotes"] {
        let captured = Played::new(scenario, instant).captured();
        let expected = s16le(&sound(22050));
        assert!(captured.starts_with(&expected), "{scenario}");
        let after = &captured[expected.len()..];
        assert!(after.iter().all(|byte| *byte == 0), "{scenario}");
    }
    let both = |file: &Path| {
        let plug =
            "pcm.plug { @args [ SLAVE ] @args.SLAVE { type string } type plug slave.pcm $SLAVE }";
        format!("{plug}\n{}", instant(file))
    };
    let captured = Played::new("plug string", both).captured();
    assert!(
        captured.starts_with(&s16le(&sound(22050))),
        "ALSA's own `plug`"
    );
    let null = |_: &Path| "pcm.null { type null }\n".to_owned();
    Played::new("null", null);
    assert!(
        Played::new("unlisted nothing", instant)
            .captured()
            .is_empty()
    );
}

#[test]
fn an_entry_that_cannot_be_opened_is_not_called_unknown() {
    let config = |_: &Path| "pcm.broken { type nosuchtype }\n".to_owned();
    let error = Played::new("broken entry", config).printed("error: ");
    assert_eq!(error, "sound device `broken` failed");
}

fn cancel_while_playing(device: Option<&str>) -> Result<()> {
    let options = DeviceOptions {
        device: device.map(str::to_owned),
        ..buffered(Duration::from_millis(50))
    };
    let mut sink = open(&options)?;
    let (started, starting) = mpsc::channel();
    let player = thread::spawn(move || {
        let block = sound(2205);
        loop {
            if let Err(error) = sink.write(&block) {
                let finished = sink.finish();
                return (error, finished, Instant::now());
            }
            _ = started.send(());
        }
    });
    for _ in 0..20 {
        starting.recv().unwrap();
    }
    let cancelled = Instant::now();
    options.cancel.cancel();
    let (error, finished, returned) = player.join().unwrap();
    assert!(matches!(error, Error::Cancelled), "{error:?}");
    assert!(matches!(finished, Err(Error::Cancelled)), "{finished:?}");
    println!("stopped after {}", (returned - cancelled).as_millis());
    Ok(())
}

#[test]
fn a_device_is_closed_within_100_ms_of_a_cancel() {
    let stopped_ms = Played::new("cancelled", instant).printed_ms("stopped after ");
    assert!(stopped_ms < 100, "{stopped_ms} ms");
}

#[test]
fn a_real_time_device_is_closed_within_100_ms_of_a_cancel() {
    let played = Played::new("cancelled", |file| {
        clocked(file, "rate 22050 latency_ms 0 vanish_ms 0")
    });
    let stopped_ms = played.printed_ms("stopped after ");
    assert!(stopped_ms < 100, "{stopped_ms} ms");
}

#[test]
fn an_unlisted_device_is_closed_within_100_ms_of_a_cancel() {
    let played = Played::new("unlisted cancelled", |file| {
        let clocked = clocked(file, "rate 22050 latency_ms 0 vanish_ms 0");
        clocked.replace("pcm.!default", "pcm.slow")
    });
    let stopped_ms = played.printed_ms("stopped after ");
    assert!(stopped_ms < 100, "{stopped_ms} ms");
}

fn named(name: &str) -> DeviceOptions {
    DeviceOptions {
        device: Some(name.to_owned()),
        ..DeviceOptions::default()
    }
}

fn open_an_unknown_device() {
    print_error(&named("gramophone"));
    open(&named("captured DEVICE")).unwrap();
}

#[test]
fn the_error_for_an_unknown_device_lists_the_known_ones_and_names_ignore_case() {
    let error = Played::new("no such device", instant).printed("error: ");
    assert_eq!(error, "no sound device `gramophone`; available: default");
}

#[test]
fn without_a_device_the_error_says_so_and_alsa_prints_nothing() {
    for config in ["", "defaults.pcm.card 0\n", "pcm.!default {"] {
        let played = Played::new("no device at all", |_| config.to_owned());
        assert_eq!(
            played.printed("error: "),
            "there is no sound device",
            "{config}"
        );
    }
}

#[test]
fn the_default_device_is_listed_as_such() {
    let listed = Played::new("listed", instant).printed("devices: ");
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
fn the_last_sample_is_heard_and_the_writer_waits_for_the_device() {
    let played = Played::new("in real time", |file| {
        clocked(file, "rate 22050 latency_ms 300 vanish_ms 0")
    });
    // Two seconds, less what the buffer and the device hold.
    let written_ms = played.printed_ms("written after ");
    assert!(written_ms > 700, "{written_ms} ms");
    assert!(played.captured().starts_with(&s16le(&sound(2 * 22050))));
}

#[test]
fn a_device_of_another_rate_gets_every_resampled_integer() {
    let played = Played::new("in real time", |file| {
        clocked(file, "rate 48000 latency_ms 300 vanish_ms 0")
    });
    let expected = s16le(&resampled(&sound(2 * 22050)));
    assert!(played.captured().starts_with(&expected));
}

#[test]
fn a_device_of_floats_gets_every_sample_in_both_channels() {
    let played = Played::new("in real time", |file| {
        clocked(file, "rate 48000 latency_ms 300 vanish_ms 0 floats 1")
    });
    let mut expected = Vec::new();
    for sample in resampled(&sound(2 * 22050)) {
        pcm::extend_f32le(&mut expected, &[sample, sample]);
    }
    assert!(played.captured().starts_with(&expected));
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
    let played = Played::new("cancelled at the end", |file| {
        clocked(file, "rate 22050 latency_ms 0 vanish_ms 0")
    });
    let stopped_ms = played.printed_ms("stopped after ");
    assert!(stopped_ms < 100, "{stopped_ms} ms");
    let heard = played.captured().len() / 2;
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
fn a_device_that_vanishes_is_reported_at_once() {
    let played = Played::new("vanishing", |file| {
        clocked(file, "rate 22050 latency_ms 0 vanish_ms 300")
    });
    assert_eq!(
        played.printed("error: "),
        "sound device `Default Audio Device` failed: Device disconnected"
    );
    let failed_ms = played.printed_ms("failed after ");
    assert!((250..1000).contains(&failed_ms), "{failed_ms} ms");
}

/// Waits until so many samples were heard, as a program that shows them does.
/// Returns how long that took.
fn wait_until_heard(position: &PlaybackPosition, samples: u64) -> Duration {
    let started = Instant::now();
    loop {
        let left = position.time_until(samples - 1);
        if left.is_zero() {
            return started.elapsed();
        }
        thread::park_timeout(left);
    }
}

fn follow_until_a_cancel(device: Option<&str>) -> Result<()> {
    let options = DeviceOptions {
        device: device.map(str::to_owned),
        ..buffered(Duration::from_millis(500))
    };
    let mut sink = open(&options)?;
    let position = sink.position();
    assert_eq!((position.rate(), position.samples()), (RATE, 0));
    let writer = thread::spawn(move || {
        let written = sink.write(&sound(20 * 22050));
        assert!(matches!(written, Err(Error::Cancelled)), "{written:?}");
    });
    wait_until_heard(&position, 5512);
    let half_a_second = wait_until_heard(&position, 5512 + 11025);
    println!("half a second took {}", half_a_second.as_millis());
    options.cancel.cancel();
    writer.join().unwrap();
    println!("heard {}", position.samples());
    Ok(())
}

#[test]
fn the_position_is_what_was_heard_whatever_the_device_holds() {
    for (scenario, rate, latency_ms) in [
        ("position", 22050, 300),
        ("position", 48000, 50),
        ("unlisted position", 22050, 300),
        ("unlisted position", 44100, 0),
    ] {
        let played = Played::new(scenario, |file| {
            let settings = format!("rate {rate} latency_ms {latency_ms} vanish_ms 0");
            let config = clocked(file, &settings);
            match scenario {
                "position" => config,
                _ => config.replace("pcm.!default", "pcm.slow"),
            }
        });
        let told_ms = played.printed_ms("heard ") * 1000 / 22050;
        let heard_ms = (played.captured().len() as u64 / 2) * 1000 / rate;
        let case = format!("{scenario} {rate} {latency_ms}: {told_ms} ms of {heard_ms}");
        assert!(told_ms >= 749, "{case}");
        assert!(told_ms.abs_diff(heard_ms) <= 50, "{case}");
        let took_ms = played.printed_ms("half a second took ");
        assert!((450..550).contains(&took_ms), "{case}, {took_ms}");
        println!("{case}");
    }
}

fn follow_to_the_end(device: Option<&str>) -> Result<()> {
    let options = DeviceOptions {
        device: device.map(str::to_owned),
        ..buffered(Duration::from_millis(500))
    };
    let mut sink = open(&options)?;
    let position = sink.position();
    let samples = sound(5000 + 7);
    sink.write(&samples)?;
    sink.finish()?;
    println!("heard {} of {}", position.samples(), samples.len());
    Ok(())
}

#[test]
fn at_the_end_the_position_is_that_of_the_last_sample() {
    for rate in [22050, 48000, 8000] {
        for scenario in ["position at the end", "unlisted position at the end"] {
            let played = Played::new(scenario, |file| {
                let config = clocked(file, &format!("rate {rate} latency_ms 100 vanish_ms 0"));
                match scenario {
                    "position at the end" => config,
                    _ => config.replace("pcm.!default", "pcm.slow"),
                }
            });
            let heard = played.printed("heard ");
            assert_eq!(heard, "5007 of 5007", "{scenario} at {rate}");
        }
    }
}

#[test]
fn aplay_plays_every_sample_of_a_wav_stream() {
    let folder = tempfile::tempdir().unwrap();
    let (config, captured) = (folder.path().join("conf"), folder.path().join("captured"));
    fs::write(&config, instant(&captured)).unwrap();
    let spawned = Command::new("aplay")
        .args(["-q", "-"])
        .env("ALSA_CONFIG_PATH", &config)
        .stdin(Stdio::piped())
        .spawn();
    let mut aplay = match spawned {
        Ok(aplay) => aplay,
        Err(error) => {
            assert!(env::var_os("CI").is_none(), "cannot run aplay: {error}");
            return eprintln!("SKIPPED: cannot run aplay: {error}");
        }
    };
    let stream = StreamOptions {
        encoding: SoundFormat::Wav.into(),
        target: "aplay".to_owned(),
        cancel: CancelToken::new(),
    };
    let mut sink = StreamSink::new(aplay.stdin.take().unwrap(), RATE, stream).unwrap();
    for block in sound(3 * 22050).chunks(5000) {
        sink.write(block).unwrap();
    }
    Box::new(sink).finish().unwrap();
    assert!(aplay.wait().unwrap().success());
    let played = fs::read(captured).unwrap();
    assert!(played.starts_with(&s16le(&sound(3 * 22050))));
}
