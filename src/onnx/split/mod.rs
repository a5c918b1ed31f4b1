//! Cutting a VITS voice into text, flow and decoder, and the decoder in two.
//!
//! The places are found by the shape of the graph, never by names: exporters
//! name nodes as they please. A cut goes through one value; whatever else the
//! far side needs from the near side is passed along beside it.

mod embedding;
mod encoder;
mod interface;
mod locate;

pub use embedding::embedding_rows;
pub use encoder::{Encoder, split_encoder};
pub use interface::{Interface, SideInput};

use self::interface::span;
use super::graph_index::{GraphIndex, NodeSet, intersection};
use super::proto::{ModelProto, ValueInfoProto};
use super::receptive_field::{NotLocal, ReceptiveField};
use super::split::locate::{Entry, find_audio, find_decoder, find_fine, find_prior};
use super::subgraph::{extract, float_value, is_float};

/// A voice with many speakers passes one value for each layer of its flow.
const MAX_PASSED: usize = 256;
/// The input that says who speaks; what follows from it alone is the same in
/// every frame.
const SPEAKER_INPUT: &str = "sid";

/// A voice in four models, to be run one after the other.
///
/// The decoder is two of them because windows overlap: the coarse half looks
/// far but costs a fifth, the fine half costs the rest and looks a frame or
/// two. Cut there, windows can be small and still cost little more than the
/// whole.
#[derive(Clone, Debug)]
pub struct VoiceParts {
    /// From the voice's own inputs to the noisy prior, at the length of the
    /// speech. All noise is drawn here.
    pub text: ModelProto,
    /// From the prior to what the decoder decodes.
    pub flow: ModelProto,
    /// From there through the decoder's first upsampling.
    pub coarse: ModelProto,
    /// From there to samples.
    pub fine: ModelProto,
    /// How they fit together.
    pub interface: Interface,
}

/// Why a model is run whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// The file holds no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// No transposed convolution after a convolution, or not a second one.
    #[error("it has no HiFi-GAN decoder")]
    NoDecoder,
    /// No normal noise that is scaled and added to a value.
    #[error("it has no VITS prior, a mean to which noise is added")]
    NoPrior,
    /// Not one output that depends on the decoder's input.
    #[error("not one, but {count} of its outputs come from the decoder")]
    NoAudio {
        /// How many do.
        count: usize,
    },
    /// The parts are connected in a way they should not be.
    #[error("`{value}` ties its parts together")]
    Entangled {
        /// The value that crosses a cut.
        value: String,
    },
    /// The parts have too much in common.
    #[error("its parts would have to share {count} values")]
    TooMany {
        /// How many, outputs included.
        count: usize,
    },
    /// Noise where windows would each draw their own.
    #[error("it draws noise (`{op_type}`) after the prior")]
    LateNoise {
        /// The operator.
        op_type: String,
    },
    /// The decoder cannot be run on windows.
    #[error("its decoder does not work frame by frame: {op_type}")]
    NotLocal {
        /// The operator that mixes all of time.
        op_type: String,
    },
}

/// Splitter a voice into its parts.
///
/// Run one after the other the parts give the samples of the whole, to the
/// bit. Cut first, then make the noise of [`VoiceParts::text`] follow a seed; all
/// of it is there. Weights are shared with `model`, not copied.
///
/// # Errors
/// [`SplitError`] says what is different about the voice.
pub fn split_voice(model: &ModelProto) -> Result<VoiceParts, SplitError> {
    let graph = model.graph.as_ref().ok_or(SplitError::NoGraph)?;
    let index = GraphIndex::new(graph);
    let entry = find_decoder(&index).ok_or(SplitError::NoDecoder)?;
    let fine = find_fine(&index).ok_or(SplitError::NoDecoder)?;
    let splitter = Splitter::find(&index, entry, fine)?;
    splitter.parts(model)
}

struct Splitter<'a, 'w> {
    index: &'w GraphIndex<'a>,
    entry: Entry<'a>,
    fine: Entry<'a>,
    prior: &'a str,
    audio: &'a ValueInfoProto,
    flow_side_inputs: Vec<&'a str>,
    decoder_side_inputs: Vec<&'a str>,
}

impl<'a, 'w> Splitter<'a, 'w> {
    fn find(
        index: &'w GraphIndex<'a>,
        entry: Entry<'a>,
        fine: Entry<'a>,
    ) -> Result<Self, SplitError> {
        let prior = find_prior(index, entry.value).ok_or(SplitError::NoPrior)?;
        let after_prior = index.dependents(prior);
        let decoding = index.dependents(entry.value);
        refuse_noise(index, &after_prior)?;

        let audio = find_audio(index, &decoding)?;
        let flowing = index.dependencies(&[entry.value], &[prior]);
        let flowing = intersection(&flowing, &after_prior);
        let decoding = intersection(&decoding, &index.dependencies(&[&audio.name], &[]));
        let finishing = intersection(&decoding, &index.dependents(fine.value));
        if let Some(value) = index
            .inputs_of(&finishing)
            .into_iter()
            .find(|&value| value != fine.value)
        {
            return Err(SplitError::Entangled {
                value: value.to_owned(),
            });
        }
        let without = |nodes: &NodeSet, main: &str| {
            let mut entries = index.inputs_of(nodes);
            entries.retain(|&value| value != main);
            entries
        };
        let splitter = Self {
            flow_side_inputs: without(&flowing, prior),
            decoder_side_inputs: without(&decoding, entry.value),
            index,
            entry,
            fine,
            prior,
            audio,
        };
        splitter.check(&after_prior)?;
        Ok(splitter)
    }

