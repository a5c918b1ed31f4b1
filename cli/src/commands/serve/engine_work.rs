//! The models for `speak --connect`: a voice that is loaded, and the samples of a sentence.
//!
//! All else is the client's: how text becomes ids, and what becomes of the samples.

use std::sync::Arc;
use std::time::Duration;

use piper_rs::Error;
use piper_rs::audio::{SampleRate, duration_of};
use piper_rs::protocol::{SentencePart, SentenceRequest, VoiceIdentity, VoiceRequest};
use piper_rs::synth::{SentenceSamples, SpeechSessionOptions, StreamStats};
use piper_rs::voice::{ModelInfo, Voice};

use super::request::{BadWork, OtherVoice, Request, Work};
use crate::terminal::hint::library_error;

impl Work for VoiceRequest {
    /// Sends what is known about the model.
    fn run(self, request: &mut Request<'_>) -> anyhow::Result<()> {
        let voice = load(&self.voice, request)?;
        let info = ModelInfo {
            reference_loudness: voice.known_loudness(),
            ..voice.model_info().clone()
        };
        let info = serde_json::to_vec(&info)?;
        Ok(request.sender.piece(info, voice.config().sample_rate)?)
    }
}

impl Work for SentenceRequest {
    /// Sends the parts of the sentence.
    fn run(self, request: &mut Request<'_>) -> anyhow::Result<()> {
        let speech = request.speech;
        let place = speech.turns().place_after(self.lead);
        let voice = load(&self.voice, request)?;
        let rate = voice.config().sample_rate;
        let options = SpeechSessionOptions {
            pool: speech.pool().clone(),
            cancel: request.cancel.clone(),
            place: Some(place),
            ..SpeechSessionOptions::default()
        };
        let mut samples = SentenceSamples::new(&voice, self.inference, options)?;
        let mut sound = Duration::ZERO;
        let sent = send(&mut samples, request, rate, &mut sound);
        // Also if the client has left.
        speech.metrics().add_stream(StreamStats {
            audio_seconds: sound.as_secs_f64(),
            inferences: 1,
            ..StreamStats::default()
        });
        sent?;
        Ok(request.sender.piece(SentencePart::encode_end(), rate)?)
    }
}

/// Sends the samples of a sentence, and adds to `sound` how long they last.
fn send(
    samples: &mut SentenceSamples,
    request: &mut Request<'_>,
    rate: SampleRate,
    sound: &mut Duration,
) -> anyhow::Result<()> {
    while let Some(piece) = samples.next_piece().map_err(|error| told(error.into()))? {
        request.note_sound();
        *sound += duration_of(piece.len() as u64, rate);
        let ends = samples.take_id_ends();
        let mut bytes = ends.map_or_else(Vec::new, |ends| SentencePart::encode_id_ends(&ends));
        bytes.extend(SentencePart::encode_samples(&piece));
        request.sender.piece(bytes, rate)?;
    }
    Ok(())
}

/// Loads the voice that the client means.
fn load(voice: &VoiceIdentity, request: &Request<'_>) -> anyhow::Result<Arc<Voice>> {
    let files = voice.files();
    if VoiceIdentity::of(&files) != *voice {
        return Err(OtherVoice.into());
    }
    request.load(&files).map_err(told)
}

/// Lets the client, who is the same user, know what is wrong with the voice.
fn told(error: anyhow::Error) -> anyhow::Error {
    match library_error(&error) {
        // The client says itself that it is the model of this voice.
        Some(Error::BadVoiceModel { source, .. } | Error::Inference { source }) => {
            BadWork(chain(&**source)).into()
        }
        Some(error @ Error::BadVoiceConfig { .. }) => BadWork(chain(error)).into(),
        _ => error,
    }
}

/// Returns an error and its causes, as they are printed.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}
