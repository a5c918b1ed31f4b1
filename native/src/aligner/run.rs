//! Aligning a sentence.

use super::model::Model;
use super::predictor::Predictor;
use super::{Align, Aligned, Sentence, durations, prior};
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
        noise(of_durations).fill(&mut latent);
        latent
            .iter_mut()
            .for_each(|value| *value *= sentence.noise_w);
        let logarithms = predictor.logarithms(&encoded, speaker.as_ref(), latent);
        let durations = durations::spoken(&logarithms, &sentence)?;
        let place = &self.places.statistics;
        let mut statistics = Rows::zeros(ids, 0, place.sizes.outputs);
        self.pointwise(place, &encoded, ids, &mut statistics);
        let frames = durations::frames(&durations);
        let mut values = vec![0.0; self.architecture.channels * frames];
        noise(of_prior).fill(&mut values);
        prior::spread(
            &statistics,
            &durations,
            sentence.noise_scale,
            frames,
            &mut values,
        );
        Ok(Aligned {
            durations,
            prior: values,
            frames,
            sides: self.sides(speaker.as_ref()),
        })
    }
}
