//! End-to-end tests of the real program, and checks of the project as a whole.
//! They are one binary, so that it links once.
//!
//! A new test goes into the module below whose subject it is. A test of a
//! single type belongs at the end of that type's file instead.
#![allow(clippy::unwrap_used, clippy::print_stderr)] // tests, and the reasons for skipping them

// The folder, the shell and the running programs of a test.
mod scene;
// The test voices, prepared.
mod ready;
// The tests of `speak` through a server.
mod connected;
// A web server and a proxy.
mod web;
// A server with a catalogue of voices.
mod catalogue_server;
// A session of `interactive`.
mod dialog;

// -- commands

// `speak`: inputs, voices, prosody, pauses, loudness, outputs.
mod speak;
// `--normalize` and `--loudness`: how loud it is.
mod loudness;
// `--rate` and `--trim`: what files and streams contain.
mod output_format;
// `-o x.opus`, `--audio-format`: FLAC, Opus and MP3.
mod sound_formats;
// `--speed`: how fast it is.
mod speed;
// `--start-at` and `--max-duration`: how much of a text is spoken.
mod extent;
// `--bookmark`: where the listener stopped.
mod bookmark;
// When sentences and words are heard.
mod times;
// `batch --timings`: the times of many files, and of the joined one.
mod batch_times;
// `--follow`, `--idle` and `--behind`: text that arrives while it is spoken.
mod follow;
// `--events`: sentences and words as they are heard.
mod word_events;
// `--srt` and `--vtt`, in `speak` and `batch`.
mod subtitles;
// Parts of a text with voices and pauses of their own.
mod parts;
// `--format ssml`.
mod ssml;
// `speak --json-input`: texts as JSON lines.
mod json_lines;
// `--lexicon`: pronunciations from a file.
mod lexicon;
// `batch`: names, jobs, resuming, failures, joining.
mod batch;
// `batch` for data sets: grids, and the list of results.
mod data_sets;
// `batch --shard` and `--verify`: a batch that is divided among many runs.
mod shards;
// Progress bars in a real terminal, and the last lines of `batch`.
mod progress_bars;
// `batch --split chapters`: books.
mod books;
// `interactive` with a script: its queue and its commands.
mod interactive;
// `interactive` in a real terminal.
mod interactive_terminal;
// `serve`: HTTP and Wyoming, their clients and their enemies.
mod serve;
// `phonemes`.
mod phonemes;
// What becomes of a text before it is pronounced.
mod reading;
// `voices list`, `search`, `info`, `path`; hints for missing voices.
mod voices;
// Which voice speaks if none is named.
mod default_voice;
// Documents: Markdown, books, subtitles and others.
mod formats;
// Which files `-m` means, and what their config may say.
mod voice_files;
// `voices get`: downloads, resumed and redirected.
mod downloads;
// `voices verify`, `remove`, `prepare` and `audition`.
mod voices_installed;
// Voices with other decoders: how they are prepared, and their samples.
mod unsplit;
// `bench`: it measures everything; the values are not tested.
mod bench;
// `doctor`: what it finds and suggests.
mod doctor;
// The config file: precedence, errors, settings per voice.
mod config;
// `--stats`, and the allocations of audio buffers.
mod stats;

// -- compatibility

// Flags of old piper and of piper-tts.
mod compat;
// Samples recorded from piper-tts 1.8.0.
mod oracle;
// `--engine` and `--precision`: native kernels make the samples of ONNX Runtime.
mod engines;
// The first use of a voice whose parts are all native: it speaks before it is compared with
// its stock model.
mod first_use;
// Rewritten graphs, run by ONNX Runtime and compared with the originals.
mod onnx;

// -- failures

// Texts, files and flags that are wrong.
mod bad_input;
// Inputs that can be read only once, as `-i <(command)`.
mod streams;
// Voices that attack.
mod hostile;
// Downloads of wrong files, from bad servers, over broken connections.
mod audiobooks;
mod bad_downloads;
// Full disks, read-only folders, closed pipes, lost devices.
mod bad_output;
// Ctrl-C and SIGTERM.
mod signals;
// How soon speech stops. Ignored by `cargo test`; `make test` runs it.
mod timing;

// -- the program among others

// What goes to standard output and standard error.
mod quiet;
// Files left behind and connections opened: none.
mod privacy;
// The README's pipelines, word for word.
mod pipelines;
// Completion of words, in bash, zsh and fish too.
mod shells;
// `make install` and the end of `make speak`.
mod install;
// The files in assets/integrations.
mod integrations;
// The files in assets/clusters.
mod clusters;
// `piper-rs speechd`, without and with speech-dispatcher.
mod speech_dispatcher;
mod speechd;

// -- the project

// The man page and the completions are up to date.
mod generated;
// Documents name only what exists.
mod documents;
// The source files, read as text.
mod source;
// What may not be where in the sources.
mod layers;
// No cycles of imports.
mod cycles;
