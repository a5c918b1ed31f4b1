//! Progress bars in a real terminal: no line is wider than the terminal.

use crate::scene::{Scene, has};

const BATCH: &str = "piper-rs batch -m tiny -j 2 -d out a-text-with-a-long-name-that-cannot-fit.txt \
                     another-text-with-a-name-of-many-words-and-letters.txt";
const SPEAK: &str = "piper-rs speak -m tiny -o out.wav -i \
                     a-text-with-a-long-name-that-cannot-fit.txt";

/// Runs a command in a terminal and returns what it draws, without escape
/// sequences, line by line. With `resized` the terminal gets that many columns
/// while the bar is drawn, and only the lines after that are returned.
fn drawn(scene: &Scene, command: &str, columns: usize, resized: Option<usize>) -> Vec<String> {
    let text: String = (0..150)
        .map(|n| format!("This is sentence number {n} of a text. "))
        .collect();
    for name in [
        "a-text-with-a-long-name-that-cannot-fit",
        "another-text-with-a-name-of-many-words-and-letters",
    ] {
        scene.write(&format!("{name}.txt"), &text);
    }
    let resize = resized.map_or_else(String::new, |columns| {
        format!(
            "expect \"%\"\n\
             stty columns {columns} < $spawn_out(slave,name)\n\
             expect -re {{ [3-6][0-9]%}}\n\
             puts \"\\nRESIZED\""
        )
    });
    let script = format!(
        "set timeout 60\n\
         set stty_init \"rows 24 columns {columns}\"\n\
         spawn env TERM=xterm {command}\n\
         {resize}\n\
         expect {{ eof {{}} timeout {{ exit 9 }} }}\n\
         exit [lindex [wait] 3]"
    );
    scene.write("script", script);
    let run = scene.sh("expect script").ok();
    let output = String::from_utf8(run.stdout).unwrap();
    // The first line is expect's own.
    let (_, output) = output.split_once('\n').unwrap();
    let output = match resized {
        Some(_) => output.split_once("RESIZED").unwrap().1,
        None => output,
    };
    let plain = without_escapes(output);
    let lines = plain.split(['\r', '\n', '\x1b']).map(str::to_owned);
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// Removes colours; the other sequences, which move the cursor, become `\x1b`.
fn without_escapes(output: &str) -> String {
    let mut plain = String::new();
    let mut parts = output.split("\x1b[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        if &part[end..=end] != "m" {
            plain.push('\x1b');
        }
        plain.push_str(&part[end + 1..]);
    }
    plain
}

/// The percentages of the bar, in the order in which they were drawn.
fn percentages(lines: &[String]) -> Vec<u64> {
    let number = |line: &String| {
        let (before, _) = line.split_once('%')?;
        before.split_whitespace().next_back()?.parse().ok()
    };
    lines.iter().filter_map(number).collect()
}

/// Checks that each row of the terminal is a bar of its own: a line that wraps
/// would make a row that begins in another way. Lines are padded with spaces,
/// and follow each other without a line break.
#[track_caller]
fn fits(lines: &[String], columns: usize) {
    for line in lines.iter().filter(|line| !line.contains("piper-rs: ")) {
        let chars: Vec<_> = line.chars().collect();
        for row in chars.chunks(columns) {
            let row = String::from_iter(row);
            let is_text = row.starts_with("  █") || row.starts_with("  ░");
            let is_bar = is_text || row.get(3..5) == Some("% ") || row.trim().is_empty();
            assert!(is_bar, "{columns}: {row:?} of {line:?}");
        }
    }
}

#[test]
fn bars_fit_the_terminal_and_move_while_a_text_is_made() {
    if !has("expect") {
        return;
    }
    for command in [BATCH, SPEAK] {
        for columns in [80, 40] {
            let scene = Scene::new();
            let lines = drawn(&scene, command, columns, None);
            fits(&lines, columns);
            let shown = percentages(&lines);
            let between = shown.iter().filter(|percent| (1..100).contains(*percent));
            assert!(between.count() > 2, "{columns}: {lines:#?}");
            assert!(shown.is_sorted(), "{shown:?}");
            let facts = match columns {
                40 => " left",
                _ => " audio, ",
            };
            assert!(lines.iter().any(|line| line.contains(facts)), "{lines:#?}");
        }
    }
}

#[test]
fn bars_follow_a_terminal_that_becomes_narrow() {
    if !has("expect") {
        return;
    }
    for command in [BATCH, SPEAK] {
        let lines = drawn(&Scene::new(), command, 80, Some(40));
        fits(&lines, 40);
        assert!(!percentages(&lines).is_empty(), "{lines:#?}");
    }
}

#[test]
fn a_batch_ends_with_two_lines_and_counts_only_on_request() {
    let scene = Scene::new();
    scene.write("a.txt", "Hello.");
    let line = "piper-rs batch -m tiny -d out a.txt --force --join all.wav";
    let said = scene.sh(line).ok().stderr;
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(
        lines[0].starts_with("piper-rs: 1 text spoken: 0:0"),
        "{said}"
    );
    assert_eq!(
        lines[1],
        "piper-rs: the files are in out, joined in all.wav, chapters in all.cue"
    );
    let counted = scene.sh(&format!("{line} --stats")).ok().stderr;
    assert!(
        counted.contains("\npool ") && counted.contains(" MB held"),
        "{counted}"
    );
    assert!(!counted.contains("iB"), "{counted}");
    scene.sh(&format!("{line} -q")).ok().silently();
}
