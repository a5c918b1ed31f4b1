//! Cutting a VITS voice into text, flow and decoder.
//!
//! The places are found by the shape of the graph, never by names: exporters
//! name nodes as they please. A cut goes through one value; whatever else the
//! far side needs from the near side is passed along beside it.

use super::landmarks::{Entry, find_audio, find_decoder, find_prior};
use super::overlap::{self, NotLocal, Span};
use super::part::{extract, float_value, is_float};
use super::proto::{GraphProto, ModelProto, ValueInfoProto};
use super::wiring::{NodeSet, Wiring, both};

/// A voice with many speakers passes one value for each layer of its flow.
const MAX_PASSED: usize = 256;
/// The input that says who speaks; what follows from it alone is the same in
/// every frame.
const SPEAKER_INPUT: &str = "sid";

/// A voice in three models, to be run one after the other.
#[derive(Clone, Debug)]
pub struct Parts {
    /// From the voice's own inputs to the noisy prior, at the length of the
    /// speech. All noise is drawn here.
    pub text: ModelProto,
    /// From the prior to what the decoder decodes.
    pub flow: ModelProto,
    /// From there to samples.
    pub decoder: ModelProto,
    /// How they fit together.
    pub seams: Seams,
}

/// What is passed between [`Parts`], by name, and in which windows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Seams {
    /// Output of the text, input of the flow: `[batch, channels, frames]`.
    pub prior: String,
    /// Output of the flow, input of the decoder: `[batch, channels, frames]`.
    pub latent: String,
    /// Output of the decoder; samples are its last axis, [`hop`](Self::hop)
    /// for each frame.
    pub audio: String,
    /// More outputs of the text that the flow takes.
    pub flow_extras: Vec<Extra>,
    /// More outputs of the text that the decoder takes.
    pub decoder_extras: Vec<Extra>,
    /// Channels of the latent.
    pub channels: usize,
    /// Samples in a frame.
    pub hop: usize,
    /// Frames that the decoder needs on each side of those whose samples are
    /// wanted; at the ends of an utterance there are none, and none needed.
    pub decoder_overlap_frames: usize,
    /// The same for the flow; `None` when it cannot be run on windows.
    pub flow_overlap_frames: Option<usize>,
}

/// A float value that is passed beside the main one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Extra {
    /// Its name in both models.
    pub name: String,
    /// Whether its last axis is frames, and cut into windows with the rest;
    /// otherwise it follows from the speaker alone.
    pub is_per_frame: bool,
}

/// Why a model is run whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotCuttable {
    /// The file holds no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// No transposed convolution after a convolution.
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

/// Cuts a voice in three.
///
/// Run one after the other the parts give the samples of the whole, to the
/// bit. Cut first, then make the noise of [`Parts::text`] follow a seed; all
/// of it is there. Weights are shared with `model`, not copied.
///
/// # Errors
/// [`NotCuttable`] says what is different about the voice.
pub fn cut(model: &ModelProto) -> Result<Parts, NotCuttable> {
    let graph = model.graph.as_ref().ok_or(NotCuttable::NoGraph)?;
    let wiring = Wiring::new(graph);
    let entry = find_decoder(&wiring).ok_or(NotCuttable::NoDecoder)?;
    let cuts = Cuts::find(&wiring, entry)?;
    cuts.parts(model)
}

struct Cuts<'a, 'w> {
    wiring: &'w Wiring<'a>,
    entry: Entry<'a>,
    prior: &'a str,
    audio: &'a ValueInfoProto,
    flow_extras: Vec<&'a str>,
    decoder_extras: Vec<&'a str>,
}

impl<'a, 'w> Cuts<'a, 'w> {
    fn find(wiring: &'w Wiring<'a>, entry: Entry<'a>) -> Result<Self, NotCuttable> {
        let prior = find_prior(wiring, entry.latent).ok_or(NotCuttable::NoPrior)?;
        let after_prior = wiring.after(prior);
        let decoding = wiring.after(entry.latent);
        refuse_noise(wiring, &after_prior)?;

        let audio = find_audio(wiring, &decoding)?;
        let flowing = wiring.before(&[entry.latent], &[prior]);
        let flowing = both(&flowing, &after_prior);
        let decoding = both(&decoding, &wiring.before(&[&audio.name], &[]));
        let without = |nodes: &NodeSet, main: &str| {
            let mut entries = wiring.entries(nodes);
            entries.retain(|&value| value != main);
            entries
        };
        let cuts = Self {
            flow_extras: without(&flowing, prior),
            decoder_extras: without(&decoding, entry.latent),
            wiring,
            entry,
            prior,
            audio,
        };
        cuts.check(&after_prior)?;
        Ok(cuts)
    }

