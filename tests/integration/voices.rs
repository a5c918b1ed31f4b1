//! `voices list`, `search`, `info` and `path`, completion, and hints for missing
//! voices.

use serde_json::{Value, json};

use crate::catalogue_server::{CatalogueServer, MULTI, TINY, TUGAO};

#[test]
fn an_alias_is_answered_with_the_current_name() {
    let server = CatalogueServer::new();
    server.sh(&format!("piper-rs voices get {TINY}")).ok();
    let speak = "piper-rs speak -o x.wav Hello. -m";
    let installed = server.sh(&format!("{speak} en-us-tiny-medium")).exits(3);
    installed.says(&[&format!(
        "the voice is now called `{TINY}` and is installed"
    )]);
    let listed = server.sh(&format!("{speak} en-us-multi-low")).exits(3);
    listed.says(&[&format!("`piper-rs voices get {MULTI}` downloads it")]);
}

#[test]
fn a_name_is_completed_from_the_catalogue_or_the_installed_voices() {
    let server = CatalogueServer::new();
    let ask = |words: &str| {
        let words = format!("piper-rs voices {words}");
        let last = words.split(' ').count() - 1;
        let run = server.sh(&format!("piper-rs complete {last} -- {words}"));
        run.ok().silently().text().to_owned()
    };
    // Completion downloads nothing.
    assert_eq!((ask("get pt"), server.paths().len()), (String::new(), 0));
    server.sh("piper-rs voices search --update").ok();
    assert_eq!(ask("get pt"), format!("{TUGAO}\n"));
    assert_eq!(ask("get en_US-multi-low en_US-t"), format!("{TINY}\n"));
    assert_eq!(ask("info pt"), format!("{TUGAO}\n"));
    for command in [
        "info",
        "verify",
        "remove",
        "path",
        "prepare",
        "audition --with",
    ] {
        assert_eq!(
            ask(&format!("{command} tiny_")),
            "tiny_multi\n",
            "{command}"
        );
    }
    assert_eq!(ask("audition -m tiny_multi --speaker b"), "bob\n");
}

#[test]
fn lists_are_filtered_and_work_offline() {
    let server = CatalogueServer::new();
    server
        .sh("piper-rs voices list --available --update")
        .ok()
        .silently();
    server.web.requests();
    let search = |flags: &str| {
        let run = server
            .sh(&format!("piper-rs voices search --json {flags}"))
            .ok();
        let run = run.says(&["the catalogue of http://127.0.0.1", "downloaded just now"]);
        let names = run.text().lines().map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            row["name"].as_str().unwrap().to_owned()
        });
        names.collect::<Vec<_>>()
    };
    assert_eq!(search(""), [MULTI, TINY, TUGAO]);
    assert_eq!(search("--language English --quality medium"), [TINY]);
    assert_eq!(
        search("--language pt --language en-us --quality low"),
        [MULTI]
    );
    assert_eq!(search("--speakers 2-"), [MULTI]);
    assert_eq!(search("--max-size 0.064"), [TINY, TUGAO]);
    assert_eq!(search("--max-size 0.01"), [""; 0]);
    assert_eq!(search("tiny english"), [TINY]);
    assert_eq!(server.paths(), [""; 0], "the cached catalogue is enough");
    server.sh("piper-rs voices search --speakers x").exits(2);

    let listed = server.sh("piper-rs voices list").ok().silently();
    for (name, rest) in [
        ("en_US-slt-low", "built in, default"),
        ("tiny ", "installed"),
        ("tiny_multi", "3  0.1 MB  installed"),
    ] {
        let line = listed.text().lines().find(|line| line.starts_with(name));
        assert!(
            line.is_some_and(|line| line.contains(rest)),
            "{}",
            listed.text()
        );
    }
    let one = server.sh("piper-rs voices list --json --speakers 2-").ok();
    let row: Value = serde_json::from_str(one.text()).unwrap();
    assert_eq!(
        (&row["name"], &row["state"]),
        (&json!("tiny_multi"), &json!("installed"))
    );

    let path = server.sh("piper-rs voices path tiny").ok().silently();
    assert!(path.text().ends_with("tests/voices/tiny.onnx\n"));
    server
        .sh("piper-rs voices path en_US-slt-low")
        .exits(1)
        .says(&["built in"]);
    server
        .sh("piper-rs voices path tinny")
        .exits(3)
        .says(&["did you mean `tiny`?"]);
    let info = server.sh("piper-rs voices info --json tiny_multi").ok();
    let info: Value = serde_json::from_str(info.text()).unwrap();
    assert_eq!(info["speakers"], json!(["alice", "bob", "carol"]));
    assert_eq!(info["sample_rate_hz"], 22050);
    server.sh("piper-rs voices info nothing").exits(3);
}
