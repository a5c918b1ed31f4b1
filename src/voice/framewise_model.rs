//! A framewise voice in parts: its decoder runs on windows of frames.

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread;

use super::id_ends::Durations;
use super::model::{Inference, ModelInfo};
use super::model_inputs::ModelInputs;
use super::narrowed::Narrowed;
use super::part_values::{FrameAxis, PartValue, PartValues};
use super::pitch_stage::PitchStage;
use super::timbre_stage::TimbreStage;
use super::windows::{OptimizeFor, equal_ranges, widen};
use crate::onnx::FramewiseInterface;
use crate::runtime::Session;
use crate::{CancelToken, Error, Result, threads};

/// What the fine decoder takes at once. A whole window of 512 frames would need 25 MB more
/// for a long text, and no less time.
const FINE_FRAMES: usize = 128;

/// The stages of a framewise voice, run one after the other, but for the timbre.
///
/// *Text* turns ids into what is known of each tick, the *pitch* turns ticks into the
/// latent and some side values, with a [`TimbreStage`] if there is one. The *coarse*
/// decoder turns the latent into a hidden representation, the *fine* decoder turns that
/// into samples, one window of frames at a time. So memory grows little with the
/// sentence, and a cancellation takes effect after one window at most.
///
/// The samples are those of the stock model, which cuts the silence off: what is
/// cut follows from the first frame that is heard and from the last one.
#[derive(Debug)]
pub(super) struct FramewiseModel {
    pub(super) text: Session,
    pub(super) pitch: PitchStage,
    pub(super) timbre: Option<TimbreStage>,
    pub(super) coarse: Session,
    pub(super) fine: Session,
    pub(super) interface: FramewiseInterface,
    /// Frames that the decoders need on each side of the frames they are run for.
    pub(super) overlap_frames: usize,
    pub(super) info: ModelInfo,
}

/// What the text part knows of a sentence.
#[derive(Default)]
pub(super) struct Sentence {
    /// With the timbre, if it is a part of its own.
    text: PartValues,
    pub(super) durations: Option<Durations>,
    pub(super) frames: usize,
}

/// The values of the first frames of a sentence, or of all.
pub(super) struct Frames {
    values: PartValues,
    /// How many of them there are. The last ones may be wrong if they are not all.
    computed: usize,
    /// Those of the sentence.
    all: usize,
}

/// What the coarse decoder returns for some frames.
struct HiddenFrames {
    value: PartValue,
    range: Range<usize>,
}

impl Frames {
    pub(super) fn are_all(&self) -> bool {
        self.computed == self.all
    }

    /// Returns the values called `name` of the frames in `range`.
    fn slice(&self, name: &str, axis: FrameAxis, range: &Range<usize>) -> Result<PartValue> {
        self.values.get(name)?.slice(axis, self.computed, range)
    }
}

impl FramewiseModel {
    pub(super) fn run_text(&self, inference: Inference, cancel: &CancelToken) -> Result<Sentence> {
        let may_spread = inference.optimize_for == OptimizeFor::Latency && self.info.workers > 1;
        let is_parallel = may_spread && self.timbre.is_some();
        let inputs = ModelInputs::new(inference);
        let run_timbre = || {
            let stage = self.timbre.as_ref();
            stage.map(|stage| stage.run(&inputs, cancel)).transpose()
        };
        let (mut text, durations, timbre) = thread::scope(|scope| {
            let thread = is_parallel.then(|| threads::spawn_scoped(scope, "timbre", run_timbre));
            let tensors = inputs.tensors(self.text.inputs());
            let (text, durations) = self.text.run(&tensors, cancel, |outputs| {
                let durations = Durations::read(outputs, &self.text);
                Ok((PartValues::outputs(&self.text, outputs)?, durations))
            })?;
            let timbre = match thread {
                Some(Ok(thread)) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                // Without a thread it is only slower.
                Some(Err(_)) | None => run_timbre(),
            };
            Ok::<_, Error>((text, durations, timbre?))
        })?;
        text.0.extend(timbre);
        Ok(Sentence {
            frames: self.pitch.ticks(&text)? * self.pitch.frames_per_tick,
            text,
            durations,
        })
    }

    /// Computes what the decoders need for a window that starts with the sentence.
    pub(super) fn frames_for(
        &self,
        sentence: &Sentence,
        window: &Range<usize>,
        cancel: &CancelToken,
    ) -> Result<Frames> {
        let pitch = &self.pitch;
        let needed = widen(window, self.overlap_frames, sentence.frames);
        let mut ticks = pitch.ticks_of(&(0..needed.end));
        let count = pitch.ticks(&sentence.text)?;
        if ticks.end + pitch.overlap_ticks >= count {
            ticks.end = count;
        }
        let (ticks, mut values) = pitch.run(&sentence.text, &ticks, cancel)?;
        if let Some(stage) = &self.timbre {
            let latent = stage.join(&values, cancel)?;
            values.0.push(latent);
        }
        Ok(Frames {
            values,
            computed: ticks.len() * pitch.frames_per_tick,
            all: sentence.frames,
        })
    }

