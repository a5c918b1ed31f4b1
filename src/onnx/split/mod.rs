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
pub use interface::{Extra, Seams};

use self::interface::span;
use super::graph_index::{NodeSet, Wiring, both};
use super::proto::{ModelProto, ValueInfoProto};
use super::receptive_field::{NotLocal, Span};
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
pub struct Parts {
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
    pub seams: Seams,
}

/// Why a model is run whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotCuttable {
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

/// Cuts a voice into its parts.
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
    let fine = find_fine(&wiring).ok_or(NotCuttable::NoDecoder)?;
    let cuts = Cuts::find(&wiring, entry, fine)?;
    cuts.parts(model)
}

struct Cuts<'a, 'w> {
    wiring: &'w Wiring<'a>,
    entry: Entry<'a>,
    fine: Entry<'a>,
    prior: &'a str,
    audio: &'a ValueInfoProto,
    flow_extras: Vec<&'a str>,
    decoder_extras: Vec<&'a str>,
}

impl<'a, 'w> Cuts<'a, 'w> {
    fn find(
        wiring: &'w Wiring<'a>,
        entry: Entry<'a>,
        fine: Entry<'a>,
    ) -> Result<Self, NotCuttable> {
        let prior = find_prior(wiring, entry.value).ok_or(NotCuttable::NoPrior)?;
        let after_prior = wiring.after(prior);
        let decoding = wiring.after(entry.value);
        refuse_noise(wiring, &after_prior)?;

        let audio = find_audio(wiring, &decoding)?;
        let flowing = wiring.before(&[entry.value], &[prior]);
        let flowing = both(&flowing, &after_prior);
        let decoding = both(&decoding, &wiring.before(&[&audio.name], &[]));
        let finishing = both(&decoding, &wiring.after(fine.value));
        if let Some(value) = wiring
            .entries(&finishing)
            .into_iter()
            .find(|&value| value != fine.value)
        {
            return Err(NotCuttable::Entangled {
                value: value.to_owned(),
            });
        }
        let without = |nodes: &NodeSet, main: &str| {
            let mut entries = wiring.entries(nodes);
            entries.retain(|&value| value != main);
            entries
        };
        let cuts = Self {
            flow_extras: without(&flowing, prior),
            decoder_extras: without(&decoding, entry.value),
            wiring,
            entry,
            fine,
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
        let latent = float_value(self.entry.value, channels);
        let sketch = float_value(self.fine.value, Some(self.fine.channels));
        let flow = part(inputs(self.prior, &self.flow_extras), vec![latent]);
        let decoder_inputs = inputs(self.entry.value, &self.decoder_extras);
        let coarse = part(decoder_inputs, vec![sketch.clone()]);
        let fine = part(vec![sketch], vec![self.audio.clone()]);
        let seams = self.seams(&flow, &coarse, &fine)?;
        Ok(Parts {
            text,
            flow,
            coarse,
            fine,
            seams,
        })
    }

    fn seams(
        &self,
        flow: &ModelProto,
        coarse: &ModelProto,
        fine: &ModelProto,
    ) -> Result<Seams, NotCuttable> {
        let extras = |values: &[&str]| -> Vec<Extra> {
            let described = values.iter().map(|value| self.extra(value));
            described.collect()
        };
        let (latent, sketch) = (self.entry.value, self.fine.value);
        let flow_extras = extras(&self.flow_extras);
        let decoder_extras = extras(&self.decoder_extras);
        let not_local = |NotLocal { op_type }| NotCuttable::NotLocal { op_type };
        let sketching = span(coarse, latent, &decoder_extras, sketch).map_err(not_local)?;
        let finishing = span(fine, sketch, &[], &self.audio.name).map_err(not_local)?;
        let flowing = span(flow, self.prior, &flow_extras, latent);
        let positions = sketching.rate as usize;
        Ok(Seams {
            prior: self.prior.to_owned(),
            latent: latent.to_owned(),
            sketch: sketch.to_owned(),
            audio: self.audio.name.clone(),
            flow_extras,
            decoder_extras,
            channels: self.entry.channels as usize,
            positions,
            hop: positions * finishing.rate as usize,
            coarse_overlap_frames: sketching.overlap_frames(),
            // Its unit is a position of the sketch.
            fine_overlap_frames: finishing.overlap_frames().div_ceil(positions),
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

fn refuse_noise(wiring: &Wiring, nodes: &NodeSet) -> Result<(), NotCuttable> {
    let mut marked = wiring.graph.node.iter().zip(nodes);
    match marked.find(|(node, is_after)| **is_after && node.is_random()) {
        Some((node, _)) => Err(NotCuttable::LateNoise {
            op_type: node.op_type.clone(),
        }),
        None => Ok(()),
    }
}
