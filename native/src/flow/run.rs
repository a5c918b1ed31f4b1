//! Runs a flow on the frames of a sentence, from the first to the last.
//!
//! Each gate is a few frames ahead of the next one, which looks so far to the right. So the
//! latent of the first frames needs little more of the prior, and no frame is computed twice.

use std::mem;
use std::ops::Range;
use std::sync::Arc;

use super::ends::{CouplingEnds, Ends};
use super::model::Model;
use super::places::{CouplingPlaces, GatePlaces};
use super::{Advance, Coupling, Couplings, Prior};
use crate::activation::{sigmoid, tanh};
use crate::arithmetic::Arithmetic;
use crate::convolution::{self, Activation, ConvolutionRun, Finish, FirstRows, FollowUp, Output};
use crate::packed::{padded, with_condition};
use crate::rows::{Rows, transpose};
use crate::{Error, Result};

/// How many frames are computed together: their buffers fit into the second cache, and they
/// are whole blocks of Winograd's algorithm.
const FRAMES: usize = 96;

/// The flow of a sentence.
pub(super) struct Run<A: Arithmetic> {
    model: Arc<Model<A>>,
    buffers: Buffers<A::Operand>,
    ends: Ends,
    /// The end of the latent that was returned. A few more frames may be computed.
    returned: isize,
}

/// The buffers of a run.
#[derive(Debug, Default)]
pub(super) struct Buffers<T> {
    /// The halves of the channels, in the order of the prior, and the same as operands.
    halves: [Rows<f32>; 2],
    half_operands: [Rows<T>; 2],
    couplings: Vec<CouplingBuffers<T>>,
    /// Of the gate that runs.
    gated: Rows<T>,
    /// Of the coupling that runs.
    skip_operands: Rows<T>,
    convolution: convolution::Workspace<T>,
}

#[derive(Debug, Default)]
struct CouplingBuffers<T> {
    /// What the gates have added up so far: of each frame the input of its next gate.
    hidden: Rows<f32>,
    /// The input of each gate, as operands.
    inputs: Vec<Rows<T>>,
    /// The sum of the skips.
    skips: Rows<f32>,
}

impl<A: Arithmetic> Drop for Run<A> {
    fn drop(&mut self) {
        self.model.workspaces.put(mem::take(&mut self.buffers));
    }
}

impl<A: Arithmetic> Advance for Run<A> {
    fn advance(
        &mut self,
        prior: Prior<'_>,
        end: usize,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>> {
        let half = self.model.architecture.half;
        let conditions = self.model.conditions(prior.speaker)?;
        if !prior.values.len().is_multiple_of(2 * half) {
            return Err(Error::Disagreement);
        }
        let sentence = 0..(prior.values.len() / (2 * half)) as isize;
        let first = self.returned;
        let end = isize::try_from(end).unwrap_or(isize::MAX);
        let end = end.min(sentence.end).max(first);
        let mut latent = vec![0.0; 2 * half * (end - first) as usize];
        for start in (first..end).step_by(FRAMES) {
            let part = start..end.min(start + FRAMES as isize);
            let ends = Ends::of::<A>(&self.model.architecture, part.end, &sentence);
            self.step(prior, &conditions, &ends, &sentence, is_cancelled)?;
            self.copy_latent(&part, &mut latent, &(first..end));
            self.returned = part.end;
        }
        Ok(latent)
    }
}

impl<A: Arithmetic> Run<A> {
    /// The flow of a sentence of which nothing is computed.
    pub(super) fn new(model: Arc<Model<A>>) -> Self {
        let mut buffers = model.workspaces.take();
        buffers.clear();
        Self {
            ends: Ends::none(&model.architecture),
            returned: 0,
            buffers,
            model,
        }
    }

