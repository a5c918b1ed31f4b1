//! A random number generator built of ONNX nodes.
//!
//! The bits come from *squares* (B. Widynski, "Squares: A Fast Counter-Based
//! RNG", arXiv:2004.06278): a Weyl sequence that is squared and rotated by 32
//! bits in five rounds of wrapping 64-bit arithmetic. `Mul` and `Add` have
//! `int64` kernels and `BitShift` has `uint64` ones, hence the casts. Each
//! counter gives two numbers, the upper halves of the fourth and the fifth
//! round. The Box-Muller transform turns them into two normal numbers. Native kernels
//! draw the same numbers.

use piper_rs_native::noise::{KEY, SEED_START, STREAM};

use super::SEED_INPUT;
use crate::onnx::graph_builder::GraphBuilder;
use crate::onnx::proto::{AttributeProto, DataType, NodeProto, TensorProto};

/// What to draw from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Distribution {
    Normal {
        mean: f32,
        scale: f32,
    },
    /// From `low` to just below `high`.
    Uniform {
        low: f32,
        high: f32,
    },
}

/// Draws numbers into a one-dimensional value. `count`, a scalar of the graph,
/// says how many; `stream` is the number of the random operator.
pub(super) fn draw(
    builder: &mut GraphBuilder,
    stream: usize,
    count: &str,
    distribution: Distribution,
) -> String {
    let bits = draw_bits(builder, stream, count);
    let pairs = match distribution {
        Distribution::Normal { mean, scale } => draw_normal(builder, &bits, mean, scale),
        Distribution::Uniform { low, high } => draw_uniform(builder, &bits, low, high),
    };
    interleave(builder, &pairs, count)
}

/// Two random numbers for each counter.
struct Bits {
    /// `int64`, from 0 to 2³² − 1.
    first: String,
    /// Any `int64`; only the upper half is random enough.
    second: String,
}

/// The value that the sequences of a graph start from.
fn base_name() -> String {
    format!("{SEED_INPUT}/base")
}

/// The nodes that make similar seeds start far apart.
pub(super) fn scramble_seed() -> Vec<NodeProto> {
    let mut builder = GraphBuilder::new(format!("{SEED_INPUT}/scrambled"));
    let start = builder.constant(TensorProto::int64(SEED_START));
    let bits = squares(&mut builder, SEED_INPUT, &start);
    rotate(&mut builder, &bits.second);
    builder.rename_last_output(&base_name());
    builder.nodes
}

/// Draws bits for `count / 2` counters, rounded up.
fn draw_bits(builder: &mut GraphBuilder, stream: usize, count: &str) -> Bits {
    let [zero, one, two] = [0, 1, 2].map(|n| builder.constant(TensorProto::int64(n)));
    let rounded = builder.op("Add", &[count, &one]);
    let half = builder.op("Div", &[&rounded, &two]);
    let counters = builder.op("Range", &[&zero, &half, &one]);
    let offset = STREAM.wrapping_mul(stream as i64);
    let offset = builder.constant(TensorProto::int64(offset));
    let start = builder.op("Add", &[&base_name(), &offset]);
    squares(builder, &counters, &start)
}

fn squares(builder: &mut GraphBuilder, counters: &str, start: &str) -> Bits {
    let key = builder.constant(TensorProto::int64(KEY));
    let steps = builder.op("Mul", &[counters, &key]);
    let even = builder.op("Add", &[&steps, start]);
    let odd = builder.op("Add", &[&even, &key]);
    let mut x = square_add(builder, &even, &even);
    for weyl in [&odd, &even] {
        let rotated = rotate(builder, &x).rotated;
        x = square_add(builder, &rotated, weyl);
    }
    let rotated = rotate(builder, &x).rotated;
    let fourth = square_add(builder, &rotated, &odd);
    let fourth = rotate(builder, &fourth);
    Bits {
        second: square_add(builder, &fourth.rotated, &even),
        first: fourth.upper,
    }
}

fn square_add(builder: &mut GraphBuilder, x: &str, weyl: &str) -> String {
    let square = builder.op("Mul", &[x, x]);
    builder.op("Add", &[&square, weyl])
}

