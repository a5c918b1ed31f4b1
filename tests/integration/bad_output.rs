//! Full disks, read-only folders, closed pipes, lost devices.

use std::process::Command;

use crate::scene::{Scene, has, root, skipped};

const LONG: &str = "A sentence of some length, to be spoken. ";

#[test]
fn a_full_device_is_an_error_that_names_it() {
    let scene = Scene::new();
    scene
        .sh("piper-rs speak $TINY -o /dev/full Hello.")
        .exits(1)
        .says(&["cannot write /dev/full", "No space left"]);
    for flag in ["--raw", "-o -"] {
        let run = scene.sh(&format!("piper-rs speak $TINY {flag} Hello. > /dev/full"));
        run.exits(1)
            .says(&["cannot write standard output", "No space left"]);
    }
}

/// A file system of 64 KiB, if the test may mount one.
struct SmallDisk<'a>(&'a Scene);

impl<'a> SmallDisk<'a> {
    fn new(scene: &'a Scene) -> Option<Self> {
        let disk = scene.path("disk");
        std::fs::create_dir(&disk).unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(&disk);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        if !mounted {
            skipped("may not mount a small disk");
        }
        mounted.then_some(Self(scene))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        _ = Command::new("umount").arg(self.0.path("disk")).status();
    }
}

#[test]
fn a_full_disk_leaves_no_partial_file_under_the_final_name() {
    let scene = Scene::new();
    let Some(_disk) = SmallDisk::new(&scene) else {
        return;
    };
    let text = LONG.repeat(5);
    scene.sh("piper-rs speak $TINY -o disk/short.wav Hi.").ok();
    let run = scene.sh(&format!("piper-rs speak $TINY -o disk/long.wav '{text}'"));
    run.exits(1)
        .says(&["cannot write disk/long.wav", "No space left"]);
    assert_eq!(
        scene.names("disk"),
        ["short.wav"],
        "the temporary file is removed"
    );
    assert!(scene.wav("disk/short.wav").seconds() > 0.2);
}

#[test]
fn a_folder_that_is_not_writable_is_named() {
    let scene = Scene::new();
    scene.write("file", "");
    // Permissions do not stop root, who runs the tests in containers; these paths do.
    let cases = [
        ("-o /proc/x.wav", "cannot write /proc/x.wav"),
        ("-o file/x.wav", "cannot write file/x.wav"),
        (
            "-o no/such/folder/x.wav",
            "there is no folder no/such/folder",
        ),
        ("-o home", "cannot write home"),
        ("-d file", "cannot create file"),
        ("-d /proc/out", "cannot create /proc/out"),
    ];
    for (flags, message) in cases {
        let run = scene.sh(&format!("piper-rs speak $TINY {flags} Hello."));
        run.exits(1).says(&[message]);
    }
    assert_eq!(scene.names("."), ["asound.conf", "file", "home"]);
}

#[test]
fn an_input_file_is_not_overwritten_by_the_output() {
    let scene = Scene::new();
    scene
        .sh("cp $PIPER_VOICE_DIR/tiny.onnx v.onnx && ln -s t.txt link.txt")
        .ok();
    scene
        .sh("cp $PIPER_VOICE_DIR/tiny.onnx.json v.onnx.json")
        .ok();
    scene.write("t.txt", "Hello.");
    let cases = [
        ("-m v.onnx -i t.txt -o ./t.txt", "t.txt"),
        ("-m v.onnx -i link.txt -o t.txt", "link.txt"),
        ("-m v.onnx -o v.onnx Hello.", "v.onnx"),
        ("-m v.onnx -o v.onnx.json Hello.", "v.onnx.json"),
        (
            "-m tiny -c v.onnx.json -o v.onnx.json Hello.",
            "v.onnx.json",
        ),
    ];
    for (flags, named) in cases {
        let run = scene.sh(&format!("piper-rs speak {flags}"));
        run.exits(2)
            .says(&[&format!("output {named} is also an input file")]);
    }
    assert_eq!(scene.read("t.txt"), b"Hello.");
    scene.sh("piper-rs speak -m v.onnx -i t.txt -o x.wav").ok();
    scene
        .sh("piper-rs speak -m v.onnx -i /dev/null -o /dev/null")
        .ok();
}

