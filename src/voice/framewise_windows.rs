//! The windows of frames in which a framewise voice decodes a sentence.

use std::ops::Range;

use super::windows::OptimizeFor;

/// The first window for low latency: 0.4 s, most of which is the silence before a
/// sentence.
const FIRST_FRAMES: usize = 32;
/// The largest second window for low latency: a slow processor has to decode it
/// while the first one is heard.
const SECOND_FRAMES: usize = 160;
/// The largest window. The frames that neighbours overlap in cost it a tenth more.
const MAX_FRAMES: usize = 512;

/// Returns the windows of a sentence, in order.
///
/// Each costs its overlaps, so there are few. For low latency the first one is decoded
/// alone, as soon as possible, the others by two threads: the third one is half of what
/// is left, the second one and the fourth are the other half.
pub(super) fn windows(frames: usize, optimize_for: OptimizeFor) -> Vec<Range<usize>> {
    let mut windows = Vec::new();
    let mut left = frames;
    let mut take = |size: usize, left: &mut usize| {
        let start = frames - *left;
        windows.push(start..start + size);
        *left -= size;
    };
    if optimize_for == OptimizeFor::Latency && left > 2 * FIRST_FRAMES {
        take(FIRST_FRAMES, &mut left);
        if left > 2 * FIRST_FRAMES {
            let half = left / 2;
            take((left - half).min(SECOND_FRAMES), &mut left);
            if half <= MAX_FRAMES {
                take(half, &mut left);
            }
        }
    }
    // Of equal size, rather than a small last one.
    for count in (1..=left.div_ceil(MAX_FRAMES)).rev() {
        take(left.div_ceil(count), &mut left);
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sizes(frames: usize, optimize_for: OptimizeFor) -> Vec<usize> {
        let windows = windows(frames, optimize_for);
        windows.iter().map(Range::len).collect()
    }

    #[test]
    fn a_short_sentence_has_a_first_window_and_two_equal_ones() {
        assert_eq!(sizes(64, OptimizeFor::Latency), [64]);
        assert_eq!(sizes(96, OptimizeFor::Latency), [32, 64]);
        assert_eq!(sizes(212, OptimizeFor::Latency), [32, 90, 90]);
    }

    #[test]
    fn two_threads_share_a_long_sentence_after_its_first_window() {
        let sizes = |frames| sizes(frames, OptimizeFor::Latency);
        assert_eq!(sizes(904), [32, 160, 436, 276]);
        assert_eq!(sizes(1500), [32, 160, 436, 436, 436]);
    }

    #[test]
    fn windows_for_throughput_are_as_few_as_possible() {
        assert_eq!(sizes(512, OptimizeFor::Throughput), [512]);
        assert_eq!(sizes(904, OptimizeFor::Throughput), [452, 452]);
        assert!(sizes(0, OptimizeFor::Throughput).is_empty());
    }

    proptest! {
        #[test]
        fn every_frame_is_in_one_window(frames in 0usize..5000, latency: bool) {
            let optimize_for = match latency {
                true => OptimizeFor::Latency,
                false => OptimizeFor::Throughput,
            };
            let mut at = 0;
            for window in windows(frames, optimize_for) {
                prop_assert_eq!(window.start, at);
                prop_assert!(!window.is_empty() && window.len() <= MAX_FRAMES);
                at = window.end;
            }
            prop_assert_eq!(at, frames);
        }
    }
}
