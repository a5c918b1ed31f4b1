#![no_main]
//! Requests for speech in JSON, as OpenAI's and Piper's clients and `speak --connect` send
//! them, and the sound for the last.

use piper_rs::protocol::{OpenAiRequest, PiperRequest, SentencePart, SentenceRequest};

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    if let Err(error) = OpenAiRequest::from_json(body) {
        assert!(!error.to_string().is_empty());
    }
    if let Ok(mut request) = PiperRequest::from_json(body) {
        _ = request.settings.take("length_scale");
    }
    _ = SentenceRequest::from_json(body);
    let mut stream = body;
    while SentencePart::read(&mut stream).is_ok() {}
});
