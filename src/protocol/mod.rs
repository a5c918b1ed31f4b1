//! What clients of a speech server send, and the parts of a sentence that come back. No
//! file is opened and nothing is spoken here.
//!
//! The readers take untrusted bytes, so they are in the library, where `fuzz/` reaches
//! them.

pub mod engine;
pub mod speech_request;
pub mod wyoming;

pub use engine::{EngineIdentity, SentencePart, SentenceRequest, VoiceIdentity, VoiceRequest};
pub use speech_request::{BadRequest, Delivery, OpenAiRequest, PiperRequest, ResponseFormat};
