//! Aligning a sentence.

use super::model::Model;
use super::predictor::Predictor;
use super::{Align, Aligned, FramePrior, Sentence, durations};
use crate::arithmetic::Fp32;
use crate::error::Result;
use crate::noise::Noise;
use crate::rows::Rows;

impl<A: Fp32> Align for Model<A> {
    fn align(&self, sentence: Sentence<'_>) -> Result<Aligned> {
        let (encoded, ids) = self.encoded(sentence.encoded)?;
        let speaker = self.speaker(sentence.speaker)?;
        let [of_durations, of_prior] = self.architecture.streams;
        let noise = |stream| Noise::new(sentence.seed, stream);
        let predictor = Predictor { model: self, ids };
        let mut latent = vec![0.0; 2 * ids];
        noise(of_durations).fill(0, &mut latent);
        latent
            .iter_mut()
            .for_each(|value| *value *= sentence.noise_w);
        let logarithms = predictor.logarithms(&encoded, speaker.as_ref(), latent);
        let durations = durations::spoken(&logarithms, &sentence)?;
        let place = &self.places.statistics;
        let mut statistics = Rows::zeros(ids, 0, place.sizes.outputs);
        self.pointwise(place, &encoded, ids, &mut statistics);
        let channels = self.architecture.channels;
        let rows = statistics.starting_at(0).chunks_exact(statistics.width());
        let rows = rows.take(ids).flat_map(|row| &row[..2 * channels]);
        let ends = durations.iter().scan(0, |end, frames| {
            *end += *frames as usize;
            Some(*end)
        });
        Ok(Aligned {
            prior: FramePrior {
                statistics: rows.copied().collect(),
                ends: ends.collect(),
                noise: noise(of_prior),
                noise_scale: sentence.noise_scale,
                channels,
                frames: durations::frames(&durations),
            },
            durations,
            sides: self.sides(speaker.as_ref()),
        })
    }
}
