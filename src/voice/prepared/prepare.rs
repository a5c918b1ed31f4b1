//! Prepares a voice: splits, optimizes and checks it, and puts it in place in
//! one step.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prost::Message as _;
use prost::bytes::Bytes;

use super::parts::{COARSE, ENCODER, FINE, FLOW, TEXT, load_parts};
use super::preparation::{Preparation, remove_files, stock};
use super::record::{Outcome, Record, SplitInfo};
use super::test_sentence::{MAX_DIFFERENCE, difference, speak};
use super::{framewise, is_refused_thread, whole};
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::onnx::{
    VoiceParts, add_speed_input, convert_to_nchwc, declare_durations, embedding_rows,
    make_seedable, nchwc_block_size, nchwc_probe, speaker_rows, split_encoder, split_framewise,
    split_voice,
};
use crate::runtime::{Optimization, Session, WeightsLocation};
use crate::temporary;
use crate::voice::loudness::reference_loudness;
use crate::voice::model::{ChannelLayout, Model};
use crate::voice::stock_model::StockModel;
use crate::voice::trial;

/// How the name of a folder begins while a voice is prepared in it.
pub(super) const UNFINISHED_PREFIX: &str = ".preparing-";
/// How often each of two layouts is timed.
const TIMED_ROUNDS: usize = 2;

impl Preparation<'_> {
    /// Prepares the voice with the graph at `path` in `folder`, which appears
    /// complete or not at all. If another process was faster, its work stays.
    pub(super) fn run(&self, path: &Path, folder: &Path) -> Result<(), Cause> {
        let graph = ModelProto::read(Bytes::from(fs::read(path)?))?;
        let parent = folder
            .parent()
            .ok_or("the folder of a prepared voice has no parent")?;
        fs::create_dir_all(parent)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED_PREFIX);
        let (_registered, unfinished) = temporary::folder_in(parent, &builder)?;
        let stock_model = StockModel::from_graph(&graph, self.runtime, self.options)?;
        let stock_model: Arc<dyn Model> = Arc::new(stock_model);
        let ids = self.config.phoneme_ids(embedding_rows(&graph))?;
        let loudness = reference_loudness(&stock_model, &ids, self.config)?;
        let outcome = self.prepare(&graph, stock_model, unfinished.path())?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.into_owned();
        Record::write(unfinished.path(), name, self.source, loudness, outcome)?;
        // Fails if another process has created the folder in the meantime.
        match fs::rename(unfinished.path(), folder) {
            Err(_) if Record::read(folder).is_some() => Ok(()),
            renamed => Ok(renamed?),
        }
    }

    /// Writes the parts to `folder` if the voice can be split, otherwise its
    /// optimized graph.
    fn prepare(
        &self,
        graph: &ModelProto,
        stock_model: Arc<dyn Model>,
        folder: &Path,
    ) -> Result<Outcome, Cause> {
        let outcome = match (split_voice(graph), split_framewise(graph)) {
            (Ok(parts), _) => self.split(graph, parts, Arc::clone(&stock_model), folder)?,
            (_, Ok(parts)) => or_stock(framewise::prepare(self, graph, parts, folder))?,
            (Err(reason), _) => stock(reason.to_string()),
        };
        let Outcome::Stock { reason, .. } = outcome else {
            return Ok(outcome);
        };
        remove_files(folder)?;
        let optimized = match whole::prepare(self, graph, stock_model, folder) {
            Err(error) if !is_fault_of_model(&error) => return Err(error),
            optimized => optimized.unwrap_or(None),
        };
        if optimized.is_none() {
            remove_files(folder)?;
        }
        Ok(Outcome::Stock { reason, optimized })
    }

    /// Writes the parts to `folder`, with the faster of the decoder's layouts.
    fn split(
        &self,
        graph: &ModelProto,
        mut parts: VoiceParts,
        stock_model: Arc<dyn Model>,
        folder: &Path,
    ) -> Result<Outcome, Cause> {
        // Without the output, the times of words are estimated.
        _ = declare_durations(&mut parts.text);
        // Without the input, samples are stretched instead.
        _ = add_speed_input(&mut parts.text);
        if let Err(reason) = make_seedable(&mut parts.text) {
            return Ok(stock(format!("its noise cannot be seeded: {reason}")));
        }
        let save =
            |part: &ModelProto, name| self.save(part, &folder.join(name), Optimization::Full);
        let encoder_output = match split_encoder(&parts.text) {
            Some(text) => {
                save(&text.encoder, ENCODER)?;
                save(&text.rest, TEXT)?;
                Some(text.encoded)
            }
            None => {
                save(&parts.text, TEXT)?;
                None
            }
        };
        save(&parts.flow, FLOW)?;
        let split = SplitInfo {
            interface: parts.interface,
            encoder_output,
            embedding_rows: embedding_rows(graph),
            speakers: speaker_rows(graph),
            channel_layout: ChannelLayout::Plain,
        };
        let comparison = Comparison {
            preparation: self,
            expected: speak(stock_model)?,
            split,
            folder,
        };
        let blocked = self.block_size(folder).and_then(|channels| {
            let convert = |part| convert_to_nchwc(part, channels).ok();
            let decoders = [convert(&parts.coarse)?, convert(&parts.fine)?];
            // With a wrong block size they return garbage, which is noticed.
            let layout = ChannelLayout::Blocks { channels };
            match comparison.candidate(decoders, layout) {
                Err(error) if !is_fault_of_model(&error) => Some(Err(error)),
                candidate => candidate.ok()?.ok().map(Ok),
            }
        });
        let blocked = blocked.transpose()?;
        let plain = [parts.coarse, parts.fine];
        let plain = comparison.candidate(plain, ChannelLayout::Plain)?;
        let best = match (blocked, plain) {
            (Some(blocked), Ok(plain)) if plain.is_faster_than(&blocked)? => plain,
            (Some(blocked), _) => blocked,
            (None, Ok(plain)) => plain,
            (None, Err(difference)) => {
                return Ok(stock(format!(
                    "its parts return other samples: they differ by {difference:e}"
                )));
            }
        };
        comparison.write(&best.decoders)?;
        Ok(Outcome::Split(Box::new(SplitInfo {
            channel_layout: best.layout,
            ..comparison.split
        })))
    }

    /// Returns how many channels ONNX Runtime interleaves on this processor;
    /// `None` if it does not.
    fn block_size(&self, folder: &Path) -> Option<usize> {
        let folder = tempfile::tempdir_in(folder).ok()?;
        let file = folder.path().join("probe.onnx");
        let probe = nchwc_probe().encode_to_vec();
        let (weights, optimization) = (WeightsLocation::Inline, Optimization::Full);
        Session::save_optimized(self.runtime, &probe, &file, weights, optimization).ok()?;
        let optimized = fs::read(&file).ok()?;
        nchwc_block_size(&ModelProto::read(optimized.into()).ok()?)
    }
}

