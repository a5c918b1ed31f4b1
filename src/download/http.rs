//! HTTP: the only module that uses the `ureq` crate and the network.

use std::io::Read;
use std::time::Duration;

use ureq::http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER};
use ureq::http::{HeaderMap, HeaderName, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy, ProxyProtocol};

use super::BadDownload;
use crate::error::Cause;

/// How to connect to servers.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The proxy for `http://` addresses: `http://host:port`, `socks5://…`.
    pub http_proxy: Option<String>,
    /// The proxy for `https://` addresses.
    pub https_proxy: Option<String>,
    /// Hosts to connect to without a proxy: names, `.domain`s, `*`.
    pub no_proxy: Vec<String>,
    /// Root certificates to trust, in DER. If empty, the Mozilla project's,
    /// which are built in.
    pub root_certificates: Vec<Vec<u8>>,
    /// How long to wait for a server's next bytes.
    pub timeout: Duration,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            http_proxy: None,
            https_proxy: None,
            no_proxy: Vec::new(),
            root_certificates: Vec::new(),
            timeout: Duration::from_secs(30),
        }
    }
}

/// Which part of a file a response's body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyRange {
    /// From this byte to the end.
    From(u64),
    /// Nothing: the requested start is behind the end.
    Empty,
}

/// A response whose body has not been read yet.
pub(super) struct Response {
    pub(super) range: BodyRange,
    /// The size of the complete file, if the server gives it.
    pub(super) total_bytes: Option<u64>,
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

    /// Requests a file from byte `from` on. The response may start elsewhere:
    /// see [`Response::range`].
    pub(super) fn get(&self, url: &str, from: u64) -> Result<Response, BadDownload> {
        let mut request = self.agent(url)?.get(url);
        if from > 0 {
            request = request.header("Range", format!("bytes={from}-"));
        }
        let response = request.call().map_err(no_connection)?;
        let (status, headers) = (response.status(), response.headers());
        let length = number(headers, CONTENT_LENGTH);
        let (range, total_bytes) = match status {
            StatusCode::OK => (BodyRange::From(0), length),
            StatusCode::PARTIAL_CONTENT => {
                content_range(headers).ok_or_else(|| BadDownload::Status {
                    status: "with an unspecified part of the file".to_owned(),
                    retry_after_seconds: None,
                })?
            }
            StatusCode::RANGE_NOT_SATISFIABLE => (BodyRange::Empty, None),
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
        Ok(Response {
            range,
            total_bytes,
            is_web_page: kind.is_some_and(|kind| kind.starts_with("text/html")),
            body: Box::new(response.into_body().into_reader()),
        })
    }

    /// Returns the client for `url`.
    fn agent(&self, url: &str) -> Result<Agent, BadDownload> {
        let Connection {
            root_certificates,
            timeout,
            ..
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
        let roots = match root_certificates.as_slice() {
            [] => RootCerts::WebPki,
            roots => {
                let roots = roots
                    .iter()
                    .map(|der| Certificate::from_der(der).to_owned());
                RootCerts::from(roots)
            }
        };
        let timeout = Some(*timeout);
        let config = Agent::config_builder()
            .proxy(proxy)
            // A redirect must not lead from HTTPS to HTTP.
            .https_only(is_https)
            .http_status_as_error(false)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(concat!("piper-rs/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(timeout)
            .timeout_connect(timeout)
            .timeout_recv_response(timeout)
            // For each read, not for the body: a slow connection is not broken.
            .timeout_per_read(timeout)
            .timeout_per_write(timeout)
            .build();
        Ok(config.new_agent())
    }

    fn proxy(&self, proxy: &str) -> Result<Proxy, BadDownload> {
        let bad = |_| BadDownload::NoConnection(format!("`{proxy}` is not a proxy").into());
        let plain = Proxy::new(proxy).map_err(bad)?;
        let mut builder = Proxy::builder(plain.protocol())
            .host(plain.host())
            .port(plain.port())
            // SOCKS 4 cannot resolve names.
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

/// Parses a header such as `bytes 5-9/10`: the first byte, and the size of the
/// complete file.
fn content_range(headers: &HeaderMap) -> Option<(BodyRange, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (span, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = span.split_once('-')?;
    Some((
        BodyRange::From(first.trim().parse().ok()?),
        total.trim().parse().ok(),
    ))
}

fn number(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn no_connection(error: ureq::Error) -> BadDownload {
    // rustls's text, anywhere in the chain of causes; a test depends on it.
    let is_certificate = error.to_string().contains("invalid peer certificate");
    let text: Cause = match error {
        ureq::Error::Io(error) => error.into(),
        ureq::Error::HostNotFound => "there is no such host".into(),
        ureq::Error::ConnectionFailed => "connection refused".into(),
        ureq::Error::Timeout(_) => "the server does not respond".into(),
        ureq::Error::RequireHttpsOnly(_) => "it redirects from https to http".into(),
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
    fn a_content_range_gives_the_first_byte_and_the_total() {
        let cases = [
            ("bytes 5-9/10", Some((BodyRange::From(5), Some(10)))),
            ("bytes 5-9/*", Some((BodyRange::From(5), None))),
            ("bytes */10", None),
            ("5-9/10", None),
        ];
        for (text, expected) in cases {
            let headers = HeaderMap::from_iter([(CONTENT_RANGE, text.parse().unwrap())]);
            assert_eq!(content_range(&headers), expected, "{text}");
        }
    }

    #[test]
    fn an_invalid_proxy_is_named() {
        let http = Http::new(Connection {
            http_proxy: Some("gopher://x".into()),
            ..Connection::default()
        });
        let Err(BadDownload::NoConnection(reason)) = http.get("http://127.0.0.1/", 0) else {
            panic!("it is not a proxy");
        };
        assert_eq!(reason.to_string(), "`gopher://x` is not a proxy");
    }
}
