//! Random numbers made by nodes.
//!
//! The bits come from *squares* (B. Widynski, "Squares: A Fast Counter-Based
//! RNG", arXiv:2004.06278): a Weyl sequence, squared and turned over five
//! times, all in 64-bit integers that wrap. `Mul` and `Add` have `int64`
//! kernels and `BitShift` has `uint64` ones, hence the casts. Two outputs are
//! taken, the upper halves of the fourth and of the fifth round; Box and
//! Muller make two normal numbers of them.

use crate::onnx::graph_builder::GraphBuilder;
use crate::onnx::noise::SEED_INPUT;
use crate::onnx::proto::{AttributeProto, DataType, NodeProto, TensorProto};

/// Step of the Weyl sequence: odd, of digits without a pattern, as the paper
/// asks for.
const KEY: i64 = 0xc58e_fd15_4ce3_2f6d_u64 as i64;
/// Where the sequence starts when the seed itself is scrambled.
const SEED_START: i64 = 0x243f_6a88_85a3_08d3;
/// Distance between the sequences of two operators of one graph.
const STREAM: i64 = 0xb7e1_5162_8aed_2a6b_u64 as i64;

/// What to draw.
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

/// Draws `count` numbers, a scalar of the graph, in one dimension.
///
/// `stream` numbers the operators of a graph.
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
    take_in_turn(builder, &pairs, count)
}

/// Two random numbers per counter.
struct Bits {
    /// `int64`, from 0 to 2³² − 1.
    first: String,
    /// `int64`, any; only the upper half is good.
    second: String,
}

/// Where a graph's sequences start, under this name.
fn base_name() -> String {
    format!("{SEED_INPUT}/base")
}

/// Makes neighbouring seeds start far apart.
pub(super) fn scramble_seed() -> Vec<NodeProto> {
    let mut builder = GraphBuilder::new(format!("{SEED_INPUT}/scrambled"));
    let start = builder.constant(TensorProto::int64(SEED_START));
    let bits = squares(&mut builder, SEED_INPUT, &start);
    turn_over(&mut builder, &bits.second);
    builder.rename_last_output(&base_name());
    builder.nodes
}

/// Draws for half of `count` counters, rounded up.
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
        let turned = turn_over(builder, &x).whole;
        x = square_add(builder, &turned, weyl);
    }
    let turned = turn_over(builder, &x).whole;
    let fourth = square_add(builder, &turned, &odd);
    let turned = turn_over(builder, &fourth);
    Bits {
        second: square_add(builder, &turned.whole, &even),
        first: turned.upper,
    }
}

fn square_add(builder: &mut GraphBuilder, x: &str, weyl: &str) -> String {
    let square = builder.op("Mul", &[x, x]);
    builder.op("Add", &[&square, weyl])
}

struct Turned {
    /// The upper 32 bits alone.
    upper: String,
    /// The upper 32 bits and the lower ones in each other's place.
    whole: String,
}

fn turn_over(builder: &mut GraphBuilder, x: &str) -> Turned {
    let width = builder.constant(TensorProto::uint64(32));
    let up = builder.constant(TensorProto::int64(1 << 32));
    let upper = shift_right(builder, x, &width);
    let lower = builder.op("Mul", &[x, &up]);
    let whole = builder.op("Add", &[&lower, &upper]);
    Turned { upper, whole }
}

/// Shifts an `int64` as if it were unsigned.
fn shift_right(builder: &mut GraphBuilder, x: &str, by: &str) -> String {
    let unsigned = builder.cast(x, DataType::Uint64);
    let right = vec![AttributeProto::string("direction", "RIGHT")];
    let shifted = builder.op_with("BitShift", &[&unsigned, by], right);
    builder.cast(&shifted, DataType::Int64)
}

/// Two values per counter, each of its own.
type Pairs = [String; 2];

/// Box and Muller: a radius of one number, an angle of the other.
fn draw_normal(builder: &mut GraphBuilder, bits: &Bits, mean: f32, scale: f32) -> Pairs {
    let first = builder.cast(&bits.first, DataType::Float);
    // Above 0, for the logarithm's sake, and at most 1.
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

/// 24 bits of each number: as many as a float holds, so `high` is not reached.
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

/// Takes from both in turn, `count` in all, so that an element's value does
/// not depend on how many there are.
fn take_in_turn(builder: &mut GraphBuilder, [first, second]: &Pairs, count: &str) -> String {
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
