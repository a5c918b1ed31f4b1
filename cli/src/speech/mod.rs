//! From options to speech, for every command that speaks: which text, with
//! which voice and settings, to which output.

pub(crate) mod bookmark;
pub(crate) mod config_copy;
pub(crate) mod connect;
pub(crate) mod cores;
pub(crate) mod destination;
pub(crate) mod engine;
pub(crate) mod engine_options;
pub(crate) mod events;
pub(crate) mod file_name;
pub(crate) mod file_uses;
pub(crate) mod lexicon;
pub(crate) mod libraries;
pub(crate) mod markup;
pub(crate) mod output;
pub(crate) mod output_format;
pub(crate) mod overrides;
pub(crate) mod parts;
pub(crate) mod place;
pub(crate) mod request;
pub(crate) mod setting;
pub(crate) mod settings;
pub(crate) mod sound_check;
pub(crate) mod sound_format;
pub(crate) mod source;
pub(crate) mod speakers;
pub(crate) mod stats;
pub(crate) mod subtitles;
pub(crate) mod text_target;
pub(crate) mod time_limit;
pub(crate) mod timed_files;
pub(crate) mod timed_format;
pub(crate) mod timed_sentences;
pub(crate) mod timings;
pub(crate) mod voice_checks;
mod voice_loader;
