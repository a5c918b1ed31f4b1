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
    /// Becomes `true` when the server is asked to stop.
    pub(super) stopping: watch::Receiver<bool>,
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

    async fn serve(mut self, listeners: Listeners) -> anyhow::Result<()> {
        let connections = Connections::new(self.stopping.clone());
        let http = |door| Http::new(&self.speech, &self.access, door, &self.stopping);
        #[cfg(unix)]
        for (socket, door) in &listeners.unix {
            socket.set_nonblocking(true)?;
            let socket = tokio::net::UnixListener::from_std(socket.try_clone()?)?;
            connections.accept(socket, http(*door));
        }
        for socket in &listeners.http {
            let door = Door::of_tcp(socket.local_addr()?);
            connections.accept(tcp(socket)?, http(door));
        }
        for socket in &listeners.wyoming {
            let wyoming = Wyoming::new(&self.speech, &self.stopping);
            connections.accept(tcp(socket)?, wyoming);
        }
        let mut count = connections.count();
        tokio::select! {
            () = stopped(&mut self.stopping) => {}
            () = idle(count.clone(), self.idle_exit) => {}
        }
        // Each connection has seen it, too.
        _ = timeout(DRAIN, count.wait_for(|count| *count == 0)).await;
        Ok(())
    }
}

fn tcp(socket: &std::net::TcpListener) -> std::io::Result<TcpListener> {
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.try_clone()?)
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
