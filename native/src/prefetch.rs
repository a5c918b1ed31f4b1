//! Loading weights into the caches before they are used.

#![allow(unsafe_code)]

/// How many blocks of weights ahead: 200 cycles or more of products, while a value comes from
/// the third cache. Processors do so by themselves, but not beyond a page of 4 KB, and the
/// weights of a layer are hundreds of them.
#[cfg(all(target_arch = "x86_64", not(miri)))]
const AHEAD: usize = 32;
#[cfg(all(target_arch = "x86_64", not(miri)))]
const CACHE_LINE: usize = 64;

/// Loads a block of weights that is used after `block` and some others.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline(always)]
pub(crate) fn after<T>(block: &T) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    let ahead = std::ptr::from_ref(block).wrapping_add(AHEAD).cast::<i8>();
    for line in (0..size_of::<T>()).step_by(CACHE_LINE) {
        // SAFETY: a hint, which any address may be given to. Each such processor has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(ahead.wrapping_add(line)) }
    }
}

/// Other processors have no stable way to do it.
#[cfg(not(all(target_arch = "x86_64", not(miri))))]
#[inline(always)]
pub(crate) fn after<T>(_: &T) {}
