//! Text to speech for the terminal. The machine is the library beside it;
//! this is the program around it.

mod app;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::main()
}
