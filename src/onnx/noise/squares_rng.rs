//! Random numbers made by nodes.
//!
//! The bits come from *squares* (B. Widynski, "Squares: A Fast Counter-Based
//! RNG", arXiv:2004.06278): a Weyl sequence, squared and turned over five
//! times, all in 64-bit integers that wrap. `Mul` and `Add` have `int64`
//! kernels and `BitShift` has `uint64` ones, hence the casts. Two outputs are
//! taken, the upper halves of the fourth and of the fifth round; Box and
//! Muller make two normal numbers of them.

use crate::onnx::graph_builder::Draft;
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
    draft: &mut Draft,
    stream: usize,
    count: &str,
    distribution: Distribution,
) -> String {
    let bits = draw_bits(draft, stream, count);
    let pairs = match distribution {
        Distribution::Normal { mean, scale } => draw_normal(draft, &bits, mean, scale),
        Distribution::Uniform { low, high } => draw_uniform(draft, &bits, low, high),
    };
    take_in_turn(draft, &pairs, count)
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
    let mut draft = Draft::new(format!("{SEED_INPUT}/scrambled"));
    let start = draft.constant(TensorProto::int64(SEED_START));
    let bits = squares(&mut draft, SEED_INPUT, &start);
    turn_over(&mut draft, &bits.second);
    draft.name_last(&base_name());
    draft.nodes
}

/// Draws for half of `count` counters, rounded up.
fn draw_bits(draft: &mut Draft, stream: usize, count: &str) -> Bits {
    let [zero, one, two] = [0, 1, 2].map(|n| draft.constant(TensorProto::int64(n)));
    let rounded = draft.op("Add", &[count, &one]);
    let half = draft.op("Div", &[&rounded, &two]);
    let counters = draft.op("Range", &[&zero, &half, &one]);
    let offset = STREAM.wrapping_mul(stream as i64);
    let offset = draft.constant(TensorProto::int64(offset));
    let start = draft.op("Add", &[&base_name(), &offset]);
    squares(draft, &counters, &start)
}

fn squares(draft: &mut Draft, counters: &str, start: &str) -> Bits {
    let key = draft.constant(TensorProto::int64(KEY));
    let steps = draft.op("Mul", &[counters, &key]);
    let even = draft.op("Add", &[&steps, start]);
    let odd = draft.op("Add", &[&even, &key]);
    let mut x = square_add(draft, &even, &even);
    for weyl in [&odd, &even] {
        let turned = turn_over(draft, &x).whole;
        x = square_add(draft, &turned, weyl);
    }
    let turned = turn_over(draft, &x).whole;
    let fourth = square_add(draft, &turned, &odd);
    let turned = turn_over(draft, &fourth);
    Bits {
        second: square_add(draft, &turned.whole, &even),
        first: turned.upper,
    }
}

fn square_add(draft: &mut Draft, x: &str, weyl: &str) -> String {
    let square = draft.op("Mul", &[x, x]);
    draft.op("Add", &[&square, weyl])
}

struct Turned {
    /// The upper 32 bits alone.
    upper: String,
    /// The upper 32 bits and the lower ones in each other's place.
    whole: String,
}

fn turn_over(draft: &mut Draft, x: &str) -> Turned {
    let width = draft.constant(TensorProto::uint64(32));
    let up = draft.constant(TensorProto::int64(1 << 32));
    let upper = shift_right(draft, x, &width);
    let lower = draft.op("Mul", &[x, &up]);
    let whole = draft.op("Add", &[&lower, &upper]);
    Turned { upper, whole }
}

/// Shifts an `int64` as if it were unsigned.
fn shift_right(draft: &mut Draft, x: &str, by: &str) -> String {
    let unsigned = draft.cast(x, DataType::Uint64);
    let right = vec![AttributeProto::string("direction", "RIGHT")];
    let shifted = draft.op_with("BitShift", &[&unsigned, by], right);
    draft.cast(&shifted, DataType::Int64)
}

/// Two values per counter, each of its own.
type Pairs = [String; 2];

/// Box and Muller: a radius of one number, an angle of the other.
fn draw_normal(draft: &mut Draft, bits: &Bits, mean: f32, scale: f32) -> Pairs {
    let first = draft.cast(&bits.first, DataType::Float);
    // Above 0, for the logarithm's sake, and at most 1.
    let half = draft.float(0.5);
    let above_zero = draft.op("Add", &[&first, &half]);
    let to_unit = draft.float(0.5_f32.powi(32));
    let unit = draft.op("Mul", &[&above_zero, &to_unit]);
    let log = draft.op("Log", &[&unit]);
    let factor = draft.float(-2.0 * scale * scale);
    let squared = draft.op("Mul", &[&log, &factor]);
    let radius = draft.op("Sqrt", &[&squared]);

    let second = draft.cast(&bits.second, DataType::Float);
    let to_angle = draft.float(std::f32::consts::PI * 0.5_f32.powi(63));
    let angle = draft.op("Mul", &[&second, &to_angle]);
    ["Cos", "Sin"].map(|wave| {
        let wave = draft.op(wave, &[&angle]);
        let normal = draft.op("Mul", &[&radius, &wave]);
        shift(draft, normal, mean)
    })
}

/// 24 bits of each number: as many as a float holds, so `high` is not reached.
fn draw_uniform(draft: &mut Draft, bits: &Bits, low: f32, high: f32) -> Pairs {
    let (drop_first, drop_second) = (32 - 24, 64 - 24);
    let scale = draft.float((high - low) * 0.5_f32.powi(24));
    [(&bits.first, drop_first), (&bits.second, drop_second)].map(|(bits, dropped)| {
        let dropped = draft.constant(TensorProto::uint64(dropped));
        let kept = shift_right(draft, bits, &dropped);
        let kept = draft.cast(&kept, DataType::Float);
        let scaled = draft.op("Mul", &[&kept, &scale]);
        shift(draft, scaled, low)
    })
}

fn shift(draft: &mut Draft, values: String, by: f32) -> String {
    if by == 0.0 {
        return values;
    }
    let by = draft.float(by);
    draft.op("Add", &[&values, &by])
}

/// Takes from both in turn, `count` in all, so that an element's value does
/// not depend on how many there are.
fn take_in_turn(draft: &mut Draft, [first, second]: &Pairs, count: &str) -> String {
    let concat = vec![AttributeProto::int("axis", 0)];
    let both = draft.op_with("Concat", &[first, second], concat);
    let two_rows = draft.int64s(&[2, -1]);
    let rows = draft.op("Reshape", &[&both, &two_rows]);
    let swap = vec![AttributeProto::ints("perm", &[1, 0])];
    let columns = draft.op_with("Transpose", &[&rows], swap);
    let flat = draft.int64s(&[-1]);
    let values = draft.op("Reshape", &[&columns, &flat]);
    let end = draft.op("Reshape", &[count, &flat]);
    let start = draft.int64s(&[0]);
    draft.op("Slice", &[&values, &start, &end])
}
