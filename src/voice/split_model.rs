//! A voice cut in parts, so that sound comes before the sentence is done.

use std::ops::Range;
use std::sync::Arc;

use super::content_hash::ContentHash;
use super::frame_tensor::{Beside, Frames, Slices, columns, sizes};
use super::model::{Inference, Model, Next, Utterance};
use super::prepared::Layout;
use super::text_encoder::TextPart;
use super::window::{Windows, around, fine};
use crate::onnx::{Interface, SideInput};
use crate::runtime::{Outputs, Session, Tensor};
use crate::{CancelToken, Error, Result};

/// The parts of a VITS voice, run one after the other.
///
/// *Text* turns ids into a prior for every frame, *flow* turns the prior into
/// the latent, the *coarse* decoder sketches some positions for each frame,
/// and the *fine* decoder makes samples of them. The decoders see one window
/// of frames at a time, so memory does not grow with the sentence, and a stop
/// waits for a window at most.
#[derive(Debug)]
pub(super) struct PartedModel {
    pub(super) text: TextPart,
    pub(super) flow: Session,
    pub(super) coarse: Session,
    pub(super) fine: Session,
    pub(super) seams: Interface,
    pub(super) symbols: Option<usize>,
    pub(super) reference_peak: f32,
    pub(super) layout: Layout,
    pub(super) content: ContentHash,
    pub(super) workers: usize,
    pub(super) mapped_bytes: u64,
}

impl Model for PartedModel {
    fn takes_speaker(&self) -> bool {
        self.text.takes_speaker()
    }

    fn symbols(&self) -> Option<usize> {
        self.symbols
    }

    fn reference_peak(&self) -> Option<f32> {
        Some(self.reference_peak)
    }

    fn content(&self) -> Option<ContentHash> {
        Some(self.content)
    }

    fn mapped_bytes(&self) -> u64 {
        self.mapped_bytes
    }

    fn layout(&self) -> Option<Layout> {
        Some(self.layout)
    }

    fn workers(&self) -> usize {
        self.workers
    }

    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance> {
        Box::new(PartedUtterance {
            model: self,
            state: State::Begun(inference),
        })
    }
}

struct PartedUtterance {
    model: Arc<PartedModel>,
    state: State,
}

enum State {
    Begun(Inference),
    /// The prior is there; the small first windows are made of a latent of
    /// their own.
    Opening {
        prior: Prior,
        windows: Windows,
    },
    /// The whole latent is there.
    Windows {
        prior: Prior,
        latent: Frames,
        windows: Vec<Range<usize>>,
    },
}

/// What the text part gives.
#[derive(Default)]
struct Prior {
    prior: Frames,
    flow_extras: Vec<Beside>,
    decoder_extras: Vec<Beside>,
}

impl Utterance for PartedUtterance {
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Next> {
        let model = &self.model;
        match &mut self.state {
            State::Begun(inference) => {
                let pace = inference.pace;
                let prior = model.run_text(inference.clone(), cancel)?;
                let windows = Windows::new(prior.frames(), pace);
                self.state = State::Opening { prior, windows };
                Ok(Next::Step)
            }
            State::Opening { prior, windows } => {
                if let Some((window, front)) = model.opening(prior, windows) {
                    windows.next();
                    let latent = model.run_flow(prior, front, cancel)?;
                    model.decode(prior, &latent, &window, cancel, samples)?;
                    return Ok(Next::Step);
                }
                let latent = model.run_flow(prior, 0..prior.frames(), cancel)?;
                let windows: Vec<_> = windows.collect();
                let next = Next::Windows(windows.len());
                let prior = std::mem::take(prior);
                self.state = State::Windows {
                    prior,
                    latent,
                    windows,
                };
                Ok(next)
            }
            State::Windows { windows, .. } => Ok(Next::Windows(windows.len())),
        }
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
            State::Begun(_) | State::Opening { .. } => Ok(()), // there are none
        }
    }
}

