//! How far a graph looks along time, so that it can be run on windows.

use std::collections::HashMap;

use crate::onnx::graph_index::GraphIndex;
use crate::onnx::proto::NodeProto;

/// Graphs that look further than this, or blow one frame up to more samples,
/// are no vocoders.
const MAX_FRAMES: f64 = 4096.0;
const MAX_RATE: u32 = 1 << 16;

/// What a graph does to time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ReceptiveField {
    /// Samples in one frame of the input.
    pub(super) rate: u32,
    /// In a window, the last position that lacks what was before the window,
    /// in frames from the window's beginning. −1 is the last missing frame.
    left: f64,
    /// The same from the window's end, looking back; 0 is the first missing
    /// frame.
    right: f64,
}

impl ReceptiveField {
    const INPUT: Self = Self {
        rate: 1,
        left: -1.0,
        right: 0.0,
    };

    /// How many frames a window needs on both sides of what is wanted.
    pub(super) fn overlap_frames(self) -> usize {
        let left = self.left + 1.0 / f64::from(self.rate);
        // Thirds of frames and the like leave rounding errors.
        (left.max(self.right).max(0.0) - 1e-6).ceil() as usize
    }

    /// Looks `before` and `after` samples further, and makes `stride` samples
    /// of each; what it looks at is counted in the new samples.
    fn widened(self, before: i64, after: i64, stride: u32) -> Option<Self> {
        let rate = self.rate.checked_mul(stride)?;
        let frames = |samples: i64| samples as f64 / f64::from(rate);
        Some(Self {
            rate,
            // A window has no sample before its first, whatever it depends on.
            left: self.left.max(-1.0 / f64::from(self.rate)) + frames(before),
            right: self.right + frames(after),
        })
    }

    fn merged(self, other: Self) -> Option<Self> {
        (self.rate == other.rate).then(|| Self {
            rate: self.rate,
            left: self.left.max(other.left),
            right: self.right.max(other.right),
        })
    }
}

/// A node that mixes all of time, or that is not known not to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotLocal {
    pub(super) op_type: String,
}

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trace {
    /// Nothing in it depends on time.
    Still,
    /// Time is the last axis.
    Timed(ReceptiveField),
    /// Numbers made of the shape of a value with this many samples a frame.
    Sizes(u32),
}

/// Follows time from the inputs called `timed` to `output`; all other inputs
/// are without it.
pub(super) fn trace(
    index: &GraphIndex,
    timed: &[&str],
    output: &str,
) -> Result<ReceptiveField, NotLocal> {
    let mut traces: HashMap<&str, Trace> = HashMap::new();
    for input in &index.graph.input {
        let is_timed = timed.contains(&input.name.as_str());
        let trace = if is_timed {
            Trace::Timed(ReceptiveField::INPUT)
        } else {
            Trace::Still
        };
        traces.insert(&input.name, trace);
    }
    for node in &index.graph.node {
        let inputs: Option<Vec<Trace>> = node
            .input
            .iter()
            .map(|name| match traces.get(name.as_str()) {
                Some(trace) => Some(*trace),
                None => (name.is_empty() || index.is_constant(name)).then_some(Trace::Still),
            })
            .collect();
        let trace = inputs
            .and_then(|inputs| follow(index, node, &inputs))
            .filter(Trace::is_sane)
            .ok_or_else(|| NotLocal {
                op_type: node.op_type.clone(),
            })?;
        traces.extend(node.output.iter().map(|name| (name.as_str(), trace)));
    }
    match traces.get(output) {
        Some(Trace::Timed(span)) => Ok(*span),
        _ => Err(NotLocal {
            op_type: "the output".to_owned(),
        }),
    }
}

impl Trace {
    fn is_sane(&self) -> bool {
        match self {
            Self::Timed(span) => {
                span.rate <= MAX_RATE && span.left < MAX_FRAMES && span.right < MAX_FRAMES
            }
            _ => true,
        }
    }
}