struct Rotated {
    /// The upper 32 bits of the original.
    upper: String,
    /// The original, rotated by 32 bits.
    rotated: String,
}

fn rotate(builder: &mut GraphBuilder, x: &str) -> Rotated {
    let width = builder.constant(TensorProto::uint64(32));
    let up = builder.constant(TensorProto::int64(1 << 32));
    let upper = shift_right(builder, x, &width);
    let lower = builder.op("Mul", &[x, &up]);
    let rotated = builder.op("Add", &[&lower, &upper]);
    Rotated { upper, rotated }
}

/// Shifts an `int64` as if it were unsigned.
fn shift_right(builder: &mut GraphBuilder, x: &str, by: &str) -> String {
    let unsigned = builder.cast(x, DataType::Uint64);
    let right = vec![AttributeProto::string("direction", "RIGHT")];
    let shifted = builder.op_with("BitShift", &[&unsigned, by], right);
    builder.cast(&shifted, DataType::Int64)
}

/// Two values for each counter: the first numbers, the second numbers.
type Pairs = [String; 2];

/// The Box-Muller transform: a radius from one number, an angle from the other.
fn draw_normal(builder: &mut GraphBuilder, bits: &Bits, mean: f32, scale: f32) -> Pairs {
    let first = builder.cast(&bits.first, DataType::Float);
    // The logarithm needs more than 0; at most 1.
    let half = builder.float(0.5);
    let above_zero = builder.op("Add", &[&first, &half]);
    let to_unit = builder.float(0.5_f32.powi(32));
    let unit = builder.op("Mul", &[&above_zero, &to_unit]);
    let log = builder.op("Log", &[&unit]);
    let factor = builder.float(-2.0 * scale * scale);
    let squared = builder.op("Mul", &[&log, &factor]);
    let radius = builder.op("Sqrt", &[&squared]);

    let second = builder.cast(&bits.second, DataType::Float);
    let to_angle = builder.float(std::f32::consts::PI * 0.5_f32.powi(63));
    let angle = builder.op("Mul", &[&second, &to_angle]);
    ["Cos", "Sin"].map(|wave| {
        let wave = builder.op(wave, &[&angle]);
        let normal = builder.op("Mul", &[&radius, &wave]);
        shift(builder, normal, mean)
    })
}

/// Uses 24 bits of each number. A float holds as many, so `high` is never drawn.
fn draw_uniform(builder: &mut GraphBuilder, bits: &Bits, low: f32, high: f32) -> Pairs {
    let (drop_first, drop_second) = (32 - 24, 64 - 24);
    let scale = builder.float((high - low) * 0.5_f32.powi(24));
    [(&bits.first, drop_first), (&bits.second, drop_second)].map(|(bits, dropped)| {
        let dropped = builder.constant(TensorProto::uint64(dropped));
        let kept = shift_right(builder, bits, &dropped);
        let kept = builder.cast(&kept, DataType::Float);
        let scaled = builder.op("Mul", &[&kept, &scale]);
        shift(builder, scaled, low)
    })
}

fn shift(builder: &mut GraphBuilder, values: String, by: f32) -> String {
    if by == 0.0 {
        return values;
    }
    let by = builder.float(by);
    builder.op("Add", &[&values, &by])
}

/// The first `count` of both, alternating. So an element's value does not
/// depend on how many elements there are.
fn interleave(builder: &mut GraphBuilder, [first, second]: &Pairs, count: &str) -> String {
    let concat = vec![AttributeProto::int("axis", 0)];
    let both = builder.op_with("Concat", &[first, second], concat);
    let two_rows = builder.int64s(&[2, -1]);
    let rows = builder.op("Reshape", &[&both, &two_rows]);
    let swap = vec![AttributeProto::ints("perm", &[1, 0])];
    let columns = builder.op_with("Transpose", &[&rows], swap);
    let flat = builder.int64s(&[-1]);
    let values = builder.op("Reshape", &[&columns, &flat]);
    let end = builder.op("Reshape", &[count, &flat]);
    let start = builder.int64s(&[0]);
    builder.op("Slice", &[&values, &start, &end])
}
