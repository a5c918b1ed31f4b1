//! What clients of a speech server send. Only parses: nothing is opened or spoken here.
//!
//! The readers take untrusted bytes, so they are in the library, where `fuzz/` reaches
//! them.

pub mod engine;
pub mod speech_request;
pub mod wyoming;

pub use engine::{EngineIdentity, SentencePart, SentenceRequest, VoiceIdentity, VoiceRequest};
pub use speech_request::{BadRequest, Delivery, OpenAiRequest, PiperRequest, ResponseFormat};
