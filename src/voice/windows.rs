//! The windows of frames that are decoded together.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What the windows of a sentence are optimized for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum OptimizeFor {
    /// The time to the first samples: a small window first, then larger ones.
    #[default]
    Latency,
    /// The time of the whole sentence: large windows only.
    Throughput,
}

/// Each window is this many times as large as the previous one.
const GROWTH: usize = 4;
/// The largest window: 3 s at 22 050 Hz. The coarse decoder takes all of it at
/// once.
const MAX_FRAMES: usize = 256;
/// Of fewer frames a second thread would not save more than it costs, because each window
/// needs something of its neighbours.
const MIN_SHARED_FRAMES: usize = 48;
/// What the fine decoder takes at once. Twice as many frames would need twice
/// the memory and save 2 % of its work.
const FINE_FRAMES: usize = 96;

/// The windows of one sentence, in order.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    frames: usize,
    next: usize,
    size: usize,
}

impl Windows {
    /// Windows of all `frames`; the first one has `first_frames` if they are
    /// optimized for latency.
    pub(super) fn new(frames: usize, optimize_for: OptimizeFor, first_frames: usize) -> Self {
        let size = match optimize_for {
            OptimizeFor::Latency => first_frames,
            OptimizeFor::Throughput => MAX_FRAMES,
        };
        Self {
            frames,
            next: 0,
            size,
        }
    }

    /// Returns the next window if it is one of the small ones for low latency.
    pub(super) fn next_small(&self) -> Option<Range<usize>> {
        let next = self.clone().next()?;
        (self.size < MAX_FRAMES).then_some(next)
    }
}

impl Iterator for Windows {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let left = self.frames - self.next;
        if left == 0 {
            return None;
        }
        // Windows of equal size at the end, rather than a small last one.
        let size = match left.div_ceil(self.size) {
            count if self.size == MAX_FRAMES => left.div_ceil(count),
            // No window that is much smaller than the one before.
            _ if left < 2 * MIN_SHARED_FRAMES && left < self.size * 3 / 2 => left,
            _ if left < 2 * MIN_SHARED_FRAMES => self.size,
            // Another thread decodes the other half.
            _ => self.size.min(left.div_ceil(2)),
        };
        let window = self.next..self.next + size;
        self.next = window.end;
        self.size = (self.size * GROWTH).min(MAX_FRAMES);
        Some(window)
    }
}

/// Splits a window into the ranges that the fine decoder takes at once.
pub(super) fn fine_ranges(window: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
    equal_ranges(window, window.len().div_ceil(FINE_FRAMES))
}

/// Splits a window into `count` ranges of nearly equal size.
pub(super) fn equal_ranges(
    window: &Range<usize>,
    count: usize,
) -> impl Iterator<Item = Range<usize>> + use<> {
    let Range { mut start, end } = *window;
    (0..count).map(move |n| {
        let from = start;
        start += (end - start).div_ceil(count - n);
        from..start
    })
}

/// Widens a range by `overlap` on each side, within `0..frames`.
pub(super) fn widen(range: &Range<usize>, overlap: usize, frames: usize) -> Range<usize> {
    range.start.saturating_sub(overlap)..(range.end + overlap).min(frames)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIRST_FRAMES: usize = 16;

    #[test]
    fn windows_grow_from_a_small_first_one() {
        let from = |first_frames, frames, optimize_for| -> Vec<usize> {
            let windows = Windows::new(frames, optimize_for, first_frames);
            windows.map(|window| window.len()).collect()
        };
        let sizes = |frames, optimize_for| from(FIRST_FRAMES, frames, optimize_for);
        assert_eq!(sizes(800, OptimizeFor::Latency), [16, 64, 240, 240, 240]);
        assert_eq!(sizes(800, OptimizeFor::Throughput), [200, 200, 200, 200]);
        assert_eq!(sizes(40, OptimizeFor::Latency), [16, 24]);
        // Two threads share what is left of a short sentence.
        assert_eq!(sizes(140, OptimizeFor::Latency), [16, 62, 62]);
        assert_eq!(from(8, 216, OptimizeFor::Latency), [8, 32, 88, 88]);
        // No small window at the end.
        assert_eq!(from(8, 9, OptimizeFor::Latency), [9]);
        assert_eq!(from(8, 44, OptimizeFor::Latency), [8, 36]);
        assert_eq!(sizes(95, OptimizeFor::Latency), [16, 79]);
        assert!(sizes(0, OptimizeFor::Latency).is_empty());
    }

    #[test]
    fn only_the_first_windows_are_small() {
        let mut windows = Windows::new(800, OptimizeFor::Latency, FIRST_FRAMES);
        assert_eq!(windows.next_small(), Some(0..16));
        windows.nth(1);
        assert_eq!(windows.next_small(), None);
        assert_eq!(
            Windows::new(800, OptimizeFor::Throughput, FIRST_FRAMES).next_small(),
            None
        );
    }

    proptest! {
        #[test]
        fn every_frame_is_in_one_window(frames in 0usize..3000, latency: bool) {
            let optimize_for = if latency { OptimizeFor::Latency } else { OptimizeFor::Throughput };
            let mut at = 0;
            for window in Windows::new(frames, optimize_for, FIRST_FRAMES) {
                prop_assert_eq!(window.start, at);
                prop_assert!(!window.is_empty() && window.len() <= MAX_FRAMES);
                for fine in fine_ranges(&window) {
                    prop_assert_eq!(fine.start, at);
                    prop_assert!(!fine.is_empty() && fine.len() <= FINE_FRAMES);
                    at = fine.end;
                }
                prop_assert_eq!(at, window.end);
            }
            prop_assert_eq!(at, frames);
        }
    }
}
