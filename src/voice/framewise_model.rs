//! A framewise voice in parts: its decoder runs on windows of frames.

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread;

use super::frame_tensor::{FrameTensor, RowTensor, SideTensor, SlicedInputs, to_sizes};
use super::id_ends::Durations;
use super::model::{Inference, ModelInfo};
use super::model_inputs::ModelInputs;
use super::timbre_stage::TimbreStage;
use super::windows::{OptimizeFor, widen};
use crate::onnx::{FramewiseInterface, SideInput};
use crate::runtime::{Outputs, Session};
use crate::{CancelToken, Error, Result, threads};

/// The stages of a framewise voice, run one after the other, but for the timbre.
///
/// *Text* turns ids into the latent and some side tensors, part of it perhaps in a
/// [`TimbreStage`], the *decoder* turns them into samples, one window of frames at a
/// time. So memory grows little with the sentence, and a cancellation takes effect after
/// one window at most.
///
/// The samples are those of the stock model, which cuts the silence off: what is
/// cut follows from the first frame that is heard and from the last one.
#[derive(Debug)]
pub(super) struct FramewiseModel {
    pub(super) text: Session,
    pub(super) timbre: Option<TimbreStage>,
    pub(super) decoder: Session,
    pub(super) interface: FramewiseInterface,
    /// Frames that the decoder needs on each side of the frames it is run for.
    pub(super) overlap_frames: usize,
    pub(super) info: ModelInfo,
}

/// The outputs of the text stage.
pub(super) struct Frames {
    latent: FrameTensor,
    sides: Vec<SideTensor>,
    sums: Vec<RowTensor>,
    pub(super) durations: Option<Durations>,
}

impl Frames {
    pub(super) fn count(&self) -> usize {
        self.latent.range.end
    }
}

impl FramewiseModel {
    pub(super) fn run_text(&self, inference: Inference, cancel: &CancelToken) -> Result<Frames> {
        let is_parallel = inference.optimize_for == OptimizeFor::Latency && self.info.workers > 1;
        let inputs = ModelInputs::new(inference);
        let tensors = inputs.tensors(self.text.inputs());
        let Some(stage) = &self.timbre else {
            return self.text.run(&tensors, cancel, |outputs| {
                let latent = index_of(&self.text, &self.interface.latent)?;
                let (shape, values) = outputs.floats(latent)?;
                self.frames(outputs, FrameTensor::new(values, &to_sizes(shape)))
            });
        };
        let run_timbre = || stage.run(&inputs, cancel);
        thread::scope(|scope| {
            let thread = is_parallel.then(|| threads::spawn_scoped(scope, "timbre", run_timbre));
            self.text.run(&tensors, cancel, |outputs| {
                let timbre = match thread {
                    Some(Ok(thread)) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                    // Without a thread it is only slower.
                    Some(Err(_)) | None => run_timbre(),
                };
                stage.join(&timbre?, &self.text, outputs, cancel, |shape, values| {
                    self.frames(outputs, FrameTensor::new(values, &to_sizes(shape)))
                })
            })
        })
    }

    /// Copies the outputs of the text part.
    fn frames(&self, outputs: &Outputs<'_>, latent: FrameTensor) -> Result<Frames> {
        let side = |input: &SideInput| {
            let index = index_of(&self.text, &input.name)?;
            SideTensor::new(outputs, index, input, latent.range.len())
        };
        let sides = self.interface.side_inputs.iter().map(side);
        let sum = |name: &String| {
            let index = index_of(&self.text, name)?;
            RowTensor::new(name, outputs.floats(index)?, latent.range.len())
        };
        let sums = self.interface.sums.iter().map(sum);
        Ok(Frames {
            sides: sides.collect::<Result<_>>()?,
            sums: sums.collect::<Result<_>>()?,
            durations: Durations::read(outputs, &self.text),
            latent,
        })
    }