    /// Returns how many frames each tick makes, whatever
    /// [`frames_per_tick`](PitchStage::frames_per_tick) says. `None` if it is no whole number.
    pub(super) fn measured_frames_per_tick(
        &self,
        sentence: &Sentence,
        cancel: &CancelToken,
    ) -> Result<Option<usize>> {
        let frames = self.all_frames(sentence, cancel)?;
        let latent = frames.values.get(&self.interface.latent)?;
        let (frames, ticks) = (latent.shape.last(), self.pitch.ticks(&sentence.text)?);
        let frames = frames.copied().unwrap_or(0);
        Ok((frames > 0 && ticks > 0 && frames % ticks == 0).then(|| frames / ticks))
    }

    /// Computes what the decoders need for all frames.
    pub(super) fn all_frames(&self, sentence: &Sentence, cancel: &CancelToken) -> Result<Frames> {
        self.frames_for(sentence, &(0..sentence.frames), cancel)
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
        let hidden = self.run_coarse(frames, window, cancel)?;
        let mut heard = Vec::with_capacity(window.len());
        for range in equal_ranges(window, window.len().div_ceil(FINE_FRAMES)) {
            heard.append(&mut self.run_fine(frames, &hidden, &range, cancel, samples)?);
        }
        Ok(heard)
    }

