//! Attention. A graph computes it by a hundred nodes, most of which move values: they must
//! depend on nothing but queries, keys and values of one input, and what is done with
//! these is found. Preparing compares the results.

use piper_rs_native::Layer;

use super::Recognizer;
use crate::onnx::proto::NodeProto;

/// How many nodes in a row only move values.
const MAX_MOVES: usize = 8;
/// The operators of attention, and of masks.
#[rustfmt::skip]
const OPERATORS: [&str; 22] = [
    "Add", "Cast", "Concat", "Constant", "ConstantOfShape", "Div", "Equal", "Gather",
    "Identity", "Less", "MatMul", "Mul", "Pad", "Range", "Reshape", "Shape", "Slice",
    "Softmax", "Squeeze", "Sub", "Transpose", "Unsqueeze",
];

/// The attention of a layer.
pub(super) struct Attention<'a> {
    pub(super) inputs: [Layer; 3],
    pub(super) distances: [Vec<f32>; 2],
    pub(super) output: Layer,
    pub(super) heads: usize,
    pub(super) divisor: f32,
    pub(super) window: usize,
    /// What queries, keys and values are made of.
    pub(super) input: &'a str,
}

impl<'a> Recognizer<'a> {
    /// The attention that makes `value`.
    pub(super) fn attention(&self, value: &str) -> Option<Attention<'a>> {
        let (output, merged) = self.patterns.pointwise(value)?;
        let mut operators = OPERATORS.to_vec();
        operators.push("Where");
        let (nodes, sources) = self.explore(merged, &[], &operators);
        let of = |op_type: &'static str| nodes.iter().copied().filter(move |node| node.is(op_type));
        let one = |op_type: &'static str| {
            let mut nodes = of(op_type);
            nodes.next().filter(|_| nodes.next().is_none())
        };
        let (softmax, divided) = (one("Softmax")?, one("Div")?);
        let [queries, divisor] = &divided.input[..] else {
            return None;
        };
        let queries = self.source(queries)?;
        let weights = softmax.output.first()?;
        let mut products = of("MatMul").filter(|node| node.input.first() == Some(weights));
        let values = self.source(products.next()?.input.get(1)?)?;
        let mut keys = sources.iter().copied();
        let keys = keys.find(|source| *source != queries && *source != values)?;
        let inputs = [queries, keys, values].map(|source| self.patterns.pointwise(source));
        let [Some((q, input)), Some((k, of_keys)), Some((v, of_values))] = inputs else {
            return None;
        };
        let distant: Vec<_> = of("Pad").filter_map(|pad| self.distances(pad)).collect();
        let [first, second] = &distant[..] else {
            return None;
        };
        let by_queries = |product: &NodeProto| product.input.first() == divided.output.first();
        let (keys, values) = match (by_queries(first.product), by_queries(second.product)) {
            (true, false) => (first, second),
            (false, true) => (second, first),
            _ => return None,
        };
        let is_attention = sources.len() == 3
            && products.next().is_none()
            && of("MatMul").count() == 4
            && (of_keys, of_values) == (input, input)
            && keys.sizes == values.sizes;
        let [rows, channels] = keys.sizes;
        is_attention.then_some(Attention {
            heads: q.weights.outputs / channels,
            inputs: [q, k, v],
            distances: [keys.values.clone(), values.values.clone()],
            output,
            divisor: self.number(divisor)?,
            window: rows / 2,
            input,
        })
    }

    /// The value of which `value` is the same in another order.
    fn source(&self, value: &str) -> Option<&'a str> {
        let mut value = self.value(value)?;
        for _ in 0..MAX_MOVES {
            let node = self.patterns.producer(value)?;
            match ["Reshape", "Transpose"]
                .iter()
                .any(|op_type| node.is(op_type))
            {
                true => value = node.input.first()?,
                false => break,
            }
        }
        Some(value)
    }

    /// What distances add, if it is what `pad` widens.
    fn distances(&self, pad: &'a NodeProto) -> Option<Distances<'a>> {
        let tensor = self.patterns.tensor(pad.input.first()?)?;
        let [1, rows, channels] = tensor.dims[..] else {
            return None;
        };
        let sizes = [usize::try_from(rows).ok()?, usize::try_from(channels).ok()?];
        let mut value = pad.output.first()?.as_str();
        for _ in 0..MAX_MOVES {
            value = self.user(value)?;
            let product = self.patterns.producer(value)?;
            if product.is("MatMul") {
                let is_sound = sizes[0] % 2 == 1 && sizes[1] > 0;
                return is_sound.then_some(Distances {
                    values: self.numbers(pad.input.first()?)?,
                    sizes,
                    product,
                });
            }
        }
        None
    }
}

/// What distances add to keys or values.
struct Distances<'a> {
    values: Vec<f32>,
    /// Distances, and channels of a head.
    sizes: [usize; 2],
    /// The product in which it is used.
    product: &'a NodeProto,
}
