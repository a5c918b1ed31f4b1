//! The places of a VITS graph, found by what stands around them.

use crate::onnx::graph_index::{NodeSet, Wiring};
use crate::onnx::proto::{NodeProto, ValueInfoProto};
use crate::onnx::split::NotCuttable;

/// A voice draws noise for the durations and for the prior.
const MAX_NOISES: usize = 16;
/// From the first upsampling back to the decoder's first convolution there
/// are two or three nodes.
const MAX_STEPS: usize = 8;
/// What the decoder's second upsampling takes. Up to there a position is worth
/// many samples and costs little, but looks far.
pub(super) fn find_fine<'a>(wiring: &Wiring<'a>) -> Option<Entry<'a>> {
    let mut ups = wiring.graph.node.iter().filter(|n| n.is("ConvTranspose"));
    let second = ups.nth(1)?;
    let [input, weight, ..] = second.input.as_slice() else {
        return None;
    };
    match *wiring.tensor(weight)?.dims {
        [channels, _, _] if channels > 0 => Some(Entry {
            value: input,
            channels,
        }),
        _ => None,
    }
}

/// The first convolution of the decoder: back from the first upsampling.
pub(super) fn find_decoder<'a>(wiring: &Wiring<'a>) -> Option<Entry<'a>> {
    let mut nodes = wiring.graph.node.iter();
    let mut node = nodes.find(|node| node.is("ConvTranspose"))?;
    for _ in 0..MAX_STEPS {
        node = wiring.maker(node.input.first()?)?;
        if node.is("Conv") {
            return Entry::read(wiring, node);
        }
    }
    None
}

/// Where a part begins: a value, and its channels.
pub(super) struct Entry<'a> {
    pub(super) value: &'a str,
    pub(super) channels: i64,
}

impl<'a> Entry<'a> {
    fn read(wiring: &Wiring<'a>, conv: &'a NodeProto) -> Option<Self> {
        let [value, weight, ..] = conv.input.as_slice() else {
            return None;
        };
        match *wiring.tensor(weight)?.dims {
            [_, channels, _] if channels > 0 && conv.int("group").unwrap_or(1) == 1 => {
                Some(Self { value, channels })
            }
            _ => None,
        }
    }
}

/// The noise that is scaled once or more and added to a mean: the sum.
pub(super) fn find_prior<'a>(wiring: &Wiring<'a>, latent: &str) -> Option<&'a str> {
    let noises = wiring
        .graph
        .node
        .iter()
        .rev()
        .filter(|node| node.is("RandomNormalLike"))
        .take(MAX_NOISES);
    noises
        .filter_map(|noise| added_noise(wiring, noise))
        .find(|prior| {
            let after = wiring.after(prior);
            let mut nodes = wiring.graph.node.iter().zip(after);
            nodes.any(|(node, depends)| depends && node.output.iter().any(|name| name == latent))
        })
}

fn added_noise<'a>(wiring: &Wiring<'a>, noise: &'a NodeProto) -> Option<&'a str> {
    let mut value = noise.output.first()?;
    for _ in 0..MAX_STEPS {
        let user = wiring.only_user(value)?;
        value = user.output.first()?;
        match user.op_type.as_str() {
            "Mul" => {}
            "Add" => return Some(value),
            _ => return None,
        }
    }
    None
}

/// The one output of the voice that `decoding` nodes make.
pub(super) fn find_audio<'a>(
    wiring: &Wiring<'a>,
    decoding: &NodeSet,
) -> Result<&'a ValueInfoProto, NotCuttable> {
    let makes = |output: &&ValueInfoProto| wiring.is_made_by(&output.name, decoding);
    let made: Vec<_> = wiring.graph.output.iter().filter(makes).collect();
    match made[..] {
        [audio] => Ok(audio),
        _ => Err(NotCuttable::NoAudio { count: made.len() }),
    }
}