    /// Everything passed along must come from the text part, and be float.
    fn check(&self, after_prior: &NodeSet) -> Result<(), SplitError> {
        let outputs = self.index.graph.output.len();
        let count = self.flow_side_inputs.len() + self.decoder_side_inputs.len() + outputs;
        if count > MAX_PASSED {
            return Err(SplitError::TooMany { count });
        }
        let passed = self.text_outputs();
        let mut text = self
            .index
            .dependencies(&passed, &[])
            .into_iter()
            .zip(after_prior);
        let entangled = |value: &str| SplitError::Entangled {
            value: value.to_owned(),
        };
        if text.any(|(is_text, &is_after)| is_text && is_after) {
            return Err(entangled(self.prior));
        }
        let extras = self
            .flow_side_inputs
            .iter()
            .chain(&self.decoder_side_inputs);
        for value in extras {
            if self.index.producer(value).is_none() || !is_float(self.index, value) {
                return Err(entangled(value));
            }
        }
        Ok(())
    }

    /// The prior, what is passed beside it, and the voice's other outputs.
    fn text_outputs(&self) -> Vec<&'a str> {
        let others = self
            .index
            .graph
            .output
            .iter()
            .map(|output| output.name.as_str());
        let mut outputs = vec![self.prior];
        for value in self
            .flow_side_inputs
            .iter()
            .chain(&self.decoder_side_inputs)
            .copied()
            .chain(others)
        {
            if value != self.audio.name && !outputs.contains(&value) {
                outputs.push(value);
            }
        }
        outputs
    }

    fn parts(&self, model: &ModelProto) -> Result<VoiceParts, SplitError> {
        let graph = self.index.graph;
        let declare = |value: &str| {
            let own = graph.output.iter().find(|output| output.name == value);
            own.cloned().unwrap_or_else(|| float_value(value, None))
        };
        let channels = Some(self.entry.channels);
        let inputs = |main: &str, extras: &[&str]| {
            let extras = extras.iter().map(|value| float_value(value, None));
            std::iter::once(float_value(main, channels))
                .chain(extras)
                .collect()
        };
        let own_inputs = graph
            .input
            .iter()
            .filter(|input| !self.index.is_constant(&input.name));
        let passed = self.text_outputs().into_iter().map(declare).collect();
        let part = |inputs, outputs| extract(self.index, model, inputs, outputs);
        let text = part(own_inputs.cloned().collect(), passed);
        let latent = float_value(self.entry.value, channels);
        let hidden = float_value(self.fine.value, Some(self.fine.channels));
        let flow = part(inputs(self.prior, &self.flow_side_inputs), vec![latent]);
        let decoder_inputs = inputs(self.entry.value, &self.decoder_side_inputs);
        let coarse = part(decoder_inputs, vec![hidden.clone()]);
        let fine = part(vec![hidden], vec![self.audio.clone()]);
        let interface = self.interface(&flow, &coarse, &fine)?;
        Ok(VoiceParts {
            text,
            flow,
            coarse,
            fine,
            interface,
        })
    }

    fn interface(
        &self,
        flow: &ModelProto,
        coarse: &ModelProto,
        fine: &ModelProto,
    ) -> Result<Interface, SplitError> {
        let extras = |values: &[&str]| -> Vec<SideInput> {
            let described = values.iter().map(|value| self.extra(value));
            described.collect()
        };
        let (latent, hidden) = (self.entry.value, self.fine.value);
        let flow_side_inputs = extras(&self.flow_side_inputs);
        let decoder_side_inputs = extras(&self.decoder_side_inputs);
        let not_local = |NotLocal { op_type }| SplitError::NotLocal { op_type };
        let sketching = span(coarse, latent, &decoder_side_inputs, hidden).map_err(not_local)?;
        let finishing = span(fine, hidden, &[], &self.audio.name).map_err(not_local)?;
        let flowing = span(flow, self.prior, &flow_side_inputs, latent);
        let positions_per_frame = sketching.rate as usize;
        Ok(Interface {
            prior: self.prior.to_owned(),
            latent: latent.to_owned(),
            decoder_hidden: hidden.to_owned(),
            audio: self.audio.name.clone(),
            flow_side_inputs,
            decoder_side_inputs,
            channels: self.entry.channels as usize,
            positions_per_frame,
            hop: positions_per_frame * finishing.rate as usize,
            coarse_overlap_frames: sketching.overlap_frames(),
            // Its unit is a position of the hidden.
            fine_overlap_frames: finishing.overlap_frames().div_ceil(positions_per_frame),
            flow_overlap_frames: flowing.ok().map(ReceptiveField::overlap_frames),
        })
    }

    fn extra(&self, value: &str) -> SideInput {
        let producers = self.index.dependencies(&[value], &[]);
        let inputs = self.index.inputs_of(&producers);
        SideInput {
            name: value.to_owned(),
            is_per_frame: inputs.iter().any(|&input| input != SPEAKER_INPUT),
        }
    }
}

fn refuse_noise(index: &GraphIndex, nodes: &NodeSet) -> Result<(), SplitError> {
    let mut marked = index.graph.node.iter().zip(nodes);
    match marked.find(|(node, is_after)| **is_after && node.is_random()) {
        Some((node, _)) => Err(SplitError::LateNoise {
            op_type: node.op_type.clone(),
        }),
        None => Ok(()),
    }
}
