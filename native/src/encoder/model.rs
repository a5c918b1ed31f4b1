//! The weights of an encoder, for one instruction set.

use super::Transformer;
use super::places::Places;
use crate::arithmetic::Fp32;
use crate::packed::Bytes;
use crate::reach::Reach;
use crate::rows::Rows;
use crate::{Error, Result};

pub(super) struct Model<A> {
    pub(super) arithmetic: A,
    pub(super) architecture: Transformer,
    pub(super) places: Places,
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
    pub(super) fn embed(&self, ids: &[i64]) -> Result<Rows<f32>> {
        if ids.is_empty() {
            return Err(Error::Disagreement);
        }
        let Transformer {
            channels, scale, ..
        } = self.architecture;
        let table = self.places.packed.floats(&self.places.table);
        let width = self.places.layers[0].output.sizes.outputs;
        let [inner, _] = &self.architecture.convolutions;
        let margin = Reach::by_definition(inner).margin();
        let mut rows = Rows::over(&(0..ids.len() as isize), margin, width);
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

    /// Rows as `[channels][ids]`.
    pub(super) fn by_channel(&self, rows: &[f32]) -> Vec<f32> {
        let width = self.places.layers[0].output.sizes.outputs;
        let channels = 0..self.architecture.channels;
        let of_channel = |channel| rows.iter().skip(channel).step_by(width);
        channels.flat_map(of_channel).copied().collect()
    }
}
