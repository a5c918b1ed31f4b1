//! A monotonic rational-quadratic spline, inverted (C. Durkan et al., "Neural Spline
//! Flows", arXiv:1906.04032), in the order of operations of Piper's graphs.

/// What all splines of a voice have in common.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Spline {
    /// How many pieces there are between the bounds.
    pub bins: usize,
    /// The spline is between minus this and this; beyond, numbers stay as they are.
    pub bound: f32,
    /// The least width and height of a piece, before it is scaled to the bounds.
    pub min_size: f32,
    /// The least slope.
    pub min_slope: f32,
    /// The slope at the bounds, before `softplus`.
    pub outer_slope: f32,
    /// Widths and heights are divided by it.
    pub divisor: f32,
}

/// The logarithm of 1 + e^x.
fn softplus(x: f32) -> f32 {
    match x > 0.0 {
        true => x + (-x).exp().ln_1p(),
        false => x.exp().ln_1p(),
    }
}

/// The most pieces of a spline; voices have ten.
pub(crate) const MAX_BINS: usize = 32;

impl Spline {
    /// Numbers that describe one spline: widths, heights, inner slopes.
    pub(crate) fn parameters(&self) -> usize {
        3 * self.bins - 1
    }

    /// The number that the spline with these parameters maps to `y`.
    pub(crate) fn inverse(&self, y: f32, parameters: &[f32]) -> f32 {
        if !(-self.bound..=self.bound).contains(&y) {
            return y;
        }
        let (widths, parameters) = parameters.split_at(self.bins);
        let (heights, slopes) = parameters.split_at(self.bins);
        let xs = self.knots(widths);
        let ys = self.knots(heights);
        // The last knot is a little higher, so that the bound belongs to the last piece.
        let above = |n: usize| y >= if n == self.bins { ys[n] + 1e-6 } else { ys[n] };
        let piece = (0..=self.bins).filter(|&n| above(n)).count();
        let piece = piece.saturating_sub(1).min(self.bins - 1);
        let slope = |knot: usize| {
            let inner = knot.checked_sub(1).and_then(|n| slopes.get(n));
            self.min_slope + softplus(*inner.unwrap_or(&self.outer_slope))
        };
        let (x, width) = (xs[piece], xs[piece + 1] - xs[piece]);
        let (low, height) = (ys[piece], ys[piece + 1] - ys[piece]);
        let (delta, start, end) = (height / width, slope(piece), slope(piece + 1));
        let rise = y - low;
        let bend = rise * (start + end - 2.0 * delta);
        let a = bend + height * (delta - start);
        let b = height * start - bend;
        let c = -delta * rise;
        let root = 2.0 * c / (-b - (b * b - 4.0 * a * c).max(0.0).sqrt());
        root * width + x
    }

    /// The ends of the pieces with these sizes.
    fn knots(&self, sizes: &[f32]) -> [f32; MAX_BINS + 1] {
        let mut shares = [0.0; MAX_BINS];
        let shares = &mut shares[..self.bins];
        let size = |n: usize| sizes[n] / self.divisor;
        let largest = (0..self.bins).map(size).fold(f32::NEG_INFINITY, f32::max);
        for (n, share) in shares.iter_mut().enumerate() {
            *share = (size(n) - largest).exp();
        }
        let sum: f32 = shares.iter().sum();
        let mut knots = [0.0; MAX_BINS + 1];
        let mut end = 0.0;
        for (knot, share) in knots[1..].iter_mut().zip(&*shares) {
            end += self.min_size + (1.0 - self.min_size * self.bins as f32) * (share / sum);
            *knot = 2.0 * self.bound * end - self.bound;
        }
        (knots[0], knots[self.bins]) = (-self.bound, self.bound);
        knots
    }
}
