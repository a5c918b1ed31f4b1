//! A split voice: samples come before the whole sentence is computed.

use std::ops::Range;
use std::sync::Arc;

use super::flow_stage::FlowStage;
use super::frame_tensor::FrameTensor;
use super::model::{Help, Inference, Model, ModelInfo, Remaining, Utterance};
use super::prior::Prior;
use super::split_decoder::{Latent, SplitDecoder};
use super::text_stage::TextStage;
use super::whole_flow::WholeFlow;
use super::windows::{OptimizeFor, Windows};
use crate::onnx::Interface;
use crate::{CancelToken, Result};

/// The first window for low latency: 0.19 s at 22 050 Hz, decoded in about
/// 10 ms.
const FIRST_FRAMES: usize = 16;

/// The stages of a VITS voice, run one after the other.
///
/// *Text* turns ids into a prior for every frame, *flow* turns the prior into
/// the latent, and the *decoder* turns that into samples. It takes one window of
/// frames at a time, so memory does not grow with the sentence, and a cancellation
/// takes effect after one window at most.
#[derive(Debug)]
pub(super) struct SplitModel {
    /// Shared by models with other decoders, while a voice is prepared.
    pub(super) text: Arc<TextStage>,
    pub(super) flow: Arc<FlowStage>,
    pub(super) decoder: SplitDecoder,
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
        prior: Arc<Prior>,
        windows: Windows,
        /// Computes the whole latent at the same time; `None` if no thread does.
        whole_flow: Option<WholeFlow>,
    },
    /// The whole latent is computed.
    Windows {
        prior: Arc<Prior>,
        latent: FrameTensor,
        windows: Vec<Range<usize>>,
    },
}

impl SplitUtterance {
    fn step_helped_by(
        &mut self,
        help: Help,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<Remaining> {
        let model = &self.model;
        match &mut self.state {
            State::Start(inference) => {
                let optimize_for = inference.optimize_for;
                let inference = inference.clone();
                let interface = &model.interface;
                let prior = Arc::new(model.text.run(inference, interface, help, cancel)?);
                let windows = Windows::new(prior.frames(), optimize_for, FIRST_FRAMES);
                let samples = (prior.frames() * interface.hop) as u64;
                self.id_ends = prior.durations.as_ref().map(|all| all.ends(samples, 0));
                let has_first_window = model.first_window(&prior, &windows).is_some();
                let whole_flow = (has_first_window && help == Help::Thread)
                    .then(|| Arc::clone(model).spawn_flow(&prior, cancel));
                self.state = State::FirstWindows {
                    prior,
                    windows,
                    // Without a thread it is only slower.
                    whole_flow: whole_flow.and_then(Result::ok),
                };
                Ok(Remaining::Steps)
            }
            State::FirstWindows {
                prior,
                windows,
                whole_flow,
            } => {
                if let Some((window, frames)) = model.first_window(prior, windows) {
                    windows.next();
                    let latent = model.run_flow(prior, frames, cancel)?;
                    model.decode(prior, &latent, &window, cancel, samples)?;
                    return Ok(Remaining::Steps);
                }
                let latent = match whole_flow.take() {
                    Some(flow) => flow.latent()?,
                    None => model.run_flow(prior, 0..prior.frames(), cancel)?,
                };
                let windows: Vec<_> = windows.collect();
                let remaining = Remaining::Windows(windows.len());
                let prior = Arc::clone(prior);
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
}

impl Utterance for SplitUtterance {
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Remaining> {
        self.step_helped_by(Help::None, cancel, samples)
    }

    fn step_with_help(
        &mut self,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<Remaining> {
        self.step_helped_by(Help::Thread, cancel, samples)
    }

    fn can_be_helped(&self) -> bool {
        let model = &self.model;
        match &self.state {
            State::Start(inference) => {
                let is_urgent = inference.optimize_for == OptimizeFor::Latency;
                is_urgent && model.text.has_native_encoder() && model.flow.is_native()
            }
            State::FirstWindows {
                prior,
                windows,
                whole_flow,
            } => whole_flow.is_some() && model.first_window(prior, windows).is_some(),
            State::Windows { .. } => false,
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
    /// Returns the next small window and the frames that the flow needs for
    /// it. `None` if there is no such window, or if these are so many frames
    /// that running the flow on all frames once is faster.
    fn first_window(
        &self,
        prior: &Prior,
        windows: &Windows,
    ) -> Option<(Range<usize>, Range<usize>)> {
        let window = windows.next_small()?;
        let (interface, frames) = (&self.interface, prior.frames());
        let latent = self.decoder.frames_for(interface, &window, frames);
        let needed = self.flow.frames_for(interface, &latent, frames)?;
        (needed.len() * 2 < frames).then_some((window, needed))
    }

    /// Runs the flow on all frames, on another thread.
    fn spawn_flow(self: Arc<Self>, prior: &Arc<Prior>, cancel: &CancelToken) -> Result<WholeFlow> {
        let prior = Arc::clone(prior);
        WholeFlow::spawn(cancel, move |cancel| {
            self.run_flow(&prior, 0..prior.frames(), cancel)
        })
    }

    fn run_flow(
        &self,
        prior: &Prior,
        range: Range<usize>,
        cancel: &CancelToken,
    ) -> Result<FrameTensor> {
        let sides = &prior.flow_sides;
        self.flow
            .run(&self.interface, &prior.prior, sides, range, cancel)
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
        let latent = Latent {
            latent,
            sides: &prior.decoder_sides,
            sentence_frames: prior.frames(),
        };
        self.decoder
            .decode(&self.interface, latent, window, cancel, samples)
    }
}
