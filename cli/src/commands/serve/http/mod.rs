//! HTTP: the routes, and the connections.

pub(super) mod access;
mod body;
mod engine;
mod error;
mod lists;
mod openai;
mod page;
mod piper;
mod response;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Extension, Router, middleware};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use self::access::{Access, Door};
use super::connections::{Protocol, stopped};
use super::speech::Speech;

/// How long a client may take to send the head of a request; a connection that is kept
/// open for the next one ends after it, too.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// The most bytes of a request's head.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// HTTP/1.1 on the connections of one socket.
#[derive(Clone)]
pub(super) struct Http {
    router: Router,
    stopping: watch::Receiver<bool>,
}

impl Http {
    pub(super) fn new(
        speech: &Arc<Speech>,
        access: &Arc<Access>,
        door: Door,
        stopping: &watch::Receiver<bool>,
    ) -> Self {
        Self {
            router: router(speech, access, door),
            stopping: stopping.clone(),
        }
    }
}

fn router(speech: &Arc<Speech>, access: &Arc<Access>, door: Door) -> Router {
    // Who sees the page can type the token there.
    let open = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/", get(page::html))
        .route("/page.js", get(page::script))
        .route("/page.css", get(page::style));
    let closed = Router::new()
        .route("/v1/audio/speech", post(openai::speech))
        .route("/synthesize", post(piper::synthesize))
        .route("/v1/models", get(lists::models))
        .route("/v1/audio/voices", get(lists::openai_voices))
        .route("/voices", get(lists::piper_voices))
        .route("/metrics", get(lists::metrics))
        .route_layer(middleware::from_fn(access::check_token));
    let engine = match door {
        Door::User => Router::new()
            .route("/engine", post(engine::identity))
            .route("/engine/voice", post(engine::voice))
            .route("/engine/sentence", post(engine::sentence)),
        Door::Unix | Door::Loopback | Door::Remote => Router::new(),
    };
    open.merge(closed)
        .merge(engine)
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::no_method)
        // Each route that takes a body has a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::clone(speech))
        .layer(middleware::from_fn(access::check))
        .layer(Extension(Arc::clone(access)))
        .layer(Extension(Arc::clone(speech)))
        .layer(Extension(door))
}

impl Protocol for Http {
    async fn serve(mut self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        serve_connection(stream, self.router, &mut self.stopping).await;
    }
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    stopping: &mut watch::Receiver<bool>,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    // Errors are those of clients: they left, or sent what is not HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopped(stopping) => {}
    }
    connection.as_mut().graceful_shutdown();
    _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::serve::paused_time;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::{Instant, sleep};

    /// Runs a test against a server of one page. See [`paused_time`].
    fn run<F: Future<Output = ()>>(test: impl FnOnce(DuplexStream) -> F) {
        paused_time::run(async {
            let (ours, theirs) = duplex(1 << 16);
            let (_stop, mut stopping) = watch::channel(false);
            let router = Router::new().route("/", get(|| async { "page" }));
            let served = serve_connection(ours, router, &mut stopping);
            tokio::join!(served, test(theirs));
        });
    }

    async fn read_to_end(mut client: DuplexStream) -> String {
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    #[test]
    fn a_head_that_comes_too_slowly_is_given_up() {
        run(|mut client| async move {
            let started = Instant::now();
            for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX-Header: a" {
                client.write_all(&[*byte]).await.unwrap();
                sleep(Duration::from_millis(500)).await;
            }
            read_to_end(client).await;
            let elapsed = started.elapsed();
            assert!(elapsed < HEAD_TIME + Duration::from_secs(1), "{elapsed:?}");
        });
    }

    #[test]
    fn a_connection_that_is_kept_open_ends_if_no_request_follows() {
        run(|mut client| async move {
            let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
            client.write_all(request).await.unwrap();
            let answer = read_to_end(client).await;
            assert!(answer.ends_with("page"), "{answer}");
        });
    }

    #[test]
    fn a_head_that_is_too_long_is_refused() {
        run(|mut client| async move {
            let head = format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(MAX_HEAD_BYTES));
            _ = client.write_all(head.as_bytes()).await;
            let answer = read_to_end(client).await;
            assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
        });
    }
}
