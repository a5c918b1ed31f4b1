//! The first use of a voice whose parts are all native: it speaks before it is compared
//! with its stock model.

use std::fs;
use std::path::{Path, PathBuf};

use piper_rs::voice::{Kernels, Precision};

use crate::scene::{Live, Run, Scene, has, samples, skipped, trained_voice, without_silence};

const CACHE: &str = "cache/piper-rs/prepared";
const NOT_COMPARED: &str = "not yet compared with its model";

/// A scene with an empty cache, and the trained voice.
struct FirstUse {
    scene: Scene,
    voice: PathBuf,
}

impl FirstUse {
    /// `None` if the voice is missing or the processor has no kernels.
    fn new() -> Option<Self> {
        let voice = trained_voice()?;
        if Kernels::of_this_machine(Precision::Fp32).is_none() {
            skipped("this processor has no kernels");
            return None;
        }
        let scene = Scene::with_device();
        Some(Self { scene, voice })
    }

    fn line(&self, command: &str) -> String {
        let voice = self.voice.display();
        let command = command.replace("VOICE", &format!("{voice}"));
        format!("env XDG_CACHE_HOME=$PWD/cache {command}")
    }

    fn sh(&self, command: &str) -> Run {
        self.scene.sh(&self.line(command))
    }

    fn start(&self, command: &str) -> Live {
        self.scene.start(&self.line(command))
    }

    /// Speaks `Hello.` and returns the bytes.
    fn speak(&self, flags: &str) -> Run {
        let line = format!("piper-rs speak -m VOICE --raw --seed 1 {flags} Hello.");
        self.sh(&line).ok()
    }

    fn info(&self) -> String {
        let run = self.sh("piper-rs voices info VOICE").ok();
        run.text().to_owned()
    }

    /// Makes a library in the place of ONNX Runtime that never returns.
    fn compile_endless(&self) {
        self.scene.write("endless.c", ENDLESS);
        let compile = "cc -shared -fPIC -o libendless.so endless.c";
        self.scene.sh(compile).ok();
    }

    /// The same on a device. Returns what is heard.
    fn speak_aloud(&self, flags: &str) -> Vec<i16> {
        self.scene.write("captured", "");
        let line = format!("piper-rs speak -m VOICE --seed 1 {flags} Hello.");
        let run = self.sh(&line).ok();
        assert_eq!(run.stderr, "", "{flags}");
        without_silence(&self.scene.captured())
    }

    fn is_measured(&self) -> bool {
        let info = self.info();
        let is_measured = info.contains(" LUFS; --normalize run adds ");
        assert!(is_measured || info.contains("not measured"), "{info}");
        is_measured
    }

    /// The folders of prepared voices.
    fn prepared(&self) -> Vec<PathBuf> {
        let names = self.scene.names(CACHE).into_iter();
        let folders = names.map(|name| self.scene.path(CACHE).join(name));
        folders.filter(|folder| is_prepared(folder)).collect()
    }

    /// Lets the voice speak where it cannot be compared. Returns what was heard.
    fn speak_unchecked(&self) -> Vec<u8> {
        self.speak("--onnxruntime nowhere.so").stdout
    }
}

fn is_prepared(folder: &Path) -> bool {
    let name = folder.file_name().unwrap().to_string_lossy();
    !name.starts_with('.') && folder.join("record.json").exists()
}

