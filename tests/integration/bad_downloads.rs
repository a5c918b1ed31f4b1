//! `voices get` and `search` when something is wrong: the files, the server, the
//! connection, the disk.

use std::time::Duration;

use piper_rs::BadDownload;
use piper_rs::catalogue::Address;
use piper_rs::download::{Connection, Downloader};
use piper_rs::{CancelToken, Error};

use crate::catalogue_server::{CatalogueServer, TINY, TUGAO, files, find_file, respond_honestly};
use crate::scene::Scene;
use crate::web::{Request, Response, WebServer};

#[test]
fn a_wrong_model_is_not_installed() {
    type Model = fn(&Request, &[u8]) -> Response;
    let wrong: Model = |_, bytes| {
        let mut bytes = bytes.to_vec();
        bytes[30_000] ^= 1;
        Response::ok(bytes)
    };
    let page: Model = |_, _| Response::ok("<!doctype html><title>Log in</title>");
    let typed_page: Model =
        |_, bytes| Response::ok(bytes).with("Content-Type", "text/html; charset=utf-8");
    let long: Model = |_, bytes| Response::ok([bytes, b"more"].concat());
    let short: Model = |_, bytes| Response::ok(&bytes[..9_000]);
    let endless: Model = |_, bytes| {
        // The header announces fewer bytes than follow.
        Response::ok([bytes, bytes].concat()).with("Content-Length", "62688")
    };
    let lies: Model = |_, bytes| Response::ok(bytes).with("Content-Length", "9000000000");
    let cases = [
        (wrong, "its md5 is"),
        (page, "a web page instead of the file"),
        (typed_page, "a web page instead of the file"),
        (long, "it has 62692 bytes; the catalogue says 62688"),
        (short, "it has 9000 bytes; the catalogue says 62688"),
        (lies, "it has 9000000000 bytes"),
        ((|_, _| Response::status(404)) as Model, "answered 404"),
        ((|_, _| Response::status(500)) as Model, "answered 500"),
        (
            (|_, _| Response::status(429).with("Retry-After", "120")) as Model,
            "asks to wait 120 seconds",
        ),
        (
            (|request, _| Response::redirect(request.path.clone())) as Model,
            "too many redirects",
        ),
        (
            (|_, bytes| Response::ok(bytes).cut_after(0)) as Model,
            "broke after 0 bytes",
        ),
    ];
    for (model, says) in cases {
        let server = CatalogueServer::with_models(model);
        let run = server.sh(&format!("piper-rs voices get --data-dir v {TINY}"));
        run.exits(1).says(&[TINY, says, "/en/en_US/tiny/medium/"]);
        server.assert_only_partial("v", 0);
    }
    // The surplus is not read.
    let server = CatalogueServer::with_models(endless);
    server
        .sh(&format!("piper-rs voices get --data-dir v {TINY}"))
        .ok();
    server.assert_installed("v", TINY, "tiny");
}

#[test]
fn a_config_can_differ_from_the_catalogue_but_must_be_valid() {
    let config = |respond: fn(&[u8]) -> Response| {
        CatalogueServer::answering(move |files, request| match find_file(files, request) {
            Some(bytes) if request.path.ends_with(".onnx.json") => respond(bytes),
            _ => respond_honestly(files, request),
        })
    };
    let get = format!("piper-rs voices get --data-dir v {TINY}");
    let server = config(|bytes| Response::ok([bytes, b"\n"].concat()));
    server
        .sh(&get)
        .ok()
        .says(&["differs from the one that the catalogue lists"]);
    assert!(server.scene.path(&format!("v/{TINY}.onnx")).exists());
    let page = config(|_| Response::ok("Invalid username or password."));
    page.sh(&get)
        .exits(1)
        .says(&["not a voice config", ".onnx.json"]);
    page.assert_only_partial("v", 0);
    let html = config(|_| Response::ok("  <html>no</html>"));
    html.sh(&get)
        .exits(1)
        .says(&["a web page instead of the file"]);
    html.assert_only_partial("v", 0);
}

