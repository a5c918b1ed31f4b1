//! Full disks, read-only folders, closed pipes, lost devices.

use std::process::Command;

use crate::scene::{Scene, has, skipped};

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
fn a_limit_on_file_sizes_ends_a_run_like_a_full_disk() {
    let scene = Scene::new();
    let text = LONG.repeat(5);
    scene.write("text.txt", &text);
    let before = scene.names(".");
    let limit = "ulimit -f 10";
    let run = scene.sh(&format!("{limit}; piper-rs speak $TINY -o x.wav '{text}'"));
    run.exits(1).says(&["cannot write x.wav: File too large"]);
    let run = scene.sh(&format!(
        "{limit}; piper-rs speak $TINY --play -o - '{text}' > x.wav"
    ));
    run.exits(1);
    scene.sh("rm x.wav").ok();
    let session = format!("{limit}; echo '{text}' | piper-rs interactive $TINY -o x.wav");
    scene.sh(&session).exits(1).says(&["File too large"]);
    assert_eq!(scene.names("."), before);
    let batch = format!("{limit}; piper-rs batch $TINY -d out text.txt");
    scene
        .sh(&batch)
        .exits(1)
        .says(&["cannot write out/text.wav: File too large"]);
    assert_eq!(scene.names("out"), [".piper-rs-journal.jsonl"]);
}

#[test]
fn a_name_of_another_sound_format_is_refused_with_the_remedy() {
    let scene = Scene::new();
    scene.write("text.txt", "Hello.");
    let pipe = "or `-o - | ffmpeg -i - ";
    for name in ["a.wma", "A.WMA", "e.m4a", "f.aiff", "g.aac"] {
        let run = scene.sh(&format!("piper-rs speak $TINY -o {name} Hello."));
        run.exits(2)
            .says(&[&format!("cannot write {name}"), &format!("{pipe}{name}`")]);
    }
    let run = scene.sh("piper-rs speak $TINY -o a.raw Hello.");
    run.exits(2).says(&["use `--raw > a.raw`"]);
    let run = scene.sh("piper-rs speak $TINY -o a.ogg Hello.");
    run.exits(2)
        .says(&["the format in Ogg is Opus: write a.opus"]);
    let convert = "ffmpeg -i a.wav a.m4a`";
    let cases = [
        ("interactive $TINY -o a.m4a < text.txt", 2, pipe),
        ("voices audition -m tiny -o a.m4a", 2, pipe),
        (
            "batch $TINY -d out text.txt --name '{n}.ogg'",
            2,
            "cannot write {n}.ogg",
        ),
        ("batch $TINY -d out text.txt --join a.m4a", 2, convert),
        (
            "batch $TINY -d out --manifest list.jsonl",
            2,
            "ffmpeg -i out/a.wav out/a.m4a`",
        ),
        ("speak $TINY --json-input < list.jsonl", 1, convert),
        ("interactive $TINY -o x.wav < save.txt", 1, convert),
    ];
    scene.write("list.jsonl", r#"{"text": "Hi.", "output_file": "a.m4a"}"#);
    scene.write("save.txt", "Hi.\n:save a.m4a\n");
    for (command, code, words) in cases {
        scene
            .sh(&format!("piper-rs {command}"))
            .exits(code)
            .says(&[words]);
    }
    let mut names = scene.names(".");
    names.retain(|name| name.to_lowercase().ends_with(".m4a"));
    assert!(names.is_empty(), "{names:?}");
    for name in ["a.wav", "a.WAV", "a.wave", "a", "a.v2", "mp3"] {
        scene
            .sh(&format!("piper-rs speak $TINY -o {name} Hello."))
            .ok();
        scene.wav(name);
    }
}

#[test]
fn an_existing_file_that_is_no_wav_is_kept_unless_told() {
    let scene = Scene::new();
    scene.write("notes.txt", "My notes.");
    scene.write("tagged.wav", "ID3 something else");
    scene.write(
        "list.jsonl",
        r#"{"text": "Hi.", "output_file": "notes.txt"}"#,
    );
    scene.write("save.txt", "Hi.\n:save notes.txt\n");
    scene
        .sh("ln -s notes.txt link.wav; mkdir out; echo text > out/Hi.wav")
        .ok();
    let refused = [
        ("speak $TINY -f notes.txt hello", 2),
        ("speak $TINY -o tagged.wav hello", 2),
        ("speak $TINY -o link.wav hello", 2),
        ("interactive $TINY -o notes.txt < save.txt", 2),
        ("voices audition -m tiny -o notes.txt", 2),
        ("speak $TINY --json-input < list.jsonl", 1),
        ("interactive $TINY -o x.wav < save.txt", 1),
        ("speak $TINY -d out --output-dir-naming text Hi.", 1),
    ];
    for (command, code) in refused {
        let run = scene.sh(&format!("piper-rs {command}"));
        run.exits(code)
            .says(&["neither WAV nor made by this program", "--overwrite"]);
        assert_eq!(scene.read("notes.txt"), b"My notes.", "{command}");
    }
    assert_eq!(scene.read("out/Hi.wav"), b"text\n");
    let allowed = [
        "speak $TINY -f notes.txt hello --overwrite",
        "speak $TINY --json-input --overwrite < list.jsonl",
        "interactive $TINY --overwrite -o x.wav < save.txt",
    ];
    for command in allowed {
        scene.write("notes.txt", "My notes.");
        scene.sh(&format!("piper-rs {command}")).ok();
        scene.wav("notes.txt");
    }
    // A WAV file, and nothing at all, can be replaced.
    scene.write("empty", "");
    for name in ["notes.txt", "empty", "/dev/null", "/dev/stdout"] {
        let run = scene.sh(&format!("piper-rs speak $TINY -o {name} hello | cat"));
        run.ok().silently();
    }
    scene.wav("empty");
}

#[test]
fn a_full_disk_stops_a_batch_with_one_message() {
    let scene = Scene::new();
    let Some(_disk) = SmallDisk::new(&scene) else {
        return;
    };
    scene.write("lines", format!("{}\n", LONG.repeat(3)).repeat(20));
    for jobs in ["", "--jobs 3"] {
        let batch = format!("piper-rs batch $TINY -d disk/out --lines lines {jobs}");
        let run = scene.sh(&batch).exits(1);
        let full = run.stderr.matches("No space left").count();
        assert_eq!(full, 1, "{}", run.stderr);
        run.says(&["run the same command again"]);
        let mut names = scene.names("disk/out");
        names.retain(|name| name != ".piper-rs-journal.jsonl");
        assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");
        scene.sh("rm -r disk/out").ok();
    }
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
    // It plays in real time, and fails after a third of a second.
    scene.add_real_time_device("rate 22050 latency_ms 0 vanish_ms 300");
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
