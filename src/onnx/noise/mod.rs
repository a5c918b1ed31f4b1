//! Noise that depends on nothing but a seed.
//!
//! ONNX Runtime's random operators draw from one generator per session, so
//! what a sentence sounds like depends on what was spoken before it, and two
//! threads get in each other's way. Here they are replaced by arithmetic on
//! the element's index, the operator's index and a seed.

mod squares_rng;

use self::squares_rng::Distribution;
use super::graph_builder::GraphBuilder;
use super::proto::{
    AttributeProto, DataType, Dimension, DimensionValue, GraphProto, ModelProto, NodeProto,
    TensorProto, TensorShapeProto, TensorType, TypeProto, TypeValue, ValueInfoProto,
};

/// The name of the new input, an `int64` of shape `[1]`; any value is good.
///
/// Every name that [`make_seedable`] adds to a graph starts with it.
pub const SEED_INPUT: &str = "noise_seed";

/// The oldest operator set with `Range` and `BitShift`.
const OLDEST_OPSET: i64 = 11;
/// The oldest operator set in which `Reshape` may be told that 0 means 0.
const ALLOWZERO_OPSET: i64 = 14;
/// The most random operators; a voice has two. Each becomes some 60 nodes.
const MAX_OPERATORS: usize = 256;

/// Why a model's noise cannot be made to follow a seed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// The file holds no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// The operators that the noise is made of do not exist yet.
    #[error("operator set {opset} is older than {OLDEST_OPSET}")]
    OldOpset {
        /// The model's.
        opset: i64,
    },
    /// A random operator that is not a plain node of the main graph.
    #[error("`{op_type}` stands inside a branch, loop or function")]
    Nested {
        /// Its kind.
        op_type: String,
    },
    /// A random operator that is no normal or uniform noise.
    #[error("`{op_type}` has no seeded form")]
    Operator {
        /// Its kind.
        op_type: String,
    },
    /// A random operator without an input, an output or a sensible attribute.
    #[error("`{op_type}` is malformed: {what}")]
    Malformed {
        /// Its kind.
        op_type: String,
        /// What is wrong.
        what: &'static str,
    },
    /// More random operators than any voice.
    #[error("it draws noise in more than {MAX_OPERATORS} places")]
    TooMany,
    /// The graph already has a value of a name that would be added.
    #[error("the name `{name}` is taken")]
    NameTaken {
        /// The name.
        name: String,
    },
}

/// Replaces every random operator by a function of the new input
/// [`SEED_INPUT`] and returns how many there were.
///
/// The noise is the same for the same seed, on every run and thread; two
/// operators, and two seeds, get unrelated noise. Where the model multiplies
/// it by 0 its output does not change. Without random operators nothing is
/// changed, and no input added.
///
/// # Errors
/// [`SeedError`] says what does not fit; the model is then as it was.
pub fn make_seedable(model: &mut ModelProto) -> Result<usize, SeedError> {
    let opset = model.opset();
    for function in &model.functions {
        refuse_random(&function.node)?;
    }
    let graph = model.graph.as_mut().ok_or(SeedError::NoGraph)?;
    let drawn = draw_all(graph, opset)?;
    if drawn.is_empty() {
        return Ok(0);
    }
    check_names(graph)?;
    let count = drawn.len();
    splice(graph, drawn);
    graph.input.push(seed_input());
    Ok(count)
}

/// The nodes that replace the node at `index`.
struct Drawn {
    index: usize,
    nodes: Vec<NodeProto>,
}

fn draw_all(graph: &GraphProto, opset: i64) -> Result<Vec<Drawn>, SeedError> {
    let mut drawn = Vec::new();
    for (index, node) in graph.node.iter().enumerate() {
        refuse_nested(node)?;
        let Some(noise) = Noise::read(node)? else {
            continue;
        };
        if opset < OLDEST_OPSET {
            return Err(SeedError::OldOpset { opset });
        }
        if drawn.len() == MAX_OPERATORS {
            return Err(SeedError::TooMany);
        }
        let nodes = noise.draw(drawn.len(), opset);
        drawn.push(Drawn { index, nodes });
    }
    Ok(drawn)
}

/// Puts the replacements in the places of what they replace, after the nodes
/// that scramble the seed.
fn splice(graph: &mut GraphProto, drawn: Vec<Drawn>) {
    let mut drawn = drawn.into_iter().peekable();
    let old = std::mem::replace(&mut graph.node, squares_rng::scramble_seed());
    for (index, node) in old.into_iter().enumerate() {
        match drawn.next_if(|next| next.index == index) {
            Some(replacement) => graph.node.extend(replacement.nodes),
            None => graph.node.push(node),
        }
    }
}

