//! A voice cut in three, so that sound comes before the sentence is done.

use std::ops::Range;

use super::feed::{Feed, takes_speaker};
use super::model::{Inference, Model, Rest, Utterance};
use super::window::{Window, Windows, around};
use crate::graph::{Extra, Seams};
use crate::onnx::{Outputs, Session, Tensor};
use crate::{CancelToken, Error, Result};

/// The three parts of a VITS voice, run one after the other.
///
/// *Text* turns ids into a prior for every frame, *flow* turns the prior into
/// what the *decoder* makes samples of. The decoder sees one window of frames
/// at a time, so memory does not grow with the sentence, and a stop waits for
/// a window at most.
#[derive(Debug)]
pub(super) struct PartedModel {
    pub(super) text: Session,
    pub(super) flow: Session,
    pub(super) decoder: Session,
    pub(super) seams: Seams,
    pub(super) symbols: Option<usize>,
    pub(super) reference_peak: f32,
    /// Windows decoded at the same time, where nobody waits for the first.
    pub(super) threads: usize,
}

impl Model for PartedModel {
    fn takes_speaker(&self) -> bool {
        takes_speaker(self.text.inputs())
    }

    fn symbols(&self) -> Option<usize> {
        self.symbols
    }

    fn reference_peak(&self) -> Option<f32> {
        Some(self.reference_peak)
    }

    fn begin(&self, inference: Inference) -> Box<dyn Utterance + '_> {
        Box::new(PartedUtterance {
            model: self,
            state: State::Begun(inference),
        })
    }
}

struct PartedUtterance<'m> {
    model: &'m PartedModel,
    state: State,
}

enum State {
    Begun(Inference),
    /// The prior is there; so far the flow has run on the front of it, if at
    /// all.
    Flowing {
        prior: Prior,
        latent: Frames,
        windows: Windows,
    },
}

/// What the text part gives.
struct Prior {
    prior: Frames,
    flow_extras: Vec<Beside>,
    decoder_extras: Vec<Beside>,
}

/// Values of every channel for a range of frames: `[channels][frames]`.
struct Frames {
    values: Vec<f32>,
    channels: usize,
    range: Range<usize>,
}

/// A value passed beside the main one.
struct Beside {
    name: String,
    frames: Frames,
    shape: Vec<usize>,
    is_per_frame: bool,
}

impl Utterance for PartedUtterance<'_> {
    fn next_samples(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Rest> {
        if let State::Begun(inference) = &self.state {
            self.state = self.model.run_text(inference.clone(), cancel)?;
        }
        let State::Flowing {
            prior,
            latent,
            windows,
        } = &mut self.state
        else {
            return Ok(Rest::Nothing);
        };
        let at_once = windows.at_once(self.model.threads);
        let together: Vec<_> = windows.by_ref().take(at_once).collect();
        let Some(last) = together.last() else {
            return Ok(Rest::Nothing);
        };
        if latent.range.end < last.decoded.end {
            *latent = self.model.run_flow(prior, last, cancel)?;
        }
        self.model
            .decode_all(prior, latent, &together, cancel, samples)?;
        let more = windows.clone().next().is_some();
        Ok(if more { Rest::More } else { Rest::Nothing })
    }
}

impl PartedModel {
    fn run_text(&self, inference: Inference, cancel: &CancelToken) -> Result<State> {
        let pace = inference.pace;
        let feed = Feed::new(inference);
        let inputs = feed.tensors(self.text.inputs());
        let prior = self.text.run(&inputs, cancel, |outputs| {
            let seams = &self.seams;
            let beside = |extras: &[Extra]| -> Result<Vec<Beside>> {
                let beside = |extra| self.beside(outputs, extra);
                extras.iter().map(beside).collect()
            };
            let (shape, values) = self.output(outputs, &seams.prior)?;
            Ok(Prior {
                prior: Frames::new(values, &shape),
                flow_extras: beside(&seams.flow_extras)?,
                decoder_extras: beside(&seams.decoder_extras)?,
            })
        })?;
        let frames = prior.prior.range.end;
        Ok(State::Flowing {
            latent: Frames::new(&[], &[0, 0]),
            windows: Windows::new(frames, self.seams.decoder_overlap_frames, pace),
            prior,
        })
    }

    fn beside(&self, outputs: &Outputs<'_>, extra: &Extra) -> Result<Beside> {
        let (shape, values) = self.output(outputs, &extra.name)?;
        Ok(Beside {
            name: extra.name.clone(),
            frames: Frames::new(values, &shape),
            shape,
            is_per_frame: extra.is_per_frame,
        })
    }

