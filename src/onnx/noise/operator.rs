//! The random operators of ONNX, and the nodes that replace them.

use super::squares_rng::{self, Distribution};
use super::{SEED_INPUT, SeedError};
use crate::onnx::graph_builder::GraphBuilder;
use crate::onnx::proto::{AttributeProto, DataType, NodeProto, TensorProto};

/// From this operator set on, `Reshape` can be told that a size of 0 means 0.
const ALLOWZERO_OPSET: i64 = 14;

/// A random operator, read from its node.
#[derive(Debug)]
pub(super) struct RandomOperator<'a> {
    distribution: Distribution,
    shape: Shape<'a>,
    /// The number of the element type; `None` is that of the input.
    data_type: Option<i32>,
    output: &'a str,
}

#[derive(Debug)]
enum Shape<'a> {
    /// The shape of a value of the graph.
    Like(&'a str),
    Fixed(&'a [i64]),
}

impl<'a> RandomOperator<'a> {
    /// `Ok(None)` if the operator is not random.
    pub(super) fn read(node: &'a NodeProto) -> Result<Option<Self>, SeedError> {
        let op_type = node.op_type.as_str();
        if !node.is_random() {
            return Ok(None);
        }
        if !node.is_standard() || !op_type.starts_with("Random") {
            return Err(unsupported(op_type));
        }
        let distribution = match op_type.trim_end_matches("Like") {
            "RandomNormal" => Distribution::Normal {
                mean: node.float("mean").unwrap_or(0.0),
                scale: node.float("scale").unwrap_or(1.0),
            },
            "RandomUniform" => Distribution::Uniform {
                low: node.float("low").unwrap_or(0.0),
                high: node.float("high").unwrap_or(1.0),
            },
            _ => return Err(unsupported(op_type)),
        };
        let data_type = node.int("dtype").map(|number| number as i32);
        let (shape, data_type) = if op_type.ends_with("Like") {
            (Shape::Like(only_input(node)?), data_type)
        } else {
            let float = Some(DataType::Float as i32);
            (Shape::Fixed(fixed_shape(node)?), data_type.or(float))
        };
        let output = match node.output.as_slice() {
            [output] if !output.is_empty() => output,
            _ => return Err(malformed(node, "it needs one output")),
        };
        Ok(Some(Self {
            distribution,
            shape,
            data_type,
            output,
        }))
    }

    /// The nodes that replace the operator. `stream` is its number among the
    /// random operators of the graph.
    pub(super) fn replacement(&self, stream: usize, opset: i64) -> Vec<NodeProto> {
        let mut builder = GraphBuilder::new(format!("{SEED_INPUT}/{stream}"));
        let (shape, count) = self.shape.build(&mut builder);
        let flat = squares_rng::draw(&mut builder, stream, &count, self.distribution);
        // Otherwise a size of 0 means "as the input's".
        let allow_zero = (opset >= ALLOWZERO_OPSET).then(|| AttributeProto::int("allowzero", 1));
        let attributes = allow_zero.into_iter().collect();
        let noise = builder.op_with("Reshape", &[&flat, &shape], attributes);
        self.cast(&mut builder, &noise);
        builder.rename_last_output(self.output);
        builder.nodes
    }

    /// Casts `noise`, which is of floats, to the element type.
    fn cast(&self, builder: &mut GraphBuilder, noise: &str) {
        match (self.data_type, &self.shape) {
            (Some(float), _) if float == DataType::Float as i32 => {}
            (Some(other), _) => {
                let to = AttributeProto::int("to", i64::from(other));
                builder.op_with("Cast", &[noise], vec![to]);
            }
            (None, Shape::Like(model)) => {
                builder.op("CastLike", &[noise, model]);
            }
            (None, Shape::Fixed(_)) => {}
        }
    }
}

impl Shape<'_> {
    /// The shape, and the number of elements as a scalar.
    fn build(&self, builder: &mut GraphBuilder) -> (String, String) {
        match self {
            Self::Like(value) => (builder.op("Shape", &[value]), builder.op("Size", &[value])),
            Self::Fixed(sizes) => {
                let count = sizes.iter().product();
                let count = builder.constant(TensorProto::int64(count));
                (builder.int64s(sizes), count)
            }
        }
    }
}

fn only_input(node: &NodeProto) -> Result<&str, SeedError> {
    match node.input.as_slice() {
        [input] if !input.is_empty() => Ok(input),
        _ => Err(malformed(node, "it needs one input")),
    }
}

fn fixed_shape(node: &NodeProto) -> Result<&[i64], SeedError> {
    let sizes = node.ints("shape");
    let count = sizes.iter().try_fold(1_i64, |product, &size| {
        (size >= 0).then(|| product.checked_mul(size))?
    });
    // No sentence has more elements, and products would overflow.
    match count {
        Some(count) if count <= i64::from(i32::MAX) => Ok(sizes),
        _ => Err(malformed(node, "its shape is negative or too large")),
    }
}

pub(super) fn unsupported(op_type: &str) -> SeedError {
    SeedError::Operator {
        op_type: op_type.to_owned(),
    }
}

fn malformed(node: &NodeProto, problem: &'static str) -> SeedError {
    SeedError::Malformed {
        op_type: node.op_type.clone(),
        problem,
    }
}