#[test]
fn a_file_on_a_read_only_file_system_is_named() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("ro")).unwrap();
    let speak = "piper-rs speak $TINY -o ro/x.wav Hello.";
    let mount = "mount --bind ro ro && mount -o remount,ro,bind ro";
    // In a mount namespace that ends with the shell.
    let run = scene.sh(&format!("unshare -rm sh -c '{mount} || exit 77; {speak}'"));
    if run.code != Some(1) || run.stderr.contains("unshare:") {
        return skipped("may not make a read-only mount");
    }
    run.says(&["cannot write ro/x.wav", "Read-only file system"]);
}

#[test]
fn a_closed_output_pipe_is_a_silent_success() {
    let scene = Scene::new();
    let text = LONG.repeat(20);
    for flag in ["--raw", "-o -"] {
        let speak = format!("piper-rs speak $TINY {flag} '{text}'");
        let run = scene
            .sh(&format!("({speak}; echo $? > code) | head -c 100"))
            .ok()
            .silently();
        assert_eq!(
            (run.stdout.len(), scene.read("code").as_slice()),
            (100, &b"0\n"[..]),
            "{flag}"
        );
    }
    for command in [
        "completions bash",
        "man",
        "phonemes -m tiny Hello.",
        "--help",
    ] {
        let run = scene
            .sh(&format!("(piper-rs {command}; echo $? > code) | true"))
            .ok()
            .silently();
        drop(run);
        assert_eq!(scene.read("code"), b"0\n", "{command}");
    }
}

#[test]
fn closed_standard_streams_are_handled() {
    let scene = Scene::new();
    let run = scene.sh("piper-rs speak $TINY --raw Hello. >&-");
    run.ok().silently();
    scene
        .sh("piper-rs speak $TINY -o x.wav <&-")
        .ok()
        .says(&["standard input is empty or blank"]);
    assert_eq!(scene.wav("x.wav").samples, [0i16; 0], "nothing was spoken");
    let run = scene
        .sh("piper-rs speak $TINY -o x.wav Hello. 2>&- >&- <&-")
        .ok();
    run.silently();
}

#[test]
fn without_a_sound_device_the_error_suggests_other_outputs() {
    let scene = Scene::new();
    let run = scene.sh("piper-rs speak $TINY Hello.").exits(1);
    assert_eq!(run.text(), "");
    run.says(&["there is no sound device", "-o FILE", "--raw"]);
    let run = scene
        .sh("piper-rs speak $TINY --play -o x.wav Hello.")
        .exits(1);
    run.says(&["there is no sound device"]);
    assert!(!scene.path("x.wav").exists(), "nothing was spoken");
}

#[test]
fn a_lost_device_is_named_and_the_file_keeps_what_was_spoken() {
    if !has("cc") {
        return;
    }
    let scene = Scene::new();
    let source = root().join("tests/device/clocked.c");
    let compile = format!(
        "cc -shared -fPIC -DPIC -o clocked.so {} -lasound",
        source.display()
    );
    scene.sh(&compile).ok();
    // It plays in real time, and fails after a third of a second.
    let config = r#"
        pcm_type.clocked { lib "FOLDER/clocked.so" }
        pcm.!default {
            type clocked file "FOLDER/captured" rate 22050 latency_ms 0 vanish_ms 300
            hint { show on description "Unsteady device" }
        }"#;
    let folder = scene.path("").display().to_string();
    scene.write("asound.conf", config.replace("FOLDER/", &folder));
    let text = LONG.repeat(10);
    let speak = format!("piper-rs speak $TINY --play -o x.wav '{text}'");
    scene
        .sh(&speak)
        .exits(1)
        .says(&["sound device `", "` failed: "]);
    let kept = scene.wav("x.wav").samples;
    let whole = scene.spoken("$TINY", &text).samples;
    assert!(
        !kept.is_empty() && kept.len() < whole.len(),
        "{}",
        kept.len()
    );
    assert!(kept.iter().zip(&whole).all(|(a, b)| (a - b).abs() <= 1));
}
