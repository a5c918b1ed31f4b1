//! Tests with a sound device or a clock, apart from the unit tests.
//!
//! - `playback`: the samples that a device gets, and when
//! - `stopping`: how soon a cancel ends a blocked write
//! - `chunking`: that chunking takes linear time
//! - `alsa`: the devices, and a process with its own ALSA configuration
//!
//! The times asserted here are promises to users; on an overloaded machine
//! they can fail.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "playback")]
mod alsa;
mod chunking;
#[cfg(feature = "playback")]
mod playback;
mod stopping;
