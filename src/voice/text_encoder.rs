//! The text part of a voice: one graph, or two that were loaded side by side.

use super::frame_tensor::sizes;
use super::model::Inference;
use super::model_inputs::{Feed, takes_speaker};
use crate::runtime::{Outputs, Session, Tensor};
use crate::{CancelToken, Result};

/// From a sentence's ids to a prior for every frame.
#[derive(Debug)]
pub(super) struct TextPart {
    /// The first half, where there are two.
    pub(super) encoder: Option<Encoder>,
    pub(super) rest: Session,
}

/// From the ids to what they mean.
#[derive(Debug)]
pub(super) struct Encoder {
    pub(super) session: Session,
    /// What it gives, and the rest takes.
    pub(super) encoded: String,
}

impl TextPart {
    pub(super) fn takes_speaker(&self) -> bool {
        let encoder = self.encoder.iter().map(|encoder| &encoder.session);
        encoder
            .chain([&self.rest])
            .any(|session| takes_speaker(session.inputs()))
    }

    /// Lets `read` see the outputs, which are those that
    /// [`output`](Self::output) finds.
    pub(super) fn run<R>(
        &self,
        inference: Inference,
        cancel: &CancelToken,
        read: impl FnOnce(&Outputs<'_>) -> Result<R>,
    ) -> Result<R> {
        let feed = Feed::new(inference);
        let Some(Encoder { session, encoded }) = &self.encoder else {
            return self
                .rest
                .run(&feed.tensors(self.rest.inputs()), cancel, read);
        };
        session.run(&feed.tensors(session.inputs()), cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            let shape = sizes(shape);
            let mut inputs = feed.tensors(self.rest.inputs());
            let passed = inputs.iter_mut().find(|(name, _)| name == encoded);
            if let Some((_, tensor)) = passed {
                *tensor = Tensor::Floats(values, &shape);
            }
            self.rest.run(&inputs, cancel, read)
        })
    }

    /// Returns which of the outputs has this name.
    pub(super) fn output(&self, name: &str) -> Option<usize> {
        self.rest.outputs().iter().position(|output| output == name)
    }
}
