//! Who may use the server: tokens, and pages in browsers.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Extension;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use subtle::ConstantTimeEq as _;

use super::error::ApiError;
use super::response::refused;
use crate::args::ListenArgs;
use crate::commands::serve::metrics::Route;
use crate::commands::serve::speech::Speech;
use crate::terminal::report::UsageError;

/// Shorter tokens could be guessed.
const MIN_TOKEN_BYTES: usize = 16;

/// Where a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands::serve) enum Door {
    /// The system lets only the user in.
    #[cfg_attr(not(unix), expect(dead_code, reason = "no such sockets"))]
    User,
    /// The system lets those in whom its administrator has chosen.
    #[cfg_attr(not(unix), expect(dead_code, reason = "no such sockets"))]
    Unix,
    /// Every program of this machine, browsers included.
    Loopback,
    /// Other machines.
    Remote,
}

/// What the options allow.
#[derive(Debug, Default)]
pub(in crate::commands::serve) struct Access {
    token: Option<String>,
    /// Origins of pages that may use the server in a browser.
    origins: Vec<HeaderValue>,
}

impl Door {
    /// Returns that of a socket that systemd has made, by its mode.
    #[cfg(unix)]
    pub(in crate::commands::serve) fn of_passed(
        socket: &std::os::unix::net::UnixListener,
    ) -> std::io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let address = socket.local_addr()?;
        let file = address
            .as_pathname()
            .and_then(|path| fs::metadata(path).ok());
        let own = rustix::process::geteuid().as_raw();
        let is_own = file.is_some_and(|file| file.uid() == own && file.mode() & 0o077 == 0);
        Ok(if is_own { Self::User } else { Self::Unix })
    }

    pub(in crate::commands::serve) fn of_tcp(address: SocketAddr) -> Self {
        match address.ip().is_loopback() {
            true => Self::Loopback,
            false => Self::Remote,
        }
    }
}

impl Access {
    pub(in crate::commands::serve) fn from_args(args: &ListenArgs) -> Result<Self, UsageError> {
        let token = match &args.token_file {
            None => None,
            Some(path) => {
                let wrong =
                    |what: String| UsageError(format!("--token-file {}: {what}", path.display()));
                let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
                Some(checked_token(text.trim()).map_err(wrong)?.to_owned())
            }
        };
        let origins = args.cors.iter().map(|origin| {
            let is_origin = origin
                .split_once("://")
                .is_some_and(|(_, host)| !host.is_empty() && !host.contains('/'));
            let value = HeaderValue::from_str(origin).ok().filter(|_| is_origin);
            value.ok_or_else(|| {
                UsageError(format!(
                    "--cors {origin}: an origin is expected, such as http://localhost:3000"
                ))
            })
        });
        Ok(Self {
            token,
            origins: origins.collect::<Result<_, _>>()?,
        })
    }

