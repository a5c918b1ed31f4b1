//! Fetching catalogues and voices: resumed when the connection breaks, checked
//! before anything appears under its name.
//!
//! `http` is the only door to the network, `partial` a file on its way,
//! `install` a voice as a whole.

mod http;
mod install;
mod md5;
mod partial;

pub use http::Connection;
pub use install::{Fetched, Overwrite, Whole, is_whole};
pub use md5::Md5;
pub use partial::forget;

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};

use self::http::{Http, Incoming, Range};
use crate::catalogue::{Address, Catalogue, MAX_CATALOGUE_BYTES};
use crate::error::Cause;
use crate::voice::config::BadConfig;
use crate::{CancelToken, Error, Result};

/// Why something cannot be fetched, or is not what was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadDownload {
    /// No answer.
    #[error("no connection")]
    NoConnection(#[source] Cause),
    /// The server's certificate is not one to trust.
    #[error("its certificate is not trusted")]
    Untrusted(#[source] Cause),
    /// The server's answer is not the file.
    #[error("the server answers {status}{}", wait(*.retry_after_seconds))]
    Status {
        /// HTTP's code and what it means.
        status: String,
        /// How long the server asks to wait.
        retry_after_seconds: Option<u64>,
    },
    /// A file of this machine cannot be read.
    #[error("cannot read it")]
    Local(#[source] std::io::Error),
    /// A page for people instead of the file: an error, or a log-in.
    #[error("what came is a web page, not the file")]
    WebPage,
    /// Another size than the catalogue's.
    #[error("it has {got} bytes; the catalogue says {expected}")]
    Size {
        /// What the catalogue says.
        expected: u64,
        /// What the server has.
        got: u64,
    },
    /// Far larger than anything of its kind.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// Another content than the catalogue's.
    #[error("its md5 is {got}; the catalogue says {expected}")]
    Md5 {
        /// What the catalogue says.
        expected: String,
        /// What came.
        got: String,
    },
    /// The connection broke, and again without a byte in between.
    #[error("the connection broke after {at} bytes")]
    Broken {
        /// How many bytes are kept for the next time.
        at: u64,
        /// What happened.
        source: Cause,
    },
    /// The file is being fetched by somebody else.
    #[error("it is being downloaded by another process")]
    Busy,
    /// It is no voice's config.
    #[error("it is no voice's config")]
    NotConfig(#[source] BadConfig),
    /// It is no catalogue.
    #[error("it is no catalogue of voices")]
    NotCatalogue(#[source] crate::catalogue::BadCatalogue),
}

fn wait(seconds: Option<u64>) -> String {
    seconds.map_or_else(String::new, |n| format!(", and asks to wait {n} seconds"))
}

/// What happens while something is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A model of this size is fetched, from where an earlier try stopped.
    Begun {
        /// The size, where it is known.
        bytes: Option<u64>,
        /// How much is there already.
        from: u64,
    },
    /// So much of the model is there now.
    At(u64),
    /// The connection broke, in these words; it goes on from there.
    Resumed(String),
    /// What somebody should know.
    Warning(String),
}

/// Fetches things.
#[derive(Debug)]
pub struct Downloader {
    http: Http,
    cancel: CancelToken,
}

impl Downloader {
    /// Connects in the way that `connection` says. `cancel` stops a download
    /// at its next block.
    pub fn new(connection: Connection, cancel: CancelToken) -> Self {
        let http = Http::new(connection);
        Self { http, cancel }
    }

    /// Fetches a catalogue; returns what it lists, and it as it came.
    pub fn catalogue(&self, address: &Address) -> Result<(Catalogue, Vec<u8>)> {
        let json = self.small(address, MAX_CATALOGUE_BYTES)?;
        let catalogue = Catalogue::from_json(&json)
            .map_err(|error| bad(address, BadDownload::NotCatalogue(error)))?;
        Ok((catalogue, json))
    }

    /// Fetches a file into memory.
    fn small(&self, address: &Address, max_bytes: u64) -> Result<Vec<u8>> {
        let fetch = || {
            let incoming = self.open(address, 0)?;
            if incoming.is_web_page {
                return Err(BadDownload::WebPage);
            }
            let mut bytes = Vec::new();
            let mut body = incoming.body.take(max_bytes + 1);
            let at = |bytes: &Vec<u8>| bytes.len() as u64;
            body.read_to_end(&mut bytes)
                .map_err(|error| broken(0, error))?;
            match incoming.bytes {
                _ if at(&bytes) > max_bytes => Err(BadDownload::TooLarge(max_bytes)),
                Some(said) if at(&bytes) < said => Err(broken(0, ended_early())),
                _ if looks_like_a_page(&bytes) => Err(BadDownload::WebPage),
                _ => Ok(bytes),
            }
        };
        self.check_cancelled()?;
        fetch().map_err(|error| bad(address, error))
    }

    /// Opens a file from its byte `from` on, if that can be done.
    fn open(&self, address: &Address, from: u64) -> Result<Incoming, BadDownload> {
        match address {
            Address::Web(url) => self.http.get(url, from),
            Address::File(path) => {
                let open = || {
                    let mut file = File::open(path)?;
                    let bytes = file.metadata()?.len();
                    file.seek(SeekFrom::Start(from))?;
                    Ok((file, bytes))
                };
                let (file, bytes) = open().map_err(BadDownload::Local)?;
                Ok(Incoming {
                    range: Range::From(from),
                    bytes: Some(bytes),
                    is_web_page: false,
                    body: Box::new(file),
                })
            }
        }
    }

    fn check_cancelled(&self) -> Result<()> {
        match self.cancel.is_cancelled() {
            true => Err(Error::Cancelled),
            false => Ok(()),
        }
    }
}

fn bad(address: &Address, source: BadDownload) -> Error {
    Error::Download {
        address: address.to_string(),
        source,
    }
}

fn broken(at: u64, source: std::io::Error) -> BadDownload {
    let source = source.into();
    BadDownload::Broken { at, source }
}

fn ended_early() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "it ended early")
}

/// Whether a file begins as no model, config or catalogue does.
fn looks_like_a_page(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.trim_ascii_start().first() == Some(&b'<')
}
