//! The receptive field of a graph along time: how many frames around a frame
//! its output depends on. It tells how much windows must overlap.

use std::collections::HashMap;

use super::graph_index::GraphIndex;
use super::kernel::Kernel;
use super::proto::NodeProto;

/// No vocoder looks further than this.
const MAX_FRAMES: f64 = 4096.0;
/// No vocoder makes more samples of one frame.
const MAX_UPSAMPLING: u32 = 1 << 16;

/// How a value depends on the frames of the input.
///
/// It is measured on a window of a longer input, which lacks the frames before
/// and after it. All positions are in frames of the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ReceptiveField {
    /// Positions of the value per frame of the input.
    pub(super) upsampling: u32,
    /// From the window's start, the last position that depends on a frame
    /// before the window. It is −1 for the input itself: the frame before.
    left: f64,
    /// Backwards from the window's end, the first position that depends on a
    /// frame after the window. It is 0 for the input itself: the frame after.
    right: f64,
}

impl ReceptiveField {
    const INPUT: Self = Self {
        upsampling: 1,
        left: -1.0,
        right: 0.0,
    };

    /// How many frames a window needs on each side of the frames whose output
    /// is used.
    pub(super) fn overlap_frames(self) -> usize {
        let left = self.left + 1.0 / f64::from(self.upsampling);
        // Fractions of frames leave rounding errors.
        (left.max(self.right).max(0.0) - 1e-6).ceil() as usize
    }

    /// Makes `stride` positions of each, and then looks `before` and `after`
    /// of the new positions further.
    fn widened(self, before: i64, after: i64, stride: u32) -> Option<Self> {
        let upsampling = self.upsampling.checked_mul(stride)?;
        let frames = |positions: i64| positions as f64 / f64::from(upsampling);
        // A window starts with position 0, whatever that depends on.
        let left = self.left.max(-1.0 / f64::from(self.upsampling));
        Some(Self {
            upsampling,
            left: left + frames(before),
            right: self.right + frames(after),
        })
    }

    fn merged(self, other: Self) -> Option<Self> {
        (self.upsampling == other.upsampling).then(|| Self {
            upsampling: self.upsampling,
            left: self.left.max(other.left),
            right: self.right.max(other.right),
        })
    }

    fn is_plausible(&self) -> bool {
        self.upsampling <= MAX_UPSAMPLING && self.left < MAX_FRAMES && self.right < MAX_FRAMES
    }
}

/// A node that mixes all of time, or may do so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotLocal {
    pub(super) op_type: String,
}

/// What is known about a value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    /// It does not depend on time.
    Static,
    /// Its last axis is time.
    OverTime(ReceptiveField),
    /// Sizes computed from the shape of a value with this upsampling.
    Sizes(u32),
}

/// The receptive field of `output` with regard to the inputs `over_time`. All
/// other inputs are static.
pub(super) fn receptive_field(
    index: &GraphIndex,
    over_time: &[&str],
    output: &str,
) -> Result<ReceptiveField, NotLocal> {
    let inputs = index.graph.input.iter().map(|input| {
        let name = input.name.as_str();
        match over_time.contains(&name) {
            true => (name, Value::OverTime(ReceptiveField::INPUT)),
            false => (name, Value::Static),
        }
    });
    let mut values: HashMap<&str, Value> = inputs.collect();
    for node in &index.graph.node {
        let known = |name: &String| match values.get(name.as_str()) {
            Some(value) => Some(*value),
            None => (name.is_empty() || index.is_constant(name)).then_some(Value::Static),
        };
        let inputs: Option<Vec<Value>> = node.input.iter().map(known).collect();
        let value = inputs
            .and_then(|inputs| evaluate(index, node, &inputs))
            .filter(|value| !matches!(value, Value::OverTime(field) if !field.is_plausible()))
            .ok_or_else(|| NotLocal {
                op_type: node.op_type.clone(),
            })?;
        values.extend(node.output.iter().map(|name| (name.as_str(), value)));
    }
    match values.get(output) {
        Some(Value::OverTime(field)) => Ok(*field),
        _ => Err(NotLocal {
            op_type: "the output".to_owned(),
        }),
    }
}

