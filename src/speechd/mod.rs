//! The protocol of speech-dispatcher's output modules: what the server writes to a
//! module, and how a module sends it audio.
//!
//! A module is a program that the server starts. It reads commands from its standard
//! input and writes replies and events to its standard output. speech-dispatcher's
//! documentation, "Communication Protocol for Output Modules", describes both;
//! `module_process.c` in its sources has what that leaves out.
//!
//! What is read is not trusted: lines and texts are bounded, and what is longer is read
//! to its end and dropped.

mod audio_event;
mod command;
mod reader;

pub use audio_event::{MAX_EVENT_SAMPLES, extend_audio};
pub use command::{Command, MessageKind};
pub use reader::{CommandReader, SettingLines, TextLines};
