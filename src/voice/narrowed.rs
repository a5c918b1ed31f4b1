//! What a part takes for a window that it looks beyond, and what it keeps of it.

use std::ops::Range;

use super::part_values::PartValue;
use super::windows::widen;
use crate::onnx::Narrowing;

/// A window for a part that drops the frames that it has looked at.
pub(super) struct Narrowed {
    /// The frames that the part takes.
    pub(super) needed: Range<usize>,
    /// The frames that it returns.
    pub(super) kept: Range<usize>,
    /// The inputs that say so.
    pub(super) numbers: Vec<PartValue>,
}

impl Narrowed {
    /// For a part that looks `overlap` frames to each side, in a sentence of `frames`.
    pub(super) fn new(
        narrowings: &[Narrowing],
        window: &Range<usize>,
        overlap: usize,
        frames: usize,
    ) -> Self {
        let needed = widen(window, overlap, frames);
        let mut kept = needed.clone();
        let mut numbers = Vec::new();
        for narrowing in narrowings {
            let overlap = overlap.saturating_sub(narrowing.looked_frames);
            let inner = widen(window, overlap, frames);
            let ends = [(&narrowing.start, inner.start), (&narrowing.end, inner.end)];
            let ends = ends.map(|(name, end)| PartValue::list(name, &[end - kept.start]));
            numbers.extend(ends);
            kept = inner;
        }
        Self {
            needed,
            kept,
            numbers,
        }
    }
}
