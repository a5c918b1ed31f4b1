//! Text → audio blocks, as they are made.
//!
//! [`Synthesizer::blocks`] is an iterator: text is pulled through chunks,
//! phonemes, ids and the voice one block at a time, so memory stays flat
//! however long the text. [`run_ahead`] puts a thread and a bounded queue
//! between the iterator and whoever takes the blocks.

mod ahead;
mod blocks;
mod line;
mod pause;
mod pieces;
mod plan;
mod progress;
mod run;

pub use ahead::run_ahead;
pub use blocks::Blocks;
pub use pause::Pauses;
pub use progress::Progress;
pub use run::{Run, RunOptions, StreamStats};

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::Result;
use crate::audio::AudioBlock;
use crate::chunk::ChunkOptions;
use crate::lexicon::Pronouncer;
use crate::voice::{Pace, Scales, Voice};

/// How to speak.
#[derive(Debug, Clone)]
pub struct SpeakOptions {
    /// How text is cut.
    pub chunks: ChunkOptions,
    /// The voice's dials.
    pub scales: Scales,
    /// Who speaks, by name or number; `None` for the voice's default.
    pub speaker: Option<String>,
    /// Silence between sentences, lines and paragraphs.
    pub pauses: Pauses,
    /// Silence after single phonemes, which cut a sentence in phrases.
    pub phoneme_silence: Vec<(char, Duration)>,
    /// A factor on the loudness; 1 changes nothing.
    pub volume: f32,
    /// Which reading, where the voice was loaded for it. Every sentence of a
    /// run derives its own from this.
    pub seed: u64,
    /// How soon sound is wanted.
    pub pace: Pace,
}

/// A voice with a way to speak.
pub struct Synthesizer {
    voice: Arc<Voice>,
    pronouncer: Pronouncer,
    options: SpeakOptions,
    speaker: Option<i64>,
}

impl Synthesizer {
    /// Puts a voice and a way to read together. Fails on an unknown speaker.
    pub fn new(voice: Arc<Voice>, pronouncer: Pronouncer, options: SpeakOptions) -> Result<Self> {
        let speaker = voice.speaker(options.speaker.as_deref())?;
        Ok(Self {
            voice,
            pronouncer,
            options,
            speaker,
        })
    }

    /// Returns the voice.
    pub fn voice(&self) -> &Voice {
        &self.voice
    }

    /// Returns the audio of `text` block by block, as part of `run`.
    ///
    /// Nothing is computed before a block is asked for. Several texts spoken
    /// with one run are one continuous reading: pauses fall between them,
    /// and the level stays.
    pub fn blocks<'a>(&'a self, run: &'a mut Run, text: &str) -> Blocks<'a> {
        Blocks::new(self, run, text)
    }

    /// Hands every block of `text` to `take` until it returns `Break`.
    ///
    /// The same as [`blocks`](Self::blocks) for callers who would rather be
    /// called.
    pub fn speak(
        &self,
        run: &mut Run,
        text: &str,
        mut take: impl FnMut(AudioBlock) -> ControlFlow<()>,
    ) -> Result<()> {
        for block in self.blocks(run, text) {
            if take(block?).is_break() {
                break;
            }
        }
        Ok(())
    }
}
