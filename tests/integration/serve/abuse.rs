//! What a server must refuse, or survive.

use std::io::{Read as _, Write as _};

use super::server::{Server, exchange, half_close, json_request, read, request};
use crate::scene::Scene;

/// A request whose response does not fit the buffers between server and client.
fn long_request() -> String {
    let text = "This sentence is spoken again and again. ".repeat(1500);
    format!(r#"{{"input": "{text}", "response_format": "pcm"}}"#)
}

#[test]
fn requests_that_are_wrong_are_refused_and_the_server_goes_on() {
    let server = Server::start("--max-chars 100");
    let json = ("Content-Type", "application/json");
    let big = "1073741824";
    let long = format!(r#"{{"input": "{}"}}"#, "a".repeat(101));
    let speech = "/v1/audio/speech";
    let cases: [(u16, Vec<u8>); 14] = [
        (
            413,
            request("POST", speech, &[json, ("Content-Length", big)], b"{"),
        ),
        (413, request("POST", speech, &[json], &[b' '; 100_000])),
        (400, json_request(speech, "{\"input\": ")),
        (400, json_request(speech, &"[".repeat(50_000))),
        (400, json_request(speech, &long)),
        (
            400,
            json_request("/v1/audio/speech?rate=8000", r#"{"input": "a"}"#),
        ),
        (400, request("POST", speech, &[json], b"\xff\xfe")),
        (
            415,
            request("POST", speech, &[("Content-Type", "text/plain")], b"{}"),
        ),
        // The body is not as its headers say.
        (
            400,
            request(
                "POST",
                speech,
                &[
                    json,
                    ("Content-Length", "0"),
                    ("Transfer-Encoding", "chunked"),
                ],
                b"zz\r\n",
            ),
        ),
        (
            403,
            request("GET", "/voices", &[("Host", "evil.example")], b""),
        ),
        (
            403,
            request(
                "POST",
                speech,
                &[json, ("Host", "rebound.example:80")],
                b"{}",
            ),
        ),
        (404, request("GET", "/../../etc/passwd", &[], b"")),
        (404, request("GET", "/voices/tiny.onnx", &[], b"")),
        (405, request("DELETE", "/voices", &[], b"")),
    ];
    for (status, request) in cases {
        let response = exchange(server.tcp("http"), &request);
        let shown = String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned();
        assert_eq!(response.status, status, "{shown}\n{response:?}");
        assert!(response.json()["error"]["message"].is_string(), "{shown}");
    }
    let mut garbage = server.tcp("http");
    garbage.write_all(&[0x16, 3, 1, 0, 0xff]).unwrap();
    garbage.write_all(&[b'x'; 100_000]).ok();
    garbage.read_to_end(&mut Vec::new()).ok();
    server.post("/synthesize", r#"{"text": "Hi."}"#).is(200);
}

#[test]
fn a_body_without_an_end_is_cut_off() {
    let server = Server::start("--max-chars 100");
    let mut stream = server.tcp("http");
    let head = "POST /synthesize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = [b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat();
    let sent = (0..100_000)
        .take_while(|_| stream.write_all(&chunk).is_ok())
        .count();
    assert!(sent < 100_000, "400 MB were taken");
    server.get("/healthz").is(200);
}

#[test]
fn a_token_is_needed_on_tcp() {
    let scene = Scene::new();
    let token = "0123456789abcdef0123456789abcdef";
    scene.write("token", format!("{token}\n"));
    let server = Server::start_in(scene, "--token-file token");
    let get = |path: &str, headers: &[(&str, &str)]| {
        exchange(server.tcp("http"), &request("GET", path, headers, b"")).status
    };
    let bearer = format!("Bearer {token}");
    let refused = exchange(server.tcp("http"), &request("GET", "/voices", &[], b""));
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    assert_eq!(
        get("/metrics", &[("Authorization", "Bearer 0123456789abcdef")]),
        401
    );
    assert_eq!(get("/voices", &[("Authorization", &bearer)]), 200);
    assert_eq!(get("/healthz", &[]), 200);
    server.get("/voices").is(200); // the Unix socket is the user's
}

#[test]
fn pages_of_other_origins_may_use_it_only_if_they_are_allowed() {
    let server = Server::start("--cors http://app.example");
    let preflight = |origin: &str| {
        let headers = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
        ];
        exchange(
            server.tcp("http"),
            &request("OPTIONS", "/v1/audio/speech", &headers, b""),
        )
    };
    let allowed = preflight("http://app.example");
    assert_eq!(allowed.status, 204);
    let origin = allowed.header("access-control-allow-origin");
    assert_eq!(origin, Some("http://app.example"));
    let other = preflight("http://evil.example");
    assert_eq!(other.status, 405);
    assert_eq!(other.header("access-control-allow-origin"), None);
    // What a page can send without asking is not JSON.
    let sent = |kind: &str| {
        let headers = [("Origin", "http://evil.example"), ("Content-Type", kind)];
        let body = br#"{"input": "Hi."}"#;
        let request = request("POST", "/v1/audio/speech", &headers, body);
        exchange(server.tcp("http"), &request)
    };
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let refused = sent(kind);
        assert_eq!(refused.status, 415, "{kind}");
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
    let heard_by_no_page = sent("application/json").is(200);
    assert_eq!(heard_by_no_page.header("access-control-allow-origin"), None);
}

#[test]
fn a_socket_that_is_full_closes_no_other() {
    let server = Server::start("--wyoming 127.0.0.1:0");
    let address = server.address("tcp");
    let connect = || std::net::TcpStream::connect(&address).unwrap();
    let _full: Vec<_> = (0..260).map(|_| connect()).collect();
    let health = request("GET", "/healthz", &[], b"");
    // A place that was taken before the crowd came is used up by the first.
    for _ in 0..3 {
        server.get("/healthz").is(200);
        exchange(server.tcp("http"), &health).is(200);
    }
}

#[test]
fn clients_that_do_not_read_do_not_keep_others_waiting() {
    let mut server = Server::start("--max-queue 64");
    server.post("/synthesize", r#"{"text": "Hi."}"#).is(200);
    let body = long_request();
    let (threads, files) = (server.live.status("Threads"), server.live.open_files());
    let stalled: Vec<_> = (0..64).map(|_| server.begin(&body)).collect();
    // They have had their first sound, and wait.
    server.until_metric("piper_requests_in_progress 64");
    server.until_metric("piper_requests_waiting 0");
    server
        .post("/synthesize", r#"{"text": "Hello there. This is live."}"#)
        .is(200);
    let describe = server.get("/v1/audio/voices");
    assert_eq!(describe.status, 200);
    drop(stalled);
    server.until_idle();
    let after = (server.live.status("Threads"), server.live.open_files());
    assert!(
        after.0 <= threads + 4,
        "{} threads, {threads} before",
        after.0
    );
    assert!(after.1 <= files + 4, "{} files, {files} before", after.1);
}

#[test]
fn clients_that_leave_take_their_work_with_them() {
    let mut server = Server::start("");
    server.post("/synthesize", r#"{"text": "Hi."}"#).is(200);
    let body = long_request();
    for n in 0..100 {
        let mut stream = server.begin(&body);
        // Half of them leave before the first sound.
        if n % 2 == 0 {
            stream.read_exact(&mut [0; 1000]).unwrap();
        }
    }
    // One that still listens, but sends no more, has left, too.
    let tcp = server.tcp("http");
    (&tcp)
        .write_all(&json_request("/v1/audio/speech", &body))
        .unwrap();
    half_close(&tcp);
    server.until_idle();
    let cancelled = r#"piper_requests_total{route="openai",outcome="cancelled"}"#;
    assert!(server.metric(cancelled) >= 50.0);
    assert_eq!(server.metric("piper_pool_in_flight"), 0.0);
    server.post("/synthesize", r#"{"text": "Hi."}"#).is(200);
}

/// Sends requests for short texts. Half of the clients leave before the end.
fn half_of_them_leave(server: &Server, n_requests: usize) {
    let body = |n: usize| {
        format!(r#"{{"input": "This is number {n}. And this follows.", "response_format": "pcm"}}"#)
    };
    for n in 0..n_requests {
        let mut stream = server.begin(&body(n));
        match n % 4 {
            // Before the first sound, or after some of it.
            0 => {}
            1 => stream.read_exact(&mut [0; 1000]).unwrap(),
            _ => assert_eq!(read(&mut stream).status, 200),
        }
    }
}

/// Checks that many requests leave nothing behind: at most 10 % more memory, and no thread
/// and no file.
fn leave_nothing(n_requests: usize) {
    let mut server = Server::start("--max-queue 1000");
    half_of_them_leave(&server, 300);
    server.until_idle();
    let state = |server: &Server| {
        let (live, kilobytes) = (&server.live, server.live.status("VmRSS"));
        (kilobytes, live.status("Threads"), live.open_files())
    };
    let before = state(&server);
    half_of_them_leave(&server, n_requests);
    server.until_idle();
    let after = state(&server);
    eprintln!("{n_requests} requests: {before:?} kB, threads and files, then {after:?}");
    assert!(after.0 <= before.0 + before.0 / 10, "{before:?} {after:?}");
    // A connection may be closed a little after its request.
    assert!(
        after.1 <= before.1 + 2 && after.2 <= before.2 + 4,
        "{before:?} {after:?}"
    );
}

#[test]
fn requests_leave_nothing_behind() {
    leave_nothing(600);
}

#[test]
#[ignore = "takes minutes: `cargo test --test integration ten_thousand -- --ignored`"]
fn ten_thousand_requests_leave_nothing_behind() {
    leave_nothing(10_000);
}

#[test]
fn a_full_queue_refuses_and_those_in_it_are_served() {
    let server = Server::start("--max-queue 2 --threads 1");
    let text = "word ".repeat(80);
    let body = format!(r#"{{"input": "{text}", "response_format": "pcm"}}"#);
    let streams: Vec<_> = (0..40).map(|_| server.begin(&body)).collect();
    let responses = streams.into_iter().map(|mut stream| read(&mut stream));
    let (mut served, mut refused) = (0, 0);
    for response in responses {
        match response.status {
            200 => {
                assert!(response.is_complete && response.body.len() > 10_000);
                served += 1;
            }
            503 => {
                assert_eq!(response.header("retry-after"), Some("1"));
                refused += 1;
            }
            _ => panic!("{response:?}"),
        }
    }
    assert!(
        served >= 3 && refused > 0,
        "{served} served, {refused} refused"
    );
}
