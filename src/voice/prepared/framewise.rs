//! Framewise voices: text part, pitch, perhaps a timbre, and the halves of their decoder.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::parts::{COARSE, FINE, TEXT, mapped_bytes};
use super::preparation::{Preparation, PreparedModel, other_samples, remove_files};
use super::record::{FramewiseInfo, GraphInfo, Outcome};
use super::test_sentence::{MAX_DIFFERENCE, difference, speak, test_sentence};
use crate::CancelToken;
use crate::error::Cause;
use crate::onnx::proto::ModelProto;
use crate::onnx::{FramewiseParts, TimbreParts, add_speed_input, declare_durations, make_seedable};
use crate::runtime::{Optimization, Runtime, Session, SessionOptions, WeightPacking};
use crate::threads;
use crate::voice::content_hash::ContentHash;
use crate::voice::framewise_model::{Frames, FramewiseModel};
use crate::voice::model::{Model, ModelInfo};
use crate::voice::model_inputs::{takes_speaker, takes_speed};
use crate::voice::pitch_stage::PitchStage;
use crate::voice::timbre_stage::TimbreStage;

const PITCH: &str = "pitch.onnx";
const TIMBRE: &str = "timbre.onnx";
const JOIN: &str = "join.onnx";

/// Ids in the sentence in which the overlap is measured: several hundred frames.
const MEASURED_IDS: usize = 161;
/// What is added to the measured overlap, since another sentence may use more.
const SPARE_FRAMES: usize = 2;
/// What is added to the ticks that the pitch looks at least.
const SPARE_TICKS: usize = 2;
/// No decoder that is worth splitting off looks further.
const MAX_OVERLAP_FRAMES: usize = 64;

/// Writes the parts to `folder`. The inner `Err` is the reason why the voice cannot be
/// split.
///
/// A last digit of a pitch shifts the phase of all that follows. So text part and pitch,
/// which adds it up, are optimized only as far as no sum changes, and compared with the
/// stock model on one thread, which splits no sum either. The other parts are optimized
/// as far as the samples allow.
pub(super) fn prepare(
    preparation: &Preparation<'_>,
    graph: &ModelProto,
    mut parts: FramewiseParts,
    folder: &Path,
) -> Result<Result<PreparedModel, String>, Cause> {
    // Without the output, the times of words are estimated.
    _ = declare_durations(&mut parts.text);
    // Without the input, samples are stretched instead.
    _ = add_speed_input(&mut parts.text);
    if let Err(reason) = make_seedable(&mut parts.text) {
        return Ok(Err(format!("its noise cannot be seeded: {reason}")));
    }
    let save = |optimization| save(preparation, &parts, optimization, folder);
    let single = SessionOptions::default();
    let (expected, ()) = preparation.speak_stock(graph, single, || save(Optimization::Full))?;
    let mut reason = String::new();
    for optimization in [Optimization::Full, Optimization::Exact] {
        if optimization == Optimization::Exact {
            remove_files(folder)?;
            save(optimization)?;
        }
        let mut framewise = FramewiseInfo {
            interface: parts.interface.clone(),
            pitch: parts.pitch.interface.clone(),
            has_timbre: parts.timbre.is_some(),
            optimization,
            overlap_ticks: parts.pitch.interface.looked_ticks + SPARE_TICKS,
            frames_per_tick: 1,
            overlap_frames: 0,
            graph: GraphInfo::of(graph),
        };
        let Preparation {
            source, options, ..
        } = *preparation;
        let runtime = preparation.runtime()?;
        let load = |info| load(folder, source.content_hash, info, runtime, options);
        let mut model = load(framewise.clone())?;
        if let Err(other) = measure(&mut model)? {
            reason = other.to_owned();
            continue;
        }
        framewise.frames_per_tick = model.pitch.frames_per_tick;
        framewise.overlap_frames = model.overlap_frames;
        let model: Arc<dyn Model> = Arc::new(model);
        let difference = difference(&expected, &speak(Arc::clone(&model))?);
        if difference <= MAX_DIFFERENCE {
            let outcome = Outcome::Framewise(Box::new(framewise));
            return Ok(Ok(PreparedModel {
                outcome,
                model,
                is_checked: true,
            }));
        }
        reason = other_samples(difference);
    }
    Ok(Err(reason))
}

