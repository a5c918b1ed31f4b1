//! The files in `assets/integrations`, each in its program.

use crate::scene::{Scene, has, root};

fn folder() -> String {
    root().join("assets/integrations").display().to_string()
}

#[test]
fn the_git_hook_speaks_the_subject_of_a_commit() {
    if !has("git") {
        return;
    }
    let scene = Scene::new();
    let line = format!(
        "git init -q . && cp {}/post-commit .git/hooks/ && NOTIFY_OUTPUT=said.wav git -c \
         user.name=a -c user.email=a@b commit -q --allow-empty -m 'Repair the door'",
        folder()
    );
    scene.sh(&line).ok();
    assert!(scene.wav("said.wav").seconds() > 0.3);
}

#[test]
fn notify_speaks_the_result_of_a_command_and_returns_its_exit_code() {
    if !has("bash") {
        return;
    }
    let scene = Scene::new();
    let notify = format!(". {}/notify.sh; NOTIFY_OUTPUT", folder());
    scene
        .sh(&format!("bash -c '{notify}=done.wav notify true'"))
        .ok();
    scene
        .sh(&format!(
            "bash -c '{notify}=failed.wav notify sh -c \"exit 7\"'"
        ))
        .exits(7);
    assert!(scene.wav("done.wav").peak() > 0 && scene.wav("failed.wav").peak() > 0);
}

#[test]
fn vim_speaks_the_buffer_or_some_lines_and_does_not_change_them() {
    if !has("vim") {
        return;
    }
    let scene = Scene::new();
    let text = "One. Two. Three.\nFour.\nFive.\n";
    scene.write("t.txt", text);
    let source = format!("source {}/piper-rs.vim", folder());
    let commands = "-c 'Speak -o all.wav' -c '2Speak -o line.wav' -c 'wq'";
    let line = format!("vim -Nu NONE -es -c '{source}' {commands} t.txt </dev/null");
    scene.sh(&line).ok();
    let (all, line) = (scene.wav("all.wav"), scene.wav("line.wav"));
    assert!(line.seconds() > 0.1 && all.seconds() > 2.0 * line.seconds());
    assert_eq!(scene.read("t.txt"), text.as_bytes());
}

#[test]
fn read_along_shows_each_word_as_it_is_heard() {
    if !has("python3") || !has("cc") {
        return;
    }
    let scene = Scene::new();
    scene.add_real_time_device("rate 22050 latency_ms 100 vanish_ms 0");
    scene.write("a.txt", "Café „ja“, said Ann. Then we left.\n");
    let line = format!("{}/read-along.py $TINY --speed 3 -i a.txt", folder());
    let run = scene.sh(&line).ok().silently();
    let words: Vec<_> = run.text().split("\x1b[7m").skip(1).collect();
    let words: Vec<_> = words
        .iter()
        .filter_map(|rest| rest.split_once("\x1b[0m"))
        .collect();
    let shown: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    assert_eq!(
        shown,
        ["Café", "„ja“,", "said", "Ann.", "Then", "we", "left."]
    );
    let lines: Vec<_> = run.text().lines().collect();
    let last = |line: &str| line.rsplit("\x1b[2K").next().unwrap_or_default().to_owned();
    assert_eq!(
        lines.iter().map(|line| last(line)).collect::<Vec<_>>(),
        ["Café „ja“, said Ann.", "Then we left."]
    );
    // It ends as the program does.
    let run = scene.sh(&format!("{}/read-along.py -i none.txt", folder()));
    assert_eq!(run.code, scene.sh("piper-rs speak -i none.txt").code);
}
