//! Where a catalogue is, and where its voices' files are: relative to it.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is not an unreserved character of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// `http://…` or `https://…`.
    Web(String),
    /// A file of this machine.
    File(PathBuf),
}

/// An address that nothing can be fetched from.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no address: `https://…`, `http://…` and files are")]
pub struct BadAddress(String);

impl Address {
    /// Reads an address as people write it: anything without a scheme is a
    /// file.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let bad = || BadAddress(text.to_owned());
        let Some((scheme, rest)) = text.split_once("://") else {
            return match text {
                "" => Err(bad()),
                path => Ok(Self::File(path.into())),
            };
        };
        let is_url = |c: char| c.is_ascii_graphic() || !c.is_ascii();
        match scheme.to_ascii_lowercase().as_str() {
            "file" => Ok(Self::File(rest.into())),
            "http" | "https" if !rest.is_empty() && rest.chars().all(is_url) => {
                let scheme = scheme.to_ascii_lowercase();
                Ok(Self::Web(format!("{scheme}://{rest}")))
            }
            _ => Err(bad()),
        }
    }

    /// Returns the address of the file at `path` below the folder that this
    /// one is in. `path` is plain text, its parts separated by `/`.
    pub fn beside(&self, path: &str) -> Self {
        match self {
            Self::File(file) => {
                let folder = file.parent().unwrap_or(Path::new(""));
                // Part by part: `/` separates folders nowhere but on Unix.
                Self::File(
                    path.split('/')
                        .fold(folder.to_owned(), |at, part| at.join(part)),
                )
            }
            Self::Web(url) => {
                let end = url.find(['?', '#']).unwrap_or(url.len());
                let url = &url[..end];
                let host = url.find("://").map_or(0, |at| at + 3);
                let folder = match url[host..].rfind('/') {
                    Some(at) => &url[..host + at],
                    None => url,
                };
                let parts = path
                    .split('/')
                    .map(|part| utf8_percent_encode(part, ENCODED));
                let path: Vec<_> = parts.map(|part| part.to_string()).collect();
                Self::Web(format!("{folder}/{}", path.join("/")))
            }
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web(url) => f.write_str(url),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_relative_to_the_catalogue() {
        let path = "pt/pt_PT/tugão/x y.onnx";
        let encoded = "pt/pt_PT/tug%C3%A3o/x%20y.onnx";
        let cases = [
            (
                "https://a.b/c/voices.json",
                format!("https://a.b/c/{encoded}"),
            ),
            (
                "https://a.b/c/voices.json?x=/y#z",
                format!("https://a.b/c/{encoded}"),
            ),
            (
                "HTTP://a.b:8/voices.json",
                format!("http://a.b:8/{encoded}"),
            ),
            ("http://a.b", format!("http://a.b/{encoded}")),
            ("/mirror/voices.json", format!("/mirror/{path}")),
            ("file:///mirror/voices.json", format!("/mirror/{path}")),
            ("voices.json", path.to_owned()),
        ];
        for (catalogue, expected) in cases {
            let file = Address::parse(catalogue).unwrap().beside(path);
            assert_eq!(file.to_string(), expected, "{catalogue}");
        }
    }

    #[test]
    fn what_changes_an_address_is_encoded() {
        let catalogue = Address::parse("https://a.b/voices.json").unwrap();
        let file = catalogue.beside("a?b#c%2f:d.onnx").to_string();
        assert_eq!(file, "https://a.b/a%3Fb%23c%252f%3Ad.onnx");
    }

    #[test]
    fn what_cannot_be_fetched_is_refused() {
        for text in ["", "ftp://a.b/c", "https://", "https://a b", "http://a\nb"] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
    }
}
