//! An aligner in the arithmetic of one instruction set.

use super::Alignment;
use super::places::{self, Places};
use crate::arithmetic::Fp32;
use crate::convolution::{ConvolutionRun, FollowUp, Output};
use crate::error::{Error, Result};
use crate::packed::{Bytes, Packed, Place};
use crate::rows::{Rows, transpose};

pub(super) struct Model<A> {
    pub(super) arithmetic: A,
    pub(super) architecture: Alignment,
    pub(super) packed: Packed,
    pub(super) places: Places,
}

impl<A: Fp32> Model<A> {
    /// `None` if these are not the packed weights of this architecture.
    pub(super) fn new(arithmetic: A, architecture: Alignment, weights: Bytes) -> Option<Self> {
        let (places, packed) = places::place::<A>(&architecture, weights)?;
        Some(Self {
            arithmetic,
            architecture,
            packed,
            places,
        })
    }

    /// Runs a convolution that looks at its own row alone on the rows from 0 to `length`.
    pub(super) fn pointwise(
        &self,
        place: &Place,
        input: &Rows<f32>,
        length: usize,
        output: &mut Rows<f32>,
    ) {
        let finish = FollowUp {
            addends: [None, None],
            output: Output::To(output.starting_at_mut(0)),
            activation: None,
        };
        let rows = 0..length as isize;
        let run = ConvolutionRun::new(&self.packed, place, input, rows, finish);
        self.arithmetic.run(run);
    }

    /// The outputs of a convolution of the description of a speaker.
    pub(super) fn of_speaker(&self, place: &Place, speaker: &Rows<f32>) -> Vec<f32> {
        let mut output = Rows::zeros(1, 0, place.sizes.outputs);
        self.pointwise(place, speaker, 1, &mut output);
        output.starting_at(0)[..place.sizes.outputs].to_vec()
    }

    /// The description of a speaker; `None` if there is only one.
    pub(super) fn speaker(&self, speaker: usize) -> Result<Option<Rows<f32>>> {
        let (Some(places), Some(speakers)) = (&self.places.speakers, &self.architecture.speakers)
        else {
            return Ok(None);
        };
        let table = self.packed.floats(&places.table);
        let described = table.chunks_exact(speakers.channels).nth(speaker);
        let described = described.ok_or(Error::Disagreement)?;
        let mut rows = Rows::zeros(1, 0, places.predictor.sizes.inputs);
        rows.starting_at_mut(0)[..described.len()].copy_from_slice(described);
        Ok(Some(rows))
    }

    /// The encoded ids as rows, and how many there are.
    pub(super) fn encoded(&self, values: &[f32]) -> Result<(Rows<f32>, usize)> {
        let ids = values.len() / self.architecture.inputs;
        if ids == 0 || ids * self.architecture.inputs != values.len() {
            return Err(Error::Disagreement);
        }
        let Alignment { inputs, .. } = self.architecture;
        let mut encoded = Rows::zeros(ids, 0, self.places.statistics.sizes.inputs);
        let to = encoded.starting_at_mut(0);
        transpose(self.arithmetic, values, inputs, 0..ids, to)?;
        Ok((encoded, ids))
    }

    /// The values that other parts take for a speaker.
    pub(super) fn sides(&self, speaker: Option<&Rows<f32>>) -> Vec<Vec<f32>> {
        let Some((speaker, speakers)) = speaker.zip(self.architecture.speakers.as_ref()) else {
            return Vec::new();
        };
        let places = self.places.speakers.iter().flat_map(|places| &places.sides);
        let sides = places.zip(&speakers.sides).map(|(place, &channels)| {
            let mut side = self.of_speaker(place, speaker);
            side.truncate(channels);
            side
        });
        sides.collect()
    }
}