/// Writes text part, pitch and join exactly, timbre and decoders `optimization` far.
fn save(
    preparation: &Preparation<'_>,
    parts: &FramewiseParts,
    optimization: Optimization,
    folder: &Path,
) -> Result<(), Cause> {
    let save = |part, name, optimization| preparation.save(part, &folder.join(name), optimization);
    save(&parts.text, TEXT, Optimization::Exact)?;
    save(&parts.pitch.model, PITCH, Optimization::Exact)?;
    if let Some(TimbreParts { timbre, join }) = &parts.timbre {
        save(timbre, TIMBRE, optimization)?;
        save(join, JOIN, Optimization::Exact)?;
    }
    save(&parts.coarse, COARSE, optimization)?;
    save(&parts.fine, FINE, optimization)
}

/// Sets how many frames a tick makes and how many of them windows overlap in. The inner
/// `Err` is the reason why the voice cannot be run on windows.
fn measure(model: &mut FramewiseModel) -> Result<Result<(), &'static str>, Cause> {
    let cancel = CancelToken::new();
    let mut text = model.run_text(test_sentence(&model.info, MEASURED_IDS), &cancel)?;
    let Some(frames_per_tick) = model.measured_frames_per_tick(&text, &cancel)? else {
        return Ok(Err("its frames do not follow its ticks"));
    };
    model.pitch.frames_per_tick = frames_per_tick;
    text.frames *= frames_per_tick;
    let frames = model.all_frames(&text, &cancel)?;
    let Some(overlap) = measure_overlap(model, &frames, text.frames)? else {
        return Ok(Err("its decoder does not work frame by frame"));
    };
    model.overlap_frames = overlap + SPARE_FRAMES;
    let window = 0..text.frames / 4;
    let decode = |frames: &Frames| -> Result<_, Cause> {
        let mut samples = Vec::new();
        model.decode(frames, &window, &cancel, &mut samples)?;
        Ok(samples)
    };
    let all = decode(&frames)?;
    let first = decode(&model.frames_for(&text, &window, &cancel)?)?;
    Ok(match difference(&all, &first) <= MAX_DIFFERENCE {
        true => Ok(()),
        false => Err("its pitch does not work tick by tick"),
    })
}

/// Returns how many of the `frames` at the ends of a window are not as in the whole
/// sentence, which has `count` of them, if the model uses no overlap. `None` if it is too
/// many.
fn measure_overlap(
    model: &FramewiseModel,
    frames: &Frames,
    count: usize,
) -> Result<Option<usize>, Cause> {
    let cancel = CancelToken::new();
    let quarter = count / 4;
    let decode = |range: Range<usize>| -> Result<_, Cause> {
        let mut samples = Vec::new();
        let heard = model.decode_at_once(frames, &range, &cancel, &mut samples)?;
        let hop = (samples.len() / heard.len().max(1)).max(1);
        Ok((samples, hop))
    };
    let (whole, _) = decode(0..count)?;
    let mut overlap = 0;
    for start in [quarter, 2 * quarter] {
        let (window, hop) = decode(start..start + quarter)?;
        // The largest difference in each frame.
        let expected = whole.chunks_exact(hop).skip(start);
        let pairs = window.chunks_exact(hop).zip(expected);
        let differences: Vec<_> = pairs.map(|(a, b)| difference(a, b)).collect();
        let Some(at_ends) = differing_ends(&differences) else {
            return Ok(None);
        };
        overlap = overlap.max(at_ends);
    }
    Ok((overlap <= MAX_OVERLAP_FRAMES).then_some(overlap))
}

