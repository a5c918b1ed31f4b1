//! The samples of one sentence whose ids are known.

use super::pipeline::{Pipeline, StepMemory};
use super::{Place, SpeechSessionOptions};
use crate::Result;
use crate::audio::{PooledBuffer, SampleRate, duration_of};
use crate::voice::{Inference, Voice};

/// A sentence as its model makes it, piece by piece: without a level and without pauses.
///
/// The pieces are those of which [`Blocks`](super::Blocks) makes its blocks.
pub struct SentenceSamples {
    pipeline: Pipeline,
    rate: SampleRate,
    place: Option<Place>,
}

impl SentenceSamples {
    /// Starts to compute a sentence. Of the options, the pool, the token and the place
    /// count. Fails if there is no thread for it.
    pub fn new(voice: &Voice, inference: Inference, options: SpeechSessionOptions) -> Result<Self> {
        let mut pipeline = Pipeline::new(voice.model_info().workers, 0, &options);
        // It is alone, so it keeps no other one waiting.
        pipeline.push(voice.begin(inference), StepMemory::Small)?;
        Ok(Self {
            pipeline,
            rate: voice.config().sample_rate,
            place: options.place,
        })
    }

    /// Waits for the next piece; `None` at the end.
    pub fn next_piece(&mut self) -> Result<Option<PooledBuffer>> {
        let piece = self.pipeline.take()?;
        if let (Some(piece), Some(place)) = (&piece, &self.place) {
            place.add_sound(duration_of(piece.len() as u64, self.rate));
        }
        Ok(piece)
    }

    /// Returns, once and after the first piece, where the
    /// [ids end](crate::voice::Utterance::take_id_ends), if the voice tells it.
    pub fn take_id_ends(&self) -> Option<Vec<u64>> {
        self.pipeline.take_id_ends()
    }
}
