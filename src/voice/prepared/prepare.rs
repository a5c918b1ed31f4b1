//! Prepares a voice: splits, optimizes and checks it, and puts it in place in
//! one step.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prost::Message as _;

use super::compare::{Comparison, Decoders, WORTHWHILE, relative_time};
use super::faults::is_fault_of_model;
use super::key::folder_name;
use super::native::RecognizedParts;
use super::parts::{ENCODER, FLOW, FirstStages, TEXT};
use super::preparation::{Preparation, PreparedModel, other_samples, remove_files};
use super::record::{Outcome, Record};
use super::stock_voice::StockVoice;
use super::{framewise, whole};
use crate::audio::loudness::LoudnessAccuracy;
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::onnx::{
    VoiceParts, convert_to_nchwc, embedding_rows, nchwc_block_size, nchwc_probe, split_framewise,
    split_voice,
};
use crate::runtime::{Optimization, Session, WeightsLocation};
use crate::temporary;
use crate::threads;
use crate::voice::engine::ChannelLayout;
use crate::voice::loudness::VoiceToMeasure;
use crate::voice::model::Model;
use crate::voice::stock_model::StockModel;

/// How the name of a folder begins while a voice is prepared in it.
pub(super) const UNFINISHED_PREFIX: &str = ".preparing-";

