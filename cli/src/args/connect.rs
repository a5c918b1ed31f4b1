//! Options for using the models of a server.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Performance")]
pub(crate) struct ConnectArgs {
    /// Use the models of a running `piper-rs serve`, which has loaded them
    ///
    /// The sound is the same, but it begins earlier. The server must belong to the same user
    /// and be the same program, with the same ONNX Runtime, --threads, --engine, --precision
    /// and prepared voices. This command starts no server, and waits for one that is busy.
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value = "never",
        hide_short_help = true
    )]
    pub(crate) connect: ConnectArg,
    /// The server's socket [default: $XDG_RUNTIME_DIR/piper-rs/serve.sock]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, hide_short_help = true)]
    pub(crate) socket: Option<PathBuf>,
}

/// When the models of a server are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConnectArg {
    /// If there is one
    Auto,
    /// Always; without one it is an error
    Always,
    /// Never
    Never,
}
