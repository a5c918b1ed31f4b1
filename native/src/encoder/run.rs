//! An encoder in the arithmetic of one instruction set.

use super::attention::Attention;
use super::places::{LayerPlaces, Places};
use super::{Encode, Transformer};
use crate::arithmetic::{Arithmetic, Fp32, Task};
use crate::convolution::{Activation, ConvolutionRun, FollowUp, Output};
use crate::norm::Norm;
use crate::packed::{Bytes, Floats, Place};
use crate::rows::Rows;
use crate::{Error, Result};

pub(super) struct Model<A> {
    arithmetic: A,
    architecture: Transformer,
    places: Places,
}

impl<A: Fp32> Model<A> {
    /// `None` if these are not the packed weights of this architecture.
    pub(super) fn new(arithmetic: A, architecture: Transformer, weights: Bytes) -> Option<Self> {
        Some(Self {
            arithmetic,
            places: Places::new::<A>(&architecture, weights)?,
            architecture,
        })
    }

    /// The rows of the table.
    fn embed(&self, ids: &[i64]) -> Result<Rows<f32>> {
        let Transformer {
            channels, scale, ..
        } = self.architecture;
        let table = self.places.packed.floats(&self.places.table);
        let width = self.places.layers[0].output.sizes.outputs;
        let [inner, _] = self.architecture.convolutions;
        let mut rows = Rows::zeros(ids.len(), inner.before.max(inner.after()), width);
        let to = rows.starting_at_mut(0).chunks_exact_mut(width);
        for (to, id) in to.zip(ids) {
            let id = usize::try_from(*id).map_err(|_| Error::Disagreement)?;
            let row = table.chunks_exact(channels).nth(id);
            let row = row.ok_or(Error::Disagreement)?;
            to.iter_mut()
                .zip(row)
                .for_each(|(to, value)| *to = value * scale);
        }
        Ok(rows)
    }

    /// Runs a convolution on so many rows, and adds `residual` to its outputs.
    fn convolve(
        &self,
        place: &Place,
        input: &Rows<f32>,
        length: usize,
        residual: Option<&Rows<f32>>,
    ) -> Rows<f32> {
        let mut output = Rows::zeros(length, 0, place.sizes.outputs);
        let finish = FollowUp {
            addends: [residual.map(|rows| rows.starting_at(0)), None],
            output: Output::To(output.starting_at_mut(0)),
            activation: None,
        };
        let rows = 0..length as isize;
        let packed = &self.places.packed;
        self.arithmetic
            .run(ConvolutionRun::new(packed, place, input, rows, finish));
        output
    }

    /// Runs a convolution with a ReLU.
    fn convolve_and_cut(&self, place: &Place, input: &Rows<f32>, length: usize) -> Rows<f32> {
        let [_, outer] = self.architecture.convolutions;
        let margin = outer.before.max(outer.after());
        let mut output = Rows::zeros(length, margin, place.sizes.outputs);
        let finish = FollowUp {
            addends: [None, None],
            output: Output::Nowhere,
            activation: Some(Activation {
                scale: 1.0,
                slope: 0.0,
                to: output.starting_at_mut(0),
            }),
        };
        let rows = 0..length as isize;
        let packed = &self.places.packed;
        self.arithmetic
            .run(ConvolutionRun::new(packed, place, input, rows, finish));
        output.clear_outside(&(0..length as isize));
        output
    }

    /// Normalizes the first rows of `input` into `state`.
    fn normalize(
        &self,
        norm: &[Floats; 2],
        input: &Rows<f32>,
        length: usize,
        state: &mut Rows<f32>,
    ) {
        let width = state.width();
        let [scale, shift] = norm
            .each_ref()
            .map(|place| self.places.packed.floats(place));
        let values = &mut state.starting_at_mut(0)[..length * width];
        values.copy_from_slice(&input.starting_at(0)[..length * width]);
        self.arithmetic.run(Normalized {
            norm: Norm {
                scale,
                shift,
                epsilon: self.architecture.epsilon,
                width,
            },
            values,
        });
    }

    fn layer(&self, places: &LayerPlaces, length: usize, state: &mut Rows<f32>) {
        let [queries, keys, values] = places
            .inputs
            .each_ref()
            .map(|place| self.convolve(place, state, length, None));
        let packed = &self.places.packed;
        let [distant_keys, distant_values] = places
            .distances
            .each_ref()
            .map(|place| packed.floats(place));
        let mut attended = Rows::zeros(length, 0, state.width());
        let attention = Attention {
            arithmetic: self.arithmetic,
            length,
            channels: self.architecture.channels / self.architecture.heads,
            window: self.architecture.window,
            divisor: self.architecture.divisor,
            queries: &queries,
            keys: &keys,
            values: &values,
            distant_keys,
            distant_values,
        };
        for head in 0..self.architecture.heads {
            attention.head(head, &mut attended);
        }
        let sum = self.convolve(&places.output, &attended, length, Some(state));
        self.normalize(&places.norms[0], &sum, length, state);
        let inner = self.convolve_and_cut(&places.convolutions[0], state, length);
        let sum = self.convolve(&places.convolutions[1], &inner, length, Some(state));
        self.normalize(&places.norms[1], &sum, length, state);
    }
}

impl<A: Fp32> Encode for Model<A> {
    fn encode(&self, ids: &[i64], is_cancelled: &dyn Fn() -> bool) -> Result<Vec<f32>> {
        if ids.is_empty() {
            return Err(Error::Disagreement);
        }
        let mut state = self.embed(ids)?;
        for places in &self.places.layers {
            if is_cancelled() {
                return Err(Error::Cancelled);
            }
            self.layer(places, ids.len(), &mut state);
        }
        let channels = 0..self.architecture.channels;
        let rows = || {
            state
                .starting_at(0)
                .chunks_exact(state.width())
                .take(ids.len())
        };
        Ok(channels
            .flat_map(|channel| rows().map(move |row| row[channel]))
            .collect())
    }
}

/// Normalizes rows.
struct Normalized<'a> {
    norm: Norm<'a>,
    values: &'a mut [f32],
}

impl<A: Arithmetic> Task<A> for Normalized<'_> {
    #[inline(always)]
    fn perform(self, _: A) {
        for row in self.values.chunks_exact_mut(self.norm.width) {
            self.norm.apply(row);
        }
    }
}
