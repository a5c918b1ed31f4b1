//! speech-dispatcher with the module in `assets/integrations`, and the script that
//! writes its voices: what `spd-say` plays is what piper-rs plays.

use std::fs::File;
use std::io::Read as _;

use crate::scene::{Scene, has, root, without_silence};

const MODULES: &str = "home/.config/speech-dispatcher/modules";

/// A scene whose user has the module. speech-dispatcher starts with the first
/// `spd-say`, and ends when this is dropped.
struct Desktop {
    scene: Scene,
}

impl Desktop {
    /// Returns `None` if speech-dispatcher is not installed.
    fn new() -> Option<Self> {
        if !has("spd-say") || !has("speech-dispatcher") {
            return None;
        }
        let scene = Scene::with_device();
        scene
            .sh(&format!(
                "mkdir -p run {MODULES} home/.config/piper-rs voices"
            ))
            .ok();
        let module = root().join("assets/integrations/piper-rs-generic.conf");
        scene
            .sh(&format!("cp {} {MODULES}/", module.display()))
            .ok();
        scene.write(
            "home/.config/speech-dispatcher/speechd.conf",
            "AudioOutputMethod \"alsa\"\nDefaultVolume 100\nDefaultModule piper-rs-generic\n",
        );
        // The same samples every time.
        scene.write(
            "home/.config/piper-rs/config.toml",
            "noise_scale = 0\nnoise_w = 0\n",
        );
        Some(Self { scene })
    }

    /// Adds lines for voices to the module.
    fn with_voices(self, lines: &str) -> Self {
        let module = format!("{MODULES}/piper-rs-generic.conf");
        let text = String::from_utf8(self.scene.read(&module)).unwrap();
        self.scene.write(&module, text + lines);
        self
    }

    /// Runs a line of shell that uses speech-dispatcher.
    fn sh(&self, line: &str) {
        let run = self
            .scene
            .sh(&format!("export XDG_RUNTIME_DIR=$PWD/run; {line}"));
        run.ok();
    }

    /// What the device plays during a line of shell.
    ///
    /// speech-dispatcher now and then loses a message that comes right after
    /// another has ended, and `spd-say -w` waits for it for ever: it is sent again.
    fn played_by(&self, line: &str) -> Vec<i16> {
        _ = std::fs::remove_file(self.scene.path("captured"));
        let said = line.replace("spd-say", "timeout -k 1 10 spd-say");
        self.sh(&format!("{said} || {{ rm -f captured; {said}; }}"));
        let played = without_silence(&self.scene.captured());
        assert!(!played.is_empty(), "{line}");
        played
    }

    /// Checks that `spd-say` with `options` plays what piper-rs plays with `flags`.
    #[track_caller]
    fn says_as(&self, options: &str, flags: &str) {
        let said = self.played_by(&format!("spd-say -w {options} 'Hello there.'"));
        let expected = self.played_by(&format!("piper-rs speak --play {flags} 'Hello there.'"));
        assert!(
            said == expected,
            "{options} gave {} samples, {flags} {}",
            said.len(),
            expected.len()
        );
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        let pid = "run/speech-dispatcher/pid/speech-dispatcher.pid";
        self.scene
            .sh(&format!("test ! -f {pid} || kill $(cat {pid})"));
    }
}

#[test]
fn the_module_selects_voices_by_language_type_and_name_and_falls_back() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let desktop = desktop.with_voices(
        "AddVoice \"de\" \"MALE1\" \"tiny\"\n\
         AddVoice \"de\" \"FEMALE1\" \"tiny_multi\"\n\
         AddVoice \"pl\" \"MALE1\" \"pl_PL-nobody-low\"\n",
    );
    desktop.says_as("", "");
    desktop.says_as("-l de", "-m tiny");
    desktop.says_as("-l de-AT", "-m tiny");
    desktop.says_as("-l de -t female1", "-m tiny_multi");
    desktop.says_as("-l de -t male2", "-m tiny");
    desktop.says_as("-t female1", "-m en_US-slt-low");
    desktop.says_as("-y tiny_multi", "-m tiny_multi");
    // There is no voice for Basque, and that for Polish is not installed.
    desktop.says_as("-l eu", "");
    desktop.says_as("-l pl", "");
}

#[test]
fn the_module_passes_rate_and_volume() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let desktop = desktop.with_voices("AddVoice \"de\" \"MALE1\" \"tiny\"\n");
    desktop.says_as("-l de -r 50", "-m tiny --speed 2");
    desktop.says_as("-l de -r 100", "-m tiny --speed 3");
    desktop.says_as("-l de -r -50", "-m tiny --speed 0.75");
    desktop.says_as("-l de -r -100", "-m tiny --speed 0.5");
    desktop.says_as("-l de -i 100", "-m tiny --volume 1");
    desktop.says_as("-l de -i -50", "-m tiny --volume 0.25");
    desktop.says_as("-l de -p 80", "-m tiny");
}

