//! What `voices` promises: lists, downloads, checks.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use piper_rs::catalogue::Address;
use piper_rs::download::{BadDownload, Connection, Downloader, Md5};
use piper_rs::{CancelToken, Error};
use serde_json::{Value, json};

use crate::scene::{Run, Scene, root};
use crate::web::{Answer, Asked, Proxy, Web};

const TINY: &str = "en_US-tiny-medium";
const TUGAO: &str = "pt_PT-tugão-medium";
const MULTI: &str = "en_US-multi-low";

fn test_voice(name: &str) -> Vec<u8> {
    fs::read(root().join("tests/voices").join(name)).unwrap()
}

fn md5(bytes: &[u8]) -> String {
    Md5::of_bytes(bytes)
}

/// What lies on the server, by path, the catalogue included.
fn files() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut catalogue = serde_json::Map::new();
    for (name, from, language, quality, n_speakers) in [
        (TINY, "tiny", "English", "medium", 1),
        (TUGAO, "tiny", "Portuguese", "medium", 1),
        (MULTI, "tiny_multi", "English", "low", 3),
    ] {
        let (code, short) = (&name[..5], name.split('-').nth(1).unwrap());
        let folder = format!("{}/{code}/{short}/{quality}", &name[..2]);
        let card = "# Model card\n\n* License: CC0\n";
        let mut listed = serde_json::Map::new();
        for (path, bytes) in [
            (format!("{name}.onnx"), test_voice(&format!("{from}.onnx"))),
            (
                format!("{name}.onnx.json"),
                test_voice(&format!("{from}.onnx.json")),
            ),
            ("MODEL_CARD".to_owned(), card.into()),
        ] {
            let path = format!("{folder}/{path}");
            let file = json!({"size_bytes": bytes.len(), "md5_digest": md5(&bytes)});
            listed.insert(path.clone(), file);
            files.insert(path, bytes);
        }
        let entry = json!({
            "key": name, "name": short, "quality": quality, "num_speakers": n_speakers,
            "language": {"code": code, "family": &name[..2], "name_english": language},
            "files": listed, "aliases": [name.replace('_', "-").to_lowercase()]});
        catalogue.insert(name.to_owned(), entry);
    }
    files.insert(
        "voices.json".to_owned(),
        Value::from(catalogue).to_string().into(),
    );
    files
}

/// Finds what is asked for, whose path is percent-encoded.
fn found<'f>(files: &'f BTreeMap<String, Vec<u8>>, asked: &Asked) -> Option<&'f [u8]> {
    let path = asked.path.trim_start_matches('/').replace("%C3%A3", "ã");
    files.get(&path).map(Vec::as_slice)
}

fn honest(files: &BTreeMap<String, Vec<u8>>, asked: &Asked) -> Answer {
    match found(files, asked) {
        Some(bytes) => Answer::part(asked, bytes),
        None => Answer::status(404),
    }
}

fn is_model(asked: &Asked) -> bool {
    asked.path.ends_with(".onnx")
}

/// A scene, and a server to get voices from.
struct Shop {
    scene: Scene,
    web: Web,
}

impl Shop {
    fn new() -> Self {
        Self::selling(honest)
    }

