//! A split voice: samples come before the whole sentence is computed.

use std::ops::Range;
use std::sync::Arc;

use super::flow_stage::{FlowStage, run_flow};
use super::frame_tensor::FrameTensor;
use super::growing_latent::GrowingLatent;
use super::model::{Help, Inference, Model, ModelInfo, Remaining, Utterance};
use super::prior::Prior;
use super::split_decoder::{Latent, SplitDecoder};
use super::text_stage::TextStage;
use super::windows::{OptimizeFor, Windows, widen};
use crate::onnx::Interface;
use crate::runtime::Session;
use crate::{CancelToken, Result};

/// The first window for low latency: 0.09 s at 22 050 Hz, decoded in a few milliseconds.
const FIRST_FRAMES: usize = 8;
/// The same for ONNX Runtime, which takes longer to begin a window.
const FIRST_FRAMES_ONNXRUNTIME: usize = 16;

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
    /// The prior is computed.
    Frames(Box<Sentence>),
}

/// The frames of a sentence.
struct Sentence {
    prior: Prior,
    latent: SentenceLatent,
    /// Those that no step has decoded: only ONNX Runtime decodes the first ones in steps.
    windows: Windows,
    /// After the last step: those that are decoded on any threads.
    others: Vec<Range<usize>>,
}

enum SentenceLatent {
    /// ONNX Runtime computes the few frames that a first window needs, for each anew.
    ForEachWindow(Arc<Session>),
    /// It has computed all of it.
    Whole(FrameTensor),
    /// Native kernels compute each frame when a window needs it.
    Growing(GrowingLatent),
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
                let interface = &model.interface;
                let prior = model.text.run(inference.clone(), interface, help, cancel)?;
                let samples = (prior.frames() * interface.hop) as u64;
                self.id_ends = prior.durations.as_ref().map(|all| all.ends(samples, 0));
                let (latent, first_frames) = match &*model.flow {
                    FlowStage::OnnxRuntime(session) => {
                        let latent = SentenceLatent::ForEachWindow(Arc::clone(session));
                        (latent, FIRST_FRAMES_ONNXRUNTIME)
                    }
                    FlowStage::Native(flow) => {
                        let latent = GrowingLatent::new(flow, &prior);
                        (SentenceLatent::Growing(latent), FIRST_FRAMES)
                    }
                };
                self.state = State::Frames(Box::new(Sentence {
                    windows: Windows::new(prior.frames(), optimize_for, first_frames),
                    prior,
                    latent,
                    others: Vec::new(),
                }));
                Ok(Remaining::Steps)
            }
            State::Frames(sentence) => model.step(sentence, cancel, samples),
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
        match &self.state {
            State::Start(inference) => {
                let is_urgent = inference.optimize_for == OptimizeFor::Latency;
                is_urgent && self.model.text.has_native_encoder()
            }
            State::Frames(_) => false,
        }
    }

    fn take_id_ends(&mut self) -> Option<Vec<u64>> {
        self.id_ends.take()
    }

    fn window(&self, n: usize, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<()> {
        match &self.state {
            State::Start(_) => Ok(()), // there are no windows yet
            State::Frames(sentence) => self.model.window(sentence, n, cancel, samples),
        }
    }
}

impl SplitModel {
    /// Decodes the next first window, or computes what the others need.
    fn step(
        &self,
        sentence: &mut Sentence,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<Remaining> {
        let prior = &sentence.prior;
        match &sentence.latent {
            SentenceLatent::ForEachWindow(session) => {
                if let Some((window, frames)) = self.first_window(sentence) {
                    let latent = run_flow(session, &self.interface, prior, frames, cancel)?;
                    sentence.windows.next();
                    self.decode(prior, &latent, &window, cancel, samples)?;
                    return Ok(Remaining::Steps);
                }
                let all = 0..prior.frames();
                let latent = run_flow(session, &self.interface, prior, all, cancel)?;
                sentence.latent = SentenceLatent::Whole(latent);
            }
            SentenceLatent::Growing(latent) => {
                let needed = match sentence.windows.next_small() {
                    // The second window waits until the first one has its latent.
                    Some(first) => self.latent_frames(prior, &first).end,
                    // Other sentences have windows for the other thread.
                    None => prior.frames(),
                };
                latent.compute(needed, prior, cancel)?;
            }
            SentenceLatent::Whole(_) => return Ok(Remaining::Windows(sentence.others.len())),
        }
        sentence.others = sentence.windows.by_ref().collect();
        Ok(Remaining::Windows(sentence.others.len()))
    }

    /// Decodes window `n` of those on any threads.
    fn window(
        &self,
        sentence: &Sentence,
        n: usize,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let (prior, window) = (&sentence.prior, &sentence.others[n]);
        match &sentence.latent {
            SentenceLatent::ForEachWindow(_) => Ok(()), // they are not known yet
            SentenceLatent::Whole(latent) => self.decode(prior, latent, window, cancel, samples),
            SentenceLatent::Growing(latent) => {
                let needed = self.latent_frames(prior, window);
                let latent = latent.frames(&needed, prior, cancel)?;
                self.decode(prior, &latent, window, cancel, samples)
            }
        }
    }

    /// Returns the next first window, and the frames that ONNX Runtime needs for it. `None` if
    /// these are so many that running the flow on all of them is faster.
    fn first_window(&self, sentence: &Sentence) -> Option<(Range<usize>, Range<usize>)> {
        let window = sentence.windows.next_small()?;
        let overlap = self.interface.flow_overlap_frames?;
        let frames = sentence.prior.frames();
        let latent = self.latent_frames(&sentence.prior, &window);
        let needed = widen(&latent, overlap, frames);
        (needed.len() * 2 < frames).then_some((window, needed))
    }

    /// The frames of the latent that a window needs.
    fn latent_frames(&self, prior: &Prior, window: &Range<usize>) -> Range<usize> {
        let frames = prior.frames();
        self.decoder.frames_for(&self.interface, window, frames)
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
