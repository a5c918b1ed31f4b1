//! A web server whose responses a test chooses, and a proxy. Uses the standard
//! library and TLS, no HTTP crate: it must be able to break the protocol.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::PrivateKeyDer;

/// A received request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    /// The names are in lower case.
    pub(crate) headers: BTreeMap<String, String>,
}

impl Request {
    /// Returns the start of the requested range.
    pub(crate) fn range_start(&self) -> Option<usize> {
        let range = self.headers.get("range")?;
        range
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse()
            .ok()
    }
}

/// The response to a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// The connection ends after this number of bytes of the body…
    pub(crate) cut_after: Option<usize>,
    /// …or stays open without sending more.
    pub(crate) hangs: bool,
}

impl Response {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            body: body.into(),
            ..Self::default()
        }
    }

    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            body: b"no".to_vec(),
            ..Self::default()
        }
    }

    pub(crate) fn redirect(to: impl Into<String>) -> Self {
        Self::status(302).with("Location", to)
    }

    /// The correct response: the requested range of `body`.
    pub(crate) fn part(request: &Request, body: &[u8]) -> Self {
        match request.range_start() {
            None => Self::ok(body),
            Some(from) if from >= body.len() => Self::status(416),
            Some(from) => {
                let (last, whole) = (body.len() - 1, body.len());
                let range = format!("bytes {from}-{last}/{whole}");
                Self {
                    status: 206,
                    ..Self::ok(&body[from..])
                }
                .with("Content-Range", range)
            }
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn cut_after(self, n_bytes: usize) -> Self {
        Self {
            cut_after: Some(n_bytes),
            ..self
        }
    }

    fn write(&self, stream: &mut impl Write) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} Response\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !self
            .headers
            .iter()
            .any(|(name, _)| *name == "Content-Length")
        {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        let end = self.cut_after.unwrap_or(self.body.len());
        stream.write_all(&self.body[..end])?;
        stream.flush()
    }
}

/// A server on its own port. It ends when it is dropped.
pub(crate) struct WebServer {
    at: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
    scheme: &'static str,
}

impl WebServer {
    pub(crate) fn new(respond: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        Self::start("http", respond, |stream| {
            Ok(Box::new(stream) as Box<dyn Connection>)
        })
    }

    /// The same behind TLS. Also returns its self-signed certificate for
    /// `localhost`, as PEM.
    pub(crate) fn encrypted(
        respond: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        let wrap = move |stream| {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            Ok(Box::new(rustls::StreamOwned::new(session, stream)) as Box<dyn Connection>)
        };
        (Self::start("https", respond, wrap), made.cert.pem())
    }

    fn start(
        scheme: &'static str,
        respond: impl Fn(&Request) -> Response + Send + Sync + 'static,
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Connection>> + Send + Sync + 'static,
    ) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let (at, ended) = serve(move |stream, hung| {
            let raw = stream.try_clone()?;
            let mut stream = wrap(stream)?;
            let Some(request) = read_request(&mut stream)? else {
                return Ok(());
            };
            log.lock().unwrap().push(request.clone());
            let response = respond(&request);
            response.write(&mut stream)?;
            match response.hangs {
                true => hung.lock().unwrap().push(raw),
                false => stream.close(),
            }
            Ok(())
        });
        Self {
            at,
            requests,
            ended,
            scheme,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let host = if self.scheme == "https" {
            "localhost"
        } else {
            "127.0.0.1"
        };
        format!("{}://{host}:{}/{path}", self.scheme, self.at.port())
    }

    /// Returns the requests since the last call.
    pub(crate) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        end(&self.ended, self.at);
    }
}

/// A connection, encrypted or not.
trait Connection: Read + Write + Send {
    /// Tells the client that nothing follows.
    fn close(&mut self);
}

impl Connection for TcpStream {
    fn close(&mut self) {
        _ = self.shutdown(Shutdown::Write);
    }
}

impl Connection for rustls::StreamOwned<rustls::ServerConnection, TcpStream> {
    fn close(&mut self) {
        self.conn.send_close_notify();
        _ = self.flush();
        _ = self.sock.shutdown(Shutdown::Write);
    }
}

/// A proxy that connects every request to one server, whatever its host.
pub(crate) struct Proxy {
    at: SocketAddr,
    /// The requested hosts.
    hosts: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) fn to(web: &WebServer) -> Self {
        let hosts = Arc::new(Mutex::new(Vec::new()));
        let (log, target) = (Arc::clone(&hosts), web.at);
        let (at, ended) = serve(move |mut stream, _| {
            let head = read_head(&mut stream)?;
            let line = head.first().cloned().unwrap_or_default();
            let Some(host) = line.strip_prefix("CONNECT ") else {
                return stream.write_all(b"HTTP/1.1 405 Only CONNECT\r\n\r\n");
            };
            let host = host.split(' ').next().unwrap_or_default().to_owned();
            log.lock().unwrap().push(host);
            let mut server = TcpStream::connect(target)?;
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
            let (mut from, mut to) = (stream.try_clone()?, server.try_clone()?);
            thread::spawn(move || {
                _ = io::copy(&mut from, &mut to);
                to.shutdown(Shutdown::Write)
            });
            _ = io::copy(&mut server, &mut stream);
            stream.shutdown(Shutdown::Both)
        });
        Self { at, hosts, ended }
    }

    pub(crate) fn address(&self) -> String {
        self.at.to_string()
    }

    pub(crate) fn hosts(&self) -> Vec<String> {
        self.hosts.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        end(&self.ended, self.at);
    }
}

/// Connections that are kept open and silent until the server ends.
type Hung = Arc<Mutex<Vec<TcpStream>>>;

/// Handles every connection on its own thread.
fn serve(
    handle: impl Fn(TcpStream, &Hung) -> io::Result<()> + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let (is_over, handle, hung) = (Arc::clone(&ended), Arc::new(handle), Hung::default());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if is_over.load(Ordering::SeqCst) {
                return;
            }
            let (handle, hung) = (Arc::clone(&handle), Arc::clone(&hung));
            // A client that disconnects is normal in these tests.
            thread::spawn(move || _ = handle(stream, &hung));
        }
    });
    (at, ended)
}

fn end(ended: &AtomicBool, at: SocketAddr) {
    ended.store(true, Ordering::SeqCst);
    // Wakes the listener, which then ends.
    _ = TcpStream::connect(at);
}

fn read_request(stream: &mut impl Read) -> io::Result<Option<Request>> {
    let head = read_head(stream)?;
    let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)) else {
        return Ok(None);
    };
    let headers = head[1..].iter().filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    Ok(Some(Request {
        path: path.to_owned(),
        headers: headers.collect(),
    }))
}

/// Reads lines up to the blank one. Reads byte by byte, because the bytes that
/// follow belong to the body.
fn read_head(stream: &mut impl Read) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut reader = BufReader::with_capacity(1, stream);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => return Ok(lines),
            line => lines.push(line.to_owned()),
        }
    }
}