    /// Everything passed along must come from the text part, and be float.
    fn check(&self, after_prior: &NodeSet) -> Result<(), NotCuttable> {
        let outputs = self.wiring.graph.output.len();
        let count = self.flow_extras.len() + self.decoder_extras.len() + outputs;
        if count > MAX_PASSED {
            return Err(NotCuttable::TooMany { count });
        }
        let passed = self.text_outputs();
        let mut text = self
            .wiring
            .before(&passed, &[])
            .into_iter()
            .zip(after_prior);
        let entangled = |value: &str| NotCuttable::Entangled {
            value: value.to_owned(),
        };
        if text.any(|(is_text, &is_after)| is_text && is_after) {
            return Err(entangled(self.prior));
        }
        let extras = self.flow_extras.iter().chain(&self.decoder_extras);
        for value in extras {
            if self.wiring.maker(value).is_none() || !is_float(self.wiring, value) {
                return Err(entangled(value));
            }
        }
        Ok(())
    }

    /// The prior, what is passed beside it, and the voice's other outputs.
    fn text_outputs(&self) -> Vec<&'a str> {
        let others = self
            .wiring
            .graph
            .output
            .iter()
            .map(|output| output.name.as_str());
        let mut outputs = vec![self.prior];
        for value in self
            .flow_extras
            .iter()
            .chain(&self.decoder_extras)
            .copied()
            .chain(others)
        {
            if value != self.audio.name && !outputs.contains(&value) {
                outputs.push(value);
            }
        }
        outputs
    }

    fn parts(&self, model: &ModelProto) -> Result<Parts, NotCuttable> {
        let graph = self.wiring.graph;
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
            .filter(|input| !self.wiring.is_constant(&input.name));
        let passed = self.text_outputs().into_iter().map(declare).collect();
        let part = |inputs, outputs| extract(self.wiring, model, inputs, outputs);
        let text = part(own_inputs.cloned().collect(), passed);
        let latent = float_value(self.entry.latent, channels);
        let flow = part(inputs(self.prior, &self.flow_extras), vec![latent]);
        let decoder_inputs = inputs(self.entry.latent, &self.decoder_extras);
        let decoder = part(decoder_inputs, vec![self.audio.clone()]);
        let seams = self.seams(&flow, &decoder)?;
        Ok(Parts {
            text,
            flow,
            decoder,
            seams,
        })
    }

    fn seams(&self, flow: &ModelProto, decoder: &ModelProto) -> Result<Seams, NotCuttable> {
        let extras = |values: &[&str]| -> Vec<Extra> {
            let described = values.iter().map(|value| self.extra(value));
            described.collect()
        };
        let flow_extras = extras(&self.flow_extras);
        let decoder_extras = extras(&self.decoder_extras);
        let not_local = |NotLocal { op_type }| NotCuttable::NotLocal { op_type };
        let decoding = span(
            decoder,
            self.entry.latent,
            &decoder_extras,
            &self.audio.name,
        );
        let decoding = decoding.map_err(not_local)?;
        let flowing = span(flow, self.prior, &flow_extras, self.entry.latent);
        Ok(Seams {
            prior: self.prior.to_owned(),
            latent: self.entry.latent.to_owned(),
            audio: self.audio.name.clone(),
            flow_extras,
            decoder_extras,
            channels: self.entry.channels as usize,
            hop: decoding.rate as usize,
            decoder_overlap_frames: decoding.overlap_frames(),
            flow_overlap_frames: flowing.ok().map(Span::overlap_frames),
        })
    }

    fn extra(&self, value: &str) -> Extra {
        let makers = self.wiring.before(&[value], &[]);
        let inputs = self.wiring.entries(&makers);
        Extra {
            name: value.to_owned(),
            is_per_frame: inputs.iter().any(|&input| input != SPEAKER_INPUT),
        }
    }
}

fn span(model: &ModelProto, main: &str, extras: &[Extra], output: &str) -> Result<Span, NotLocal> {
    let per_frame = extras.iter().filter(|extra| extra.is_per_frame);
    let mut timed = vec![main];
    timed.extend(per_frame.map(|extra| extra.name.as_str()));
    let empty = GraphProto::default();
    let wiring = Wiring::new(model.graph.as_ref().unwrap_or(&empty));
    overlap::trace(&wiring, &timed, output)
}

fn refuse_noise(wiring: &Wiring, nodes: &NodeSet) -> Result<(), NotCuttable> {
    let mut marked = wiring.graph.node.iter().zip(nodes);
    match marked.find(|(node, is_after)| **is_after && node.is_random()) {
        Some((node, _)) => Err(NotCuttable::LateNoise {
            op_type: node.op_type.clone(),
        }),
        None => Ok(()),
    }
}
