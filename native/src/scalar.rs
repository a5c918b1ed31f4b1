//! Plain Rust in all precisions: what the other instruction sets are compared with in
//! tests.

use half::bf16;
pub(crate) use half::f16;

use crate::arithmetic::{Arithmetic, Task, floats_as_operands, floats_as_weights};

const LANES: usize = 8;

/// fp32.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scalar;

/// fp32 with weights in fp16, which are rounded to 11 significant bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScalarFp16;

/// bf16: numbers are rounded to 8 significant bits, sums stay in fp32.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScalarBf16;

/// Two channels in bf16, the first in the lower half.
pub(crate) fn pair(first: f32, second: f32) -> u32 {
    let [first, second] = [first, second].map(|value| u32::from(bf16::from_f32(value).to_bits()));
    first | second << 16
}

fn from_pair(pair: u32) -> [f32; 2] {
    [pair as u16, (pair >> 16) as u16].map(|bits| bf16::from_bits(bits).to_f32())
}

/// The methods that all have in common.
macro_rules! plain_vectors {
    () => {
        type Vector = [f32; LANES];
        const LANES: usize = LANES;
        const ROWS: usize = 4;

        fn run(self, task: impl Task<Self>) {
            task.perform(self);
        }

        fn splat(self, value: f32) -> [f32; LANES] {
            [value; LANES]
        }

        fn load(self, values: &[f32]) -> [f32; LANES] {
            *values.first_chunk().expect("a vector is complete")
        }

        fn store(self, vector: [f32; LANES], values: &mut [f32]) {
            values[..LANES].copy_from_slice(&vector);
        }

        fn add(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
            std::array::from_fn(|lane| a[lane] + b[lane])
        }

        fn multiply(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
            std::array::from_fn(|lane| a[lane] * b[lane])
        }

        fn max(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
            std::array::from_fn(|lane| a[lane].max(b[lane]))
        }

        fn divide(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
            std::array::from_fn(|lane| a[lane] / b[lane])
        }

        fn min(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
            std::array::from_fn(|lane| a[lane].min(b[lane]))
        }

        fn multiply_then_add(
            self,
            a: [f32; LANES],
            b: [f32; LANES],
            c: [f32; LANES],
        ) -> [f32; LANES] {
            std::array::from_fn(|lane| a[lane] * b[lane] + c[lane])
        }

        fn total(self, vector: [f32; LANES]) -> f32 {
            vector.iter().sum()
        }
    };
}

impl Arithmetic for Scalar {
    plain_vectors!();
    floats_as_operands!();
    floats_as_weights!();
}

impl Arithmetic for ScalarFp16 {
    type Weight = f16;
    type Block = [[f16; LANES]; 2];

    plain_vectors!();
    floats_as_operands!();

    fn weight(self, operand: f32) -> f16 {
        f16::from_f32(operand)
    }

    fn load_block(self, block: &Self::Block) -> [[f32; LANES]; 2] {
        block.map(|weights| weights.map(f32::from))
    }
}

impl Arithmetic for ScalarBf16 {
    type Operand = u32;
    type Weight = u32;
    type Block = [[u32; LANES]; 2];
    type Operands = [u32; LANES];

    const CHANNELS: usize = 2;
    plain_vectors!();

    fn operand(self, channels: &[f32]) -> u32 {
        pair(channels[0], channels[1])
    }

    fn weight(self, operand: u32) -> u32 {
        operand
    }

    fn store_operands(self, vector: [f32; LANES], operands: &mut [u32]) {
        let (pairs, _) = vector.as_chunks();
        let operands = &mut operands[..pairs.len()];
        let pairs = operands.iter_mut().zip(pairs);
        pairs.for_each(|(to, &[first, second])| *to = pair(first, second));
    }

    fn broadcast(self, operand: u32) -> [u32; LANES] {
        [operand; LANES]
    }

    fn load_block(self, block: &Self::Block) -> [[u32; LANES]; 2] {
        *block
    }

    fn load_operands(self, operands: &[u32]) -> [u32; LANES] {
        *operands.first_chunk().expect("a vector is complete")
    }

    fn multiply_add(self, a: [u32; LANES], b: [u32; LANES], sum: [f32; LANES]) -> [f32; LANES] {
        std::array::from_fn(|lane| {
            let ([a0, a1], [b0, b1]) = (from_pair(a[lane]), from_pair(b[lane]));
            sum[lane] + a0 * b0 + a1 * b1
        })
    }
}