fn follow(index: &GraphIndex, node: &NodeProto, inputs: &[Trace]) -> Option<Trace> {
    let nested = node
        .attribute
        .iter()
        .any(|a| a.g.is_some() || !a.graphs.is_empty());
    if nested || !matches!(node.domain.as_str(), "" | "ai.onnx") {
        return None;
    }
    if inputs.iter().all(|input| *input == Trace::Still) {
        return Some(Trace::Still);
    }
    let timed = || match inputs {
        [Trace::Timed(span), rest @ ..] if rest.iter().all(|t| *t == Trace::Still) => Some(*span),
        _ => None,
    };
    match node.op_type.as_str() {
        "Shape" => match inputs {
            [Trace::Timed(span)] => Some(Trace::Sizes(span.rate)),
            _ => None,
        },
        "Conv" => convolve(node, timed()?).map(Trace::Timed),
        "ConvTranspose" => upsample(node, timed()?).map(Trace::Timed),
        "Slice" if matches!(inputs[0], Trace::Timed(_)) => {
            keeps_time(index, node).then_some(inputs[0])
        }
        "Split" => is_other_axis(node.int("axis").unwrap_or(0)).then_some(Trace::Timed(timed()?)),
        "Gather" if matches!(inputs[0], Trace::Timed(_)) => {
            is_other_axis(node.int("axis").unwrap_or(0)).then_some(Trace::Timed(timed()?))
        }
        "Unsqueeze" | "Squeeze" if matches!(inputs[0], Trace::Timed(_)) => {
            let axes = node.input.get(1).and_then(|axes| index.small_int64s(axes));
            let axes = axes.unwrap_or_else(|| node.ints("axes").to_vec());
            let keeps = !axes.is_empty() && axes.iter().all(|&axis| is_other_axis(axis));
            keeps.then_some(Trace::Timed(timed()?))
        }
        "Concat" if !inputs.iter().any(|t| matches!(t, Trace::Sizes(_))) => {
            is_other_axis(node.int("axis")?).then(|| merge(inputs))?
        }
        "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Min" | "Max" | "Sum" | "Where" | "LeakyRelu"
        | "Relu" | "Tanh" | "Sigmoid" | "Softplus" | "Exp" | "Log" | "Neg" | "Abs" | "Sqrt"
        | "Erf" | "Sin" | "Cos" | "Elu" | "Clip" | "Identity" | "Cast"
            if !inputs.iter().any(|t| matches!(t, Trace::Sizes(_))) =>
        {
            merge(inputs)
        }
        "ConstantOfShape" => match inputs {
            [Trace::Sizes(rate)] => Some(Trace::Timed(ReceptiveField {
                rate: *rate,
                ..ReceptiveField::INPUT
            })),
            _ => None,
        },
        "Gather" | "Unsqueeze" | "Squeeze" | "Concat" | "Slice" | "Cast" | "Identity" | "Add"
        | "Sub" | "Mul" | "Div" => sizes(inputs),
        _ => None,
    }
}

/// The widest of the timed inputs, which must agree on their rate.
fn merge(inputs: &[Trace]) -> Option<Trace> {
    let mut spans = inputs.iter().filter_map(|input| match input {
        Trace::Timed(span) => Some(*span),
        _ => None,
    });
    let first = spans.next()?;
    spans
        .try_fold(first, ReceptiveField::merged)
        .map(Trace::Timed)
}

/// Arithmetic on sizes of one rate is sizes again.
fn sizes(inputs: &[Trace]) -> Option<Trace> {
    let mut rates = inputs.iter().filter(|input| **input != Trace::Still);
    let first = rates.next()?;
    let same = matches!(first, Trace::Sizes(_)) && rates.all(|other| other == first);
    same.then_some(*first)
}

/// Whether an axis of `[batch, channels, time]` is not time.
fn is_other_axis(axis: i64) -> bool {
    matches!(axis, 0 | 1 | -2 | -3)
}

/// Whether a `Slice` leaves the last axis alone.
fn keeps_time(index: &GraphIndex, node: &NodeProto) -> bool {
    let setting = |at: usize| node.input.get(at).and_then(|name| index.small_int64s(name));
    let Some(axes) = setting(3) else {
        return false;
    };
    let (starts, ends, steps) = (setting(1), setting(2), setting(4));
    axes.iter().enumerate().all(|(i, &axis)| {
        let at = |settings: &Option<Vec<i64>>| settings.as_ref()?.get(i).copied();
        let is_whole = at(&starts) == Some(0)
            && at(&ends).is_some_and(|end| end >= i64::from(i32::MAX))
            && (node.input.len() < 5 || at(&steps) == Some(1));
        is_other_axis(axis) || is_whole
    })
}

/// A convolution along time that keeps the length.
fn convolve(node: &NodeProto, span: ReceptiveField) -> Option<ReceptiveField> {
    let kernel = Kernel::read(node)?;
    let reach = (kernel.size - 1).checked_mul(kernel.dilation)?;
    let keeps_length = kernel.stride == 1 && kernel.pads[0].checked_add(kernel.pads[1])? == reach;
    span.widened(kernel.pads[0], kernel.pads[1], 1)
        .filter(|_| keeps_length)
}

