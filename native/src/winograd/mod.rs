//! A convolution along time with fewer products, by Winograd's algorithms F(4, 3) and
//! F(2, 5): four outputs of three taps, or two of five, cost 6 products for each channel,
//! not 12 or 10.
//!
//! A *tile* is those rows of outputs, as far apart as the taps are; they depend on six rows
//! of inputs. Rows and taps are taken as coefficients of polynomials, and evaluated at six
//! points: 0, 1, −1, 2, −2 and infinity (the taps when they are packed). Their products at
//! a point are summed up over all channels, and the sums are turned back to outputs. More
//! taps are divided into groups of three, over which the sums go as well. A group that is
//! not complete needs no product at infinity, and one of a single tap, which is put in the
//! second place, none at 0.
//!
//! | taps | outputs of a tile | products | by definition | values packed for a tap |
//! |---:|---:|---:|---:|---:|
//! | 2 | 4 | 5 | 8 | 2.5 |
//! | 3 | 4 | 6 | 12 | 2 |
//! | 5 | 2 | 6 | 10 | 1.2 |
//! | 7 | 4 | 16 | 28 | 2.3 |
//! | 11 | 4 | 23 | 44 | 2.1 |
//!
//! Where tiles begin depends on the sentence alone, so an output is rounded in the same
//! way in any window. But the rows of inputs that only other outputs of its tile need
//! must have their values too: see [`Tiles::rows`].
//!
//! Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.

mod groups;
mod tiles;

pub(crate) use self::groups::Groups;
pub(crate) use self::tiles::Tiles;
use crate::arithmetic::Arithmetic;

/// Points at which polynomials are evaluated.
pub(crate) const POINTS: usize = 6;

/// Whether a convolution is computed in this way. In bf16 the values at the points would
/// lose too many bits.
pub(crate) fn fits<A: Arithmetic>(taps: usize) -> bool {
    A::CHANNELS == 1 && taps >= 2
}
