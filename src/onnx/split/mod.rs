//! Splitting a VITS voice into text part, flow and decoder, and the decoder
//! in two.
//!
//! [`locate`] finds the values at which the graph is split. Other values that a
//! part needs from an earlier one become its side inputs.

mod encoder;
mod framewise;
mod interface;
mod locate;

pub use encoder::{EncoderSplit, split_encoder};
pub use framewise::{
    FramewiseInterface, FramewiseParts, Hidden, KeptSilence, Narrowing, Padding, PitchInterface,
    PitchParts, TimbreParts, cuts_silence, split_framewise,
};
pub use interface::{Interface, SideInput};
pub use locate::{embedding_rows, speaker_rows};

use self::interface::part_field;
use self::locate::{PartInput, find_audio, find_decoder, find_fine, find_prior};
use super::graph_index::{GraphIndex, NodeSet, intersection};
use super::proto::{ModelProto, ValueInfoProto};
use super::receptive_field::{NotLocal, ReceptiveField};
use super::subgraph::{extract, is_float};

/// The most values between parts. A voice with many speakers passes one for
/// each layer of its flow.
const MAX_PASSED: usize = 256;

/// A voice in four models that run one after the other.
///
/// The decoder is two of them, because windows must overlap. The coarse half
/// looks far but costs a fifth; the fine half costs the rest and looks a frame
/// or two. So windows can be small and still cost little more than the whole
/// utterance at once.
#[derive(Clone, Debug)]
pub struct VoiceParts {
    /// From the voice's own inputs to the prior with its noise, one column per
    /// frame of speech. All random operators are here.
    pub text: ModelProto,
    /// From the prior to the latent, the input of the decoder.
    pub flow: ModelProto,
    /// From the latent through the decoder's first upsampling.
    pub coarse: ModelProto,
    /// From there to samples.
    pub fine: ModelProto,
    /// What the parts pass to each other.
    pub interface: Interface,
}

/// Why a voice cannot be split.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// The file holds no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// No transposed convolution after a convolution, or no second one.
    #[error("it has no HiFi-GAN decoder")]
    NoDecoder,
    /// No normal noise that is scaled and added to a value.
    #[error("it has no VITS prior, a mean to which noise is added")]
    NoPrior,
    /// Not exactly one output depends on the decoder's input.
    #[error("{count} of its outputs come from the decoder, not one")]
    NoAudio {
        /// How many do.
        count: usize,
    },
    /// The parts are connected in an unexpected way.
    #[error("its parts cannot be separated at `{value}`")]
    Entangled {
        /// A value that two parts need.
        value: String,
    },
    /// Too many values would have to be passed between the parts.
    #[error("its parts would have to share {count} values")]
    TooMany {
        /// How many, outputs included.
        count: usize,
    },
    /// A random operator after the prior; each window would draw its own noise.
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

/// Splits a voice into its parts.
///
/// The parts, run one after the other on the whole utterance, make exactly the
/// samples of the voice. Split first, then call
/// [`make_seedable`](super::make_seedable) on [`VoiceParts::text`]. Weights are
/// shared with `model`, not copied.
///
/// # Errors
/// [`SplitError`] tells in what the graph differs from a Piper voice.
pub fn split_voice(model: &ModelProto) -> Result<VoiceParts, SplitError> {
    let graph = model.graph.as_ref().ok_or(SplitError::NoGraph)?;
    let index = GraphIndex::new(graph);
    Splitter::new(&index)?.split(model)
}

/// The values at which a voice is split.
struct Splitter<'a, 'i> {
    index: &'i GraphIndex<'a>,
    prior: &'a str,
    latent: PartInput<'a>,
    hidden: PartInput<'a>,
    audio: &'a ValueInfoProto,
    flow_side_inputs: Vec<&'a str>,
    decoder_side_inputs: Vec<&'a str>,
}

impl<'a, 'i> Splitter<'a, 'i> {
    fn new(index: &'i GraphIndex<'a>) -> Result<Self, SplitError> {
        let latent = find_decoder(index).ok_or(SplitError::NoDecoder)?;
        let hidden = find_fine(index).ok_or(SplitError::NoDecoder)?;
        let prior = find_prior(index, latent.value).ok_or(SplitError::NoPrior)?;
        let after_prior = index.dependents(prior);
        refuse_noise(index, &after_prior)?;

        let after_latent = index.dependents(latent.value);
        let audio = find_audio(index, &after_latent)?;
        let needed_for_latent = index.dependencies(&[latent.value], &[prior]);
        let flow = intersection(&needed_for_latent, &after_prior);
        let needed_for_audio = index.dependencies(&[&audio.name], &[]);
        let decoder = intersection(&after_latent, &needed_for_audio);
        let fine = intersection(&decoder, &index.dependents(hidden.value));
        let side_inputs = |part: &NodeSet, main_input: &str| {
            let mut inputs = index.inputs_of(part);
            inputs.retain(|&value| value != main_input);
            inputs
        };
        if let Some(value) = side_inputs(&fine, hidden.value).first() {
            return Err(entangled(value));
        }
        let splitter = Self {
            flow_side_inputs: side_inputs(&flow, prior),
            decoder_side_inputs: side_inputs(&decoder, latent.value),
            index,
            prior,
            latent,
            hidden,
            audio,
        };
        splitter.check(&after_prior)?;
        Ok(splitter)
    }

