//! End-to-end tests: the real program, run the way users run it, and what
//! holds for the project as a whole. One binary, so that it links once.
//!
//! A new test goes where its promise is listed here; a fact about one type
//! belongs at the foot of that type's file instead.
#![allow(clippy::unwrap_used, clippy::print_stderr)] // tests, and what they skip

// Each test's folder, shell, and running programs.
mod scene;

// What `speak` promises: inputs, voices, manner, pauses, level, outputs.
mod speak;
// A session: its queue, its commands, a real terminal.
mod interactive;
// Voices: lists, downloads from honest and hostile servers, checks.
mod voices;
// Voices that are prepared, removed, auditioned.
mod voices_kept;
// A web server of our own.
mod web;
// What a voice would be given to read.
mod phonemes;
// Texts as lines of JSON.
mod json_lines;
// Words that are said as a file has them.
mod lexicon;
// What `batch` promises: names, jobs, resuming, failures, joining.
mod batch;
// Flags of old piper and of piper-tts.
mod compat;
// The README's pipelines, word for word.
mod pipelines;
// piper-tts 1.8.0's recorded samples.
mod oracle;
// Texts, files and flags that nobody should give.
mod bad_input;
// Voices from people who mean no good.
mod hostile;
// Full disks, read-only folders, closed pipes, lost devices.
mod bad_output;
// Ctrl-C and SIGTERM.
mod signals;
// What a run leaves behind, and whom it talks to: nothing and nobody.
mod privacy;
// `--stats`, and allocations of audio buffers.
mod stats;
// `bench`: that it measures, not what comes out.
mod bench;
// What goes to standard output and standard error, and what does not.
mod quiet;
mod ready;

// The config file: precedence, faults, voices of their own.
mod config;
// Is all in place? And what a shell may complete.
mod doctor;
// Tab in bash, zsh and fish; what a mistyped word was meant to be.
mod shells;
// Other programs that speak with this one.
mod integrations;

// The man page and the shell completions are fresh.
mod generated;
// The source files, read as text.
mod source;
// What may not be where in the sources.
mod layers;
// No cycles of imports.
mod cycles;
// Documents name only what there is.
mod documents;

// ONNX files: rewritten voices, compared with the originals in ONNX Runtime.
mod onnx;
