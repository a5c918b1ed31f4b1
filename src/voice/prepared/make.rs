//! Preparing a voice: cut, optimised, checked, and put in place at once.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prost::Message as _;
use prost::bytes::Bytes;

use super::record::{Cut, Layout, Prepared, Record};
use super::{COARSE, ENCODER, FINE, FLOW, TEXT, open_parts};
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::onnx::{
    VoiceParts, convert_to_nchwc, embedding_rows, make_seedable, nchwc_block_size, nchwc_probe,
    split_encoder, split_voice,
};
use crate::phoneme_id::PhonemeIds;
use crate::runtime::{Runtime, Session, SessionOptions, WeightsLocation};
use crate::voice::content_hash::ContentHash;
use crate::voice::loudness::reference_peak;
use crate::voice::model::{Inference, Model, samples_of};
use crate::voice::stock_model::WholeModel;
use crate::voice::{Pace, Scales, VoiceConfig};

/// What the name of a folder begins with while a voice is prepared in it.
pub(super) const UNFINISHED: &str = ".preparing-";
/// The most by which a sample of the parts may differ from the stock graph's:
/// a third of the step of 16-bit audio.
const MAX_DIFFERENCE: f32 = 1e-5;
/// How often two layouts are timed, by turns.
const TIMED_ROUNDS: usize = 2;
/// Ids in the sentence that both are compared on.
const CHECKED_IDS: usize = 41;

