//! `make install` and the end of `make speak`: where the program is, and how a shell
//! finds it.

use crate::scene::{Run, Scene, has, root};

/// A scene with a folder like cargo's: a program that only prints, and a library.
fn built() -> Option<Scene> {
    if !has("bash") {
        return None;
    }
    let scene = Scene::new();
    scene
        .sh("mkdir -p built/release built/lib/piper-rs home/.local/bin")
        .ok();
    scene.write("built/release/piper-rs", "#!/bin/sh\necho here\n");
    scene.write("built/lib/piper-rs/libonnxruntime.so", "");
    Some(scene)
}

fn install(scene: &Scene, environment: &str, command: &str) -> Run {
    let script = root().join("setup/install.sh");
    let built = scene.path("built");
    let line = format!(
        "{environment} {} {command} {}",
        script.display(),
        built.display()
    );
    scene.sh(&line)
}

#[test]
fn install_into_a_home_needs_no_root_and_tells_what_is_missing_in_path() {
    let Some(scene) = built() else { return };
    let bin = scene.path("home/.local/bin").display().to_string();
    // A quoted tilde is what other shells than bash pass to make.
    let installed = install(&scene, "PREFIX='~/.local'", "install").ok();
    installed.says(&[
        &format!("{bin} is not in PATH"),
        &format!("export PATH=\"{bin}:$PATH\""),
        "which comes first in PATH",
    ]);
    let run = scene.sh(&format!("PATH=\"{bin}:$PATH\"; piper-rs")).ok();
    assert_eq!(run.text(), "here\n");
    let unit = scene.sh("cat home/.local/share/piper-rs/integrations/piper-rs.service");
    let starts = format!("ExecStart={bin}/piper-rs serve ");
    assert!(unit.text().contains(&starts), "{}", unit.text());
    let again = install(
        &scene,
        &format!("PATH=\"{bin}:$PATH\" PREFIX=~/.local"),
        "install",
    );
    let again = again.ok().says(&["run it: piper-rs"]);
    assert!(!again.stderr.contains("not in PATH"), "{}", again.stderr);
    install(&scene, "PREFIX='~/.local'", "uninstall").ok();
    let left = scene.sh("find home -type f; find . -name '~*'").ok();
    assert_eq!(left.text(), "");
}

#[test]
fn speech_dispatcher_finds_the_module_that_is_installed() {
    let Some(scene) = built() else { return };
    let run = |module: &str| {
        let line = format!("{module} /etc/x.conf");
        scene.sh(&line).ok().text().to_owned()
    };
    scene
        .sh("mkdir -p modules; echo 'echo here $*' >> built/release/piper-rs")
        .ok();
    // In a home it looks for modules itself.
    let home = install(
        &scene,
        "SPEECHD_MODULES=$PWD/modules PREFIX='~/.local'",
        "install",
    );
    assert!(!home.ok().stderr.contains("AddModule"));
    let module = "home/.local/libexec/speech-dispatcher-modules/sd_piper-rs";
    assert_eq!(run(module), "here\nhere speechd /etc/x.conf\n");
    assert!(scene.names("modules").is_empty());
    // For all users it gets a link, and another program's module stays.
    let system = "SPEECHD_MODULES=$PWD/modules PREFIX=$PWD/usr";
    install(&scene, system, "install")
        .ok()
        .says(&["a link to it"]);
    assert_eq!(
        run("modules/sd_piper-rs"),
        "here\nhere speechd /etc/x.conf\n"
    );
    install(&scene, system, "install").ok();
    install(&scene, system, "uninstall").ok();
    assert!(scene.names("modules").is_empty());
    scene.write("modules/sd_piper-rs", "other");
    let line = format!(
        "AddModule \"piper-rs\" \"{}/",
        scene.path("usr/libexec").display()
    );
    install(&scene, system, "install").ok().says(&[&line]);
    install(&scene, system, "uninstall").ok();
    assert_eq!(scene.read("modules/sd_piper-rs"), b"other");
}

#[test]
fn a_package_is_installed_without_advice_about_path() {
    let Some(scene) = built() else { return };
    let installed = install(&scene, "DESTDIR=$PWD/package PREFIX=/usr", "install").ok();
    assert!(!installed.stderr.contains("PATH"), "{}", installed.stderr);
    assert!(scene.path("package/usr/share/man/man1/piper-rs.1").exists());
}

/// Puts a voice where set-up does.
fn make_voice(scene: &Scene) {
    let voices = "built/release/share/piper-rs/voices";
    scene.sh(&format!("mkdir -p {voices}")).ok();
    for name in [
        "en_US-heart-medium.onnx",
        "en_US-heart-medium.onnx.json",
        "LICENSE",
        "NOTICE",
    ] {
        scene.write(&format!("{voices}/{name}"), name);
    }
}

