//! The config file: precedence, errors, settings per voice.

use crate::scene::{Scene, root};

const FILE: &str = "home/.config/piper-rs/config.toml";

fn scene(config: &str) -> Scene {
    let scene = Scene::new();
    std::fs::create_dir_all(scene.path("home/.config/piper-rs")).unwrap();
    scene.write(FILE, config);
    scene
}

/// The value of `key` and where it comes from.
fn shown(scene: &Scene, line: &str, key: &str) -> (String, String) {
    let run = scene.sh(line).ok().silently();
    let json: serde_json::Value = serde_json::from_str(run.text()).unwrap();
    let values = json["values"].as_array().unwrap();
    let value = values.iter().find(|value| value["key"] == key).unwrap();
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    (text("value"), text("from"))
}

#[test]
fn a_flag_overrides_the_environment_and_that_overrides_the_file() {
    let scene = scene("cache_mb = 700\nvolume = 0.5\n");
    let show = "piper-rs config show --json";
    let cases = [
        (
            format!("{show} --no-config"),
            "cache_mb",
            "1500",
            "built_in",
        ),
        (show.to_owned(), "cache_mb", "700", "file"),
        (
            format!("PIPER_CACHE_MB=800 {show}"),
            "cache_mb",
            "800",
            "environment",
        ),
        (
            format!("PIPER_CACHE_MB=800 {show} --cache-mb 900"),
            "cache_mb",
            "900",
            "flag",
        ),
        (show.to_owned(), "volume", "0.5", "file"),
        (format!("{show} --volume 2"), "volume", "2", "flag"),
        (
            show.to_owned(),
            "sentence_silence",
            "0.2; with --strict-piper 0",
            "built_in",
        ),
        (show.to_owned(), "threads", "the physical cores", "built_in"),
    ];
    for (line, key, value, from) in cases {
        let expected = (value.to_owned(), from.to_owned());
        assert_eq!(shown(&scene, &line, key), expected, "{line}");
    }
    let text = scene.sh("piper-rs config show").ok();
    let place = format!("{}:2", scene.path(FILE).display());
    let line = text.text().lines().find(|line| line.starts_with("volume"));
    assert!(line.unwrap().ends_with(&place), "{}", text.text());
    let path = scene.sh("piper-rs config path").ok().silently();
    assert_eq!(path.text().trim(), scene.path(FILE).display().to_string());
}

#[test]
fn the_file_sets_defaults_that_flags_override() {
    let plain = Scene::new();
    let flags = "--noise-scale 0 --noise-w 0 --seed 1";
    let loud = plain.spoken(&format!("-m tiny {flags}"), "One. Two.");
    let slow = plain.spoken(&format!("-m tiny {flags} --length-scale 2"), "One. Two.");
    let paused = plain.spoken(
        &format!("-m tiny {flags} --sentence-silence 1"),
        "One. Two.",
    );

    let scene = scene("voice = \"tiny\"\nnoise_scale = 0\nnoise_w = 0\nseed = 1\n");
    assert_eq!(scene.spoken("", "One. Two."), loud);
    assert_eq!(scene.spoken("--length-scale 2", "One. Two."), slow);
    scene.write(
        "my.toml",
        "voice = \"tiny\"\nsentence-silence = 1\nlength_scale = 4\n",
    );
    let named = format!("--config-file my.toml {flags}");
    assert_eq!(
        scene.spoken(&format!("{named} --length-scale 1"), "One. Two."),
        paused
    );
    let ignored = scene.spoken(&format!("--no-config -m tiny {flags}"), "One. Two.");
    assert_eq!(ignored, loud);
}

