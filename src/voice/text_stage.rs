//! The first stage of a split model: one graph, or two graphs that can be
//! loaded at the same time.

use super::frame_tensor::to_sizes;
use super::model::Inference;
use super::model_inputs::{ModelInputs, takes_speaker, takes_speed};
use crate::runtime::{Outputs, Session, Tensor};
use crate::{CancelToken, Result};

/// From a sentence's ids to a prior for every frame.
#[derive(Debug)]
pub(super) struct TextStage {
    /// The first half, if it is a graph of its own.
    pub(super) encoder: Option<TextEncoder>,
    pub(super) rest: Session,
}

/// From the ids to one hidden vector per id.
#[derive(Debug)]
pub(super) struct TextEncoder {
    pub(super) session: Session,
    /// The name of its output, which is an input of the rest.
    pub(super) output: String,
}

impl TextStage {
    pub(super) fn takes_speaker(&self) -> bool {
        let encoder = self.encoder.iter().map(|encoder| &encoder.session);
        encoder
            .chain([&self.rest])
            .any(|session| takes_speaker(session.inputs()))
    }

    pub(super) fn takes_speed(&self) -> bool {
        takes_speed(self.rest.inputs())
    }

    /// Runs the stage and passes its outputs to `read`.
    /// [`output`](Self::output) finds their indices.
    pub(super) fn run<R>(
        &self,
        inference: Inference,
        cancel: &CancelToken,
        read: impl FnOnce(&Outputs<'_>) -> Result<R>,
    ) -> Result<R> {
        let sentence = ModelInputs::new(inference);
        let Some(TextEncoder { session, output }) = &self.encoder else {
            let inputs = sentence.tensors(self.rest.inputs());
            return self.rest.run(&inputs, cancel, read);
        };
        session.run(&sentence.tensors(session.inputs()), cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            let shape = to_sizes(shape);
            let mut inputs = sentence.tensors(self.rest.inputs());
            if let Some((_, tensor)) = inputs.iter_mut().find(|(name, _)| name == output) {
                *tensor = Tensor::Floats(values, &shape);
            }
            self.rest.run(&inputs, cancel, read)
        })
    }

    /// Returns the index of the output called `name`.
    pub(super) fn output(&self, name: &str) -> Option<usize> {
        self.rest.outputs().iter().position(|output| output == name)
    }
}
