//! Runs a flow on the frames of a sentence, from the first to the last.
//!
//! Each gate is a few frames ahead of the next one, which looks so far to the right. So the
//! latent of the first frames needs little more of the prior, and no frame is computed twice.

use std::mem;
use std::ops::Range;
use std::sync::Arc;

use super::buffers::{Buffers, CouplingBuffers, Step, with_slack};
use super::ends::{CouplingEnds, Ends};
use super::model::Model;
use super::places::GatePlaces;
use super::{Advance, Prior, Transform};
use crate::activation::{sigmoid, tanh};
use crate::arithmetic::Arithmetic;
use crate::convolution::{Activation, ConvolutionRun, Finish, FirstRows, FollowUp, Output};
use crate::packed::with_condition;
use crate::rows::Rows;
use crate::{Error, Result};

/// How many frames are computed together: whole blocks of Winograd's algorithm. More would
/// need more memory, fewer would read all weights more often.
pub(super) const FRAMES: usize = 96;

/// The flow of a sentence.
pub(super) struct Run<A: Arithmetic> {
    model: Arc<Model<A>>,
    state: State<A::Operand>,
    ends: Ends,
    /// The end of the latent that was returned. A few more frames may be computed.
    returned: isize,
}

enum State<T> {
    /// No frame is computed.
    New,
    Running(Box<Buffers<T>>),
    /// Some gates are ahead of their frames.
    Failed,
}

impl<A: Arithmetic> Transform for Model<A> {
    fn begin(self: Arc<Self>) -> Box<dyn Advance> {
        Box::new(Run {
            ends: Ends::none(&self.architecture),
            model: self,
            state: State::New,
            returned: 0,
        })
    }
}

impl<A: Arithmetic> Drop for Run<A> {
    fn drop(&mut self) {
        if let State::Running(buffers) = mem::replace(&mut self.state, State::Failed) {
            self.model.workspaces.put(*buffers);
        }
    }
}

impl<A: Arithmetic> Advance for Run<A> {
    fn advance(
        &mut self,
        prior: Prior<'_>,
        end: usize,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>> {
        let model = Arc::clone(&self.model);
        let half = model.architecture.half;
        let conditions = model.conditions(prior.speaker)?;
        let sentence = 0..isize::try_from(prior.frames).map_err(|_| Error::TooLong)?;
        let first = self.returned;
        let end = isize::try_from(end).unwrap_or(isize::MAX);
        let end = end.min(sentence.end).max(first);
        let mut buffers = match mem::replace(&mut self.state, State::Failed) {
            State::New => Box::new(model.workspaces.take().cleared()),
            State::Running(buffers) => buffers,
            State::Failed => return Err(Error::Disagreement),
        };
        let mut latent = vec![0.0; 2 * half * (end - first) as usize];
        for start in (first..end).step_by(FRAMES) {
            let part = start..end.min(start + FRAMES as isize);
            let ends = Ends::of::<A>(&model.architecture, part.end, &sentence);
            buffers.slide::<A>(Step {
                architecture: &model.architecture,
                sentence: &sentence,
                first: part.start,
                before: &self.ends,
                after: &ends,
            });
            let frames = self.ends.prior()..ends.prior();
            let values = (prior.values)(frames.start as usize..frames.end as usize);
            buffers.read(model.arithmetic, &values, half, frames)?;
            let mut conditions = &conditions[..];
            for (n, coupling) in model.architecture.couplings.iter().enumerate() {
                let (own, rest) = conditions.split_at(coupling.gates.len());
                conditions = rest;
                self.couple(&mut buffers, n, own, &ends.couplings[n], is_cancelled)?;
            }
            self.ends = ends;
            buffers.copy_latent(&model.architecture, &part, &mut latent, &(first..end));
        }
        self.returned = end;
        self.state = State::Running(buffers);
        Ok(latent)
    }
}

impl<A: Arithmetic> Run<A> {
    /// Subtracts from one half what depends on the other, for the frames of coupling `n` up
    /// to `ends`.
    fn couple(
        &self,
        buffers: &mut Buffers<A::Operand>,
        n: usize,
        conditions: &[Option<&[f32]>],
        ends: &CouplingEnds,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<()> {
        let coupling = &self.model.architecture.couplings[n];
        let places = &self.model.places.couplings[n];
        let Buffers {
            halves,
            half_operands,
            couplings,
            gated,
            skip_operands,
            convolution,
        } = buffers;
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
}

/// Finishes these rows, and no others.
fn of_rows<F>(rows: &Range<isize>, finish: F) -> FirstRows<F> {
    FirstRows {
        count: rows.len(),
        finish,
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