/// How many frames at either end differ more than those in the middle do, which
/// differ in their last digits at most. `None` if the middle differs, too.
fn differing_ends(differences: &[f32]) -> Option<usize> {
    let middle = differences.get(differences.len() / 2)?;
    let tolerance = middle * 4.0;
    let differs = |difference: &f32| *difference > tolerance;
    let half = differences.len() / 2;
    let left = differences[..half].iter().rposition(differs);
    let right = differences[half..].iter().position(differs);
    let ends = [
        left.map_or(0, |last| last + 1),
        right.map_or(0, |first| differences.len() - half - first),
    ];
    let is_middle_right = *middle <= MAX_DIFFERENCE && ends.iter().all(|&end| end + 1 < half);
    is_middle_right.then_some(ends[0].max(ends[1]))
}

/// Loads the parts in `folder`, made from a graph with this hash.
pub(super) fn load(
    folder: &Path,
    content_hash: ContentHash,
    framewise: FramewiseInfo,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<FramewiseModel, Cause> {
    // Threads run several steps at the same time instead: see `ModelInfo`.
    // Packed weights are added up in another order.
    let exact = SessionOptions {
        packing: WeightPacking::Unpacked,
        ..SessionOptions::default()
    };
    let other = match framewise.optimization {
        Optimization::Full => SessionOptions::default(),
        Optimization::Exact => exact,
    };
    let load = |name, options| Session::from_file(runtime, &folder.join(name), options);
    // Text and pitch take as long as all the others.
    let load_text = || -> Result<_, Cause> { Ok((load(TEXT, exact)?, load(PITCH, exact)?)) };
    let load_timbre = || -> Result<_, Cause> {
        Ok(TimbreStage {
            timbre: load(TIMBRE, other)?,
            join: load(JOIN, exact)?,
        })
    };
    let load_others = || -> Result<_, Cause> {
        let timbre = framewise.has_timbre.then(load_timbre).transpose()?;
        Ok((timbre, load(COARSE, other)?, load(FINE, other)?))
    };
    let (text, others) = threads::run_both("load", load_text, load_others)?;
    let ((text, pitch), (timbre, coarse, fine)) = (text?, others?);
    let parts = [TEXT, PITCH, TIMBRE, JOIN, COARSE, FINE].map(|name| folder.join(name));
    let mapped_bytes = mapped_bytes(&parts);
    Ok(FramewiseModel {
        info: ModelInfo {
            takes_speaker: takes_speaker(text.inputs()),
            takes_speed: takes_speed(text.inputs()),
            parts: framewise.parts(),
            workers: options.threads,
            ..framewise.graph.model_info(content_hash, mapped_bytes)
        },
        text,
        pitch: PitchStage {
            session: pitch,
            interface: framewise.pitch,
            overlap_ticks: framewise.overlap_ticks,
            frames_per_tick: framewise.frames_per_tick,
        },
        timbre,
        coarse,
        fine,
        interface: framewise.interface,
        overlap_frames: framewise.overlap_frames,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_window_differ_as_far_as_the_decoder_looks() {
        let mut differences = [0.0; 100];
        assert_eq!(differing_ends(&differences), Some(0));
        differences[7] = 1e-9; // frames before it are like it by chance
        differences[93] = 0.1;
        assert_eq!(differing_ends(&differences), Some(8));
        differences[90] = f32::INFINITY;
        assert_eq!(differing_ends(&differences), Some(10));
    }

    #[test]
    fn last_digits_are_no_overlap() {
        let mut differences = [2e-7; 100];
        differences[3] = 1e-3;
        assert_eq!(differing_ends(&differences), Some(4));
    }

    #[test]
    fn a_decoder_that_mixes_all_frames_has_no_overlap() {
        assert_eq!(differing_ends(&[0.1; 100]), None);
        let mut differences = [0.0; 100];
        differences[49] = 0.1;
        assert_eq!(differing_ends(&differences), None);
        assert_eq!(differing_ends(&[]), None);
    }
}