    /// The same, with the fine decoder run once.
    pub(super) fn decode_at_once(
        &self,
        frames: &Frames,
        window: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<Vec<bool>> {
        let hidden = self.run_coarse(frames, window, cancel)?;
        self.run_fine(frames, &hidden, window, cancel, samples)
    }

    /// The same, as soon as possible: the fine decoder runs on two threads if this model
    /// may use them.
    pub(super) fn decode_first(
        &self,
        frames: &Frames,
        window: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<Vec<bool>> {
        if self.info.workers < 2 {
            return self.decode(frames, window, cancel, samples);
        }
        let hidden = self.run_coarse(frames, window, cancel)?;
        // The first half has no frames before it.
        let half = (window.len() + self.fine_overlap()) / 2;
        let middle = (window.start + half).min(window.end);
        let mut rest = Vec::new();
        let decoded = threads::run_both(
            "decoder",
            || self.run_fine(frames, &hidden, &(middle..window.end), cancel, &mut rest),
            || self.run_fine(frames, &hidden, &(window.start..middle), cancel, samples),
        );
        let Ok((last, first)) = decoded else {
            // Without a thread it is only slower.
            return self.run_fine(frames, &hidden, window, cancel, samples);
        };
        let mut heard = first?;
        heard.append(&mut last?);
        samples.append(&mut rest);
        Ok(heard)
    }

    /// How many frames the fine decoder looks to each side, at most.
    fn fine_overlap(&self) -> usize {
        let looked = self.interface.hidden.looked_frames;
        self.overlap_frames.saturating_sub(looked)
    }

    fn run_coarse(
        &self,
        frames: &Frames,
        window: &Range<usize>,
        cancel: &CancelToken,
    ) -> Result<HiddenFrames> {
        let FramewiseInterface {
            latent,
            hidden,
            narrowings,
            ..
        } = &self.interface;
        let Narrowed {
            needed,
            kept,
            numbers,
        } = Narrowed::new(narrowings, window, self.overlap_frames, frames.all);
        let mut inputs = PartValues(numbers);
        let latent = frames.slice(latent, FrameAxis::Last, &needed)?;
        inputs.0.push(latent);
        let inputs = inputs.inputs_of(&self.coarse)?;
        self.coarse.run(&inputs, cancel, |outputs| {
            let index = index_of(&self.coarse, &hidden.name)?;
            Ok(HiddenFrames {
                value: PartValue::output(&self.coarse, outputs, index)?,
                range: kept,
            })
        })
    }

    fn run_fine(
        &self,
        frames: &Frames,
        hidden: &HiddenFrames,
        range: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<Vec<bool>> {
        let FramewiseInterface {
            side_inputs,
            sums,
            audio,
            heard,
            ..
        } = &self.interface;
        let kept = widen(range, self.fine_overlap(), frames.all);
        let own = kept.start - hidden.range.start..kept.end - hidden.range.start;
        let own = hidden
            .value
            .slice(FrameAxis::Last, hidden.range.len(), &own)?;
        let mut inputs = PartValues(vec![own]);
        for side in side_inputs {
            inputs.0.push(match side.is_per_frame {
                true => frames.slice(&side.name, FrameAxis::Last, &kept)?,
                false => frames.values.get(&side.name)?.clone(),
            });
        }
        for name in sums {
            inputs.0.push(frames.slice(name, FrameAxis::First, &kept)?);
        }
        let inputs = inputs.inputs_of(&self.fine)?;
        self.fine.run(&inputs, cancel, |outputs| {
            let (_, decoded) = outputs.floats(index_of(&self.fine, audio)?)?;
            let (_, heard) = outputs.floats(index_of(&self.fine, heard)?)?;
            let is_alone = frames.all == 1;
            let hop = decoded.len() / heard.len().max(1);
            if heard.len() != kept.len() && !is_alone || decoded.len() != heard.len() * hop {
                let source = "its decoder returned another number of frames".into();
                return Err(Error::Inference { source });
            }
            let wanted = match is_alone {
                true => 0..heard.len(),
                false => range.start - kept.start..range.end - kept.start,
            };
            samples.extend_from_slice(&decoded[wanted.start * hop..wanted.end * hop]);
            Ok(heard[wanted].iter().map(|&heard| heard > 0.5).collect())
        })
    }
}

fn index_of(session: &Session, output: &str) -> Result<usize> {
    session.output(output).ok_or_else(|| Error::Inference {
        source: format!("a part of it has no output `{output}`").into(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::OnceLock;

    use proptest::prelude::*;

    use super::*;
    use crate::onnx::proto::ModelProto;
    use crate::onnx::tests::session;
    use crate::onnx::{FramewiseParts, make_seedable, split_framewise};
    use crate::voice::{OptimizeFor, Scales};

    fn model() -> &'static FramewiseModel {
        static MODEL: OnceLock<FramewiseModel> = OnceLock::new();
        MODEL.get_or_init(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let voice = root.join("tests/voices/framewise/tiny_framewise.onnx");
            let graph = ModelProto::read(std::fs::read(voice).unwrap().into()).unwrap();
            let FramewiseParts {
                mut text,
                pitch,
                timbre,
                coarse,
                fine,
                interface,
            } = split_framewise(&graph).unwrap();
            assert_eq!(make_seedable(&mut text), Ok(1));
            let load = |part: &ModelProto| session(part).unwrap();
            FramewiseModel {
                text: load(&text),
                timbre: timbre.map(|parts| TimbreStage {
                    timbre: load(&parts.timbre),
                    join: load(&parts.join),
                }),
                pitch: PitchStage {
                    session: load(&pitch.model),
                    overlap_ticks: pitch.interface.looked_ticks,
                    interface: pitch.interface,
                    frames_per_tick: 1,
                },
                coarse: load(&coarse),
                fine: load(&fine),
                interface,
                overlap_frames: 5,
                info: ModelInfo {
                    workers: 2,
                    ..ModelInfo::default()
                },
            }
        })
    }

    fn sentence(ids: &[i64], seed: u64) -> Sentence {
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

    fn is_same(samples: &[f32], whole: &[f32]) -> bool {
        let differs = |(a, b): (&f32, &f32)| (a - b).abs() > 1e-6;
        samples.len() == whole.len() && !samples.iter().zip(whole).any(differs)
    }

    proptest! {
        #[test]
        fn the_samples_do_not_depend_on_the_windows(
            ids in proptest::collection::vec(0i64..166, 1..60),
            seed: u64,
            sizes in proptest::collection::vec(1usize..90, 1..20),
        ) {
            let (sentence, cancel) = (sentence(&ids, seed), CancelToken::new());
            let frames = model().all_frames(&sentence, &cancel).unwrap();
            let (mut whole, mut samples, mut heard) = (Vec::new(), Vec::new(), Vec::new());
            let all = 0..sentence.frames;
            let all_heard = model().decode_at_once(&frames, &all, &cancel, &mut whole).unwrap();
            let mut start = 0;
            for size in sizes.iter().cycle() {
                let window = start..(start + size).min(sentence.frames);
                heard.extend(model().decode(&frames, &window, &cancel, &mut samples).unwrap());
                start = window.end;
                if start == sentence.frames {
                    break;
                }
            }
            prop_assert_eq!(heard, all_heard);
            prop_assert!(is_same(&samples, &whole));
        }

        #[test]
        fn the_first_window_does_not_depend_on_what_follows(
            ids in proptest::collection::vec(0i64..166, 1..60),
            seed: u64,
            size in 1usize..90,
        ) {
            let (sentence, cancel) = (sentence(&ids, seed), CancelToken::new());
            let window = 0..size.min(sentence.frames);
            let decode = |frames: Frames| {
                let mut samples = Vec::new();
                let heard = model().decode_first(&frames, &window, &cancel, &mut samples);
                (heard.unwrap(), samples)
            };
            let (all_heard, expected) = decode(model().all_frames(&sentence, &cancel).unwrap());
            let frames = model().frames_for(&sentence, &window, &cancel).unwrap();
            prop_assert!(frames.are_all() || frames.computed < sentence.frames);
            let (heard, samples) = decode(frames);
            prop_assert_eq!(heard, all_heard);
            prop_assert!(is_same(&samples, &expected));
        }
    }
}
