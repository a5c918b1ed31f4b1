//! fp32 on AVX2 and FMA: x86-64 processors since 2013.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use crate::arithmetic::{Arithmetic, Task, floats_as_operands, floats_as_weights};

/// fp32 with 8 lanes; exists only if the processor has AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(());

impl Avx2 {
    pub(crate) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        has.then_some(Self(()))
    }
}

#[target_feature(enable = "avx2,fma")]
fn compiled_for_avx2(arithmetic: Avx2, task: impl Task<Avx2>) {
    task.perform(arithmetic);
}

/// The first eight values; panics if there are fewer.
#[inline(always)]
fn eight(values: &[f32]) -> &[f32; 8] {
    values.first_chunk().expect("a vector is complete")
}

// SAFETY: of all blocks below. The instructions exist, because `detect` is the only
// source of an `Avx2`. Pointers to whole arrays of eight floats are read and written.
impl Arithmetic for Avx2 {
    type Vector = __m256;

    const LANES: usize = 8;
    /// 12 of 16 registers hold sums.
    const ROWS: usize = 6;
    floats_as_operands!();
    floats_as_weights!();

    fn run(self, task: impl Task<Self>) {
        unsafe { compiled_for_avx2(self, task) }
    }

    #[inline(always)]
    fn splat(self, value: f32) -> __m256 {
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    fn load(self, values: &[f32]) -> __m256 {
        unsafe { _mm256_loadu_ps(eight(values).as_ptr()) }
    }

    #[inline(always)]
    fn store(self, vector: __m256, values: &mut [f32]) {
        let values: &mut [f32; 8] = values.first_chunk_mut().expect("a vector is complete");
        unsafe { _mm256_storeu_ps(values.as_mut_ptr(), vector) }
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn multiply(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    fn max(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    fn divide(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_div_ps(a, b) }
    }

    #[inline(always)]
    fn min(self, a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_min_ps(a, b) }
    }

    #[inline(always)]
    fn multiply_then_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn total(self, vector: __m256) -> f32 {
        let mut lanes = [0.0; 8];
        self.store(vector, &mut lanes);
        let [a, b, c, d, e, f, g, h] = lanes;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}