    /// A server that answers in its own way.
    fn selling(
        answer: impl Fn(&BTreeMap<String, Vec<u8>>, &Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let files = files();
        Self {
            scene: Scene::new(),
            web: Web::new(move |asked| answer(&files, asked)),
        }
    }

    /// A server whose models come in its own way.
    fn with_models(model: impl Fn(&Asked, &[u8]) -> Answer + Send + Sync + 'static) -> Self {
        Self::selling(move |files, asked| match found(files, asked) {
            Some(bytes) if is_model(asked) => model(asked, bytes),
            _ => honest(files, asked),
        })
    }

    fn environment(&self) -> String {
        let catalogue = self.web.url("voices.json");
        format!("export XDG_CACHE_HOME=$PWD/cache PIPER_CATALOGUE={catalogue};")
    }

    fn sh(&self, line: &str) -> Run {
        self.scene.sh(&format!("{} {line}", self.environment()))
    }

    /// The paths asked for since the last call.
    fn paths(&self) -> Vec<String> {
        self.web
            .asked()
            .into_iter()
            .map(|asked| asked.path)
            .collect()
    }

    /// Whether this voice is in the folder, to the byte, and nothing else.
    #[track_caller]
    fn has(&self, folder: &str, name: &str, from: &str) {
        let model = self.scene.read(&format!("{folder}/{name}.onnx"));
        assert!(model == test_voice(&format!("{from}.onnx")));
        let config = self.scene.read(&format!("{folder}/{name}.onnx.json"));
        assert!(config == test_voice(&format!("{from}.onnx.json")));
        let mut names = [".MODEL_CARD", ".onnx", ".onnx.json"].map(|end| format!("{name}{end}"));
        names.sort();
        assert_eq!(self.scene.names(folder), names);
    }

    /// Nothing was installed; `kept` partial files are there.
    #[track_caller]
    fn has_nothing(&self, folder: &str, kept: usize) {
        let names = self.scene.names(folder);
        assert_eq!(names.len(), kept, "{names:?}");
        assert!(
            names.iter().all(|name| name.ends_with(".part")),
            "{names:?}"
        );
    }
}

#[test]
fn a_voice_is_found_fetched_and_spoken_with() {
    let shop = Shop::new();
    let missing = shop.sh("piper-rs voices search");
    missing
        .exits(1)
        .says(&["no catalogue", "`piper-rs voices search --update`"]);
    assert_eq!(shop.paths(), [""; 0], "nothing is fetched unasked");

    let unheard_of = shop.sh("piper-rs speak -m xx_XX-any-low -o x.wav Hello.");
    unheard_of
        .exits(3)
        .says(&["`piper-rs voices get xx_XX-any-low` downloads it, if there is one"]);

    let found = shop
        .sh("piper-rs voices search --update portuguese")
        .ok()
        .silently();
    assert!(found.text().contains(TUGAO) && !found.text().contains(TINY));
    assert_eq!(shop.paths(), ["/voices.json"]);

    let missing = shop.sh(&format!("piper-rs speak -m {TINY} -o x.wav Hello."));
    missing
        .exits(3)
        .says(&[&format!("`piper-rs voices get {TINY}` downloads it")]);

    let got = shop.sh(&format!("piper-rs voices get {TINY}")).ok();
    got.says(&["is in", "piper-rs speak -m"]);
    shop.has("home/.local/share/piper-rs/voices", TINY, "tiny");
    assert_eq!(
        shop.paths().len(),
        3,
        "the catalogue is fresh: {:?}",
        shop.paths()
    );
    shop.sh(&format!("piper-rs speak -m {TINY} -o x.wav Hello."))
        .ok();
    assert!(shop.scene.wav("x.wav").seconds() > 0.1);

    let again = shop.sh(&format!("piper-rs voices get {TINY}")).ok();
    again.says(&["already, whole"]);
    assert_eq!(shop.paths(), [""; 0]);
    shop.sh(&format!("piper-rs voices get --force --quiet {TINY}"))
        .ok()
        .silently();
    assert_eq!(shop.paths().len(), 3);
}

#[test]
fn an_old_name_is_answered_by_the_new_one() {
    let shop = Shop::new();
    shop.sh(&format!("piper-rs voices get {TINY}")).ok();
    let speak = "piper-rs speak -o x.wav Hello. -m";
    let here = shop.sh(&format!("{speak} en-us-tiny-medium")).exits(3);
    here.says(&[&format!("it is called `{TINY}` now, and is installed")]);
    let elsewhere = shop.sh(&format!("{speak} en-us-multi-low")).exits(3);
    elsewhere.says(&[&format!("`piper-rs voices get {MULTI}` downloads it")]);
}

#[test]
fn voices_go_where_the_config_file_says() {
    let shop = Shop::new();
    shop.scene
        .write("c.toml", "data_dir = [\"mine\", \"other\"]\n");
    let get = format!("piper-rs voices get --config-file c.toml {TINY}");
    shop.sh(&get).ok().says(&["mine now"]);
    shop.has("mine", TINY, "tiny");
    shop.sh(&format!("{get} --data-dir v")).ok();
    shop.has("v", TINY, "tiny");
}

#[test]
fn a_name_is_completed_by_what_can_be_had_or_is_here() {
    let shop = Shop::new();
    let ask = |words: &str| {
        let words = format!("piper-rs voices {words}");
        let last = words.split(' ').count() - 1;
        let run = shop.sh(&format!("piper-rs complete {last} -- {words}"));
        run.ok().silently().text().to_owned()
    };
    // Nothing is fetched for a Tab.
    assert_eq!((ask("get pt"), shop.paths().len()), (String::new(), 0));
    shop.sh("piper-rs voices search --update").ok();
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
fn names_that_are_not_ascii_and_several_at_once() {
    let shop = Shop::new();
    let line = format!("piper-rs voices get --data-dir v {TUGAO} en-us-multi-low none-xx-low");
    shop.sh(&line).exits(3).says(&["no voice `none-xx-low`"]);
    let asked = shop.paths();
    let encoded = "/pt/pt_PT/tug%C3%A3o/medium/pt_PT-tug%C3%A3o-medium.onnx";
    assert!(asked.iter().any(|path| path == encoded), "{asked:?}");
    let names = shop.scene.names("v");
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(
        names.contains(&format!("{MULTI}.onnx")),
        "the alias's voice"
    );
    let near = shop.sh("piper-rs voices get en_US-tiny-medum").exits(3);
    near.says(&[&format!("is it `{TINY}`?")]);
}

#[test]
fn a_cut_connection_is_taken_up_where_it_broke() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let shop = Shop::with_models(move |asked, bytes| {
        let answer = Answer::part(asked, bytes);
        match seen.fetch_add(1, Ordering::SeqCst) {
            0..3 => answer.cut_after(15_000),
            _ => answer,
        }
    });
    let got = shop
        .sh(&format!("piper-rs voices get --data-dir v {TINY}"))
        .ok();
    got.says(&["the connection broke", "resuming at 0.0 MB"]);
    shop.has("v", TINY, "tiny");
    let asked = shop.web.asked();
    let from: Vec<_> = asked
        .iter()
        .filter(|a| is_model(a))
        .map(Asked::from)
        .collect();
    assert_eq!(from, [None, Some(15_000), Some(30_000), Some(45_000)]);
}

#[test]
fn a_stopped_download_goes_on_the_next_time() {
    let shop = Shop::with_models(|asked, bytes| match asked.from() {
        None => Answer {
            hangs: true,
            ..Answer::ok(bytes).cut_after(20_000)
        },
        Some(_) => Answer::part(asked, bytes),
    });
    let partial = format!(".{TINY}.onnx.{}.part", &md5(&test_voice("tiny.onnx"))[..8]);
    let partial = shop.scene.path(&format!("v/{partial}"));
    let get = format!("piper-rs voices get --data-dir v {TINY}");
    // `exec` takes no environment by export: `env` does.
    let line = format!(
        "env XDG_CACHE_HOME=$PWD/cache PIPER_CATALOGUE={} {get}",
        shop.web.url("voices.json")
    );
    let mut live = shop.scene.start(&line);
    let there = || fs::metadata(&partial).is_ok_and(|file| file.len() == 20_000);
    live.until(there);
    let busy = shop.sh(&get).exits(1);
    busy.says(&["another process is downloading it"]);
    live.signal("INT");
    assert_eq!(live.ends().0, Some(130));
    shop.has_nothing("v", 1);
    shop.sh(&get).ok().says(&["resuming at 0.0 MB"]);
    shop.has("v", TINY, "tiny");
}

#[test]
fn pieces_of_another_file_are_not_kept() {
    let shop = Shop::new();
    let model = test_voice("tiny.onnx");
    let partial = format!("v/.{TINY}.onnx.{}.part", &md5(&model)[..8]);
    let get = format!("piper-rs voices get --data-dir v {TINY}");
    // Other bytes than the file's; too many; exactly as many.
    for (n_bytes, says) in [
        (20_000, "starting again"),
        (model.len() + 1, "is in v now"),
        (model.len(), "starting again"),
    ] {
        fs::create_dir_all(shop.scene.path("v")).unwrap();
        shop.scene.write(&partial, vec![7; n_bytes]);
        shop.sh(&get).ok().says(&[says]);
        shop.has("v", TINY, "tiny");
        fs::remove_dir_all(shop.scene.path("v")).unwrap();
    }
}

#[test]
fn servers_without_ranges_begin_anew() {
    type Model = fn(&Asked, &[u8]) -> Answer;
    let whole: Model = |_, bytes| Answer::ok(bytes);
    let refused: Model = |asked, bytes| match asked.from() {
        Some(_) => Answer::status(416),
        None => Answer::ok(bytes),
    };
    let other: Model = |asked, bytes| match asked.from() {
        Some(_) => {
            let (last, whole) = (bytes.len() - 1, bytes.len());
            let range = format!("bytes 5-{last}/{whole}");
            let part = Answer {
                status: 206,
                ..Answer::ok(&bytes[5..])
            };
            part.with("Content-Range", range)
        }
        None => Answer::ok(bytes),
    };
    for model in [whole, refused, other] {
        let shop = Shop::with_models(model);
        let partial = format!(
            "v/.{TINY}.onnx.{}.part",
            &md5(&test_voice("tiny.onnx"))[..8]
        );
        fs::create_dir(shop.scene.path("v")).unwrap();
        shop.scene
            .write(&partial, &test_voice("tiny.onnx")[..9_000]);
        shop.sh(&format!("piper-rs voices get --data-dir v {TINY}"))
            .ok();
        shop.has("v", TINY, "tiny");
    }
}

#[test]
fn what_is_not_the_voice_is_not_installed() {
    type Model = fn(&Asked, &[u8]) -> Answer;
    let wrong: Model = |_, bytes| {
        let mut bytes = bytes.to_vec();
        bytes[30_000] ^= 1;
        Answer::ok(bytes)
    };
    let page: Model = |_, _| Answer::ok("<!doctype html><title>Log in</title>");
    let typed_page: Model =
        |_, bytes| Answer::ok(bytes).with("Content-Type", "text/html; charset=utf-8");
    let long: Model = |_, bytes| Answer::ok([bytes, b"more"].concat());
    let short: Model = |_, bytes| Answer::ok(&bytes[..9_000]);
    let endless: Model = |_, bytes| {
        // Without a length the end of the connection is the end.
        Answer::ok([bytes, bytes].concat()).with("Content-Length", "62688")
    };
    let lies: Model = |_, bytes| Answer::ok(bytes).with("Content-Length", "9000000000");
    let cases = [
        (wrong, "its md5 is"),
        (page, "a web page instead of the file"),
        (typed_page, "a web page instead of the file"),
        (long, "it has 62692 bytes; the catalogue says 62688"),
        (short, "it has 9000 bytes; the catalogue says 62688"),
        (lies, "it has 9000000000 bytes"),
        ((|_, _| Answer::status(404)) as Model, "answered 404"),
        ((|_, _| Answer::status(500)) as Model, "answered 500"),
        (
            (|_, _| Answer::status(429).with("Retry-After", "120")) as Model,
            "asks to wait 120 seconds",
        ),
        (
            (|asked, _| Answer::redirect(asked.path.clone())) as Model,
            "too many redirects",
        ),
        (
            (|_, bytes| Answer::ok(bytes).cut_after(0)) as Model,
            "broke after 0 bytes",
        ),
    ];
    for (model, says) in cases {
        let shop = Shop::with_models(model);
        let run = shop.sh(&format!("piper-rs voices get --data-dir v {TINY}"));
        run.exits(1).says(&[TINY, says, "/en/en_US/tiny/medium/"]);
        shop.has_nothing("v", 0);
    }
    // More than announced is not read.
    let shop = Shop::with_models(endless);
    shop.sh(&format!("piper-rs voices get --data-dir v {TINY}"))
        .ok();
    shop.has("v", TINY, "tiny");
}

#[test]
fn a_config_may_differ_but_must_be_one() {
    let config = |answer: fn(&[u8]) -> Answer| {
        Shop::selling(move |files, asked| match found(files, asked) {
            Some(bytes) if asked.path.ends_with(".onnx.json") => answer(bytes),
            _ => honest(files, asked),
        })
    };
    let get = format!("piper-rs voices get --data-dir v {TINY}");
    let shop = config(|bytes| Answer::ok([bytes, b"\n"].concat()));
    shop.sh(&get)
        .ok()
        .says(&["differs from the one that the catalogue lists"]);
    assert!(shop.scene.path(&format!("v/{TINY}.onnx")).exists());
    let page = config(|_| Answer::ok("Invalid username or password."));
    page.sh(&get)
        .exits(1)
        .says(&["not a voice config", ".onnx.json"]);
    page.has_nothing("v", 0);
    let html = config(|_| Answer::ok("  <html>no</html>"));
    html.sh(&get)
        .exits(1)
        .says(&["a web page instead of the file"]);
    html.has_nothing("v", 0);
}

#[test]
fn redirects_are_followed() {
    let shop = Shop::selling(|files, asked| {
        let here = asked.headers["host"].clone();
        let Some(rest) = asked.path.strip_prefix("/far/") else {
            // Absolute for models, relative for the rest.
            let absolute = format!("http://{here}/far{}", asked.path);
            let relative = format!("/far{}", asked.path);
            return Answer::redirect(if is_model(asked) { absolute } else { relative });
        };
        let path = format!("/{rest}");
        honest(
            files,
            &Asked {
                path,
                ..asked.clone()
            },
        )
    });
    shop.sh(&format!("piper-rs voices get --data-dir v {TUGAO}"))
        .ok();
    shop.has("v", TUGAO, "tiny");
}

#[test]
fn a_catalogue_may_be_a_file_with_its_voices_beside_it() {
    let scene = Scene::new();
    for (path, bytes) in files() {
        let path = scene.path(&format!("mirror/{path}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let flag = "--catalogue mirror/voices.json";
    scene
        .sh(&format!("piper-rs voices get {flag} --data-dir v {TUGAO}"))
        .ok();
    assert!(scene.read(&format!("v/{TUGAO}.onnx")) == test_voice("tiny.onnx"));
    let info = scene.sh(&format!("piper-rs voices info {flag} --data-dir v {TUGAO}"));
    let text = info.ok();
    for word in [
        "state     installed",
        "en_US, English",
        "22050 Hz",
        "CC0",
        "mirror/pt/pt_PT",
    ] {
        assert!(text.text().contains(word), "{word} in\n{}", text.text());
    }
    fs::remove_dir_all(scene.path("mirror/en")).unwrap();
    let gone = scene.sh(&format!("piper-rs voices get {flag} --data-dir v {TINY}"));
    gone.exits(1)
        .says(&["cannot get mirror/en/", "No such file"]);
}

#[test]
fn a_hostile_catalogue_leads_nowhere() {
    let catalogue = r#"{"../../evil": {"files": {"x.onnx": {}}},
        "evil": {"files": {"../../secret.onnx": {"size_bytes": 5}}},
        "huge": {"files": {"huge.onnx": {"size_bytes": 99999999999999}}},
        "en_US-fine-low": {"files": {"fine.onnx": {}}}}"#;
    let shop = Shop::selling(move |_, asked| match asked.path.as_str() {
        "/voices.json" => Answer::ok(catalogue),
        _ => Answer::ok("secret"),
    });
    for (name, says) in [
        ("../../evil", "its name is not a valid file name"),
        ("evil", "outside the catalogue"),
        ("huge", "99999999999999 bytes"),
    ] {
        let run = shop.sh(&format!("piper-rs voices get --data-dir v/w {name}"));
        run.exits(3).says(&[says]);
    }
    assert_eq!(shop.scene.names("."), ["asound.conf", "cache", "home"]);
    let not = Shop::selling(|_, _| Answer::ok("<html>no catalogue</html>"));
    not.sh("piper-rs voices search --update")
        .exits(1)
        .says(&["a web page"]);
    let not = Shop::selling(|_, _| Answer::ok("[1, 2]"));
    not.sh("piper-rs voices search --update")
        .exits(1)
        .says(&["not a voice catalogue"]);
}

#[test]
fn lists_are_filtered_and_work_offline() {
    let shop = Shop::new();
    shop.sh("piper-rs voices list --available --update")
        .ok()
        .silently();
    shop.web.asked();
    let search = |flags: &str| {
        let run = shop
            .sh(&format!("piper-rs voices search --json {flags}"))
            .ok();
        let run = run.says(&["the catalogue of http://127.0.0.1", "as it was just now"]);
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
    assert_eq!(shop.paths(), [""; 0], "the last catalogue seen is enough");
    shop.sh("piper-rs voices search --speakers x").exits(2);

    let listed = shop.sh("piper-rs voices list").ok().silently();
    for (name, rest) in [
        ("en_US-slt-low", "built in"),
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
    let one = shop.sh("piper-rs voices list --json --speakers 2-").ok();
    let row: Value = serde_json::from_str(one.text()).unwrap();
    assert_eq!(
        (&row["name"], &row["state"]),
        (&json!("tiny_multi"), &json!("installed"))
    );

    let path = shop.sh("piper-rs voices path tiny").ok().silently();
    assert!(path.text().ends_with("tests/voices/tiny.onnx\n"));
    shop.sh("piper-rs voices path en_US-slt-low")
        .exits(1)
        .says(&["inside the program"]);
    shop.sh("piper-rs voices path tinny")
        .exits(3)
        .says(&["did you mean `tiny`?"]);
    let info = shop.sh("piper-rs voices info --json tiny_multi").ok();
    let info: Value = serde_json::from_str(info.text()).unwrap();
    assert_eq!(info["speakers"], json!(["alice", "bob", "carol"]));
    assert_eq!(info["sample_rate_hz"], 22050);
    shop.sh("piper-rs voices info nothing").exits(3);
}

#[test]
fn without_a_connection_the_last_catalogue_serves_to_get_nothing_more() {
    let mut shop = Shop::new();
    shop.sh(&format!("piper-rs voices get --data-dir v {TINY}"))
        .ok();
    let environment = shop.environment();
    shop.web = Web::new(|_| Answer::status(503));
    let whole = format!("{environment} piper-rs voices get --data-dir v {TINY}");
    shop.scene.sh(&whole).ok().says(&["already, whole"]);
    let other = format!("{environment} piper-rs voices get --data-dir v {TUGAO}");
    shop.scene
        .sh(&other)
        .exits(1)
        .says(&["no connection", "hint: is there a network?"]);
}

#[test]
fn a_proxy_is_used_where_the_environment_names_one() {
    let shop = Shop::new();
    let proxy = Proxy::to(&shop.web);
    let at = proxy.address();
    let catalogue = "--catalogue http://voices.invalid/voices.json";
    for variable in ["http_proxy", "all_proxy", "ALL_PROXY"] {
        let get = format!("piper-rs voices get --force {catalogue} --data-dir v {TINY}");
        shop.sh(&format!("{variable}=http://{at} {get}")).ok();
        shop.has("v", TINY, "tiny");
    }
    let hosts = proxy.hosts();
    assert!(
        hosts.len() >= 7 && hosts.iter().all(|host| host == "voices.invalid:80"),
        "{hosts:?}"
    );
    let direct =
        format!("http_proxy=http://{at} no_proxy=127.0.0.1 piper-rs voices search --update");
    shop.sh(&direct).ok();
    let around = format!(
        "http_proxy=http://{at} no_proxy=invalid piper-rs voices search --update {catalogue}"
    );
    shop.sh(&around).exits(1).says(&["no connection"]);
    assert_eq!(proxy.hosts().len(), hosts.len());
    let bad = format!("http_proxy=gopher://x piper-rs voices search --update {catalogue}");
    shop.sh(&bad)
        .exits(1)
        .says(&["`gopher://x` is not a proxy"]);
}

#[test]
fn a_certificate_that_nobody_signed_is_refused() {
    let files = files();
    let (web, certificate) = Web::encrypted(move |asked| match asked.path.as_str() {
        "/down" => Answer::redirect("http://127.0.0.1:9/voices.json"),
        _ => honest(&files, asked),
    });
    let scene = Scene::new();
    scene.write("ours.pem", certificate);
    let update = format!(
        "export XDG_CACHE_HOME=$PWD/cache; piper-rs voices search --update --catalogue {}",
        web.url("voices.json")
    );
    scene
        .sh(&update)
        .exits(1)
        .says(&["certificate is not trusted", "SSL_CERT_FILE"]);
    assert!(web.asked().is_empty(), "it was not even asked");
    scene
        .sh(&format!("export SSL_CERT_FILE=ours.pem; {update}"))
        .ok();
    let down = update.replace("voices.json", "down");
    let down = scene.sh(&format!("export SSL_CERT_FILE=ours.pem; {down}"));
    down.exits(1).says(&["redirects from https to http"]);
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let silent = Web::new(|asked| match asked.path.as_str() {
        "/voices.json" => Answer {
            hangs: true,
            ..Answer::ok("{}").cut_after(1)
        },
        _ => Answer {
            hangs: true,
            ..Answer::ok("").with("Content-Length", "5")
        },
    });
    let connection = Connection {
        timeout: Duration::from_millis(200),
        ..Connection::default()
    };
    let downloader = Downloader::new(connection, CancelToken::new());
    let address = Address::parse(&silent.url("voices.json")).unwrap();
    let error = downloader.fetch_catalogue(&address).unwrap_err();
    let Error::Download { source, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(matches!(source, BadDownload::Broken { .. }), "{source:?}");
}

#[test]
fn a_full_disk_and_a_read_only_folder_are_named() {
    let shop = Shop::new();
    shop.scene.write("file", "");
    for folder in ["file", "/proc/voices"] {
        let run = shop.sh(&format!("piper-rs voices get --data-dir {folder} {TINY}"));
        run.exits(1).says(&[&format!("cannot write {folder}")]);
    }
    // A file of at most 60 blocks of 512 bytes is as good as a full disk.
    let get = format!("piper-rs voices get --data-dir v {TINY}");
    let full = shop.sh(&format!("trap '' XFSZ; ulimit -f 60; {get}"));
    full.exits(1)
        .says(&["cannot write v/.en_US-tiny-medium.onnx", "File too large"]);
    shop.has_nothing("v", 1);
    shop.sh(&get).ok().says(&["resuming at"]);
    shop.has("v", TINY, "tiny");
}