#[test]
fn the_defaults_of_a_voice_apply_however_it_is_chosen() {
    let plain = Scene::new();
    let flags = "--noise-scale 0 --noise-w 0 --seed 1 --no-normalize";
    let say = |voice: &str| plain.spoken(&format!("{voice} {flags}"), "Hello.");
    let (tiny, bob) = (say("-m tiny"), say("-m tiny_multi -s 2 --speed 0.5"));
    let other = say("-m tiny_multi -s 1 --speed 0.5");
    assert!(bob != tiny && bob != other);

    let scene = scene("[voices.tiny_multi]\nspeaker = \"2\"\nspeed = 0.5\n");
    let say = |voice: &str| scene.spoken(&format!("{voice} {flags}"), "Hello.");
    assert_eq!(say("-m tiny"), tiny);
    assert_eq!(say("-m tiny_multi"), bob);
    let path = root().join("tests/voices/tiny_multi.onnx");
    assert_eq!(say(&format!("-m {}", path.display())), bob);
    assert_eq!(
        say("-m tiny_multi -s 1"),
        other,
        "a flag overrides the file"
    );

    scene.write(
        "lines.jsonl",
        "{\"text\": \"Hello.\", \"voice\": \"tiny_multi\"}\n",
    );
    let line = format!("piper-rs speak -m tiny {flags} --json-input -o json.wav < lines.jsonl");
    scene.sh(&line).ok();
    assert_eq!(scene.wav("json.wav"), bob);

    let line = format!("piper-rs batch -m tiny {flags} -d out --manifest lines.jsonl");
    scene.sh(&line).ok();
    assert_eq!(scene.wav("out/0001.wav"), bob);
    scene.sh(&format!("{line} --events json")).ok();

    let typed = ":voice tiny_multi\\nHello.\\n:save said.wav\\n";
    let line = format!("printf '{typed}' | piper-rs i -m tiny {flags} -o all.wav");
    scene.sh(&line).ok();
    assert_eq!(scene.wav("said.wav").samples, bob.samples);
}

#[test]
fn a_device_in_the_file_selects_the_device_but_does_not_start_playback() {
    let file = |device: &str| format!("voice = \"tiny\"\ndevice = \"{device}\"\n");
    let silent = scene(&file("nosuch"));
    silent.sh("piper-rs speak -o a.wav Hi").ok().silently();
    let raw = silent.sh("piper-rs speak --raw Hi").ok().silently();
    assert!(!raw.samples().is_empty());
    silent.sh("echo Hi | piper-rs i -o b.wav").ok();
    for line in ["speak Hi", "speak --play -o c.wav Hi", "voices audition Hi"] {
        let run = silent.sh(&format!("piper-rs {line}"));
        run.exits(1).says(&["no sound device `nosuch`"]);
    }

    let loud = Scene::with_device();
    loud.write("c.toml", file("captured"));
    loud.sh("piper-rs speak --config-file c.toml -o a.wav Hi")
        .ok();
    assert!(!loud.path("captured").exists());
    loud.sh("piper-rs speak --config-file c.toml Hi").ok();
    assert!(loud.has_played());
}

#[test]
fn an_audition_uses_the_settings_of_the_file() {
    let scene = scene("noise_scale = 0\nnoise_w = 0\nseed = 1\nvolume = 0.25\n");
    scene.sh("piper-rs voices audition -m tiny -d soft Hi").ok();
    scene
        .sh("piper-rs voices audition -m tiny -d loud --volume 1 Hi")
        .ok();
    let peak = |folder: &str| {
        let names = scene.names(folder);
        f64::from(scene.wav(&format!("{folder}/{}", names[0])).peak())
    };
    assert!((peak("soft") / peak("loud") - 0.25).abs() < 0.01);
}

#[test]
fn an_error_in_the_file_names_line_and_key_and_stops_the_commands_that_speak() {
    let scene = scene("volume = 1\nvioce = \"tiny\"\n");
    let place = format!(
        "{}:2: unknown key `vioce`; did you mean `voice`?",
        scene.path(FILE).display()
    );
    for command in [
        "speak -o a.wav Hi",
        "config show",
        "phonemes Hi",
        "batch -d out x",
    ] {
        let run = scene.sh(&format!("piper-rs {command}"));
        run.exits(2).says(&[&place]);
    }
    for command in [
        "speak --no-config -o a.wav Hi",
        "version",
        "config path",
        "speak --help",
    ] {
        scene.sh(&format!("piper-rs {command}")).ok();
    }
    let run = scene.sh("piper-rs speak --config-file none.toml -o a.wav Hi");
    run.exits(2)
        .says(&["cannot read the config file none.toml"]);
}

#[test]
fn a_missing_file_is_no_error_and_is_not_created() {
    let scene = Scene::new();
    let (value, from) = shown(&scene, "piper-rs config show --json", "voice");
    let expected = ("en_US-slt-low", "built_in");
    assert_eq!((value.as_str(), from.as_str()), expected);
    scene
        .sh("piper-rs config path")
        .ok()
        .says(&["does not exist yet"]);
    assert!(scene.names("home").is_empty());
}

#[test]
fn the_path_is_printed_even_if_the_file_is_not_read() {
    let scene = scene("volume = 0.5\n");
    for line in ["config path --no-config", "--no-config config path"] {
        let run = scene.sh(&format!("piper-rs {line}")).ok();
        assert!(run.text().trim_end().ends_with(FILE), "{}", run.text());
        run.says(&["this file is not read"]);
    }
}