    /// All side inputs must be float values of the text part.
    fn check(&self, after_prior: &NodeSet) -> Result<(), SplitError> {
        let outputs = self.index.graph.output.len();
        let count = self.side_inputs().count() + outputs;
        if count > MAX_PASSED {
            return Err(SplitError::TooMany { count });
        }
        let text = self.index.dependencies(&self.text_outputs(), &[]);
        if intersection(&text, after_prior).contains(&true) {
            return Err(entangled(self.prior));
        }
        for value in self.side_inputs() {
            if self.index.producer(value).is_none() || !is_float(self.index, value) {
                return Err(entangled(value));
            }
        }
        Ok(())
    }

    fn side_inputs(&self) -> impl Iterator<Item = &'a str> {
        let all = self
            .flow_side_inputs
            .iter()
            .chain(&self.decoder_side_inputs);
        all.copied()
    }

    /// The prior, the side inputs of the other parts, and the outputs of the
    /// voice other than audio.
    fn text_outputs(&self) -> Vec<&'a str> {
        let own = self.index.graph.output.iter();
        let own = own.map(|output| output.name.as_str());
        let mut outputs = vec![self.prior];
        for value in self.side_inputs().chain(own) {
            if value != self.audio.name && !outputs.contains(&value) {
                outputs.push(value);
            }
        }
        outputs
    }

    fn split(&self, model: &ModelProto) -> Result<VoiceParts, SplitError> {
        let graph = self.index.graph;
        let part = |inputs, outputs| extract(self.index, model, inputs, outputs);
        let with_side_inputs = |main: &ValueInfoProto, side_inputs: &[&str]| {
            let side_inputs = side_inputs
                .iter()
                .map(|value| ValueInfoProto::floats(value));
            std::iter::once(main.clone()).chain(side_inputs).collect()
        };
        let declare = |value: &str| {
            let own = graph.output.iter().find(|output| output.name == value);
            own.cloned()
                .unwrap_or_else(|| ValueInfoProto::floats(value))
        };
        let own_inputs = graph.input.iter();
        let own_inputs = own_inputs.filter(|input| !self.index.is_constant(&input.name));
        let text_outputs = self.text_outputs().into_iter().map(declare).collect();
        let prior = ValueInfoProto::frames(self.prior, self.latent.channels);
        let latent = ValueInfoProto::frames(self.latent.value, self.latent.channels);
        let hidden = ValueInfoProto::frames(self.hidden.value, self.hidden.channels);
        let flow_inputs = with_side_inputs(&prior, &self.flow_side_inputs);
        let coarse_inputs = with_side_inputs(&latent, &self.decoder_side_inputs);

        let flow = part(flow_inputs, vec![latent]);
        let coarse = part(coarse_inputs, vec![hidden.clone()]);
        let fine = part(vec![hidden], vec![self.audio.clone()]);
        Ok(VoiceParts {
            text: part(own_inputs.cloned().collect(), text_outputs),
            interface: self.interface(&flow, &coarse, &fine)?,
            flow,
            coarse,
            fine,
        })
    }

    fn interface(
        &self,
        flow: &ModelProto,
        coarse: &ModelProto,
        fine: &ModelProto,
    ) -> Result<Interface, SplitError> {
        let describe = |values: &[&str]| -> Vec<SideInput> {
            let side_inputs = values.iter().map(|value| SideInput::of(self.index, value));
            side_inputs.collect()
        };
        let flow_side_inputs = describe(&self.flow_side_inputs);
        let decoder_side_inputs = describe(&self.decoder_side_inputs);
        let (latent, hidden, audio) = (self.latent.value, self.hidden.value, &self.audio.name);
        let not_local = |NotLocal { op_type }| SplitError::NotLocal { op_type };
        let coarse = part_field(coarse, latent, &decoder_side_inputs, hidden).map_err(not_local)?;
        let fine = part_field(fine, hidden, &[], audio).map_err(not_local)?;
        let flow = part_field(flow, self.prior, &flow_side_inputs, latent);
        let positions_per_frame = coarse.upsampling as usize;
        Ok(Interface {
            prior: self.prior.to_owned(),
            latent: latent.to_owned(),
            decoder_hidden: hidden.to_owned(),
            audio: audio.clone(),
            flow_side_inputs,
            decoder_side_inputs,
            channels: self.latent.channels as usize,
            positions_per_frame,
            hop: positions_per_frame * fine.upsampling as usize,
            coarse_overlap_frames: coarse.overlap_frames(),
            // A "frame" of the fine decoder's input is a position.
            fine_overlap_frames: fine.overlap_frames().div_ceil(positions_per_frame),
            flow_overlap_frames: flow.ok().map(ReceptiveField::overlap_frames),
        })
    }
}

fn entangled(value: &str) -> SplitError {
    SplitError::Entangled {
        value: value.to_owned(),
    }
}

fn refuse_noise(index: &GraphIndex, nodes: &NodeSet) -> Result<(), SplitError> {
    match index.nodes(nodes).find(|node| node.is_random()) {
        Some(node) => Err(SplitError::LateNoise {
            op_type: node.op_type.clone(),
        }),
        None => Ok(()),
    }
}