fn is_checked(folder: &Path) -> bool {
    let record = fs::read_to_string(folder.join("record.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    record["is_checked"].as_bool().unwrap()
}

/// Changes the weights of the decoder so that nothing tells.
fn damage(folder: &Path) {
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let is_decoder = |name: &str| name.starts_with("decoder.");
    let file = files.find(|file| is_decoder(&file.file_name().to_string_lossy()));
    let path = file.unwrap().path();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let mut weights = fs::read(&path).unwrap();
    let half = weights.len() / 2;
    weights[half..half + 100_000].fill(0x3c);
    fs::write(&path, weights).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(modified).unwrap();
}

#[test]
fn a_voice_is_compared_at_the_end_of_its_first_use() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    let first = first_use.speak("");
    assert_eq!(first.stderr, "");
    let [folder] = &first_use.prepared()[..] else {
        panic!("it is prepared once");
    };
    assert!(is_checked(folder));
    let info = first_use.info();
    assert!(!info.contains(NOT_COMPARED), "{info}");
    let second = first_use.speak("--verbose");
    assert!(second.stdout == first.stdout);
    assert!(!second.stderr.contains("compared"), "{}", second.stderr);
}

#[test]
fn a_killed_first_use_leaves_a_voice_that_is_compared_at_the_next() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    // It is compared at the end of its input.
    let mut live = first_use.start("piper-rs speak -m VOICE --raw --seed 1");
    live.types("Hello.");
    live.hear(1000);
    live.signal("KILL");
    live.ends();
    let [folder] = &first_use.prepared()[..] else {
        panic!("it is prepared");
    };
    assert!(!is_checked(folder));
    let heard = first_use.speak_unchecked();
    for (command, words) in [
        ("piper-rs voices info VOICE", NOT_COMPARED),
        ("piper-rs voices info --json VOICE", "\"checked\":false"),
        ("piper-rs voices prepare --list", NOT_COMPARED),
        ("piper-rs doctor", NOT_COMPARED),
    ] {
        let run = first_use.sh(command);
        assert!(run.text().contains(words), "{command}: {}", run.text());
    }
    let next = first_use.speak("--verbose").says(&["compared", ", once"]);
    assert!(next.stdout == heard);
    assert!(is_checked(folder));
    let info = first_use.info();
    assert!(!info.contains(NOT_COMPARED), "{info}");
}

/// See [`FirstUse::compile_endless`].
const ENDLESS: &str = "
    #include <unistd.h>
    const void *OrtGetApiBase(void) { for (;;) pause(); }
";

#[test]
fn the_reader_of_a_pipe_does_not_wait_for_the_comparison() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    if !has("cc") {
        return;
    }
    first_use.compile_endless();
    let flags = "--raw --seed 1 --onnxruntime libendless.so";
    let mut live = first_use.start(&format!("piper-rs speak -m VOICE {flags} Hello."));
    // To the end of the pipe.
    let heard = live.hear_at_most(usize::MAX);
    assert!(live.is_running() && !heard.is_empty());
    live.signal("INT");
    let (code, said, rest) = live.ends();
    assert_eq!((code, said.as_str(), rest.len()), (Some(0), "", 0));
    assert!(!is_checked(&first_use.prepared()[0]));
    assert!(first_use.speak("").stdout == heard);
}

#[test]
fn a_voice_with_other_samples_is_left_to_onnx_runtime() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    first_use.speak("--precision fp32 --onnxruntime nowhere.so");
    damage(&first_use.prepared()[0]);
    let warned = first_use.speak("--precision fp32");
    warned.says(&["en_US-joe-medium", "from now on ONNX Runtime speaks it"]);
    let speak = || {
        let next = first_use.speak("--precision fp32 --verbose");
        let next = next.says(&["decoder ONNX Runtime"]);
        assert!(!next.stderr.contains("other samples"), "{}", next.stderr);
        next
    };
    let next = speak();
    assert!(next.stdout == speak().stdout);
    // Each is prepared by itself, perhaps with another layout: the last bits may differ.
    let (samples, stock) = (
        next.samples(),
        first_use.speak("--engine onnxruntime").samples(),
    );
    assert_eq!(samples.len(), stock.len());
    let differences = samples.iter().zip(&stock).map(|(a, b)| a.abs_diff(*b));
    assert!(differences.max() <= Some(2));
}

#[test]
fn damaged_weights_are_noticed() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    let first = first_use.speak("--precision bf16 --onnxruntime nowhere.so");
    let [folder] = &first_use.prepared()[..] else {
        panic!("it is prepared");
    };
    damage(folder);
    let next = first_use.speak("--precision bf16");
    let again = first_use.speak("--precision bf16");
    assert_eq!(again.stderr, "");
    assert!(first_use.prepared().iter().all(|folder| is_checked(folder)));
    // Less precise parts are prepared once more, before ONNX Runtime.
    if Kernels::of_this_machine(Precision::Bf16).is_some() {
        next.says(&["en_US-joe-medium", "it has been prepared again"]);
        assert!(again.stdout == first.stdout);
    } else {
        next.says(&["from now on ONNX Runtime speaks it"]);
        assert_eq!(again.stdout.len(), first.stdout.len());
    }
}

