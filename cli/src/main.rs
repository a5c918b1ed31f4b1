//! Text to speech for the terminal. Speech is made by the library `piper_rs`;
//! this is the program around it.

mod app;
mod args;
mod commands;
mod config;
mod environment;
mod speech;
mod system;
mod terminal;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::main()
}
