//! Runs a flow on the frames of a prior.

use std::ops::Range;

use super::places::{CouplingPlaces, GatePlaces, Places, gate_channels};
use super::{Coupling, Couplings, Prior, Transform};
use crate::activation::{sigmoid, tanh};
use crate::arithmetic::Arithmetic;
use crate::convolution::{self, Activation, ConvolutionRun, Finish, FollowUp, Output};
use crate::packed::{Bytes, Channels, padded, with_condition};
use crate::reach::Reach;
use crate::rows::{Rows, transpose};
use crate::workspaces::Workspaces;
use crate::{Error, Result};

/// A flow in the arithmetic of one instruction set.
#[derive(Debug)]
pub(super) struct Model<A: Arithmetic> {
    arithmetic: A,
    architecture: Couplings,
    places: Places,
    gate_channels: Channels,
    workspaces: Workspaces<Workspace<A::Operand>>,
}

/// The buffers of a run.
#[derive(Debug, Default)]
struct Workspace<T> {
    /// The halves of the channels, in the order of the prior, and the same as operands.
    halves: [Rows<f32>; 2],
    half_operands: [Rows<T>; 2],
    /// The input of a gate, and the same as operands.
    hidden: Rows<f32>,
    hidden_operands: Rows<T>,
    gated: Rows<T>,
    /// The sum of the skips, and the same as operands.
    skips: Rows<f32>,
    skip_operands: Rows<T>,
    convolution: convolution::Workspace<T>,
}

impl<A: Arithmetic> Transform for Model<A> {
    fn run(
        &self,
        prior: Prior<'_>,
        speaker: &[&[f32]],
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>> {
        let run = |workspace: &mut _| self.run_in(workspace, prior, speaker, is_cancelled);
        self.workspaces.with(run)
    }

    fn frames_for(&self, frames: &Range<usize>, sentence_frames: usize) -> Range<usize> {
        let sentence = 0..sentence_frames as isize;
        let frames = frames.start as isize..frames.end as isize;
        let gates = self.architecture.couplings.iter().flat_map(|c| &c.gates);
        let needed = gates.rev().fold(frames, |frames, gate| {
            Reach::of::<A>(gate).inputs(&frames, &sentence)
        });
        needed.start as usize..needed.end as usize
    }
}

impl<A: Arithmetic> Model<A> {
    /// `None` if these are not the packed weights of this architecture.
    pub(super) fn new(arithmetic: A, architecture: Couplings, bytes: Bytes) -> Option<Self> {
        Some(Self {
            arithmetic,
            places: Places::new::<A>(&architecture, bytes)?,
            gate_channels: gate_channels::<A>(architecture.hidden),
            architecture,
            workspaces: Workspaces::default(),
        })
    }

