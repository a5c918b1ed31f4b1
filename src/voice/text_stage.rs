//! The first stage of a split model: one graph, or two parts that can be loaded at the
//! same time.

use piper_rs_native as native;

use super::aligner::NativeAligner;
use super::flow_stage::{cancel_check, native_error};
use super::frame_tensor::{disagreement, to_sizes};
use super::model::{Help, Inference};
use super::model_inputs::{ModelInputs, takes_speaker, takes_speed};
use super::prior::Prior;
use crate::onnx::Interface;
use crate::runtime::{Session, Tensor};
use crate::threads;
use crate::{CancelToken, Result};

/// From a sentence's ids to a prior for every frame.
#[derive(Debug)]
pub(super) enum TextStage {
    /// One graph.
    Whole(Session),
    /// The encoder, and the aligner behind it.
    Split(TextEncoder, TextAligner),
}

/// From the ids to one hidden vector per id.
#[derive(Debug)]
pub(super) enum TextEncoder {
    OnnxRuntime {
        session: Session,
        /// The name of its output, which is an input of the aligner.
        output: String,
    },
    Native(native::Encoder),
}

/// From the encoded ids to the prior.
#[derive(Debug)]
pub(super) enum TextAligner {
    OnnxRuntime(Session),
    Native(NativeAligner),
}

impl TextStage {
    pub(super) fn takes_speaker(&self) -> bool {
        match self {
            Self::Whole(session) => takes_speaker(session.inputs()),
            Self::Split(encoder, aligner) => encoder.takes_speaker() || aligner.takes_speaker(),
        }
    }

    pub(super) fn takes_speed(&self) -> bool {
        match self {
            Self::Whole(session) | Self::Split(_, TextAligner::OnnxRuntime(session)) => {
                takes_speed(session.inputs())
            }
            Self::Split(_, TextAligner::Native(_)) => true,
        }
    }

    pub(super) fn has_native_encoder(&self) -> bool {
        matches!(self, Self::Split(TextEncoder::Native(_), _))
    }

    /// Runs the stage.
    pub(super) fn run(
        &self,
        inference: Inference,
        interface: &Interface,
        help: Help,
        cancel: &CancelToken,
    ) -> Result<Prior> {
        let sentence = ModelInputs::new(inference.clone());
        let (encoder, aligner) = match self {
            Self::Split(encoder, aligner) => (encoder, aligner),
            Self::Whole(session) => {
                let inputs = sentence.tensors(session.inputs());
                return run_graph(session, &inputs, interface, cancel);
            }
        };
        encoder.run(&sentence, help, cancel, |encoded| match aligner {
            TextAligner::Native(aligner) => aligner.run(encoded.values, &inference, interface),
            TextAligner::OnnxRuntime(session) => {
                let mut inputs = sentence.tensors(session.inputs());
                let mut of_encoder = inputs.iter_mut();
                let of_encoder = of_encoder.find(|(name, _)| Some(*name) == encoded.name);
                let (_, tensor) = of_encoder.ok_or_else(disagreement)?;
                *tensor = Tensor::Floats(encoded.values, &encoded.shape);
                run_graph(session, &inputs, interface, cancel)
            }
        })
    }
}

/// What an encoder makes.
struct Encoded<'a> {
    /// The name of the value in the graph, if it comes from one.
    name: Option<&'a str>,
    values: &'a [f32],
    shape: Vec<usize>,
}

impl TextEncoder {
    fn takes_speaker(&self) -> bool {
        match self {
            Self::OnnxRuntime { session, .. } => takes_speaker(session.inputs()),
            Self::Native(_) => false,
        }
    }

    /// Runs it and passes what it makes to `read`.
    fn run<R>(
        &self,
        sentence: &ModelInputs,
        help: Help,
        cancel: &CancelToken,
        read: impl FnOnce(&Encoded<'_>) -> Result<R>,
    ) -> Result<R> {
        match self {
            Self::OnnxRuntime { session, output } => {
                session.run(&sentence.tensors(session.inputs()), cancel, |outputs| {
                    let (shape, values) = outputs.floats(0)?;
                    read(&Encoded {
                        name: Some(output),
                        values,
                        shape: to_sizes(shape),
                    })
                })
            }
            Self::Native(encoder) => {
                let is_cancelled = cancel_check(cancel);
                let ids = &sentence.ids;
                let values = match help {
                    Help::None => encoder.encode(ids, &is_cancelled),
                    Help::Thread => {
                        encoder.encode_on_two_threads(ids, &is_cancelled, &|beside, here| {
                            threads::run_both("encoder", beside, here).is_ok()
                        })
                    }
                };
                read(&Encoded {
                    name: None,
                    values: &values.map_err(native_error)?,
                    shape: Vec::new(),
                })
            }
        }
    }
}

impl TextAligner {
    fn takes_speaker(&self) -> bool {
        match self {
            Self::OnnxRuntime(session) => takes_speaker(session.inputs()),
            Self::Native(aligner) => aligner.takes_speaker(),
        }
    }
}

/// Runs a graph that ends a text stage.
fn run_graph(
    session: &Session,
    inputs: &[(&str, Tensor<'_>)],
    interface: &Interface,
    cancel: &CancelToken,
) -> Result<Prior> {
    session.run(inputs, cancel, |outputs| {
        Prior::read(outputs, session, interface)
    })
}
