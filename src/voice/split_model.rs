//! A split voice: samples come before the whole sentence is computed.

use std::ops::Range;
use std::sync::Arc;

use super::frame_tensor::{FrameTensor, SideTensor, SlicedInputs, slice_columns, to_sizes};
use super::id_ends::Durations;
use super::model::{Inference, Model, ModelInfo, Remaining, Utterance};
use super::text_stage::TextStage;
use super::windows::{Windows, fine_ranges, widen};
use crate::onnx::{Interface, SideInput};
use crate::runtime::{Session, Tensor};
use crate::{CancelToken, Error, Result};

/// The first window for low latency: 0.19 s at 22 050 Hz, decoded in about
/// 10 ms.
const FIRST_FRAMES: usize = 16;

/// The stages of a VITS voice, run one after the other.
///
/// *Text* turns ids into a prior for every frame, *flow* turns the prior into
/// the latent, the *coarse* decoder turns the latent into a hidden
/// representation with some positions per frame, and the *fine* decoder turns
/// that into samples. The decoders take one window of frames at a time, so
/// memory does not grow with the sentence, and a cancellation takes effect
/// after one window at most.
#[derive(Debug)]
pub(super) struct SplitModel {
    /// Shared by models with other decoders, while a voice is prepared.
    pub(super) text: Arc<TextStage>,
    pub(super) flow: Arc<Session>,
    pub(super) coarse: Session,
    pub(super) fine: Session,
    pub(super) interface: Interface,
    pub(super) info: ModelInfo,
}

impl Model for SplitModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance> {
        Box::new(SplitUtterance {
            model: self,
            id_ends: None,
            state: State::Start(inference),
        })
    }
}

struct SplitUtterance {
    model: Arc<SplitModel>,
    id_ends: Option<Vec<u64>>,
    state: State,
}

enum State {
    Start(Inference),
    /// The prior is computed. Each small first window gets its own latent, of
    /// the few frames that it needs.
    FirstWindows {
        prior: Prior,
        windows: Windows,
    },
    /// The whole latent is computed.
    Windows {
        prior: Prior,
        latent: FrameTensor,
        windows: Vec<Range<usize>>,
    },
}

/// The outputs of the text stage.
#[derive(Default)]
struct Prior {
    prior: FrameTensor,
    flow_sides: Vec<SideTensor>,
    decoder_sides: Vec<SideTensor>,
    durations: Option<Durations>,
}

impl Utterance for SplitUtterance {
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Remaining> {
        let model = &self.model;
        match &mut self.state {
            State::Start(inference) => {
                let optimize_for = inference.optimize_for;
                let prior = model.run_text(inference.clone(), cancel)?;
                let windows = Windows::new(prior.frames(), optimize_for, FIRST_FRAMES);
                let samples = (prior.frames() * model.interface.hop) as u64;
                self.id_ends = prior.durations.as_ref().map(|all| all.ends(samples, 0));
                self.state = State::FirstWindows { prior, windows };
                Ok(Remaining::Steps)
            }
            State::FirstWindows { prior, windows } => {
                if let Some((window, frames)) = model.first_window(prior, windows) {
                    windows.next();
                    let latent = model.run_flow(prior, frames, cancel)?;
                    model.decode(prior, &latent, &window, cancel, samples)?;
                    return Ok(Remaining::Steps);
                }
                let latent = model.run_flow(prior, 0..prior.frames(), cancel)?;
                let windows: Vec<_> = windows.collect();
                let remaining = Remaining::Windows(windows.len());
                let prior = std::mem::take(prior);
                self.state = State::Windows {
                    prior,
                    latent,
                    windows,
                };
                Ok(remaining)
            }
            State::Windows { windows, .. } => Ok(Remaining::Windows(windows.len())),
        }
    }

    fn take_id_ends(&mut self) -> Option<Vec<u64>> {
        self.id_ends.take()
    }

    fn window(&self, n: usize, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<()> {
        match &self.state {
            State::Windows {
                prior,
                latent,
                windows,
            } => self
                .model
                .decode(prior, latent, &windows[n], cancel, samples),
            State::Start(_) | State::FirstWindows { .. } => Ok(()), // there are no windows yet
        }
    }
}

impl SplitModel {
    fn run_text(&self, inference: Inference, cancel: &CancelToken) -> Result<Prior> {
        self.text.run(inference, cancel, |outputs| {
            let (shape, values) = outputs.floats(self.text_output(&self.interface.prior)?)?;
            let prior = FrameTensor::new(values, &to_sizes(shape));
            let sides = |inputs: &[SideInput]| -> Result<Vec<SideTensor>> {
                let side = |input: &SideInput| {
                    let index = self.text_output(&input.name)?;
                    SideTensor::new(outputs, index, input, prior.range.len())
                };
                inputs.iter().map(side).collect()
            };
            Ok(Prior {
                flow_sides: sides(&self.interface.flow_side_inputs)?,
                decoder_sides: sides(&self.interface.decoder_side_inputs)?,
                durations: Durations::read(outputs, &self.text.rest),
                prior,
            })
        })
    }

