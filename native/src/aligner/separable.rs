//! A stack of separable convolutions with residuals.

use super::model::Model;
use super::places::SeparablePlaces;
use crate::arithmetic::{Arithmetic, Fp32, Task};
use crate::depthwise::Depthwise;
use crate::gelu::gelu;
use crate::norm::Norm;
use crate::rows::Rows;

/// The buffers of a stack.
pub(super) struct Buffers {
    /// The inputs, to which each layer adds; its margins stay zero.
    pub(super) state: Rows<f32>,
    depthwise: Rows<f32>,
    pointwise: Rows<f32>,
}

impl Buffers {
    pub(super) fn new(ids: usize, margin: usize, width: usize) -> Self {
        Self {
            state: Rows::zeros(ids, margin, width),
            depthwise: Rows::zeros(ids, 0, width),
            pointwise: Rows::zeros(ids, 0, width),
        }
    }
}

impl<A: Fp32> Model<A> {
    /// Runs a stack on the first `ids` rows.
    pub(super) fn separable(&self, stack: &[SeparablePlaces], ids: usize, buffers: &mut Buffers) {
        let channels = self.architecture.filter;
        let Buffers {
            state,
            depthwise,
            pointwise,
        } = buffers;
        let width = state.width();
        for (layer, place) in self.architecture.separable.iter().zip(stack) {
            self.arithmetic.run(Depthwise {
                weights: self.packed.floats(&place.depthwise[0]),
                bias: self.packed.floats(&place.depthwise[1]),
                dilation: layer.dilation,
                before: layer.reach(),
                input: state,
                rows: 0..ids as isize,
                output: depthwise.starting_at_mut(0),
            });
            let norm = |n: usize| Norm {
                scale: &self.packed.floats(&place.norms[n][0])[..channels],
                shift: &self.packed.floats(&place.norms[n][1])[..channels],
                epsilon: self.architecture.epsilon,
                width,
            };
            let values = &mut depthwise.starting_at_mut(0)[..ids * width];
            self.arithmetic.run(Activated {
                norm: norm(0),
                values,
                to: None,
            });
            self.pointwise(&place.pointwise, depthwise, ids, pointwise);
            self.arithmetic.run(Activated {
                norm: norm(1),
                values: &mut pointwise.starting_at_mut(0)[..ids * width],
                to: Some(state.starting_at_mut(0)),
            });
        }
    }
}

/// Normalizes rows and activates them.
struct Activated<'a> {
    norm: Norm<'a>,
    values: &'a mut [f32],
    /// What the rows are then added to.
    to: Option<&'a mut [f32]>,
}

impl<A: Arithmetic> Task<A> for Activated<'_> {
    #[inline(always)]
    fn perform(self, _: A) {
        let Norm { width, .. } = self.norm;
        for row in self.values.chunks_exact_mut(width) {
            self.norm.apply(row);
            row.iter_mut().for_each(|value| *value = gelu(*value));
        }
        if let Some(to) = self.to {
            to.iter_mut()
                .zip(&*self.values)
                .for_each(|(to, value)| *to += value);
        }
    }
}
