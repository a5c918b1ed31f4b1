//! Preparing a voice: cut, optimised, checked, and put in place at once.

use std::fs;
use std::path::Path;

use prost::Message as _;
use prost::bytes::Bytes;

use super::record::{Cut, Prepared, Record};
use super::{DECODER, FLOW, TEXT, open_parts};
use crate::CancelToken;
use crate::error::Cause;
use crate::graph::proto::ModelProto;
use crate::graph::{
    Parts, block_decoder, block_size_of, block_size_probe, cut, embedding_rows, make_seedable,
};
use crate::onnx::{Runtime, Session, SessionOptions};
use crate::phoneme_id::PhonemeIds;
use crate::voice::content::ContentHash;
use crate::voice::loudness::reference_peak;
use crate::voice::model::{Inference, Model, Rest};
use crate::voice::whole::{WholeModel, decode};
use crate::voice::{Pace, Scales, VoiceConfig};

/// What the name of a folder begins with while a voice is prepared in it.
pub(super) const UNFINISHED: &str = ".preparing-";
/// The most by which a sample of the parts may differ from the stock graph's:
/// a third of the step of 16-bit audio.
const MAX_DIFFERENCE: f32 = 1e-5;
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
    let graph = decode(Bytes::from(fs::read(path)?))?;
    let parent = folder
        .parent()
        .ok_or("a prepared voice needs a folder to be in")?;
    fs::create_dir_all(parent)?;
    let unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempdir_in(parent)?;
    let outcome = match cut(&graph) {
        Err(reason) => whole(reason.to_string()),
        Ok(parts) => make_parts(&graph, parts, config, unfinished.path(), runtime, options)?,
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
    mut parts: Parts,
    config: &VoiceConfig,
    folder: &Path,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<Prepared, Cause> {
    if let Err(reason) = make_seedable(&mut parts.text) {
        return Ok(whole(format!("its noise cannot be seeded: {reason}")));
    }
    for (part, name) in [(&parts.text, TEXT), (&parts.flow, FLOW)] {
        Session::save_optimized(runtime, &part.encode_to_vec(), &folder.join(name))?;
    }
    let stock_model = WholeModel::from_graph(stock, runtime, options)?;
    let symbols = embedding_rows(stock);
    let ids = PhonemeIds::new(&config.phoneme_id_map, &config.vowel_clusters, symbols)?;
    let cut = Cut {
        reference_peak: reference_peak(&stock_model, &ids, config)?,
        seams: parts.seams,
        symbols,
    };
    let blocked =
        block_size(runtime, folder).and_then(|size| block_decoder(&parts.decoder, size).ok());
    let mut difference = f32::INFINITY;
    // The plain form is the fallback: blocks of the wrong size give garbage.
    for decoder in blocked.iter().chain([&parts.decoder]) {
        fs::write(folder.join(DECODER), decoder.encode_to_vec())?;
        let model = open_parts(folder, cut.clone(), runtime, options)?;
        difference = compare(&stock_model, &model, symbols)?;
        if difference <= MAX_DIFFERENCE {
            return Ok(Prepared::Parts(cut));
        }
    }
    Ok(whole(format!(
        "its parts give other samples: they differ by {difference:e}"
    )))
}

/// Finds out how many channels ONNX Runtime keeps side by side on this
/// processor; `None` where it does not.
fn block_size(runtime: &Runtime, folder: &Path) -> Option<usize> {
    let folder = tempfile::tempdir_in(folder).ok()?;
    let file = folder.path().join("probe.onnx");
    let probe = block_size_probe().encode_to_vec();
    Session::save_optimized(runtime, &probe, &file).ok()?;
    let optimised = fs::read(&file).ok()?;
    block_size_of(&decode(optimised.into()).ok()?)
}

/// Returns by how much the samples of two models differ at most, over a
/// sentence of arbitrary ids; infinity where one is longer.
fn compare(a: &dyn Model, b: &dyn Model, symbols: Option<usize>) -> Result<f32, Cause> {
    let (a, b) = (speak(a, symbols)?, speak(b, symbols)?);
    if a.len() != b.len() {
        return Ok(f32::INFINITY);
    }
    // `max` would pass over NaN, which must not pass for equal.
    let distance = |(a, b): (&f32, &f32)| if a == b { 0.0 } else { (a - b).abs() };
    let largest = |max: f32, d: f32| if d <= max { max } else { d };
    Ok(a.iter().zip(&b).map(distance).fold(0.0, largest))
}

fn speak(model: &dyn Model, symbols: Option<usize>) -> Result<Vec<f32>, Cause> {
    let symbols = symbols.unwrap_or(4) as i64;
    // Any ids will do, as long as they vary; 31 has no small factor in common
    // with the sizes of tables.
    let ids = (0..CHECKED_IDS as i64)
        .map(|n| (n * 31 + 1) % symbols)
        .collect();
    let mut utterance = model.begin(Inference {
        ids,
        scales: Scales::default(),
        speaker: model.takes_speaker().then_some(0),
        seed: 1,
        pace: Pace::Live,
    });
    let mut samples = Vec::new();
    while utterance.next_samples(&CancelToken::new(), &mut samples)? == Rest::More {}
    Ok(samples)
}

fn remove_files(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}
