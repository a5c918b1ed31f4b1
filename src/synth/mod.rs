//! Text → audio blocks, while they are made.
//!
//! [`Synthesizer::blocks`] is an iterator: it pulls text through chunks,
//! phonemes, ids and the voice one block at a time, so that memory stays flat
//! however long the text is. [`run_ahead`] puts a thread and a bounded queue
//! between the iterator and its consumer.

mod ahead;
#[cfg(feature = "async")]
mod block_stream;
mod blocks;
mod options;
mod pause;
mod phrase;
mod pipeline;
mod plan;
mod progress;
mod queued_phrase;
mod sentence_samples;
mod sentence_words;
mod session;
mod speed_shares;
mod stats;
mod turns;

pub use ahead::run_ahead;
#[cfg(feature = "async")]
pub use block_stream::BlockStream;
pub use blocks::Blocks;
pub use options::{SpeakOptions, SpeechSessionOptions, TextEnd, WordTimes};
pub use pause::Pauses;
pub use progress::Progress;
pub use sentence_samples::SentenceSamples;
pub use session::SpeechSession;
pub use stats::StreamStats;
pub use turns::{Place, Turn, Turns};

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::Result;
use crate::audio::{AudioBlock, SampleRate};
use crate::lexicon::Pronouncer;
use crate::phoneme::{
    Espeak, EspeakOptions, EspeakPhonemizer, Phonemizer, PinyinPhonemizer, PiperMode,
    TextPhonemizer,
};
use crate::reading::Reader;
use crate::voice::{PhonemeType, Voice, VoiceConfig};

/// A voice, with the way it speaks.
pub struct Synthesizer {
    voice: Arc<Voice>,
    pronouncer: Pronouncer,
    options: SpeakOptions,
    speaker: Option<i64>,
}

impl Synthesizer {
    /// Returns a synthesizer. Fails if the voice does not have the speaker.
    pub fn new(voice: Arc<Voice>, pronouncer: Pronouncer, options: SpeakOptions) -> Result<Self> {
        let speaker = voice.speaker_id(options.speaker.as_ref())?;
        Ok(Self {
            voice,
            pronouncer,
            options,
            speaker,
        })
    }

    /// Returns a synthesizer with [the options](SpeakOptions::for_voice) and
    /// [the pronouncer](pronouncer_for) that suit the voice.
    ///
    /// espeak-ng is opened only if the voice needs it.
    pub fn for_voice(voice: Arc<Voice>, espeak: &EspeakOptions) -> Result<Self> {
        let config = voice.config();
        let options = SpeakOptions::for_voice(config);
        let pronouncer = pronouncer_for(config, PiperMode::Improved, || Espeak::open(espeak))?;
        Self::new(voice, pronouncer, options)
    }

    /// Returns the voice.
    pub fn voice(&self) -> &Voice {
        &self.voice
    }

    /// Returns the rate of the audio.
    pub fn sample_rate(&self) -> SampleRate {
        self.voice.config().sample_rate
    }

    /// Returns the audio of `text` block by block, as part of `session`.
    ///
    /// Nothing is computed before the first block is requested. Texts that
    /// share a session are spoken continuously: pauses fall between them, and
    /// the level stays the same.
    pub fn blocks<'a>(&'a self, session: &'a mut SpeechSession, text: &str) -> Blocks<'a> {
        self.blocks_before(session, text, TextEnd::Line)
    }

    /// Returns the audio of a `text` that `end` follows, as [`blocks`](Self::blocks)
    /// does.
    pub fn blocks_before<'a>(
        &'a self,
        session: &'a mut SpeechSession,
        text: &str,
        end: TextEnd,
    ) -> Blocks<'a> {
        Blocks::new(self, session, text, end)
    }

    /// Passes every block of `text` to `callback` until it returns `Break`:
    /// [`blocks`](Self::blocks) in callback form.
    pub fn speak(
        &self,
        session: &mut SpeechSession,
        text: &str,
        mut callback: impl FnMut(AudioBlock) -> ControlFlow<()>,
    ) -> Result<()> {
        for block in self.blocks(session, text) {
            if callback(block?).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Returns a pronouncer with the phonemizer that a voice was trained with, and
/// the reader that suits it: none if it was trained on letters, or if
/// `mode` is strict.
///
/// `espeak` is called only if the voice needs espeak-ng.
pub fn pronouncer_for(
    config: &VoiceConfig,
    mode: PiperMode,
    espeak: impl FnOnce() -> Result<Arc<Espeak>>,
) -> Result<Pronouncer> {
    if config.phoneme_type != PhonemeType::Espeak || mode == PiperMode::Strict {
        return Ok(Pronouncer::new(phonemizer_for(config, mode, espeak)?));
    }
    let phonemizer = EspeakPhonemizer::new(espeak()?, &config.espeak_voice, mode)?;
    // The voice may be named in other ways than by its language: `German`.
    let reader = Reader::new(phonemizer.language());
    Ok(Pronouncer::new(Arc::new(phonemizer)).with_reader(reader))
}

/// Returns the phonemizer that a voice was trained with.
///
/// `espeak` is called only if the voice needs espeak-ng.
pub fn phonemizer_for(
    config: &VoiceConfig,
    mode: PiperMode,
    espeak: impl FnOnce() -> Result<Arc<Espeak>>,
) -> Result<Arc<dyn Phonemizer>> {
    Ok(match config.phoneme_type {
        PhonemeType::Espeak => Arc::new(EspeakPhonemizer::new(
            espeak()?,
            &config.espeak_voice,
            mode,
        )?),
        PhonemeType::Text => Arc::new(TextPhonemizer),
        PhonemeType::Pinyin => Arc::new(PinyinPhonemizer::new(mode)),
    })
}