    /// Computes the frames up to `ends`.
    fn step(
        &mut self,
        prior: Prior<'_>,
        conditions: &[Option<&[f32]>],
        ends: &Ends,
        sentence: &Range<isize>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<()> {
        self.slide(ends, sentence);
        self.read(prior, self.ends.prior()..ends.prior())?;
        let model = Arc::clone(&self.model);
        let mut conditions = conditions;
        for (n, coupling) in model.architecture.couplings.iter().enumerate() {
            let (own, rest) = conditions.split_at(coupling.gates.len());
            conditions = rest;
            let places = &model.places.couplings[n];
            self.couple(n, coupling, places, own, &ends.couplings[n], is_cancelled)?;
            self.ends.couplings[n] = ends.couplings[n].clone();
        }
        Ok(())
    }

    /// Makes room in the buffers for the frames up to `ends`.
    fn slide(&mut self, ends: &Ends, sentence: &Range<isize>) {
        let model = &self.model;
        let Couplings {
            half,
            hidden,
            ref couplings,
            ..
        } = model.architecture;
        let (half, hidden) = (padded::<A>(half), padded::<A>(hidden));
        let buffers = &mut self.buffers;
        // A tile reads more rows than it needs.
        let range = self.returned..ends.prior() + 2 * A::ROWS as isize;
        for rows in &mut buffers.halves {
            rows.slide(range.clone(), half);
        }
        for rows in &mut buffers.half_operands {
            rows.slide(range.clone(), half / A::CHANNELS);
        }
        buffers
            .couplings
            .resize_with(couplings.len(), Default::default);
        for (n, buffers) in buffers.couplings.iter_mut().enumerate() {
            let margin = model.margins[n];
            let start = self.ends.couplings[n].last() - margin;
            let range = start..ends.couplings[n].first + margin + 2 * A::ROWS as isize;
            for rows in [&mut buffers.hidden, &mut buffers.skips] {
                rows.slide(range.clone(), hidden);
            }
            let gates = couplings[n].gates.len();
            buffers.inputs.resize_with(gates, Rows::default);
            for rows in &mut buffers.inputs {
                rows.slide(range.clone(), hidden / A::CHANNELS);
                rows.clear_outside(sentence);
            }
        }
    }

    /// Copies frames of the prior to both halves.
    fn read(&mut self, prior: Prior<'_>, frames: Range<isize>) -> Result<()> {
        let half = self.model.architecture.half;
        let count = prior.values.len() / (2 * half);
        let columns = frames.start as usize..frames.end as usize;
        let halves = self.buffers.halves.iter_mut();
        let values = prior.values.chunks_exact((half * count).max(1));
        let both = halves.zip(&mut self.buffers.half_operands);
        for ((rows, operands), values) in both.zip(values) {
            let rows = rows.starting_at_mut(frames.start);
            let width = padded::<A>(half);
            transpose_floats(values, count, columns.clone(), width, rows);
            let operands = operands.starting_at_mut(frames.start);
            transpose(
                self.model.arithmetic,
                values,
                half,
                columns.clone(),
                operands,
            )?;
        }
        Ok(())
    }

    /// Subtracts from one half what depends on the other, for the frames of coupling `n` up
    /// to `ends`.
    fn couple(
        &mut self,
        n: usize,
        coupling: &Coupling,
        places: &CouplingPlaces,
        conditions: &[Option<&[f32]>],
        ends: &CouplingEnds,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<()> {
        let Buffers {
            halves,
            half_operands,
            couplings,
            gated,
            skip_operands,
            convolution,
        } = &mut self.buffers;
        let CouplingBuffers {
            hidden,
            inputs,
            skips,
        } = &mut couplings[n];
        let done = &self.ends.couplings[n];
        let (read, changed) = match coupling.is_reversed {
            true => (1, 0),
            false => (0, 1),
        };
        let (a, packed) = (self.model.arithmetic, &self.model.places.packed);
        let rows = done.first..ends.first;
        let first = FollowUp {
            addends: [None, None],
            output: Output::To(hidden.starting_at_mut(rows.start)),
            activation: Some(unchanged(&mut inputs[0], rows.start)),
        };
        let first = of_rows(&rows, first);
        let input = &half_operands[read];
        a.run(ConvolutionRun::new(
            packed,
            &places.first,
            input,
            rows,
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
            let rows = done.gates[n]..ends.gates[n];
            let start = rows.start;
            gated.reset(with_slack::<A>(&rows), inputs[n].width());
            let condition = condition.map(|values| self.model.gate_condition(values));
            let bias = with_condition(packed.bias(gate), condition.as_deref());
            let finish = Gate {
                to: gated.starting_at_mut(start),
            };
            let finish = of_rows(&rows, finish);
            let (before, after) = inputs.split_at_mut(n + 1);
            let run = ConvolutionRun::new(packed, gate, &before[n], rows.clone(), finish);
            ConvolutionRun { bias: &bias, ..run }.run(a, convolution);
            if let (Some(residual), [next, ..]) = (residual, after) {
                let finish = FollowUp {
                    addends: [None, None],
                    output: Output::AddedTo(hidden.starting_at_mut(start)),
                    activation: Some(unchanged(next, start)),
                };
                let finish = of_rows(&rows, finish);
                let rows = rows.clone();
                a.run(ConvolutionRun::new(packed, residual, gated, rows, finish));
            }
            if n == last_gate {
                skip_operands.reset(with_slack::<A>(&rows), gated.width());
            }
            let finish = FollowUp {
                addends: [None, None],
                output: match n {
                    0 => Output::To(skips.starting_at_mut(start)),
                    _ => Output::AddedTo(skips.starting_at_mut(start)),
                },
                activation: (n == last_gate).then(|| unchanged(skip_operands, start)),
            };
            let finish = of_rows(&rows, finish);
            a.run(ConvolutionRun::new(packed, skip, gated, rows, finish));
        }
        let rows = done.last()..ends.last();
        let finish = FollowUp {
            addends: [None, None],
            output: Output::AddedTo(halves[changed].starting_at_mut(rows.start)),
            activation: Some(unchanged(&mut half_operands[changed], rows.start)),
        };
        let finish = of_rows(&rows, finish);
        let input = &*skip_operands;
        a.run(ConvolutionRun::new(
            packed,
            &places.last,
            input,
            rows,
            finish,
        ));
        Ok(())
    }

    /// Copies both halves of these frames to `latent`, `[channels][frames]`, which has those
    /// of `all`.
    fn copy_latent(&self, frames: &Range<isize>, latent: &mut [f32], all: &Range<isize>) {
        let half = self.model.architecture.half;
        let columns = (frames.start - all.start) as usize..(frames.end - all.start) as usize;
        for (n, channel) in latent.chunks_exact_mut(all.len().max(1)).enumerate() {
            let n = match self.model.architecture.ends_reversed {
                true => 2 * half - 1 - n,
                false => n,
            };
            let rows = &self.buffers.halves[n / half];
            let values = rows.starting_at(frames.start)[n % half..].iter();
            let values = values.step_by(rows.width());
            let channel = channel[columns.clone()].iter_mut();
            channel.zip(values).for_each(|(to, &from)| *to = from);
        }
    }
}

impl<T: Copy + Default> Buffers<T> {
    /// Forgets the last sentence.
    fn clear(&mut self) {
        self.halves.iter_mut().for_each(Rows::clear);
        self.half_operands.iter_mut().for_each(Rows::clear);
        for coupling in &mut self.couplings {
            coupling.hidden.clear();
            coupling.skips.clear();
            coupling.inputs.iter_mut().for_each(Rows::clear);
        }
    }
}

/// Finishes these rows, and no others.
fn of_rows<F>(rows: &Range<isize>, finish: F) -> FirstRows<F> {
    FirstRows {
        count: rows.len(),
        finish,
    }
}

/// These rows, and those that a tile reads too many.
fn with_slack<A: Arithmetic>(rows: &Range<isize>) -> Range<isize> {
    rows.start..rows.end + 2 * A::ROWS as isize
}

/// Stores the values as operands.
fn unchanged<A: Arithmetic>(to: &mut Rows<A::Operand>, start: isize) -> Activation<'_, A> {
    Activation {
        scale: 1.0,
        slope: 1.0,
        to: to.starting_at_mut(start),
    }
}

/// Copies columns of `[channels][count]` to rows of `width` channels; the last ones are zero.
fn transpose_floats(
    values: &[f32],
    count: usize,
    columns: Range<usize>,
    width: usize,
    rows: &mut [f32],
) {
    let channels = values.len() / count.max(1);
    for (column, row) in columns.zip(rows.chunks_exact_mut(width)) {
        row[channels..].fill(0.0);
        let values = values[column..].iter().step_by(count);
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
