//! `voices get`: downloads, resumed and redirected.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::catalogue_server::{
    CatalogueServer, MULTI, TINY, TUGAO, files, is_model, md5, respond_honestly, test_voice,
};
use crate::scene::Scene;
use crate::web::{Proxy, Request, Response};

#[test]
fn a_voice_is_found_downloaded_and_used() {
    let server = CatalogueServer::new();
    let missing = server.sh("piper-rs voices search");
    missing
        .exits(1)
        .says(&["no catalogue", "`piper-rs voices search --update`"]);
    assert_eq!(
        server.paths(),
        [""; 0],
        "nothing is downloaded unless requested"
    );

    let unknown = server.sh("piper-rs speak -m xx_XX-any-low -o x.wav Hello.");
    unknown
        .exits(3)
        .says(&["`piper-rs voices get xx_XX-any-low` downloads it, if it exists"]);

    let found = server
        .sh("piper-rs voices search --update portuguese")
        .ok()
        .silently();
    assert!(found.text().contains(TUGAO) && !found.text().contains(TINY));
    assert_eq!(server.paths(), ["/voices.json"]);

    let missing = server.sh(&format!("piper-rs speak -m {TINY} -o x.wav Hello."));
    missing
        .exits(3)
        .says(&[&format!("`piper-rs voices get {TINY}` downloads it")]);

    let got = server.sh(&format!("piper-rs voices get {TINY}")).ok();
    got.says(&["installed en_US-tiny-medium in", "piper-rs speak -m"]);
    server.assert_installed("home/.local/share/piper-rs/voices", TINY, "tiny");
    assert_eq!(
        server.paths().len(),
        3,
        "the cached catalogue is recent: {:?}",
        server.paths()
    );
    server
        .sh(&format!("piper-rs speak -m {TINY} -o x.wav Hello."))
        .ok();
    assert!(server.scene.wav("x.wav").seconds() > 0.1);

    let again = server.sh(&format!("piper-rs voices get {TINY}")).ok();
    again.says(&["already installed in"]);
    assert_eq!(server.paths(), [""; 0]);
    server
        .sh(&format!("piper-rs voices get --force --quiet {TINY}"))
        .ok()
        .silently();
    assert_eq!(server.paths().len(), 3);
}

#[test]
fn the_config_file_sets_the_download_folder() {
    let server = CatalogueServer::new();
    server
        .scene
        .write("c.toml", "data_dir = [\"mine\", \"other\"]\n");
    let get = format!("piper-rs voices get --config-file c.toml {TINY}");
    server.sh(&get).ok().says(&[" in mine;"]);
    server.assert_installed("mine", TINY, "tiny");
    server.sh(&format!("{get} --data-dir v")).ok();
    server.assert_installed("v", TINY, "tiny");
}

#[test]
fn several_voices_are_downloaded_and_names_need_not_be_ascii() {
    let server = CatalogueServer::new();
    let line = format!("piper-rs voices get --data-dir v {TUGAO} en-us-multi-low none-xx-low");
    server.sh(&line).exits(3).says(&["no voice `none-xx-low`"]);
    let request = server.paths();
    let encoded = "/pt/pt_PT/tug%C3%A3o/medium/pt_PT-tug%C3%A3o-medium.onnx";
    assert!(request.iter().any(|path| path == encoded), "{request:?}");
    let names = server.scene.names("v");
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(
        names.contains(&format!("{MULTI}.onnx")),
        "found by its alias"
    );
    let near = server.sh("piper-rs voices get en_US-tiny-medum").exits(3);
    near.says(&[&format!("did you mean `{TINY}`?")]);
    let own = server.sh("piper-rs voices get en_US-heart-medium").exits(3);
    own.says(&["`make install` in the source of piper-rs"]);
}

#[test]
fn a_broken_connection_is_resumed() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let server = CatalogueServer::with_models(move |request, bytes| {
        let respond = Response::part(request, bytes);
        match seen.fetch_add(1, Ordering::SeqCst) {
            0..3 => respond.cut_after(15_000),
            _ => respond,
        }
    });
    let got = server
        .sh(&format!("piper-rs voices get --data-dir v {TINY}"))
        .ok();
    got.says(&["the connection broke", "resuming at 0.0 MB"]);
    server.assert_installed("v", TINY, "tiny");
    let request = server.web.requests();
    let from: Vec<_> = request
        .iter()
        .filter(|a| is_model(a))
        .map(Request::range_start)
        .collect();
    assert_eq!(from, [None, Some(15_000), Some(30_000), Some(45_000)]);
}