    /// Appends the samples of the frames in a window, as many for each. Returns for each
    /// frame whether it is heard.
    ///
    /// The only frame of a sentence may become two, as in the stock model: its decoder
    /// treats the first frame and the last one specially, and this one is both.
    pub(super) fn decode(
        &self,
        frames: &Frames,
        window: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<Vec<bool>> {
        let FramewiseInterface {
            latent,
            audio,
            heard,
            narrowings,
            ..
        } = &self.interface;
        let needed = widen(window, self.overlap_frames, frames.count());
        let mut inputs = SlicedInputs::new(latent, &frames.latent, &needed)?;
        let mut kept = needed;
        for narrowing in narrowings {
            let overlap = self.overlap_frames.saturating_sub(narrowing.looked_frames);
            let inner = widen(window, overlap, frames.count());
            inputs = inputs
                .with_number(&narrowing.start, inner.start - kept.start)
                .with_number(&narrowing.end, inner.end - kept.start);
            kept = inner;
        }
        let inputs = inputs.with_sides(&frames.sides, &kept)?;
        let inputs = inputs.with_rows(&frames.sums, &kept)?;
        self.decoder.run(&inputs.tensors(), cancel, |outputs| {
            let (_, decoded) = outputs.floats(index_of(&self.decoder, audio)?)?;
            let (_, heard) = outputs.floats(index_of(&self.decoder, heard)?)?;
            let is_alone = kept.len() == 1;
            let hop = decoded.len() / heard.len().max(1);
            if heard.len() != kept.len() && !is_alone || decoded.len() != heard.len() * hop {
                let source = "its decoder returned another number of frames".into();
                return Err(Error::Inference { source });
            }
            let wanted = match is_alone {
                true => 0..heard.len(),
                false => window.start - kept.start..window.end - kept.start,
            };
            samples.extend_from_slice(&decoded[wanted.start * hop..wanted.end * hop]);
            Ok(heard[wanted].iter().map(|&heard| heard > 0.5).collect())
        })
    }
}

fn index_of(session: &Session, output: &str) -> Result<usize> {
    let at = session.outputs().iter().position(|name| name == output);
    at.ok_or_else(|| Error::Inference {
        source: format!("a part of it has no output `{output}`").into(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::OnceLock;

    use proptest::prelude::*;
    use prost::Message as _;

    use super::*;
    use crate::onnx::proto::ModelProto;
    use crate::onnx::{FramewiseParts, make_seedable, split_framewise};
    use crate::runtime::{Runtime, SessionOptions};
    use crate::voice::{OptimizeFor, Scales};

    fn model() -> &'static FramewiseModel {
        static MODEL: OnceLock<FramewiseModel> = OnceLock::new();
        MODEL.get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let voice = root.join("tests/voices/framewise/tiny_framewise.onnx");
            let graph = ModelProto::read(std::fs::read(voice).unwrap().into()).unwrap();
            let FramewiseParts {
                mut text,
                timbre,
                decoder,
                interface,
            } = split_framewise(&graph).unwrap();
            assert_eq!(make_seedable(&mut text), Ok(1));
            let runtime = std::env::var_os("ORT_DYLIB_PATH").unwrap();
            let runtime = Runtime::load(&[runtime.into()]).unwrap();
            let load = |part: &ModelProto| {
                let options = SessionOptions::default();
                Session::from_bytes(&runtime, &part.encode_to_vec(), options).unwrap()
            };
            FramewiseModel {
                text: load(&text),
                timbre: timbre.map(|parts| TimbreStage {
                    timbre: load(&parts.timbre),
                    join: load(&parts.join),
                }),
                decoder: load(&decoder),
                interface,
                overlap_frames: 5,
                info: ModelInfo::default(),
            }
        })
    }

    fn frames(ids: &[i64], seed: u64) -> Frames {
        let inference = Inference {
            ids: ids.to_vec(),
            scales: Scales::default(),
            speed: 1.0,
            speaker: None,
            seed,
            optimize_for: OptimizeFor::Latency,
        };
        model().run_text(inference, &CancelToken::new()).unwrap()
    }

    proptest! {
        #[test]
        fn the_samples_do_not_depend_on_the_windows(
            ids in proptest::collection::vec(0i64..166, 1..60),
            seed: u64,
            sizes in proptest::collection::vec(1usize..90, 1..20),
        ) {
            let (frames, cancel) = (frames(&ids, seed), CancelToken::new());
            let (mut whole, mut samples, mut heard) = (Vec::new(), Vec::new(), Vec::new());
            let all = 0..frames.count();
            let all_heard = model().decode(&frames, &all, &cancel, &mut whole).unwrap();
            let mut start = 0;
            for size in sizes.iter().cycle() {
                let window = start..(start + size).min(frames.count());
                heard.extend(model().decode(&frames, &window, &cancel, &mut samples).unwrap());
                start = window.end;
                if start == frames.count() {
                    break;
                }
            }
            prop_assert_eq!(heard, all_heard);
            prop_assert_eq!(samples.len(), whole.len());
            let differs = |(a, b): (&f32, &f32)| (a - b).abs() > 1e-6;
            prop_assert!(!samples.iter().zip(&whole).any(differs));
        }
    }
}
