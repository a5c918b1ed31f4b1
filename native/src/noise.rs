//! Noise that depends on a seed alone: the numbers that `onnx/noise` builds of nodes.
//!
//! The bits come from *squares* (B. Widynski, "Squares: A Fast Counter-Based RNG",
//! arXiv:2004.06278): a Weyl sequence that is squared and rotated by 32 bits in five
//! rounds. Each counter gives two numbers, the upper halves of the fourth and the fifth
//! round. The Box-Muller transform turns them into two normal numbers.

/// The step of the Weyl sequence: odd and without a pattern in its digits, as the paper
/// requires.
pub const KEY: i64 = 0xc58e_fd15_4ce3_2f6d_u64 as i64;
/// The start of the sequence that scrambles the seed: digits of π.
pub const SEED_START: i64 = 0x243f_6a88_85a3_08d3;
/// The distance between the sequences of two operators of a graph: digits of e.
pub const STREAM: i64 = 0xb7e1_5162_8aed_2a6b_u64 as i64;

/// The noise of one random operator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Noise {
    start: i64,
}

impl Noise {
    /// The noise of the random operator number `stream` of a graph.
    pub(crate) fn new(seed: i64, stream: usize) -> Self {
        let (_, second) = squares(seed, SEED_START);
        let base = second.rotate_left(32);
        Self {
            start: base.wrapping_add(STREAM.wrapping_mul(stream as i64)),
        }
    }

    /// The normal numbers 2n and 2n + 1.
    fn pair(self, n: usize) -> [f32; 2] {
        let (first, second) = squares(n as i64, self.start);
        let unit = (first as f32 + 0.5) * 0.5_f32.powi(32);
        let radius = (unit.ln() * -2.0).sqrt();
        let angle = second as f32 * (std::f32::consts::PI * 0.5_f32.powi(63));
        let (sin, cos) = angle.sin_cos();
        [radius * cos, radius * sin]
    }

    /// Fills `numbers` with the normal numbers from number `first` on.
    pub(crate) fn fill(self, first: usize, numbers: &mut [f32]) {
        let to_pair = numbers.len().min(first % 2);
        let (half, pairs) = numbers.split_at_mut(to_pair);
        half.iter_mut()
            .for_each(|number| *number = self.pair(first / 2)[1]);
        for (n, pair) in pairs.chunks_mut(2).enumerate() {
            let numbers = self.pair(first.div_ceil(2) + n);
            pair.copy_from_slice(&numbers[..pair.len()]);
        }
    }
}

/// Two random numbers: one of 32 bits, and one of which only the upper half is random
/// enough.
fn squares(counter: i64, start: i64) -> (u32, i64) {
    let even = counter.wrapping_mul(KEY).wrapping_add(start);
    let odd = even.wrapping_add(KEY);
    let round = |x: i64, weyl: i64| x.wrapping_mul(x).wrapping_add(weyl);
    let mut x = round(even, even);
    for weyl in [odd, even] {
        x = round(x.rotate_left(32), weyl);
    }
    let fourth = round(x.rotate_left(32), odd);
    let second = round(fourth.rotate_left(32), even);
    ((fourth as u64 >> 32) as u32, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_numbers_is_the_same_as_in_all_of_them() {
        let noise = Noise::new(7, 1);
        let mut all = [0.0; 9];
        noise.fill(0, &mut all);
        for first in 0..9 {
            for end in first..=9 {
                let mut part = [0.0; 9];
                noise.fill(first, &mut part[first..end]);
                assert_eq!(part[first..end], all[first..end], "{first} to {end}");
            }
        }
    }
}
