//! From options to speech: what is read, with which voice and settings, and
//! where the audio goes. Every command that speaks uses these.

pub(crate) mod engine;
pub(crate) mod lexicon;
pub(crate) mod output;
pub(crate) mod overrides;
pub(crate) mod request;
pub(crate) mod settings;
pub(crate) mod source;
pub(crate) mod stats;
