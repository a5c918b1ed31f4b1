//! Compares the decoders that a voice may be prepared with: their samples with those of
//! the stock model, and their times with each other.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prost::Message as _;

use super::parts::{COARSE, FINE, FirstStages, SINGLE};
use super::preparation::Preparation;
use super::record::SplitInfo;
use super::test_sentence::{MAX_DIFFERENCE, difference, speak, test_sentence};
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::runtime::Session;
use crate::voice::OptimizeFor;
use crate::voice::engine::ChannelLayout;
use crate::voice::model::{Inference, Model};
use crate::voice::split_decoder::SplitDecoder;
use crate::voice::trial;

/// How often each of two decoders is timed.
const TIMED_ROUNDS: usize = 3;
/// Ids in the sentence that is timed: half a second of speech.
const TIMED_IDS: usize = 12;

/// A coarse decoder and a fine one.
pub(super) struct Decoders {
    pub(super) coarse: ModelProto,
    pub(super) fine: ModelProto,
    pub(super) layout: ChannelLayout,
}

/// Compares decoders with the stock model.
pub(super) struct Comparison<'a> {
    pub(super) preparation: &'a Preparation<'a>,
    /// The stock model's samples.
    pub(super) expected: Vec<f32>,
    pub(super) split: SplitInfo,
    pub(super) stages: FirstStages,
}

/// Decoders that return the right samples.
pub(super) struct Candidate {
    pub(super) decoders: Decoders,
    pub(super) model: Arc<dyn Model>,
}

impl Comparison<'_> {
    /// Runs decoders together with the other parts. The inner `Err` is how much
    /// their samples differ from the expected ones, if it is too much.
    pub(super) fn candidate(&self, decoders: Decoders) -> Result<Result<Candidate, f32>, Cause> {
        let options = self.preparation.options;
        let runtime = self.preparation.runtime()?;
        let load =
            |decoder: &ModelProto| Session::from_bytes(runtime, &decoder.encode_to_vec(), SINGLE);
        let sessions = [load(&decoders.coarse)?, load(&decoders.fine)?];
        let sessions = SplitDecoder::OnnxRuntime(Box::new(sessions));
        let split = SplitInfo {
            channel_layout: decoders.layout,
            ..self.split.clone()
        };
        let model: Arc<dyn Model> = Arc::new(self.stages.with_decoder(sessions, split, options));
        let difference = difference(&self.expected, &speak(Arc::clone(&model))?);
        Ok(match difference <= MAX_DIFFERENCE {
            true => Ok(Candidate { decoders, model }),
            false => Err(difference),
        })
    }
}

/// Another way to make samples is used if it takes at most this part of the time. With a
/// smaller gain chance would decide, and so the bytes of a text would depend on when its
/// voice was prepared.
pub(super) const WORTHWHILE: f32 = 0.9;

/// The time that `model` takes for a sentence, divided by that of `other`. Compares the
/// best times, because other processes disturb the rest.
pub(super) fn relative_time(model: &Arc<dyn Model>, other: &Arc<dyn Model>) -> Result<f32, Cause> {
    let mut best = [Duration::MAX; 2];
    for _ in 0..TIMED_ROUNDS {
        for (best, model) in best.iter_mut().zip([model, other]) {
            let sentence = Inference {
                // The decoder takes a larger share of the time in a whole window.
                optimize_for: OptimizeFor::Throughput,
                ..test_sentence(model.info(), TIMED_IDS)
            };
            let started = Instant::now();
            trial::speak(Arc::clone(model), sentence)?;
            *best = started.elapsed().min(*best);
        }
    }
    let [own, others] = best.map(|time| time.as_secs_f32());
    Ok(own / others)
}

impl Decoders {
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        fs::write(folder.join(COARSE), self.coarse.encode_to_vec())?;
        fs::write(folder.join(FINE), self.fine.encode_to_vec())
    }
}
