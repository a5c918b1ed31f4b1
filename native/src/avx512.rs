//! fp32 on AVX-512, also with weights in fp16, and bf16 on its extension for it: x86-64 servers since 2017 and
//! 2020, AMD's since Zen 4.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use crate::arithmetic::{Arithmetic, Task, floats_as_operands, floats_as_weights};
use crate::scalar::{f16, pair};

/// fp32 with 16 lanes; exists only if the processor has AVX-512F.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512(());

/// The same with weights in fp16.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512Fp16(());

/// bf16 with 16 sums in fp32; exists only if the processor has AVX-512F and its bf16.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512Bf16(());

impl Avx512 {
    pub(crate) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx512f").then_some(Self(()))
    }
}

impl Avx512Fp16 {
    pub(crate) fn detect() -> Option<Self> {
        Avx512::detect().map(|Avx512(())| Self(()))
    }
}

impl Avx512Bf16 {
    pub(crate) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bf16");
        has.then_some(Self(()))
    }
}

#[target_feature(enable = "avx512f")]
fn compiled_for_avx512(arithmetic: Avx512, task: impl Task<Avx512>) {
    task.perform(arithmetic);
}

#[target_feature(enable = "avx512f")]
fn compiled_for_avx512_fp16(arithmetic: Avx512Fp16, task: impl Task<Avx512Fp16>) {
    task.perform(arithmetic);
}

#[target_feature(enable = "avx512f,avx512bf16")]
fn compiled_for_avx512_bf16(arithmetic: Avx512Bf16, task: impl Task<Avx512Bf16>) {
    task.perform(arithmetic);
}

/// The methods that both have in common.
// SAFETY: of all blocks in it. The instructions exist, because `detect` is the only
// source of these types. Pointers to whole arrays of 16 floats are read and written.
macro_rules! vectors_of_16 {
    () => {
        type Vector = __m512;
        const LANES: usize = 16;
        /// 24 of 32 registers hold sums.
        const ROWS: usize = 12;

        #[inline(always)]
        fn splat(self, value: f32) -> __m512 {
            unsafe { _mm512_set1_ps(value) }
        }

        #[inline(always)]
        fn load(self, values: &[f32]) -> __m512 {
            let values: &[f32; 16] = values.first_chunk().expect("a vector is complete");
            unsafe { _mm512_loadu_ps(values.as_ptr()) }
        }

        #[inline(always)]
        fn store(self, vector: __m512, values: &mut [f32]) {
            let values: &mut [f32; 16] = values.first_chunk_mut().expect("a vector is complete");
            unsafe { _mm512_storeu_ps(values.as_mut_ptr(), vector) }
        }

        #[inline(always)]
        fn add(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_add_ps(a, b) }
        }

        #[inline(always)]
        fn multiply(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_mul_ps(a, b) }
        }

        #[inline(always)]
        fn max(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_max_ps(a, b) }
        }

        #[inline(always)]
        fn divide(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_div_ps(a, b) }
        }

        #[inline(always)]
        fn min(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_min_ps(a, b) }
        }

        #[inline(always)]
        fn multiply_then_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
            unsafe { _mm512_fmadd_ps(a, b, c) }
        }

        #[inline(always)]
        fn total(self, vector: __m512) -> f32 {
            let mut lanes = [0.0; 16];
            self.store(vector, &mut lanes);
            let halves: [f32; 8] = std::array::from_fn(|lane| lanes[lane] + lanes[lane + 8]);
            let [a, b, c, d, e, f, g, h] = halves;
            ((a + e) + (c + g)) + ((b + f) + (d + h))
        }
    };
}

impl Arithmetic for Avx512 {
    vectors_of_16!();
    floats_as_operands!();
    floats_as_weights!();

    fn run(self, task: impl Task<Self>) {
        // SAFETY: `detect` has found the instructions.
        unsafe { compiled_for_avx512(self, task) }
    }
}

impl Arithmetic for Avx512Fp16 {
    type Weight = f16;
    type Block = [[f16; 16]; 2];

    vectors_of_16!();
    floats_as_operands!();

    fn run(self, task: impl Task<Self>) {
        // SAFETY: `detect` has found the instructions.
        unsafe { compiled_for_avx512_fp16(self, task) }
    }

    fn weight(self, operand: f32) -> f16 {
        f16::from_f32(operand)
    }

    #[inline(always)]
    fn load_block(self, [left, right]: &Self::Block) -> [__m512; 2] {
        // SAFETY: `detect` has found the instructions, and arrays of 16 numbers are read.
        unsafe {
            [
                _mm512_cvtph_ps(_mm256_loadu_si256(left.as_ptr().cast())),
                _mm512_cvtph_ps(_mm256_loadu_si256(right.as_ptr().cast())),
            ]
        }
    }
}

impl Arithmetic for Avx512Bf16 {
    /// Two channels.
    type Operand = u32;
    type Weight = u32;
    type Block = [[u32; 16]; 2];
    type Operands = __m512i;

    const CHANNELS: usize = 2;
    vectors_of_16!();

    fn run(self, task: impl Task<Self>) {
        // SAFETY: `detect` has found the instructions.
        unsafe { compiled_for_avx512_bf16(self, task) }
    }

    fn operand(self, channels: &[f32]) -> u32 {
        pair(channels[0], channels[1])
    }

    fn weight(self, operand: u32) -> u32 {
        operand
    }

    #[inline(always)]
    fn store_operands(self, vector: __m512, operands: &mut [u32]) {
        let operands: &mut [u32; 8] = operands.first_chunk_mut().expect("a vector is complete");
        // SAFETY: `detect` has found the instructions. The types on both sides of
        // `transmute` are 256 bits that may have any value, and eight numbers are
        // written.
        unsafe {
            let rounded = _mm512_cvtneps_pbh(vector);
            let rounded = std::mem::transmute::<__m256bh, __m256i>(rounded);
            _mm256_storeu_si256(operands.as_mut_ptr().cast(), rounded);
        }
    }

    #[inline(always)]
    fn broadcast(self, operand: u32) -> __m512i {
        // SAFETY: `detect` has found the instruction.
        unsafe { _mm512_set1_epi32(operand.cast_signed()) }
    }

    #[inline(always)]
    fn load_block(self, block: &Self::Block) -> [__m512i; 2] {
        [self.load_operands(&block[0]), self.load_operands(&block[1])]
    }

    #[inline(always)]
    fn load_operands(self, operands: &[u32]) -> __m512i {
        let operands: &[u32; 16] = operands.first_chunk().expect("a vector is complete");
        // SAFETY: `detect` has found the instruction, and 16 numbers are read.
        unsafe { _mm512_loadu_si512(operands.as_ptr().cast()) }
    }

    #[inline(always)]
    fn multiply_add(self, a: __m512i, b: __m512i, sum: __m512) -> __m512 {
        // SAFETY: `detect` has found the instruction. The types on both sides of
        // `transmute` are 512 bits that may have any value.
        unsafe {
            let a = std::mem::transmute::<__m512i, __m512bh>(a);
            let b = std::mem::transmute::<__m512i, __m512bh>(b);
            _mm512_dpbf16_ps(sum, a, b)
        }
    }
}
