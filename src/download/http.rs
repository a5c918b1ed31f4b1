//! HTTP: the only door to the `ureq` crate, and to the network.

use std::io::Read;
use std::time::Duration;

use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER};
use ureq::http::{HeaderMap, HeaderName, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy, ProxyProtocol};

use super::BadDownload;
use crate::error::Cause;

/// How to reach servers.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The proxy for `http://` addresses, as people write it.
    pub http_proxy: Option<String>,
    /// The proxy for `https://` addresses.
    pub https_proxy: Option<String>,
    /// Hosts reached without one: names, `.domain`s, `*`.
    pub no_proxy: Vec<String>,
    /// Certificates to trust, in DER; none for those of the Mozilla project
    /// that this program was built with.
    pub roots: Vec<Vec<u8>>,
    /// A server that says nothing for so long is given up.
    pub patience: Duration,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            http_proxy: None,
            https_proxy: None,
            no_proxy: Vec::new(),
            roots: Vec::new(),
            patience: Duration::from_secs(30),
        }
    }
}

/// Which part of a file comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// From this byte to the end.
    From(u64),
    /// None: the server has nothing there.
    Nothing,
}

/// An answer whose body is still to be read.
pub(super) struct Incoming {
    pub(super) range: Range,
    /// The size of the whole file, where the server tells.
    pub(super) bytes: Option<u64>,
    pub(super) is_web_page: bool,
    pub(super) body: Box<dyn Read + Send>,
}

#[derive(Debug)]
pub(super) struct Http {
    connection: Connection,
}

impl Http {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Asks for a file, from byte `from` on; what comes may begin elsewhere.
    pub(super) fn get(&self, url: &str, from: u64) -> Result<Incoming, BadDownload> {
        let mut request = self.agent(url)?.get(url);
        if from > 0 {
            request = request.header("Range", format!("bytes={from}-"));
        }
        let response = request.call().map_err(no_connection)?;
        let (status, headers) = (response.status(), response.headers());
        let length = number(headers, CONTENT_LENGTH);
        let (range, bytes) = match status {
            StatusCode::OK => (Range::From(0), length),
            StatusCode::PARTIAL_CONTENT => part(headers).ok_or_else(|| BadDownload::Status {
                status: "with a part of the file that it does not name".to_owned(),
                retry_after_seconds: None,
            })?,
            StatusCode::RANGE_NOT_SATISFIABLE => (Range::Nothing, None),
            _ => {
                return Err(BadDownload::Status {
                    status: status.to_string(),
                    retry_after_seconds: number(headers, RETRY_AFTER),
                });
            }
        };
        let kind = headers
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        Ok(Incoming {
            range,
            bytes,
            is_web_page: kind.is_some_and(|kind| kind.starts_with("text/html")),
            body: Box::new(response.into_body().into_reader()),
        })
    }

    /// Returns what connects as `url` needs it.
    fn agent(&self, url: &str) -> Result<Agent, BadDownload> {
        let Connection {
            roots, patience, ..
        } = &self.connection;
        let is_https = url.starts_with("https:");
        let proxy = match is_https {
            true => &self.connection.https_proxy,
            false => &self.connection.http_proxy,
        };
        let proxy = proxy
            .as_deref()
            .map(|proxy| self.proxy(proxy))
            .transpose()?;
        let roots = match roots.as_slice() {
            [] => RootCerts::WebPki,
            roots => {
                let roots = roots
                    .iter()
                    .map(|der| Certificate::from_der(der).to_owned());
                RootCerts::from(roots)
            }
        };
        let patience = Some(*patience);
        let config = Agent::config_builder()
            .proxy(proxy)
            // A redirect may not lead out of encryption.
            .https_only(is_https)
            .http_status_as_error(false)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(concat!("piper-rs/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(patience)
            .timeout_connect(patience)
            .timeout_recv_response(patience)
            // Of one read, not of the body: a slow line is no broken one.
            .timeout_per_read(patience)
            .timeout_per_write(patience)
            .build();
        Ok(config.new_agent())
    }

    fn proxy(&self, proxy: &str) -> Result<Proxy, BadDownload> {
        let bad = |_| BadDownload::NoConnection(format!("`{proxy}` is no proxy").into());
        let plain = Proxy::new(proxy).map_err(bad)?;
        let mut builder = Proxy::builder(plain.protocol())
            .host(plain.host())
            .port(plain.port())
            // SOCKS 4 knows no names.
            .resolve_target(plain.protocol() == ProxyProtocol::Socks4);
        if let Some(name) = plain.username() {
            builder = builder.username(name);
        }
        if let Some(password) = plain.password() {
            builder = builder.password(password);
        }
        for host in &self.connection.no_proxy {
            builder = builder.no_proxy(host);
        }
        builder.build().map_err(bad)
    }
}

/// Reads `bytes 5-9/10`: where the part begins, and the size of the whole.
fn part(headers: &HeaderMap) -> Option<(Range, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (span, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = span.split_once('-')?;
    Some((
        Range::From(first.trim().parse().ok()?),
        whole.trim().parse().ok(),
    ))
}

fn number(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn no_connection(error: ureq::Error) -> BadDownload {
    // rustls's words, wherever in the chain they stand; a test watches them.
    let is_certificate = error.to_string().contains("invalid peer certificate");
    let text: Cause = match error {
        ureq::Error::Io(error) => error.into(),
        ureq::Error::HostNotFound => "there is no such host".into(),
        ureq::Error::ConnectionFailed => "nobody answers there".into(),
        ureq::Error::Timeout(_) => "the server says nothing".into(),
        ureq::Error::RequireHttpsOnly(_) => "it leads from https to http".into(),
        error => error.into(),
    };
    match is_certificate {
        true => BadDownload::Untrusted(text),
        false => BadDownload::NoConnection(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_with_where_it_begins() {
        let cases = [
            ("bytes 5-9/10", Some((Range::From(5), Some(10)))),
            ("bytes 5-9/*", Some((Range::From(5), None))),
            ("bytes */10", None),
            ("5-9/10", None),
        ];
        for (text, expected) in cases {
            let headers = HeaderMap::from_iter([(CONTENT_RANGE, text.parse().unwrap())]);
            assert_eq!(part(&headers), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_named() {
        let http = Http::new(Connection {
            http_proxy: Some("gopher://x".into()),
            ..Connection::default()
        });
        let Err(BadDownload::NoConnection(reason)) = http.get("http://127.0.0.1/", 0) else {
            panic!("it is no proxy");
        };
        assert_eq!(reason.to_string(), "`gopher://x` is no proxy");
    }
}