fn seed_input() -> ValueInfoProto {
    let one = Dimension {
        value: Some(DimensionValue::Size(1)),
        ..Dimension::default()
    };
    let tensor = TensorType {
        elem_type: DataType::Int64 as i32,
        shape: Some(TensorShapeProto { dim: vec![one] }),
    };
    ValueInfoProto {
        name: SEED_INPUT.to_owned(),
        r#type: Some(TypeProto {
            value: Some(TypeValue::Tensor(tensor)),
            ..TypeProto::default()
        }),
        ..ValueInfoProto::default()
    }
}

fn check_names(graph: &GraphProto) -> Result<(), SeedError> {
    let values = graph.node.iter().flat_map(|node| &node.output);
    let inputs = graph.input.iter().map(|input| &input.name);
    let constants = graph.initializer.iter().map(|tensor| &tensor.name);
    let nodes = graph.node.iter().map(|node| &node.name);
    match values
        .chain(inputs)
        .chain(constants)
        .chain(nodes)
        .find(|name| name.starts_with(SEED_INPUT))
    {
        Some(name) => Err(SeedError::NameTaken { name: name.clone() }),
        None => Ok(()),
    }
}

/// What a random operator draws, read from its attributes.
#[derive(Debug)]
struct Noise<'a> {
    distribution: Distribution,
    shape: Shape<'a>,
    /// Element type, as its number; `None` is that of the input.
    data_type: Option<i32>,
    output: &'a str,
}

