//! The address of a catalogue, and of the files relative to it.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All characters but the unreserved ones of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The location of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// `http://…` or `https://…`.
    Web(String),
    /// A local file.
    File(PathBuf),
}

/// An address that nothing can be downloaded from.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an address; use `https://…`, `http://…` or a file")]
pub struct BadAddress(String);

impl Address {
    /// Parses an address. Text without a scheme is a file path.
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

    /// Returns the address of the file at `path`, relative to this file's
    /// folder. `path` is not percent-encoded; its components are separated by
    /// `/`.
    pub fn resolve(&self, path: &str) -> Self {
        match self {
            Self::File(file) => {
                let folder = file.parent().unwrap_or(Path::new(""));
                // One by one: other systems have other path separators.
                Self::File(
                    path.split('/')
                        .fold(folder.to_owned(), |path, component| path.join(component)),
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
                let components = path.split('/');
                let path: Vec<_> = components
                    .map(|component| utf8_percent_encode(component, ENCODED).to_string())
                    .collect();
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
    fn paths_are_relative_to_the_catalogue() {
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
            let file = Address::parse(catalogue).unwrap().resolve(path);
            assert_eq!(file.to_string(), expected, "{catalogue}");
        }
    }

    #[test]
    fn reserved_characters_are_encoded() {
        let catalogue = Address::parse("https://a.b/voices.json").unwrap();
        let file = catalogue.resolve("a?b#c%2f:d.onnx").to_string();
        assert_eq!(file, "https://a.b/a%3Fb%23c%252f%3Ad.onnx");
    }

    #[test]
    fn unsupported_addresses_are_refused() {
        for text in ["", "ftp://a.b/c", "https://", "https://a b", "http://a\nb"] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
    }
}
