//! A text that is spoken for a client.

use std::sync::{Arc, mpsc};

use piper_rs::audio::{AudioBlock, BlockKind};
use piper_rs::chunk::ChunkOptions;
use piper_rs::synth::{Place, SpeechSession, SpeechSessionOptions, Synthesizer, TextEnd};
use piper_rs::voice::VoiceFiles;
use piper_rs::{Error, Result};

use super::arriving_text::ArrivingText;
use super::metrics::Route;
use super::output::{Output, OutputOptions};
use super::request::{self, Request, Work};
use super::sound::Sound;
use super::speech::{Refusal, Speech};
use crate::speech::settings::Settings;

/// What is to be spoken.
pub(super) struct Job {
    pub(super) route: Route,
    pub(super) voice: VoiceFiles,
    pub(super) settings: Settings,
    pub(super) text: JobText,
    pub(super) output: OutputOptions,
}

/// The text of a request.
pub(super) enum JobText {
    Whole(String),
    /// Pieces that arrive while others are spoken; dropping the sender ends the text.
    Arriving(mpsc::Receiver<String>),
}

/// A job on its thread.
struct Spoken<'r, 'a> {
    request: &'r mut Request<'a>,
    synthesizer: Synthesizer,
    session: SpeechSession,
    place: Place,
    output: Output,
    n_pieces: u64,
}

impl Job {
    /// Starts to speak. Dropping the sound cancels it.
    pub(super) fn start(self, speech: &Arc<Speech>) -> Result<Sound, Refusal> {
        request::start(speech, self.route, self)
    }
}

impl Work for Job {
    fn run(self, request: &mut Request<'_>) -> anyhow::Result<()> {
        let speech = request.speech;
        let place = speech.turns().place();
        let voice = request.load(&self.voice)?;
        let chunks = ChunkOptions {
            language: voice.config().espeak_voice.clone(),
            ..self.settings.chunks.clone()
        };
        let synthesizer = speech.engine().synthesizer_with(voice, &self.settings)?;
        let mut spoken = Spoken {
            output: Output::new(&self.output, synthesizer.sample_rate(), speech.held())?,
            session: SpeechSession::new(SpeechSessionOptions {
                pool: speech.pool().clone(),
                cancel: request.cancel.clone(),
                normalize: self.settings.normalize(),
                place: Some(place.clone()),
                ..SpeechSessionOptions::default()
            }),
            request,
            synthesizer,
            place,
            n_pieces: 0,
        };
        let all = match self.text {
            JobText::Whole(text) => spoken.speak(&text, TextEnd::Line),
            JobText::Arriving(pieces) => spoken.speak_arriving(&pieces, chunks),
        };
        speech.metrics().add_stream(spoken.session.stats());
        all?;
        spoken.finish()
    }
}

impl Spoken<'_, '_> {
    /// Speaks each sentence when it is complete.
    fn speak_arriving(
        &mut self,
        pieces: &mpsc::Receiver<String>,
        chunks: ChunkOptions,
    ) -> Result<()> {
        let mut text = ArrivingText::new(chunks);
        loop {
            let piece = match pieces.try_recv() {
                Err(mpsc::TryRecvError::Empty) => {
                    self.request.wait_for_client(|| pieces.recv()).ok()
                }
                piece => piece.ok(),
            };
            // A client that leaves ends the text, too.
            self.check_cancelled()?;
            let Some(piece) = piece else {
                return self.speak(&text.finish(), TextEnd::Line);
            };
            text.push(&piece);
            pieces.try_iter().for_each(|piece| text.push(&piece));
            if let Some(complete) = text.take_complete() {
                self.speak(&complete, TextEnd::Open)?;
            }
        }
    }

    fn speak(&mut self, text: &str, end: TextEnd) -> Result<()> {
        let blocks = self.synthesizer.blocks_before(&mut self.session, text, end);
        for block in blocks {
            let block = block?;
            let bytes = encode(&mut self.output, &block, &self.place, self.request)?;
            if block.kind == BlockKind::Speech {
                self.request.note_sound();
            }
            if !bytes.is_empty() {
                self.n_pieces += 1;
                self.request.sender.piece(bytes, self.output.rate())?;
            }
        }
        self.check_cancelled()
    }

    /// Sends the rest of the sound.
    fn finish(self) -> anyhow::Result<()> {
        let rate = self.output.rate();
        let rest = self.output.finish()?;
        // The first piece tells the rate, also of nothing.
        if !rest.is_empty() || self.n_pieces == 0 {
            self.request.sender.piece(rest, rate)?;
        }
        Ok(())
    }

    fn check_cancelled(&self) -> Result<()> {
        match self.request.cancel.is_cancelled() {
            true => Err(Error::Cancelled),
            false => Ok(()),
        }
    }
}

/// Encodes a block. That costs little next to what made it, unless it is silence, which
/// may be long: that takes a turn, too.
fn encode(
    output: &mut Output,
    block: &AudioBlock,
    place: &Place,
    request: &Request<'_>,
) -> Result<Vec<u8>> {
    let _turn = match block.kind {
        BlockKind::Speech => None,
        BlockKind::Pause => Some(place.turn(request.cancel)?),
    };
    output.encode(&block.samples)
}
