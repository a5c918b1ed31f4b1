//! Accepting connections, and waiting for their ends.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use super::write_limit::WriteLimit;

/// How many connections a socket may have; more wait in the system's queue. Each socket
/// has its own, so that who may use one cannot close another.
const MAX_CONNECTIONS: usize = 256;

/// How long to wait after the system has refused a connection: it has no file
/// descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// The connections of a server, to all its sockets.
pub(super) struct Connections {
    count: Arc<watch::Sender<usize>>,
    /// `true` when no more are accepted.
    stopping: watch::Receiver<bool>,
}

/// A socket that clients connect to.
pub(super) trait Accept: Send + Sync + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    fn next(&self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

/// What is spoken on a connection.
pub(super) trait Protocol: Clone + Send + 'static {
    /// Serves a client until one of both closes the connection.
    fn serve(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> impl Future<Output = ()> + Send;
}

/// One more connection; dropping it, one less.
struct Counted(Arc<watch::Sender<usize>>);

impl Connections {
    pub(super) fn new(stopping: watch::Receiver<bool>) -> Self {
        Self {
            count: Arc::new(watch::Sender::new(0)),
            stopping,
        }
    }

    /// Serves each client of `socket` until the server stops, and closes it then.
    pub(super) fn accept(&self, socket: impl Accept, protocol: impl Protocol) {
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let count = Arc::clone(&self.count);
        let mut stopping = self.stopping.clone();
        tokio::spawn(async move {
            loop {
                let accepted = async {
                    // The semaphore is never closed.
                    let permit = Arc::clone(&room).acquire_owned().await;
                    (permit, socket.next().await)
                };
                let (permit, stream) = tokio::select! {
                    accepted = accepted => accepted,
                    () = stopped(&mut stopping) => return,
                };
                let Ok(stream) = stream else {
                    sleep(PAUSE).await;
                    continue;
                };
                let counted = Counted::new(&count);
                let served = protocol.clone().serve(WriteLimit::new(stream));
                tokio::spawn(async move {
                    served.await;
                    drop((permit, counted));
                });
            }
        });
    }

    /// Returns how many there are.
    pub(super) fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }
}

/// Waits until the server is asked to stop.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // The sender lives as long as the program.
    _ = stopping.wait_for(|stopping| *stopping).await;
}

impl Accept for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.accept().await?;
        // Each block is sent at once, whatever its size.
        _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

#[cfg(unix)]
impl Accept for UnixListener {
    type Stream = UnixStream;

    async fn next(&self) -> io::Result<UnixStream> {
        Ok(self.accept().await?.0)
    }
}

impl Counted {
    fn new(count: &Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