/// A transposed convolution that makes the length `stride` times what it was.
fn upsample(node: &NodeProto, span: ReceptiveField) -> Option<ReceptiveField> {
    let kernel = Kernel::read(node)?;
    let [cut_before, cut_after] = kernel.pads;
    let longer = kernel
        .size
        .checked_sub(cut_before)?
        .checked_sub(cut_after)?;
    let is_exact = kernel.dilation == 1
        && node.ints("output_padding").iter().all(|&extra| extra == 0)
        && node.attribute("output_shape").is_none()
        && longer == kernel.stride;
    if !is_exact {
        return None;
    }
    let stride = u32::try_from(kernel.stride).ok()?;
    span.widened(kernel.size - 1 - cut_before, cut_before, stride)
}

/// The numbers of a convolution in one dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kernel {
    pub(super) size: i64,
    pub(super) stride: i64,
    pub(super) dilation: i64,
    pub(super) pads: [i64; 2],
}

impl Kernel {
    /// `None` when it is not of one dimension, or its numbers make no sense.
    pub(super) fn read(node: &NodeProto) -> Option<Self> {
        let one = |name, missing| match *node.ints(name) {
            [] => Some(missing),
            [number] if (1..=i64::from(u16::MAX)).contains(&number) => Some(number),
            _ => None,
        };
        let size = one("kernel_shape", 0).filter(|&size| size > 0)?;
        let pads = match *node.ints("pads") {
            [] => [0, 0],
            [before, after] if before >= 0 && after >= 0 => [before, after],
            _ => return None,
        };
        let auto = node.attribute("auto_pad").and_then(|pad| pad.s.as_deref());
        if auto.is_some_and(|auto| auto != b"NOTSET") {
            return None;
        }
        Some(Self {
            size,
            stride: one("strides", 1)?,
            dilation: one("dilations", 1)?,
            pads,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::graph_builder::GraphBuilder;
    use crate::onnx::proto::{AttributeProto, GraphProto};
    use crate::onnx::subgraph::float_value;

    fn kernel(size: i64, stride: i64, dilation: i64, pads: [i64; 2]) -> Vec<AttributeProto> {
        vec![
            AttributeProto::ints("kernel_shape", &[size]),
            AttributeProto::ints("strides", &[stride]),
            AttributeProto::ints("dilations", &[dilation]),
            AttributeProto::ints("pads", &pads),
        ]
    }

    fn span(builder: GraphBuilder, output: &str) -> Result<ReceptiveField, NotLocal> {
        let graph = GraphProto {
            node: builder.nodes,
            input: vec![float_value("x", None), float_value("speaker", None)],
            ..GraphProto::default()
        };
        trace(&GraphIndex::new(&graph), &["x"], output)
    }

    /// By counting: which of the outputs of a window change when what is
    /// outside of it does. A chain of `(kernel, stride, dilation, cut)`;
    /// a stride above 1 is a transposed convolution.
    fn overlap_by_trying(layers: &[(i64, i64, i64, i64)]) -> usize {
        const FRAMES: usize = 200;
        let touched_by = |frame: usize| {
            let mut touched = vec![false; FRAMES];
            touched[frame] = true;
            for &(size, stride, dilation, pad) in layers {
                let mut next = vec![false; touched.len() * stride as usize];
                for (i, _) in touched.iter().enumerate().filter(|(_, touched)| **touched) {
                    for tap in 0..size {
                        // A transposed convolution spreads, the other gathers.
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
    fn the_overlap_is_what_trying_finds() {
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
            let span = span(builder, &value).unwrap();
            let rate: i64 = layers.iter().map(|layer| layer.1).product();
            assert_eq!(i64::from(span.rate), rate);
            assert_eq!(
                span.overlap_frames(),
                overlap_by_trying(layers),
                "{layers:?}"
            );
        }
    }

    #[test]
    fn branches_count_by_the_widest() {
        let mut builder = GraphBuilder::new("d");
        let narrow = builder.op_with("Conv", &["x", "speaker"], kernel(3, 1, 1, [1, 1]));
        let wide = builder.op_with("Conv", &["x", "speaker"], kernel(7, 1, 3, [9, 9]));
        let sum = builder.op("Add", &[&narrow, &wide]);
        assert_eq!(span(builder, &sum).unwrap().overlap_frames(), 9);
    }

    #[test]
    fn what_mixes_all_of_time_is_found() {
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
            assert_eq!(span(builder, &output), Err(not_local));
        }
    }
}
