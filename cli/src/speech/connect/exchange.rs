//! A request to the server, and the head of its response.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// No head of a response is longer, nor is the body of an error.
const MAX_TEXT_BYTES: u64 = 64 * 1024;

/// A response whose body has not been read.
pub(super) type Body = BufReader<UnixStream>;

/// Why there is no body.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExchangeError {
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The server refuses: the status, and why.
    #[error("{1}")]
    Refused(u16, String),
}

impl ExchangeError {
    /// Returns whether the server has too many requests, and may take this one later.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Refused(503, _))
    }
}

/// Connects to the socket of this user's server.
pub(super) fn connect(socket: &Path) -> io::Result<UnixStream> {
    // Another user's server would read along.
    let owner = std::fs::metadata(socket)?.uid();
    if owner != rustix::process::geteuid().as_raw() {
        let message = "it is another user's";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    UnixStream::connect(socket)
}

/// Sends a request and waits for the response; each read takes at most `limit`, if there
/// is one.
pub(super) fn post(
    mut stream: UnixStream,
    path: &str,
    body: &impl Serialize,
    limit: Option<Duration>,
) -> Result<Body, ExchangeError> {
    stream.set_read_timeout(limit)?;
    let body = serde_json::to_vec(body).map_err(io::Error::from)?;
    // HTTP/1.0: the body of the response ends with the connection.
    let head = format!(
        "POST {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), &body].concat())?;
    let mut response = BufReader::new(stream);
    match read_status(&mut response)? {
        200..300 => Ok(response),
        status => {
            let mut body = Vec::new();
            _ = response.take(MAX_TEXT_BYTES).read_to_end(&mut body);
            let body: Value = serde_json::from_slice(&body).unwrap_or_default();
            let message = match body["error"]["message"].as_str() {
                Some(message) => message.to_owned(),
                None => format!("it answers with status {status}"),
            };
            Err(ExchangeError::Refused(status, message))
        }
    }
}

/// Reads the head of a response.
fn read_status(response: &mut Body) -> io::Result<u16> {
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "it does not speak HTTP");
    let mut head = response.take(MAX_TEXT_BYTES);
    let mut line = String::new();
    head.read_line(&mut line)?;
    let status = line
        .strip_prefix("HTTP/1.")
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let status = status.ok_or_else(invalid)?;
    loop {
        line.clear();
        head.read_line(&mut line)?;
        match line.as_str() {
            "\r\n" => return Ok(status),
            "" => return Err(invalid()),
            _ => {}
        }
    }
}