#[test]
fn a_first_use_works_without_onnx_runtime() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    let without = first_use.speak("--onnxruntime nowhere.so");
    assert_eq!(without.stderr, "");
    let [folder] = &first_use.prepared()[..] else {
        panic!("it is prepared");
    };
    let line = "echo Hello. | piper-rs batch -m VOICE --seed 1 -d out --lines - \
                --onnxruntime nowhere.so";
    first_use.sh(line).ok();
    let prepare = first_use.sh("piper-rs voices prepare VOICE --onnxruntime nowhere.so");
    prepare.exits(3).says(&["nowhere.so"]);
    assert!(!is_checked(folder));
    assert!(first_use.speak("").stdout == without.stdout);
    assert!(is_checked(folder));
}

#[test]
fn what_may_wait_compares_a_voice_before_it_speaks() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    first_use.scene.write("lines", "Hello.\n");
    for command in [
        "piper-rs voices prepare VOICE",
        "piper-rs batch -m VOICE -d out --lines lines --force",
    ] {
        first_use.sh(command).ok();
        assert!(is_checked(&first_use.prepared()[0]), "{command}");
        first_use.sh("rm -r cache").ok();
    }
}

#[test]
fn a_session_and_a_server_compare_the_voices_that_they_have_used() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    first_use.scene.write("lines", "Hello.\n");
    first_use
        .sh("piper-rs interactive -m VOICE -o x.wav < lines")
        .ok();
    assert!(is_checked(&first_use.prepared()[0]));
    first_use.sh("rm -r cache").ok();
    let mut server = first_use.start("piper-rs serve -m VOICE --socket socket --verbose");
    server.until_says("compared");
    assert!(is_checked(&first_use.prepared()[0]));
    server.signal("TERM");
    assert_eq!(server.ends().0, Some(0));
}

#[test]
fn of_many_first_uses_one_prepares_the_voice() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    let line = "piper-rs speak -m VOICE --raw --seed 1 Hello.";
    let mut uses: Vec<_> = (0..4).map(|_| first_use.start(line)).collect();
    let heard: Vec<_> = uses.iter_mut().map(Live::ends).collect();
    for (code, said, sound) in &heard {
        assert_eq!((*code, said.as_str()), (Some(0), ""));
        assert!(sound == &heard[0].2 && !sound.is_empty());
    }
    let hidden = |name: &String| name.starts_with('.');
    assert!(!first_use.scene.names(CACHE).iter().any(hidden));
    let [folder] = &first_use.prepared()[..] else {
        panic!("it is prepared once");
    };
    assert!(is_checked(folder));
}

/// How much louder the first is than the second, in dB.
fn louder_by(first: &[i16], second: &[i16]) -> f64 {
    let energy = |samples: &[i16]| -> f64 {
        let squares = samples.iter().map(|sample| f64::from(*sample).powi(2));
        squares.sum::<f64>() / samples.len() as f64
    };
    10.0 * (energy(first) / energy(second)).log10()
}

#[test]
fn what_is_only_heard_has_an_estimated_level_until_the_voice_is_measured() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    let first = first_use.speak_aloud("");
    assert!(first_use.is_measured(), "after it was heard");
    assert!(is_checked(&first_use.prepared()[0]));
    let measured = first_use.speak("").stdout;
    let exact = without_silence(&samples(&measured));
    let error = louder_by(&first, &exact);
    assert!(0.01 < error.abs() && error.abs() < 3.0, "{error}");
    assert!(first_use.speak_aloud("") == exact);
    // It does not matter when it was measured.
    first_use.sh("rm -r cache").ok();
    assert!(first_use.speak("").stdout == measured);
}

#[test]
fn a_voice_is_measured_where_it_cannot_be_compared() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    first_use.speak_aloud("--onnxruntime nowhere.so");
    assert!(first_use.is_measured());
    assert!(!is_checked(&first_use.prepared()[0]));
}

