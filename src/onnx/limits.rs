//! What a graph from an unknown source must not have. It is checked before
//! ONNX Runtime loads the graph.

use super::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto,
};

/// The most nodes, those of subgraphs included. Stock voices have some 6 500;
/// with many times more, ONNX Runtime takes minutes to load a graph.
const MAX_NODES: usize = 50_000;
/// How deep subgraphs may be nested, the main graph included. Stock voices
/// have no subgraphs. ONNX Runtime's work doubles with each level.
const MAX_DEPTH: usize = 4;
/// Operators that may run their subgraph for ever.
const UNBOUNDED: [&str; 2] = ["Loop", "Scan"];

/// Why it is not safe to run a graph.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsafeGraph {
    /// ONNX Runtime would look for the file in the current folder.
    #[error("its weights `{0}` are in another file: a voice must be one .onnx file")]
    ExternalWeights(String),
    /// No Piper voice has one.
    #[error("it has a {0} node, which may never end: no Piper voice has one")]
    Unbounded(String),
    /// Functions that call functions grow without bound when they are inlined.
    #[error("it defines its own functions: no Piper voice does")]
    Functions,
    /// Far more than any voice has.
    #[error("it has more than {MAX_NODES} nodes: no Piper voice has so many")]
    TooManyNodes,
    /// Subgraphs of subgraphs of subgraphs.
    #[error("its graphs are nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
}

/// How much the rest of the graph may have.
struct Budget {
    nodes: usize,
    depth: usize,
}

/// Refuses a graph that reads other files, or that may take more time or
/// memory than any voice.
pub(super) fn check(model: &ModelProto) -> Result<(), UnsafeGraph> {
    if !model.functions.is_empty() {
        return Err(UnsafeGraph::Functions);
    }
    let mut budget = Budget {
        nodes: MAX_NODES,
        depth: MAX_DEPTH,
    };
    let mut graph = model.graph.iter();
    graph.try_for_each(|graph| check_graph(graph, &mut budget))
}

fn check_graph(graph: &GraphProto, budget: &mut Budget) -> Result<(), UnsafeGraph> {
    budget.depth = budget.depth.checked_sub(1).ok_or(UnsafeGraph::TooDeep)?;
    graph.initializer.iter().try_for_each(check_tensor)?;
    let mut sparse = graph.sparse_initializer.iter();
    sparse.try_for_each(check_sparse)?;
    let mut nodes = graph.node.iter();
    nodes.try_for_each(|node| check_node(node, budget))?;
    budget.depth += 1;
    Ok(())
}

fn check_node(node: &NodeProto, budget: &mut Budget) -> Result<(), UnsafeGraph> {
    let nodes = budget.nodes.checked_sub(1);
    budget.nodes = nodes.ok_or(UnsafeGraph::TooManyNodes)?;
    if UNBOUNDED.contains(&node.op_type.as_str()) {
        return Err(UnsafeGraph::Unbounded(node.op_type.clone()));
    }
    let mut attributes = node.attribute.iter();
    attributes.try_for_each(|attribute| check_attribute(attribute, budget))
}

fn check_attribute(attribute: &AttributeProto, budget: &mut Budget) -> Result<(), UnsafeGraph> {
    let mut tensors = attribute.t.as_deref().into_iter().chain(&attribute.tensors);
    tensors.try_for_each(check_tensor)?;
    let sparse = attribute.sparse_tensor.as_deref().into_iter();
    let mut sparse = sparse.chain(&attribute.sparse_tensors);
    sparse.try_for_each(check_sparse)?;
    let mut graphs = attribute.subgraphs();
    graphs.try_for_each(|graph| check_graph(graph, budget))
}

fn check_sparse(tensor: &SparseTensorProto) -> Result<(), UnsafeGraph> {
    let mut tensors = tensor.values.iter().chain(&tensor.indices);
    tensors.try_for_each(check_tensor)
}

fn check_tensor(tensor: &TensorProto) -> Result<(), UnsafeGraph> {
    match tensor.data_location == 0 && tensor.external_data.is_empty() {
        true => Ok(()),
        false => Err(UnsafeGraph::ExternalWeights(tensor.name.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{FunctionProto, StringStringEntryProto};

    fn check_model(graph: GraphProto) -> Result<(), UnsafeGraph> {
        check(&ModelProto::with_graph(graph))
    }

    fn node(op_type: &str, attribute: AttributeProto) -> GraphProto {
        GraphProto {
            node: vec![NodeProto {
                op_type: op_type.to_owned(),
                attribute: vec![attribute],
                ..NodeProto::default()
            }],
            ..GraphProto::default()
        }
    }

    fn nested(graph: GraphProto) -> GraphProto {
        let attribute = AttributeProto {
            g: Some(Box::new(graph)),
            ..AttributeProto::default()
        };
        node("If", attribute)
    }

    #[test]
    fn weights_in_other_files_are_found_everywhere() {
        let entry = StringStringEntryProto {
            key: "location".to_owned(),
            value: "secret".to_owned(),
        };
        let external = TensorProto {
            name: "w".to_owned(),
            external_data: vec![entry],
            data_location: 1,
            ..TensorProto::default()
        };
        let sparse = SparseTensorProto {
            values: Some(external.clone()),
            ..SparseTensorProto::default()
        };
        let initializer = GraphProto {
            initializer: vec![external.clone()],
            ..GraphProto::default()
        };
        let sparse_initializer = GraphProto {
            sparse_initializer: vec![sparse.clone()],
            ..GraphProto::default()
        };
        let attributes = [
            AttributeProto {
                t: Some(Box::new(external.clone())),
                ..AttributeProto::default()
            },
            AttributeProto {
                tensors: vec![external],
                ..AttributeProto::default()
            },
            AttributeProto {
                sparse_tensor: Some(Box::new(sparse)),
                ..AttributeProto::default()
            },
        ];
        let constants = attributes.map(|attribute| node("Constant", attribute));
        for graph in [initializer, sparse_initializer]
            .into_iter()
            .chain(constants)
        {
            let expected = Err(UnsafeGraph::ExternalWeights("w".to_owned()));
            assert_eq!(check_model(graph.clone()), expected);
            assert_eq!(check_model(nested(nested(graph))), expected);
        }
    }

    #[test]
    fn graphs_that_may_run_for_ever_are_refused() {
        let harmless = || node("Identity", AttributeProto::default());
        let deep = |depth| (1..depth).fold(harmless(), |graph, _| nested(graph));
        assert_eq!(check_model(deep(MAX_DEPTH)), Ok(()));
        assert_eq!(check_model(deep(MAX_DEPTH + 1)), Err(UnsafeGraph::TooDeep));
        let unbounded = node("Loop", AttributeProto::default());
        let expected = Err(UnsafeGraph::Unbounded("Loop".to_owned()));
        assert_eq!(check_model(nested(unbounded)), expected);
        let functions = ModelProto {
            functions: vec![FunctionProto::default()],
            ..ModelProto::with_graph(harmless())
        };
        assert_eq!(check(&functions), Err(UnsafeGraph::Functions));
        let many = |n| GraphProto {
            node: vec![NodeProto::default(); n],
            ..GraphProto::default()
        };
        assert_eq!(check_model(many(MAX_NODES)), Ok(()));
        let over = check_model(nested(many(MAX_NODES)));
        assert_eq!(over, Err(UnsafeGraph::TooManyNodes));
    }
}