impl PartedModel {
    fn run_text(&self, inference: Inference, cancel: &CancelToken) -> Result<Prior> {
        self.text.run(inference, cancel, |outputs| {
            let seams = &self.seams;
            let beside = |extras: &[SideInput]| -> Result<Vec<Beside>> {
                let beside = |extra| self.beside(outputs, extra);
                extras.iter().map(beside).collect()
            };
            let (shape, values) = self.output(outputs, &seams.prior)?;
            Ok(Prior {
                prior: Frames::new(values, &shape),
                flow_extras: beside(&seams.flow_side_inputs)?,
                decoder_extras: beside(&seams.decoder_side_inputs)?,
            })
        })
    }

    fn beside(&self, outputs: &Outputs<'_>, extra: &SideInput) -> Result<Beside> {
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
        let at = self.text.output(name).ok_or_else(|| Error::Inference {
            source: format!("its text part has no output `{name}`").into(),
        })?;
        let (shape, values) = outputs.floats(at)?;
        Ok((sizes(shape), values))
    }

    /// Returns the next small window and the frames that the flow must see for
    /// it, where they are so few that it pays to run it on them first.
    fn opening(&self, prior: &Prior, windows: &Windows) -> Option<(Range<usize>, Range<usize>)> {
        let window = windows.next_small()?;
        let overlap = self.decoder_overlap() + self.seams.flow_overlap_frames?;
        let front = around(&window, overlap, prior.frames());
        // Twice nearly everything would cost more than it saves.
        (front.len() * 2 < prior.frames()).then_some((window, front))
    }

    /// Frames that the decoder needs on each side of those whose samples are
    /// wanted.
    fn decoder_overlap(&self) -> usize {
        self.seams.coarse_overlap_frames + self.seams.fine_overlap_frames
    }

    /// Runs the flow on a range of frames. Where it was cut, its first and
    /// last frames lack their overlap.
    fn run_flow(&self, prior: &Prior, range: Range<usize>, cancel: &CancelToken) -> Result<Frames> {
        let slices = Slices::of(&self.seams.prior, &prior.prior, &prior.flow_extras, &range)?;
        self.flow.run(&slices.tensors(), cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            Ok(Frames::at(range.start, values, &sizes(shape)))
        })
    }

    /// Appends the samples of a window.
    fn decode(
        &self,
        prior: &Prior,
        latent: &Frames,
        window: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let seen = around(window, self.decoder_overlap(), prior.frames());
        let extras = &prior.decoder_extras;
        let slices = Slices::of(&self.seams.latent, latent, extras, &seen)?;
        self.coarse.run(&slices.tensors(), cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            let sketch = Sketch {
                values,
                positions: sizes(shape).last().copied().unwrap_or(0),
                first_frame: seen.start,
                frames: prior.frames(),
            };
            fine(window).try_for_each(|part| self.finish(&sketch, &part, cancel, samples))
        })
    }

    /// Appends the samples of a part of a window.
    fn finish(
        &self,
        sketch: &Sketch<'_>,
        part: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let Interface {
            positions_per_frame: positions,
            hop,
            ..
        } = self.seams;
        let seen = around(part, self.seams.fine_overlap_frames, sketch.frames);
        let at = |frame: usize| (frame - sketch.first_frame) * positions;
        let values = columns(
            sketch.values,
            sketch.positions,
            &(at(seen.start)..at(seen.end)),
        )?;
        let length = seen.len() * positions;
        let shape = [1, values.len() / length.max(1), length];
        let input = [(
            self.seams.decoder_hidden.as_str(),
            Tensor::Floats(&values, &shape),
        )];
        self.fine.run(&input, cancel, |outputs| {
            let (_, decoded) = outputs.floats(0)?;
            let from = (part.start - seen.start) * hop;
            let wanted = decoded.get(from..from + part.len() * hop);
            samples.extend_from_slice(wanted.ok_or_else(|| Error::Inference {
                source: "its decoder gave fewer samples than frames".into(),
            })?);
            Ok(())
        })
    }
}

/// What the coarse decoder gave: `[channels][positions]`.
struct Sketch<'a> {
    values: &'a [f32],
    positions: usize,
    first_frame: usize,
    /// Of the whole sentence.
    frames: usize,
}

impl Prior {
    fn frames(&self) -> usize {
        self.prior.range.end
    }
}