    /// Returns the index of the text stage's output `name`.
    fn text_output(&self, name: &str) -> Result<usize> {
        self.text.output(name).ok_or_else(|| Error::Inference {
            source: format!("its text part has no output `{name}`").into(),
        })
    }

    /// Returns the next small window and the frames that the flow needs for
    /// it. `None` if there is no such window, or if these are so many frames
    /// that running the flow on all frames once is faster.
    fn first_window(
        &self,
        prior: &Prior,
        windows: &Windows,
    ) -> Option<(Range<usize>, Range<usize>)> {
        let window = windows.next_small()?;
        let overlap = self.decoder_overlap() + self.interface.flow_overlap_frames?;
        let needed = widen(&window, overlap, prior.frames());
        (needed.len() * 2 < prior.frames()).then_some((window, needed))
    }

    /// Frames that the decoders need on each side of the frames they decode.
    fn decoder_overlap(&self) -> usize {
        self.interface.coarse_overlap_frames + self.interface.fine_overlap_frames
    }

    /// Runs the flow on a range of frames. The latent is inexact within
    /// `flow_overlap_frames` of an end of the range that is not an end of the
    /// sentence.
    fn run_flow(
        &self,
        prior: &Prior,
        range: Range<usize>,
        cancel: &CancelToken,
    ) -> Result<FrameTensor> {
        let name = &self.interface.prior;
        let inputs = SlicedInputs::new(name, &prior.prior, &range)?;
        let inputs = inputs.with_sides(&prior.flow_sides, &range)?;
        self.flow.run(&inputs.tensors(), cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            Ok(FrameTensor::from_frame(
                range.start,
                values,
                &to_sizes(shape),
            ))
        })
    }

    /// Appends the samples of a window.
    fn decode(
        &self,
        prior: &Prior,
        latent: &FrameTensor,
        window: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let needed = widen(window, self.decoder_overlap(), prior.frames());
        let name = &self.interface.latent;
        let inputs = SlicedInputs::new(name, latent, &needed)?;
        let inputs = inputs.with_sides(&prior.decoder_sides, &needed)?;
        self.coarse.run(&inputs.tensors(), cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            let hidden = DecoderHidden {
                values,
                positions: to_sizes(shape).last().copied().unwrap_or(0),
                first_frame: needed.start,
                frames: prior.frames(),
            };
            fine_ranges(window)
                .try_for_each(|range| self.decode_fine(&hidden, &range, cancel, samples))
        })
    }

    /// Appends the samples of the frames in `range`.
    fn decode_fine(
        &self,
        hidden: &DecoderHidden<'_>,
        range: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let Interface {
            ref decoder_hidden,
            positions_per_frame,
            hop,
            fine_overlap_frames,
            ..
        } = self.interface;
        let needed = widen(range, fine_overlap_frames, hidden.frames);
        let position = |frame: usize| (frame - hidden.first_frame) * positions_per_frame;
        let values = slice_columns(
            hidden.values,
            hidden.positions,
            &(position(needed.start)..position(needed.end)),
        )?;
        let length = needed.len() * positions_per_frame;
        let shape = [1, values.len() / length.max(1), length];
        let input = [(decoder_hidden.as_str(), Tensor::Floats(&values, &shape))];
        self.fine.run(&input, cancel, |outputs| {
            let (_, decoded) = outputs.floats(0)?;
            let from = (range.start - needed.start) * hop;
            let wanted = decoded.get(from..from + range.len() * hop);
            samples.extend_from_slice(wanted.ok_or_else(|| Error::Inference {
                source: "its decoder returned too few samples".into(),
            })?);
            Ok(())
        })
    }
}

/// The coarse decoder's output: `[channels][positions]`.
struct DecoderHidden<'a> {
    values: &'a [f32],
    positions: usize,
    first_frame: usize,
    /// Frames of the whole sentence.
    frames: usize,
}

impl Prior {
    fn frames(&self) -> usize {
        self.prior.range.end
    }
}
