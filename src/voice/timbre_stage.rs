//! The timbre of a framewise voice: a part of its text stage that may run at the same
//! time as the rest.

use super::model_inputs::ModelInputs;
use super::part_values::{PartValue, PartValues};
use crate::runtime::Session;
use crate::{CancelToken, Result};

#[derive(Debug)]
pub(super) struct TimbreStage {
    /// From ids to the timbre: floats for every symbol or every tick.
    pub(super) timbre: Session,
    /// From the timbre and values of the other parts to the latent.
    pub(super) join: Session,
}

impl TimbreStage {
    pub(super) fn run(&self, inputs: &ModelInputs, cancel: &CancelToken) -> Result<PartValue> {
        let inputs = inputs.tensors(self.timbre.inputs());
        self.timbre.run(&inputs, cancel, |outputs| {
            PartValue::output(&self.timbre, outputs, 0)
        })
    }

    /// Makes the latent of the timbre and other values.
    pub(super) fn join(&self, values: &PartValues, cancel: &CancelToken) -> Result<PartValue> {
        let inputs = values.inputs_of(&self.join)?;
        self.join.run(&inputs, cancel, |outputs| {
            PartValue::output(&self.join, outputs, 0)
        })
    }
}
