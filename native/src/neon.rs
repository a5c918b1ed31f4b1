//! fp32 on NEON: all 64-bit ARM processors.

#![allow(unsafe_code)]

use std::arch::aarch64::*;

use crate::arithmetic::{Arithmetic, Task, floats_as_operands, floats_as_weights};

/// fp32 with 4 lanes; exists only if the processor has NEON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neon(());

impl Neon {
    pub(crate) fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

// SAFETY: of all blocks below. The instructions exist, because `detect` is the only
// source of a `Neon`. Pointers to whole arrays of four floats are read and written.
impl Arithmetic for Neon {
    type Vector = float32x4_t;

    const LANES: usize = 4;
    /// 24 of 32 registers hold sums.
    const ROWS: usize = 12;
    floats_as_operands!();
    floats_as_weights!();

    fn run(self, task: impl Task<Self>) {
        // Rust compiles everything for NEON on this architecture.
        task.perform(self);
    }

    #[inline(always)]
    fn splat(self, value: f32) -> float32x4_t {
        unsafe { vdupq_n_f32(value) }
    }

    #[inline(always)]
    fn load(self, values: &[f32]) -> float32x4_t {
        let values: &[f32; 4] = values.first_chunk().expect("a vector is complete");
        unsafe { vld1q_f32(values.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, vector: float32x4_t, values: &mut [f32]) {
        let values: &mut [f32; 4] = values.first_chunk_mut().expect("a vector is complete");
        unsafe { vst1q_f32(values.as_mut_ptr(), vector) }
    }

    #[inline(always)]
    fn add(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { vaddq_f32(a, b) }
    }

    #[inline(always)]
    fn multiply(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { vmulq_f32(a, b) }
    }

    #[inline(always)]
    fn max(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { vmaxq_f32(a, b) }
    }

    #[inline(always)]
    fn divide(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { vdivq_f32(a, b) }
    }

    #[inline(always)]
    fn min(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        unsafe { vminq_f32(a, b) }
    }

    #[inline(always)]
    fn multiply_then_add(self, a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        unsafe { vfmaq_f32(c, a, b) }
    }

    #[inline(always)]
    fn total(self, vector: float32x4_t) -> f32 {
        let mut lanes = [0.0; 4];
        self.store(vector, &mut lanes);
        let [a, b, c, d] = lanes;
        (a + c) + (b + d)
    }
}