#[test]
fn a_hostile_catalogue_cannot_write_outside_the_folder() {
    let catalogue = r#"{"../../evil": {"files": {"x.onnx": {}}},
        "evil": {"files": {"../../secret.onnx": {"size_bytes": 5}}},
        "huge": {"files": {"huge.onnx": {"size_bytes": 99999999999999}}},
        "en_US-fine-low": {"files": {"fine.onnx": {}}}}"#;
    let server = CatalogueServer::answering(move |_, request| match request.path.as_str() {
        "/voices.json" => Response::ok(catalogue),
        _ => Response::ok("secret"),
    });
    for (name, says) in [
        ("../../evil", "its name is not a valid file name"),
        ("evil", "outside the catalogue"),
        ("huge", "99999999999999 bytes"),
    ] {
        let run = server.sh(&format!("piper-rs voices get --data-dir v/w {name}"));
        run.exits(3).says(&[says]);
    }
    assert_eq!(server.scene.names("."), ["asound.conf", "cache", "home"]);
    let not = CatalogueServer::answering(|_, _| Response::ok("<html>no catalogue</html>"));
    not.sh("piper-rs voices search --update")
        .exits(1)
        .says(&["a web page"]);
    let not = CatalogueServer::answering(|_, _| Response::ok("[1, 2]"));
    not.sh("piper-rs voices search --update")
        .exits(1)
        .says(&["not a voice catalogue"]);
}

#[test]
fn without_a_connection_an_installed_voice_is_found_and_others_fail() {
    let mut server = CatalogueServer::new();
    server
        .sh(&format!("piper-rs voices get --data-dir v {TINY}"))
        .ok();
    let environment = server.environment();
    server.web = WebServer::new(|_| Response::status(503));
    let whole = format!("{environment} piper-rs voices get --data-dir v {TINY}");
    server.scene.sh(&whole).ok().says(&["already installed in"]);
    let other = format!("{environment} piper-rs voices get --data-dir v {TUGAO}");
    server
        .scene
        .sh(&other)
        .exits(1)
        .says(&["no connection", "hint: check your connection"]);
}

#[test]
fn a_self_signed_certificate_is_refused() {
    let files = files();
    let (web, certificate) = WebServer::encrypted(move |request| match request.path.as_str() {
        "/down" => Response::redirect("http://127.0.0.1:9/voices.json"),
        _ => respond_honestly(&files, request),
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
    assert!(web.requests().is_empty(), "no request was sent");
    scene
        .sh(&format!("export SSL_CERT_FILE=ours.pem; {update}"))
        .ok();
    let down = update.replace("voices.json", "down");
    let down = scene.sh(&format!("export SSL_CERT_FILE=ours.pem; {down}"));
    down.exits(1).says(&["redirects from https to http"]);
}

#[test]
fn a_silent_server_times_out() {
    let silent = WebServer::new(|request| match request.path.as_str() {
        "/voices.json" => Response {
            hangs: true,
            ..Response::ok("{}").cut_after(1)
        },
        _ => Response {
            hangs: true,
            ..Response::ok("").with("Content-Length", "5")
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
fn errors_name_a_full_disk_and_a_read_only_folder() {
    let server = CatalogueServer::new();
    server.scene.write("file", "");
    for folder in ["file", "/proc/voices"] {
        let run = server.sh(&format!("piper-rs voices get --data-dir {folder} {TINY}"));
        run.exits(1).says(&[&format!("cannot write {folder}")]);
    }
    // A limit of 60 blocks of 512 bytes per file acts like a full disk.
    let get = format!("piper-rs voices get --data-dir v {TINY}");
    let full = server.sh(&format!("trap '' XFSZ; ulimit -f 60; {get}"));
    full.exits(1)
        .says(&["cannot write v/.en_US-tiny-medium.onnx", "File too large"]);
    server.assert_only_partial("v", 1);
    server.sh(&get).ok().says(&["resuming at"]);
    server.assert_installed("v", TINY, "tiny");
}
