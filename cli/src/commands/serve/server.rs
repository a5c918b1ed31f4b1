//! The thread with all connections: from the first to the last.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::connections::{Connections, stopped};
use super::http::Http;
use super::http::access::{Access, Door};
use super::listener::Listeners;
use super::speech::Speech;
use super::wyoming::Wyoming;

/// How long requests may take after the server was asked to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// How many threads of tokio read folders of voices for lists.
const MAX_LIST_THREADS: usize = 2;

pub(super) struct Server {
    pub(super) speech: Arc<Speech>,
    pub(super) access: Arc<Access>,
    pub(super) idle_exit: Option<Duration>,
    /// `true` when the server is asked to stop, or stops by itself.
    pub(super) stop: Arc<watch::Sender<bool>>,
}

impl Server {
    /// Serves until it is asked to stop, or until it has been idle for long enough.
    pub(super) fn run(self, listeners: Listeners) -> anyhow::Result<()> {
        let runtime = runtime()?;
        runtime.block_on(self.serve(listeners))?;
        // Requests that are not over are cancelled, as if their clients had left.
        runtime.shutdown_background();
        Ok(())
    }

    async fn serve(self, mut listeners: Listeners) -> anyhow::Result<()> {
        let mut stopping = self.stop.subscribe();
        let connections = Connections::new(stopping.clone());
        let http = |door| Http::new(&self.speech, &self.access, door, &stopping);
        #[cfg(unix)]
        for (socket, door) in std::mem::take(&mut listeners.unix) {
            socket.set_nonblocking(true)?;
            let socket = tokio::net::UnixListener::from_std(socket)?;
            connections.accept(socket, http(door));
        }
        for socket in std::mem::take(&mut listeners.http) {
            let door = Door::of_tcp(socket.local_addr()?);
            connections.accept(tcp(socket)?, http(door));
        }
        for socket in std::mem::take(&mut listeners.wyoming) {
            let wyoming = Wyoming::new(&self.speech, &stopping);
            connections.accept(tcp(socket)?, wyoming);
        }
        let mut count = connections.count();
        tokio::select! {
            () = stopped(&mut stopping) => {}
            () = idle(count.clone(), self.idle_exit) => {}
        }
        // Tells the sockets, which close, and the connections, which end after their
        // requests. New clients are refused, or find the next server.
        self.stop.send_replace(true);
        drop(listeners);
        _ = timeout(DRAIN, count.wait_for(|count| *count == 0)).await;
        Ok(())
    }
}

fn tcp(socket: std::net::TcpListener) -> std::io::Result<TcpListener> {
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket)
}

fn runtime() -> anyhow::Result<Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(MAX_LIST_THREADS)
        .thread_name("piper-rs lists")
        .build();
    Ok(runtime.map_err(|source| piper_rs::Error::Thread { source })?)
}

/// Ends when there has been no connection for this long.
async fn idle(mut count: watch::Receiver<usize>, time: Option<Duration>) {
    let Some(time) = time else {
        return std::future::pending().await;
    };
    loop {
        // The sender lives as long as the server.
        _ = count.wait_for(|count| *count == 0).await;
        tokio::select! {
            () = sleep(time) => return,
            _ = count.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::serve::paused_time::run;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::time::Instant;

    #[test]
    fn a_request_that_never_ends_is_cut_off() {
        run(async {
            let stop = Arc::new(watch::Sender::new(false));
            let server = Server {
                speech: Speech::of_nobody(),
                access: Arc::default(),
                idle_exit: None,
                stop: Arc::clone(&stop),
            };
            let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let address = socket.local_addr().unwrap();
            let mut listeners = Listeners::default();
            listeners.http.push(socket);
            let client = async {
                let mut client = TcpStream::connect(address).await.unwrap();
                let health = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET";
                client.write_all(health).await.unwrap();
                // It is accepted, and in the middle of the next request.
                client.read_u8().await.unwrap();
                stop.send_replace(true);
                std::future::pending::<()>().await;
            };
            let stopped = async {
                _ = stop.subscribe().wait_for(|stop| *stop).await;
                Instant::now()
            };
            let serve = async {
                server.serve(listeners).await.unwrap();
                Instant::now()
            };
            tokio::select! {
                (ended, stopped) = async { tokio::join!(serve, stopped) } => {
                    let drained = ended - stopped;
                    assert!(drained <= DRAIN + Duration::from_millis(1), "{drained:?}");
                }
                () = client => {}
            }
        });
    }

    #[test]
    fn a_server_with_a_client_is_not_idle() {
        run(async {
            const TIME: Duration = Duration::from_secs(60);
            let count = watch::Sender::new(1);
            let started = Instant::now();
            let leave = async {
                sleep(TIME * 10).await;
                count.send_replace(0);
                sleep(TIME / 2).await;
                count.send_replace(1);
                sleep(TIME * 10).await;
                count.send_replace(0);
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = idle(count.subscribe(), Some(TIME)) => {}
                () = leave => {}
            }
            assert_eq!(started.elapsed(), TIME * 21 + TIME / 2);
        });
    }
}
