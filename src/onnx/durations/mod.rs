//! The durations of a voice's ids, and the speed at which they are spoken.
//!
//! A voice gives each id a whole number of frames. A shorter or longer sentence
//! needs other whole numbers. This rewrite divides the *ends* of the ids by the
//! speed and rounds them, so that the rounding is carried from id to id: the
//! sentence's length is divided by the speed, to the nearest frame.

mod locate;

use self::locate::Durations;
pub(super) use self::locate::find_durations;
use super::graph_builder::{GraphBuilder, name_in_use};
use super::graph_index::GraphIndex;
use super::proto::{
    AttributeProto, DataType, DimensionValue, GraphProto, ModelProto, NodeProto, ValueInfoProto,
};

/// The name of the new input, a `float` of shape `[1]` above 0. 1 changes
/// nothing.
///
/// Every name that [`add_speed_input`] adds to a graph starts with it.
pub const SPEED_INPUT: &str = "speech_speed";

/// The name of the new output, floats: for each id, how many frames it lasts. Some
/// voices leave out the pads, here as everywhere in their graph.
pub const DURATIONS_OUTPUT: &str = "speech_durations";

/// Why the durations of a model can be neither divided nor declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DurationsError {
    /// The file holds no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// No rounded value, or more than one, whose running sum is compared with
    /// the frames.
    #[error("it has no durations of ids")]
    NoDurations,
    /// A branch or loop uses the durations.
    #[error("`{op_type}` uses the durations in a graph of its own")]
    Nested {
        /// The type of the branch or loop.
        op_type: String,
    },
    /// The graph already uses a name that would be added.
    #[error("the name `{name}` is already in use")]
    NameTaken {
        /// The name.
        name: String,
    },
}

/// Declares the durations of the ids as the output [`DURATIONS_OUTPUT`], after the
/// others.
///
/// Call it before [`add_speed_input`], which divides these durations, too. The other
/// outputs do not change. A voice that declares the output itself stays as it is.
///
/// # Errors
/// [`DurationsError`] tells what the graph lacks; the model is then unchanged.
pub fn declare_durations(model: &mut ModelProto) -> Result<(), DurationsError> {
    let graph = model.graph.as_mut().ok_or(DurationsError::NoGraph)?;
    let mut outputs = graph.output.iter();
    if outputs.any(|output| output.name == DURATIONS_OUTPUT) {
        return Ok(());
    }
    if let Some(name) = name_in_use(graph, DURATIONS_OUTPUT) {
        return Err(DurationsError::NameTaken { name });
    }
    let durations = find_durations(&GraphIndex::new(graph)).ok_or(DurationsError::NoDurations)?;
    let mut builder = GraphBuilder::new(DURATIONS_OUTPUT);
    builder.op("Identity", &[durations.value]);
    builder.rename_last_output(DURATIONS_OUTPUT);
    graph.node.extend(builder.nodes);
    graph.output.push(ValueInfoProto::floats(DURATIONS_OUTPUT));
    Ok(())
}

/// Adds the input [`SPEED_INPUT`], which divides the durations of the ids.
///
/// At speed 1 the output does not change.
///
/// # Errors
/// [`DurationsError`] tells what the graph lacks; the model is then unchanged.
pub fn add_speed_input(model: &mut ModelProto) -> Result<(), DurationsError> {
    let graph = model.graph.as_mut().ok_or(DurationsError::NoGraph)?;
    let Division {
        natural,
        spoken,
        nodes,
        position,
    } = Division::of(graph)?;
    let inputs = graph.node.iter_mut().flat_map(|node| &mut node.input);
    inputs
        .filter(|input| **input == natural)
        .for_each(|input| input.clone_from(&spoken));
    graph.node.splice(position..position, nodes);
    let shape = [DimensionValue::Size(1)];
    let speed = ValueInfoProto::tensor(SPEED_INPUT, DataType::Float, Some(&shape));
    graph.input.push(speed);
    Ok(())
}

/// The nodes that divide the durations.
struct Division {
    /// The durations of the voice.
    natural: String,
    /// The divided durations.
    spoken: String,
    nodes: Vec<NodeProto>,
    /// Where the nodes belong in the graph.
    position: usize,
}

impl Division {
    fn of(graph: &GraphProto) -> Result<Self, DurationsError> {
        if let Some(name) = name_in_use(graph, SPEED_INPUT) {
            return Err(DurationsError::NameTaken { name });
        }
        let index = GraphIndex::new(graph);
        let durations = find_durations(&index).ok_or(DurationsError::NoDurations)?;
        let natural = durations.value;
        let mut consumers = index.consumers(natural);
        if let Some(node) = consumers.find(|node| !node.input.iter().any(|input| input == natural))
        {
            let op_type = node.op_type.clone();
            return Err(DurationsError::Nested { op_type });
        }
        let mut nodes = graph.node.iter();
        let producer = nodes.position(|node| node.output.iter().any(|output| output == natural));
        let (nodes, spoken) = divide(&durations);
        Ok(Self {
            position: producer.ok_or(DurationsError::NoDurations)? + 1,
            natural: natural.to_owned(),
            spoken,
            nodes,
        })
    }
}

/// Returns the nodes that divide the durations, and the value of the result.
fn divide(durations: &Durations<'_>) -> (Vec<NodeProto>, String) {
    let mut builder = GraphBuilder::new(SPEED_INPUT);
    let axis = builder.constant(durations.axis.clone());
    let one = builder.float(1.0);
    let mut bounds = [0, 1].map(|exclusive| {
        let attributes = vec![AttributeProto::int("exclusive", exclusive)];
        let natural = builder.op_with("CumSum", &[durations.value, &axis], attributes);
        let exact = builder.op("Div", &[&natural, SPEED_INPUT]);
        let rounded = builder.op("Round", &[&exact]);
        // The first id that is heard keeps a frame, so that the sentence is
        // never empty.
        let least = builder.op("Min", &[&natural, &one]);
        builder.op("Max", &[&rounded, &least])
    });
    bounds.reverse();
    let [starts, ends] = bounds;
    let spoken = builder.op("Sub", &[&ends, &starts]);
    (builder.nodes, spoken)
}