    fn check(&self, door: Door, request: &Request) -> Result<(), ApiError> {
        let headers = request.headers();
        if door == Door::Loopback && !is_for_this_machine(request) {
            // A page whose name was made to mean this machine.
            let message = "the Host of this request is not this machine; a reverse proxy must \
                           send `Host: localhost`";
            return Err(ApiError::new(StatusCode::FORBIDDEN, message));
        }
        // Pages can send other types to any server, without asking.
        if request.method() == Method::POST && !is_json(headers) {
            let message = "the body must be JSON: Content-Type: application/json";
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        Ok(())
    }

    fn check_token(&self, door: Door, headers: &HeaderMap) -> Result<(), ApiError> {
        if door == Door::User || self.has_token(headers) {
            return Ok(());
        }
        let message = "this server needs a token: Authorization: Bearer TOKEN";
        Err(ApiError::new(StatusCode::UNAUTHORIZED, message))
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else {
            return true;
        };
        let sent = headers.get(header::AUTHORIZATION);
        let sent = sent.map_or(&b""[..], HeaderValue::as_bytes);
        let sent = match sent.split_at_checked(7) {
            Some((scheme, sent)) if scheme.eq_ignore_ascii_case(b"bearer ") => sent,
            _ => b"",
        };
        sent.ct_eq(token.as_bytes()).into()
    }

    /// Returns the origin of a page that may use the server.
    fn allowed_origin(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        self.origins.contains(origin).then(|| origin.clone())
    }
}

fn checked_token(token: &str) -> Result<&str, String> {
    let is_plain = token.bytes().all(|byte| byte.is_ascii_graphic());
    match token.len() >= MIN_TOKEN_BYTES && is_plain {
        true => Ok(token),
        false => Err(format!(
            "a token is a line of at least {MIN_TOKEN_BYTES} letters, digits and signs: `openssl \
             rand -hex 32` makes one"
        )),
    }
}

fn is_for_this_machine(request: &Request) -> bool {
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (host, more) = (hosts.next(), hosts.next());
    let host = host.and_then(|host| host.to_str().ok());
    more.is_none() && host.is_some_and(is_local) && authority.is_none_or(is_local)
}

/// Returns whether a host, with or without a port, is this machine by its name.
fn is_local(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((name, port)) => (
            name,
            port.strip_prefix(':').or(port.is_empty().then_some("")),
        ),
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, Some("")),
        },
    };
    let is_port = port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let is_address = name
        .parse()
        .is_ok_and(|address: IpAddr| address.is_loopback());
    is_port && (is_address || name.eq_ignore_ascii_case("localhost"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// Checks the token before a route that needs it.
pub(super) async fn check_token(
    Extension(access): Extension<Arc<Access>>,
    Extension(speech): Extension<Arc<Speech>>,
    Extension(door): Extension<Door>,
    request: Request,
    next: Next,
) -> Response {
    match access.check_token(door, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => refused(&speech, Route::Other, error),
    }
}

/// Checks each request before its route.
pub(super) async fn check(
    Extension(access): Extension<Arc<Access>>,
    Extension(speech): Extension<Arc<Speech>>,
    Extension(door): Extension<Door>,
    request: Request,
    next: Next,
) -> Response {
    let origin = access.allowed_origin(request.headers());
    let is_preflight = request.method() == Method::OPTIONS && origin.is_some();
    let mut response = match is_preflight {
        true => StatusCode::NO_CONTENT.into_response(),
        false => match access.check(door, &request) {
            Ok(()) => next.run(request).await,
            Err(error) => refused(&speech, Route::Other, error),
        },
    };
    let headers = response.headers_mut();
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    if let Some(origin) = origin {
        let allowed = HeaderValue::from_static("authorization, content-type");
        let exposed = HeaderValue::from_static("x-sample-rate, retry-after");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request {
        let mut request = Request::builder().method(method).uri("/v1/models");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).unwrap()
    }

    fn refusal(access: &Access, door: Door, request: &Request) -> Option<u16> {
        let checked = access.check(door, request);
        checked.err().map(|error| error.status.as_u16())
    }

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in [
            "localhost",
            "LOCALHOST:80",
            "127.0.0.1:5000",
            "127.8.8.8",
            "[::1]:1",
            "[::1]",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:5000",
            "localhost.evil.example",
            "192.168.1.2",
            "127.0.0.1.evil.example",
            "[::1].evil.example",
            "localhost:x",
            "[::2]",
            "::1:",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn a_foreign_host_is_refused_on_tcp() {
        let access = Access::default();
        for (headers, expected) in [
            (&[("host", "localhost:1")][..], None),
            (&[("host", "evil.example")], Some(403)),
            (
                &[("host", "localhost"), ("host", "evil.example")],
                Some(403),
            ),
            (&[], Some(403)),
        ] {
            let request = request("GET", headers);
            assert_eq!(
                refusal(&access, Door::Loopback, &request),
                expected,
                "{headers:?}"
            );
            assert_eq!(refusal(&access, Door::User, &request), None);
        }
        let absolute = Request::builder()
            .uri("http://evil.example/voices")
            .header("host", "localhost");
        let absolute = absolute.body(Body::empty()).unwrap();
        assert_eq!(refusal(&access, Door::Loopback, &absolute), Some(403));
    }

    #[test]
    fn a_token_is_needed_but_on_the_unix_socket() {
        let access = Access {
            token: Some("0123456789abcdef".to_owned()),
            ..Access::default()
        };
        let refused = |door, request: &Request| {
            let checked = access.check_token(door, request.headers());
            checked.err().map(|error| error.status.as_u16())
        };
        for (sent, expected) in [
            ("Bearer 0123456789abcdef", None),
            ("bearer 0123456789abcdef", None),
            ("Bearer 0123456789abcdeX", Some(401)),
            ("Bearer 0123456789abcde", Some(401)),
            ("Bearer", Some(401)),
            ("0123456789abcdef", Some(401)),
        ] {
            let sent = request("GET", &[("authorization", sent)]);
            assert_eq!(refused(Door::Remote, &sent), expected, "{sent:?}");
        }
        let without = request("GET", &[]);
        assert_eq!(refused(Door::Loopback, &without), Some(401));
        assert_eq!(refused(Door::Unix, &without), Some(401));
        assert_eq!(refused(Door::User, &without), None);
    }

    #[test]
    fn a_body_must_be_json() {
        let access = Access::default();
        for (kind, expected) in [
            ("application/json", None),
            ("Application/JSON; charset=utf-8", None),
            ("text/plain", Some(415)),
            ("application/x-www-form-urlencoded", Some(415)),
        ] {
            let request = request("POST", &[("content-type", kind)]);
            assert_eq!(refusal(&access, Door::User, &request), expected, "{kind}");
        }
        assert_eq!(
            refusal(&access, Door::User, &request("POST", &[])),
            Some(415)
        );
    }

    #[test]
    fn a_short_token_and_a_wrong_origin_are_refused() {
        assert!(checked_token("short").is_err());
        assert!(checked_token("0123456789abcde f").is_err());
        assert!(checked_token("0123456789abcdef").is_ok());
        let args = ListenArgs {
            socket: None,
            http: None,
            wyoming: None,
            allow_remote: false,
            token_file: None,
            cors: Vec::new(),
        };
        for (cors, is_good) in [("http://a:1", true), ("*", false), ("http://a/", false)] {
            let args = ListenArgs {
                cors: vec![cors.to_owned()],
                ..args.clone()
            };
            assert_eq!(Access::from_args(&args).is_ok(), is_good, "{cors}");
        }
    }
}
