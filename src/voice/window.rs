//! Which frames are decoded together.

use std::ops::Range;

/// How soon the samples of a sentence are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// Somebody waits for the first sound: a small window first, then larger
    /// ones.
    #[default]
    Live,
    /// Nobody does: large windows, which cost least.
    Bulk,
}

/// The first window somebody waits for: 0.19 s at 22 050 Hz, decoded in some
/// 15 ms.
const FIRST_FRAMES: usize = 16;
/// Each window is so much larger than the one before.
const GROWTH: usize = 4;
/// The largest window. Twice as large would save some 5 % of the work and take
/// a third more memory.
const MAX_FRAMES: usize = 128;

/// Frames to decode, and the wider range it takes to decode them right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    /// The frames whose samples are wanted.
    pub(super) wanted: Range<usize>,
    /// Those frames with the overlap on either side, as far as there is one.
    pub(super) decoded: Range<usize>,
}

/// The windows of one sentence, in order.
#[derive(Debug, Clone)]
pub(super) struct Windows {
    frames: usize,
    overlap: usize,
    next: usize,
    size: usize,
    pace: Pace,
}

impl Windows {
    pub(super) fn new(frames: usize, overlap: usize, pace: Pace) -> Self {
        let size = match pace {
            Pace::Live => FIRST_FRAMES,
            Pace::Bulk => MAX_FRAMES,
        };
        Self {
            frames,
            overlap,
            next: 0,
            size,
            pace,
        }
    }

    /// Returns how many windows to decode side by side with this many threads:
    /// several while nobody waits for the next one.
    pub(super) fn at_once(&self, threads: usize) -> usize {
        match self.pace {
            Pace::Bulk => threads,
            Pace::Live if self.size == MAX_FRAMES => threads,
            Pace::Live => 1,
        }
    }
}

impl Iterator for Windows {
    type Item = Window;

    fn next(&mut self) -> Option<Window> {
        if self.next >= self.frames {
            return None;
        }
        let left = self.frames - self.next;
        // A rest that is hardly more than overlap is not worth its own window.
        let size = if left <= self.size + self.overlap {
            left
        } else {
            self.size
        };
        let wanted = self.next..self.next + size;
        self.next = wanted.end;
        self.size = (self.size * GROWTH).min(MAX_FRAMES);
        let decoded = around(&wanted, self.overlap, self.frames);
        Some(Window { wanted, decoded })
    }
}

/// Widens a range by `overlap` on either side, within `0..frames`.
pub(super) fn around(range: &Range<usize>, overlap: usize, frames: usize) -> Range<usize> {
    range.start.saturating_sub(overlap)..(range.end + overlap).min(frames)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn windows_grow_from_a_small_first_one() {
        let sizes = |pace| -> Vec<usize> {
            let windows = Windows::new(800, 11, pace);
            windows.map(|window| window.wanted.len()).collect()
        };
        assert_eq!(sizes(Pace::Live), [16, 64, 128, 128, 128, 128, 128, 80]);
        assert_eq!(sizes(Pace::Bulk), [128, 128, 128, 128, 128, 128, 32]);
        assert_eq!(Windows::new(0, 11, Pace::Live).count(), 0);
    }

    proptest! {
        #[test]
        fn every_frame_is_wanted_once_with_its_overlap(frames in 0usize..3000, overlap in 0usize..40, live: bool) {
            let pace = if live { Pace::Live } else { Pace::Bulk };
            let mut at = 0;
            for window in Windows::new(frames, overlap, pace) {
                prop_assert_eq!(window.wanted.start, at);
                prop_assert!(window.wanted.len() <= MAX_FRAMES + overlap);
                prop_assert_eq!(&window.decoded, &around(&window.wanted, overlap, frames));
                at = window.wanted.end;
            }
            prop_assert_eq!(at, frames);
        }
    }
}