#[test]
fn the_module_finds_the_program_in_a_home_that_is_not_in_path() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    desktop.played_by(&format!(
        "mkdir -p home/.local/bin; ln -s {} home/.local/bin/; export PATH=/usr/bin:/bin; \
         ! type piper-rs && spd-say -w Hello.",
        env!("CARGO_BIN_EXE_piper-rs")
    ));
}

#[test]
fn no_text_is_taken_for_shell_or_for_flags() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    for text in [
        "It's \"quoted\" \\'twice\\'",
        "$(touch pwned) `touch pwned` $HOME ; touch pwned & $VOICE $DATA",
        "--version and -o pwned",
        "-o pwned",
        "50 % of %s and %d, back\\slash\\n",
        "Eins.\nZwei, große Bögen, большой.\nDrei",
    ] {
        desktop.scene.write("text", text);
        let said = desktop.played_by("spd-say -w -- \"$(cat text)\"");
        let expected = desktop.played_by("piper-rs speak --play -i - < text");
        assert_eq!(said.len(), expected.len(), "{text}");
        assert!(said == expected, "{text}");
    }
    assert!(!desktop.scene.path("pwned").exists());
}

#[test]
fn a_long_text_is_one_utterance_and_stops_at_once() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    // The device plays into a pipe: it waits for its reader.
    desktop.scene.sh("mkfifo captured").ok();
    let sentence = "This is a sentence without an end, ".repeat(12) + "but it ends. ";
    desktop.scene.write("text", sentence.repeat(40));
    desktop.sh("spd-say \"$(cat text)\"");
    let mut device = File::open(desktop.scene.path("captured")).unwrap();
    let mut heard = vec![0; 100_000];
    device.read_exact(&mut heard).unwrap();
    desktop.sh("spd-say -S");
    // The pipe ends when piper-rs does. Its buffer has a second or two.
    heard.clear();
    device.read_to_end(&mut heard).unwrap();
    assert!(heard.len() < 500_000, "{} bytes after stop", heard.len());
}

#[test]
fn the_script_adds_the_installed_voices() {
    let Some(desktop) = Desktop::new() else {
        return;
    };
    let scene = &desktop.scene;
    let tests = root().join("tests/voices");
    for name in [
        "de_DE-thorsten-low",
        "de_DE-kerstin-low",
        "pt_BR-faber-low",
        "pt_PT-tugao-low",
    ] {
        let (language, _) = name.split_once('-').unwrap();
        let config = std::fs::read_to_string(tests.join("tiny.onnx.json")).unwrap();
        let mut config: serde_json::Value = serde_json::from_str(&config).unwrap();
        config["language"] = serde_json::json!({ "code": language });
        scene.write(&format!("voices/{name}.onnx.json"), config.to_string());
        let model = tests.join("tiny.onnx");
        std::fs::copy(model, scene.path(&format!("voices/{name}.onnx"))).unwrap();
    }
    scene.write(
        "home/.config/piper-rs/config.toml",
        "voice = \"pt_BR-faber-low\"\nnoise_scale = 0\nnoise_w = 0\n",
    );
    desktop.sh(&format!(
        "export PIPER_VOICE_DIR=$PWD/voices; {}/assets/integrations/speech-dispatcher.sh; \
         spd-say -L > list; spd-say -w -l pt-PT Hello.",
        root().display()
    ));
    let module = scene.read(&format!("{MODULES}/piper-rs-generic.conf"));
    let module = String::from_utf8(module).unwrap();
    let lines: Vec<_> = module
        .lines()
        .filter(|line| line.starts_with("AddVoice"))
        .collect();
    assert_eq!(
        lines,
        [
            r#"AddVoice "pt" "MALE1" "default""#,
            r#"AddVoice "de" "FEMALE1" "de_DE-kerstin-low""#,
            r#"AddVoice "de" "MALE1" "de_DE-thorsten-low""#,
            r#"AddVoice "en" "FEMALE1" "en_US-slt-low""#,
            r#"AddVoice "pt" "MALE2" "pt_BR-faber-low""#,
            r#"AddVoice "pt-br" "MALE1" "pt_BR-faber-low""#,
            r#"AddVoice "pt" "MALE3" "pt_PT-tugao-low""#,
            r#"AddVoice "pt-pt" "MALE1" "pt_PT-tugao-low""#,
        ]
    );
    let list = String::from_utf8(scene.read("list")).unwrap();
    assert!(
        list.contains("de_DE-kerstin-low") && list.contains("pt-pt"),
        "{list}"
    );
    assert!(scene.has_played());
}