#[test]
fn an_interrupted_download_is_resumed_by_the_next_run() {
    let server = CatalogueServer::with_models(|request, bytes| match request.range_start() {
        None => Response {
            hangs: true,
            ..Response::ok(bytes).cut_after(20_000)
        },
        Some(_) => Response::part(request, bytes),
    });
    let partial = format!(".{TINY}.onnx.{}.part", &md5(&test_voice("tiny.onnx"))[..8]);
    let partial = server.scene.path(&format!("v/{partial}"));
    let get = format!("piper-rs voices get --data-dir v {TINY}");
    // The line is run by `exec`, so `env` must set the variables.
    let line = format!(
        "env XDG_CACHE_HOME=$PWD/cache PIPER_CATALOGUE={} {get}",
        server.web.url("voices.json")
    );
    let mut live = server.scene.start(&line);
    let is_partial = || fs::metadata(&partial).is_ok_and(|file| file.len() == 20_000);
    live.until(is_partial);
    let busy = server.sh(&get).exits(1);
    busy.says(&["another process is downloading it"]);
    live.signal("INT");
    assert_eq!(live.ends().0, Some(130));
    server.assert_only_partial("v", 1);
    server.sh(&get).ok().says(&["resuming at 0.0 MB"]);
    server.assert_installed("v", TINY, "tiny");
}

#[test]
fn a_partial_download_of_another_file_is_discarded() {
    let server = CatalogueServer::new();
    let model = test_voice("tiny.onnx");
    let partial = format!("v/.{TINY}.onnx.{}.part", &md5(&model)[..8]);
    let get = format!("piper-rs voices get --data-dir v {TINY}");
    // Fewer bytes than the file has, more, and as many; all of them wrong.
    for (n_bytes, says) in [
        (20_000, "starting again"),
        (model.len() + 1, "installed en_US-tiny-medium in v"),
        (model.len(), "starting again"),
    ] {
        fs::create_dir_all(server.scene.path("v")).unwrap();
        server.scene.write(&partial, vec![7; n_bytes]);
        server.sh(&get).ok().says(&[says]);
        server.assert_installed("v", TINY, "tiny");
        fs::remove_dir_all(server.scene.path("v")).unwrap();
    }
}

#[test]
fn without_range_requests_a_download_starts_again() {
    type Model = fn(&Request, &[u8]) -> Response;
    let whole: Model = |_, bytes| Response::ok(bytes);
    let refused: Model = |request, bytes| match request.range_start() {
        Some(_) => Response::status(416),
        None => Response::ok(bytes),
    };
    let other: Model = |request, bytes| match request.range_start() {
        Some(_) => {
            let (last, whole) = (bytes.len() - 1, bytes.len());
            let range = format!("bytes 5-{last}/{whole}");
            let part = Response {
                status: 206,
                ..Response::ok(&bytes[5..])
            };
            part.with("Content-Range", range)
        }
        None => Response::ok(bytes),
    };
    for model in [whole, refused, other] {
        let server = CatalogueServer::with_models(model);
        let partial = format!(
            "v/.{TINY}.onnx.{}.part",
            &md5(&test_voice("tiny.onnx"))[..8]
        );
        fs::create_dir(server.scene.path("v")).unwrap();
        server
            .scene
            .write(&partial, &test_voice("tiny.onnx")[..9_000]);
        server
            .sh(&format!("piper-rs voices get --data-dir v {TINY}"))
            .ok();
        server.assert_installed("v", TINY, "tiny");
    }
}

#[test]
fn redirects_are_followed() {
    let server = CatalogueServer::answering(|files, request| {
        let here = request.headers["host"].clone();
        let Some(rest) = request.path.strip_prefix("/far/") else {
            // Absolute addresses for models, relative ones for other files.
            let absolute = format!("http://{here}/far{}", request.path);
            let relative = format!("/far{}", request.path);
            return Response::redirect(if is_model(request) {
                absolute
            } else {
                relative
            });
        };
        let path = format!("/{rest}");
        respond_honestly(
            files,
            &Request {
                path,
                ..request.clone()
            },
        )
    });
    server
        .sh(&format!("piper-rs voices get --data-dir v {TUGAO}"))
        .ok();
    server.assert_installed("v", TUGAO, "tiny");
}

#[test]
fn a_catalogue_can_be_a_file_next_to_its_voices() {
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
fn a_proxy_of_the_environment_is_used() {
    let server = CatalogueServer::new();
    let proxy = Proxy::to(&server.web);
    let at = proxy.address();
    let catalogue = "--catalogue http://voices.invalid/voices.json";
    for variable in ["http_proxy", "all_proxy", "ALL_PROXY"] {
        let get = format!("piper-rs voices get --force {catalogue} --data-dir v {TINY}");
        server.sh(&format!("{variable}=http://{at} {get}")).ok();
        server.assert_installed("v", TINY, "tiny");
    }
    let hosts = proxy.hosts();
    assert!(
        hosts.len() >= 7 && hosts.iter().all(|host| host == "voices.invalid:80"),
        "{hosts:?}"
    );
    let direct =
        format!("http_proxy=http://{at} no_proxy=127.0.0.1 piper-rs voices search --update");
    server.sh(&direct).ok();
    let around = format!(
        "http_proxy=http://{at} no_proxy=invalid piper-rs voices search --update {catalogue}"
    );
    server.sh(&around).exits(1).says(&["no connection"]);
    assert_eq!(proxy.hosts().len(), hosts.len());
    let bad = format!("http_proxy=gopher://x piper-rs voices search --update {catalogue}");
    server
        .sh(&bad)
        .exits(1)
        .says(&["`gopher://x` is not a proxy"]);
}