    /// Returns an output of the text part by its name, with its shape.
    fn output<'a>(&self, outputs: &'a Outputs<'_>, name: &str) -> Result<(Vec<usize>, &'a [f32])> {
        let at = self.text.outputs().iter().position(|output| output == name);
        let at = at.ok_or_else(|| Error::Inference {
            source: format!("its text part has no output `{name}`").into(),
        })?;
        let (shape, values) = outputs.floats(at)?;
        Ok((shape.iter().map(|&n| n as usize).collect(), values))
    }

    /// Runs the flow: on the front of the prior while the first window is
    /// waited for, then once on all of it.
    fn run_flow(&self, prior: &Prior, window: &Window, cancel: &CancelToken) -> Result<Frames> {
        let frames = prior.prior.range.end;
        let all = 0..frames;
        let front = match self.seams.flow_overlap_frames {
            Some(overlap) if window.wanted.start == 0 => around(&window.decoded, overlap, frames),
            _ => all.clone(),
        };
        // Twice nearly everything would cost more than it saves.
        let range = if front.len() * 2 < frames { front } else { all };
        let flow = &self.flow;
        let slices = Slices::of(&self.seams.prior, &prior.prior, &prior.flow_extras, &range);
        flow.run(&slices.tensors(), cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            let shape: Vec<_> = shape.iter().map(|&n| n as usize).collect();
            let mut latent = Frames::new(values, &shape);
            // Where the range was cut, the last frames lack their overlap.
            if range.end < frames {
                latent.keep(window.decoded.clone());
            }
            Ok(latent)
        })
    }

    /// Decodes windows side by side, each on a thread of its own: one
    /// convolution does not spread over threads, several do.
    fn decode_all(
        &self,
        prior: &Prior,
        latent: &Frames,
        windows: &[Window],
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let decode = |window: &Window| {
            let mut samples = Vec::new();
            self.run_decoder(prior, latent, window, cancel, &mut samples)?;
            Ok(samples)
        };
        let Some((first, others)) = windows.split_first() else {
            return Ok(());
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = others
                .iter()
                .map(|window| scope.spawn(|| decode(window)))
                .collect();
            self.run_decoder(prior, latent, first, cancel, samples)?;
            for other in others {
                let decoded = other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                samples.extend_from_slice(&decoded?);
            }
            Ok(())
        })
    }

    fn run_decoder(
        &self,
        prior: &Prior,
        latent: &Frames,
        window: &Window,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let extras = &prior.decoder_extras;
        let slices = Slices::of(&self.seams.latent, latent, extras, &window.decoded);
        self.decoder.run(&slices.tensors(), cancel, |outputs| {
            let (_, decoded) = outputs.floats(0)?;
            let hop = self.seams.hop;
            let from = (window.wanted.start - window.decoded.start) * hop;
            let wanted = from..from + window.wanted.len() * hop;
            let wanted = decoded.get(wanted).ok_or_else(|| Error::Inference {
                source: "its decoder gave fewer samples than frames".into(),
            })?;
            samples.extend_from_slice(wanted);
            Ok(())
        })
    }
}

impl Frames {
    /// Takes a tensor whose last axis is frames.
    fn new(values: &[f32], shape: &[usize]) -> Self {
        let frames = shape.last().copied().unwrap_or(0);
        Self {
            values: values.to_vec(),
            channels: values.len().checked_div(frames).unwrap_or(0),
            range: 0..frames,
        }
    }

    /// Returns the values of the frames in `range`, which must be here.
    fn slice(&self, range: &Range<usize>) -> Vec<f32> {
        let (from, to) = (range.start - self.range.start, range.end - self.range.start);
        let rows = self.values.chunks_exact(self.range.len().max(1));
        rows.flat_map(|row| &row[from..to]).copied().collect()
    }

    /// Forgets all frames but those in `range`.
    fn keep(&mut self, range: Range<usize>) {
        self.values = self.slice(&range);
        self.range = range;
    }
}

/// Inputs of a part for a range of frames: owns what its tensors borrow.
struct Slices<'a> {
    inputs: Vec<(&'a str, Vec<f32>, Vec<usize>)>,
}

impl<'a> Slices<'a> {
    fn of(name: &'a str, main: &Frames, beside: &'a [Beside], range: &Range<usize>) -> Self {
        let main = (name, main.slice(range), vec![1, main.channels, range.len()]);
        let beside = beside.iter().map(|extra| {
            let mut shape = extra.shape.clone();
            let values = match (extra.is_per_frame, shape.last_mut()) {
                (true, Some(frames)) => {
                    *frames = range.len();
                    extra.frames.slice(range)
                }
                _ => extra.frames.values.clone(),
            };
            (extra.name.as_str(), values, shape)
        });
        Self {
            inputs: std::iter::once(main).chain(beside).collect(),
        }
    }

    fn tensors(&self) -> Vec<(&str, Tensor<'_>)> {
        self.inputs
            .iter()
            .map(|(name, values, shape)| (*name, Tensor::Floats(values, shape)))
            .collect()
    }
}