#[derive(Debug)]
enum Shape<'a> {
    /// That of a value of the graph.
    Like(&'a str),
    Fixed(&'a [i64]),
}

impl<'a> Noise<'a> {
    /// `Ok(None)` when the node draws nothing.
    fn read(node: &'a NodeProto) -> Result<Option<Self>, SeedError> {
        let op_type = node.op_type.as_str();
        if !node.is_random() {
            return Ok(None);
        }
        if !node.is(op_type) || !op_type.starts_with("Random") {
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
            (Shape::Like(like(node)?), data_type)
        } else {
            let float = Some(DataType::Float as i32);
            (Shape::Fixed(fixed(node)?), data_type.or(float))
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

    /// Writes the nodes of the `stream`-th random operator of a graph.
    fn draw(&self, stream: usize, opset: i64) -> Vec<NodeProto> {
        let mut builder = GraphBuilder::new(format!("{SEED_INPUT}/{stream}"));
        let (shape, count) = self.shape.draw(&mut builder);
        let flat = squares_rng::draw(&mut builder, stream, &count, self.distribution);
        // A size of 0 would otherwise mean "as the input's".
        let as_said = (opset >= ALLOWZERO_OPSET).then(|| AttributeProto::int("allowzero", 1));
        let noise = builder.op_with("Reshape", &[&flat, &shape], as_said.into_iter().collect());
        self.draw_type(&mut builder, &noise);
        builder.rename_last_output(self.output);
        builder.nodes
    }

    fn draw_type(&self, builder: &mut GraphBuilder, noise: &str) {
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
    fn draw(&self, builder: &mut GraphBuilder) -> (String, String) {
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

fn like(node: &NodeProto) -> Result<&str, SeedError> {
    match node.input.as_slice() {
        [input] if !input.is_empty() => Ok(input),
        _ => Err(malformed(node, "it needs one input")),
    }
}

fn fixed(node: &NodeProto) -> Result<&[i64], SeedError> {
    let sizes = node.ints("shape");
    let count = sizes.iter().try_fold(1_i64, |product, &size| {
        if size < 0 {
            None
        } else {
            product.checked_mul(size)
        }
    });
    // More could not be a sentence's, and products would overflow.
    match count {
        Some(count) if count <= i64::from(i32::MAX) => Ok(sizes),
        _ => Err(malformed(node, "its shape is absurd")),
    }
}

fn unsupported(op_type: &str) -> SeedError {
    SeedError::Operator {
        op_type: op_type.to_owned(),
    }
}

fn malformed(node: &NodeProto, what: &'static str) -> SeedError {
    SeedError::Malformed {
        op_type: node.op_type.clone(),
        what,
    }
}

/// Fails when a graph inside of `node` draws.
fn refuse_nested(node: &NodeProto) -> Result<(), SeedError> {
    for attribute in &node.attribute {
        for graph in attribute.g.as_deref().into_iter().chain(&attribute.graphs) {
            refuse_random(&graph.node)?;
        }
    }
    Ok(())
}

fn refuse_random(nodes: &[NodeProto]) -> Result<(), SeedError> {
    for node in nodes {
        if node.is_random() {
            return Err(SeedError::Nested {
                op_type: node.op_type.clone(),
            });
        }
        refuse_nested(node)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::OperatorSetIdProto;

    fn node(op_type: &str, inputs: &[&str], output: &str) -> NodeProto {
        NodeProto {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            op_type: op_type.to_owned(),
            ..NodeProto::default()
        }
    }

    fn model(nodes: Vec<NodeProto>) -> ModelProto {
        ModelProto {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto {
                domain: String::new(),
                version: 15,
            }],
            graph: Some(GraphProto {
                node: nodes,
                ..GraphProto::default()
            }),
            ..ModelProto::default()
        }
    }

    fn nodes(model: &ModelProto) -> &[NodeProto] {
        &model.graph.as_ref().unwrap().node
    }

    #[test]
    fn random_nodes_are_replaced_where_they_stood() {
        let mut model = model(vec![
            node("Relu", &["x"], "y"),
            node("RandomNormalLike", &["y"], "noise"),
            node("Add", &["y", "noise"], "z"),
            node("RandomUniformLike", &["z"], "more"),
        ]);
        assert_eq!(make_seedable(&mut model), Ok(2));
        assert!(!nodes(&model).iter().any(NodeProto::is_random));
        let at = |output: &str| nodes(&model).iter().position(|n| n.output == [output]);
        assert!(at("noise_seed/base") < at("y") && at("y") < at("noise"));
        assert!(at("noise") < at("z") && at("z") < at("more"));
        let inputs = &model.graph.as_ref().unwrap().input;
        assert_eq!(
            inputs.iter().map(|i| i.name.as_str()).collect::<Vec<_>>(),
            [SEED_INPUT]
        );
    }

    #[test]
    fn every_value_is_made_before_it_is_used() {
        let mut model = model(vec![
            node("RandomNormalLike", &["x"], "a"),
            node("RandomUniformLike", &["a"], "b"),
        ]);
        make_seedable(&mut model).unwrap();
        let mut known = vec!["x", SEED_INPUT];
        for node in nodes(&model) {
            for input in &node.input {
                assert!(known.contains(&input.as_str()), "{input}");
            }
            for output in &node.output {
                assert!(!known.contains(&output.as_str()), "{output} twice");
                known.push(output);
            }
        }
    }

    #[test]
    fn without_noise_nothing_changes() {
        let mut quiet = model(vec![node("Relu", &["x"], "y")]);
        let before = quiet.clone();
        assert_eq!(make_seedable(&mut quiet), Ok(0));
        assert_eq!(quiet, before);
    }

    #[test]
    fn what_does_not_fit_is_refused_and_left_alone() {
        let inner = GraphProto {
            node: vec![node("RandomNormalLike", &["x"], "y")],
            ..GraphProto::default()
        };
        let branch = NodeProto {
            attribute: vec![AttributeProto {
                name: "then_branch".to_owned(),
                g: Some(Box::new(inner)),
                ..AttributeProto::default()
            }],
            ..node("If", &["c"], "y")
        };
        let shaped = |shape: &[i64]| NodeProto {
            attribute: vec![AttributeProto::ints("shape", shape)],
            ..node("RandomNormal", &[], "y")
        };
        let like = |inputs: &[&str]| node("RandomNormalLike", inputs, "y");
        let malformed = |op_type: &str, what| SeedError::Malformed {
            op_type: op_type.to_owned(),
            what,
        };
        let cases = [
            (
                vec![branch],
                SeedError::Nested {
                    op_type: "RandomNormalLike".to_owned(),
                },
            ),
            (
                vec![node("Bernoulli", &["x"], "y")],
                unsupported("Bernoulli"),
            ),
            (
                vec![node("RandomWalkLike", &["x"], "y")],
                unsupported("RandomWalkLike"),
            ),
            (vec![like(&["x"]); MAX_OPERATORS + 1], SeedError::TooMany),
            (
                vec![like(&[])],
                malformed("RandomNormalLike", "it needs one input"),
            ),
            (
                vec![shaped(&[1 << 40, 1 << 40])],
                malformed("RandomNormal", "its shape is absurd"),
            ),
            (
                vec![shaped(&[-1])],
                malformed("RandomNormal", "its shape is absurd"),
            ),
            (
                vec![node("Relu", &["x"], "noise_seed/0/1"), like(&["x"])],
                SeedError::NameTaken {
                    name: "noise_seed/0/1".to_owned(),
                },
            ),
        ];
        for (nodes, why) in cases {
            let mut model = model(nodes);
            let before = model.clone();
            assert_eq!(make_seedable(&mut model), Err(why));
            assert_eq!(model, before);
        }
        let mut old = model(vec![like(&["x"])]);
        old.opset_import[0].version = 9;
        assert_eq!(
            make_seedable(&mut old),
            Err(SeedError::OldOpset { opset: 9 })
        );
        assert_eq!(
            make_seedable(&mut ModelProto::default()),
            Err(SeedError::NoGraph)
        );
    }
}
