//! Noise that depends on a seed alone.
//!
//! ONNX Runtime's random operators share one generator per session. The sound
//! of a sentence would depend on the sentences before it, and on what other
//! threads speak. This rewrite replaces the operators by arithmetic on the
//! element's index, the operator's index and a seed.

mod operator;
mod squares_rng;

use self::operator::RandomOperator;
use super::graph_builder::name_in_use;
use super::proto::{DataType, DimensionValue, GraphProto, ModelProto, NodeProto, ValueInfoProto};

/// The name of the new input, an `int64` of shape `[1]`. Any value is valid.
///
/// Every name that [`make_seedable`] adds to a graph starts with it.
pub const SEED_INPUT: &str = "noise_seed";

/// The oldest operator set that has `Range` and `BitShift`.
const MIN_OPSET: i64 = 11;
/// The most random operators; a voice has two. Each becomes some 60 nodes.
const MAX_OPERATORS: usize = 256;

/// Why a seed cannot be added to a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// The file holds no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// The model's operator set lacks operators that the noise is made of.
    #[error("operator set {opset} is older than {MIN_OPSET}")]
    OldOpset {
        /// The model's.
        opset: i64,
    },
    /// A random operator that is not a node of the main graph.
    #[error("`{op_type}` is inside a branch, loop or function")]
    Nested {
        /// Its type.
        op_type: String,
    },
    /// A random operator that is neither normal nor uniform noise.
    #[error("`{op_type}` cannot be replaced by seeded noise")]
    Operator {
        /// Its type.
        op_type: String,
    },
    /// A random operator with invalid inputs, outputs or attributes.
    #[error("`{op_type}` is malformed: {problem}")]
    Malformed {
        /// Its type.
        op_type: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// More random operators than any voice.
    #[error("it has more than {MAX_OPERATORS} random operators")]
    TooMany,
    /// The graph already uses a name that would be added.
    #[error("the name `{name}` is already in use")]
    NameTaken {
        /// The name.
        name: String,
    },
}

/// Replaces every random operator by a function of the new input
/// [`SEED_INPUT`], and returns how many there were.
///
/// The same seed gives the same noise, in every run and on every thread. Two
/// operators, and two seeds, give unrelated noise. If the model multiplies the
/// noise by 0, its output does not change. A model without random operators is
/// left unchanged, without the new input.
///
/// # Errors
/// [`SeedError`] tells what cannot be replaced; the model is then unchanged.
pub fn make_seedable(model: &mut ModelProto) -> Result<usize, SeedError> {
    let opset = opset(model);
    for function in &model.functions {
        refuse_random(&function.node)?;
    }
    let graph = model.graph.as_mut().ok_or(SeedError::NoGraph)?;
    let replacements = replacements(graph, opset)?;
    if replacements.is_empty() {
        return Ok(0);
    }
    if let Some(name) = name_in_use(graph, SEED_INPUT) {
        return Err(SeedError::NameTaken { name });
    }
    let count = replacements.len();
    apply(graph, replacements);
    let shape = [DimensionValue::Size(1)];
    let seed = ValueInfoProto::tensor(SEED_INPUT, DataType::Int64, Some(&shape));
    graph.input.push(seed);
    Ok(count)
}

/// The version of ONNX's own operators; 1 if none is given.
fn opset(model: &ModelProto) -> i64 {
    let mut sets = model.opset_import.iter();
    sets.find(|set| matches!(set.domain.as_str(), "" | "ai.onnx"))
        .map_or(1, |set| set.version)
}

/// The nodes that replace the node at `position`.
struct Replacement {
    position: usize,
    nodes: Vec<NodeProto>,
}

fn replacements(graph: &GraphProto, opset: i64) -> Result<Vec<Replacement>, SeedError> {
    let mut replacements = Vec::new();
    for (position, node) in graph.node.iter().enumerate() {
        refuse_nested(node)?;
        let Some(operator) = RandomOperator::read(node)? else {
            continue;
        };
        if opset < MIN_OPSET {
            return Err(SeedError::OldOpset { opset });
        }
        if replacements.len() == MAX_OPERATORS {
            return Err(SeedError::TooMany);
        }
        let nodes = operator.replacement(replacements.len(), opset);
        replacements.push(Replacement { position, nodes });
    }
    Ok(replacements)
}

/// Replaces the operators, and adds the nodes that scramble the seed in front.
fn apply(graph: &mut GraphProto, replacements: Vec<Replacement>) {
    let mut replacements = replacements.into_iter().peekable();
    let old = std::mem::replace(&mut graph.node, squares_rng::scramble_seed());
    for (position, node) in old.into_iter().enumerate() {
        match replacements.next_if(|next| next.position == position) {
            Some(replacement) => graph.node.extend(replacement.nodes),
            None => graph.node.push(node),
        }
    }
}

/// Refuses random operators in the subgraphs of `node`.
fn refuse_nested(node: &NodeProto) -> Result<(), SeedError> {
    let mut subgraphs = node.subgraphs();
    subgraphs.try_for_each(|graph| refuse_random(&graph.node))
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
    use crate::onnx::noise::operator::unsupported;
    use crate::onnx::proto::AttributeProto;

    fn node(op_type: &str, inputs: &[&str], output: &str) -> NodeProto {
        NodeProto {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            op_type: op_type.to_owned(),
            ..NodeProto::default()
        }
    }

    fn model(nodes: Vec<NodeProto>) -> ModelProto {
        ModelProto::with_graph(GraphProto {
            node: nodes,
            ..GraphProto::default()
        })
    }

    fn nodes(model: &ModelProto) -> &[NodeProto] {
        &model.graph.as_ref().unwrap().node
    }

    #[test]
    fn random_nodes_are_replaced_in_place() {
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
    fn every_value_is_produced_before_it_is_used() {
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
    fn a_model_that_is_refused_is_left_unchanged() {
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
        let malformed = |op_type: &str, problem| SeedError::Malformed {
            op_type: op_type.to_owned(),
            problem,
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
                malformed("RandomNormal", "its shape is negative or too large"),
            ),
            (
                vec![shaped(&[-1])],
                malformed("RandomNormal", "its shape is negative or too large"),
            ),
            (
                vec![node("Relu", &["x"], "noise_seed/0/1"), like(&["x"])],
                SeedError::NameTaken {
                    name: "noise_seed/0/1".to_owned(),
                },
            ),
        ];
        for (nodes, error) in cases {
            let mut model = model(nodes);
            let before = model.clone();
            assert_eq!(make_seedable(&mut model), Err(error));
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