/// What is known about the outputs of a node; `None` if they may depend on
/// all of time.
fn evaluate(index: &GraphIndex, node: &NodeProto, inputs: &[Value]) -> Option<Value> {
    if node.subgraphs().next().is_some() || !node.is_standard() {
        return None;
    }
    if inputs.iter().all(|input| *input == Value::Static) {
        return Some(Value::Static);
    }
    if let ("Slice", Some(Value::OverTime(_))) = (node.op_type.as_str(), inputs.first()) {
        // Its bounds may be sizes.
        return keeps_time(index, node).then_some(inputs[0]);
    }
    if inputs.iter().any(|input| matches!(input, Value::Sizes(_))) {
        return evaluate_sizes(node, inputs);
    }
    // The only input over time, if it is the first.
    let first = || match inputs {
        [Value::OverTime(field), rest @ ..] if rest.iter().all(|v| *v == Value::Static) => {
            Some(*field)
        }
        _ => None,
    };
    let field = match node.op_type.as_str() {
        "Shape" => return Some(Value::Sizes(first()?.upsampling)),
        "Conv" => convolve(node, first()?),
        "ConvTranspose" => upsample(node, first()?),
        "Split" | "Gather" => is_other_axis(node.int("axis").unwrap_or(0)).then_some(first()?),
        "Unsqueeze" | "Squeeze" => {
            let axes = node.input.get(1).and_then(|axes| index.small_int64s(axes));
            let axes = axes.unwrap_or_else(|| node.ints("axes").to_vec());
            let keeps = !axes.is_empty() && axes.iter().all(|&axis| is_other_axis(axis));
            keeps.then_some(first()?)
        }
        "Concat" => is_other_axis(node.int("axis")?).then(|| merge(inputs))?,
        "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Min" | "Max" | "Sum" | "Where" | "LeakyRelu"
        | "Relu" | "Tanh" | "Sigmoid" | "Softplus" | "Exp" | "Log" | "Neg" | "Abs" | "Sqrt"
        | "Erf" | "Sin" | "Cos" | "Elu" | "Clip" | "Identity" | "Cast" => merge(inputs),
        _ => None,
    };
    field.map(Value::OverTime)
}

/// The same if an input is sizes: those of a larger shape, or a value over
/// time of that shape.
fn evaluate_sizes(node: &NodeProto, inputs: &[Value]) -> Option<Value> {
    let mut sizes = inputs.iter().filter(|input| **input != Value::Static);
    let first = *sizes.next()?;
    let Value::Sizes(upsampling) = first else {
        return None;
    };
    if !sizes.all(|other| *other == first) {
        return None;
    }
    match node.op_type.as_str() {
        "ConstantOfShape" => Some(Value::OverTime(ReceptiveField {
            upsampling,
            ..ReceptiveField::INPUT
        })),
        "Gather" | "Unsqueeze" | "Squeeze" | "Concat" | "Slice" | "Cast" | "Identity" | "Add"
        | "Sub" | "Mul" | "Div" => Some(first),
        _ => None,
    }
}

/// The widest of the inputs over time, which must have the same upsampling.
fn merge(inputs: &[Value]) -> Option<ReceptiveField> {
    let mut fields = inputs.iter().filter_map(|input| match input {
        Value::OverTime(field) => Some(*field),
        _ => None,
    });
    let first = fields.next()?;
    fields.try_fold(first, ReceptiveField::merged)
}

/// Whether an axis of `[batch, channels, time]` is not time.
fn is_other_axis(axis: i64) -> bool {
    matches!(axis, 0 | 1 | -2 | -3)
}

/// Whether a `Slice` keeps all of the last axis.
fn keeps_time(index: &GraphIndex, node: &NodeProto) -> bool {
    let constant = |at: usize| node.input.get(at).and_then(|name| index.small_int64s(name));
    let Some(axes) = constant(3) else {
        return false;
    };
    let (starts, ends, steps) = (constant(1), constant(2), constant(4));
    axes.iter().enumerate().all(|(i, &axis)| {
        let at = |numbers: &Option<Vec<i64>>| numbers.as_ref()?.get(i).copied();
        let keeps_all = at(&starts) == Some(0)
            && at(&ends).is_some_and(|end| end >= i64::from(i32::MAX))
            && (node.input.len() < 5 || at(&steps) == Some(1));
        is_other_axis(axis) || keeps_all
    })
}

/// A convolution along time that keeps the length.
fn convolve(node: &NodeProto, field: ReceptiveField) -> Option<ReceptiveField> {
    let kernel = Kernel::read(node).filter(|kernel| kernel.keeps_length())?;
    field.widened(kernel.pads[0], kernel.pads[1], 1)
}