/// Whether a prepared model is of no use, although the stock model may be. One that
/// does not finish a sentence would not do so as a stock model either. A refused
/// thread may be granted another time, and a full disk may have room then.
fn is_fault_of_model(error: &Cause) -> bool {
    let is_of_system = is_refused_thread(error) || error.is::<io::Error>();
    !is_of_system && !trial::is_timeout(error)
}

/// A voice whose parts fail runs as a stock model.
fn or_stock(outcome: Result<Outcome, Cause>) -> Result<Outcome, Cause> {
    match outcome {
        Err(error) if is_fault_of_model(&error) => {
            let mut reason = error.to_string();
            let sources = std::iter::successors(error.source(), |source| source.source());
            sources.for_each(|source| _ = write!(reason, ": {source}"));
            Ok(stock(reason))
        }
        outcome => outcome,
    }
}

/// The coarse decoder and the fine one.
type Decoders = [ModelProto; 2];

/// Compares decoders with the stock model.
struct Comparison<'a> {
    preparation: &'a Preparation<'a>,
    /// The stock model's samples.
    expected: Vec<f32>,
    split: SplitInfo,
    /// The folder with the other parts.
    folder: &'a Path,
}

/// Decoders that return the right samples.
struct Candidate {
    decoders: Decoders,
    layout: ChannelLayout,
    model: Arc<dyn Model>,
}

impl Comparison<'_> {
    /// Runs decoders together with the other parts. The inner `Err` is how much
    /// their samples differ from the expected ones, if it is too much.
    fn candidate(
        &self,
        decoders: Decoders,
        layout: ChannelLayout,
    ) -> Result<Result<Candidate, f32>, Cause> {
        self.write(&decoders)?;
        let split = SplitInfo {
            channel_layout: layout,
            ..self.split.clone()
        };
        let Preparation {
            source,
            runtime,
            options,
            ..
        } = *self.preparation;
        let model = load_parts(self.folder, source.content_hash, split, runtime, options)?;
        let model: Arc<dyn Model> = Arc::new(model);
        let difference = difference(&self.expected, &speak(Arc::clone(&model))?);
        Ok(match difference <= MAX_DIFFERENCE {
            true => Ok(Candidate {
                decoders,
                layout,
                model,
            }),
            false => Err(difference),
        })
    }

    fn write(&self, decoders: &Decoders) -> std::io::Result<()> {
        let mut files = [COARSE, FINE].iter().zip(decoders);
        files.try_for_each(|(name, decoder)| {
            fs::write(self.folder.join(name), decoder.encode_to_vec())
        })
    }
}

impl Candidate {
    /// Compares the best times, because other processes disturb the rest.
    fn is_faster_than(&self, other: &Self) -> Result<bool, Cause> {
        let mut best = [Duration::MAX; 2];
        for _ in 0..TIMED_ROUNDS {
            for (best, candidate) in best.iter_mut().zip([self, other]) {
                let started = Instant::now();
                speak(Arc::clone(&candidate.model))?;
                *best = started.elapsed().min(*best);
            }
        }
        let [own, others] = best;
        Ok(own < others)
    }
}