#[test]
fn the_default_voice_is_installed_with_its_licence_and_removed_without_other_voices() {
    let Some(scene) = built() else { return };
    let files = || {
        let found = scene.sh("cd home/.local; find share -name '*heart*' | sort");
        found.ok().text().to_owned()
    };
    install(&scene, "PREFIX='~/.local'", "install")
        .ok()
        .says(&["no default voice was made"]);
    assert_eq!(files(), "");
    make_voice(&scene);
    install(&scene, "PREFIX='~/.local'", "install").ok();
    let expected = "share/doc/piper-rs/LICENSE.en_US-heart-medium\n\
                    share/doc/piper-rs/NOTICE.en_US-heart-medium\n\
                    share/piper-rs/voices/en_US-heart-medium.onnx\n\
                    share/piper-rs/voices/en_US-heart-medium.onnx.json\n";
    assert_eq!(files(), expected);
    scene.sh("mv built/release/share built/release/hidden").ok();
    install(&scene, "PREFIX='~/.local'", "install")
        .ok()
        .says(&["that of the older installation stays"]);
    assert_eq!(files(), expected);
    scene.sh("mv built/release/hidden built/release/share").ok();
    install(&scene, "VOICE=none PREFIX='~/.local'", "install").ok();
    assert_eq!(files(), "");
    install(&scene, "PREFIX='~/.local'", "install").ok();
    scene.write("home/.local/share/piper-rs/voices/own.onnx", "");
    install(&scene, "PREFIX='~/.local'", "uninstall").ok();
    let left = scene.sh("find home -type f").ok();
    assert_eq!(left.text(), "home/.local/share/piper-rs/voices/own.onnx\n");
    let package = install(&scene, "DESTDIR=$PWD/package PREFIX=/usr", "install");
    package.ok();
    let voice = "package/usr/share/piper-rs/voices/en_US-heart-medium.onnx";
    assert!(scene.path(voice).exists());
}

#[test]
fn set_up_goes_on_without_the_default_voice() {
    let Some(scene) = built() else { return };
    let setup = root().join("setup").display().to_string();
    scene.sh(&format!("cp -r {setup} .")).ok();
    let link = scene.path("built/release/share/piper-rs/voices");
    let line = "setup/default_voice.sh built";
    let with = |script: &str| {
        scene.write("setup/natural_voice.sh", format!("#!/bin/sh\n{script}\n"));
        scene.sh("chmod +x setup/natural_voice.sh").ok();
    };
    with("mkdir -p .deps/natural-voice");
    scene.sh(line).ok().silently();
    assert!(link.is_dir());
    let run = scene.sh(&format!("VOICE=none {line}")).ok();
    run.says(&["VOICE=none", "built in speaks instead"]);
    assert!(!link.exists());
    scene.sh(line).ok();
    with("echo no network >&2; exit 1");
    let run = scene.sh(line).ok();
    run.says(&[
        "no network",
        "there is no default voice",
        "VOICE=none",
        "built in",
    ]);
    assert!(!link.exists());
    // Somebody's own folder stays as it is.
    scene.sh(&format!("mkdir {}", link.display())).ok();
    scene.write("built/release/share/piper-rs/voices/own.onnx", "");
    with("mkdir -p .deps/natural-voice");
    for line in [line, &format!("VOICE=none {line}")] {
        scene.sh(line).ok().says(&["is not a link", "stay"]);
        assert_eq!(
            scene.names("built/release/share/piper-rs/voices"),
            ["own.onnx"]
        );
    }
}

#[test]
fn a_conversion_takes_paths_from_the_callers_folder() {
    let Some(scene) = built() else { return };
    let script = root().join("conversion/run.sh");
    let run = |arguments: &str| {
        scene.sh(&format!(
            "PATH=$PWD/bin:$PATH {} {arguments}",
            script.display()
        ))
    };
    scene.sh("mkdir bin").ok();
    scene.write(
        "bin/python3",
        format!(
            "#!/bin/sh\necho \"$@\" > {}\nexit 7\n",
            scene.path("called").display()
        ),
    );
    scene
        .sh("chmod +x bin/python3; mkdir -p voices; touch voices/a.onnx")
        .ok();
    let missing = scene.path("b.onnx").display().to_string();
    run("--voice b.onnx made").exits(1).says(&[&missing]);
    run("--voice voices/a.onnx made").exits(7);
    let called = std::fs::read_to_string(scene.path("called")).unwrap();
    let venv = scene.path("made/venv").display().to_string();
    assert_eq!(called.trim(), format!("-m venv {venv}"));
}

#[test]
fn make_speak_ends_with_where_the_program_is() {
    if !has("bash") {
        return;
    }
    let scene = Scene::new();
    let script = root().join("setup/speak.sh");
    let program = env!("CARGO_BIN_EXE_piper-rs");
    let file = scene.path("hello.wav").display().to_string();
    let line = format!("{} {program} {file} 'Hello.'", script.display());
    scene.sh(&line).ok().says(&[
        "with the voice en_US-slt-low (built in)",
        &format!("the program is {program}"),
        "make install PREFIX=~/.local",
    ]);
    assert!(scene.wav("hello.wav").peak() > 0);
}
