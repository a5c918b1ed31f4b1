//! Finding the parts of a VITS graph by its structure, never by names:
//! exporters choose names freely.

use std::num::NonZeroU32;

use super::SplitError;
use crate::onnx::graph_index::{GraphIndex, NodeSet};
use crate::onnx::proto::{ModelProto, NodeProto, ValueInfoProto};

/// The most random operators that are tried. A voice has two: for the
/// durations and for the prior.
const MAX_NOISES: usize = 16;
/// How many nodes are followed: between the first upsampling and the decoder's
/// first convolution there are two or three.
const MAX_STEPS: usize = 8;

/// The input of a part: the value, and its channels.
pub(super) struct PartInput<'a> {
    pub(super) value: &'a str,
    pub(super) channels: i64,
}

/// The input of the decoder: that of the last convolution before the first
/// upsampling.
pub(super) fn find_decoder<'a>(index: &GraphIndex<'a>) -> Option<PartInput<'a>> {
    let mut node = upsamplings(index).next()?;
    for _ in 0..MAX_STEPS {
        node = index.producer(node.input.first()?)?;
        if node.is("Conv") {
            let [_, channels] = weight_channels(index, node)?;
            let value = node.input.first()?;
            let has_groups = node.int("group").unwrap_or(1) != 1;
            return (!has_groups).then_some(PartInput { value, channels });
        }
    }
    None
}

/// The input of the fine decoder: that of the second upsampling. Before it, a
/// position stands for many samples, costs little, and looks far.
pub(super) fn find_fine<'a>(index: &GraphIndex<'a>) -> Option<PartInput<'a>> {
    let upsampling = upsamplings(index).nth(1)?;
    let [channels, _] = weight_channels(index, upsampling)?;
    let value = upsampling.input.first()?;
    Some(PartInput { value, channels })
}

fn upsamplings<'a>(index: &GraphIndex<'a>) -> impl Iterator<Item = &'a NodeProto> {
    let nodes = index.graph.node.iter();
    nodes.filter(|node| node.is("ConvTranspose"))
}

/// The first two sizes of a one-dimensional convolution's weights.
pub(super) fn weight_channels(index: &GraphIndex, convolution: &NodeProto) -> Option<[i64; 2]> {
    match *index.tensor(convolution.input.get(1)?)?.dims {
        [first, second, _] if first > 0 && second > 0 => Some([first, second]),
        _ => None,
    }
}

/// The prior: the sum of a mean and scaled noise on which the latent depends.
pub(super) fn find_prior<'a>(index: &GraphIndex<'a>, latent: &str) -> Option<&'a str> {
    let nodes = index.graph.node.iter().rev();
    let noises = nodes
        .filter(|node| node.is("RandomNormalLike"))
        .take(MAX_NOISES);
    let mut sums = noises.filter_map(|noise| scaled_and_added(index, noise));
    sums.find(|prior| index.is_produced_by(latent, &index.dependents(prior)))
}

fn scaled_and_added<'a>(index: &GraphIndex<'a>, noise: &'a NodeProto) -> Option<&'a str> {
    let mut value = noise.output.first()?;
    for _ in 0..MAX_STEPS {
        let consumer = index.only_consumer(value)?;
        value = consumer.output.first()?;
        match consumer.op_type.as_str() {
            "Mul" => {}
            "Add" => return Some(value),
            _ => return None,
        }
    }
    None
}

/// The only output of the voice that the decoder's nodes produce.
pub(super) fn find_audio<'a>(
    index: &GraphIndex<'a>,
    decoder: &NodeSet,
) -> Result<&'a ValueInfoProto, SplitError> {
    let outputs = index.graph.output.iter();
    let outputs: Vec<_> = outputs
        .filter(|output| index.is_produced_by(&output.name, decoder))
        .collect();
    match outputs[..] {
        [audio] => Ok(audio),
        _ => Err(SplitError::NoAudio {
            count: outputs.len(),
        }),
    }
}

/// Returns how many ids a voice's model knows: the rows of the embedding table
/// that the graph looks its `input` up in. `None` if there is no such table.
///
/// An id beyond it makes ONNX Runtime fail in the middle of a run.
pub fn embedding_rows(model: &ModelProto) -> Option<usize> {
    rows_of_table(model, "input")
}

/// Returns how many speakers a voice's model has: the rows of the table that the
/// graph looks its `sid` up in. `None` if there is no such table.
pub fn speaker_rows(model: &ModelProto) -> Option<NonZeroU32> {
    let rows = rows_of_table(model, "sid")?;
    NonZeroU32::new(u32::try_from(rows).ok()?)
}

fn rows_of_table(model: &ModelProto, indices: &str) -> Option<usize> {
    let graph = model.graph.as_ref()?;
    let mut nodes = graph.node.iter();
    let lookup = nodes.find(|node| {
        let input = node.input.get(1);
        node.op_type == "Gather" && input.is_some_and(|input| input == indices)
    })?;
    let mut tensors = graph.initializer.iter();
    let table = tensors.find(|tensor| tensor.name == lookup.input[0])?;
    usize::try_from(*table.dims.first()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{GraphProto, TensorProto};

    fn lookup(indices: &str) -> ModelProto {
        let node = NodeProto {
            op_type: "Gather".to_owned(),
            input: vec!["table".to_owned(), indices.to_owned()],
            ..NodeProto::default()
        };
        let table = TensorProto {
            name: "table".to_owned(),
            dims: vec![130, 192],
            ..TensorProto::default()
        };
        ModelProto::with_graph(GraphProto {
            node: vec![node],
            initializer: vec![table],
            ..GraphProto::default()
        })
    }

    #[test]
    fn the_rows_of_the_table_of_ids_are_counted() {
        assert_eq!(embedding_rows(&lookup("input")), Some(130));
        assert_eq!(embedding_rows(&lookup("sid")), None);
        assert_eq!(embedding_rows(&ModelProto::default()), None);
    }
}
