//! A web server of our own, as honest or hostile as a test wants it, and a
//! proxy in front of it. Standard library only.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::PrivateKeyDer;

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
}

impl Asked {
    /// The first byte that a `Range` asks for.
    pub(crate) fn from(&self) -> Option<usize> {
        let range = self.headers.get("range")?;
        range
            .strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse()
            .ok()
    }
}

/// What is answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// The connection ends after so many bytes of the body…
    pub(crate) cut_after: Option<usize>,
    /// …or stays open, and says nothing more.
    pub(crate) hangs: bool,
}

impl Answer {
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

    /// What an honest server answers: the part that is asked for.
    pub(crate) fn part(asked: &Asked, body: &[u8]) -> Self {
        match asked.from() {
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
        let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\n", self.status);
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

/// A server on a port of its own, until it is dropped.
pub(crate) struct Web {
    at: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
    scheme: &'static str,
}

impl Web {
    pub(crate) fn new(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start("http", answer, |stream| {
            Ok(Box::new(stream) as Box<dyn Talk>)
        })
    }

    /// The same behind TLS, with a certificate for `localhost` that nobody
    /// signed; returns that too, as PEM.
    pub(crate) fn encrypted(
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
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
            Ok(Box::new(rustls::StreamOwned::new(session, stream)) as Box<dyn Talk>)
        };
        (Self::start("https", answer, wrap), made.cert.pem())
    }

    fn start(
        scheme: &'static str,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Talk>> + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let (at, ended) = serve(move |stream, hung| {
            let raw = stream.try_clone()?;
            let mut stream = wrap(stream)?;
            let Some(asked) = read_request(&mut stream)? else {
                return Ok(());
            };
            log.lock().unwrap().push(asked.clone());
            let answer = answer(&asked);
            answer.write(&mut stream)?;
            match answer.hangs {
                true => hung.lock().unwrap().push(raw),
                false => stream.close(),
            }
            Ok(())
        });
        Self {
            at,
            asked,
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

    /// Everything that was asked for since the last call.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        end(&self.ended, self.at);
    }
}

/// A connection, encrypted or not.
trait Talk: Read + Write + Send {
    /// Says that nothing follows.
    fn close(&mut self);
}

impl Talk for TcpStream {
    fn close(&mut self) {
        _ = self.shutdown(Shutdown::Write);
    }
}

impl Talk for rustls::StreamOwned<rustls::ServerConnection, TcpStream> {
    fn close(&mut self) {
        self.conn.send_close_notify();
        _ = self.flush();
        _ = self.sock.shutdown(Shutdown::Write);
    }
}

/// A proxy that leads everybody to `web`, whatever host they ask for.
pub(crate) struct Proxy {
    at: SocketAddr,
    /// The hosts that were asked for.
    hosts: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) fn to(web: &Web) -> Self {
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

/// Hands every connection to `talk`, on threads of their own.
fn serve(
    talk: impl Fn(TcpStream, &Hung) -> io::Result<()> + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let (is_over, talk, hung) = (Arc::clone(&ended), Arc::new(talk), Hung::default());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if is_over.load(Ordering::SeqCst) {
                return;
            }
            let (talk, hung) = (Arc::clone(&talk), Arc::clone(&hung));
            // Clients that go away are the rule here.
            thread::spawn(move || _ = talk(stream, &hung));
        }
    });
    (at, ended)
}

fn end(ended: &AtomicBool, at: SocketAddr) {
    ended.store(true, Ordering::SeqCst);
    // Wakes the listener, which then sees that it is over.
    _ = TcpStream::connect(at);
}

fn read_request(stream: &mut impl Read) -> io::Result<Option<Asked>> {
    let head = read_head(stream)?;
    let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)) else {
        return Ok(None);
    };
    let headers = head[1..].iter().filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
    Ok(Some(Asked {
        path: path.to_owned(),
        headers: headers.collect(),
    }))
}

/// Reads lines up to the blank one. Byte by byte: what follows is another's.
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
