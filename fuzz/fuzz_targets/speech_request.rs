#![no_main]
//! Requests for speech in JSON, as OpenAI's and Piper's clients send them.

use piper_rs::protocol::{OpenAiRequest, PiperRequest};

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    if let Err(error) = OpenAiRequest::from_json(body) {
        assert!(!error.to_string().is_empty());
    }
    if let Ok(mut request) = PiperRequest::from_json(body) {
        _ = request.settings.take("length_scale");
    }
});
