//! Completion: the candidates for a word, in bash, zsh and fish too.

use crate::scene::{Scene, has, root};

fn completions(name: &str) -> String {
    root()
        .join("assets/completions")
        .join(name)
        .display()
        .to_string()
}

#[test]
fn a_word_is_completed() {
    let scene = Scene::with_device();
    let cases = [
        ("3 -- piper-rs speak -m tin", "tiny\ntiny_multi\n"),
        ("2 -- piper-rs -m tiny_m", "tiny_multi\n"),
        ("3 -- piper-rs speak --model tiny_m", "tiny_multi\n"),
        ("3 -- piper-rs speak -m bui", "builtin\n"),
        ("5 -- piper-rs speak -m tiny -s ''", "0\n"),
        ("1 -- piper-rs doc", "doctor\n"),
        ("2 -- piper-rs speak --para", "--paragraph-silence\n"),
    ];
    for (words, expected) in cases {
        // Completion needs no library.
        let run = scene.sh(&format!(
            "ORT_DYLIB_PATH=/nowhere piper-rs complete {words}"
        ));
        assert_eq!(run.ok().silently().text(), expected, "{words}");
    }
    let run = scene
        .sh("piper-rs complete 3 -- piper-rs speak --device ''")
        .ok();
    assert_eq!(
        run.text(),
        scene
            .sh("piper-rs devices | cut -c3- | sed 's/  (.*//'")
            .ok()
            .text()
    );
    let run = scene
        .sh("piper-rs complete 5 -- piper-rs speak -m tiny_multi -s ''")
        .ok();
    assert_eq!(run.text().lines().count(), 3);
}

#[test]
fn bash_completes_voices_and_flags() {
    if !has("bash") {
        return;
    }
    let scene = Scene::new();
    let script = completions("piper-rs.bash");
    let ask = |words: &str, at: usize| {
        // The words as bash splits them, and the line as it was typed.
        let typed = words.replace(" = ", "=").replace("''", "");
        let line = format!(
            ". {script}; COMP_WORDS=({words}); COMP_CWORD={at}; COMP_LINE='{typed}'; _piper_rs; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        scene.write("ask.sh", line);
        scene.sh("bash ask.sh").ok().silently().text().to_owned()
    };
    assert_eq!(ask("piper-rs speak -m tin", 3), "tiny\ntiny_multi\n");
    assert_eq!(ask("piper-rs -m tiny_m", 2), "tiny_multi\n");
    assert_eq!(ask("piper-rs speak -m tiny -s ''", 5), "0\n");
    assert_eq!(ask("piper-rs doct", 1), "doctor\n");
    assert_eq!(ask("piper-rs speak --voice = tiny_m", 4), "tiny_multi\n");
    assert_eq!(ask("piper-rs voices path tiny_m", 3), "tiny_multi\n");
}

#[test]
fn fish_completes_voices_and_flags() {
    if !has("fish") {
        return;
    }
    let scene = Scene::new();
    let script = completions("piper-rs.fish");
    let line =
        format!("fish --no-config -c 'source {script}; complete -C \"piper-rs speak -m tin\"'");
    assert_eq!(scene.sh(&line).ok().text(), "tiny\ntiny_multi\n");
    let line = format!("fish --no-config -c 'source {script}; complete -C \"piper-rs doct\"'");
    assert_eq!(scene.sh(&line).ok().text(), "doctor\n");
}

#[test]
fn zsh_completes_voices_and_flags() {
    if !has("zsh") {
        return;
    }
    let scene = Scene::new();
    // Loads the script as compinit does at the first Tab. There is no terminal,
    // so `compadd` prints the candidates.
    let folder = root().join("assets/completions");
    let line = format!(
        "compdef() {{ print compdef; }}; compadd() {{ shift; print -l -- \"$@\"; }}; \
         fpath=({}); autoload -Uz _piper-rs; words=(piper-rs speak -m tin); CURRENT=4; _piper-rs",
        folder.display()
    );
    scene.write("ask.zsh", line);
    assert_eq!(
        scene.sh("zsh -f ask.zsh").ok().silently().text(),
        "tiny\ntiny_multi\n"
    );
}

#[test]
fn a_mistyped_word_is_answered_with_a_suggestion() {
    let scene = Scene::new();
    let run = scene
        .sh("piper-rs speak -m tiny_mulit -o a.wav Hi")
        .exits(3);
    run.says(&["did you mean `tiny_multi`?"]);
    let run = scene
        .sh("piper-rs speak --sentence-silense 1 -o a.wav Hi")
        .exits(2);
    run.says(&["'--sentence-silence'"]);
    let run = scene.sh("piper-rs docter").exits(2);
    run.says(&["doctor"]);
}
