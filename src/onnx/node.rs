//! Reading nodes: their operator, attributes and inputs.

use super::proto::{AttributeProto, GraphProto, NodeProto};

impl NodeProto {
    /// Whether this is ONNX's own operator of that name.
    pub(super) fn is(&self, op_type: &str) -> bool {
        self.op_type == op_type && self.is_standard()
    }

    /// Whether the operator is one of ONNX's own, not of an extension.
    pub(super) fn is_standard(&self) -> bool {
        matches!(self.domain.as_str(), "" | "ai.onnx")
    }

    pub(super) fn is_random(&self) -> bool {
        self.op_type.starts_with("Random")
            || matches!(self.op_type.as_str(), "Bernoulli" | "Multinomial")
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        let mut attributes = self.attribute.iter();
        attributes.find(|attribute| attribute.name == name)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.attribute(name)?.i
    }

    pub(super) fn float(&self, name: &str) -> Option<f32> {
        self.attribute(name)?.f
    }

    /// The integers of an attribute; empty if it is missing.
    pub(super) fn ints(&self, name: &str) -> &[i64] {
        self.attribute(name)
            .map_or(&[], |attribute| &attribute.ints)
    }

    /// The bodies of branches and loops.
    pub(super) fn subgraphs(&self) -> impl Iterator<Item = &GraphProto> {
        self.attribute.iter().flat_map(AttributeProto::subgraphs)
    }

    /// The values that this node uses, including those used by its subgraphs.
    ///
    /// The list also has names that a subgraph produces itself. No node of the
    /// outer graph produces them, so they lead nowhere.
    pub(super) fn used_values(&self) -> Vec<&str> {
        let inputs = self.input.iter().map(String::as_str);
        let mut used: Vec<&str> = inputs.filter(|name| !name.is_empty()).collect();
        for graph in self.subgraphs() {
            used.extend(graph.node.iter().flat_map(Self::used_values));
            used.extend(graph.output.iter().map(|output| output.name.as_str()));
        }
        used
    }
}

impl AttributeProto {
    pub(super) fn subgraphs(&self) -> impl Iterator<Item = &GraphProto> {
        self.g.as_deref().into_iter().chain(&self.graphs)
    }
}