#[test]
fn what_is_kept_has_the_measured_level_from_the_first_use_on() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    let exact = without_silence(&first_use.speak("").samples());
    for line in [
        "piper-rs speak -m VOICE --seed 1 --play -o x.wav Hello.",
        r#"echo '{"text": "Hello.", "output_file": "x.wav"}' |
            env XDG_CACHE_HOME=$PWD/cache piper-rs speak -m VOICE --seed 1 --json-input"#,
        "piper-rs speak -m VOICE --seed 1 -o x.wav --onnxruntime nowhere.so Hello.",
    ] {
        first_use.sh("rm -rf cache x.wav").ok();
        first_use.sh(line).ok();
        assert!(first_use.is_measured(), "{line}");
        let kept = first_use.scene.wav("x.wav").samples;
        assert!(without_silence(&kept) == exact, "{line}");
    }
    // Times depend on the level if silence is trimmed.
    for flags in ["--srt x.srt", "--timings x.json", "--events-file x.events"] {
        first_use.sh("rm -r cache").ok();
        assert!(first_use.speak_aloud(flags) == exact, "{flags}");
    }
}

#[test]
fn a_voice_that_was_only_heard_is_measured_before_something_is_kept() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    let exact = first_use.speak("").stdout;
    first_use.sh("rm -r cache").ok();
    // It is killed before it is measured, as if its power had failed.
    first_use.speak_aloud("");
    for folder in first_use.prepared() {
        fs::remove_file(folder.join("loudness.json")).unwrap();
    }
    assert!(!first_use.is_measured());
    assert!(first_use.speak("").stdout == exact);
    assert!(first_use.is_measured());
}

#[test]
fn the_level_stays_what_it_is_until_the_end_of_a_run() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    // Each text loads the voice again.
    let line = "piper-rs speak -m VOICE --noise-scale 0 --noise-w 0 --cache-voices 0 \
                --onnxruntime nowhere.so";
    let mut live = first_use.start(line);
    live.types("Hello.");
    let folders = || first_use.scene.names(CACHE).into_iter();
    let is_measured = |name: String| {
        first_use
            .scene
            .path(CACHE)
            .join(name)
            .join("loudness.json")
            .exists()
    };
    live.until(|| first_use.scene.path(CACHE).exists() && folders().any(is_measured));
    let before = first_use.scene.captured().len();
    live.types("Hello.");
    live.ends_input();
    assert_eq!(live.ends().0, Some(0));
    let all = first_use.scene.captured();
    let [first, second] = [&all[..before], &all[before..]].map(without_silence);
    assert!(!first.is_empty() && first == second);
}

#[test]
fn a_loudness_that_is_asked_for_is_measured_before_it_is_heard() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    let first = first_use.speak_aloud("--loudness -23");
    assert!(first_use.speak_aloud("--loudness -23") == first);
}

#[test]
fn a_first_use_that_is_stopped_or_fails_does_not_wait_for_the_comparison() {
    let Some(first_use) = FirstUse::new() else {
        return;
    };
    if !has("cc") {
        return;
    }
    first_use.compile_endless();
    for (end, code) in [("a signal", 130), ("an error", 1)] {
        first_use.scene.write("captured", "");
        first_use.scene.write("gone", "Bye.\n");
        let flags = "--onnxruntime libendless.so -i - -i gone";
        let mut live = first_use.start(&format!("piper-rs speak -m VOICE {flags}"));
        live.types("Hello.");
        live.until(|| first_use.scene.has_played());
        // The comparison has begun, and does not end.
        let mapped = live.mapped_files();
        live.until(|| {
            let mapped = fs::read_to_string(&mapped).unwrap();
            mapped.contains("libendless.so")
        });
        match code {
            130 => live.signal("INT"),
            _ => {
                fs::remove_file(first_use.scene.path("gone")).unwrap();
                live.ends_input();
            }
        }
        assert_eq!(live.ends().0, Some(code), "{end}");
        assert!(!is_checked(&first_use.prepared()[0]), "{end}");
    }
}
