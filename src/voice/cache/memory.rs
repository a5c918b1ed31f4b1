//! How much memory a voice takes.

/// What a voice takes besides its weights: the original design's number.
const OVERHEAD_BYTES: u64 = 50 * 1000 * 1000;

/// Estimates the memory of a voice from the size of its graph's file and how
/// much of that is mapped: the mapped bytes once, the rest twice, and 50 MB.
///
/// An upper bound: a process grows by 58 % to 98 % of it for the first voice
/// that it loads and speaks with, and by less for others, which share memory
/// with the first. `tests/voice_memory.rs` measures it.
pub(super) fn estimate(model_bytes: u64, mapped_bytes: u64) -> u64 {
    let read_bytes = model_bytes.saturating_sub(mapped_bytes);
    mapped_bytes
        .saturating_add(read_bytes.saturating_mul(2))
        .saturating_add(OVERHEAD_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_weights_count_once_and_others_twice() {
        const MB: u64 = 1000 * 1000;
        assert_eq!(estimate(63 * MB, 0), 176 * MB);
        assert_eq!(estimate(63 * MB, 56 * MB), 120 * MB);
        assert_eq!(estimate(63 * MB, 64 * MB), 114 * MB);
        assert_eq!(estimate(u64::MAX, 0), u64::MAX);
    }
}
