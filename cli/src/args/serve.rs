//! The command line of `piper-rs serve`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::number::play_time;
use super::{EngineArgs, SpeechArgs, VoiceNameArgs};

pub(super) const EXAMPLES: &str = "\
Examples:
  piper-rs serve                               on a Unix socket, for this user alone
  piper-rs serve --http 5000                   for the programs of this machine
  piper-rs serve --wyoming 10200 -m en_GB-alba-medium --preload de_DE-thorsten-low

  curl --unix-socket $XDG_RUNTIME_DIR/piper-rs/serve.sock http://localhost/synthesize \\
       --json '{\"text\": \"Hello.\"}' -o hello.wav";

#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) listen: ListenArgs,
    #[command(flatten)]
    pub(crate) limits: ServeLimitArgs,
    /// Offer only these voices, by name, separated by commas; the default one is always
    /// among them
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        help_heading = "Voices"
    )]
    pub(crate) voices: Vec<String>,
    /// Load VOICE at the start; may be repeated. The default voice always is
    #[arg(long, value_name = "VOICE", help_heading = "Voices")]
    pub(crate) preload: Vec<String>,
    #[command(flatten)]
    pub(crate) names: VoiceNameArgs,
    #[command(flatten)]
    pub(crate) speech: SpeechArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// Where clients connect, and which of them may.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Clients")]
pub(crate) struct ListenArgs {
    /// Listen for HTTP on a Unix socket, or `none`
    /// [default: $XDG_RUNTIME_DIR/piper-rs/serve.sock, unless systemd passes a socket]
    ///
    /// Only the same user can connect.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) socket: Option<PathBuf>,
    /// Listen for HTTP on a port of this machine, or on ADDR:PORT
    #[arg(long, value_name = "PORT", value_parser = address)]
    pub(crate) http: Option<SocketAddr>,
    /// Listen for Wyoming, as Home Assistant speaks it, on a port or on ADDR:PORT
    #[arg(long, value_name = "PORT", value_parser = address)]
    pub(crate) wyoming: Option<SocketAddr>,
    /// Allow addresses that other machines can reach
    ///
    /// HTTP then needs --token-file, and something before it that encrypts: a reverse
    /// proxy, a VPN. Wyoming has neither passwords nor encryption: open it only to a
    /// network that you trust.
    #[arg(long)]
    pub(crate) allow_remote: bool,
    /// HTTP clients must send the token in FILE, as `Authorization: Bearer TOKEN`
    ///
    /// Those on a Unix socket that only this user can open need none.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) token_file: Option<PathBuf>,
    /// Let pages of ORIGIN use the server in a browser; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) cors: Vec<String>,
}

/// How much clients may ask for.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct ServeLimitArgs {
    /// How many requests may wait for their first sound, besides those that are computed;
    /// others are refused, with 503
    #[arg(long, value_name = "N", default_value = "32")]
    pub(crate) max_queue: NonZeroUsize,
    /// The longest text of a request
    #[arg(long, value_name = "CHARS", default_value = "100000")]
    pub(crate) max_chars: NonZeroUsize,
    /// End after TIME without a client
    #[arg(long, value_name = "TIME", value_parser = play_time)]
    pub(crate) idle_exit: Option<Duration>,
}

/// Parses `5000`, `127.0.0.1:5000`, `localhost:5000` or `[::1]:5000`.
fn address(typed: &str) -> Result<SocketAddr, String> {
    let local = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let port = typed.strip_prefix("localhost:").unwrap_or(typed);
    let address = port.parse().map(local).or_else(|_| typed.parse());
    address.map_err(|_| "a port or an address is expected: 5000, or 192.168.1.2:5000".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_one_of_this_machine() {
        for typed in ["5000", "localhost:5000", "127.0.0.1:5000"] {
            assert_eq!(address(typed).unwrap().to_string(), "127.0.0.1:5000");
        }
        assert_eq!(address("[::]:80").unwrap().to_string(), "[::]:80");
        for bad in ["", "x", "70000", "localhost", "::1:80:"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