impl Preparation<'_> {
    /// Prepares the voice with this graph, from `path`, in a folder of `parent`, which
    /// appears complete or not at all, and returns it. If another process was faster, its
    /// work stays.
    pub(super) fn run(
        &self,
        graph: &ModelProto,
        path: &Path,
        parent: &Path,
    ) -> Result<PathBuf, Cause> {
        // It takes seconds anyway.
        let accuracy = LoudnessAccuracy::Measured;
        self.in_folder(graph, path, parent, accuracy, |folder| {
            self.prepare(graph, folder)
        })
    }

    /// The same for a voice whose parts are all native. It is to be compared with its graph
    /// later.
    pub(super) fn run_native(
        &self,
        graph: &ModelProto,
        voice: &StockVoice,
        path: &Path,
        parent: &Path,
    ) -> Result<PathBuf, Cause> {
        let mut prepared = Err("this processor has no kernels".into());
        for kernels in self.part_kernels() {
            let accuracy = self.loudness_accuracy;
            prepared = self.in_folder(graph, path, parent, accuracy, |folder| {
                self.all_native(voice, kernels, &voice.split_info(graph), folder)
            });
            match &prepared {
                // More precise parts may work.
                Err(error) if is_fault_of_model(error) => {}
                _ => break,
            }
        }
        prepared
    }

    fn in_folder(
        &self,
        graph: &ModelProto,
        path: &Path,
        parent: &Path,
        loudness_accuracy: LoudnessAccuracy,
        prepare: impl FnOnce(&Path) -> Result<PreparedModel, Cause>,
    ) -> Result<PathBuf, Cause> {
        fs::create_dir_all(parent)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED_PREFIX);
        let (_registered, unfinished) = temporary::folder_in(parent, &builder)?;
        let ids = self.config.phoneme_ids(embedding_rows(graph))?;
        let PreparedModel {
            outcome,
            model,
            is_checked,
        } = prepare(unfinished.path())?;
        // By the prepared model, which is faster.
        let voice = VoiceToMeasure {
            model: &model,
            ids: &ids,
            config: self.config,
        };
        let (estimated, measured) = match loudness_accuracy {
            LoudnessAccuracy::Estimated => (voice.estimated_loudness()?, None),
            LoudnessAccuracy::Measured => (None, Some(voice.reference_loudness()?)),
        };
        drop(model); // Windows cannot rename a folder while its files are open
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.into_owned();
        let runtime = self.runtime.filter(|_| !outcome.is_native());
        let folder = parent.join(folder_name(self.source, runtime, self.engine));
        let (source, unfinished) = (self.source, unfinished.path());
        let record = Record::write(unfinished, name, source, estimated, outcome, is_checked)?;
        if let Some(measured) = measured {
            record.loudness_file(unfinished).write(measured);
        }
        // Fails if another process has created the folder in the meantime.
        match fs::rename(unfinished, &folder) {
            Err(_) if Record::read(&folder).is_some() => Ok(folder),
            renamed => Ok(renamed.map(|()| folder)?),
        }
    }

    /// Writes the parts to `folder` if the voice can be split, otherwise its
    /// optimized graph.
    fn prepare(&self, graph: &ModelProto, folder: &Path) -> Result<PreparedModel, Cause> {
        let prepared = match (split_voice(graph), split_framewise(graph)) {
            (Ok(parts), _) => self.split(graph, parts, folder)?,
            (_, Ok(parts)) => or_reason(framewise::prepare(self, graph, parts, folder))?,
            (Err(reason), _) => Err(reason.to_string()),
        };
        let reason = match prepared {
            Ok(prepared) => return Ok(prepared),
            Err(reason) => reason,
        };
        remove_files(folder)?;
        let model = StockModel::from_graph(graph, self.runtime()?, self.options)?;
        let model: Arc<dyn Model> = Arc::new(model);
        let optimized = match whole::prepare(self, graph, Arc::clone(&model), folder) {
            Err(error) if !is_fault_of_model(&error) => return Err(error),
            optimized => optimized.unwrap_or(None),
        };
        if optimized.is_none() {
            remove_files(folder)?;
        }
        let outcome = Outcome::Stock { reason, optimized };
        Ok(PreparedModel {
            outcome,
            model,
            is_checked: true,
        })
    }

    /// Writes the parts to `folder`, with the faster of the decoder's layouts. The inner
    /// `Err` is the reason why the voice cannot be split.
    fn split(
        &self,
        graph: &ModelProto,
        parts: VoiceParts,
        folder: &Path,
    ) -> Result<Result<PreparedModel, String>, Cause> {
        let voice = match StockVoice::of(graph, parts, self.kernels) {
            Ok(voice) => voice,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut split = voice.split_info(graph);
        let StockVoice {
            parts,
            text,
            native,
        } = voice;
        let save =
            |part: &ModelProto, name| self.save(part, &folder.join(name), Optimization::Full);
        let (encoder, aligner) = match &text {
            Some(text) => (Some(&text.encoder), &text.rest),
            None => (None, &parts.text),
        };
        // The graphs of parts that are not native.
        let save_graphs = |native: Option<&RecognizedParts>| -> Result<(), Cause> {
            let has = |part: fn(&RecognizedParts) -> bool| native.is_some_and(part);
            if let Some(encoder) = encoder.filter(|_| !has(RecognizedParts::has_encoder)) {
                save(encoder, ENCODER)?;
            }
            if !has(RecognizedParts::has_aligner) {
                save(aligner, TEXT)?;
            }
            if native.is_none() {
                save(&parts.flow, FLOW)?;
            }
            Ok(())
        };
        let save_graphs_of_rest = || save_graphs(native.as_ref());
        let (expected, ()) = self.speak_stock(graph, self.options, save_graphs_of_rest)?;
        if let Some(native) = &native {
            match self.with_native_parts(native, &expected, &split, folder) {
                Ok(Some(prepared)) => return Ok(Ok(prepared)),
                Err(error) if !is_fault_of_model(&error) => return Err(error),
                // ONNX Runtime may still make the right samples.
                Ok(None) | Err(_) => {
                    remove_files(folder)?;
                    save_graphs(None)?;
                }
            }
        }
        let plain = Decoders {
            coarse: parts.coarse,
            fine: parts.fine,
            layout: split.channel_layout,
        };
        let blocked = || Ok(self.blocked(&plain, folder));
        let (stages, blocked) = FirstStages::load(folder, &split, self.runtime, blocked)?;
        let comparison = Comparison {
            preparation: self,
            expected,
            split: split.clone(),
            stages,
        };
        let (blocked, plain) = threads::run_both(
            "blocked layout",
            || blocked.map(|decoders| comparison.candidate(decoders)),
            || comparison.candidate(plain),
        )?;
        let blocked = match blocked.transpose() {
            Err(error) if !is_fault_of_model(&error) => return Err(error),
            blocked => blocked.ok().flatten().and_then(Result::ok),
        };
        let best = match (blocked, plain?) {
            (Some(blocked), Ok(plain))
                if relative_time(&plain.model, &blocked.model)? <= WORTHWHILE =>
            {
                plain
            }
            (Some(blocked), _) => blocked,
            (None, Ok(plain)) => plain,
            (None, Err(difference)) => return Ok(Err(other_samples(difference))),
        };
        best.decoders.write(folder)?;
        split.channel_layout = best.decoders.layout;
        Ok(Ok(PreparedModel {
            outcome: Outcome::Split(Box::new(split)),
            model: best.model,
            is_checked: true,
        }))
    }

    /// Returns the decoders with interleaved channels. With a wrong number of them they
    /// return garbage, which is noticed.
    fn blocked(&self, plain: &Decoders, folder: &Path) -> Option<Decoders> {
        let channels = self.block_size(folder)?;
        let convert = |part: &ModelProto| convert_to_nchwc(part, channels).ok();
        Some(Decoders {
            coarse: convert(&plain.coarse)?,
            fine: convert(&plain.fine)?,
            layout: ChannelLayout::Blocks { channels },
        })
    }

    /// Returns how many channels ONNX Runtime interleaves on this processor;
    /// `None` if it does not.
    fn block_size(&self, folder: &Path) -> Option<usize> {
        let folder = tempfile::tempdir_in(folder).ok()?;
        let file = folder.path().join("probe.onnx");
        let probe = nchwc_probe().encode_to_vec();
        let (weights, optimization) = (WeightsLocation::Inline, Optimization::Full);
        Session::save_optimized(self.runtime().ok()?, &probe, &file, weights, optimization).ok()?;
        let optimized = fs::read(&file).ok()?;
        nchwc_block_size(&ModelProto::read(optimized.into()).ok()?)
    }
}

/// A voice whose parts fail runs as a stock model.
fn or_reason<T>(prepared: Result<Result<T, String>, Cause>) -> Result<Result<T, String>, Cause> {
    match prepared {
        Err(error) if is_fault_of_model(&error) => {
            let mut reason = error.to_string();
            let sources = std::iter::successors(error.source(), |source| source.source());
            sources.for_each(|source| _ = write!(reason, ": {source}"));
            Ok(Err(reason))
        }
        prepared => prepared,
    }
}
