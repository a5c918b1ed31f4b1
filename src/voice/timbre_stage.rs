//! The timbre of a framewise voice: a part of its text stage that may run at the same
//! time as the rest.

use super::frame_tensor::to_sizes;
use super::model_inputs::ModelInputs;
use crate::runtime::{Outputs, Session, Tensor};
use crate::{CancelToken, Result};

#[derive(Debug)]
pub(super) struct TimbreStage {
    /// From ids to the timbre.
    pub(super) timbre: Session,
    /// From the timbre and outputs of the text part to the latent.
    pub(super) join: Session,
}

/// Floats for every symbol.
pub(super) struct Timbre {
    values: Vec<f32>,
    shape: Vec<usize>,
}

impl TimbreStage {
    pub(super) fn run(&self, inputs: &ModelInputs, cancel: &CancelToken) -> Result<Timbre> {
        let inputs = inputs.tensors(self.timbre.inputs());
        self.timbre.run(&inputs, cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            Ok(Timbre {
                values: values.to_vec(),
                shape: to_sizes(shape),
            })
        })
    }

    /// Makes the latent, and passes its shape and values to `read`.
    pub(super) fn join<R>(
        &self,
        timbre: &Timbre,
        text: &Session,
        text_outputs: &Outputs<'_>,
        cancel: &CancelToken,
        read: impl FnOnce(&[i64], &[f32]) -> Result<R>,
    ) -> Result<R> {
        let given = self.join.inputs().iter().map(|name| {
            let index = text.outputs().iter().position(|output| output == name);
            Ok(match index {
                Some(index) => Values::of(text_outputs, index)?,
                None => (timbre.shape.clone(), Values::Floats(&timbre.values)),
            })
        });
        let given = given.collect::<Result<Vec<_>>>()?;
        let inputs = self.join.inputs().iter().zip(&given);
        let inputs = inputs.map(|(name, (shape, values))| (name.as_str(), values.tensor(shape)));
        let inputs: Vec<_> = inputs.collect();
        self.join.run(&inputs, cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            read(shape, values)
        })
    }
}

/// Values in the memory of another part.
enum Values<'a> {
    Floats(&'a [f32]),
    Ints(&'a [i64]),
}

impl<'a> Values<'a> {
    /// The output at `index`, with its shape.
    fn of(outputs: &'a Outputs<'_>, index: usize) -> Result<(Vec<usize>, Self)> {
        Ok(match outputs.ints(index) {
            Some((shape, ints)) => (to_sizes(shape), Self::Ints(ints)),
            None => {
                let (shape, floats) = outputs.floats(index)?;
                (to_sizes(shape), Self::Floats(floats))
            }
        })
    }

    fn tensor(&self, shape: &'a [usize]) -> Tensor<'a> {
        match *self {
            Self::Floats(floats) => Tensor::Floats(floats, shape),
            Self::Ints(ints) => Tensor::Ints(ints, shape),
        }
    }
}
