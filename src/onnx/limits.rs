//! What a stranger's graph must not have: it is looked at before ONNX Runtime
//! sees it.

use super::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto,
};

/// The most nodes, those of graphs within the graph included. Stock voices
/// have some 6 500; what is far above takes ONNX Runtime minutes to load.
const MAX_NODES: usize = 50_000;
/// How deep graphs may stand within graphs; stock voices have none. ONNX
/// Runtime's work doubles with every step down.
const MAX_DEPTH: usize = 4;
/// Nodes that may run their graph for ever.
const ENDLESS: [&str; 2] = ["Loop", "Scan"];

/// Why a graph is not run.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsafeGraph {
    /// ONNX Runtime would look for the file in the current folder.
    #[error("its weights `{0}` are in another file: a voice is one .onnx file, whole")]
    OtherFile(String),
    /// No Piper voice has one.
    #[error("it has a {0} node, which may never end: no Piper voice has one")]
    Endless(String),
    /// Functions that call functions grow without bound when they are unfolded.
    #[error("it defines functions of its own: no Piper voice does")]
    Functions,
    /// Far more than any voice has.
    #[error("it has more than {MAX_NODES} nodes: no Piper voice has")]
    TooManyNodes,
    /// Graphs within graphs within graphs.
    #[error("its graphs stand {MAX_DEPTH} deep and deeper within each other")]
    TooDeep,
}

/// What may still come.
struct Left {
    nodes: usize,
    depth: usize,
}

/// Refuses a graph that reads other files, or that may take more time than
/// any voice.
pub(super) fn refuse_hazards(model: &ModelProto) -> Result<(), UnsafeGraph> {
    if !model.functions.is_empty() {
        return Err(UnsafeGraph::Functions);
    }
    let mut left = Left {
        nodes: MAX_NODES,
        depth: MAX_DEPTH,
    };
    let graph = model.graph.as_ref();
    graph.map_or(Ok(()), |graph| refuse_graph(graph, &mut left))
}

fn refuse_graph(graph: &GraphProto, left: &mut Left) -> Result<(), UnsafeGraph> {
    left.depth = left.depth.checked_sub(1).ok_or(UnsafeGraph::TooDeep)?;
    graph.initializer.iter().try_for_each(refuse_tensor)?;
    graph
        .sparse_initializer
        .iter()
        .try_for_each(refuse_sparse)?;
    let mut nodes = graph.node.iter();
    nodes.try_for_each(|node| refuse_node(node, left))?;
    left.depth += 1;
    Ok(())
}

fn refuse_node(node: &NodeProto, left: &mut Left) -> Result<(), UnsafeGraph> {
    left.nodes = left.nodes.checked_sub(1).ok_or(UnsafeGraph::TooManyNodes)?;
    if ENDLESS.contains(&node.op_type.as_str()) {
        return Err(UnsafeGraph::Endless(node.op_type.clone()));
    }
    node.attribute
        .iter()
        .try_for_each(|attribute| refuse_attribute(attribute, left))
}

fn refuse_attribute(attribute: &AttributeProto, left: &mut Left) -> Result<(), UnsafeGraph> {
    let tensors = attribute.t.as_deref().into_iter().chain(&attribute.tensors);
    tensors.into_iter().try_for_each(refuse_tensor)?;
    let sparse = attribute.sparse_tensor.as_deref().into_iter();
    sparse
        .chain(&attribute.sparse_tensors)
        .try_for_each(refuse_sparse)?;
    let mut graphs = attribute.g.as_deref().into_iter().chain(&attribute.graphs);
    graphs.try_for_each(|graph| refuse_graph(graph, left))
}

fn refuse_sparse(tensor: &SparseTensorProto) -> Result<(), UnsafeGraph> {
    let mut parts = tensor.values.iter().chain(&tensor.indices);
    parts.try_for_each(refuse_tensor)
}

fn refuse_tensor(tensor: &TensorProto) -> Result<(), UnsafeGraph> {
    match tensor.data_location == 0 && tensor.external_data.is_empty() {
        true => Ok(()),
        false => Err(UnsafeGraph::OtherFile(tensor.name.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{FunctionProto, StringStringEntryProto};

    fn model(graph: GraphProto) -> ModelProto {
        ModelProto {
            graph: Some(graph),
            ..ModelProto::default()
        }
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

    fn within(graph: GraphProto) -> GraphProto {
        let attribute = AttributeProto {
            g: Some(Box::new(graph)),
            ..AttributeProto::default()
        };
        node("If", attribute)
    }

    #[test]
    fn weights_in_other_files_are_found_wherever_they_stand() {
        let entry = StringStringEntryProto {
            key: "location".to_owned(),
            value: "secret".to_owned(),
        };
        let elsewhere = TensorProto {
            name: "w".to_owned(),
            external_data: vec![entry],
            data_location: 1,
            ..TensorProto::default()
        };
        let sparse = SparseTensorProto {
            values: Some(elsewhere.clone()),
            ..SparseTensorProto::default()
        };
        let initializer = GraphProto {
            initializer: vec![elsewhere.clone()],
            ..GraphProto::default()
        };
        let sparse_initializer = GraphProto {
            sparse_initializer: vec![sparse.clone()],
            ..GraphProto::default()
        };
        let attributes = [
            AttributeProto {
                t: Some(Box::new(elsewhere.clone())),
                ..AttributeProto::default()
            },
            AttributeProto {
                tensors: vec![elsewhere],
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
            let expected = Err(UnsafeGraph::OtherFile("w".to_owned()));
            assert_eq!(refuse_hazards(&model(graph.clone())), expected);
            assert_eq!(refuse_hazards(&model(within(within(graph)))), expected);
        }
    }

    #[test]
    fn what_may_take_for_ever_is_refused() {
        let harmless = || node("Identity", AttributeProto::default());
        let deep = |depth| (1..depth).fold(harmless(), |graph, _| within(graph));
        assert_eq!(refuse_hazards(&model(deep(MAX_DEPTH))), Ok(()));
        assert_eq!(
            refuse_hazards(&model(deep(MAX_DEPTH + 1))),
            Err(UnsafeGraph::TooDeep)
        );
        let endless = node("Loop", AttributeProto::default());
        let expected = Err(UnsafeGraph::Endless("Loop".to_owned()));
        assert_eq!(refuse_hazards(&model(within(endless))), expected);
        let functions = ModelProto {
            functions: vec![FunctionProto::default()],
            ..model(harmless())
        };
        assert_eq!(refuse_hazards(&functions), Err(UnsafeGraph::Functions));
        let many = |n| GraphProto {
            node: vec![NodeProto::default(); n],
            ..GraphProto::default()
        };
        assert_eq!(refuse_hazards(&model(many(MAX_NODES))), Ok(()));
        let over = refuse_hazards(&model(within(many(MAX_NODES))));
        assert_eq!(over, Err(UnsafeGraph::TooManyNodes));
    }
}