/// Prepares the voice whose graph is at `path` in `folder`, which appears
/// complete or not at all. Where another process was faster, its work stays.
pub(super) fn prepare(
    path: &Path,
    content: ContentHash,
    config: &VoiceConfig,
    folder: &Path,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<(), Cause> {
    let graph = ModelProto::read(Bytes::from(fs::read(path)?))?;
    let parent = folder
        .parent()
        .ok_or("a prepared voice needs a folder to be in")?;
    fs::create_dir_all(parent)?;
    let unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempdir_in(parent)?;
    let outcome = match split_voice(&graph) {
        Err(reason) => whole(reason.to_string()),
        Ok(parts) => {
            let folder = unfinished.path();
            make_parts(&graph, parts, content, config, folder, runtime, options)?
        }
    };
    if let Prepared::Whole { .. } = outcome {
        remove_files(unfinished.path())?;
    }
    let name = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Record::write(unfinished.path(), name, content, outcome)?;
    // Fails where another process put its own there meanwhile.
    match fs::rename(unfinished.path(), folder) {
        Err(_) if Record::read(folder).is_some() => Ok(()),
        renamed => Ok(renamed?),
    }
}

fn whole(reason: String) -> Prepared {
    Prepared::Whole { reason }
}

fn make_parts(
    stock: &ModelProto,
    mut parts: VoiceParts,
    content: ContentHash,
    config: &VoiceConfig,
    folder: &Path,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<Prepared, Cause> {
    if let Err(reason) = make_seedable(&mut parts.text) {
        return Ok(whole(format!("its noise cannot be seeded: {reason}")));
    }
    let save = |part: &ModelProto, name| {
        let file = folder.join(name);
        Session::save_optimized(
            runtime,
            &part.encode_to_vec(),
            &file,
            WeightsLocation::External,
        )
    };
    let encoded = match split_encoder(&parts.text) {
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
    let stock_model: Arc<dyn Model> = Arc::new(WholeModel::from_graph(stock, runtime, options)?);
    let symbols = embedding_rows(stock);
    let ids = PhonemeIds::new(&config.phoneme_id_map, &config.vowel_clusters, symbols)?;
    let cut = Cut {
        reference_peak: reference_peak(&stock_model, &ids, config)?,
        seams: parts.interface,
        encoded,
        symbols,
        layout: Layout::Plain,
    };
    let trial = Trial {
        expected: speak(stock_model, symbols)?,
        cut,
        content,
        folder,
        runtime,
        options,
    };
    let blocked = block_size(runtime, folder).and_then(|channels| {
        let decoders =
            [&parts.coarse, &parts.fine].map(|part| convert_to_nchwc(part, channels).ok());
        let [Some(coarse), Some(fine)] = decoders else {
            return None;
        };
        // Where their size is wrong they give garbage.
        let tried = trial.of([coarse, fine], Layout::Blocks { channels });
        tried.ok()?.ok()
    });
    let plain = trial.of([parts.coarse, parts.fine], Layout::Plain)?;
    let best = match (blocked, plain) {
        (Some(blocked), Ok(plain)) if trial.is_faster(&plain, &blocked)? => plain,
        (Some(blocked), _) => blocked,
        (None, Ok(plain)) => plain,
        (None, Err(difference)) => {
            return Ok(whole(format!(
                "its parts give other samples: they differ by {difference:e}"
            )));
        }
    };
    trial.write(&best.decoders)?;
    Ok(Prepared::Parts(Box::new(Cut {
        layout: best.layout,
        ..trial.cut
    })))
}

/// The coarse decoder and the fine one.
type Decoders = [ModelProto; 2];

/// How decoders are tried: what they are to say, and what goes with them.
struct Trial<'a> {
    /// The stock graph's samples.
    expected: Vec<f32>,
    cut: Cut,
    content: ContentHash,
    folder: &'a Path,
    runtime: &'a Runtime,
    options: SessionOptions,
}

/// Decoders that say what they should.
struct Tried {
    decoders: Decoders,
    layout: Layout,
    model: Arc<dyn Model>,
}

impl Trial<'_> {
    /// Loads decoders with the other parts; `Err` is by how much their samples
    /// differ from what they should be.
    fn of(&self, decoders: Decoders, layout: Layout) -> Result<Result<Tried, f32>, Cause> {
        self.write(&decoders)?;
        let cut = Cut {
            layout,
            ..self.cut.clone()
        };
        let parts = open_parts(self.folder, self.content, cut, self.runtime, self.options)?;
        let model: Arc<dyn Model> = Arc::new(parts);
        let samples = speak(Arc::clone(&model), self.cut.symbols)?;
        let difference = difference(&self.expected, &samples);
        Ok(match difference <= MAX_DIFFERENCE {
            true => Ok(Tried {
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

    /// Returns whether `a` speaks faster than `b`, by their best times: others
    /// are at work on this machine too.
    fn is_faster(&self, a: &Tried, b: &Tried) -> Result<bool, Cause> {
        let mut best = [Duration::MAX; 2];
        for _ in 0..TIMED_ROUNDS {
            for (best, tried) in best.iter_mut().zip([a, b]) {
                let begun = Instant::now();
                speak(Arc::clone(&tried.model), self.cut.symbols)?;
                *best = begun.elapsed().min(*best);
            }
        }
        let [a, b] = best;
        Ok(a < b)
    }
}

/// Finds out how many channels ONNX Runtime keeps side by side on this
/// processor; `None` where it does not.
fn block_size(runtime: &Runtime, folder: &Path) -> Option<usize> {
    let folder = tempfile::tempdir_in(folder).ok()?;
    let file = folder.path().join("probe.onnx");
    let probe = nchwc_probe().encode_to_vec();
    Session::save_optimized(runtime, &probe, &file, WeightsLocation::Inline).ok()?;
    let optimised = fs::read(&file).ok()?;
    nchwc_block_size(&ModelProto::read(optimised.into()).ok()?)
}

/// Returns by how much samples differ at most; infinity where there are more
/// of the one.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    if a.len() != b.len() {
        return f32::INFINITY;
    }
    // `max` would pass over NaN, which must not pass for equal.
    let distance = |(a, b): (&f32, &f32)| if a == b { 0.0 } else { (a - b).abs() };
    let largest = |max: f32, d: f32| if d <= max { max } else { d };
    a.iter().zip(b).map(distance).fold(0.0, largest)
}

/// Speaks a sentence of arbitrary ids.
fn speak(model: Arc<dyn Model>, symbols: Option<usize>) -> Result<Vec<f32>, Cause> {
    let symbols = symbols.unwrap_or(4) as i64;
    // Any ids will do, as long as they vary; 31 has no small factor in common
    // with the sizes of tables.
    let ids = (0..CHECKED_IDS as i64)
        .map(|n| (n * 31 + 1) % symbols)
        .collect();
    let speaker = model.takes_speaker().then_some(0);
    let inference = Inference {
        ids,
        scales: Scales::default(),
        speaker,
        seed: 1,
        pace: Pace::Live,
    };
    Ok(samples_of(model, inference)?)
}

fn remove_files(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}
