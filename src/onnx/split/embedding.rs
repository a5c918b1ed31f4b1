//! How many ids a voice's model knows.

use crate::onnx::proto::ModelProto;

/// Returns the rows of the table that the graph looks its `input` ids up in;
/// `None` where no such table is found.
///
/// An id beyond it is an error to ONNX Runtime, in the middle of a run.
pub fn embedding_rows(model: &ModelProto) -> Option<usize> {
    let graph = model.graph.as_ref()?;
    let is_lookup = |op: &str, inputs: &[String]| {
        op == "Gather" && inputs.get(1).is_some_and(|indices| indices == "input")
    };
    let gather = graph
        .node
        .iter()
        .find(|node| is_lookup(&node.op_type, &node.input))?;
    let table = graph
        .initializer
        .iter()
        .find(|tensor| tensor.name == gather.input[0])?;
    usize::try_from(*table.dims.first()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{GraphProto, NodeProto, TensorProto};

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
        let graph = GraphProto {
            node: vec![node],
            initializer: vec![table],
            ..GraphProto::default()
        };
        ModelProto {
            graph: Some(graph),
            ..ModelProto::default()
        }
    }

    #[test]
    fn the_table_of_the_ids_is_measured() {
        assert_eq!(embedding_rows(&lookup("input")), Some(130));
        assert_eq!(embedding_rows(&lookup("sid")), None);
        assert_eq!(embedding_rows(&ModelProto::default()), None);
    }
}
