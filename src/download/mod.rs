//! Downloads catalogues and voices: resumes broken downloads, and checks every
//! file before it gets its final name.
//!
//! `http` is the only module that uses the network, `partial_file` is a model
//! that is being downloaded, `install` puts a complete voice in place.

mod http;
mod install;
mod md5;
mod partial_file;

pub use http::Connection;
pub use install::{InstallOutcome, Integrity, Reinstall, check_integrity};
pub use md5::Md5;
pub use partial_file::remove_partial_files;

use crate::error::BadDownload;

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};

use self::http::{BodyRange, Http, Response};
use crate::catalogue::{Address, Catalogue, MAX_CATALOGUE_BYTES};
use crate::{CancelToken, Error, Result};

/// What happens during a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DownloadEvent {
    /// The download of a model starts.
    Started {
        /// The model's size, if known.
        total_bytes: Option<u64>,
        /// How many bytes an earlier attempt left; 0 for a new download.
        resumed_at: u64,
    },
    /// How many bytes of the model are on disk now.
    Progress(u64),
    /// The connection broke and the download continues; the message says how.
    Resumed(String),
    /// A problem that does not stop the download.
    Warning(String),
}

/// Downloads catalogues and voices.
#[derive(Debug)]
pub struct Downloader {
    http: Http,
    cancel: CancelToken,
}

impl Downloader {
    /// Returns a downloader that connects as `connection` says. `cancel` stops
    /// a download at its next block.
    pub fn new(connection: Connection, cancel: CancelToken) -> Self {
        let http = Http::new(connection);
        Self { http, cancel }
    }

    /// Downloads a catalogue; returns it and its JSON.
    ///
    /// # Errors
    /// [`Error::Download`], [`Error::Cancelled`].
    pub fn fetch_catalogue(&self, address: &Address) -> Result<(Catalogue, Vec<u8>)> {
        let json = self.fetch_bytes(address, MAX_CATALOGUE_BYTES)?;
        let catalogue = Catalogue::from_json(&json)
            .map_err(|error| failed(address, BadDownload::NotCatalogue(error.into())))?;
        Ok((catalogue, json))
    }

    /// Downloads a file into memory.
    fn fetch_bytes(&self, address: &Address, max_bytes: u64) -> Result<Vec<u8>> {
        let fetch = || {
            let response = self.open(address, 0)?;
            if response.is_web_page {
                return Err(BadDownload::WebPage);
            }
            let mut bytes = Vec::new();
            let mut body = response.body.take(max_bytes + 1);
            body.read_to_end(&mut bytes)
                .map_err(|error| broken(0, error))?;
            let n_bytes = bytes.len() as u64;
            match response.total_bytes {
                _ if n_bytes > max_bytes => Err(BadDownload::TooLarge(max_bytes)),
                Some(total) if n_bytes < total => Err(broken(0, ended_early())),
                _ if is_web_page(&bytes) => Err(BadDownload::WebPage),
                _ => Ok(bytes),
            }
        };
        self.check_cancelled()?;
        fetch().map_err(|error| failed(address, error))
    }

    /// Opens a file at byte `from`. A server may ignore `from`: see
    /// [`Response::range`].
    fn open(&self, address: &Address, from: u64) -> Result<Response, BadDownload> {
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
                Ok(Response {
                    range: BodyRange::From(from),
                    total_bytes: Some(bytes),
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

fn failed(address: &Address, source: BadDownload) -> Error {
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

/// Returns whether a file starts as a web page does and no model, config or
/// catalogue can.
fn is_web_page(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.trim_ascii_start().first() == Some(&b'<')
}
