//! The latent of a sentence that grows from its first frame to its last.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::flow_stage::NativeFlow;
use super::frame_tensor::{FrameTensor, disagreement};
use super::prior::Prior;
use crate::{CancelToken, Error, Result};
use piper_rs_native::FlowRun;

/// A latent that native kernels compute as far as it is needed: no frame twice. Windows may
/// need it on several threads. One of them computes while those wait that need its frames.
pub(super) struct GrowingLatent {
    flow: Arc<NativeFlow>,
    known: Mutex<KnownFrames>,
    /// Locked before `known`. `None` after the last frame or an error.
    run: Mutex<Option<FlowRun>>,
}

struct KnownFrames {
    /// Of the whole sentence; zero from `end` on.
    latent: FrameTensor,
    end: usize,
}

impl GrowingLatent {
    /// A latent of which nothing is known.
    pub(super) fn new(flow: &Arc<NativeFlow>, prior: &Prior) -> Self {
        let (channels, range) = (prior.channels(), 0..prior.frames());
        Self {
            flow: Arc::clone(flow),
            known: Mutex::new(KnownFrames {
                latent: FrameTensor {
                    values: vec![0.0; channels * range.len()],
                    channels,
                    range,
                },
                end: 0,
            }),
            run: Mutex::new(Some(flow.begin())),
        }
    }

    /// Returns these frames, after all frames up to them were computed.
    pub(super) fn frames(
        &self,
        frames: &Range<usize>,
        prior: &Prior,
        cancel: &CancelToken,
    ) -> Result<FrameTensor> {
        self.compute(frames.end, prior, cancel)?;
        let latent = &self.known().latent;
        Ok(FrameTensor {
            values: latent.slice(frames)?,
            channels: latent.channels,
            range: frames.clone(),
        })
    }

    /// Computes all frames before `end`.
    pub(super) fn compute(&self, end: usize, prior: &Prior, cancel: &CancelToken) -> Result<()> {
        if end <= self.known().end {
            return Ok(());
        }
        // A panic leaves no run.
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.known().end;
        if end <= known {
            return Ok(());
        }
        let end = match known {
            0 => end,
            // Fewer frames cost more each.
            _ => (known + (end - known).next_multiple_of(FlowRun::FRAMES)).min(prior.frames()),
        };
        let mut running = run.take().ok_or_else(|| match cancel.is_cancelled() {
            true => Error::Cancelled,
            false => failed_before(),
        })?;
        let part = self.flow.advance(&mut running, prior, end, cancel)?;
        self.known().add(&part, end)?;
        // Without it, its buffers are free for the next sentence.
        *run = (end < prior.frames()).then_some(running);
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, KnownFrames> {
        // Nothing panics while it is changed.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KnownFrames {
    /// Adds the frames up to `end`, `[channels][frames]`.
    fn add(&mut self, part: &[f32], end: usize) -> Result<()> {
        let count = end - self.end;
        let all = self.latent.range.end;
        if end > all || part.len() != count * self.latent.channels {
            return Err(disagreement());
        }
        let channels = self.latent.values.chunks_exact_mut(all);
        for (channel, part) in channels.zip(part.chunks_exact(count)) {
            channel[self.end..end].copy_from_slice(part);
        }
        self.end = end;
        Ok(())
    }
}

fn failed_before() -> Error {
    Error::Inference {
        source: "its flow failed in another window".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::prior::PriorValues;
    use piper_rs_native::{
        Convolution, Coupling, CouplingLayers, Couplings, Flow, GateLayers, Kernels, Layer,
        Precision, Weights,
    };

    const FRAMES: usize = 300;

    /// A layer whose weights differ.
    fn layer(outputs: usize, inputs: usize, taps: usize) -> Layer {
        let values = (0..outputs * inputs * taps).map(|n| (n as f32).sin());
        Layer {
            weights: Weights::new([outputs, inputs, taps], values.collect()).unwrap(),
            bias: vec![0.1; outputs],
        }
    }

    /// A flow with one coupling; `None` if this processor has no kernels.
    fn flow() -> Option<Arc<NativeFlow>> {
        let gate = Convolution {
            inputs: 4,
            outputs: 8,
            taps: 5,
            dilation: 1,
            before: 2,
        };
        let architecture = Couplings {
            half: 2,
            hidden: 4,
            couplings: vec![Coupling {
                is_reversed: false,
                gates: vec![gate],
            }],
            ends_reversed: true,
            has_speaker: false,
        };
        let layers = [CouplingLayers {
            first: layer(4, 2, 1),
            gates: vec![GateLayers {
                gate: layer(8, 4, 5),
                residual: None,
                skip: layer(4, 4, 1),
            }],
            last: layer(2, 4, 1),
        }];
        let kernels = Kernels::of_this_machine(Precision::Fp32)?;
        let mut weights = Vec::new();
        architecture.pack(&layers, kernels, &mut weights).unwrap();
        Some(Arc::new(NativeFlow {
            flow: Flow::new(architecture, kernels, Box::new(weights)).unwrap(),
            speaker_inputs: Vec::new(),
        }))
    }

    fn prior() -> Prior {
        let values: Vec<f32> = (0..4 * FRAMES).map(|n| (n as f32 * 0.7).cos()).collect();
        Prior {
            values: PriorValues::Whole(FrameTensor::new(&values, &[1, 4, FRAMES])),
            flow_sides: Vec::new(),
            decoder_sides: Vec::new(),
            durations: None,
        }
    }

    #[test]
    fn frames_are_the_same_in_any_order_and_on_any_threads() {
        let Some(flow) = flow() else { return };
        let (prior, cancel) = (prior(), CancelToken::new());
        let whole = GrowingLatent::new(&flow, &prior);
        let whole = whole.frames(&(0..FRAMES), &prior, &cancel).unwrap();
        let growing = GrowingLatent::new(&flow, &prior);
        let check = |frames: Range<usize>| {
            let found = growing.frames(&frames, &prior, &cancel).unwrap();
            assert_eq!(found.range, frames);
            assert_eq!(found.values, whole.slice(&frames).unwrap(), "{frames:?}");
        };
        check(0..22);
        std::thread::scope(|scope| {
            for start in [250, 10, 100, 50] {
                let check = &check;
                scope.spawn(move || check(start..start + 40));
            }
        });
        check(0..FRAMES);
    }

    #[test]
    fn after_a_cancel_no_frames_are_computed() {
        let Some(flow) = flow() else { return };
        let (prior, cancel) = (prior(), CancelToken::new());
        let growing = GrowingLatent::new(&flow, &prior);
        growing.compute(20, &prior, &cancel).unwrap();
        cancel.cancel();
        for _ in 0..2 {
            let cancelled = growing.compute(40, &prior, &cancel);
            assert!(matches!(cancelled, Err(Error::Cancelled)), "{cancelled:?}");
        }
        assert!(growing.frames(&(0..20), &prior, &cancel).is_ok());
    }

    #[test]
    fn after_an_error_every_window_fails() {
        let Some(flow) = flow() else { return };
        let (prior, cancel) = (prior(), CancelToken::new());
        let growing = GrowingLatent::new(&flow, &prior);
        for _ in 0..2 {
            let beyond = growing.compute(FRAMES + 1, &prior, &cancel);
            assert!(matches!(beyond, Err(Error::Inference { .. })), "{beyond:?}");
        }
    }
}
