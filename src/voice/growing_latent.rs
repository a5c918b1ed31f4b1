//! The latent of a sentence that grows from its first frame to its last.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::flow_stage::NativeFlow;
use super::frame_tensor::{FrameTensor, disagreement};
use super::prior::Prior;
use crate::{CancelToken, Error, Result};
use piper_rs_native::FlowRun;

/// After the first frames, so many are computed together: fewer cost more each.
const BLOCK_FRAMES: usize = 96;

/// A latent that native kernels compute as far as it is needed: no frame twice. Windows may
/// need it on several threads. One of them computes while the others wait.
pub(super) struct GrowingLatent(Mutex<Growing>);

struct Growing {
    flow: Arc<NativeFlow>,
    /// Of the whole sentence; zero where it is not known yet.
    latent: FrameTensor,
    known: usize,
    /// `None` after the last frame or an error.
    run: Option<FlowRun>,
}

impl GrowingLatent {
    /// A latent of which nothing is known.
    pub(super) fn new(flow: &Arc<NativeFlow>, prior: &Prior) -> Self {
        let (channels, range) = (prior.prior.channels, 0..prior.frames());
        Self(Mutex::new(Growing {
            flow: Arc::clone(flow),
            latent: FrameTensor {
                values: vec![0.0; channels * range.len()],
                channels,
                range,
            },
            known: 0,
            run: Some(flow.begin()),
        }))
    }

    /// Returns these frames, after it has computed all frames up to them.
    pub(super) fn frames(
        &self,
        frames: &Range<usize>,
        prior: &Prior,
        cancel: &CancelToken,
    ) -> Result<FrameTensor> {
        let growing = self.grown(frames.end, prior, cancel)?;
        Ok(FrameTensor {
            values: growing.latent.slice(frames)?,
            channels: growing.latent.channels,
            range: frames.clone(),
        })
    }

    /// Computes all frames before `end`.
    pub(super) fn compute(&self, end: usize, prior: &Prior, cancel: &CancelToken) -> Result<()> {
        self.grown(end, prior, cancel).map(drop)
    }

    /// Computes them, and keeps other threads waiting.
    fn grown(
        &self,
        end: usize,
        prior: &Prior,
        cancel: &CancelToken,
    ) -> Result<MutexGuard<'_, Growing>> {
        // A panic leaves no run.
        let mut growing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        growing.grow(end, prior, cancel)?;
        Ok(growing)
    }
}

impl Growing {
    fn grow(&mut self, end: usize, prior: &Prior, cancel: &CancelToken) -> Result<()> {
        if end <= self.known {
            return Ok(());
        }
        let missing = end - self.known;
        let whole_blocks = self.known + missing.next_multiple_of(BLOCK_FRAMES);
        let end = match self.known {
            0 => end,
            _ => whole_blocks.min(self.latent.range.end),
        };
        // Another thread has reported why it did not go on.
        let mut run = self.run.take().ok_or(Error::Cancelled)?;
        let part = self.flow.advance(&mut run, prior, end, cancel)?;
        self.add(&part, end)?;
        // Without it, its buffers are free for the next sentence.
        self.run = (self.known < self.latent.range.end).then_some(run);
        Ok(())
    }

    /// Adds the frames up to `end`, `[channels][frames]`.
    fn add(&mut self, part: &[f32], end: usize) -> Result<()> {
        let count = end - self.known;
        let all = self.latent.range.end;
        if end > all || part.len() != count * self.latent.channels {
            return Err(disagreement());
        }
        let channels = self.latent.values.chunks_exact_mut(all);
        for (channel, part) in channels.zip(part.chunks_exact(count)) {
            channel[self.known..end].copy_from_slice(part);
        }
        self.known = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            prior: FrameTensor::new(&values, &[1, 4, FRAMES]),
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
        let beyond = GrowingLatent::new(&flow, &prior);
        let beyond = beyond.compute(FRAMES + 1, &prior, &CancelToken::new());
        assert!(matches!(beyond, Err(Error::Inference { .. })), "{beyond:?}");
    }
}
