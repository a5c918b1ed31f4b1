//! The places of a VITS graph, found by what stands around them.

use crate::onnx::graph_index::{GraphIndex, NodeSet};
use crate::onnx::proto::{NodeProto, ValueInfoProto};
use crate::onnx::split::SplitError;

/// A voice draws noise for the durations and for the prior.
const MAX_NOISES: usize = 16;
/// From the first upsampling back to the decoder's first convolution there
/// are two or three nodes.
const MAX_STEPS: usize = 8;
/// What the decoder's second upsampling takes. Up to there a position is worth
/// many samples and costs little, but looks far.
pub(super) fn find_fine<'a>(index: &GraphIndex<'a>) -> Option<Entry<'a>> {
    let mut ups = index.graph.node.iter().filter(|n| n.is("ConvTranspose"));
    let second = ups.nth(1)?;
    let [input, weight, ..] = second.input.as_slice() else {
        return None;
    };
    match *index.tensor(weight)?.dims {
        [channels, _, _] if channels > 0 => Some(Entry {
            value: input,
            channels,
        }),
        _ => None,
    }
}

/// The first convolution of the decoder: back from the first upsampling.
pub(super) fn find_decoder<'a>(index: &GraphIndex<'a>) -> Option<Entry<'a>> {
    let mut nodes = index.graph.node.iter();
    let mut node = nodes.find(|node| node.is("ConvTranspose"))?;
    for _ in 0..MAX_STEPS {
        node = index.producer(node.input.first()?)?;
        if node.is("Conv") {
            return Entry::read(index, node);
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
    fn read(index: &GraphIndex<'a>, conv: &'a NodeProto) -> Option<Self> {
        let [value, weight, ..] = conv.input.as_slice() else {
            return None;
        };
        match *index.tensor(weight)?.dims {
            [_, channels, _] if channels > 0 && conv.int("group").unwrap_or(1) == 1 => {
                Some(Self { value, channels })
            }
            _ => None,
        }
    }
}

/// The noise that is scaled once or more and added to a mean: the sum.
pub(super) fn find_prior<'a>(index: &GraphIndex<'a>, latent: &str) -> Option<&'a str> {
    let noises = index
        .graph
        .node
        .iter()
        .rev()
        .filter(|node| node.is("RandomNormalLike"))
        .take(MAX_NOISES);
    noises
        .filter_map(|noise| added_noise(index, noise))
        .find(|prior| {
            let after = index.dependents(prior);
            let mut nodes = index.graph.node.iter().zip(after);
            nodes.any(|(node, depends)| depends && node.output.iter().any(|name| name == latent))
        })
}

fn added_noise<'a>(index: &GraphIndex<'a>, noise: &'a NodeProto) -> Option<&'a str> {
    let mut value = noise.output.first()?;
    for _ in 0..MAX_STEPS {
        let user = index.only_consumer(value)?;
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
    index: &GraphIndex<'a>,
    decoding: &NodeSet,
) -> Result<&'a ValueInfoProto, SplitError> {
    let makes = |output: &&ValueInfoProto| index.is_produced_by(&output.name, decoding);
    let made: Vec<_> = index.graph.output.iter().filter(makes).collect();
    match made[..] {
        [audio] => Ok(audio),
        _ => Err(SplitError::NoAudio { count: made.len() }),
    }
}