/// A transposed convolution that multiplies the length by its stride.
fn upsample(node: &NodeProto, field: ReceptiveField) -> Option<ReceptiveField> {
    let kernel = Kernel::read(node).filter(|kernel| kernel.multiplies_length(node))?;
    let stride = u32::try_from(kernel.stride).ok()?;
    field.widened(kernel.size - 1 - kernel.pads[0], kernel.pads[0], stride)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::graph_builder::GraphBuilder;
    use crate::onnx::proto::{AttributeProto, GraphProto, ValueInfoProto};

    fn kernel(size: i64, stride: i64, dilation: i64, pads: [i64; 2]) -> Vec<AttributeProto> {
        vec![
            AttributeProto::ints("kernel_shape", &[size]),
            AttributeProto::ints("strides", &[stride]),
            AttributeProto::ints("dilations", &[dilation]),
            AttributeProto::ints("pads", &pads),
        ]
    }

    fn field_of(builder: GraphBuilder, output: &str) -> Result<ReceptiveField, NotLocal> {
        let graph = GraphProto {
            node: builder.nodes,
            input: vec![
                ValueInfoProto::floats("x"),
                ValueInfoProto::floats("speaker"),
            ],
            ..GraphProto::default()
        };
        receptive_field(&GraphIndex::new(&graph), &["x"], output)
    }

    /// Counts how far a change of one frame reaches through a chain of
    /// `(size, stride, dilation, pad)`; a stride above 1 is a transposed
    /// convolution.
    fn overlap_by_counting(layers: &[(i64, i64, i64, i64)]) -> usize {
        const FRAMES: usize = 200;
        let touched_by = |frame: usize| {
            let mut touched = vec![false; FRAMES];
            touched[frame] = true;
            for &(size, stride, dilation, pad) in layers {
                let mut next = vec![false; touched.len() * stride as usize];
                for (i, _) in touched.iter().enumerate().filter(|(_, touched)| **touched) {
                    for tap in 0..size {
                        // A transposed convolution scatters, the other gathers.
                        let at = if stride > 1 {
                            i as i64 * stride + tap - pad
                        } else {
                            i as i64 - tap * dilation + pad
                        };
                        if let Some(slot) = usize::try_from(at).ok().and_then(|at| next.get_mut(at))
                        {
                            *slot = true;
                        }
                    }
                }
                touched = next;
            }
            touched
        };
        let middle = FRAMES / 2;
        let touched = touched_by(middle);
        let hop = touched.len() / FRAMES;
        let frames: Vec<usize> = (0..FRAMES)
            .filter(|frame| touched[frame * hop..(frame + 1) * hop].contains(&true))
            .collect();
        (middle - frames[0]).max(frames[frames.len() - 1] - middle)
    }

    #[test]
    fn the_overlap_is_as_far_as_a_change_reaches() {
        let cases: [&[(i64, i64, i64, i64)]; 6] = [
            &[(7, 1, 1, 3)],
            &[(5, 1, 2, 4), (3, 1, 1, 1)],
            &[(16, 8, 1, 4)],
            &[
                (7, 1, 1, 3),
                (16, 8, 1, 4),
                (7, 1, 12, 36),
                (8, 4, 1, 2),
                (7, 1, 3, 9),
            ],
            &[(7, 1, 1, 3), (6, 3, 1, 2), (3, 1, 5, 5), (7, 1, 1, 3)],
            &[(1, 1, 1, 0)],
        ];
        for layers in cases {
            let mut builder = GraphBuilder::new("d");
            let mut value = "x".to_owned();
            for &(size, stride, dilation, pad) in layers {
                let (op_type, after) = match stride {
                    1 => ("Conv", pad),
                    _ => ("ConvTranspose", size - stride - pad),
                };
                let attributes = kernel(size, stride, dilation, [pad, after]);
                value = builder.op_with(op_type, &[&value, "speaker"], attributes);
            }
            let field = field_of(builder, &value).unwrap();
            let upsampling: i64 = layers.iter().map(|layer| layer.1).product();
            assert_eq!(i64::from(field.upsampling), upsampling);
            assert_eq!(
                field.overlap_frames(),
                overlap_by_counting(layers),
                "{layers:?}"
            );
        }
    }

    #[test]
    fn the_widest_branch_counts() {
        let mut builder = GraphBuilder::new("d");
        let narrow = builder.op_with("Conv", &["x", "speaker"], kernel(3, 1, 1, [1, 1]));
        let wide = builder.op_with("Conv", &["x", "speaker"], kernel(7, 1, 3, [9, 9]));
        let sum = builder.op("Add", &[&narrow, &wide]);
        assert_eq!(field_of(builder, &sum).unwrap().overlap_frames(), 9);
    }

    #[test]
    fn operators_that_mix_all_of_time_are_found() {
        let cases: [(&str, &[&str], Vec<AttributeProto>); 9] = [
            ("MatMul", &["x", "x"], vec![]),
            ("CumSum", &["x", "speaker"], vec![]),
            ("Softmax", &["x"], vec![]),
            ("Slice", &["x", "speaker", "speaker", "speaker"], vec![]),
            ("Concat", &["x", "x"], vec![AttributeProto::int("axis", 2)]),
            ("Conv", &["x", "speaker"], kernel(3, 1, 1, [0, 0])),
            ("Conv", &["x", "speaker"], kernel(3, 2, 1, [1, 1])),
            ("ConvTranspose", &["x", "speaker"], kernel(7, 2, 1, [2, 2])),
            (
                "Conv",
                &["x", "speaker"],
                kernel(60_001, 1, 1, [30_000, 30_000]),
            ),
        ];
        for (op_type, inputs, attributes) in cases {
            let mut builder = GraphBuilder::new("d");
            let output = builder.op_with(op_type, inputs, attributes);
            let not_local = NotLocal {
                op_type: op_type.to_owned(),
            };
            assert_eq!(field_of(builder, &output), Err(not_local));
        }
    }
}
