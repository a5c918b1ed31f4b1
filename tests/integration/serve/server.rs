//! A running server, and a client that can break the protocol.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde_json::Value;

use crate::scene::{Live, Scene};

/// No answer takes this long, even on a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A server in a scene, with the voice `tiny` as its default.
pub(crate) struct Server {
    pub(crate) scene: Scene,
    pub(crate) live: Live,
}

/// A connection that can be read and written.
pub(crate) trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// A response, without its transfer encoding.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
    /// Whether the end of the body was sent.
    pub(crate) is_complete: bool,
}

impl Server {
    /// Starts a server on the socket `s.sock` and on a port of its own choice.
    pub(crate) fn start(flags: &str) -> Self {
        Self::start_in(Scene::new(), flags)
    }

    pub(crate) fn start_in(scene: Scene, flags: &str) -> Self {
        let voice = if flags.contains("-m ") { "" } else { "-m tiny" };
        let line = format!("piper-rs serve --socket s.sock --http 127.0.0.1:0 {voice} {flags}");
        let mut live = scene.start(&line);
        live.until_says("listening on http");
        Self { scene, live }
    }

    /// The address after `listening on`.
    pub(crate) fn address(&self, protocol: &str) -> String {
        let said = self.live.says_so_far();
        let start = format!("listening on {protocol}://");
        let line = said.lines().find_map(|line| line.split_once(&start));
        line.unwrap_or_else(|| panic!("{said}")).1.to_owned()
    }

    pub(crate) fn unix(&self) -> UnixStream {
        let stream = UnixStream::connect(self.scene.path("s.sock")).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream
    }

    pub(crate) fn tcp(&self, protocol: &str) -> TcpStream {
        let stream = TcpStream::connect(self.address(protocol)).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream
    }

    /// Sends a request over the Unix socket and reads all of the response.
    pub(crate) fn get(&self, path: &str) -> Response {
        exchange(self.unix(), &request("GET", path, &[], b""))
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Response {
        exchange(self.unix(), &json_request(path, body))
    }

    /// Sends a request for speech, and returns without reading.
    pub(crate) fn begin(&self, body: &str) -> UnixStream {
        let mut stream = self.unix();
        let path = "/v1/audio/speech?rate=native";
        stream.write_all(&json_request(path, body)).unwrap();
        stream
    }

    /// A number of `/metrics`.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let page = self.get("/metrics").text();
        let mut lines = page.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.map_or(0.0, |value| value.parse().unwrap())
    }

    /// Waits until nothing is spoken.
    pub(crate) fn until_idle(&mut self) {
        self.until_metric("piper_requests_in_progress 0");
    }

    /// Waits for a line of `/metrics`.
    pub(crate) fn until_metric(&mut self, line: &str) {
        self.until_metrics_have(&format!("\n{line}\n"));
    }

    /// Waits for a part of `/metrics`.
    pub(crate) fn until_metrics_have(&mut self, text: &str) {
        let path = self.scene.path("s.sock");
        self.live.until(|| {
            let stream = UnixStream::connect(&path).unwrap();
            let page = exchange(stream, &request("GET", "/metrics", &[], b"")).text();
            page.contains(text)
        });
    }
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        request += "Host: localhost\r\n";
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    if method == "POST" && !headers.iter().any(|(name, _)| *name == "Content-Length") {
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    request += "\r\n";
    [request.as_bytes(), body].concat()
}

pub(crate) fn json_request(path: &str, body: &str) -> Vec<u8> {
    let headers = [("Content-Type", "application/json")];
    request("POST", path, &headers, body.as_bytes())
}

/// Sends a request, which the server may refuse before its end, and reads the response.
pub(crate) fn exchange(mut stream: impl Stream, request: &[u8]) -> Response {
    _ = stream.write_all(request);
    read(&mut stream)
}

/// Reads a response until the connection ends.
pub(crate) fn read(stream: &mut impl Read) -> Response {
    read_rest(stream, Vec::new())
}

/// Reads what follows the bytes that have been read.
pub(crate) fn read_rest(stream: &mut impl Read, mut bytes: Vec<u8>) -> Response {
    // A server that refuses a body may close with unread bytes, which is a reset.
    _ = stream.read_to_end(&mut bytes);
    Response::parse(&bytes)
}

impl Response {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("{:?}", String::from_utf8_lossy(bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let rest = &bytes[end + 4..];
        let mut response = Self {
            status: head[9..12].parse().unwrap(),
            head,
            body: Vec::new(),
            is_complete: false,
        };
        let length = response
            .header("content-length")
            .map(|length| length.parse::<usize>().unwrap());
        match length {
            Some(length) => {
                response.body = rest.to_vec();
                response.is_complete = rest.len() == length;
            }
            None => response.take_chunks(rest),
        }
        response
    }

    fn take_chunks(&mut self, mut rest: &[u8]) {
        while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
            let length = std::str::from_utf8(&rest[..end]).unwrap();
            let length = usize::from_str_radix(length, 16).unwrap();
            rest = &rest[end + 2..];
            if length == 0 {
                self.is_complete = rest == b"\r\n";
                return;
            }
            self.body.extend(&rest[..length.min(rest.len())]);
            rest = rest.get(length + 2..).unwrap_or_default();
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "));
        lines
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    /// Checks that it is complete and has this status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        assert_eq!(self.status, status, "{}\n{text}", self.head);
        assert!(self.is_complete, "{}", self.head);
        self
    }
}

/// Stops sending, as a client that has left does not.
pub(crate) fn half_close(stream: &TcpStream) {
    stream.shutdown(Shutdown::Write).unwrap();
}
