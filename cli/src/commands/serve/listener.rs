//! Where the server listens: its own sockets, and those that systemd passes.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

#[cfg(unix)]
use super::http::access::Door;
#[cfg(unix)]
use super::unix_socket::UnixSocket;
use crate::args::ListenArgs;
use crate::environment::{Environment, passed_socket_names};
use crate::terminal::report::UsageError;

/// Everything that is listened on.
#[derive(Default)]
pub(super) struct Listeners {
    #[cfg(unix)]
    pub(super) unix: Vec<(std::os::unix::net::UnixListener, Door)>,
    pub(super) http: Vec<TcpListener>,
    pub(super) wyoming: Vec<TcpListener>,
    descriptions: Vec<String>,
    /// Removes the socket's name at the end.
    #[cfg(unix)]
    _unix_socket: Option<UnixSocket>,
}

impl Listeners {
    pub(super) fn open(args: &ListenArgs, environment: &Environment) -> anyhow::Result<Self> {
        let mut listeners = Self::default();
        listeners.take_passed(args)?;
        listeners.open_socket(args, environment)?;
        if let Some(address) = args.http {
            check_http(address, args)?;
            listeners.http.push(tcp(address)?);
        }
        if let Some(address) = args.wyoming {
            check_wyoming(address, args)?;
            listeners.wyoming.push(tcp(address)?);
        }
        for (protocol, sockets) in [("http", &listeners.http), ("tcp", &listeners.wyoming)] {
            for socket in sockets {
                let address = socket.local_addr()?;
                listeners
                    .descriptions
                    .push(format!("{protocol}://{address}"));
            }
        }
        if listeners.is_empty() {
            let message = "there is nothing to listen on: use --http PORT";
            return Err(UsageError(message.to_owned()).into());
        }
        check_needed(args, &listeners)?;
        Ok(listeners)
    }

    /// Describes what is listened on.
    pub(super) fn descriptions(&self) -> &[String] {
        &self.descriptions
    }

    /// Takes the sockets of `LISTEN_FDS`: a TCP socket with `wyoming` in its name is for
    /// Wyoming, all others are for HTTP.
    fn take_passed(&mut self, args: &ListenArgs) -> anyhow::Result<()> {
        let mut passed = listenfd::ListenFd::from_env();
        let names = passed_socket_names();
        for n in 0..passed.len() {
            let is_for_wyoming = names.get(n).is_some_and(|name| name.contains("wyoming"));
            #[cfg(unix)]
            if let Ok(Some(socket)) = passed.take_unix_listener(n) {
                let door = Door::of_passed(&socket)?;
                self.unix.push((socket, door));
                self.descriptions.push("a socket of systemd".to_owned());
                continue;
            }
            let socket = passed.take_tcp_listener(n);
            let socket = socket.context("cannot use a socket that systemd passed")?;
            let Some(socket) = socket else {
                continue;
            };
            let address = socket.local_addr()?;
            if is_for_wyoming {
                check_wyoming(address, args)?;
                self.wyoming.push(socket);
            } else {
                check_http(address, args)?;
                self.http.push(socket);
            }
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        #[cfg(unix)]
        if !self.unix.is_empty() {
            return false;
        }
        self.http.is_empty() && self.wyoming.is_empty()
    }

    #[cfg(unix)]
    fn open_socket(&mut self, args: &ListenArgs, environment: &Environment) -> anyhow::Result<()> {
        let path: PathBuf = match &args.socket {
            Some(path) if path == Path::new("none") => return Ok(()),
            Some(path) => path.clone(),
            None if !self.is_empty() => return Ok(()),
            None => match environment.serve_socket() {
                Some(path) => path,
                None if args.http.is_some() || args.wyoming.is_some() => return Ok(()),
                None => {
                    let message = "XDG_RUNTIME_DIR is not set: use --socket PATH or --http PORT";
                    return Err(UsageError(message.to_owned()).into());
                }
            },
        };
        let (socket, listener) = UnixSocket::bind(&path)?;
        self._unix_socket = Some(socket);
        self.unix.push((listener, Door::User));
        self.descriptions.push(path.display().to_string());
        Ok(())
    }

    #[cfg(not(unix))]
    fn open_socket(&mut self, args: &ListenArgs, _: &Environment) -> anyhow::Result<()> {
        match args.socket.as_deref() {
            None => Ok(()),
            Some(path) if path == Path::new("none") => Ok(()),
            Some(_) => {
                let message = "this system has no Unix sockets: use --http PORT";
                Err(UsageError(message.to_owned()).into())
            }
        }
    }
}

fn tcp(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))
}

/// Fails if an option has no effect on what is listened on: its user relies on it.
fn check_needed(args: &ListenArgs, listeners: &Listeners) -> Result<(), UsageError> {
    let has_http = !listeners.http.is_empty();
    #[cfg(unix)]
    let asks_for_token = has_http || listeners.unix.iter().any(|(_, door)| *door != Door::User);
    #[cfg(not(unix))]
    let asks_for_token = has_http;
    let has_tcp = has_http || !listeners.wyoming.is_empty();
    for (is_given, is_needed, message) in [
        (
            args.token_file.is_some(),
            asks_for_token,
            "--token-file needs --http PORT: the Unix socket is for its user alone, and Wyoming \
             has no tokens",
        ),
        (
            !args.cors.is_empty(),
            has_http,
            "--cors needs --http PORT: no page in a browser reaches another socket",
        ),
        (
            args.allow_remote,
            has_tcp,
            "--allow-remote needs --http ADDR:PORT or --wyoming ADDR:PORT",
        ),
    ] {
        if is_given && !is_needed {
            return Err(UsageError(message.to_owned()));
        }
    }
    Ok(())
}

/// Fails if other machines could use the server without a token.
fn check_http(address: SocketAddr, args: &ListenArgs) -> Result<(), UsageError> {
    if address.ip().is_loopback() || (args.allow_remote && args.token_file.is_some()) {
        return Ok(());
    }
    Err(UsageError(format!(
        "other machines can reach {address}: that needs --allow-remote and --token-file FILE; \
         127.0.0.1:{} is for this machine alone",
        address.port()
    )))
}

fn check_wyoming(address: SocketAddr, args: &ListenArgs) -> Result<(), UsageError> {
    if address.ip().is_loopback() || args.allow_remote {
        return Ok(());
    }
    Err(UsageError(format!(
        "other machines can reach {address}: that needs --allow-remote, and a network that you \
         trust, for Wyoming has no passwords; 127.0.0.1:{} is for this machine alone",
        address.port()
    )))
}
