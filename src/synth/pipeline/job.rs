//! What workers compute, and what becomes of it.

use std::any::Any;
use std::panic::resume_unwind;
use std::sync::Arc;

use crate::Result;
use crate::audio::PooledBuffer;
use crate::voice::{Help, Utterance};

/// Samples, an error, or a panic to be passed on.
pub(super) type Rendered = Result<Result<PooledBuffer>, Box<dyn Any + Send>>;

/// What one worker computed.
pub(super) struct Computed {
    pub(super) rendered: Rendered,
    /// Which window it is, if it is one.
    pub(super) window: Option<Window>,
}

/// A window of a sentence.
#[derive(Clone)]
pub(super) struct Window {
    pub(super) utterance: Arc<dyn Utterance>,
    /// Counted from 0.
    pub(super) number: usize,
}

impl Computed {
    /// Returns the samples that are heard, and where the ids end, if it is known only
    /// then. Must be called for each window, in their order.
    pub(super) fn samples(self) -> Result<(PooledBuffer, Option<Vec<u64>>)> {
        let mut samples = self.rendered.unwrap_or_else(|panic| resume_unwind(panic))?;
        let id_ends = self
            .window
            .and_then(|Window { utterance, number }| utterance.pass_on(number, &mut samples));
        Ok((samples, id_ends))
    }
}

impl From<Rendered> for Computed {
    /// What a step computed.
    fn from(rendered: Rendered) -> Self {
        Self {
            rendered,
            window: None,
        }
    }
}

/// What one worker computes for one sentence.
pub(super) enum Job {
    Step(Box<dyn Utterance>, Help),
    Window { window: Window, slot: usize },
}