    fn run_in(
        &self,
        workspace: &mut Workspace<A::Operand>,
        prior: Prior<'_>,
        speaker: &[&[f32]],
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>> {
        let Couplings {
            half,
            hidden,
            ref couplings,
            ..
        } = self.architecture;
        let gates = couplings.iter().map(|coupling| coupling.gates.len());
        let conditions: Vec<Option<&[f32]>> = match self.architecture.has_speaker {
            true => speaker.iter().map(|&values| Some(values)).collect(),
            false => vec![None; gates.clone().sum()],
        };
        let are_complete =
            |values: &Option<&[f32]>| values.is_none_or(|values| values.len() == 2 * hidden);
        let fit = conditions.len() == gates.sum() && conditions.iter().all(are_complete);
        if !fit || !prior.values.len().is_multiple_of(2 * half) {
            return Err(Error::Disagreement);
        }
        let count = prior.values.len() / (2 * half);
        let frames = prior.first_frame as isize..(prior.first_frame + count) as isize;
        self.reset(workspace, &frames);
        self.read(workspace, prior)?;
        let mut conditions = &conditions[..];
        for (coupling, places) in couplings.iter().zip(&self.places.couplings) {
            let (own, rest) = conditions.split_at(places.gates.len());
            conditions = rest;
            self.couple(workspace, coupling, places, own, &frames, is_cancelled)?;
        }
        Ok(self.latent(workspace, &frames))
    }

    fn reset(&self, workspace: &mut Workspace<A::Operand>, frames: &Range<isize>) {
        let gates = self.architecture.couplings.iter().flat_map(|c| &c.gates);
        let margins = gates.map(|gate| Reach::of::<A>(gate).margin());
        let margin = margins.max().unwrap_or(0) as isize;
        let range = frames.start - margin..frames.end + margin + 2 * A::ROWS as isize;
        let half = padded::<A>(self.architecture.half);
        let hidden = padded::<A>(self.architecture.hidden);
        for rows in &mut workspace.halves {
            rows.reset(range.clone(), half);
        }
        for rows in &mut workspace.half_operands {
            rows.reset(range.clone(), half / A::CHANNELS);
        }
        for rows in [&mut workspace.hidden, &mut workspace.skips] {
            rows.reset(range.clone(), hidden);
        }
        for rows in [
            &mut workspace.hidden_operands,
            &mut workspace.gated,
            &mut workspace.skip_operands,
        ] {
            rows.reset(range.clone(), hidden / A::CHANNELS);
        }
    }

    /// Copies the prior to both halves.
    fn read(&self, workspace: &mut Workspace<A::Operand>, prior: Prior<'_>) -> Result<()> {
        let half = self.architecture.half;
        let Workspace {
            halves,
            half_operands,
            ..
        } = workspace;
        let first = prior.first_frame as isize;
        let frames = prior.values.len() / (2 * half);
        let values = prior.values.chunks_exact(half * frames.max(1));
        for ((rows, operands), values) in halves.iter_mut().zip(half_operands).zip(values) {
            let rows = rows.starting_at_mut(first);
            transpose_floats(values, half, frames, padded::<A>(half), rows);
            let operands = operands.starting_at_mut(first);
            transpose(self.arithmetic, values, half, 0..frames, operands)?;
        }
        Ok(())
    }

    /// Subtracts from one half what depends on the other.
    fn couple(
        &self,
        workspace: &mut Workspace<A::Operand>,
        coupling: &Coupling,
        places: &CouplingPlaces,
        conditions: &[Option<&[f32]>],
        frames: &Range<isize>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<()> {
        let Workspace {
            halves,
            half_operands,
            hidden,
            hidden_operands,
            gated,
            skips,
            skip_operands,
            convolution,
        } = workspace;
        let (read, changed) = match coupling.is_reversed {
            true => (1, 0),
            false => (0, 1),
        };
        let (a, packed) = (self.arithmetic, &self.places.packed);
        let (rows, start) = (frames.clone(), frames.start);
        let first = FollowUp {
            addends: [None, None],
            output: Output::To(hidden.starting_at_mut(start)),
            activation: Some(unchanged(hidden_operands, start)),
        };
        let input = &half_operands[read];
        a.run(ConvolutionRun::new(
            packed,
            &places.first,
            input,
            rows.clone(),
            first,
        ));
        let last_gate = places.gates.len() - 1;
        for (n, (place, condition)) in places.gates.iter().zip(conditions).enumerate() {
            let GatePlaces {
                gate,
                residual,
                skip,
            } = place;
            if is_cancelled() {
                return Err(Error::Cancelled);
            }
            hidden_operands.clear_outside(frames);
            let condition = condition.map(|values| self.gate_condition(values));
            let bias = with_condition(packed.bias(gate), condition.as_deref());
            let finish = Gate {
                to: gated.starting_at_mut(start),
            };
            let run = ConvolutionRun::new(packed, gate, hidden_operands, rows.clone(), finish);
            ConvolutionRun { bias: &bias, ..run }.run(a, convolution);
            if let Some(residual) = residual {
                let finish = FollowUp {
                    addends: [None, None],
                    output: Output::AddedTo(hidden.starting_at_mut(start)),
                    activation: Some(unchanged(hidden_operands, start)),
                };
                a.run(ConvolutionRun::new(
                    packed,
                    residual,
                    gated,
                    rows.clone(),
                    finish,
                ));
            }
            let finish = FollowUp {
                addends: [None, None],
                output: match n {
                    0 => Output::To(skips.starting_at_mut(start)),
                    _ => Output::AddedTo(skips.starting_at_mut(start)),
                },
                activation: (n == last_gate).then(|| unchanged(skip_operands, start)),
            };
            a.run(ConvolutionRun::new(
                packed,
                skip,
                gated,
                rows.clone(),
                finish,
            ));
        }
        let finish = FollowUp {
            addends: [None, None],
            output: Output::AddedTo(halves[changed].starting_at_mut(start)),
            activation: Some(unchanged(&mut half_operands[changed], start)),
        };
        a.run(ConvolutionRun::new(
            packed,
            &places.last,
            skip_operands,
            rows,
            finish,
        ));
        Ok(())
    }

    /// What is added in a gate, in the order of its outputs in memory.
    fn gate_condition(&self, values: &[f32]) -> Vec<f32> {
        let channels = self.gate_channels.iter();
        channels
            .map(|channel| channel.map_or(0.0, |n| values[n]))
            .collect()
    }

    /// Copies both halves to `[channels][frames]`.
    fn latent(&self, workspace: &Workspace<A::Operand>, frames: &Range<isize>) -> Vec<f32> {
        let half = self.architecture.half;
        let (first, frames) = (frames.start, frames.len());
        let mut latent = vec![0.0; 2 * half * frames];
        for (n, channel) in latent.chunks_exact_mut(frames.max(1)).enumerate() {
            let n = match self.architecture.ends_reversed {
                true => 2 * half - 1 - n,
                false => n,
            };
            let rows = &workspace.halves[n / half];
            let values = rows.starting_at(first)[n % half..]
                .iter()
                .step_by(rows.width());
            channel
                .iter_mut()
                .zip(values)
                .for_each(|(to, &from)| *to = from);
        }
        latent
    }
}

/// Stores the values as operands.
fn unchanged<A: Arithmetic>(to: &mut Rows<A::Operand>, start: isize) -> Activation<'_, A> {
    Activation {
        scale: 1.0,
        slope: 1.0,
        to: to.starting_at_mut(start),
    }
}

/// Copies `[channels][columns]` to rows of `width` channels; the last ones are zero.
fn transpose_floats(
    values: &[f32],
    channels: usize,
    columns: usize,
    width: usize,
    rows: &mut [f32],
) {
    for (column, row) in rows.chunks_exact_mut(width).take(columns).enumerate() {
        row[channels..].fill(0.0);
        let values = values[column..].iter().step_by(columns);
        row.iter_mut()
            .zip(values)
            .for_each(|(to, &from)| *to = from);
    }
}

/// The tangent of the left outputs, multiplied by the sigmoid of the right ones.
struct Gate<'a, A: Arithmetic> {
    to: &'a mut [A::Operand],
}

impl<A: Arithmetic> Finish<A> for Gate<'_, A> {
    #[inline(always)]
    fn finish(&mut self, a: A, sums: [A::Vector; 2], row: usize, column: usize, width: usize) {
        let [left, right] = sums;
        let value = a.multiply(tanh(a, left), sigmoid(a, right));
        let at = (row * width + column) / 2;
        a.store_operands(value, &mut self.to[at / A::CHANNELS..]);
    }
}
