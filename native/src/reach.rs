//! Which rows a convolution reads.

use std::ops::Range;

use crate::arithmetic::Arithmetic;
use crate::layer::Convolution;
use crate::winograd::{self, Groups};

/// How far a convolution looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    before: usize,
    after: usize,
    /// How it is divided, and its dilation, if it computes whole tiles.
    tiles: Option<(Groups, usize)>,
}

impl Reach {
    /// That of a convolution which is packed for
    /// [`fast_convolution`](crate::packed::Layout::fast_convolution).
    pub(crate) fn of<A: Arithmetic>(convolution: &Convolution) -> Self {
        Self {
            before: convolution.before,
            after: convolution.after(),
            tiles: winograd::fits::<A>(convolution.taps)
                .then(|| (Groups::of(convolution.taps), convolution.dilation)),
        }
    }

    /// That of a convolution which is computed by its definition.
    pub(crate) fn by_definition(convolution: &Convolution) -> Self {
        Self {
            before: convolution.before,
            after: convolution.after(),
            tiles: None,
        }
    }

    /// These outputs, and the others of the sentence that are in the same tiles.
    pub(crate) fn outputs(&self, outputs: &Range<isize>, sentence: &Range<isize>) -> Range<isize> {
        let whole = self.whole_tiles(outputs);
        whole.start.max(sentence.start)..whole.end.min(sentence.end)
    }

    fn whole_tiles(&self, outputs: &Range<isize>) -> Range<isize> {
        match self.tiles {
            Some((groups, dilation)) => groups.tiles(outputs, dilation).rows(),
            None => outputs.clone(),
        }
    }

    /// The rows of a sentence that these outputs depend on.
    pub(crate) fn inputs(&self, outputs: &Range<isize>, sentence: &Range<isize>) -> Range<isize> {
        let outputs = self.whole_tiles(outputs);
        let start = outputs.start - self.before as isize;
        let end = outputs.end + self.after as isize;
        start.max(sentence.start)..end.min(sentence.end)
    }

    /// How many rows it may read before and after all rows that it depends on.
    pub(crate) fn margin(&self) -> usize {
        let side_by_side = |(groups, dilation): (Groups, usize)| groups.outputs() * dilation;
        self.before.max(self.after) + self.tiles.map_or(0, side_by_side)
    }
}
