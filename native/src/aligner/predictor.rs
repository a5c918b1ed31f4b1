//! The stochastic duration predictor: noise, transformed until it is the logarithms of
//! durations. Each coupling transforms one half of it, of one channel, by splines that
//! follow from the other half and from the encoded ids.

use super::model::Model;
use super::places::SplinePlaces;
use super::separable::Buffers;
use crate::arithmetic::{Arithmetic, Fp32, Task};
use crate::rows::Rows;

/// A predictor of so many ids.
pub(super) struct Predictor<'a, A> {
    pub(super) model: &'a Model<A>,
    pub(super) ids: usize,
}

impl<A: Fp32> Predictor<'_, A> {
    /// The logarithm of each duration, made of noise `[2][ids]`.
    pub(super) fn logarithms(
        &self,
        encoded: &Rows<f32>,
        speaker: Option<&Rows<f32>>,
        mut noise: Vec<f32>,
    ) -> Vec<f32> {
        let Self { model, ids } = *self;
        let (places, architecture) = (&model.places, &model.architecture);
        let reach = architecture.separable.iter().map(|layer| layer.reach());
        let width = places.post.sizes.inputs;
        let mut buffers = Buffers::new(ids, reach.max().unwrap_or(0), width);
        let condition = self.condition(encoded, speaker, &mut buffers);
        let (mut given, mut transformed) = noise.split_at_mut(ids);
        for coupling in &places.couplings {
            std::mem::swap(&mut given, &mut transformed);
            self.couple(coupling, &condition, given, transformed, &mut buffers);
        }
        let logarithms = transformed.iter();
        logarithms
            .map(|value| (value - architecture.shift) * architecture.factor)
            .collect()
    }

    /// What the couplings know about the ids.
    fn condition(
        &self,
        encoded: &Rows<f32>,
        speaker: Option<&Rows<f32>>,
        buffers: &mut Buffers,
    ) -> Rows<f32> {
        let Self { model, ids } = *self;
        let places = &model.places;
        model.pointwise(&places.pre, encoded, ids, &mut buffers.state);
        let width = buffers.state.width();
        if let (Some(speaker), Some(places)) = (speaker, &places.speakers) {
            let added = model.of_speaker(&places.predictor, speaker);
            let rows = buffers.state.starting_at_mut(0).chunks_exact_mut(width);
            for row in rows.take(ids) {
                row.iter_mut().zip(&added).for_each(|(to, add)| *to += add);
            }
        }
        buffers.state.clear_outside(&(0..ids as isize));
        model.separable(&places.separable, ids, buffers);
        let mut condition = Rows::zeros(ids, 0, width);
        model.pointwise(&places.post, &buffers.state, ids, &mut condition);
        condition
    }

    /// Transforms one half of the noise.
    fn couple(
        &self,
        place: &SplinePlaces,
        condition: &Rows<f32>,
        given: &[f32],
        transformed: &mut [f32],
        buffers: &mut Buffers,
    ) {
        let Self { model, ids } = *self;
        let spline = &model.architecture.spline;
        model.arithmetic.run(Conditioned {
            weights: model.packed.floats(&place.pre[0]),
            bias: model.packed.floats(&place.pre[1]),
            condition: condition.starting_at(0),
            given,
            to: buffers.state.starting_at_mut(0),
        });
        model.separable(&place.separable, ids, buffers);
        let mut parameters = Rows::zeros(ids, 0, place.post.sizes.outputs);
        model.pointwise(&place.post, &buffers.state, ids, &mut parameters);
        for (id, value) in transformed.iter_mut().enumerate() {
            let parameters = &parameters.starting_at(id as isize)[..spline.parameters()];
            *value = spline.inverse(*value, parameters);
        }
    }
}

/// Makes rows of single numbers, and adds what is known about the ids.
struct Conditioned<'a> {
    weights: &'a [f32],
    bias: &'a [f32],
    condition: &'a [f32],
    given: &'a [f32],
    to: &'a mut [f32],
}

impl<A: Arithmetic> Task<A> for Conditioned<'_> {
    #[inline(always)]
    fn perform(self, _: A) {
        let width = self.weights.len();
        let rows = self.to.chunks_exact_mut(width);
        let rows = rows.zip(self.condition.chunks_exact(width)).zip(self.given);
        for ((row, condition), given) in rows {
            let layer = self.weights.iter().zip(self.bias).zip(condition);
            for (to, ((weight, bias), condition)) in row.iter_mut().zip(layer) {
                *to = weight * given + bias + condition;
            }
        }
    }
}
