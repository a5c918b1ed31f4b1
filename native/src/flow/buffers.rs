//! The frames that are between the parts of a flow.

use std::ops::Range;

use super::Couplings;
use super::ends::Ends;
use crate::arithmetic::Arithmetic;
use crate::convolution;
use crate::packed::padded;
use crate::reach::Reach;
use crate::rows::{Rows, transpose};
use crate::{Error, Result};

/// The buffers of a run. They hold the frames that a part has computed and another one still
/// needs.
#[derive(Debug, Default)]
pub(super) struct Buffers<T> {
    /// The halves of the channels, in the order of the prior, and the same as operands.
    pub(super) halves: [Rows<f32>; 2],
    pub(super) half_operands: [Rows<T>; 2],
    pub(super) couplings: Vec<CouplingBuffers<T>>,
    /// Of the gate that runs.
    pub(super) gated: Rows<T>,
    /// Of the coupling that runs.
    pub(super) skip_operands: Rows<T>,
    pub(super) convolution: convolution::Workspace<T>,
}

#[derive(Debug, Default)]
pub(super) struct CouplingBuffers<T> {
    /// What the gates have added up so far: of each frame the input of its next gate.
    pub(super) hidden: Rows<f32>,
    /// The input of each gate, as operands.
    pub(super) inputs: Vec<Rows<T>>,
    /// The sum of the skips so far.
    pub(super) skips: Rows<f32>,
}

/// Which frames are computed in a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    pub(super) architecture: &'a Couplings,
    pub(super) sentence: &'a Range<isize>,
    /// The first frame of the latent that is still needed.
    pub(super) first: isize,
    /// How far all parts are before and after the step.
    pub(super) before: &'a Ends,
    pub(super) after: &'a Ends,
}

impl<T: Copy + Default> Buffers<T> {
    /// Without the frames of another sentence.
    pub(super) fn cleared(mut self) -> Self {
        self.halves.iter_mut().for_each(Rows::clear);
        self.half_operands.iter_mut().for_each(Rows::clear);
        for coupling in &mut self.couplings {
            coupling.hidden.clear();
            coupling.skips.clear();
            coupling.inputs.iter_mut().for_each(Rows::clear);
        }
        self
    }

    /// Makes room for the frames of a step.
    pub(super) fn slide<A: Arithmetic<Operand = T>>(&mut self, step: Step<'_>) {
        let Step {
            architecture,
            sentence,
            first,
            before,
            after,
        } = step;
        let half = padded::<A>(architecture.half);
        let hidden = padded::<A>(architecture.hidden);
        let range = with_slack::<A>(&(first..after.prior()));
        for rows in &mut self.halves {
            rows.slide(range.clone(), half);
        }
        for rows in &mut self.half_operands {
            rows.slide(range.clone(), half / A::CHANNELS);
        }
        let couplings = &architecture.couplings;
        self.couplings
            .resize_with(couplings.len(), Default::default);
        for (n, buffers) in self.couplings.iter_mut().enumerate() {
            let gates = couplings[n].gates.iter();
            let margins = gates.map(|gate| Reach::of::<A>(gate).margin() as isize);
            let margin = margins.max().unwrap_or(0);
            let (before, after) = (&before.couplings[n], &after.couplings[n]);
            let range = before.last() - margin..after.first + margin;
            let range = with_slack::<A>(&range);
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

    /// Copies frames of the prior, `[channels][frames]`, to both halves.
    pub(super) fn read<A: Arithmetic<Operand = T>>(
        &mut self,
        arithmetic: A,
        values: &[f32],
        half: usize,
        frames: Range<isize>,
    ) -> Result<()> {
        let count = frames.len();
        if values.len() != 2 * half * count {
            return Err(Error::Disagreement);
        }
        let halves = self.halves.iter_mut().zip(&mut self.half_operands);
        let values = values.chunks_exact((half * count).max(1));
        for ((rows, operands), values) in halves.zip(values) {
            let rows = rows.starting_at_mut(frames.start);
            let width = padded::<A>(half);
            transpose_floats(values, count, width, rows);
            let operands = operands.starting_at_mut(frames.start);
            transpose(arithmetic, values, half, 0..count, operands)?;
        }
        Ok(())
    }

    /// Copies both halves of these frames to `latent`, `[channels][frames]`, which has those
    /// of `all`.
    pub(super) fn copy_latent(
        &self,
        architecture: &Couplings,
        frames: &Range<isize>,
        latent: &mut [f32],
        all: &Range<isize>,
    ) {
        let half = architecture.half;
        let columns = (frames.start - all.start) as usize..(frames.end - all.start) as usize;
        for (n, channel) in latent.chunks_exact_mut(all.len().max(1)).enumerate() {
            let n = match architecture.ends_reversed {
                true => 2 * half - 1 - n,
                false => n,
            };
            let rows = &self.halves[n / half];
            let values = rows.starting_at(frames.start)[n % half..].iter();
            let values = values.step_by(rows.width());
            let channel = channel[columns.clone()].iter_mut();
            channel.zip(values).for_each(|(to, &from)| *to = from);
        }
    }
}

/// These rows, and those that a register tile reads too many.
pub(super) fn with_slack<A: Arithmetic>(rows: &Range<isize>) -> Range<isize> {
    rows.start..rows.end + 2 * A::ROWS as isize
}

/// Copies `[channels][count]` to rows of `width` channels; the last ones are zero.
fn transpose_floats(values: &[f32], count: usize, width: usize, rows: &mut [f32]) {
    let channels = values.len() / count.max(1);
    for (column, row) in (0..count).zip(rows.chunks_exact_mut(width)) {
        row[channels..].fill(0.0);
        let values = values[column..].iter().step_by(count);
        row.iter_mut()
            .zip(values)
            .for_each(|(to, &from)| *to = from);
    }
}
